"""Several looks at a long clip: which parts, and that they are read at once."""

import numpy as np
import pytest
from corpus import Recipe, write
from corpus_kinds import x264

from d2st.errors import D2STError
from d2st.video import Looks, film, read_clip
from d2st.video.clip import Limits
from d2st.video.film import read_film
from d2st.video.timeline import Timeline
from d2st.video.wanted import Wanted

LOOKS = Looks(each=2.0, longest=3.0, most=4)


def counted(seconds, fps=10):
    """Pictures as bright as their number, of a clip of so many seconds."""
    numbers = np.arange(round(seconds * fps))
    return np.broadcast_to(numbers[:, None, None, None].astype(np.uint8), (len(numbers), 8, 8, 3))


@pytest.mark.parametrize(
    "duration, parts",
    [
        (2.5, [(0, 2.5)]),
        (3.9, [(0, 3.9)]),
        (4, [(0, 2), (2, 2)]),
        (7, [(0, 7 / 3), (7 / 3, 7 / 3), (14 / 3, 7 / 3)]),
        (16, [(0.5, 3), (4.5, 3), (8.5, 3), (12.5, 3)]),
        (300, [(36, 3), (111, 3), (186, 3), (261, 3)]),
    ],
)
def test_a_look_is_the_middle_of_an_equal_stretch(duration, parts):
    assert np.allclose(LOOKS.parts(duration, 10_000, 8), parts)


def test_no_picture_is_shown_twice_for_the_sake_of_looks():
    assert [len(LOOKS.parts(60, pictures, 8)) for pictures in (5, 15, 16, 23, 24, 500)] == [1, 1, 2, 2, 3, 4]
    assert [len(Looks(2.0, 3.0, most).parts(60, 500, 8)) for most in (1, 2, 3)] == [1, 2, 3]


@pytest.mark.parametrize("seconds", [0.3, 1, 2.5, 3.9])
@pytest.mark.parametrize("window", [None, (1.0, 0.5)])
def test_a_clip_that_fits_one_look_is_read_as_before(seconds, window):
    before, now = (read_clip(counted(seconds), crop=8, fps=10, window=window, looks=looks) for looks in (None, LOOKS))
    assert now.looks == 1 and now.digest == before.digest
    assert np.array_equal(now.times, before.times) and now.notes == before.notes


def test_each_look_is_what_its_part_alone_gives_and_time_goes_on():
    clip = read_clip(counted(16), crop=8, fps=10, looks=LOOKS, name="long")
    assert clip.looks == 4 and clip.shape == (32, 8, 8, 3) and (np.diff(clip.times) > 0).all()
    for look, (start, length) in enumerate(LOOKS.parts(16, 160, 8)):
        alone = read_clip(counted(16), crop=8, fps=10, window=(length, start / (16 - length)))
        assert np.array_equal(clip.frames[8 * look : 8 * look + 8], alone.frames)
    assert "'long' is long, so it is seen in 4 looks, each by itself." in clip.notes


def test_a_part_of_a_film_has_its_own_looks():
    clip = read_clip(counted(24), crop=8, fps=10, looks=LOOKS, window=(6.0, 0.5))
    assert clip.looks == 3 and clip.times[0] == 9.0 and clip.times[-1] == pytest.approx(14.9)


@pytest.mark.parametrize("steady", [True, False])
@pytest.mark.parametrize("seconds", np.linspace(4.4, 9, 21))
def test_looks_do_not_overlap(seconds, steady):
    times = np.arange(round(seconds * 12.5)) / 12.5
    times = times if steady else times[np.random.default_rng(0).random(len(times)) < 0.7]
    picks = Wanted(looks=LOOKS).picks(Timeline(times, 0.08, 12.5))
    assert len(picks) % 8 == 0 and len(picks) >= 16 and picks == sorted(picks)
    assert not steady or len(set(picks)) > len(picks) - len(picks) // 8  # neighbours share a border at most


def test_a_film_is_decoded_once_for_all_looks(tmp_path, monkeypatch):
    made, passes, frames = write(Recipe("long.mp4", (x264(count=200),)), tmp_path), [], film.decoded_of
    monkeypatch.setattr(film, "decoded_of", lambda *given: passes.append(given) or frames(*given))
    with open(made.file, "rb") as file:
        found = read_film(file, "long.mp4", Wanted(8, 48, None, looks=LOOKS), Limits())
    assert len(passes) == 1 and len(found.pictures) == len(found.picks) == 8 * min(4, int(found.timeline.duration / 2))
    for index, picture in zip(found.picks, found.pictures, strict=True):
        assert made.number(picture) == made.numbers[index]


def test_looks_are_at_evenly_spread_frames_alone():
    for named in (dict(places=[0.5] * 8), dict(within=[0.5] * 8)):
        with pytest.raises(D2STError, match="Several looks"):
            read_clip(counted(9), crop=8, fps=10, looks=LOOKS, **named)
