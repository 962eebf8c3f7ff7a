"""What strangers may ask, and how it is set."""

from dataclasses import fields

import pytest

from d2st.demo.limits import STANDARD, VisitLimits
from d2st.errors import D2STError


def test_what_is_given_is_taken_and_all_else_stays():
    limits = VisitLimits.of({"actions": "7", "idle_seconds": 1.5, "clips": 3.0})
    assert (limits.actions, limits.idle_seconds, limits.clips) == (7, 1.5, 3) and limits.visits == STANDARD.visits
    assert VisitLimits.of({}) == STANDARD
    assert all(each.metadata["help"] and " " in each.metadata["help"] for each in fields(VisitLimits))


@pytest.mark.parametrize(
    "given, word",
    [
        ({"acts": 3}, "no limit 'acts'.*actions"),
        ({"actions": "many"}, "'actions' is 'many', which is no number"),
        ({"actions": 0}, "Give a number above 0"),
        ({"clips": -1}, "Give a number above 0"),
        ({"clips": "nan"}, "Give a number above 0"),
        ({"clips": "inf"}, "Give a number above 0"),
        ({"clips": 2.5}, "Give a whole number"),
        ({"clips": [3]}, "Give a number above 0"),
        ({"clips": True}, "Give a number above 0"),
        ({"clips": None}, "Give a number above 0"),
    ],
)
def test_what_is_no_limit_is_a_sentence(given, word):
    with pytest.raises(D2STError, match=word):
        VisitLimits.of(given)


def test_more_waits_than_can_be_told_so():
    assert STANDARD.waiting_visitor < STANDARD.waiting_address < STANDARD.waiting


def test_what_is_too_much_is_said(tmp_path):
    limits = VisitLimits(clips_at_once=2, megabytes_at_once=0.001, actions=2, clips=3, letters=5)
    file = tmp_path / "a.mp4"
    file.write_bytes(bytes(900))
    limits.check_files([str(file), "missing.mp4"], limits.clips_at_once)
    for check, word in (
        (lambda: limits.check_files(["a"] * 3, 2), "These are 3 clips, and 2 is the most at once"),
        (lambda: limits.check_files([str(file)] * 2, 2, "queries"), "These queries have 0 MB together"),
        (lambda: limits.check_action("jumping"), "7 letters, and 5 is the most"),
        (lambda: limits.check_support({"a": [1], "b": [1]}, "c"), "There are 2 actions, and no more fit"),
        (lambda: limits.check_support({"a": [1, 2], "b": [1]}, "a"), "There are 3 examples, and no more fit"),
    ):
        with pytest.raises(D2STError, match=word):
            check()
    limits.check_support({"a": [1], "b": [1]}, "a")
    limits.check_action("jump!")
