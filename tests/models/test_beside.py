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
from d2st.models.zoo import load_model

FROZEN = Ablation(adapters=True)
WEIGHT = 0.25
WAYS = [(name, centred) for name in MATCHINGS for centred in (False, True)]


@pytest.fixture(scope="module")
def alone():
    return small_model()


@pytest.fixture(scope="module")
def both(alone):
    return replace(alone, beside=WEIGHT)


def scores(model, way, ablation=None):
    """Those of a query under a matching, if told with features under an ablation."""
    name, centred = way
    recognizer, query = filled(model, matching=name, centre=centred), clip(9)
    for each in [query, *recognizer.clips] if ablation else []:
        recognizer.know(each, model.encode(each.frames, ablation=ablation).features)
    return recognizer.predict(query).scores


def test_the_second_part_is_what_the_frozen_backbone_gives_behind_every_layer(alone, both):
    frames = clip(1).frames
    found = both.encode(frames, inspect=True)
    adapted, frozen = alone.encode(frames, inspect=True), alone.encode(frames, inspect=True, ablation=FROZEN)
    assert not torch.allclose(adapted.features, frozen.features, atol=1e-2)
    assert torch.equal(found.features, torch.cat([adapted.features, frozen.features], -1))
    for layer, features in found.by_layer.items():
        assert torch.equal(features, torch.cat([adapted.by_layer[layer], frozen.by_layer[layer]], -1))
    assert len(found.traces) == len(adapted.traces) > 0


@pytest.mark.parametrize("centred", [False, True])
def test_a_distance_is_the_weighted_mean_of_the_parts(both, centred):
    clips = [both.encode(clip(seed).frames).features for seed in (1, 2)]

    def distance(features, weights):
        return matching.distance_of_directions(
            *(matching.directions(each, centred, weights)[None] for each in features)
        )

    adapted, frozen = (distance(part, (1,)) for part in zip(*(each.chunk(2, -1) for each in clips), strict=True))
    expected = (adapted + WEIGHT * frozen) / (1 + WEIGHT)
    torch.testing.assert_close(distance(clips, both.weights), expected)
    torch.testing.assert_close(distance(clips, (1, 0)), adapted)


@pytest.mark.parametrize("way", WAYS)
def test_without_adapters_it_is_the_frozen_backbone_alone(alone, both, way):
    """Whether they are left out or change nothing: two equal parts are as one."""
    assert scores(both, way, FROZEN) == pytest.approx(scores(alone, way, FROZEN), abs=1e-4)
    untrained = replace(both, host=build_host(SMALL_VIT).eval())
    assert scores(untrained, way) == pytest.approx(scores(replace(untrained, beside=0.0), way, FROZEN), abs=1e-4)


@pytest.mark.parametrize("way", WAYS)
def test_both_count_by_their_weights(alone, both, way):
    adapted, frozen = scores(alone, way), scores(alone, way, FROZEN)
    assert scores(replace(both, beside=1e-9), way) == pytest.approx(adapted, abs=1e-3)
    assert scores(replace(both, beside=1e9), way) == pytest.approx(frozen, abs=1e-3)
    assert scores(both, way) != pytest.approx(adapted, abs=1e-3)


def test_what_was_kept_of_one_part_is_not_taken_for_two(alone, both):
    assert both.fingerprint != alone.fingerprint


def test_the_default_model_says_what_it_is_compared_by():
    model = load_model(device="cpu")
    assert model.weights == (1.0, model.beside) and f"weigh {model.beside:g}" in model.about
