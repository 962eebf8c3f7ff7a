"""Live, without a browser: pictures come, answers go, a stretch of them is a clip."""

import base64
import json
import logging
from dataclasses import replace
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
from visits import SIDE, clip, event, picture, small_model

from d2st.demo import live
from d2st.demo.handlers import Handlers
from d2st.demo.living import LENT, Live
from d2st.demo.monitor import Monitor
from d2st.demo.reel import MOST, Reel, decoded
from d2st.demo.turns import KINDS
from d2st.demo.visitors import Visitors
from d2st.demo.workspace import Visit
from d2st.errors import D2STError

RATE = 4  # pictures a second
NUMBERS = count(1)  # of pictures, as a page counts them


def watch(visit, seeds, begin=0.0, **more):
    """Film pictures one after the other → what was told of each."""
    events = [event(next(NUMBERS), begin + n / RATE, picture(seed), **more) for n, seed in enumerate(seeds)]
    return [json.loads(live.watch(visit, each)) for each in events]


@pytest.fixture
def handlers():
    return Handlers(small_model(), [])


@pytest.fixture
def visit(handlers):
    return Visit(handlers.model)


def press(handlers, visit, **data):
    return handlers.press(visit, "bi-mhm", True, data)


def test_pictures_have_points_before_there_is_anything_to_compare_with(visit):
    first, *_, last = watch(visit, range(4), pathway="temporal", layer="block 2")
    assert first["number"] == 1 and "points" not in first and "Open an example set" in first["missing"]
    assert last["number"] == 4 and last["said"] is None and last["bars"] == []
    assert (last["points"]["layer"], last["points"]["pathway"]) == ("block 2", "temporal")
    assert last["pathways"] == ["spatial", "temporal"] and last["end"] - last["start"] == pytest.approx(3 / RATE)
    assert watch(visit, range(1), begin=1)[-1]["points"]["layer"] == "block 1"  # where none is named


def test_a_moment_is_taught_and_then_known(handlers, visit):
    one, other = [1, 2] * 3, [3, 4] * 3
    watch(visit, one)
    changed = press(handlers, visit, do="add-stretch", action="one", start=0.25, end=1.25)
    assert "1.0 s of the camera are an example of &#x27;one&#x27; now" in changed["added"]
    watch(visit, other, begin=8)
    press(handlers, visit, do="add-stretch", action="other", start=8.25, end=9.25)
    assert [len(clips) for clips in visit.workspace.recognizer.support.values()] == [1, 1]
    assert "already" in press(handlers, visit, do="add-stretch", action="other", start=8.25, end=9.25)["added"]

    told = watch(visit, one, begin=20)
    assert "said" not in told[1] and told[-1]["said"] == "one" and told[-1]["missing"] == ""
    for begin, film, right, wrong in ((30, one, "one", "other"), (40, other, "other", "one")):
        bars = {action: (score, near) for action, score, near in watch(visit, film, begin)[-1]["bars"]}
        assert bars[right] == pytest.approx((0, 1), abs=1e-3) and bars[wrong][0] < -0.3 and bars[wrong][1] < 0.5 + 1e-5


def test_what_is_learnt_follows_the_examples(handlers, visit):
    for number in range(3):
        visit.workspace.recognizer.add(f"action {number}", clip(number))
    watch(visit, range(3))
    before = visit.live.verdict
    watch(visit, [3], begin=0.75)
    assert before and visit.live.verdict is before
    press(handlers, visit, do="remove", action="action 2")
    watch(visit, [4], begin=1)
    assert visit.live.verdict is not before
    press(handlers, visit, do="remove", action="action 1")
    assert "second action" in watch(visit, [5], begin=1.25)[-1]["missing"] and visit.live.verdict is None


def test_a_stretch_becomes_the_query_with_the_pictures_that_were_seen(handlers, visit):
    watch(visit, range(6))
    seen = visit.live.ring.stretch(0.25, 1.25).frames
    changed = press(handlers, visit, do="stretch", start=0.25, end=1.25)
    query = visit.workspace.query
    assert (query.frames == seen).all() and query.name == "live 0.2–1.2 s" and (query.width, query.height) == (640, 480)
    assert len(query.preview.times) == 5 and (query.preview.width, query.preview.height) == (SIDE, 3 * SIDE // 4)
    assert query.times[0] >= 0 and (np.diff(query.times) >= 0).all() and query.times[-1] <= query.duration
    assert json.loads(changed["stage"])["clip"] == query.name and visit.live is None
    assert "its pictures are gone" in press(handlers, visit, do="stretch", start=0.25, end=1.25)["asked"]
    watch(visit, range(3), begin=50, run="two")
    assert "gone by now" in press(handlers, visit, do="add-stretch", action="late", start=1, end=2)["added"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"picture": "no base64!"},
        {"picture": base64.b64encode(b"no picture").decode()},
        {"picture": base64.b64encode(picture(0, kind="PNG")).decode()},
        {"picture": base64.b64encode(picture(0, side=SIDE + 1)).decode()},
        {"picture": base64.b64encode(picture(0) + bytes(100_000)).decode()},
        {"width": 10_000},
        {"height": 0},
    ],
)
def test_what_is_no_picture_of_a_camera_is_a_sentence_and_the_next_one_is_taken(visit, wrong):
    number = next(NUMBERS)
    told = json.loads(live.watch(visit, event(number, 0.0, picture(0)) | wrong))
    assert told["number"] == number and "Stop Live, and start it again" in told["problem"]
    assert "problem" not in watch(visit, range(1), begin=1)[-1]


def test_it_holds_twenty_five_seconds_and_few_stems(visit):
    reel = Reel(SIDE)
    for number in range(400):
        reel.add(picture(0), number / 8, (480, 640))
    assert reel.pictures[0][0] == 24.875 and len(reel.pictures) <= MOST
    seeing = Live(visit.workspace.recognizer.model, "one")
    for number in range(24):
        seeing.see(picture(0), number / 2, (480, 640))
    assert len(seeing.ring.pictures) == 11 and len(seeing.reel.pictures) == 24
    assert decoded(picture(0), SIDE).shape == (SIDE, SIDE, 3)


def test_a_picture_that_another_overtook_is_left_out(visit):
    first, late, *_, last = (event(next(NUMBERS), n / RATE, picture(n)) for n in range(5))
    told = [live.watch(visit, each) for each in (first, last, late)]
    assert told[2] == "" and json.loads(told[1])["number"] == last["number"]
    assert [each.at for each in visit.live.ring.pictures] == [0, 1]


def test_it_tells_how_long_an_answer_took(visit, monkeypatch):
    monkeypatch.setattr("d2st.demo.live.time", SimpleNamespace(monotonic=count(5, 0.25).__next__))
    assert [told["took"] for told in watch(visit, range(2))] == [0.25, 0.25]


def test_its_pictures_go_when_it_ends_begins_again_or_nobody_is_there(handlers, visit, monkeypatch):
    watch(visit, range(4), begin=3)
    watch(visit, range(2), run="two")
    assert [each.at for each in visit.live.ring.pictures] == pytest.approx([0, 1 / RATE])
    assert live.watch(visit, {"do": "leave", "run": "two"}) == "" and visit.live is None
    watch(visit, range(2), run="three")
    handlers.arrive(visit, "bi-mhm", True, None)
    assert visit.live is None

    visitors = Visitors(lambda: visit)
    with visitors.guest("page", "x"):
        watch(visit, range(2), run="four")
    visitors.sweep()
    assert visit.live
    monkeypatch.setattr("d2st.demo.visitors.time", SimpleNamespace(monotonic=lambda: 1e9))
    visitors.limits = SimpleNamespace(idle_seconds=2e9)
    visitors.sweep()
    assert visit.live is None and len(visitors) == 1
    watch(visit, range(2), run="four")  # it goes on when somebody is back
    visitors.leave("page")
    assert visit.live is None


@pytest.mark.parametrize("end", [{"do": "leave", "run": "one"}, {"do": "stretch", "start": 0.0, "end": 0.75}])
def test_a_picture_that_was_on_its_way_when_live_ended_begins_nothing(handlers, visit, end):
    watch(visit, range(4))
    if end["do"] == "leave":
        live.watch(visit, end)
    else:
        press(handlers, visit, **end)
    late = event(next(NUMBERS), 4 / RATE, picture(4))
    assert live.watch(visit, late) == "" and visit.live is None
    assert live.watch(visit, late | {"run": "two"}) and visit.live


def test_a_page_whose_connection_was_cut_films_on(visit):
    visitors = Visitors(lambda: visit)
    with visitors.guest("page", "x"):
        watch(visit, range(4))
    visitors.leave("page")
    with visitors.guest("page", "x"):
        assert "problem" not in watch(visit, range(2), begin=1)[-1]
    assert [each.at for each in visit.live.ring.pictures] == [1, 1 + 1 / RATE]


def test_none_of_a_run_that_was_left_before_its_first_picture_is_kept(visit):
    live.watch(visit, {"do": "leave", "run": "one"})
    assert live.watch(visit, event(next(NUMBERS), 0.0, picture(0))) == "" and visit.live is None


def test_a_device_that_is_lent_has_no_live():
    model = replace(small_model(), lent=True)
    told = watch(Visit(model), range(2))
    assert told[-1]["problem"] == LENT


def test_pictures_are_counted_and_not_written_down_one_by_one(caplog):
    monitor = Monitor()
    caplog.set_level(logging.INFO)
    request = SimpleNamespace(name="live", kind=KINDS["live"], number=1)
    for outcome in ("done", "refused", "failed"):
        monitor.ended(request, 0.1, outcome)
    assert len(caplog.records) == 1
    assert monitor.registry.get_sample_value("d2st_requests_total", {"kind": "live", "outcome": "done"}) == 1


def test_a_refusal_is_told_where_the_answer_would_stand(visit):
    with pytest.raises(D2STError):
        live.stretch(visit, 0, 1)
    assert "unknown here" in json.loads(live.watch(visit, {"do": "fly", "number": 3}))["problem"]
