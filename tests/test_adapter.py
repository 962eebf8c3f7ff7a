import pytest
import torch

from d2st.adapter import D2STAdapter, DeformableAttention, Density, DSTAdapter, STAdapter, cell_centres
from d2st.backbones import DENSITIES
from d2st.models.checkpoint import official_to_ours

SPATIAL, TEMPORAL = DENSITIES[14]
STAGES = {1: (32, 1, 56), 2: (64, 2, 28), 3: (128, 4, 14), 4: (256, 8, 7)}  # width, groups, side


def resnet_adapter(reference, stage):
    width, groups, side = STAGES[stage]
    adapter = D2STAdapter(width, width // 4, False, groups, *DENSITIES[side])
    prefix = f"weights.Adapter_{stage}."
    official = {name.removeprefix("weights."): t for name, t in reference.items() if name.startswith(prefix)}
    ours = official_to_ours(official, "reference")
    adapter.load_state_dict({name.removeprefix(f"adapters.{stage - 1}."): t for name, t in ours.items()})
    return adapter, reference[f"input.{stage}"].float().permute(0, 2, 3, 1)[None]  # [1, T, H, W, C]


@pytest.mark.parametrize("stage", STAGES)
def test_resnet_adapter_computes_what_the_papers_does(resnet_reference, stage):
    adapter, x = resnet_adapter(resnet_reference, stage)
    with torch.no_grad():
        output = adapter(x)[0][0].permute(0, 3, 1, 2)
    expected = resnet_reference[f"output.{stage}"]
    torch.testing.assert_close(output[: len(expected)], expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("pathway", ["spatial", "temporal"])
def test_resnet_offsets_are_the_papers(resnet_reference, stage, pathway):
    adapter, x = resnet_adapter(resnet_reference, stage)
    expected = resnet_reference[f"offset_raw.{stage}.{pathway}"]  # [G, 3, n_t, n_y, n_x]
    with torch.no_grad():
        sampling = adapter(x)[2][pathway]
    points = torch.tensor(sampling.points)
    offset = (sampling.position - sampling.reference)[0]  # [G, P, 3]
    expected = expected.flatten(2).transpose(1, 2).tanh() * (2 / points).clamp(max=1)
    torch.testing.assert_close(offset, expected, atol=1e-4, rtol=0)


def adapters(width=16, bottleneck=8):
    return {
        "d2st": D2STAdapter(width, bottleneck, False, 2, SPATIAL, TEMPORAL),
        "dst": DSTAdapter(width, bottleneck, False),
        "st": STAdapter(width, bottleneck, False),
    }


@pytest.mark.parametrize("kind", ["d2st", "dst", "st"])
def test_a_new_adapter_is_the_identity_and_a_changed_one_is_not(kind):
    adapter, x, token = adapters()[kind], torch.randn(2, 8, 14, 14, 16), torch.randn(2, 8, 16)
    y, y_token, _ = adapter(x, token)
    assert torch.equal(y, x) and torch.equal(y_token, token)
    torch.nn.init.normal_(adapter.up.weight)
    y, y_token, _ = adapter(x, token)
    assert not torch.equal(y, x) and not torch.equal(y_token, token)


@pytest.mark.parametrize("kind", ["d2st", "dst", "st"])
def test_every_weight_of_an_adapter_learns(kind):
    adapter = adapters()[kind]
    torch.nn.init.normal_(adapter.up.weight)
    adapter(torch.randn(1, 8, 14, 14, 16))[0].square().sum().backward()
    # The keys' bias shifts all scores of a query alike, which the softmax takes out again.
    still = {n for n, p in adapter.named_parameters() if not p.grad.abs().max() > 1e-6 and not n.endswith("key.bias")}
    assert not still


def test_without_offsets_the_points_are_the_centres_of_a_regular_grid():
    attention = DeformableAttention(8, 2, SPATIAL)
    torch.nn.init.zeros_(attention.offset_head.weight)
    _, _, sampling = attention(torch.randn(1, 8, 14, 14, 8))
    assert sampling.points == (2, 4, 4)
    assert torch.equal(sampling.position[0, 0], sampling.reference)
    assert sampling.reference[0].tolist() == [-0.5, -0.75, -0.75] and sampling.reference[-1].tolist() == [
        0.5,
        0.75,
        0.75,
    ]


def test_offsets_reach_one_cell_and_no_further():
    attention = DeformableAttention(8, 2, TEMPORAL)
    attention.offset_head.weight.data.fill_(1e6)
    _, _, sampling = attention(torch.randn(1, 8, 14, 14, 8))
    offset = (sampling.position - sampling.reference).abs()
    assert offset.amax((0, 1, 2)).tolist() == pytest.approx([2 / 8, 1, 1])


def test_attention_is_a_distribution_over_points_shared_by_all_queries():
    attention = DeformableAttention(8, 2, SPATIAL)
    _, _, sampling = attention(torch.randn(3, 8, 14, 14, 8), torch.randn(3, 8, 8))
    assert sampling.position.shape == (3, 2, 32, 3)
    assert sampling.attention.shape == (3, 2, 8 + 8 * 14 * 14, 32)
    torch.testing.assert_close(sampling.attention.sum(-1), torch.ones(3, 2, 8 + 8 * 14 * 14))


def test_class_tokens_ask_but_are_never_read():
    attention = DeformableAttention(8, 2, SPATIAL)
    x, token = torch.randn(1, 8, 14, 14, 8), torch.randn(1, 8, 8)
    patches, asked, _ = attention(x, token)
    patches_again, asked_again, _ = attention(x, token + 1)
    torch.testing.assert_close(patches, patches_again)
    assert not torch.allclose(asked, asked_again)


def test_clips_of_a_batch_do_not_meet():
    adapter, x = adapters()["d2st"], torch.randn(3, 8, 14, 14, 16)
    torch.nn.init.normal_(adapter.up.weight)
    torch.testing.assert_close(adapter(x)[0][1], adapter(x[1:2])[0][0])


def test_points_outside_the_clip_read_zeros():
    attention = DeformableAttention(4, 1, SPATIAL)
    x = torch.ones(1, 8, 14, 14, 4)
    position = torch.tensor([[[[0.0, 0.0, 0.0], [0.0, 0.0, 1.5], [-1.5, 0.0, 0.0]]]])
    keys, _ = attention.read(x, position)
    torch.testing.assert_close(keys[0, 1:], attention.key.bias.expand(2, -1))
    assert not torch.allclose(keys[0, 0], attention.key.bias)


def test_reversing_a_clip_reverses_a_mirrored_st_adapters_output():
    adapter = adapters()["st"]
    torch.nn.init.normal_(adapter.up.weight)
    x = torch.randn(1, 8, 7, 7, 16)
    forwards = adapter(x)[0]
    assert not torch.allclose(adapter(x.flip(1))[0], forwards.flip(1))
    kernel = adapter.temporal.weight.data
    kernel[:, :, 0] = kernel[:, :, 2]  # now it is the same read from either end
    torch.testing.assert_close(adapter(x.flip(1))[0], adapter(x)[0].flip(1))


def test_cell_centres():
    assert cell_centres((1, 2, 4), torch.zeros(1))[:, 1:].tolist() == [
        [y, x] for y in (-0.5, 0.5) for x in (-0.75, -0.25, 0.25, 0.75)
    ]


def test_a_width_that_groups_do_not_divide_is_refused():
    with pytest.raises(ValueError, match="10 cannot be split into 4"):
        DeformableAttention(10, 4, Density((4, 4, 4), (4, 3, 3)))
