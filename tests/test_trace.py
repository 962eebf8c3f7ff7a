import json

import numpy as np
import pytest
import torch
from small import SMALL_VIT, clips, randomise
from torch.nn import functional as F

from d2st.backbones import build_host
from d2st.kinds import KINDS
from d2st.models.zoo import MODELS
from d2st.trace import SamplingTrace, collect


def traces_of(config, batch=2):
    host = randomise(build_host(config)).eval()
    with torch.inference_mode():
        _, insides = host(clips(config, batch), inspect=True)
    return host, insides, [collect(host, insides, config.frames, clip)[0] for clip in range(batch)]


@pytest.mark.parametrize("config", [SMALL_VIT, MODELS["efficientnet-lite0"].config, MODELS["resnet50"].config])
def test_a_position_is_drawn_where_grid_sample_reads(config):
    """Sampling tokens that hold their own (frame, y pixel, x pixel) gives what `locate` says."""
    _, samplings, traces = traces_of(config, batch=1)
    for trace in traces[0]:
        time, height, width = trace.grid
        t, y, x = torch.meshgrid(*(torch.arange(n).float() for n in trace.grid), indexing="ij")
        tokens = torch.stack([t, (y + 0.5) * trace.token_pixels, (x + 0.5) * trace.token_pixels])
        for g in range(trace.groups):
            grid = torch.tensor(trace.position[g]).flip(-1)[None, :, None, None]
            read = F.grid_sample(tokens[None], grid, align_corners=True)[0, :, :, 0, 0].T
            ones = F.grid_sample(torch.ones(1, 1, *trace.grid), grid, align_corners=True)[0, 0, :, 0, 0]
            np.testing.assert_allclose(trace.in_bounds[g], ones, atol=1e-4)  # what of a reading is no zero
            inside = trace.in_bounds[g] == 1
            assert inside.any()
            np.testing.assert_allclose(read[inside], trace.located_position[g][inside], atol=1e-3)
        assert height * trace.token_pixels == config.image == width * trace.token_pixels and time == 8


def test_the_corners_are_the_centres_of_the_first_and_last_token():
    trace = SamplingTrace(
        "block 1", "spatial", (8, 14, 14), 16, (1, 1, 1), 0, np.zeros((1, 3)), np.zeros((1, 1, 3)), np.ones((1, 1, 1))
    )
    assert trace.locate([[-1, -1, -1], [0, 0, 0], [1, 1, 1]]).tolist() == [[0, 8, 8], [3.5, 112, 112], [7, 216, 216]]


@pytest.mark.parametrize("config", [SMALL_VIT, MODELS["efficientnet-lite0"].config])
def test_every_adapter_and_pathway_is_traced_for_every_clip(config):
    host, samplings, traces = traces_of(config)
    assert len(traces) == 2
    for clip, clip_traces in enumerate(traces):
        assert [(t.layer, t.pathway) for t in clip_traces] == [
            (layer, p) for layer in host.layers for p in KINDS["d2st"].pathways
        ]
        for index, trace in enumerate(clip_traces):
            sampling = samplings[index // 2].samplings[trace.pathway]
            np.testing.assert_array_equal(trace.position, sampling.position[clip].numpy())
            np.testing.assert_allclose(trace.weight.sum(-1), 1, atol=1e-4)
            assert trace.class_queries == (8 if config is SMALL_VIT else 0)
            _, height, width = trace.grid
            token = trace.query_weight(3, 1, 2)
            np.testing.assert_array_equal(token, trace.attention[:, trace.class_queries + (3 * height + 1) * width + 2])
            assert trace.attention.shape[1] == trace.class_queries + 8 * height * width


def test_the_two_pathways_sample_as_the_paper_says():
    _, _, traces = traces_of(MODELS["efficientnet-lite0"].config, batch=1)
    points = {(t.layer, t.pathway): t.points for t in traces[0]}
    assert points["stage 1", "spatial"] == (2, 4, 4) and points["stage 1", "temporal"] == (8, 2, 2)
    assert all(n_t == (2 if pathway == "spatial" else 8) for (_, pathway), (n_t, _, _) in points.items())


def test_a_trace_as_json_holds_what_is_drawn():
    trace = traces_of(SMALL_VIT, batch=1)[2][0][1]
    data = json.loads(json.dumps(trace.to_json()))
    assert data["layer"] == "block 1" and data["pathway"] == "temporal" and len(data["groups"]) == 4
    group = data["groups"][2]
    np.testing.assert_allclose(np.array(data["reference"]) + group["offset"], group["position"], atol=2e-4)
    np.testing.assert_allclose(group["frame_y_x"], trace.located_position[2], atol=0.01)
    assert group["in_bounds"] == pytest.approx(trace.in_bounds[2], abs=1e-4)


def point_at(position, grid=(8, 14, 14)):
    """A trace of one point, which has all the attention."""
    position = np.asarray(position, float).reshape(1, 1, 3)
    return SamplingTrace("block 1", "spatial", grid, 16, (1, 1, 1), 0, position[0], position, np.ones((1, 4, 1)))


@pytest.mark.parametrize(
    "position, share",
    [
        ([0, 0, 0], 1),
        ([1, -1, 1], 1),  # the centres of the outermost tokens
        ([0, 1 + 2 / 13 / 4, 0], 0.75),  # a quarter of a token outside
        ([0, 1 + 2 / 13 / 2, -1 - 2 / 13 / 2], 0.25),
        ([1 + 2 / 7 / 2, 0, 0], 0.5),
        ([0, 0, 1 + 2 / 13], 0),  # one token outside there is nothing left
        ([-3, 0, 0], 0),
    ],
)
def test_the_share_in_bounds_shrinks_to_nothing_over_one_token(position, share):
    trace = point_at(position)
    assert trace.in_bounds.tolist() == [[pytest.approx(share, abs=1e-6)]]
    assert trace.outside == pytest.approx(1 - share)


def test_attention_over_time_counts_what_lies_inside_the_clip():
    half = point_at([0, 0, 0]).over_time  # between frames 3 and 4
    assert half.tolist() == pytest.approx([0, 0, 0, 0.5, 0.5, 0, 0, 0])
    assert not point_at([0, 1.5, 0]).over_time.any() and not point_at([-1.5, 0, 0]).over_time.any()
    assert point_at([-1, 1 + 2 / 13 / 4, 0]).over_time.tolist() == pytest.approx([0.75] + [0] * 7)
    assert point_at([1 + 2 / 7 / 4, 0, 0]).over_time.sum() == pytest.approx(0.75)


def test_reach_is_in_pixels_over_the_picture_and_in_frames_through_time():
    moved = np.array([2 * 2 / 7, 2 * 3 / 13, -2 * 4 / 13])  # 2 frames on, 3 tokens down, 4 to the left
    still = SamplingTrace(
        "block 1", "spatial", (8, 14, 14), 16, (2, 1, 1), 0, np.zeros((2, 3)), np.array([[moved, 0 * moved]]),
        np.full((1, 4, 2), 0.5),
    )  # fmt: skip
    assert still.reach == pytest.approx((5 * 16 / 2, 2 / 2))  # the mean of this point and one that stays
