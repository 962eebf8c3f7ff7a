"""The generated corpus: the right pictures at the right times, standing as they should, for every kind of clip."""

import numpy as np
import pytest
from corpus import Truth
from corpus_changed import RECIPES

from d2st.video import Clip, read_clip

COUNTS = (8, 3)  # frames
WITHIN = 0.6  # how far into its part each frame is taken


def read(truth: Truth, count: int, **settings) -> Clip:
    """A clip whose pictures are those that are shown at its times; nothing is said against it."""
    clip = read_clip(truth.file, count, min(truth.size), None, **settings)
    indices = [truth.at(time) for time in clip.times]
    assert [truth.number(frame) for frame in clip.frames] == [truth.numbers[index] for index in indices]
    assert (np.diff(clip.times) >= 0).all()
    assert (clip.width, clip.height) == truth.size and clip.frame_count == len(truth.numbers)
    assert [note for note in clip.notes if "frames repeat" not in note] == []
    if truth.lasting is not None:
        assert clip.duration == pytest.approx(truth.times[-1] + truth.lasting, abs=2 * truth.exact + 2e-3)
    return clip


def nearest(clip: Clip, truth: Truth, times: np.ndarray) -> None:
    """Of these times, the clip's are the nearest to evenly spread ones."""
    wanted = np.linspace(times[0], times[-1], len(clip.times))
    best = np.abs(times[:, None] - wanted).min(0)
    assert (np.abs(clip.times - wanted) <= best + 2 * truth.exact).all()


@pytest.mark.parametrize("name", RECIPES)
def test_a_whole_clip_is_spread_from_its_first_picture_to_its_last(truth, name):
    made = truth(name)
    for count in COUNTS:
        clip = read(made, count)
        nearest(clip, made, made.times)
        assert clip.times[0] == 0 and made.at(clip.times[-1]) == len(made.times) - 1


@pytest.mark.parametrize("name", RECIPES)
def test_a_part_in_seconds_is_those_seconds(truth, name):
    made = truth(name)
    whole = read(made, 1).duration
    seconds = 0.4 * whole
    start = 0.5 * (whole - seconds)
    inside = made.times[(made.times >= start - 2 * made.exact) & (made.times < start + seconds - 2 * made.exact)]
    if not inside.size:
        inside = made.times[made.times <= start][-1:]
    # Where the rate is constant, a part is so many pictures: it may begin one picture sooner or later.
    apart = np.diff(made.times)
    steady = bool(apart.size) and apart.max() - apart.min() < 3e-3
    slack = (1.01 * apart.mean() if steady else 0) + 2 * made.exact
    for count in COUNTS:
        clip = read(made, count, window=(seconds, 0.5))
        assert abs(clip.times[0] - inside[0]) <= slack and abs(clip.times[-1] - inside[-1]) <= slack
        nearest(clip, made, made.times[made.at(clip.times[0]) : made.at(clip.times[-1]) + 1])


@pytest.mark.parametrize("name", RECIPES)
def test_a_frame_from_within_each_part_is_that_frame(truth, name):
    made = truth(name)
    n = len(made.numbers)
    for count in COUNTS:
        clip = read(made, count, within=[WITHIN] * count)
        assert [made.at(time) for time in clip.times] == [int((part + WITHIN) / count * n) for part in range(count)]
