"""Which shots and frames the margin rests on."""

import numpy as np
import pytest
import torch

from d2st import matching
from d2st.errors import D2STError
from d2st.explain.decided import decided, shots
from d2st.recognizer import Recognizer
from d2st.trace import Encoding
from d2st.video import Clip


class Drawn:
    """A model whose features are drawn by a clip's number, which is its pixels' value."""

    frames, image, kind, weights = 8, 4, None, (1.0,)

    def encode(self, frames, inspect=False):
        return Encoding(torch.randn(8, 5, generator=torch.Generator().manual_seed(int(frames.flat[0]))), [], {})


def clip(number):
    frames = np.full((8, 4, 4, 3), number, np.uint8)
    return Clip(f"{number}.mp4", frames, np.arange(8.0), (), 1.0, 8.0, 4, 4, 8)


@pytest.fixture(params=[(name, centred) for name in matching.MATCHINGS for centred in (False, True)])
def recognizer(request):
    recognizer = Recognizer(Drawn(), *request.param)
    for number, action in enumerate(("a", "b", "c", "a", "b", "b"), start=1):
        recognizer.add(action, clip(number))
    return recognizer


def test_every_shot_has_the_score_that_it_would_have_alone(recognizer):
    query = clip(9)
    found = shots(recognizer, query)
    assert len(found) == 6 and [shot.score for shot in found] == sorted((s.score for s in found), reverse=True)
    for shot in found:
        alone = Recognizer(recognizer.model, recognizer.matching, recognizer.centre)
        alone.add("this", shot.clip)
        alone.add("other", clip(20))
        assert alone.predict(query).scores["this"] == pytest.approx(shot.score, abs=1e-5)
    only = next(shot for shot in found if shot.action == "c")
    assert only.score == pytest.approx(recognizer.predict(query).scores["c"], abs=1e-5)


def test_the_frames_and_the_rest_sum_to_the_margin(recognizer):
    for number in range(9, 14):
        query = clip(number)
        prediction, found = recognizer.predict(query), decided(recognizer, query)
        assert [found.first, found.second] == list(prediction.scores)[:2]
        assert found.margin == pytest.approx(prediction.margin) and found.frames.shape == (8,)
        assert found.frames.sum() + found.rest == pytest.approx(prediction.margin, abs=1e-5)
        if recognizer.matching != "otam":
            assert found.rest == pytest.approx(0, abs=1e-5)


def test_a_frame_that_only_the_second_action_lacks_carries_the_margin():
    recognizer = Recognizer(Drawn(), "frame-to-frame", centre=False)
    recognizer.add("a", clip(1))
    recognizer.add("b", clip(2))
    features = recognizer.features(clip(1))
    other = features.clone()
    other[5] = -other[5]
    recognizer.know(clip(2), other)
    recognizer.know(clip(3), features)
    found = decided(recognizer, clip(3))
    assert found.first == "a" and found.frames[5] == pytest.approx(2, abs=1e-5)
    assert np.abs(np.delete(found.frames, 5)).max() < 1e-5


def test_one_action_has_no_margin():
    recognizer = Recognizer(Drawn())
    recognizer.add("a", clip(1))
    with pytest.raises(D2STError, match="two actions"):
        decided(recognizer, clip(2))
