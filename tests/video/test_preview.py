"""Whatever was read can be played: a small film from the same decode."""

import io

import numpy as np
import pytest
from clips import make_clip, number_in
from PIL import Image

from d2st.video import read_clip


@pytest.mark.parametrize("count, pictures", [(24, 24), (100, 48)])
@pytest.mark.parametrize("name", ["a.mp4", "a.avi"])
def test_a_preview_plays_what_was_read(tmp_path, name, count, pictures):
    codec = "mpeg4" if name.endswith("avi") else "libx264"
    file = make_clip(tmp_path / name, count=count, size=(640, 480), codec=codec)
    clip = read_clip(file, preview=True)
    film = Image.open(io.BytesIO(clip.preview))
    numbers, seconds = [], 0.0
    for index in range(film.n_frames):
        film.seek(index)
        film.load()
        seconds += film.info["duration"] / 1000
        numbers.append(number_in(np.array(film.convert("RGB"))))
    assert film.size == (320, 240) and len(numbers) == pictures
    assert numbers == sorted(set(numbers)) and (numbers[0], numbers[-1]) == (0, count - 1)
    assert seconds == pytest.approx(count / 24, abs=0.1) and len(clip.preview) < 200_000
    assert (clip.frames == read_clip(file).frames).all() and read_clip(file).preview is None
