"""The answer layer by layer, with the adapters and without."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from small import EXAMPLES, SMALL_VIT, randomise

from d2st.adapter import Ablation
from d2st.backbones import build_host
from d2st.explain.by_layer import ANSWER, layer_by_layer
from d2st.models.model import Model
from d2st.models.zoo import load_model
from d2st.recognizer import Recognizer

SET = EXAMPLES / "people"


@pytest.fixture(scope="module")
def filled():
    recognizer = Recognizer(load_model(device="cpu"))
    for action in ("jump", "punch", "kick"):
        recognizer.add(action, str(SET / "support" / action / "1.mp4"))
    return recognizer, recognizer.read(str(SET / "query" / "punch.mp4"))


def test_the_last_row_is_the_answer_and_the_one_without_adapters(filled):
    recognizer, query = filled
    known, seen = {}, []
    found = layer_by_layer(recognizer, query, known, lambda clips: (seen.append(c) or c for c in clips))
    assert [row.layer for row in found.adapted] == ["stage 1", "stage 2", "stage 3", ANSWER]
    assert [row.layer for row in found.frozen] == [row.layer for row in found.adapted]
    prediction, last = recognizer.predict(query), found.adapted[-1]
    assert found.label == last.leads == prediction.label
    assert last.margin == last.lead == prediction.margin
    frozen = Recognizer(load_model(adapter=None, device="cpu"))
    for action, clips in recognizer.support.items():
        frozen.add(action, clips[0])
    alone = frozen.predict(query)
    assert found.frozen[-1].leads == alone.label
    assert found.frozen[-1].margin == pytest.approx(alone.margin, abs=1e-4)
    for row in (*found.adapted, *found.frozen):
        assert row.margin >= 0 and (row.lead == row.margin if row.leads == found.label else row.lead < 0)
    assert len(seen) == len(known) == 4


def test_what_is_known_is_not_computed_again(filled, monkeypatch):
    recognizer, query = filled
    known = {}
    first = layer_by_layer(recognizer, query, known)
    monkeypatch.setattr(Model, "stem", lambda *_: pytest.fail("computed again"))
    assert layer_by_layer(recognizer, query, known) == first


def test_behind_a_layer_are_its_pooled_maps():
    """Of a CNN the map's mean; of a ViT the class token through the final norm, and so in the end the feature."""
    model = replace(load_model(device="cpu"), beside=0.0)
    frames = np.random.default_rng(0).integers(0, 256, (8, 224, 224, 3), dtype=np.uint8)
    encoding = model.encode(frames, inspect=True)
    assert [tuple(each.shape) for each in encoding.by_layer.values()] == [(8, 112), (8, 192), (8, 320)]
    frozen = replace(load_model(adapter=None, device="cpu"), beside=0.0)
    off = model.encode(frames, inspect=True, ablation=Ablation(adapters=True)).by_layer
    maps, host = frozen.stem(frames).maps, frozen.host
    torch.testing.assert_close(off["stage 1"], maps[0].mean((2, 3)))
    torch.testing.assert_close(off["stage 2"], host.run(host.config.stages[1], maps[0]).mean((2, 3)))
    assert frozen.encode(frames, inspect=True).by_layer.keys() == off.keys()

    vit = Model("small", randomise(build_host(SMALL_VIT)).eval(), torch.device("cpu"), "d2st", True, "random")
    side = SMALL_VIT.image
    encoding = vit.encode(frames[:, :side, :side], inspect=True)
    assert list(encoding.by_layer) == ["block 1", "block 2"]
    assert torch.equal(encoding.by_layer["block 2"], encoding.features)
    assert not torch.allclose(encoding.by_layer["block 1"], encoding.features, atol=1e-2)
    assert vit.encode(frames[:, :side, :side]).by_layer == {}


def test_there_is_one_row_where_nothing_can_be_left_out(filled):
    recognizer, query = filled
    model = replace(recognizer.model, knows_frozen=False)
    other = Recognizer(model)
    other.support, other._features = recognizer.support, dict(recognizer._features)
    found = layer_by_layer(other, query, {})
    assert len(found.adapted) == 4 and found.frozen == []


def test_a_layer_that_leaves_nothing_to_compare_has_no_point(filled):
    """Without adapters, a frozen clip has the same features throughout, and centred, none."""
    recognizer, query = filled
    still = replace(query, frames=np.repeat(query.frames[:1], 8, axis=0))
    found = layer_by_layer(recognizer, still, {})
    assert found.frozen == [] and found.adapted[-1].layer == ANSWER
