"""One sampling point followed through an adapter."""

import numpy as np
import pytest
import torch
from small import SMALL_VIT, clips, randomise

from d2st.backbones import build_host
from d2st.explain.walk import read_tokens, walk
from d2st.models.zoo import MODELS
from d2st.trace import Encoding, collect


@pytest.fixture(scope="module", params=["vit", "cnn"])
def encoding(request):
    config = SMALL_VIT if request.param == "vit" else MODELS["efficientnet-lite0"].config
    host = randomise(build_host(config), seed=5).eval()
    with torch.inference_mode():
        _, insides = host(clips(config), inspect=True)
    return Encoding(None, *collect(host, insides, config.frames))


def test_the_point_that_most_is_read_through_is_followed(encoding):
    found, trace = walk(encoding), encoding.traces[0]
    inside = trace.weight * trace.in_bounds
    assert inside[found.group, found.point] == inside.max() and found.layer == trace.layer
    np.testing.assert_allclose(found.start, trace.located_reference[found.point], atol=1e-4)
    np.testing.assert_allclose(found.end, trace.located_position[found.group, found.point], atol=1e-4)
    moved = trace.located_position[found.group, found.point] - trace.located_reference[found.point]
    np.testing.assert_allclose(found.moved, moved, atol=1e-4)
    paid = trace.query_weight(*found.token)[found.group, found.point]
    assert found.attention == pytest.approx(float(paid)) and found.even == 1 / len(trace.reference)
    assert found.attention == pytest.approx(
        float(trace.attention[found.group, trace.class_queries :, found.point].max())
    )
    assert set(found.points) == set(found.changes) == {"spatial", "temporal"}
    change = encoding.contributions[trace.layer]["temporal"].mean()
    assert found.changes["temporal"] == pytest.approx(float(change))


def test_the_tokens_around_a_point_have_its_place_as_their_mean(encoding):
    for trace in encoding.traces:
        for group, point in ((0, 0), (1, 2)) if len(trace.reference) > 2 else ((0, 0),):
            shares = read_tokens(trace, group, point)
            assert sum(shares.values()) == pytest.approx(float(trace.in_bounds[group, point]), abs=1e-5)
            assert list(shares.values()) == sorted(shares.values(), reverse=True)
            if trace.in_bounds[group, point] == 1:
                index = (trace.position[group, point] + 1) / 2 * (np.asarray(trace.grid) - 1)
                mean = sum(share * np.asarray(token) for token, share in shares.items())
                np.testing.assert_allclose(mean, index, atol=1e-4)


def test_where_nothing_is_sampled_nothing_is_followed():
    assert walk(Encoding(None, [], {})) is None
