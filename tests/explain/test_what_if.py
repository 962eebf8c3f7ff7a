from dataclasses import replace

import numpy as np
import pytest
import torch
from small import EXAMPLES

from d2st.explain.what_if import CHANGES, changes_for, what_if
from d2st.models.zoo import SHIPPED, load_model
from d2st.recognizer import Recognizer

SET = EXAMPLES / "people"


def filled(model):
    recognizer = Recognizer(model)
    for action in ("jump", "punch"):
        recognizer.add(action, str(next((SET / "support" / action).glob("*.mp4"))))
    return recognizer, recognizer.read(str(SET / "query" / "punch.mp4"))


def test_every_change_is_answered_and_leaves_nothing_behind(model):
    recognizer, query = filled(model)
    before = recognizer.predict(query)
    outcomes = what_if(recognizer, query)
    assert [o.change for o in outcomes] == list(CHANGES)
    assert all(set(o.prediction.scores) == {"jump", "punch"} for o in outcomes)
    assert all(o.flipped == (o.prediction.label != before.label) for o in outcomes)
    assert torch.equal(model.encode(query.frames).features, recognizer.features(query))
    assert [o.prediction.scores for o in what_if(*filled(model))] == [o.prediction.scores for o in outcomes]


def test_without_adapters_the_frozen_backbone_answers(model):
    outcome = next(o for o in what_if(*filled(model)) if o.change.title == "adapters off")
    frozen, query = filled(load_model(adapter=None, device="cpu"))
    assert outcome.prediction.scores == pytest.approx(frozen.predict(query).scores, abs=1e-4)


def test_clips_are_changed_as_the_words_say():
    frames = np.arange(8 * 4 * 4 * 3, dtype=np.uint8).reshape(8, 4, 4, 3)
    changed = {change.title: change.frames(frames) for change in CHANGES if change.frames}
    assert np.array_equal(changed["played backwards"], frames[::-1])
    assert np.array_equal(changed["mirrored"], frames[:, :, ::-1])
    order = [next(i for i in range(8) if np.array_equal(frames[i], frame)) for frame in changed["shuffled"]]
    assert sorted(order) == list(range(8)) and order not in (list(range(8)), list(range(8))[::-1])
    assert all(np.array_equal(frame, frames[4]) for frame in changed["frozen on one frame"])


def test_a_clip_that_is_frozen_leaves_a_centred_frozen_backbone_nothing(model):
    recognizer, query = filled(load_model(adapter=None, device="cpu"))
    outcomes = {o.change.title: o for o in what_if(recognizer, query)}
    assert "stands still" in outcomes["frozen on one frame"].problem
    assert outcomes["frozen on one frame"].prediction is None and outcomes["shuffled"].prediction


def test_one_can_only_leave_out_what_is_there(model):
    titles = [change.title for change in CHANGES]
    assert [c.title for c in changes_for(model)] == titles
    assert [c.title for c in changes_for(load_model(adapter=None, device="cpu"))] == titles[:4]
    dst = load_model(adapter=SHIPPED / "efficientnet-lite0-dst.safetensors", device="cpu")
    assert [c.title for c in changes_for(dst)] == titles[:7]
    st = load_model(adapter=SHIPPED / "efficientnet-lite0-st.safetensors", device="cpu")
    assert [c.title for c in changes_for(st)] == [*titles[:4], "adapters off"]
    unknown = replace(model, knows_frozen=False)
    assert "adapters off" not in [c.title for c in changes_for(unknown)]


@pytest.mark.parametrize("kind", ["st", "dst"])
def test_the_other_kinds_are_asked_too(kind):
    recognizer, query = filled(load_model(adapter=SHIPPED / f"efficientnet-lite0-{kind}.safetensors", device="cpu"))
    assert all(outcome.prediction for outcome in what_if(recognizer, query))
