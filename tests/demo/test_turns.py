"""Whose turn it is, and who gets none."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import torch
from visits import clip, filled, small_model

from d2st.adapter import Ablation
from d2st.demo import turns as module
from d2st.demo.limits import VisitLimits
from d2st.demo.once import Once
from d2st.demo.turns import Kind, Refused, Stopped, Turns, for_the_house, shared
from d2st.errors import D2STError
from d2st.explain.what_if import what_if
from d2st.recognizer import Recognizer
from d2st.video import read_clip
from d2st.video.processes import paying

WAIT = 30  # seconds that no test should need


def until(condition):
    end = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@contextmanager
def crowd(turns):
    """Somebody uses the network until others stand in line: what starts a request, the turns taken, what lets go."""
    order, threads, hold = [], ThreadPoolExecutor(20), threading.Event()

    def standing():
        """How many wait for the network, or to begin, once nobody is on the way from there to here."""
        with turns.begun.changed:
            return 0 if turns.begun._next() else len(turns.device.waiting) + len(turns.begun.waiting)

    def start(visitor, address="x", count=1, name="predict", **more):
        def run():
            with turns.admitted(visitor, address, name, **more):
                for _ in range(count):
                    turns.take(order.append, visitor)

        before = standing()
        future = threads.submit(run)
        until(lambda: future.done() or standing() > before)
        return future

    first = threads.submit(turns.take, hold.wait)
    until(lambda: turns.device.inside)
    try:
        yield start, order, hold.set
    finally:
        hold.set()
        first.result()
        threads.shutdown()


@pytest.mark.parametrize("name", ["predict", "live"])
def test_a_long_request_lets_others_in_between(name):
    with crowd(Turns()) as (start, order, go):
        long, short = start("long", "x", 5, name), start("short", "y", 1)
        go()
        long.result(), short.result()
    assert order[:2] == ["long", "short"] and order.count("long") == 5


def test_turns_go_round_between_addresses_and_then_between_visitors():
    with crowd(Turns()) as (start, order, go):
        all_of_them = [start(visitor, "a", 3) for visitor in ("a1", "a2", "a3")] + [start("b", "b", 3)]
        go()
        [each.result() for each in all_of_them]
    assert order[1::2][:3] == ["b", "b", "b"] or order[0::2][:3] == ["b", "b", "b"]
    rest = [each for each in order if each != "b"]
    assert rest[:3] == ["a1", "a2", "a3"] and rest[3:6] == ["a1", "a2", "a3"]


def test_a_visitors_requests_are_answered_one_after_the_other_in_order():
    with crowd(Turns()) as (start, order, go):
        first, second, third = start("v", count=2), start("v", name="ask"), start("v", name="ask")
        assert not second.done()
        go()
        [each.result() for each in (first, second, third)]
    assert order == ["v"] * 4


def test_few_requests_run_at_a_time_and_an_address_has_half_of_the_places():
    turns = Turns(VisitLimits(running=4))
    with crowd(turns) as (start, order, go):
        some = [start(f"a{number}", "a") for number in range(6)]
        assert turns.running == 2 and turns.waiting == 4
        some.append(start("b", "b"))
        assert turns.running == 3
        some.append(start("c", "a", name="ask"))  # short ones have places of their own
        assert turns.running == 4
        assert turns.counts() == {"predict": 7, "ask": 1}
        go()
        [each.result() for each in some]
    assert turns.running == turns.waiting == 0 and len(order) == 8 and not turns.requests


def test_what_takes_a_few_turns_does_not_wait_for_what_takes_many():
    turns = Turns(VisitLimits(running=1))
    with crowd(turns) as (start, order, go):
        some = [start("a", "a", name="what if"), start("b", "b", name="compare"), start("c", "c")]
        assert turns.running == 2 and turns.waiting == 1
        go()
        [each.result() for each in some]


@pytest.mark.parametrize(
    "limit, others, sentence",
    [
        ("waiting_visitor", [("v", "x")] * 2, "Your requests"),
        ("waiting_address", [("v", "x"), ("w", "x")], "Requests from your address"),
        ("waiting", [("v", "x"), ("w", "y")], "Requests of all visitors"),
    ],
)
def test_who_asks_for_too_much_at_once_is_told(limit, others, sentence):
    ended = []
    turns = Turns(VisitLimits(**{limit: 2}), lambda request, seconds, outcome: ended.append(outcome))
    with crowd(turns) as (start, order, go):
        waiting = [start(*other) for other in others]
        with pytest.raises(Refused, match=f"{sentence} are waiting already, 2 of them"):
            start("v", "x").result()
        go()
        [each.result() for each in waiting]
        start("v", "x").result()
    assert sorted(ended) == ["done", "done", "done", "refused"]


def test_what_a_visitor_used_counts_only_while_others_are_there(monkeypatch):
    now = [1000.0]
    turns = Turns(VisitLimits(turns_a_minute=10, reading_a_minute=5))
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    with turns.admitted("v", "x", "ask") as request:
        turns.spend(request, "turns", 11)
    with turns.admitted("v", "x", "ask"):
        pass
    with turns.admitted("other", "y", "ask"):
        with pytest.raises(Refused, match="used the network for 11 s within a minute.*Go on in 60 s"):
            turns.admitted("v", "x", "ask").__enter__()
        with turns.admitted("v", "x", "look"):  # what is computed already is shown
            pass
        now[0] += 61
        with turns.admitted("v", "x", "ask") as request:
            turns.spend(request, "reading", 6)
        with pytest.raises(Refused, match="used the processor for 6 s"):
            turns.admitted("v", "x", "ask").__enter__()


def test_a_camera_counts_in_no_minute(monkeypatch):
    now = [1000.0]
    turns = Turns(VisitLimits(turns_a_minute=10))
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def use(kind):
        with turns.admitted("v", "x", kind):
            turns.take(lambda: now.__setitem__(0, now[0] + 9))

    with turns.admitted("other", "y", "ask"):
        for kind in ("live", "live", "live", "ask", "ask"):
            use(kind)
        with pytest.raises(Refused, match="used the network for 18 s"):
            use("ask")
        use("live")


def test_a_request_of_nobody_ends_and_so_does_one_that_takes_too_long(monkeypatch):
    turns, here = Turns(), {"gone": True}
    with crowd(turns) as (start, order, go):
        gone = start("gone", count=2, alive=lambda: here["gone"])
        late = start("late", "y", 1)
        here["gone"] = False
        with pytest.raises(Stopped, match="Nobody waits"):
            gone.result(WAIT)
        monkeypatch.setitem(module.KINDS, "predict", Kind(0.01))
        with pytest.raises(Stopped, match="took longer than 0 s"):
            start("slow", "z").result(WAIT)
        go()
        late.result()
    assert order == ["late"] and not turns.requests and not turns.device.waiting


def test_who_waits_is_told_the_place():
    told = []
    with crowd(Turns()) as (start, order, go):
        first = start("a", "a")
        second = start("b", "b", tell=lambda position, of: told.append((position, of)))
        until(lambda: told)
        go()
        first.result(), second.result()
    assert told[0] == (2, 2) and told[-1] == (0, 0)


def test_a_failure_gives_the_place_back():
    turns = Turns()
    for _ in range(20):
        with pytest.raises(ZeroDivisionError), turns.admitted("v", "x", "ask"):
            turns.take(lambda: 1 / 0)
    assert turns.take(lambda: 3) == 3 and not turns.requests and turns.running == 0


def test_every_call_of_the_network_takes_a_turn(monkeypatch):
    turns, model = Turns(), small_model()
    ours, calls = shared(model, turns), []
    take = turns.take
    monkeypatch.setattr(turns, "take", lambda call, *inputs: (calls.append(call.__name__), take(call, *inputs))[1])
    recognizer = filled(ours)
    assert calls == ["encode"] * 4
    found = what_if(recognizer, clip(70))
    assert calls.count("stem") == 5 and calls.count("adapt") == 20
    assert [o.prediction.scores for o in found] == [o.prediction.scores for o in what_if(filled(model), clip(70))]
    seen = ours.adapt(ours.stem(clip(71).frames), ablation=Ablation(temporal=True))
    assert torch.equal(seen.features, model.encode(clip(71).frames, ablation=Ablation(temporal=True)).features)
    assert ours.fingerprint == model.fingerprint and (ours.name, ours.kind) == (model.name, model.kind)


def test_reading_takes_turns_and_is_paid_for(clip_path):
    turns = Turns(VisitLimits(reading_seconds=1))
    with turns.admitted("v", "x", "predict") as request:
        read_clip(str(clip_path), 8, crop=112)
        assert request.reading > 0 and not turns.readers.inside
        request.reading = 2
        with pytest.raises(D2STError, match="more than 1 s of processor time"):
            Recognizer(small_model()).read(str(clip_path))
    read_clip(str(clip_path), 8, crop=112)  # nobody pays


def test_reading_holds_no_turn_of_the_network(monkeypatch):
    turns = Turns()
    with turns.admitted("v", "x", "predict"), paying.get().turn():
        assert turns.readers.inside and not turns.device.inside


def test_what_all_share_is_computed_once_for_nobody_and_again_where_it_failed():
    turns, calls = Turns(), []

    def prepare(name):
        calls.append((name, paying.get()))
        if name == "bad":
            raise D2STError("No.")
        time.sleep(0.05)
        return name.upper()

    once = Once(prepare)
    with ThreadPoolExecutor(8) as threads, turns.admitted("v", "x", "ask"):
        assert set(threads.map(once, ["set"] * 8)) == {"SET"} and once("set") == "SET"
        assert calls == [("set", None)]
        for _ in range(2):
            with pytest.raises(D2STError):
                once("bad")
        assert len(calls) == 3 and for_the_house(paying.get) is None and paying.get() is not None
