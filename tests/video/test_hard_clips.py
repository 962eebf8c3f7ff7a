"""Clips of the kinds that a reader gets wrong without a word: the right picture at the right time."""

import json
from pathlib import Path

import numpy as np
import pytest
from clips import number_in

from d2st.video import read_clip

FOLDER = Path(__file__).parent / "hard-clips"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
STANDS = {"mirrored.mp4": lambda frame: frame[:, ::-1], "transposed.mp4": lambda frame: frame.swapaxes(0, 1)}
WAYS = ("whole", "part", "window", "within")


def settings(way, count, expected):
    return {
        "whole": {},
        "part": dict(part=(0.4, 0.8)),
        "window": dict(window=(expected["frame_times"][-1] / 3, 0.5)),
        "within": dict(within=[0.5] * count),
    }[way]


def numbers(clip):
    return [number_in(STANDS.get(clip.name, lambda frame: frame)(frame)) for frame in clip.frames]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("count", [8, 16, 3])
@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_shown_at_a_time_is_what_the_clip_shows_then(name, count, way):
    expected = EXPECTED[name]
    read_clip(FOLDER / "before_interlaced.avi", 2)
    clip = read_clip(FOLDER / name, count, 48, None, **settings(way, count, expected))
    times = np.array(expected["frame_times"])
    nearest = np.abs(times[:, None] - clip.times).argmin(0)
    assert times[nearest] == pytest.approx(clip.times, abs=2e-3)
    assert numbers(clip) == [expected["frame_numbers"][index] for index in nearest]
    assert clip.frame_count == len(times)
    assert clip.duration == pytest.approx(times[-1] + expected["last_frame_lasts"], abs=0.02)
    assert [note for note in clip.notes if "frames repeat" not in note] == []


@pytest.mark.parametrize("name", EXPECTED)
def test_frames_are_the_nearest_to_evenly_spread_times(name):
    expected = EXPECTED[name]
    clip = read_clip(FOLDER / name, 8, 48, None)
    assert numbers(clip) == expected["numbers"]
    assert clip.times == pytest.approx(expected["times"], abs=2e-3)


@pytest.mark.parametrize(
    "name, start, end",
    [("burst_then_still.mp4", 1, 2), ("varying_rate.webm", 3, 5), ("burst_then_still.mp4", 0.2, 0.6)],
)
def test_a_part_in_seconds_is_those_seconds(name, start, end):
    whole = read_clip(FOLDER / name)
    seconds = end - start
    clip = read_clip(FOLDER / name, 8, window=(seconds, start / (whole.duration - seconds)))
    assert clip.times[0] == pytest.approx(start, abs=0.05)
    assert clip.times.min() >= start - 0.001 and clip.times.max() <= end
    assert len(set(clip.times)) == min(8, sum(start - 1e-3 <= t < end - 1e-3 for t in EXPECTED[name]["frame_times"]))


def test_the_picture_that_is_held_is_shown_in_a_part_in_which_none_begins():
    clip = read_clip(FOLDER / "ends_still.webm", 4, 48, None, window=(2, 0.8))
    assert numbers(clip) == [23] * 4
