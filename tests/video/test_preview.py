"""Whatever was read can be played: a small film from the same decode."""

import io

import numpy as np
import pytest
from clips import make_clip, number_in
from PIL import Image

from d2st.video import read_clip
from d2st.video.preview import LONGEST, MOST_BYTES, MOST_PIXELS, sheet, small


def pictures_of(preview):
    """uint8 RGB [H, W, 3] each."""
    grid = np.asarray(Image.open(io.BytesIO(preview.picture)).convert("RGB"))
    for index in range(len(preview.times)):
        row, column = divmod(index, preview.columns)
        yield grid[row * preview.height :, column * preview.width :][: preview.height, : preview.width]


@pytest.mark.parametrize("count, pictures", [(24, 24), (100, 64)])
@pytest.mark.parametrize("name", ["a.mp4", "a.avi"])
def test_a_preview_plays_what_was_read(tmp_path, name, count, pictures):
    codec = "mpeg4" if name.endswith("avi") else "libx264"
    file = make_clip(tmp_path / name, count=count, size=(640, 480), codec=codec)
    clip = read_clip(file, preview=True)
    film = clip.preview
    numbers = [number_in(picture) for picture in pictures_of(film)]
    assert len(film.times) == pictures and (film.times[0], film.times[-1]) == (0, pytest.approx((count - 1) / 24))
    assert numbers == [round(24 * time) for time in film.times] == sorted(set(numbers))
    assert film.width / film.height == pytest.approx(4 / 3, abs=0.01) and len(film.picture) <= MOST_BYTES
    assert (clip.frames == read_clip(file).frames).all() and read_clip(file).preview is None


@pytest.mark.parametrize("count, size", [(1, (2000, 1000)), (64, (2000, 1000)), (64, (2000, 40)), (64, (40, 2000))])
def test_a_sheet_keeps_the_shape_and_is_never_large(tmp_path, count, size):
    width, height = size
    picture = small((height, width), count).shrink(np.zeros((height, width, 3), np.uint8))
    assert max(picture.shape) <= 1.1 * LONGEST and picture.shape[0] * picture.shape[1] * count <= 1.1 * MOST_PIXELS
    noise = np.random.default_rng(0).integers(0, 256, (count, *picture.shape), dtype=np.uint8)
    film = sheet(list(noise), np.arange(count) / 10)
    assert len(film.picture) <= MOST_BYTES and len(list(pictures_of(film))) == count
    assert {each.shape for each in pictures_of(film)} == {(film.height, film.width, 3)}
    assert min(film.width, film.height) < 4 or film.width / film.height == pytest.approx(width / height, rel=0.05)
