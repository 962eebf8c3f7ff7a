import copy

import numpy as np
import pytest
import skimage
import timm
import torch
from safetensors.torch import save_file
from small import SMALL_VIT, clips

from d2st.adapter import Ablation
from d2st.backbones import build_host
from d2st.errors import D2STError
from d2st.models import zoo
from d2st.models.model import fingerprint, frozen_fingerprint
from d2st.models.official import import_official
from d2st.models.weights import backbone_state, efficientnet_lite0_weights, read_weights
from d2st.models.zoo import MODELS, load_model, pick_device
from d2st.networks import image_network
from d2st.video import read_clip


@pytest.mark.parametrize(
    "picture, classes",
    [
        ("coffee", {967}),  # espresso
        ("chelsea", {281, 282, 285}),  # tabby, tiger cat, Egyptian cat
        ("stereo_motorcycle", {665, 670}),  # moped, scooter
    ],
)
def test_the_default_backbone_knows_its_objects(picture, classes):
    classifier = timm.create_model("tf_efficientnet_lite0").eval()
    classifier.load_state_dict(efficientnet_lite0_weights(image_network("tf_efficientnet_lite0")))
    image = getattr(skimage.data, picture)()
    image = image[0] if isinstance(image, tuple) else image
    scale = 256 / min(image.shape[:2])
    image = skimage.transform.resize(image, [round(side * scale) for side in image.shape[:2]], anti_aliasing=True)
    top, left = ((side - 224) // 2 for side in image.shape[:2])
    pixels = torch.tensor(image[top : top + 224, left : left + 224] * 255).permute(2, 0, 1)[None].float()
    with torch.inference_mode():
        assert int(classifier(load_model().host.cpu().normalise(pixels)).argmax()) in classes


def test_the_default_host_computes_with_those_weights():
    network = timm.create_model("tf_efficientnet_lite0", num_classes=0).eval()
    network.load_state_dict(efficientnet_lite0_weights(network), strict=False)
    frames = clips(MODELS["efficientnet-lite0"].config)
    with torch.inference_mode():
        features = load_model(adapter=None, device="cpu").host(frames)[0]
        torch.testing.assert_close(features[0], network(frames[0]), atol=1e-4, rtol=0)


def test_encode_gives_frame_features_and_traces_on_request(clip_path):
    model = load_model(device="cpu")
    frames = read_clip(clip_path).frames
    plain = model.encode(frames)
    assert plain.features.shape == (8, 2 * 1280) and not plain.traces and not plain.contributions
    seen = model.encode(frames, inspect=True)
    torch.testing.assert_close(seen.features, plain.features, atol=1e-5, rtol=1e-5)  # attention is computed in two ways
    assert len(seen.traces) == 6
    assert {layer: set(by) for layer, by in seen.contributions.items()} == {
        f"stage {n}": {"spatial", "temporal"} for n in (1, 2, 3)
    }
    frozen = load_model(adapter=None, device="cpu").encode(frames, inspect=True)
    assert not frozen.traces and not frozen.contributions


@pytest.mark.parametrize("kind, pathways", [("dst", {"spatial", "temporal"}), ("st", {"temporal"})])
def test_kinds_that_sample_nothing_are_inspected_too(clip_path, kind, pathways):
    model = load_model(adapter=zoo.SHIPPED / f"efficientnet-lite0-{kind}.safetensors", device="cpu")
    seen = model.encode(read_clip(clip_path).frames, inspect=True)
    assert not seen.traces and all(set(by) == pathways for by in seen.contributions.values())


# Of all features the mean and deviation, of those of the first and last frame the length.
SHIPPED_FIGURES = {
    "": [0.011110195, 0.091311, 2.212882, 4.744080],
    "-dst": [0.051021, 0.284300, 8.188231, 10.220235],
    "-st": [0.040280, 0.222622, 11.297555, 4.013350],
}


def test_shipped_features_stay_what_they_were(clip_path):
    """Of a picture made of sines: figures computed when each checkpoint was trained."""
    t, y, x, c = np.meshgrid(np.arange(8), np.arange(224), np.arange(224), np.arange(3), indexing="ij")
    frames = (127.5 + 127.5 * np.sin(x / (9 + 5 * c) + y / 17 + t)).astype(np.uint8)
    for ending, expected in SHIPPED_FIGURES.items():
        model = load_model(adapter=zoo.SHIPPED / f"efficientnet-lite0{ending}.safetensors", device="cpu")
        features = model.encode(frames).features[:, :1280]  # the adapted ones
        ours = [features.mean(), features.std(), features[0].norm(), features[7].norm()]
        assert [float(figure) for figure in ours] == pytest.approx(expected, rel=1e-5)


def test_a_fingerprint_is_of_every_weight_and_of_what_they_are_used_for():
    one, again, other = (load_model(device="cpu", adapter=a) for a in ("default", "default", None))
    assert one.fingerprint == again.fingerprint != other.fingerprint
    names = [name for name, tensor in one.host.state_dict().items() if tensor.is_floating_point()]
    for name in (names[0], names[len(names) // 2], names[-1]):
        bent = copy.deepcopy(one)
        tensor = bent.host.state_dict()[name]
        tensor[(-1,) * tensor.dim()] += 1
        assert fingerprint(bent.host) != one.fingerprint, name
    untrained = load_model(device="cpu", adapter="untrained")
    assert frozen_fingerprint(one.host) == frozen_fingerprint(untrained.host)


def test_what_a_trained_vit_was_before_is_only_known_with_its_backbone(official_vit, tmp_path):
    import_official(official_vit, tmp_path / "whole.safetensors", heads=4)
    model = load_model(adapter=tmp_path / "whole.safetensors", device="cpu")
    assert not model.knows_frozen and model.name == "another ViT"
    frames = np.zeros((8, 112, 112, 3), np.uint8)
    with pytest.raises(D2STError, match="before it was trained is not known"):
        model.encode(frames, ablation=Ablation(adapters=True))
    assert model.encode(frames, ablation=Ablation(offsets=True)).features.shape == (8, 64)
    assert load_model(device="cpu").knows_frozen


def test_an_untrained_model_says_so_and_its_random_points_are_the_same_every_time(clip_path):
    frames = read_clip(clip_path).frames
    models = [load_model("efficientnet-lite0", adapter="untrained", device="cpu") for _ in range(2)]
    assert not models[0].trained and "untrained" in models[0].about
    one, two = (model.encode(frames, inspect=True).traces[0].position for model in models)
    np.testing.assert_array_equal(one, two)


def test_an_unknown_model_is_answered_with_the_known_ones():
    with pytest.raises(D2STError, match="no model 'resnet51'.*efficientnet-lite0, clip-vit-b16, resnet50"):
        load_model("resnet51")


def test_an_unknown_device_is_answered():
    with pytest.raises(D2STError, match="'warp' is not available"):
        pick_device("warp")
    assert pick_device("cpu").type == "cpu"


@pytest.mark.parametrize("name, library", [("clip-vit-b16", "open_clip"), ("resnet50", "timm")])
def test_weights_that_cannot_be_downloaded_are_asked_for(name, library, monkeypatch):
    def refuse(*_, **__):
        raise ConnectionError("no network")

    monkeypatch.setattr(f"{library}.create_model", refuse)
    with pytest.raises(D2STError, match=f"weights of {name} could not be downloaded.*--backbone-weights FILE"):
        backbone_state(torch.nn.Linear(1, 1), name, MODELS[name].weights)


def fill(network, value):
    for tensor in network.state_dict().values():
        tensor.fill_(value)
    return network


@pytest.mark.parametrize("form", ["torch", "safetensors", "torchscript", "whole clip"])
def test_backbone_weights_come_from_any_usual_file(form, tmp_path):
    source = fill(build_host(SMALL_VIT, None).backbone, 0.5)
    file = tmp_path / ("w.safetensors" if form == "safetensors" else "w.pt")
    if form == "safetensors":
        save_file(source.state_dict(), file)
    elif form == "torch":
        torch.save(source.state_dict(), file)
    elif form == "whole clip":
        torch.save({"visual." + k: v for k, v in source.state_dict().items()} | {"logit_scale": torch.ones(1)}, file)
    else:  # as OpenAI publishes CLIP: a TorchScript archive in half precision

        class Clip(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.visual = source.half()

            def forward(self, x):
                return x

        torch.jit.save(torch.jit.trace(Clip(), torch.zeros(1)), file)
    target = build_host(SMALL_VIT, None).backbone
    target.load_state_dict(backbone_state(target, "clip-vit-b16", MODELS["clip-vit-b16"].weights, file))
    assert all(tensor.dtype == torch.float32 and (tensor == 0.5).all() for tensor in target.state_dict().values())


def test_weights_of_another_backbone_are_refused(tmp_path):
    torch.save({"fc.weight": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(D2STError, match="other.pth' does not hold the weights of resnet50"):
        load_model("resnet50", backbone_weights=tmp_path / "other.pth")
    (tmp_path / "text.pth").write_text("hello")
    with pytest.raises(D2STError, match="text.pth' holds no weights"):
        read_weights(tmp_path / "text.pth")
    with pytest.raises(D2STError, match="no file '.*missing.pth'"):
        read_weights(tmp_path / "missing.pth")


def test_torchvisions_resnet50_file_fills_the_host(tmp_path):
    network = timm.create_model("resnet50").eval()
    torch.save(network.state_dict(), tmp_path / "resnet50.pth")  # with its classifier, which is left out
    model = load_model("resnet50", backbone_weights=tmp_path / "resnet50.pth", device="cpu")
    frames = clips(MODELS["resnet50"].config)
    with torch.inference_mode():
        expected = network.forward_features(frames[0]).mean((2, 3))
        torch.testing.assert_close(model.host(frames)[0][0], expected, atol=1e-4, rtol=1e-4)
    assert not model.trained
