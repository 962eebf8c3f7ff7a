"""Clips as a visit keeps them."""

import numpy as np
import pytest

from d2st.demo.kept import kept, unpacked
from d2st.video import read_clip
from d2st.video.webp import webp


def clip_of(frames):
    return read_clip(frames, crop=max(frames.shape[1], 224), name="made.mp4", fps=8)


@pytest.mark.parametrize("noise", [False, True])
def test_a_kept_clip_is_small_and_looks_like_the_clip(noise):
    y, x = np.mgrid[:224, :224]
    frames = np.stack([np.stack([y, x, (x + y) // 2], -1) // 2 + 10 * t for t in range(8)]).astype(np.uint8)
    if noise:
        frames = np.random.default_rng(0).integers(0, 256, frames.shape, np.uint8)
    clip = clip_of(frames)
    small = kept(clip)
    assert sum(map(len, small.pictures)) + len(small.strip) <= 100_000
    assert small.digest == clip.digest and (small.name, small.notes, small.fps) == ("made.mp4", (), 8)
    assert np.array_equal(small.times, clip.times) and small.frames.shape == clip.frames.shape
    if not noise:
        assert np.abs(small.frames.astype(int) - clip.frames).mean() < 4
    assert kept(small) is small


def test_what_is_no_picture_is_refused():
    for data in (b"no picture", webp(np.zeros((8, 5000, 3), np.uint8), 50)):
        with pytest.raises((ValueError, OSError)):
            unpacked((data,), 224)


@pytest.mark.parametrize("strength, side", [(20, 224), (30, 224), (40, 224), (60, 224), (80, 224), (80, 448)])
def test_noise_of_any_strength_takes_100_kb_at_most(strength, side):
    random = np.random.default_rng(0)
    frames = np.clip(128 + strength * random.standard_normal((8, side, side, 3)), 0, 255).astype(np.uint8)
    small = kept(clip_of(frames))
    assert sum(map(len, small.pictures)) + len(small.strip) <= 100_000 and small.frames.shape == frames.shape


def test_colours_and_order_stay():
    frames = np.zeros((8, 112, 112, 3), np.uint8)
    frames[0, ..., 0], frames[7, ..., 2] = 200, 200
    small = kept(clip_of(frames)).frames
    assert small[0].mean((0, 1)).round(-1).tolist() == [200, 0, 0]
    assert small[7].mean((0, 1)).round(-1).tolist() == [0, 0, 200]
