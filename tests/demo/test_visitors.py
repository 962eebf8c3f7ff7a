"""What is kept of whom."""

import os
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from visits import clip, small_model

from d2st.demo import housekeeping
from d2st.demo import visitors as module
from d2st.demo.entrance import check_uploads, network_of, uploads
from d2st.demo.housekeeping import Housekeeping
from d2st.demo.limits import VisitLimits
from d2st.demo.turns import Turns
from d2st.demo.visitors import CROWDED, ELSEWHERE, IDLE, Visitors
from d2st.demo.workspace import OWN, Visit
from d2st.errors import D2STError


@pytest.fixture
def now(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0], time=time.time))
    return now


def house(tmp_path, **limits):
    limits = VisitLimits(**limits)
    model = small_model()
    return Visitors(lambda: Visit(model, limits, str(tmp_path / "made")), limits)


def come(visitors, page, address="x", own=False, files=(), secret=None):
    with visitors.guest(page, address, files, secret) as guest:
        if own:
            guest.visit.workspace.add("wave", [clip(1)])
        return guest.visit


def pages(visitors):
    return {guest.page for guest in visitors.guests.values()}


def upload(tmp_path, name, age=0.0):
    file = tmp_path / name / "clip.mp4"
    file.parent.mkdir()
    file.write_bytes(b"clip")
    return str(file)


def test_a_visit_is_ones_own_and_stays(tmp_path):
    visitors = house(tmp_path)
    one, other = come(visitors, "a", own=True), come(visitors, "b")
    assert one is not other and come(visitors, "a") is one and not one.lost and len(visitors) == 2


def test_the_empty_go_first_then_the_idlest_and_who_lost_something_is_told(tmp_path, now):
    visitors = house(tmp_path, visits=3)
    for secret, own in (("old", True), ("empty", False), ("newer", True)):
        come(visitors, secret, own=own)
        now[0] += 1
    come(visitors, "next", own=True)
    assert pages(visitors) == {"old", "newer", "next"}
    now[0] += 1
    come(visitors, "last", own=True)
    assert pages(visitors) == {"newer", "next", "last"}
    assert come(visitors, "empty").lost == "" and come(visitors, "old").lost == CROWDED


def test_nobody_is_put_out_while_something_runs(tmp_path, now):
    visitors = house(tmp_path, visits=1)
    with visitors.guest("busy", "x") as guest:
        now[0] += 10
        come(visitors, "other")
        assert guest in visitors.guests.values()
        now[0] += 99999
        visitors.sweep()
        assert "busy" in pages(visitors)


def test_an_address_with_many_pages_loses_its_own_first(tmp_path, now):
    visitors = house(tmp_path, visits=4)
    come(visitors, "alone", "quiet", own=True)
    for number in range(6):
        now[0] += 1
        come(visitors, f"page {number}", "crowd", own=True)
    assert "alone" in pages(visitors)


def test_idle_and_closed_pages_are_forgotten(tmp_path, now):
    visitors = house(tmp_path, idle_seconds=100, away_seconds=10)
    come(visitors, "idle", own=True)
    now[0] += 95
    for secret in ("closed", "back"):
        come(visitors, secret, own=True)
        visitors.leave(secret)
    visitors.leave("nobody")
    now[0] += 6
    come(visitors, "back")
    visitors.sweep()
    assert pages(visitors) == {"closed", "back"}
    now[0] += 6
    visitors.sweep()
    assert pages(visitors) == {"back"} and come(visitors, "idle").lost == IDLE


def test_files_go_with_the_visit_unless_somebody_else_has_them_too(tmp_path):
    forgotten = []
    visitors = house(tmp_path)
    visitors.forget_files = forgotten.extend
    own, both = upload(tmp_path, "own"), upload(tmp_path, "both")
    visit = come(visitors, "a", files=[own, both])
    come(visitors, "b", files=[both])
    made = visit.new_file("session.npz")
    made.write_bytes(b"x")
    again = visit.new_file("session.npz")
    assert again != made and not made.exists() and tmp_path in made.parents
    assert made.parent.parent.name != visit.new_file("other").parent.name and len(made.parent.parent.name) > 32
    visitors._delete([visitors._take_out("page a", IDLE)])
    assert not Path(own).exists() and not Path(own).parent.exists() and Path(both).exists()
    assert not again.parent.exists() and forgotten == [own]
    visitors.close()
    assert not Path(both).exists() and not len(visitors)


def test_of_a_file_that_two_brought_nothing_is_left_whoever_goes_first(tmp_path):
    visitors = house(tmp_path)
    file = upload(tmp_path, "first")
    come(visitors, "stays", files=[file])
    time.sleep(0.02)
    os.replace(upload(tmp_path, "again"), file)
    come(visitors, "goes", files=[file])
    visitors.forget("goes")
    assert Path(file).exists()
    visitors.forget("stays")
    assert not Path(file).exists()


def test_a_file_that_was_uploaded_again_is_left_to_whoever_did(tmp_path):
    visitors = house(tmp_path)
    file = upload(tmp_path, "same")
    come(visitors, "a", files=[file])
    time.sleep(0.02)
    os.replace(upload(tmp_path, "again"), file)
    visitors._delete([visitors._take_out("page a", IDLE)])
    assert Path(file).exists()


SECRET, OTHER = "0" * 63 + "a", "0" * 63 + "b"


def test_a_tab_comes_back_with_its_secret_for_an_hour(tmp_path, now):
    visitors = house(tmp_path)
    file = upload(tmp_path, "own")
    visit = come(visitors, "page 1", "home", own=True, files=[file], secret=SECRET)
    visitors.leave("page 1")
    now[0] += 3500
    visitors.sweep()
    assert come(visitors, "page 2", "train", secret=SECRET) is visit and len(visitors) == 1
    visitors.leave("page 1")  # told late: the page before
    now[0] += 3700
    visitors.sweep()
    assert come(visitors, "page 2") is visit and [guest.address for guest in visitors.guests.values()] == ["x"]
    visitors.leave("page 2")
    now[0] += 3700
    visitors.sweep()
    assert not len(visitors) and not Path(file).exists()
    again = come(visitors, "page 3", secret=SECRET)
    assert again is not visit and again.lost == IDLE and come(visitors, "page 3") is again


def test_nothing_but_the_secret_opens_a_visit(tmp_path):
    visitors = house(tmp_path)
    visit = come(visitors, "page", own=True, secret=SECRET)
    [name] = visitors.guests
    assert SECRET not in name and SECRET not in repr(visitors.pages)
    for page in ("other", name, SECRET, name.removeprefix("tab "), f"page {name}"):
        assert come(visitors, page) is not visit
    for secret in (OTHER, SECRET[:-1], SECRET.upper(), SECRET + "0", name, "", " " + SECRET, None):
        assert come(visitors, "one more", secret=secret) is not visit
    with visitors.guest("theirs", "x", (), SECRET, "ben") as guest:  # in the same tab, after another login
        assert guest.visit is not visit
    assert come(visitors, "page") is visit


def test_of_two_pages_with_one_secret_the_newest_has_the_visit_and_the_other_is_told(tmp_path):
    visitors = house(tmp_path)
    visit = come(visitors, "first", own=True, secret=SECRET)
    assert come(visitors, "second", secret=SECRET) is visit
    left_behind = come(visitors, "first")
    assert left_behind is not visit and left_behind.lost == ELSEWHERE and come(visitors, "second") is visit
    assert come(visitors, "first", secret=OTHER) is not left_behind


def test_what_a_page_asks_before_it_tells_its_secret_leaves_nothing(tmp_path):
    visitors = house(tmp_path)
    come(visitors, "page")
    come(visitors, "page", secret=SECRET)
    assert [guest.returns for guest in visitors.guests.values()] == [True]
    with visitors.guest("other", "x"):
        come(visitors, "other", secret=OTHER)
        assert len(visitors) == 3
    assert [guest.left for guest in visitors.guests.values()].count(True) == 1


def test_secrets_make_no_room_and_who_has_left_goes_before_who_is_here(tmp_path, now):
    visitors = house(tmp_path, visits=4)
    for number, page in enumerate(("left", "here")):
        come(visitors, page, page, own=True, secret=f"{number:064x}")
        now[0] += 1
    visitors.leave("left")
    now[0] += 1
    for number in range(2, 50):
        come(visitors, f"of a crowd {number}", "crowd", own=True, secret=f"{number:064x}")
        now[0] += 1
    assert len(visitors) == 4 and {"left", "here"} <= pages(visitors)
    come(visitors, "single", "another", own=True, secret=OTHER)
    assert "left" not in pages(visitors) and "here" in pages(visitors) and len(visitors) == 4


def test_pages_of_the_past_are_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "REMEMBERED", 5)
    visitors = house(tmp_path, visits=2)
    for number in range(20):
        come(visitors, f"page {number}", own=True, secret=f"{number:064x}")
    assert len(visitors.pages) <= 7 and len(visitors._why) <= 5


def test_forgetting_everything_is_at_once_and_for_good(tmp_path):
    visitors = house(tmp_path)
    file = upload(tmp_path, "own")
    with visitors.guest("page", "x", [file], SECRET) as guest:
        made = guest.visit.new_file("session.npz")
        made.write_bytes(b"x")
        visitors.forget("page")  # while something runs
        assert guest.gone and not len(visitors) and not Path(file).exists() and not made.exists()
    again = come(visitors, "page", secret=SECRET)
    assert again is not guest.visit and again.lost == ""
    visitors.forget("nobody")


def test_an_upload_that_is_not_needed_any_more_goes_at_once(tmp_path):
    visitors = house(tmp_path)
    mine, both = upload(tmp_path, "mine"), upload(tmp_path, "both")
    come(visitors, "other", files=[both])
    with visitors.guest("page", "x", [mine, both]) as guest:
        guest.visit.spent.update((mine, both, "/etc/passwd"))
    assert not Path(mine).exists() and Path(both).exists() and not guest.files and not guest.visit.spent


def test_a_visit_has_something_when_somebody_would_miss_it(tmp_path):
    visit = Visit(small_model())
    assert not visit.has_something
    visit.workspace.ask(clip(3))
    assert visit.has_something and visit.workspaces[OWN].limits is visit.limits
    visit.close()  # nothing was made


def test_the_house_is_kept_while_somebody_is_there(tmp_path, monkeypatch):
    def give_back():
        if threading.current_thread() is keeping.thread:  # that of another house may run yet
            given_back.append(1)

    given_back = []
    monkeypatch.setattr(housekeeping, "give_back_freed_memory", give_back)
    visitors, turns = house(tmp_path, idle_seconds=0.3), Turns()
    keeping = Housekeeping(visitors, turns, tmp_path, every=0.02, rested=0.1)
    for round_ in (1, 2):
        with turns.admitted("a", "x", "ask"), visitors.guest("a", "x"):
            keeping.wake()
            time.sleep(0.3)
            assert len(given_back) == round_ - 1 and keeping.thread
        keeping.thread.join(20)
        assert not len(visitors) and given_back == [1] * round_ and keeping.thread is None


def test_what_gradio_leaves_behind_is_deleted(tmp_path):
    old = time.time() - 1000
    for name in ("old", "new"):
        (tmp_path / name).write_bytes(b"")
        (tmp_path / f"{name} and empty").mkdir()
        upload(tmp_path, f"{name} upload")
    for path in tmp_path.glob("old*"):
        os.utime(path, (old, old))
    housekeeping.delete_leftovers(tmp_path)
    housekeeping.delete_leftovers(tmp_path / "nowhere")
    assert {path.name for path in tmp_path.iterdir()} == {"new", "new and empty", "new upload", "old upload"}


def test_who_is_who():
    assert network_of("192.0.2.7") == "192.0.2.7" and network_of("2001:db8::1:2:3:4") == "2001:db8::/64"
    assert network_of("testclient") == "testclient"


def test_only_uploads_are_taken_along(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    mine = str(tmp_path / "a" / "clip.mp4")
    assert uploads(["name", [mine, "/etc/passwd"], None, 3, {"a": mine}, "x" * 5000]) == {mine}


def test_a_page_may_name_uploads_only(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    (tmp_path / "uploads" / "a").mkdir(parents=True)
    (tmp_path / "uploads" / "a" / "clip.mp4").touch()
    check_uploads([str(tmp_path / "uploads" / "a" / "clip.mp4")])
    (tmp_path / "uploads" / "a" / "link.mp4").symlink_to("/etc/passwd")
    for path in (
        "/etc/passwd",
        f"{tmp_path}/uploads/../secret.mp4",
        "clip.mp4",
        f"{tmp_path}/uploads/a/link.mp4",
        "\0",
    ):
        with pytest.raises(D2STError, match="was not uploaded here"):
            check_uploads([path])
