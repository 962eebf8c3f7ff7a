import numpy as np
import pytest
import skimage
import timm
import torch
from safetensors.torch import save_file
from small import SMALL_VIT, clips

from d2st.backbones import build_host
from d2st.errors import D2STError
from d2st.models import zoo
from d2st.models.weights import efficientnet_lite0_weights, load_backbone, read_weights
from d2st.models.zoo import MODELS, load_model, pick_device
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
    classifier.load_state_dict(efficientnet_lite0_weights())
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
    network.load_state_dict(efficientnet_lite0_weights(), strict=False)
    frames = clips(MODELS["efficientnet-lite0"])
    with torch.inference_mode():
        features = load_model(adapter=None, device="cpu").host(frames)[0]
        torch.testing.assert_close(features[0], network(frames[0]), atol=1e-4, rtol=0)


def test_encode_gives_frame_features_and_traces_on_request(clip_path):
    model = load_model(device="cpu")
    frames = read_clip(clip_path).frames
    features, traces = model.encode(frames)
    assert features.shape == (8, 1280) and traces == []
    again, traces = model.encode(frames, trace=True)
    assert torch.equal(again, features) and len(traces) == 6
    assert load_model(adapter=None, device="cpu").encode(frames, trace=True)[1] == []


def test_an_untrained_model_says_so_and_its_random_points_are_the_same_every_time(clip_path):
    frames = read_clip(clip_path).frames
    models = [load_model("efficientnet-lite0", adapter="untrained", device="cpu") for _ in range(2)]
    assert not models[0].trained and "untrained" in models[0].about
    one, two = (model.encode(frames, trace=True)[1][0].position for model in models)
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
        zoo.load_backbone(torch.nn.Linear(1, 1), name)


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
    load_backbone(target, "clip-vit-b16", file)
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
    frames = clips(MODELS["resnet50"])
    with torch.inference_mode():
        expected = network.forward_features(frames[0]).mean((2, 3))
        torch.testing.assert_close(model.host(frames)[0][0], expected, atol=1e-4, rtol=1e-4)
    assert not model.trained
