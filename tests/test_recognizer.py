from itertools import permutations

import numpy as np
import pytest
import torch

from d2st import matching
from d2st.errors import D2STError
from d2st.recognizer import Recognizer
from d2st.trace import Encoding, SamplingTrace
from d2st.video import Clip


def clip_of(values, name="clip.mp4"):
    frames = np.zeros((8, 4, 4, 3), np.uint8)
    frames[..., 0] = np.asarray(values)[:, None, None]
    return Clip(name, frames, np.arange(8.0), (), 8.0, 1.0, 4, 4, 8)


class ToyModel:
    """Frame features that turn with the frames' brightness, and how often they were asked for."""

    frames, image, looks, weights, calls = 8, 4, None, (1.0,), 0

    def encode(self, frames, inspect=False):
        self.calls += 1
        angle = torch.tensor(frames[:, 0, 0, 0] / 40)
        point = np.zeros((1, 3))
        traces = [
            SamplingTrace("stage 1", "spatial", (8, 1, 1), 4, (1, 1, 1), 0, point, point[None], np.ones((1, 8, 1)))
        ]
        return Encoding(torch.stack([angle.cos(), angle.sin()], dim=1).float(), traces if inspect else [], {})


RISING, FALLING, STILL = np.arange(8) * 10, np.arange(8)[::-1] * 10, np.full(8, 5)


@pytest.fixture
def recognizer():
    recognizer = Recognizer(ToyModel(), "otam", centre=False)
    recognizer.add("rise", clip_of(RISING, "r1.mp4"))
    recognizer.add("rise", clip_of(RISING + 40, "r2.mp4"))
    recognizer.add("fall", clip_of(FALLING, "f.mp4"))
    return recognizer


def test_a_prediction_says_what_how_well_and_why(recognizer):
    prediction = recognizer.predict(clip_of(RISING + 1, "query.mp4"))
    assert prediction.label == "rise" == next(iter(prediction.scores)) and set(prediction.scores) == {"rise", "fall"}
    assert (
        prediction.margin == pytest.approx(prediction.scores["rise"] - prediction.scores["fall"])
        and prediction.margin > 0
    )
    assert sum(prediction.shares.values()) == pytest.approx(1) and prediction.shares["rise"] > 0.5
    assert prediction.nearest.name == "r1.mp4" and prediction.query.name == "query.mp4"
    assert prediction.alignment == [(t, t) for t in range(8)]
    assert prediction.matches and prediction.trace == []


def test_a_query_unlike_everything_matches_nothing(recognizer):
    assert not recognizer.predict(clip_of(STILL + 130)).matches


def test_a_clip_is_computed_once(recognizer):
    model = recognizer.model
    before = model.calls
    for _ in range(3):
        recognizer.predict(clip_of(RISING))  # the very frames of an example
    assert model.calls == before
    recognizer.predict(clip_of(STILL)), recognizer.predict(clip_of(STILL))
    assert model.calls == before + 1
    recognizer.matching = "bi-mhm"  # another matching needs no new features
    recognizer.predict(clip_of(STILL))
    assert model.calls == before + 1


def test_the_trace_comes_on_request(recognizer):
    assert recognizer.predict(clip_of(RISING), trace=True).trace[0].layer == "stage 1"


def test_looking_inside_costs_no_second_time(recognizer):
    before = recognizer.model.calls
    recognizer.predict(clip_of(RISING + 7), trace=True)
    recognizer.predict(clip_of(RISING + 7))
    assert recognizer.model.calls == before + 1


def test_removing(recognizer):
    first, second = recognizer.support["rise"]
    recognizer.remove("rise", first)
    assert recognizer.support["rise"] == [second]
    recognizer.remove("rise", second)
    assert list(recognizer.support) == ["fall"]
    with pytest.raises(D2STError, match="no action 'rise'"):
        recognizer.remove("rise")


def test_too_few_actions():
    recognizer = Recognizer(ToyModel())
    with pytest.raises(D2STError, match="at least two actions. There are none"):
        recognizer.predict(clip_of(RISING))
    recognizer.add("rise", clip_of(RISING))
    with pytest.raises(D2STError, match="There is only 'rise'"):
        recognizer.predict(clip_of(RISING))


def test_names_are_trimmed_and_needed(recognizer):
    recognizer.add(" rise ", clip_of(RISING + 20))
    assert len(recognizer.support["rise"]) == 3
    with pytest.raises(D2STError, match="needs a name"):
        recognizer.add("  ", clip_of(RISING))


def test_a_bad_clip_changes_nothing(recognizer, tmp_path):
    (tmp_path / "bad.mp4").write_text("hello")
    before = {action: list(clips) for action, clips in recognizer.support.items()}
    for action in ("rise", "new"):
        with pytest.raises(D2STError, match="bad.mp4"):
            recognizer.add(action, tmp_path / "bad.mp4")
    assert recognizer.support == before


def test_a_clip_that_stands_still_is_not_answered_once_it_is_centred(recognizer):
    still = clip_of(np.full(8, 60), "still.mp4")
    assert recognizer.predict(still).label  # as it is, there is something to compare
    recognizer.match("otam", centre=True)
    with pytest.raises(D2STError, match="query 'still.mp4' stands still.*Turn centring off"):
        recognizer.predict(still)
    recognizer.add("stand", still)
    with pytest.raises(D2STError, match="action 'stand' stands still"):
        recognizer.predict(clip_of(RISING))
    recognizer.add("stand", clip_of(RISING + 3))  # one example that moves is enough
    assert recognizer.predict(clip_of(RISING)).label


def test_an_unknown_matching_is_refused():
    with pytest.raises(D2STError, match="no matching 'hausdorff'. Choose one of bi-mhm, otam, frame-to-frame"):
        Recognizer(ToyModel(), "hausdorff")


def test_names_that_are_no_text_are_refused(recognizer):
    for name in (None, 3, b"rise"):
        with pytest.raises(D2STError, match="needs a name"):
            recognizer.add(name, clip_of(RISING))


def test_a_clip_with_other_frames_than_the_models_is_refused(recognizer):
    short = Clip("short.mp4", np.zeros((3, 4, 4, 3), np.uint8), np.arange(3.0), (), 3.0, 1.0, 4, 4, 3)
    with pytest.raises(D2STError, match="'short.mp4' has 3 frames of 4×4 pixels, and this model takes 8 frames of 4×4"):
        recognizer.predict(short)


def test_what_no_match_looks_like_is_the_median_between_different_actions(recognizer):
    recognizer.add("still", clip_of(STILL))
    recognizer.add("late", clip_of(RISING + 90))
    prototypes = recognizer.prototypes()
    pairs = [recognizer.score(prototypes[[one]], prototypes[other]) for one, other in permutations(range(4), 2)]
    assert recognizer.typical_score_between_actions() == pytest.approx(float(torch.cat(pairs).median()))


def test_the_margin_is_to_the_second_best(recognizer):
    recognizer.add("still", clip_of(STILL))
    prediction = recognizer.predict(clip_of(RISING + 1))
    best, second, last = prediction.scores.values()
    assert prediction.margin == pytest.approx(best - second) and second > last


def test_the_alignment_is_of_what_was_compared_example_first(recognizer):
    query = clip_of(RISING // 2 + 50)
    pairs = {}
    for centred in (False, True):
        recognizer.match("bi-mhm", centred)
        prediction = recognizer.predict(query)
        example, asked = (recognizer.features(clip) for clip in (prediction.nearest, query))
        if centred:
            example, asked = matching.centre(example), matching.centre(asked)
        pairs[centred] = prediction.alignment
        assert prediction.alignment == matching.align(
            matching.frame_distance(example[None], asked[None])[0, 0], "bi-mhm"
        )
        assert prediction.alignment != sorted((q, s) for s, q in prediction.alignment)
    assert pairs[False] != pairs[True]
