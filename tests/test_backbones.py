import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from small import SMALL_VIT, clips, randomise

from d2st import matching
from d2st.adapter import Ablation, Adapter
from d2st.backbones import build_host, config_from_json, config_to_json
from d2st.kinds import KINDS
from d2st.models.folding import folded
from d2st.models.official import import_official
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
        frames = imported_vit.normalise(tensors["query_uint8"]).unflatten(0, (-1, 8))
        _, insides = imported_vit(frames, inspect=True)
    hook.remove()
    patches, class_token, _ = outputs[0]
    tokens = torch.cat([class_token[:, :, None], patches.flatten(2, 3)], dim=2)  # [B, T, 1 + N, F]
    torch.testing.assert_close(tokens.flatten(0, 1).transpose(0, 1), tensors["last_adapter_out"], atol=1e-4, rtol=0)
    for block, inside in enumerate(insides):
        raw = tensors[f"offset_raw.{block}.{pathway}"].flatten(2).transpose(1, 2)  # [B·G, P, 3]
        sampling = inside.samplings[pathway]
        expected = raw.tanh() * (2 / torch.tensor(sampling.points)).clamp(max=1)
        offset = (sampling.position - sampling.reference).flatten(0, 1)
        torch.testing.assert_close(offset, expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS.values() if not kind.ablated])
def test_untrained_adapters_change_no_bit_of_the_frozen_backbone(architecture, kind):
    adapted, frozen = build_host(architecture, kind), build_host(architecture, None)
    frozen.fill(adapted.backbone.state_dict())
    frames = clips(architecture)
    assert torch.equal(features(adapted, frames), features(frozen, frames))
    assert not torch.equal(features(randomise(adapted), frames), features(frozen, frames))


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS.values() if not kind.ablated])
def test_with_its_adapters_left_out_a_trained_host_is_the_frozen_backbone(architecture, kind):
    adapted, frozen = build_host(architecture, kind), build_host(architecture, None)
    frozen.fill(adapted.backbone.state_dict())
    frames = clips(architecture)
    expected = features(frozen, frames)
    with torch.inference_mode():
        left_out, insides = randomise(adapted).eval()(frames, Ablation(adapters=True), inspect=True)
    assert torch.equal(left_out, expected) and not any(each.samplings or each.contributions for each in insides)


def test_threads_that_leave_out_different_things_do_not_meet(architecture):
    host = randomise(build_host(architecture), seed=3).eval()
    frames = clips(architecture)
    ablations = [Ablation(), *(Ablation(**{name: True}) for name in ("spatial", "temporal", "offsets", "adapters"))]

    def ask(ablation):
        with torch.inference_mode():
            return host(frames, ablation, inspect=True)[0]

    alone = [ask(ablation) for ablation in ablations]
    assert all(not torch.allclose(a, b, atol=1e-4) for i, a in enumerate(alone) for b in alone[:i])
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(ask, ablations * 2))
    for answer, expected in zip(together, alone * 2, strict=True):
        torch.testing.assert_close(answer, expected, atol=1e-5, rtol=1e-5)


def test_an_exception_inside_leaves_a_host_as_it_was(architecture, monkeypatch):
    host = randomise(build_host(architecture)).eval()
    frames = clips(architecture)
    expected = features(host, frames)
    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="on purpose"):
        patch.setattr(Adapter, "contribution", lambda *_: (_ for _ in ()).throw(RuntimeError("on purpose")))
        host(frames, Ablation(spatial=True), inspect=True)
    assert torch.equal(features(host, frames), expected)


def test_the_contributions_of_a_vit_are_those_to_its_class_token():
    host = randomise(build_host(SMALL_VIT)).eval()
    frames = clips(SMALL_VIT)
    with torch.inference_mode():
        whole, insides = host(frames, inspect=True)
        # In the last block a pathway reaches the feature by the class token alone.
        without, _ = host(frames, Ablation(spatial=True), inspect=True)
    assert not torch.allclose(whole, without)
    assert insides[-1].contributions["spatial"].shape == (1, 8) and insides[-1].contributions["spatial"].min() > 0


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
    if architecture is SMALL_VIT:
        assert tops == {"adapters", "temporal_embedding", "class_embedding", "norm"}
    else:
        assert tops == {"adapters"}
    assert not build_host(architecture, None).trainable_state()


def test_training_leaves_batch_statistics_alone():
    host = build_host(MODELS["efficientnet-lite0"].config)
    before = {name: t.clone() for name, t in host.backbone.state_dict().items()}
    host.train()
    host(clips(host.config))[0].sum().backward()
    assert all(torch.equal(t, before[name]) for name, t in host.backbone.state_dict().items())


@pytest.mark.parametrize("name", ["efficientnet-lite0", "resnet50"])
def test_folding_batch_norms_changes_nothing_but_the_time(name):
    host = build_host(MODELS[name].config)
    for norm in (m for m in host.backbone.modules() if isinstance(m, torch.nn.BatchNorm2d)):
        norm.running_mean.normal_(0, 0.1), norm.running_var.uniform_(0.5, 2), norm.weight.data.uniform_(0.5, 1.5)
    frames = clips(host.config)
    before = features(host, frames)
    other = folded(host)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in other.backbone.modules())
    torch.testing.assert_close(features(other, frames), before, atol=1e-4 * float(before.abs().max()), rtol=0)
    assert torch.equal(features(host, frames), before)  # the host itself stays as it was


def test_norms_that_do_not_follow_their_convolutions_are_left_alone():
    class Crossed(torch.nn.Module):
        """Its norm stands behind its convolution, and runs before it."""

        def __init__(self):
            super().__init__()
            self.conv, self.norm = torch.nn.Conv2d(16, 16, 3, padding=1), torch.nn.BatchNorm2d(16)

        def forward(self, x):
            return self.conv(self.norm(x))

    host = build_host(MODELS["efficientnet-lite0"].config, None)
    host.backbone.blocks[0].append(Crossed())
    host.backbone.blocks[0][-1].norm.running_mean.fill_(3)
    assert folded(host.eval()) is host


def test_adapters_have_the_papers_size():
    def count(config):
        return sum(p.numel() for p in build_host(config).adapters.parameters())

    assert count(MODELS["clip-vit-b16"].config) == 12 * 606_192
    assert count(MODELS["resnet50"].config) == pytest.approx(5.68e6, rel=1e-3)


def test_a_cnn_takes_any_number_of_frames_from_four():
    host = build_host(MODELS["efficientnet-lite0"].config)
    for frames in (4, 12):
        assert features(host, clips(host.config, frames=frames)).shape == (1, frames, 1280)


def test_configurations_survive_json(architecture):
    assert config_from_json(json.loads(json.dumps(config_to_json(architecture)))) == architecture
