"""A long file of known actions is answered where they are, whatever is between them."""

from dataclasses import dataclass

import numpy as np
import pytest
from films import bundled, joined
from small import EXAMPLES
from visits import clip, filled, small_model

from d2st.errors import D2STError
from d2st.live.scan import every, scan
from d2st.models.zoo import load_model
from d2st.recognizer import Recognizer
from d2st.video import long_film

WINDOW = 2.0


@dataclass
class Film:
    """Pictures as a long film gives them."""

    pictures: object
    duration: float = 0.0
    until: float = 0.0
    name: str = "film"
    notes: tuple = ()


def noise(model, seconds, spacing=0.25, duration=0.0):
    random = np.random.default_rng(0)
    size = (model.image, model.image, 3)
    times = np.arange(spacing / 2, seconds, spacing)
    return Film(iter([(float(at), random.integers(0, 256, size, np.uint8)) for at in times]), duration, seconds)


@pytest.fixture(scope="module")
def recognizers():
    model, made = load_model(device="cpu"), {}

    def of(family):
        if family not in made:
            made[family] = Recognizer(model)
            for file in sorted((EXAMPLES / family / "support").rglob("*.mp4")):
                made[family].add(file.parent.name, file)
        return made[family]

    return of


def scanned(recognizer, path):
    model = recognizer.model
    with long_film(path, every(model.frames, WINDOW, 0.5), model.image) as film:
        return scan(recognizer, film, WINDOW, 0.5)


@pytest.mark.parametrize(
    "family, actions",
    [("table", ["lift up", "push left", "wave", "put down"]), ("people", ["crawl", "kick", "jump", "punch"])],
)
def test_joined_clips_are_named_in_order_within_half_a_window(family, actions, recognizers, tmp_path):
    borders = joined(bundled(family, *actions), tmp_path / "film.mp4")
    found = [each for each in scanned(recognizers(family), tmp_path / "film.mp4").passages if each.action]
    assert [each.action for each in found] == actions
    for each, start, end in zip(found, borders, borders[1:], strict=False):
        assert abs(each.start - start) <= WINDOW / 2 and abs(each.end - end) <= WINDOW / 2


def test_nothing_is_said_where_nothing_matches(recognizers, tmp_path):
    clips = [*bundled("table", "wave"), *bundled("people", "cartwheel", "crawl"), *bundled("table", "push left")]
    start, end = joined(clips, tmp_path / "film.mp4")[1:4:2]
    found = scanned(recognizers("table"), tmp_path / "film.mp4").passages
    assert [each.action for each in found] == ["wave", None, "push left"]
    assert abs(found[1].start - start) <= WINDOW / 2 and abs(found[1].end - end) <= WINDOW / 2


def test_a_window_scores_as_the_same_frames_do_as_a_clip(tmp_path):
    recognizer = filled(small_model())
    film = noise(recognizer.model, 4)
    film.pictures = kept = list(film.pictures)
    found = scan(recognizer, film, 2.0, 0.5)
    assert found.starts.tolist() == [0, 0.5, 1, 1.5, 2] and found.scores.shape == (5, 2)
    frames = np.stack([each for at, each in kept if 1 <= at <= 3])
    features = recognizer.model.encode(frames).features
    assert found.scores[2] == pytest.approx(recognizer.score(recognizer.prototypes(), features).numpy(), abs=1e-4)


def test_each_picture_goes_through_the_frozen_part_once_however_windows_overlap():
    model, seen = small_model(), []

    class Counting:
        frames, image, weights = model.frames, model.image, model.weights
        encode, adapt = model.encode, model.adapt

        def stem(self, frames):
            seen.append(len(frames))
            return model.stem(frames)

    scan(filled(Counting()), noise(model, 4), 2.0, 0.25)
    assert sum(seen) <= 16


@pytest.mark.parametrize("told", [0.0, 100.0])
def test_the_windows_are_those_of_the_pictures_whatever_the_container_says(told):
    recognizer = filled(small_model())
    assert len(scan(recognizer, noise(recognizer.model, 3, duration=told), 2.0, 0.5).scores) == 3


def test_a_film_that_is_shorter_than_a_window_is_one():
    recognizer = filled(small_model())
    found = scan(recognizer, noise(recognizer.model, 1.0), 2.0, 0.5)
    assert found.scores.shape == (1, 2) and found.duration == 1 and found.passages[-1].end == 1


def test_where_nothing_moves_nothing_is_said():
    recognizer = filled(small_model(kind=None))
    still = clip(still=True).frames[0]
    film = Film(iter([(0.25 * index, still) for index in range(12)]), until=3)
    found = scan(recognizer, film, 2.0, 0.5)
    assert np.isnan(found.scores).all() and [each.action for each in found.passages] == [None]
    assert found.notes == ("Nothing of 'film' could be compared: it is too short, or nothing moves in it.",)


@pytest.mark.parametrize("names, sentence", [(("wave",), "at least two actions"), ((), "at least two actions")])
def test_it_takes_two_actions(names, sentence):
    recognizer = filled(small_model(), names)
    with pytest.raises(D2STError, match=sentence):
        scan(recognizer, noise(recognizer.model, 4), 2.0, 0.5)


def test_an_action_that_stands_still_is_said():
    recognizer = filled(small_model(kind=None))
    recognizer.add("stand", clip(still=True))
    with pytest.raises(D2STError, match="The action 'stand' stands still"):
        scan(recognizer, noise(recognizer.model, 4), 2.0, 0.5)


@pytest.mark.parametrize("window, stride", [(0.1, 0.1), (61, 1), (2, 0.01), (2, 3), (float("nan"), 1), (2, -1)])
def test_windows_that_cannot_be_are_refused(window, stride):
    with pytest.raises(D2STError, match="window"):
        every(8, window, stride)
