"""The paper's own checkpoints (`.pyth`) → checkpoints of ours."""

import re
from pathlib import Path

import torch

from d2st.backbones import RESNET_STAGES, CNNConfig, ViTConfig
from d2st.errors import D2STError
from d2st.models.checkpoint import Checkpoint, host_of, write
from d2st.models.weights import State, named_tensors

_PLACES = (  # official name → ours; a later rule sees what the earlier ones left
    (r"^transformer\.resblocks\.(\d+)\.Adapter\.", r"adapters.\1."),
    (r"^Adapter_([1-4])\.", lambda found: f"adapters.{int(found[1]) - 1}."),
    (r"^classification_layer\.", "classifier."),
    (r"^ln_post\.", "norm."),
    (r"^stage1\.0\.", "backbone.conv1."),
    (r"^stage1\.1\.", "backbone.bn1."),
    (r"^stage1\.4\.", "backbone.layer1."),
    (r"^stage([234])\.", r"backbone.layer\1."),
    (r"^(conv1|ln_pre|transformer|positional_embedding)\b", r"backbone.\1"),
)
_SAME = ("temporal_embedding", "class_embedding")  # of a ViT, named alike
_PARTS = {
    "pos_embed": "position",
    "s_ln": "spatial_norm", "s_ln.norm": "spatial_norm",
    "t_ln": "temporal_norm", "t_ln.norm": "temporal_norm",
    "down": "down", "up": "up",
    **{
        f"{short}_attn.{theirs}": f"{pathway}.{ours}"
        for short, pathway in (("s", "spatial"), ("t", "temporal"))
        for theirs, ours in {
            "proj_q": "query", "proj_k": "key", "proj_v": "value", "proj_out": "out",
            "conv_offset.0": "offset_conv", "conv_offset.1.norm": "offset_norm",
            "conv_offset.3": "offset_head",
        }.items()
    },
}  # fmt: skip


def import_official(source, target, heads: int | None = None) -> Checkpoint:
    """Convert an official checkpoint to one of ours, and write it to `target`.

    It is what `torch.save` wrote of a dict with a `model_state` (or `state_dict`), or of the tensors
    by name themselves; names may begin with `model.` and `module.`. Nothing but tensors and plain
    containers is unpickled. `heads` is the number of attention heads of a ViT, which no tensor
    shows; by default width / 64, as in CLIP.

    Raises `D2STError` for any other file, heads that do not fit, or a place that cannot be written.
    """
    if Path(target).is_dir() or not Path(target).absolute().parent.is_dir():
        raise D2STError(
            f"'{target}' cannot be written. Name a file, such as d2st.safetensors, in a folder that is there."
        )
    state = read_official(source)
    is_vit = {"conv1.weight", "positional_embedding"} <= state.keys()
    config = _vit_config(state, heads, source) if is_vit else _resnet_config(state, source)
    checkpoint = Checkpoint(config, "d2st", f"imported from {Path(source).name}", official_to_ours(state, source))
    checkpoint.load_into(host_of(config, "d2st", source), source)
    write(target, checkpoint)
    return checkpoint


def read_official(source) -> State:
    """The tensors of an official checkpoint by their official names, prefixes taken off."""
    try:
        content = torch.load(source, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise D2STError(f"There is no file '{source}'. Check the path.") from None
    except Exception as error:  # an unpickler meets whatever a file holds
        raise D2STError(
            f"'{source}' is no official checkpoint: expected a torch file with tensors under "
            f"'model_state' ({type(error).__name__}). Nothing was written."
        ) from None
    state = named_tensors(content, source, "model_state")
    state = {re.sub(r"^((model|module)\.)+", "", name): tensor for name, tensor in state.items()}
    return {name: t for name, t in state.items() if not name.endswith("num_batches_tracked")}


def official_to_ours(state: State, source) -> State:
    """Rename an official state dict; 1×1×1 convolutions become linear layers."""
    tensors = {}
    for name, tensor in state.items():
        ours = name
        for pattern, place in _PLACES:
            ours = re.sub(pattern, place, ours)
        if ours.startswith("adapters."):
            head, index, part = ours.split(".", 2)
            part, _, leaf = part.rpartition(".")
            ours = f"{head}.{index}.{_PARTS[part]}.{leaf}" if part in _PARTS else name
            if tensor.dim() == 5 and tensor.shape[2:] == (1, 1, 1):
                tensor = tensor[..., 0, 0, 0]
        if ours == name and name not in _SAME:
            raise D2STError(f"'{source}' is no official D²ST checkpoint: it holds an unknown tensor '{name}'.")
        tensors[ours] = tensor.float().contiguous()
    return tensors


def _vit_config(state: State, heads: int | None, source) -> ViTConfig:
    width, _, patch, _ = state["conv1.weight"].shape
    patches = len(state["positional_embedding"]) - 1
    side = round(patches**0.5)
    if side * side != patches:
        raise D2STError(f"'{source}' has {patches} patches, which is no square. Only square pictures are known.")
    heads = width // 64 if heads is None else heads
    if heads < 1 or width % heads:
        raise D2STError(
            f"A ViT that is {width} wide cannot have {heads} heads. Say --heads with a number that divides it."
        )
    numbers = [int(found[1]) for name in state if (found := re.match(r"transformer\.resblocks\.(\d+)\.", name))]
    frames = state["temporal_embedding"].shape[1] if "temporal_embedding" in state else 8
    ratio = _ratio(state, "transformer.resblocks.0.Adapter", source)
    return ViTConfig(
        width=width, layers=1 + max(numbers, default=-1), heads=heads, patch=patch, image=side * patch,
        frames=frames, ratio=ratio, classes=_classes(state),
    )  # fmt: skip


def _resnet_config(state: State, source) -> CNNConfig:
    def blocks(stage):
        return len({found[0] for name in state if (found := re.match(rf"{stage}\.\d+\.", name))})

    bottleneck = "stage2.0.conv3.weight" in state
    depth = (bottleneck, blocks(r"stage1\.4"), blocks("stage2"), blocks("stage3"), blocks("stage4"))
    known = {
        (False, 2, 2, 2, 2): "resnet18", (False, 3, 4, 6, 3): "resnet34", (True, 3, 4, 6, 3): "resnet50",
    }  # fmt: skip
    if depth not in known:
        raise D2STError(
            f"'{source}' is no official D²ST checkpoint: it holds neither a ViT nor a ResNet-18, -34 or -50 "
            f"(its first tensor is '{next(iter(state), None)}')."
        )
    return CNNConfig(known[depth], RESNET_STAGES, ratio=_ratio(state, "Adapter_1", source), classes=_classes(state))


def _ratio(state: State, adapter: str, source) -> float:
    down = state.get(f"{adapter}.down.weight")
    if down is None:
        raise D2STError(f"'{source}' holds no D²ST adapters: '{adapter}.down.weight' is missing.")
    return down.shape[0] / down.shape[1]


def _classes(state: State) -> int:
    return len(state["classification_layer.bias"]) if "classification_layer.bias" in state else 0
