import numpy as np
import pytest
import torch
from small import EXAMPLES

from d2st.explain.what_if import CHANGES, changed, changes_for, points_at_references, silent_pathway, what_if
from d2st.models.zoo import load_model
from d2st.recognizer import Recognizer

SET = EXAMPLES / "people"


@pytest.fixture(scope="module")
def model():
    return load_model(device="cpu")


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
    assert torch.equal(model.encode(query.frames)[0], recognizer.features(query))
    assert [o.prediction.scores for o in what_if(*filled(model))] == [o.prediction.scores for o in outcomes]


def test_without_adapters_the_frozen_backbone_answers(model):
    outcome = next(o for o in what_if(*filled(model)) if o.change.title == "adapters off")
    frozen, query = filled(load_model(adapter=None, device="cpu"))
    assert outcome.prediction.scores == pytest.approx(frozen.predict(query).scores, abs=1e-4)


def test_a_silent_pathway_changes_the_features_and_the_other_one_still_works(model):
    _, query = filled(model)
    seen = [model.encode(query.frames)[0]]
    for hooks in (
        [silent_pathway("spatial")],
        [silent_pathway("temporal")],
        [silent_pathway("spatial"), silent_pathway("temporal")],
    ):
        with changed(model.host, hooks):
            seen.append(model.encode(query.frames)[0])
    assert all(not torch.allclose(a, b, atol=1e-3) for i, a in enumerate(seen) for b in seen[:i])


def test_at_zero_offset_points_stand_at_their_references(model):
    _, query = filled(model)
    with changed(model.host, [points_at_references("spatial"), points_at_references("temporal")]):
        _, traces = model.encode(query.frames, trace=True)
    assert traces and all(np.allclose(trace.position, trace.reference, atol=1e-6) for trace in traces)


def test_what_makes_no_sense_is_left_out(model):
    assert len(changes_for(model)) == 8
    assert [c.title for c in changes_for(load_model(adapter=None, device="cpu"))] == [c.title for c in CHANGES[:4]]
