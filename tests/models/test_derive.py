"""Hosts on any network of timm's: what is derived computes what the network does."""

from dataclasses import replace

import numpy as np
import pytest
import timm
import torch
from small import clips, randomise
from torch.nn import functional as F

from d2st.adapter import Ablation
from d2st.backbones import CNNConfig, build_host
from d2st.errors import D2STError
from d2st.models.checkpoint import read_checkpoint, save_checkpoint
from d2st.models.derive import timm_config
from d2st.models.zoo import TIMM, load_model, new_host
from d2st.trace import collect
from d2st.training.recipes import load_recipe, recipe_names


def shallow(name: str) -> str:
    """A ViT of timm's with two blocks, under a name of its own."""

    def make(pretrained=False, **options):
        return timm.create_model(name, depth=2, **options)

    make.__name__ = f"shallow_{name}"
    return timm.models.register_model(make).__name__


# Architecture, sides of its token grids, and whether it has class tokens.
NETWORKS = {
    "resnet18": ([56, 28, 14, 7], False),
    "convnext_atto": ([56, 28, 14, 7], False),
    "mobilenetv4_conv_small": ([56, 28, 14, 7], False),
    shallow("vit_small_patch16_224"): ([14] * 2, True),
    shallow("vit_small_patch14_dinov2"): ([37] * 2, True),
    shallow("vit_small_patch16_dinov3"): ([16] * 2, True),
    shallow("vit_base_patch16_siglip_224"): ([14] * 2, False),
}


@pytest.fixture(scope="module", params=NETWORKS)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def config(name):
    return replace(timm_config(name), frames=2)


@pytest.fixture(scope="module")
def host(config):
    torch.manual_seed(0)
    return build_host(config).eval()


def test_grids_are_the_networks_own(name, host):
    sides, has_class_token = NETWORKS[name]
    assert list(host.sides) == sides and getattr(host, "has_class_token", False) == has_class_token


@pytest.mark.parametrize("name", [each for each in recipe_names() if load_recipe(each).model.startswith(TIMM)])
def test_recipes_for_such_networks_cut_pictures_as_they_take_them(name):
    recipe = load_recipe(name)
    assert recipe.crop == timm_config(recipe.model.removeprefix(TIMM)).image


def test_untrained_it_is_the_frozen_network_to_the_bit(config, host):
    frozen = build_host(config, None).eval()
    frozen.fill(host.backbone.state_dict())
    frames = clips(config)
    with torch.inference_mode():
        features = host(frames)[0]
        assert torch.equal(features, frozen(frames)[0])
        network = host.backbone.forward_features(frames[0])
        if isinstance(config, CNNConfig):
            network = network.mean((2, 3))
        else:
            network = network[:, 0] if host.has_class_token else network[:, host.prefix :].mean(1)
    torch.testing.assert_close(features[0], network, atol=1e-4 * float(network.abs().max()), rtol=0)


def test_a_step_of_training_changes_what_is_trained_and_nothing_else(config):
    host = randomise(build_host(config))
    before = {key: tensor.clone() for key, tensor in host.state_dict().items()}
    trained = [p for p in host.parameters() if p.requires_grad]
    optimiser = torch.optim.SGD(trained, lr=0.1)
    host.train()(clips(config))[0].square().mean().backward()
    optimiser.step()
    changed = {key for key, tensor in host.state_dict().items() if not torch.equal(tensor, before[key])}
    assert changed and changed <= set(host.trainable_state())
    assert not any(key.startswith("backbone.") for key in changed)
    assert (
        any(key.startswith("adapters.0.") for key in changed)
        and any(key.startswith("adapters.3.") for key in changed)
        or len(host.adapters) < 4
    )


def test_points_are_drawn_where_they_read(config, host):
    with torch.inference_mode():
        _, insides = host(clips(config), inspect=True)
    traces, contributions, by_layer = collect(host, insides, config.frames)
    assert len(traces) == 2 * len(host.layers) and len(contributions) == len(by_layer) == len(host.layers)
    for trace in traces[:2] + traces[-2:]:
        t, y, x = torch.meshgrid(*(torch.arange(n).float() for n in trace.grid), indexing="ij")
        tokens = torch.stack([t, (y + 0.5) * trace.token_pixels, (x + 0.5) * trace.token_pixels])
        grid = torch.tensor(trace.position[0]).flip(-1)[None, :, None, None]
        read = F.grid_sample(tokens[None], grid, align_corners=True)[0, :, :, 0, 0].T
        inside = trace.in_bounds[0] == 1
        np.testing.assert_allclose(read[inside], trace.located_position[0][inside], atol=2e-2)
        located = trace.located_reference
        assert (located[:, 1:] > 0).all() and (located[:, 1:] < config.image).all()
        assert trace.class_queries == (config.frames if getattr(host, "has_class_token", False) else 0)


def test_a_checkpoint_brings_it_back(name, tmp_path):
    network = timm.create_model(name, num_classes=0)
    torch.save(network.state_dict(), tmp_path / "weights.pth")
    host = randomise(new_host(f"timm/{name}", "d2st", 3, 0, tmp_path / "weights.pth")).eval()
    save_checkpoint(tmp_path / "mine.safetensors", host, "made for a test")
    assert read_checkpoint(tmp_path / "mine.safetensors").config == host.config
    model = load_model(
        adapter=str(tmp_path / "mine.safetensors"), backbone_weights=tmp_path / "weights.pth", device="cpu"
    )
    assert model.name == f"timm/{name}" and model.trained and model.knows_frozen
    assert model.host.trainable_state().keys() == host.trainable_state().keys()
    assert all(torch.equal(t, host.trainable_state()[key]) for key, t in model.host.trainable_state().items())
    if host.config.image <= 224:
        frames = clips(host.config)
        with torch.inference_mode():
            expected, frozen = host(frames)[0], host(frames, Ablation(adapters=True))[0]
            ours = model.host(frames)[0]
        torch.testing.assert_close(ours, expected, atol=1e-4 * float(expected.abs().max()), rtol=0)
        assert not torch.allclose(expected, frozen)


@pytest.mark.parametrize(
    "name, missing",
    [
        ("vit_of_nobody", "timm cannot make"),
        ("swin_tiny_patch4_window7_224", "no square maps of channels"),
        ("mixer_s16_224", "no square maps of channels"),
        ("beit_base_patch16_224", "no '_pos_embed'"),
    ],
)
def test_a_network_that_carries_no_adapters_says_what_is_missing(name, missing):
    with pytest.raises(D2STError, match=f"{name}.*{missing}|{missing}.*{name}"):
        load_model(f"timm/{name}", adapter=None)
