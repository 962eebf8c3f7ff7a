"""The weight map: attention where it was read."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from small import SMALL_VIT, clips, randomise
from torch.nn import functional as F

from d2st.backbones import build_host
from d2st.explain.heat import enlarged, heat, paid, weight_map
from d2st.models.zoo import MODELS
from d2st.trace import SamplingTrace, collect


def traces(config):
    host = randomise(build_host(config), seed=5).eval()
    with torch.inference_mode():
        _, insides = host(clips(config), inspect=True)
    return collect(host, insides, config.frames)[0]


@pytest.fixture(scope="module", params=["vit", "cnn"])
def traced(request):
    return traces(SMALL_VIT if request.param == "vit" else MODELS["efficientnet-lite0"].config)


def test_it_is_where_grid_sample_reads(traced):
    """Attention times what is read of a volume is the map times the volume: splatting is reading, transposed."""
    for trace in traced:
        volume = torch.randn(1, 1, *trace.grid, generator=torch.Generator().manual_seed(1))
        for whose in ("all", (3, 2, 5)):
            read = [
                F.grid_sample(volume, torch.tensor(position).flip(-1)[None, :, None, None], align_corners=True)
                for position in trace.position
            ]
            read = torch.stack(read)[:, 0, 0, :, 0, 0].numpy()  # [G, P]
            expected = (paid(trace, whose) * read).sum() / trace.groups
            assert (weight_map(trace, whose) * volume[0, 0].numpy()).sum() == pytest.approx(expected, abs=1e-5)


def test_it_sums_to_the_attention_that_lies_inside(traced):
    for trace in traced:
        inside = (trace.weight * trace.in_bounds).sum() / trace.groups
        assert weight_map(trace).sum() == pytest.approx(inside, abs=1e-5) and weight_map(trace).min() >= 0
        np.testing.assert_allclose(weight_map(trace).sum((1, 2)), trace.over_time, atol=1e-5)


def test_the_class_tokens_are_asked_where_there_are_some(traced):
    trace = traced[-1]
    if trace.class_queries:
        tokens = trace.grid[0] * trace.grid[1] * trace.grid[2]
        patches = np.mean([weight_map(trace, t) for t in np.ndindex(*trace.grid)], axis=0)
        both = (weight_map(trace, "class") * trace.class_queries + patches * tokens) / (trace.class_queries + tokens)
        np.testing.assert_allclose(both, weight_map(trace), atol=1e-6)
    else:
        with pytest.raises(ValueError, match="no class token"):
            weight_map(trace, "class")


def one_point(position, grid=(3, 4, 5)):
    reference, attention = np.zeros((1, 3)), np.ones((1, int(np.prod(grid)), 1))
    return SamplingTrace("l", "spatial", grid, 16, (1, 1, 1), 0, reference, np.array([[position]], float), attention)


def test_one_point_falls_on_the_tokens_around_it():
    on_a_token = weight_map(one_point((0, 1, -1)))
    assert on_a_token[1, 3, 0] == pytest.approx(1) and np.count_nonzero(on_a_token) == 1
    between = weight_map(one_point((0, 1, 1 / 4)))  # at token 2.5 of five
    assert between[1, 3, 2] == pytest.approx(0.5) and between[1, 3, 3] == pytest.approx(0.5)
    half_outside = weight_map(one_point((0, 1, 1.25)))  # half a token beyond the last
    assert half_outside[1, 3, 4] == pytest.approx(0.5) and half_outside.sum() == pytest.approx(0.5)
    assert weight_map(one_point((0, 1, 1.5))).sum() == 0


def test_even_attention_is_one_in_every_layer():
    """A point on every token, all alike: the same heat whatever the number of tokens."""
    for grid in ((2, 3, 3), (2, 7, 7)):
        trace = one_point((0, 0, 0), grid)
        axes = np.meshgrid(*(np.linspace(-1, 1, n) for n in grid), indexing="ij")
        tokens = np.stack(axes, axis=-1).reshape(1, -1, 3)
        even = np.full((1, tokens.shape[1], tokens.shape[1]), 1 / tokens.shape[1])
        trace = replace(trace, reference=tokens[0], position=tokens, attention=even)
        np.testing.assert_allclose(heat(trace), 1, atol=1e-6)


def test_it_is_enlarged_about_the_tokens_centres():
    small = np.array([[[0.0, 1.0], [2.0, 3.0]]])
    large = enlarged(small, 8)  # tokens of four pixels, the middle of the first between its second and third
    assert large.shape == (1, 8, 8) and large.mean() == pytest.approx(1.5)
    assert (large[0, :2, :2] == 0).all() and (large[0, 6:, 6:] == 3).all()
    assert large[0, 0, 3:5].mean() == pytest.approx(0.5) and large[0, 3:5, 0].mean() == pytest.approx(1)
