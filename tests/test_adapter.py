from functools import partial

import pytest
import torch

from d2st.adapter import NOTHING, Ablation, DeformableAttention, Density, Depthwise, Place, cells
from d2st.kinds import KINDS, densities, points_along
from d2st.models.official import official_to_ours

SPATIAL, TEMPORAL = Density((4, 5, 5), (4, 3, 3)), Density((1, 7, 7), (1, 7, 7))
STAGES = {1: (32, 1, 56), 2: (64, 2, 28), 3: (128, 4, 14), 4: (256, 8, 7)}  # width, groups, side


def resnet_adapter(reference, stage):
    width, groups, side = STAGES[stage]
    adapter = KINDS["d2st"].build(Place((8, side, side), width, width // 4, groups, activate=False))
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
        sampling = adapter(x, inspect=True)[2].samplings[pathway]
    points = torch.tensor(sampling.points)
    offset = (sampling.position - sampling.reference)[0]  # [G, P, 3]
    expected = expected.flatten(2).transpose(1, 2).tanh() * (2 / points).clamp(max=1)
    torch.testing.assert_close(offset, expected, atol=1e-4, rtol=0)


def adapters(width=16, bottleneck=8, drop_path=0.0):
    place = Place((8, 14, 14), width, bottleneck, 2, activate=False, drop_path=drop_path)
    return {name: kind.build(place) for name, kind in KINDS.items()}


@pytest.mark.parametrize(
    "side, spatial, temporal",
    [  # of the paper's ViT and ResNet (section 4.1)
        (56, Density((4, 7, 7), (4, 7, 7)), Density((1, 14, 14), (1, 14, 14))),
        (28, Density((4, 7, 7), (4, 7, 7)), Density((1, 14, 14), (1, 14, 14))),
        (14, Density((4, 5, 5), (4, 3, 3)), Density((1, 7, 7), (1, 7, 7))),
        (7, Density((4, 4, 4), (4, 3, 3)), Density((1, 7, 7), (1, 7, 7))),
    ],
)
def test_the_rule_of_densities_gives_the_papers(side, spatial, temporal):
    points = points_along(side)
    assert Density.of((8, side, side), (2, points, points)) == spatial
    assert Density.of((8, side, side), (8, points // 2, points // 2)) == temporal
    assert densities((8, side, side)) == {"spatial": spatial, "temporal": temporal}


@pytest.mark.parametrize("side", range(7, 38))
def test_any_grid_is_sampled_and_its_points_cover_it(side):
    adapter = KINDS["d2st"].build(Place((8, side, side), 8, 8, 2, activate=False))
    with torch.no_grad():
        samplings = adapter(torch.randn(1, 8, side, side, 8), inspect=True)[2].samplings
    n = points_along(side)
    assert samplings["spatial"].points == (2, n, n) and samplings["temporal"].points == (8, n // 2, n // 2)
    for pathway, points in (("spatial", n), ("temporal", n // 2)):
        conv = getattr(adapter, pathway).offset_conv
        assert conv.stride[1] * (points - 1) + conv.kernel_size[1] == side  # every token has its say


def test_a_grid_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="6 tokens"):
        points_along(6)


def awake(kind, **options):
    """An adapter that changes something, the same each time."""
    torch.manual_seed(0)
    adapter = adapters(**options)[kind]
    torch.nn.init.normal_(adapter.up.weight, std=0.1)
    torch.nn.init.normal_(adapter.up.bias, std=0.1)
    return adapter, torch.randn(2, 8, 14, 14, 16), torch.randn(2, 8, 16)


def without(adapter, pathway):
    """The same adapter with a pathway whose last weights are zero, so that it adds nothing."""
    last = getattr(adapter, pathway)
    for part in [last.out] if hasattr(last, "out") else [last]:
        torch.nn.init.zeros_(part.weight)
        torch.nn.init.zeros_(part.bias)
    return adapter


@pytest.mark.parametrize("kind", ["d2st", "dst"])
@pytest.mark.parametrize("pathway", ["spatial", "temporal"])
def test_a_pathway_that_is_left_out_adds_nothing(kind, pathway):
    adapter, x, token = awake(kind)
    whole = adapter(x, token)
    left_out = adapter(x, token, Ablation(**{pathway: True}), inspect=True)
    assert not torch.allclose(whole[0], left_out[0]) and torch.equal(adapter(x, token)[0], whole[0])
    assert not left_out[2].contributions[pathway].any()
    zeroed = without(adapter, pathway)(x, token)
    torch.testing.assert_close(left_out[:2], zeroed[:2])


def test_adapters_that_are_left_out_hand_on_what_they_get():
    adapter, x, token = awake("d2st")
    y, y_token, inside = adapter(x, token, Ablation(adapters=True), inspect=True)
    assert y is x and y_token is token and not inside.samplings and not inside.contributions


def test_offsets_that_are_left_out_leave_the_points_at_their_references():
    adapter, x, _ = awake("d2st")
    for sampling in adapter(x, None, Ablation(offsets=True), inspect=True)[2].samplings.values():
        assert torch.equal(sampling.position, sampling.reference.expand_as(sampling.position))


@pytest.mark.parametrize("kind", ["d2st", "dst", "st"])
@pytest.mark.parametrize("class_token", [False, True])
def test_a_contribution_is_the_share_of_the_output_that_a_pathway_makes(kind, class_token):
    adapter, x, token = awake(kind)
    token = token if class_token else None
    y, y_token, inside = adapter(x, token, inspect=True)
    assert set(inside.contributions) == set(KINDS[kind].pathways)
    for pathway, found in inside.contributions.items():
        y_without, token_without, _ = adapter(x, token, Ablation(**{pathway: True}))
        whole, bare = (y_token, token_without) if class_token else (y.flatten(2), y_without.flatten(2))
        torch.testing.assert_close(found, (whole - bare).norm(dim=-1) / whole.norm(dim=-1))
        assert found.shape == (2, 8) and (found.any() or (class_token and kind != "d2st"))


def test_what_is_not_inspected_is_not_handed_out():
    adapter, x, token = awake("d2st")
    assert adapter(x, token)[2] == ({}, {}, None)


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize(
    "kernel, stride, padding",
    [((3, 3, 3), 1, 1), ((3, 1, 1), 1, (1, 0, 0)), ((4, 5, 5), (4, 3, 3), 0), ((1, 7, 7), (1, 7, 7), 0)],
)
def test_a_depthwise_convolution_and_its_gradients_are_torchs(kernel, stride, padding, groups):
    torch.manual_seed(0)
    conv = Depthwise(6, 6, kernel, stride, padding, groups=6).double()
    x = torch.randn(2, 8, 14, 14, 6 * groups, dtype=torch.float64, requires_grad=True)
    parts = x.movedim(-1, 1).split(6, dim=1)  # the groups share their kernels
    expected = torch.cat([torch.nn.Conv3d.forward(conv, part) for part in parts], dim=1).movedim(1, -1)
    found = conv(x, groups)
    weights = torch.randn_like(found)
    close = partial(torch.testing.assert_close, atol=1e-9, rtol=1e-9)
    close(found, expected)
    gradients = [torch.autograd.grad(each, (x, *conv.parameters()), weights) for each in (found, expected)]
    close(*gradients)
    with torch.no_grad():  # another way, where no gradient is wanted
        close(conv(x, groups), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_wanting_a_gradient_changes_nothing(kind):
    adapter, x, token = awake(kind)
    with torch.no_grad():
        quick = adapter(x, token)[:2]
    torch.testing.assert_close(adapter(x, token)[:2], quick, atol=1e-5, rtol=0)


@pytest.mark.parametrize("class_token", [False, True])
def test_looking_inside_changes_nothing(class_token):
    adapter, x, token = awake("d2st")
    token = token if class_token else None
    quick, looked_into = adapter(x, token)[:2], adapter(x, token, inspect=True)[:2]
    torch.testing.assert_close(quick, looked_into, atol=1e-5, rtol=0)


def test_dropped_paths_leave_out_attention_clip_by_clip_and_only_while_training():
    adapter, _, _ = awake("d2st", drop_path=0.5)
    x, token = torch.randn(40, 8, 14, 14, 8), torch.randn(40, 8, 8)
    with torch.no_grad():
        whole = adapter.eval().attend("spatial", x, token, NOTHING, inspect=False)
        dropped = adapter.train().attend("spatial", x, token, NOTHING, inspect=False)
    kept = dropped.map.flatten(1).any(1)
    assert 5 < kept.sum() < 35
    scale = 2.0 * kept  # what is kept stands for what is not
    torch.testing.assert_close(dropped.map, whole.map * scale.view(-1, 1, 1, 1, 1))
    torch.testing.assert_close(dropped.class_token, whole.class_token * scale.view(-1, 1, 1))


def test_with_all_paths_dropped_it_trains_as_without_attention():
    adapter, x, token = awake("d2st", drop_path=1.0)
    bare = adapter.eval()(x, token, Ablation(spatial=True, temporal=True))
    torch.testing.assert_close(adapter.train()(x, token)[:2], bare[:2])


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_adapter_is_the_identity_and_a_changed_one_is_not(kind):
    adapter, x, token = adapters()[kind], torch.randn(2, 8, 14, 14, 16), torch.randn(2, 8, 16)
    y, y_token, _ = adapter(x, token)
    assert torch.equal(y, x) and torch.equal(y_token, token)
    torch.nn.init.normal_(adapter.up.weight)
    y, y_token, _ = adapter(x, token)
    assert not torch.equal(y, x) and not torch.equal(y_token, token)


@pytest.mark.parametrize("kind", KINDS)
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
    torch.testing.assert_close(keys[0, 0, 1:], attention.key.bias.expand(2, -1))
    assert not torch.allclose(keys[0, 0, 0], attention.key.bias)


def test_reversing_a_clip_reverses_a_mirrored_st_adapters_output():
    adapter = adapters()["st"]
    torch.nn.init.normal_(adapter.up.weight)
    x = torch.randn(1, 8, 7, 7, 16)
    forwards = adapter(x)[0]
    assert not torch.allclose(adapter(x.flip(1))[0], forwards.flip(1))
    kernel = adapter.temporal.weight.data
    kernel[:, :, 0] = kernel[:, :, 2]  # now it is the same read from either end
    torch.testing.assert_close(adapter(x.flip(1))[0], adapter(x)[0].flip(1))


def test_the_centres_of_cells():
    assert cells((1, 2, 4), torch.device("cpu")).centres[:, 1:].tolist() == [
        [y, x] for y in (-0.5, 0.5) for x in (-0.75, -0.25, 0.25, 0.75)
    ]


def test_a_grid_that_was_made_where_nothing_learns_serves_learning():
    attention, x = DeformableAttention(8, 2, SPATIAL), torch.randn(1, 8, 14, 14, 8)
    cells.cache_clear()
    with torch.inference_mode():
        attention(x)
    attention(x)[0].sum().backward()
    assert attention.offset_head.weight.grad.abs().max() > 0


def test_a_width_that_groups_do_not_divide_is_refused():
    with pytest.raises(ValueError, match="10 cannot be split into 4"):
        DeformableAttention(10, 4, Density((4, 4, 4), (4, 3, 3)))
