"""The frozen backbone's features beside the adapted ones."""

from dataclasses import replace

import pytest
import torch
from small import SMALL_VIT
from visits import clip, filled, small_model

from d2st import matching
from d2st.adapter import Ablation
from d2st.backbones import build_host
from d2st.matching import MATCHINGS
from d2st.models.zoo import MODELS, load_model

FROZEN = Ablation(adapters=True)
WEIGHT = 0.25
WAYS = [(name, centred) for name in MATCHINGS for centred in (False, True)]


@pytest.fixture(scope="module")
def both():
    return replace(small_model(), beside=WEIGHT)


@pytest.fixture(scope="module")
def parts():
    """Frame features of two actions and a query, and others of the same clips: each [3, T, F]."""
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(3, 8, 16, generator=generator) + torch.rand(3, 1, 16, generator=generator) for _ in range(2)]


def scores(features, way, weights=matching.ALONE):
    return matching.scores(features[:2], features[2:], *way, None, weights)[0]


def test_the_second_part_is_what_the_frozen_backbone_gives_behind_every_layer(both):
    frames, alone = clip(1).frames, replace(both, beside=0.0)
    found = both.encode(frames, inspect=True)
    adapted, frozen = alone.encode(frames, inspect=True), alone.encode(frames, inspect=True, ablation=FROZEN)
    assert not torch.allclose(adapted.features, frozen.features, atol=1e-2)
    assert torch.equal(found.features, torch.cat([adapted.features, frozen.features], -1))
    for layer, features in found.by_layer.items():
        assert torch.equal(features, torch.cat([adapted.by_layer[layer], frozen.by_layer[layer]], -1))
    assert len(found.traces) == len(adapted.traces) > 0


def test_the_frozen_part_is_computed_with_the_stem_whatever_is_asked_of_it(both, monkeypatch):
    adapt, frozen = both.host.adapt, []

    def counted(maps, ablation, inspect):
        frozen.append(ablation.adapters)
        return adapt(maps, ablation, inspect)

    monkeypatch.setattr(both.host, "adapt", counted)
    stem = both.stem(clip(1).frames)
    for ablation in (Ablation(), Ablation(spatial=True), FROZEN):
        both.adapt(stem, inspect=True, ablation=ablation)
    assert frozen == [True, False, False]


def test_without_adapters_both_parts_are_the_frozen_backbone(both):
    """Whether they are left out or change nothing."""
    frames = clip(1).frames
    left_out = both.encode(frames, ablation=FROZEN).features
    one, other = replace(both, host=build_host(SMALL_VIT).eval()).encode(frames).features.chunk(2, -1)
    assert torch.equal(*left_out.chunk(2, -1))
    torch.testing.assert_close(one, other)


@pytest.mark.parametrize("way", WAYS)
def test_two_equal_parts_are_as_one(parts, way):
    twice = torch.cat([parts[0], parts[0]], -1)
    torch.testing.assert_close(scores(twice, way, (1, WEIGHT)), scores(parts[0], way), atol=1e-4, rtol=0)


@pytest.mark.parametrize("way", WAYS)
def test_a_part_counts_by_its_weight(parts, way):
    """A distance is the weighted mean of the parts' distances, whatever their lengths; and a score is of that."""
    name, centred = way
    one, other = (
        matching.distance_of_directions(matching.directions(each[:2], centred), matching.directions(each[2:], centred))
        for each in parts
    )
    expected = MATCHINGS[name].score((one + WEIGHT * other) / (1 + WEIGHT))[0]
    features = torch.cat([parts[0], 100 * parts[1]], -1)
    torch.testing.assert_close(scores(features, way, (1, WEIGHT)), expected, atol=1e-4, rtol=0)
    torch.testing.assert_close(scores(features, way, (1, 0)), scores(parts[0], way), atol=1e-4, rtol=0)


def test_an_answer_is_of_both(both):
    recognizer, query = filled(both), clip(9)
    found = recognizer.predict(query)
    shots = torch.stack([torch.stack([recognizer.features(c) for c in each]) for each in recognizer.support.values()])
    asked = recognizer.features(query)[None]
    expected = matching.scores(shots, asked, recognizer.matching, recognizer.centre, None, both.weights)[0].tolist()
    assert [found.scores[action] for action in recognizer.support] == pytest.approx(expected, abs=1e-4)


def test_what_was_kept_of_one_part_is_not_taken_for_two(both):
    assert both.fingerprint != replace(both, beside=0.0).fingerprint


def test_the_default_model_says_what_it_is_compared_by():
    model = load_model(device="cpu")
    assert model.weights == (1.0, MODELS[model.name].beside) and f"weigh {model.beside:g}" in model.described
