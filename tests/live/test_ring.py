"""The ring keeps what the frozen part gives, and a stretch of it is what the same frames are as a clip."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from visits import small_model

from d2st.live import Ring


def film(model, count):
    return np.random.default_rng(0).integers(0, 256, (count, model.image, model.image, 3), np.uint8)


def filled(model, count=20, every=0.1, seconds=5.0, pictures=100):
    ring = Ring(model, seconds, pictures)
    for index, picture in enumerate(film(model, count)):
        ring.add(picture, index * every)
    return ring


@pytest.mark.parametrize("beside", [0.0, 0.25])
def test_a_stretch_gives_what_its_frames_give_as_a_clip(beside):
    model = replace(small_model(), beside=beside)
    stretch = filled(model).stretch(0.4, 1.4)
    alone = model.encode(stretch.frames).features
    torch.testing.assert_close(model.adapt(stretch.stem).features, alone, atol=1e-5, rtol=1e-5)


def test_the_frames_are_nearest_to_the_middles_of_equal_parts():
    stretch = filled(small_model(), 20).stretch(0.0, 1.6)
    assert [picture.at for picture in stretch.pictures] == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9, 1.1, 1.3, 1.5])


def test_the_frozen_part_runs_once_for_each_picture():
    model, seen = small_model(), []

    class Counting:
        frames, image = model.frames, model.image

        def stem(self, frames):
            seen.append(len(frames))
            return model.stem(frames)

    ring = filled(Counting(), 12)
    ring.stretch(0, 1), ring.stretch(0.1, 1.1)
    assert seen == [1] * 12


def test_it_holds_the_last_seconds_and_no_more_than_so_many():
    assert [p.at for p in filled(small_model(), 20, every=1, seconds=4).pictures] == [15, 16, 17, 18, 19]
    assert len(filled(small_model(), 20, every=0.1, seconds=60, pictures=5).pictures) == 5


def test_what_comes_late_is_left_out_and_too_little_is_no_stretch():
    model = small_model()
    ring = filled(model, 3)
    ring.add(film(model, 1)[0], 0.1)
    assert [picture.at for picture in ring.pictures] == pytest.approx([0, 0.1, 0.2])
    assert ring.stretch(0.15, 0.3) is None and ring.stretch(0, 0.3) is not None
