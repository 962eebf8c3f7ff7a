"""Clips of the kinds that a reader gets wrong without a word: the right picture at the right time."""

import json
import os
from pathlib import Path

import av
import numpy as np
import pytest
from clips import number_in

from d2st.video import read_clip, reader
from d2st.video.processes import Pool

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


def test_nothing_of_a_clip_is_seen_in_those_that_its_process_reads_next(tmp_path, monkeypatch):
    secret = np.zeros((24, 120, 160, 3), np.uint8)
    secret[:] = 200, 40, 90
    with av.open(str(tmp_path / "secret.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.height, stream.width = secret.shape[1:3]
        for picture in secret:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    with monkeypatch.context() as patch:
        patch.setattr(os, "cpu_count", lambda: 1)
        patch.setattr(reader, "_pool", Pool())  # of one process
        for name in EXPECTED:
            seen = read_clip(tmp_path / "secret.mp4", 3, preview=True).frames
            assert np.abs(seen.astype(int) - secret[0, 0, 0]).max() < 20
            frames = read_clip(FOLDER / name, preview=True).frames.astype(int)
            assert np.ptp(frames, axis=-1).max() < 30, name  # black and white
        reader._pool.stop()
