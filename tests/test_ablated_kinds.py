"""Each kind of the ablation is D²ST but for the one thing that its name says."""

from dataclasses import replace

import pytest
import torch
from small import SMALL_VIT, clips, randomise

from d2st.adapter import Ablation, Place
from d2st.backbones import build_host
from d2st.kinds import KINDS, densities
from d2st.models.usual import Usual, UsualPoints, attentions, hand_over
from d2st.models.zoo import MODELS

PLACE = Place((8, 14, 14), 16, 8, 2, activate=True)


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def pair(kind):
    """D²ST that does something, and of a kind one that shares all weights that it has; a map and class tokens."""
    torch.manual_seed(0)
    whole, other = KINDS["d2st"].build(PLACE), KINDS[kind].build(PLACE)
    randomise(whole)
    missing, unknown = other.load_state_dict(whole.state_dict(), strict=False)
    assert not missing and unknown
    return whole.eval(), other.eval(), torch.randn(2, 8, 14, 14, 16), torch.randn(2, 8, 16)


@pytest.mark.parametrize("kind, left_out", [("spatial-only", "temporal"), ("temporal-only", "spatial")])
@torch.no_grad()
def test_one_pathway_only_is_the_whole_with_the_other_left_out(kind, left_out):
    whole, other, x, token = pair(kind)
    (kept,) = KINDS[kind].pathways
    out = getattr(other, kept).out  # the mean of two pathways has half of each, that of one all of it
    out.weight /= 2
    out.bias /= 2
    expected, found = whole(x, token, Ablation(**{left_out: True})), other(x, token)
    torch.testing.assert_close(found[:2], expected[:2])
    assert not torch.allclose(found[0], whole(x, token)[0])
    assert not any(left_out in name for name, _ in other.named_parameters())


@torch.no_grad()
def test_a_fixed_grid_is_offsets_at_zero_and_nothing_to_place_them():
    whole, other, x, token = pair("fixed-grid")
    torch.testing.assert_close(other(x, token)[:2], whole(x, token, Ablation(offsets=True))[:2])
    assert not torch.allclose(other(x, token)[0], whole(x, token)[0])
    for sampling in other(x, token, inspect=True)[2].samplings.values():
        assert torch.equal(sampling.position, sampling.reference.expand_as(sampling.position))
    assert not any("offset" in name for name, _ in other.named_parameters())


@pytest.mark.parametrize("side", [7, 14, 28, 56])
def test_the_same_density_is_one_for_both_and_has_no_fewer_points(side):
    grid = (8, side, side)
    spatial, temporal = (each.points(grid) for each in densities(grid).values())
    same = {each.points(grid) for each in densities(grid, alike=True).values()}
    ((n_t, n_y, n_x),) = same
    assert n_t == 4 and spatial[1] >= n_y == n_x >= temporal[1]
    assert n_t * n_y * n_x >= spatial[0] * spatial[1] * spatial[2] == temporal[0] * temporal[1] * temporal[2]


def test_denser_is_as_many_points_along_small_maps_as_along_larger_ones():
    small, large = (densities((8, side, side), fewest=4) for side in (7, 14))
    assert [each.points((8, 7, 7)) for each in small.values()] == [(2, 4, 4), (8, 2, 2)]
    assert large == densities((8, 14, 14))
    adapter = KINDS["denser"].build(replace(PLACE, grid=(8, 7, 7)))
    assert adapter.spatial.density == small["spatial"] and adapter.temporal.density == small["temporal"]


@torch.no_grad()
def test_the_same_density_reads_as_many_points_in_both_pathways():
    adapter = KINDS["same-density"].build(PLACE)
    samplings = adapter(torch.randn(1, 8, 14, 14, 16), inspect=True)[2].samplings
    assert samplings["spatial"].points == samplings["temporal"].points == (4, 3, 3)


@pytest.mark.parametrize("name", ["efficientnet-lite0", "resnet50", "clip-vit-b16"])
def test_the_narrow_kind_has_as_many_parameters_as_dst(name):
    with torch.device("meta"):
        counts = {
            each: parameters(build_host(MODELS[name].config, each).adapters) for each in ("narrow", "dst", "d2st")
        }
    assert counts["narrow"] == pytest.approx(counts["dst"], rel=0.02) and counts["d2st"] > 1.5 * counts["dst"]


@torch.no_grad()
def test_with_the_mean_offset_a_clip_that_has_it_stays_and_others_change():
    host = randomise(build_host(SMALL_VIT)).eval()
    one, another = clips(SMALL_VIT), clips(SMALL_VIT, seed=1)
    features, insides = host(one, inspect=True)
    points = {}
    for layer, inside in zip(host.layers, insides, strict=True):
        for pathway, sampling in inside.samplings.items():
            offset = (sampling.position - sampling.reference)[0].numpy()
            points[layer, pathway] = UsualPoints(offset, offset)
    hand_over(Usual(2, points), host)
    left_out = Ablation(own_offsets=True)
    torch.testing.assert_close(host(one, left_out)[0], features)
    assert not torch.allclose(host(another, left_out)[0], host(another)[0], atol=1e-4)
    positions = [host(each, left_out, inspect=True)[1][0].samplings["spatial"].position for each in (one, another)]
    assert torch.equal(*positions) and len(list(attentions(host))) == 4
