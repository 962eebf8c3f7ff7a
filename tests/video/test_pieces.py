"""A long file is gone through once: the same pictures as a clip's, piece by piece, within limits."""

import itertools
from contextlib import nullcontext

import numpy as np
import pytest
from clips import damaged, make_clip, make_sound, number_in, picture, rotated
from reading import KINDS

from d2st.errors import D2STError
from d2st.video import Limits, ahead, long_film, pieces, read_clip
from d2st.video.processes import paying


def gone_through(path, every=0.125, crop=64, limits=pieces.LONG):
    with long_film(path, every, crop, limits) as film:
        found = list(film.pictures)
    return film, [time for time, _ in found], np.stack([each for _, each in found])


def of_clip(path, times, count=24):
    """The pictures of a clip of `count` pictures that are shown at these times."""
    clip = read_clip(path, count, crop=64)
    return clip.frames[np.abs(clip.times[None] - np.array(times)[:, None]).argmin(1)]


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_those_that_a_clip_has_at_these_times(kind, folder):
    film, times, found = gone_through(folder / kind)
    assert times == pytest.approx((np.arange(8) + 0.5) / 8, abs=0.0215)
    assert np.array_equal(found, of_clip(folder / kind, times))
    assert film.until == pytest.approx(1, abs=0.05) and not film.notes


def test_it_is_turned_as_a_clip_is(folder, tmp_path):
    path = rotated(folder / "a.mp4", 90, tmp_path / "turned.mp4")
    _, times, found = gone_through(path)
    assert np.array_equal(found, of_clip(path, times)) and number_in(found[0]) != number_in(picture(1))


def test_where_pictures_are_few_each_comes_once(tmp_path):
    path = make_clip(tmp_path / "film.mp4", 5, times=[0, 40, 1000, 3000, 3500])
    _, times, found = gone_through(path, 0.25)
    assert [round(time, 2) for time in times] == [0.04, 1, 3, 3.5]
    assert [number_in(each) for each in found] == [1, 2, 3, 4]


def test_times_that_begin_anew_go_on(folder, tmp_path):
    twice = tmp_path / "twice.ts"
    twice.write_bytes((folder / "a.ts").read_bytes() * 2)
    film, times, _ = gone_through(twice)
    assert times == sorted(times) and film.until == pytest.approx(2, abs=0.2)
    assert len(times) == pytest.approx(16, abs=1)


def test_memory_and_turns_are_of_a_piece(tmp_path):
    """Each piece of a film is a turn of its own, in a process that no clip is read in."""
    path = make_clip(tmp_path / "film.mp4", 200, rate=10)
    turns = []

    class Payer:
        def turn(self):
            turns.append(None)
            return nullcontext()

        def pay(self, seconds):
            turns[-1] = seconds

    token = paying.set(Payer())
    try:
        _, times, _ = gone_through(path, 0.1)
    finally:
        paying.reset(token)
    assert len(times) == 199 and len(turns) == 7 and None not in turns  # 32 pictures a piece


def test_pictures_wait_until_somebody_takes_them(tmp_path):
    path = make_clip(tmp_path / "film.mp4", 250, rate=10)
    with long_film(path, 0.1, 64) as film:
        next(film.pictures)
        assert film.until == pytest.approx(3.2)
    assert film.until < 10


@pytest.mark.parametrize(
    "limits, sentence",
    [
        (Limits(duration=0.5), "'a.mp4' lasts 1 s, and 0.5 s is the most."),
        (Limits(size=100), "'a.mp4' has 0 MB, and 0 MB is the most."),
        (Limits(side=32), "'a.mp4' has 64 × 48 pixels, and 32 on a side is the most."),
        (Limits(seconds=0.0001), "'a.mp4' took longer than 0.0001 s to decode."),
    ],
)
def test_what_is_over_the_limits_is_said(folder, limits, sentence):
    with pytest.raises(D2STError) as caught:
        gone_through(folder / "a.mp4", limits=limits)
    assert str(caught.value).startswith(sentence)


def test_a_length_that_the_container_hides_is_said_on_the_way(folder):
    with pytest.raises(D2STError, match="'recorded.webm' lasts .* and 0.5 s is the most"):
        gone_through(folder / "recorded.webm", limits=Limits(duration=0.5))


@pytest.mark.parametrize("name, sentence", [("none.mp4", "no file"), ("", "is a folder"), ("text.mp4", "is no video")])
def test_what_is_no_film_is_said(name, sentence, tmp_path):
    (tmp_path / "text.mp4").write_text("hello")
    with pytest.raises(D2STError, match=sentence):
        gone_through(tmp_path / name)


def test_sound_alone_is_no_film(tmp_path):
    with pytest.raises(D2STError, match="holds no picture"):
        gone_through(make_sound(tmp_path / "sound.mp4"))


def test_what_is_missing_is_noted(noisy, tmp_path):
    film, times, _ = gone_through(damaged(noisy, tmp_path / "damaged.mp4"))
    assert "may be cut off or damaged" in film.notes[-1] and max(times) < 2


def test_reading_ahead_keeps_the_order_and_the_distance():
    read = []
    results = ahead.ahead(lambda item: read.append(item) or -item, itertools.count(), at_once=1, most=2)
    assert [next(results).result() for _ in range(3)] == [0, -1, -2]
    results.close()
    assert read == list(range(len(read))) and len(read) <= 6


def test_an_error_is_raised_where_its_result_is_asked_for():
    first, second = ahead.ahead(lambda item: 1 / item, [0, 1])
    assert second.result() == 1
    with pytest.raises(ZeroDivisionError):
        first.result()
