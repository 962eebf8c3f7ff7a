import json

import pytest
import torch
from small import SMALL_VIT, clips, randomise

from d2st import matching
from d2st.backbones import ADAPTERS, build_host, config_from_json, config_to_json
from d2st.models.checkpoint import import_official
from d2st.models.zoo import MODELS


def features(host, frames):
    with torch.inference_mode():
        return host.eval()(frames)[0]


@pytest.fixture(scope="module")
def imported_vit(vit_reference, tmp_path_factory):
    tensors, metadata = vit_reference
    folder = tmp_path_factory.mktemp("vit")
    state = {f"model.{k.removeprefix('weights.')}": t for k, t in tensors.items() if k.startswith("weights.")}
    torch.save({"model_state": state}, folder / "in.pyth")
    checkpoint = import_official(folder / "in.pyth", folder / "out.safetensors", heads=metadata["heads"])
    host = build_host(checkpoint.config)
    checkpoint.load_into(host, "reference")
    return host


def of_reference(host, tensors, which):
    frames = host.normalise(tensors[f"{which}_uint8"]).unflatten(0, (-1, 8))
    return features(host, frames)


def test_vit_host_computes_what_the_papers_does(imported_vit, vit_reference):
    tensors, _ = vit_reference
    for which in ("query", "support"):
        ours = of_reference(imported_vit, tensors, which).flatten(0, 1)
        torch.testing.assert_close(ours, tensors[f"{which}_features"], atol=1e-4, rtol=0)


def test_vit_logits_are_the_papers(imported_vit, vit_reference):
    tensors, _ = vit_reference
    query, support = (of_reference(imported_vit, tensors, which) for which in ("query", "support"))
    labels = tensors["support_labels"]
    support_by_class = torch.stack([support[labels == label] for label in labels.unique()])  # [C, K, T, F]
    logits = matching.scores(support_by_class, query, "bi-mhm", centred=False)
    torch.testing.assert_close(logits, tensors["logits"], atol=1e-4, rtol=0)
    classes = imported_vit.base_class_logits(torch.cat([support, query])).detach()
    torch.testing.assert_close(classes, tensors["class_logits"], atol=1e-4, rtol=0)


@pytest.mark.parametrize("pathway", ["spatial", "temporal"])
def test_vit_adapters_compute_what_the_papers_do(imported_vit, vit_reference, pathway):
    tensors, _ = vit_reference
    outputs = []
    hook = imported_vit.adapters[-1].register_forward_hook(lambda _, __, output: outputs.append(output))
    with torch.no_grad():
        _, samplings = imported_vit(imported_vit.normalise(tensors["query_uint8"]).unflatten(0, (-1, 8)))
    hook.remove()
    patches, class_token, _ = outputs[0]
    tokens = torch.cat([class_token[:, :, None], patches.flatten(2, 3)], dim=2)  # [B, T, 1 + N, F]
    torch.testing.assert_close(tokens.flatten(0, 1).transpose(0, 1), tensors["last_adapter_out"], atol=1e-4, rtol=0)
    for block, sampled in enumerate(samplings):
        raw = tensors[f"offset_raw.{block}.{pathway}"].flatten(2).transpose(1, 2)  # [B·G, P, 3]
        sampling = sampled[pathway]
        expected = raw.tanh() * (2 / torch.tensor(sampling.points)).clamp(max=1)
        offset = (sampling.position - sampling.reference).flatten(0, 1)
        torch.testing.assert_close(offset, expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_untrained_adapters_change_no_bit_of_the_frozen_backbone(architecture, adapter):
    adapted, frozen = build_host(architecture, adapter), build_host(architecture, None)
    frozen.backbone.load_state_dict(adapted.backbone.state_dict())
    frames = clips(architecture)
    assert torch.equal(features(adapted, frames), features(frozen, frames))
    assert not torch.equal(features(randomise(adapted), frames), features(frozen, frames))


def test_a_frozen_backbone_reverses_with_the_clip_and_an_adapted_one_does_not(architecture):
    frames = clips(architecture)
    frozen = build_host(architecture, None)
    torch.testing.assert_close(features(frozen, frames.flip(1)), features(frozen, frames).flip(1))
    adapted = randomise(build_host(architecture))
    forwards = features(adapted, frames)
    assert (features(adapted, frames.flip(1)).flip(1) - forwards).abs().max() > 1e-3


def test_only_what_the_paper_trains_is_trainable(architecture):
    host = build_host(architecture)
    tops = {name.split(".")[0] for name in host.trainable_state()}
    inside = {name for name in host.trainable_state() if name.startswith("backbone.")}
    if architecture is SMALL_VIT:
        assert tops == {"adapters", "temporal_embedding", "backbone"}
        assert inside == {"backbone.class_embedding", "backbone.ln_post.weight", "backbone.ln_post.bias"}
    else:
        assert tops == {"adapters"}
    assert not build_host(architecture, None).trainable_state()


def test_training_leaves_batch_statistics_alone():
    host = build_host(MODELS["efficientnet-lite0"])
    before = {name: t.clone() for name, t in host.backbone.state_dict().items()}
    host.train()
    host(clips(host.config))[0].sum().backward()
    assert all(torch.equal(t, before[name]) for name, t in host.backbone.state_dict().items())


@pytest.mark.parametrize("name", ["efficientnet-lite0", "resnet50"])
def test_folding_batch_norms_changes_nothing_but_the_time(name):
    host = build_host(MODELS[name])
    for norm in (m for m in host.backbone.modules() if isinstance(m, torch.nn.BatchNorm2d)):
        norm.running_mean.normal_(0, 0.1), norm.running_var.uniform_(0.5, 2), norm.weight.data.uniform_(0.5, 1.5)
    frames = clips(host.config)
    before = features(host, frames)
    host.fold_batch_norms()
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in host.backbone.modules())
    torch.testing.assert_close(features(host, frames), before, atol=1e-4 * float(before.abs().max()), rtol=0)


def test_adapters_have_the_papers_size():
    def count(config):
        return sum(p.numel() for p in build_host(config).adapters.parameters())

    assert count(MODELS["clip-vit-b16"]) == 12 * 606_192
    assert count(MODELS["resnet50"]) == pytest.approx(5.68e6, rel=1e-3)


def test_a_cnn_takes_any_number_of_frames_from_four():
    host = build_host(MODELS["efficientnet-lite0"])
    for frames in (4, 12):
        assert features(host, clips(host.config, frames=frames)).shape == (1, frames, 1280)


def test_configurations_survive_json(architecture):
    assert config_from_json(json.loads(json.dumps(config_to_json(architecture)))) == architecture
