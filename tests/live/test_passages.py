"""What is said of a film that has ended: the best window of each moment, nothing below the threshold."""

import numpy as np
import pytest

from d2st.live.passages import passages

ACTIONS = ("wave", "jump")


def said(*pairs, window=2.0, stride=0.5, until=None, threshold=-5.0):
    """Scores of wave and jump, window by window → (start, end, action) of each passage."""
    scores = np.array(pairs, float)
    until = until or (len(scores) - 1) * stride + window
    found = passages(scores, ACTIONS, window, stride, threshold, until)
    assert found[0].start == 0 and found[-1].end == pytest.approx(until)
    assert [each.end for each in found[:-1]] == [each.start for each in found[1:]]
    return [(each.start, each.end, each.action) for each in found]


LOW = (-9, -9)


def test_nothing_is_said_where_nothing_matches():
    assert said(*[LOW] * 5) == [(0, 4, None)]
    assert said((np.nan, np.nan), LOW) == [(0, 2.5, None)]


def test_a_window_that_matches_speaks_for_all_of_its_time():
    assert said(LOW, LOW, (-3, -9), LOW, LOW) == [(0, 1, None), (1, 3, "wave"), (3, 4, None)]


def test_where_two_overlap_the_better_one_has_the_time():
    assert said((-3, -9), LOW, (-9, -4), LOW) == [(0, 2, "wave"), (2, 3, "jump"), (3, 3.5, None)]
    assert said((-4, -9), LOW, (-9, -3), LOW) == [(0, 1, "wave"), (1, 3, "jump"), (3, 3.5, None)]


def test_what_is_seen_across_a_border_alone_is_not_said():
    across = said((-2, -9), (-9, -9), (-9, -4), (-9, -9), (-2, -9))
    assert across == [(0, 4, "wave")]  # jump, between 1 and 3 s, has no second to itself
    half = said((-2, -9), (-9, -9), (-9, -3), (-4, -9))
    assert half == [(0, 3.5, "wave")]  # jump has just half to itself, and a second wave wants all of that


def test_beside_a_window_that_is_sure_less_is_enough():
    assert said((-5.3, -9), (-4, -9), (-5.3, -9)) == [(0, 3, "wave")]
    assert said((-5.3, -9), LOW, (-5.3, -9)) == [(0, 3, None)]
    assert said((-5.6, -9), (-4, -9), (-5.6, -9)) == [(0, 0.5, None), (0.5, 2.5, "wave"), (2.5, 3, None)]


def test_windows_that_reach_over_the_end_end_with_the_film():
    assert said((-3, -9), until=1.2) == [(0, 1.2, "wave")]


@pytest.mark.parametrize("stride", [0.1, 0.3, 0.7])
def test_any_stride_gives_whole_passages(stride):
    found = said(*[(-3, -9)] * 20, stride=stride)
    assert [action for *_, action in found] == ["wave"]
