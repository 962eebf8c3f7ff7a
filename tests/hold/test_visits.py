"""What is kept of visitors, for how long, and how they learn that it is gone."""

import json
import threading
import time

import pytest
from crowd import API, PEOPLE, Visitor, served

KICK = PEOPLE / "query" / "kick.mp4"


@pytest.fixture(scope="module")
def server():
    with served(visits=20, away_seconds=1, idle_seconds=600) as server:
        yield server


def trivial(server, visitor):
    end, _ = visitor.do(server.event("compare-with", "input"), ["nothing"])
    assert end["success"]


def own(visitor):
    """An example and a query of one's own."""
    clip = visitor.upload(KICK, f"kick {visitor.session}.mp4")
    assert "kick" in visitor.add("kick", clip)
    return clip


def test_others_that_do_nothing_take_nobodys_examples(server):
    visitor = Visitor(server)
    own(visitor)
    visitor.press(do="open", workspace="people")
    for _ in range(210):
        trivial(server, Visitor(server))
    assert server.state()["visits"] <= 20
    shown = visitor.press(do="open", workspace="own")
    assert 'data-name="kick"' in shown.replace("\\", "") and "were deleted" not in shown
    # Gradio has forgotten the page by now; what depends on it works all the same.
    visitor.press(do="open", workspace="people")
    for _ in range(210):
        trivial(server, Visitor(server))
    end, _ = visitor.do(server.event("compare-with", "input"), ["kick: 1.mp4"])
    assert end["success"] and "<svg" in end["output"]["data"][0]
    assert '"start": 0.5, "end": 2.0' in visitor.press(do="part", start=0.5, end=2.0).replace("\\", "")


def test_who_loses_a_visit_is_told_once(server):
    visitor = Visitor(server)
    own(visitor)
    for _ in range(25):
        own(Visitor(server))
    assert server.state()["visits"] <= 20
    shown = visitor.press(do="open", workspace="own")
    assert "There were too many visitors" in shown and 'data-name="kick"' not in shown.replace("\\", "")
    assert "too many visitors" not in visitor.press(do="open", workspace="own")


def test_what_belongs_to_a_visit_goes_when_the_page_is_closed(server):
    visitor, other = Visitor(server), Visitor(server)
    heart = threading.Thread(target=beat, args=(visitor, closed := threading.Event()))
    heart.start()
    clip, shared = own(visitor), visitor.upload(KICK, "shared.mp4")
    visitor.add("kick", shared)
    assert other.upload(KICK, "shared.mp4")["path"] == shared["path"]
    other.add("kick", shared)
    saved, _ = visitor.do(server.event("save-session", "click"), [])
    file = saved["output"]["data"][1]["path"]
    assert {clip["path"], shared["path"], file} <= set(server.state()["files"])
    closed.set()
    heart.join()
    until = time.monotonic() + 30
    while clip["path"] in server.state()["files"] and time.monotonic() < until:
        time.sleep(0.5)
    files = server.state()["files"]
    assert clip["path"] not in files and file not in files and shared["path"] in files
    assert other.http.get(f"{API}/file={shared['path']}").status_code == 200


def arrive(server, visitor, secret):
    """A page that tells what its tab keeps → all that it shows then, as one text."""
    load = next(d["id"] for d in server.config["dependencies"] if [trigger for _, trigger in d["targets"]] == ["load"]
                and len(d["inputs"]) == 3)  # fmt: skip
    message, _ = visitor.do(load, ["bi-mhm", True, secret])
    assert message["success"], message
    return json.dumps(message["output"]["data"]).replace("\\", "")


def test_a_page_with_the_secret_has_the_visit_and_forgetting_ends_it(server):
    mine, secret = Visitor(server), "5" * 64
    arrive(server, mine, secret)
    clip = own(mine)
    again = Visitor(server)
    assert 'data-name="kick"' in arrive(server, again, secret)
    for other in ("6" * 64, secret[:-1], "", None):
        assert 'data-name="kick"' not in arrive(server, Visitor(server), other)
    assert "went on in another tab" in mine.press(do="undo")
    visits = server.state()["visits"]
    again.do(server.event("visit", "submit"), [])
    assert server.state()["visits"] == visits - 1 and clip["path"] not in server.state()["files"]
    assert "No actions yet" in Visitor(server).press(do="open", workspace="own")
    page = Visitor(server)
    arrive(server, page, secret)
    assert 'data-name="kick"' not in page.press(do="open", workspace="own").replace("\\", "")


def beat(visitor, closed):
    """A page that is open until it is closed."""
    with visitor.http.stream("GET", f"{API}/heartbeat/{visitor.session}") as stream:
        lines = stream.iter_lines()
        next(lines)
        closed.wait()


def test_an_uploads_address_serves_the_browser_that_brought_it(server):
    mine, other = Visitor(server), Visitor(server)
    for visitor in (mine, other):
        assert visitor.http.get("/").status_code == 200 and visitor.http.cookies
    address = f"{API}/file={mine.upload(KICK, 'mine only.mp4')['path']}"
    assert mine.http.get(address).status_code == 200 and mine.http.get(address).content == KICK.read_bytes()
    assert mine.http.get(address, headers={"Range": "bytes=0-9"}).status_code == 206
    assert other.http.get(address).status_code == Visitor(server).http.get(address).status_code == 403


def test_an_idle_visit_ends_and_is_told_of(tmp_path):
    with served(idle_seconds=2) as server:
        visitor = Visitor(server)
        clip = own(visitor)
        until = time.monotonic() + 30
        while server.state()["visits"] and time.monotonic() < until:
            time.sleep(0.5)
        assert server.state()["visits"] == 0 and clip["path"] not in server.state()["files"]
        assert "You were away for long" in visitor.press(do="open", workspace="own")
