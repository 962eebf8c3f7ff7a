"""Of a long film only a part is decoded, and nobody can tell by the pictures."""

import io

import numpy as np
import pytest
from corpus import Recipe, Track, write
from corpus_changed import RECIPES
from corpus_kinds import vp, x264, x265
from PIL import Image

from d2st.video import entries, film
from d2st.video.clip import Limits
from d2st.video.film import read_film
from d2st.video.wanted import Wanted


def read(path, wanted):
    with open(path, "rb") as file:
        return read_film(file, path.name, wanted, Limits())


@pytest.mark.parametrize("name", RECIPES)
def test_a_film_decoded_in_segments_gives_the_pictures_of_one_decoded_from_its_start(truth, monkeypatch, name):
    file = truth(name).file
    for wanted in (Wanted(8, 48, None), Wanted(3, 48, None, window=(0.3, 1.0)), Wanted(8, 48, None, preview=True)):
        found = []
        for threshold in (10**15, 0):
            monkeypatch.setattr(film, "_APART_FROM", threshold)
            monkeypatch.setattr(film, "_STEPWISE_FROM", threshold)
            found.append(read(file, wanted))
        whole, apart = found
        assert apart.picks == whole.picks and apart.notes == whole.notes
        assert np.array_equal(apart.timeline.times, whole.timeline.times)
        assert all(np.array_equal(*pair) for pair in zip(apart.pictures, whole.pictures, strict=True))


def test_the_preview_of_a_long_film_moves_by_steps_and_costs_little(tmp_path, monkeypatch):
    made = write(Recipe("closed.mp4", (x264("open-gop=0:keyint=10", count=200),)), tmp_path)
    wanted = Wanted(2, 48, None, preview=True)
    count, pictures = decoded(monkeypatch, made.file, wanted)
    assert count <= 40  # of 200: the first of each twenty, and those up to the last picture
    monkeypatch.setattr(film, "_STEPWISE_FROM", 0)
    preview = read(made.file, wanted).preview
    assert len(preview.times) >= 20 and preview.times[0] == 0
    sheet = np.asarray(Image.open(io.BytesIO(preview.picture)).convert("RGB"))
    for index, time in enumerate(preview.times):
        row, column = divmod(index, preview.columns)
        shown = sheet[row * preview.height :, column * preview.width :][: preview.height, : preview.width]
        assert made.number(shown) == made.numbers[made.at(time)]


def decoded(monkeypatch, path, wanted, threshold=0):
    """How many pictures are decoded, and the numbers of those wanted."""
    count, frames = [0], film.decoded_of

    def counted(context, packets):
        for frame in frames(context, packets):
            count[0] += 1
            yield frame

    with monkeypatch.context() as patch:
        patch.setattr(film, "decoded_of", counted)
        patch.setattr(film, "_APART_FROM", threshold)
        patch.setattr(film, "_STEPWISE_FROM", threshold)
        pictures = read(path, wanted).pictures
    return count[0], pictures


@pytest.mark.parametrize(
    "name, track, saves",
    [
        ("closed.mp4", x264("open-gop=0", count=100), True),
        ("closed.ts", x264("open-gop=0", count=100), True),
        ("closed.mkv", x264("open-gop=0", count=100), True),
        ("closed_hevc.mp4", x265("open-gop=0", count=100), True),
        ("keys.webm", vp(count=100, options={"g": "10"}), True),
        ("keys_9.webm", vp("libvpx-vp9", count=100, options={"g": "10"}), True),
        ("every.mkv", Track("mjpeg", count=100, pixels="yuvj420p"), True),
        ("every.avi", Track("mjpeg", count=100, pixels="yuvj420p"), False),  # AVI tells no times
        ("open.mp4", x264("open-gop=1", count=100), False),
        ("open_hevc.mp4", x265("open-gop=1", count=100), False),
        ("refresh.mp4", x264("intra-refresh=1:bframes=0", count=100), False),
        ("refresh.ts", x264("intra-refresh=1:bframes=0", count=100), False),
        ("old.mkv", Track("mpeg4", count=100, options={"g": "10"}), False),
    ],
)
def test_a_part_is_decoded_alone_where_the_stream_promises_that_it_can_be(tmp_path, monkeypatch, name, track, saves):
    path = write(Recipe(name, (track,)), tmp_path).file
    wanted = Wanted(2, 48, None, window=(0.5, 1.0))
    count, pictures = decoded(monkeypatch, path, wanted)
    assert (count <= 40) == saves and (saves or count >= 90)
    everything, same = decoded(monkeypatch, path, wanted, 10**15)
    assert everything == 100 and all(np.array_equal(*pair) for pair in zip(pictures, same, strict=True))


@pytest.fixture
def closed(tmp_path):
    return write(Recipe("closed.mp4", (x264("open-gop=0:bframes=0", count=100),)), tmp_path).file


def test_a_container_that_calls_every_picture_a_key_picture_is_not_believed(closed, tmp_path, monkeypatch):
    data = closed.read_bytes()
    assert data.count(b"stss") == 1  # the table of key pictures; without it, all are
    (tmp_path / "all.mp4").write_bytes(data.replace(b"stss", b"free"))
    wanted = Wanted(2, 48, None, window=(0.3, 0.97))
    whole, apart = read(closed, wanted).pictures, decoded(monkeypatch, tmp_path / "all.mp4", wanted)[1]
    assert all(np.array_equal(*pair) for pair in zip(apart, whole, strict=True))


def test_a_short_film_is_decoded_from_its_start(closed, monkeypatch):
    assert decoded(monkeypatch, closed, Wanted(2, 48, None, window=(0.5, 1.0)), film._APART_FROM)[0] == 100


def test_a_film_whose_pictures_come_otherwise_than_told_is_decoded_from_its_start(closed, monkeypatch):
    frames, wanted = film.decoded_of, Wanted(8, 48, None)
    whole = read(closed, wanted).pictures

    def one_is_missing(context, packets):
        yield from (frame for place, frame in enumerate(frames(context, packets)) if place != 1 or len(packets) == 100)

    monkeypatch.setattr(film, "decoded_of", one_is_missing)
    _, pictures = decoded(monkeypatch, closed, wanted)
    assert all(np.array_equal(*pair) for pair in zip(pictures, whole, strict=True))


def test_a_film_is_not_cut_where_pictures_before_are_shown_after(tmp_path, monkeypatch):
    path = write(Recipe("reordered.mp4", (x264("open-gop=0", count=100),)), tmp_path).file
    monkeypatch.setattr(entries, "_is_entry", lambda context, packet: True)
    assert decoded(monkeypatch, path, Wanted(2, 48, None, window=(0.5, 1.0)))[0] == 100
