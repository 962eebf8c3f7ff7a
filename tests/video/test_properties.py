"""What holds for every clip: of any time stamps, rates, groups of pictures and edit lists."""

from dataclasses import replace
from fractions import Fraction
from unittest.mock import patch

import numpy as np
import pytest
from boxes import with_edits
from corpus import Recipe, Track, write
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as some

from d2st.video import Limits, film, read_clip
from d2st.video.preview import MOST, preview_picks
from d2st.video.timeline import Timeline
from d2st.video.wanted import Wanted

PURE = settings(max_examples=200, deadline=None, database=None, derandomize=True)
FILES = settings(
    max_examples=40, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
BASE = Fraction(1, 1000)
gaps = some.lists(some.integers(1, 2000), min_size=0, max_size=60)
shares = some.floats(0, 1)
frames = some.integers(1, 40)


@some.composite
def timelines(draw, gaps=gaps) -> Timeline:
    """Of rising time stamps with gaps of any length, in milliseconds."""
    stamps = np.cumsum([draw(some.integers(-500, 10**6)), *draw(gaps)]).tolist()
    return Timeline.of(stamps, BASE, 25.0, draw(some.integers(0, 3000)) / 1000, False)


@some.composite
def steady_timelines(draw) -> Timeline:
    """Of a constant rate, the stamps rounded to milliseconds."""
    rate, count = draw(some.floats(1, 60)), draw(some.integers(2, 400))
    stamps = [round(1000 * index / rate) for index in range(count)]
    return Timeline.of(stamps, BASE, 25.0, 0.0, False)


@PURE
@given(timelines(), frames)
def test_a_whole_read_takes_the_nearest_from_the_first_picture_to_the_last(timeline, count):
    picks = Wanted(count).picks(timeline)
    times = timeline.times
    assert len(picks) == count and picks == sorted(picks) and picks[0] >= 0 and picks[-1] < len(times)
    assert picks[0] == 0 and (count == 1 or picks[-1] == len(times) - 1)
    wanted = np.linspace(0, times[-1], count)
    best = np.abs(times[:, None] - wanted).min(0)
    assert (np.abs(times[picks] - wanted) <= best + 3.1e-3).all()  # at a constant rate, stamps may be rounded


@PURE
@given(timelines(), frames, some.floats(0.01, 100), shares)
def test_a_window_takes_the_pictures_that_begin_in_it_or_the_one_that_is_shown(timeline, count, seconds, share):
    assume(not timeline.steady)
    times = timeline.times
    picks = Wanted(count, window=(seconds, share)).picks(timeline)
    length = min(seconds, timeline.duration)
    start = share * (timeline.duration - length)
    assert picks == sorted(picks) and len(picks) == count
    begun = times[picks]
    inside = times[(times >= start - 1e-4) & (times < start + length - 1e-4)]
    if inside.size:
        assert begun[0] == inside[0] and (begun >= start - 1e-4).all() and (begun < start + length).all()
        assert count == 1 or begun[-1] == inside[-1]
    else:
        assert len(set(picks)) == 1 and begun[0] <= start + 1e-4
        assert picks[0] == len(times) - 1 or times[picks[0] + 1] > start


@PURE
@given(steady_timelines(), frames, some.floats(0.05, 20), shares)
def test_a_window_of_a_steady_clip_is_so_many_pictures_and_begins_two_off_at_most(timeline, count, seconds, share):
    assert timeline.steady
    picks = Wanted(count, window=(seconds, share)).picks(timeline)
    apart, length = 1 / timeline.rate, min(seconds, timeline.duration)
    start = share * (timeline.duration - length)
    begun = timeline.times[picks]
    most = 2 * apart + 2e-3  # where it is shorter than one picture is shown, else one and a half
    assert start - most <= begun[0] <= start + most
    assert count == 1 or start + length - apart - most <= begun[-1] <= start + length - apart + most


@PURE
@given(steady_timelines(), frames, some.one_of(some.none(), some.floats(0.05, 1)))
def test_a_steady_clip_run_backwards_gives_the_same_pictures_backwards(timeline, count, part):
    assume(count > 1)
    whole = Wanted(count).picks(timeline)
    backwards = [len(timeline.times) - 1 - index for index in reversed(whole)]
    middle = count // 2  # of an odd count, and of a clip that has no picture in the middle
    assert all(a == b or place == middle for place, (a, b) in enumerate(zip(whole, backwards, strict=True)))
    assert part is None or len(set(Wanted(count, part=(part, 0.5)).picks(timeline))) <= len(timeline.times)


@PURE
@given(timelines(), some.lists(shares, min_size=1, max_size=20))
def test_places_and_parts_go_by_the_number_of_pictures(timeline, places):
    n, count = len(timeline.times), len(places)
    assert Wanted(count, places=tuple(places)).picks(timeline) == [min(int(place * n), n - 1) for place in places]
    within = Wanted(count, within=tuple(places)).picks(timeline)
    assert all(int(k * n / count) <= pick <= min(n - 1, (k + 1) * n / count) for k, pick in enumerate(within))


@PURE
@given(steady_timelines(), some.data())
def test_a_clip_is_steady_until_a_picture_comes_early_or_the_last_is_held(timeline, data):
    assert timeline.steady and timeline.duration == pytest.approx(timeline.times[-1] + timeline.lasting)
    mean = timeline.times[-1] / (len(timeline.times) - 1)
    assert not replace(timeline, lasting=2 * mean).steady
    if len(timeline.times) > 2:
        times = timeline.times.copy()
        times[data.draw(some.integers(1, len(times) - 2))] += 0.2 * mean + 0.003
        assert not replace(timeline, times=times).steady


def test_times_that_no_camera_can_make_are_counted_instead():
    timeline = Timeline.of([0, 1, 2], Fraction(1, 10**8), 25.0, 0.0, False)
    assert timeline.times.tolist() == [0, 0.04, 0.08] and timeline.rate == 25


@PURE
@given(timelines(some.lists(some.integers(1, 2000), max_size=200)))
def test_a_preview_goes_from_the_first_picture_to_the_last_and_is_short(timeline):
    picks = preview_picks(timeline)
    assert picks == sorted(set(picks)) and len(picks) <= MOST
    assert (picks[0], picks[-1]) == (0, len(timeline.times) - 1)
    assert len(picks) == len(timeline.times) or len(timeline.times) > len(picks)


@some.composite
def recipes(draw) -> Recipe:
    """A clip of any time stamps, rate, group of pictures and order of decoding."""
    count = draw(some.integers(2, 40))
    params = (
        f"keyint={draw(some.integers(1, 30))}:min-keyint=1:scenecut=0:b-adapt=0:ref=4"
        f":bframes={draw(some.integers(0, 5))}:open-gop={draw(some.integers(0, 1))}"
        f":b-pyramid={draw(some.sampled_from(('none', 'strict', 'normal')))}:intra-refresh={draw(some.integers(0, 1))}"
    )
    track = Track(count=count, options={"x264-params": params}, offset=draw(some.integers(0, 3000)) / 1000)
    suffix = draw(some.sampled_from(("mp4", "mov", "mkv", "ts")))
    if draw(some.booleans()):
        each = some.integers(2, 300) if draw(some.booleans()) else some.sampled_from((33, 34, 33, 900))
        apart = draw(some.lists(each, min_size=count - 1, max_size=count - 1))
        track = replace(track, times=tuple((np.cumsum([0, *apart]) / 1000).tolist()))
    else:
        track = replace(track, rate=draw(some.sampled_from((10, 12, 24, 25, 30, Fraction(30000, 1001), 50, 60))))
    return Recipe(f"any.{suffix}", (track,))


def holds(recipe: Recipe, folder, count: int, **part) -> None:
    made = write(recipe, folder)
    assume(recipe.suffix != ".ts" or made.file.stat().st_size > 4000)  # FFmpeg does not open one of ten packets
    clip = read_clip(made.file, count, 64, None, **part)
    indices = [made.at(time) for time in clip.times]
    assert [made.number(frame) for frame in clip.frames] == [made.numbers[index] for index in indices]
    assert indices == sorted(indices) and clip.frame_count == len(made.numbers)
    assert part or (indices[0] == 0 and (count == 1 or indices[-1] == len(made.numbers) - 1))
    assert [note for note in clip.notes if "frames repeat" not in note] == []
    with patch.object(film, "_APART_FROM", 0), open(made.file, "rb") as file:  # as of a long film: what is needed alone
        apart = film.read_film(file, recipe.name, Wanted(count, 64, None, **part), Limits())
    assert np.array_equal(apart.pictures, clip.frames) and apart.timeline.times[apart.picks].tolist() == list(
        clip.times
    )


@FILES
@given(recipes(), some.integers(1, 12), some.one_of(some.none(), some.tuples(some.floats(0.1, 1), shares)))
def test_what_is_shown_at_a_time_is_what_the_clip_shows_then(tmp_path, recipe, count, part):
    holds(recipe, tmp_path, count, **({"part": part} if part else {}))


@FILES
@given(some.integers(0, 3), some.integers(0, 28), some.integers(1, 30), some.integers(1, 8))
def test_an_edit_list_leaves_the_pictures_that_begin_in_it(tmp_path, b_frames, first, length, count):
    length = min(length, 30 - first)
    params = f"keyint=8:min-keyint=1:scenecut=0:b-adapt=0:bframes={b_frames}:b-pyramid=none"
    delay = 0.04 * min(1, b_frames)  # the media begins with the first picture decoded
    edit = (0.04 * length, 0.04 * first + delay)
    recipe = Recipe(
        "edited.mp4", (Track(options={"x264-params": params}),), then=lambda data: with_edits(data, edit),
        left=lambda shown: shown[first : first + length],
    )  # fmt: skip
    holds(recipe, tmp_path, count)
