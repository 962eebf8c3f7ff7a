"""Checkpoints: safetensors in and out, and the import of official `.pyth` files.

A checkpoint of ours is a safetensors file. Its tensors bear a host's own names: the trainable
ones always, the frozen backbone where it came along. Its metadata says what they belong to:

    format   "d2st 1"
    config   the host's configuration (JSON)
    adapter  "d2st", "dst" or "st"
    about    what it was trained on, in a sentence
"""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from d2st.backbones import (
    RESNET_STAGES,
    CNNConfig,
    Host,
    ViTConfig,
    build_host,
    config_from_json,
    config_to_json,
)
from d2st.errors import D2STError

FORMAT = "d2st 1"


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint read into memory: what it belongs to, and its tensors by name."""

    config: ViTConfig | CNNConfig
    adapter: str
    about: str
    tensors: dict[str, torch.Tensor]

    @property
    def holds_backbone(self) -> bool:
        """Whether the frozen backbone is in the file, so that no other weights are needed."""
        return any(re.match(r"backbone\..*conv1\.weight", name) for name in self.tensors)

    def load_into(self, host: Host, file) -> None:
        """Copy the tensors into a host, which must want them all and nothing more."""
        expected = host.state_dict() if self.holds_backbone else host.trainable_state()
        expected = {name: t for name, t in expected.items() if not name.endswith("num_batches_tracked")}
        wrong = [
            name
            for name in expected.keys() | self.tensors.keys()
            if name not in expected or name not in self.tensors or expected[name].shape != self.tensors[name].shape
        ]
        if wrong:
            raise D2STError(
                f"'{file}' does not fit the model that it names: {len(wrong)} tensors are missing, "
                f"unknown or of another shape, the first is '{min(wrong)}'. Export the checkpoint again."
            )
        host.load_state_dict(self.tensors, strict=False)


def save_checkpoint(file, host: Host, about: str) -> None:
    """Write what a host was trained on top of its frozen backbone."""
    _write(file, host.trainable_state(), host.config, host.adapter, about)


def read_checkpoint(file) -> Checkpoint:
    """Read a checkpoint of ours; `D2STError` where the file is none."""
    try:
        with safe_open(str(file), "pt") as opened:
            metadata = opened.metadata() or {}
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}
    except FileNotFoundError:
        raise D2STError(f"There is no checkpoint '{file}'. Check the path.") from None
    except (SafetensorError, OSError):
        hint = "Convert it first: python -m d2st import IN.pyth OUT.safetensors."
        raise D2STError(f"'{file}' is no safetensors file. If it is an official checkpoint: {hint}") from None
    if metadata.get("format") != FORMAT:
        raise D2STError(f"'{file}' is a safetensors file, but no adapter checkpoint of this project.")
    config = config_from_json(json.loads(metadata["config"]))
    return Checkpoint(config, metadata["adapter"], metadata["about"], tensors)


def import_official(source, target, heads: int | None = None) -> Checkpoint:
    """Convert an official checkpoint (`torch.save` with a `model_state`) to one of ours.

    Nothing but tensors and plain containers is unpickled. `heads` is the number of attention
    heads of a ViT, which no tensor shows; by default width / 64, as in CLIP.
    """
    try:
        content = torch.load(source, map_location="cpu", weights_only=True)
        state = content["model_state"]
        state = {name.removeprefix("model."): tensor for name, tensor in state.items()}
    except FileNotFoundError:
        raise D2STError(f"There is no file '{source}'. Check the path.") from None
    except Exception as error:  # an unpickler meets whatever a file holds
        raise D2STError(
            f"'{source}' is no official checkpoint: expected a torch file with tensors under "
            f"'model_state' ({type(error).__name__}). Nothing was written."
        ) from None
    state = {name: t for name, t in state.items() if not name.endswith("num_batches_tracked")}
    is_vit = {"conv1.weight", "positional_embedding"} <= state.keys()
    config = _vit_config(state, heads) if is_vit else _resnet_config(state, source)
    tensors = official_to_ours(state, source)
    checkpoint = Checkpoint(config, "d2st", f"imported from {Path(source).name}", tensors)
    checkpoint.load_into(build_host(config), source)
    _write(target, tensors, config, checkpoint.adapter, checkpoint.about)
    return checkpoint


_PLACES = (  # official name → ours; a later rule sees what the earlier ones left
    (r"^transformer\.resblocks\.(\d+)\.Adapter\.", r"adapters.\1."),
    (r"^Adapter_([1-4])\.", lambda found: f"adapters.{int(found[1]) - 1}."),
    (r"^classification_layer\.", "classifier."),
    (r"^stage1\.0\.", "backbone.conv1."),
    (r"^stage1\.1\.", "backbone.bn1."),
    (r"^stage1\.4\.", "backbone.layer1."),
    (r"^stage([234])\.", r"backbone.layer\1."),
    (r"^(conv1|ln_pre|ln_post|transformer|class_embedding|positional_embedding)\b", r"backbone.\1"),
)
_PARTS = {
    "pos_embed": "position",
    "s_ln": "spatial_norm",
    "s_ln.norm": "spatial_norm",
    "t_ln": "temporal_norm",
    "t_ln.norm": "temporal_norm",
    "down": "down",
    "up": "up",
    **{
        f"{short}_attn.{theirs}": f"{pathway}.{ours}"
        for short, pathway in (("s", "spatial"), ("t", "temporal"))
        for theirs, ours in {
            "proj_q": "query",
            "proj_k": "key",
            "proj_v": "value",
            "proj_out": "out",
            "conv_offset.0": "offset_conv",
            "conv_offset.1.norm": "offset_norm",
            "conv_offset.3": "offset_head",
        }.items()
    },
}


def official_to_ours(state: dict[str, torch.Tensor], source) -> dict[str, torch.Tensor]:
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
        if ours == name and name != "temporal_embedding":
            raise D2STError(f"'{source}' is no official D²ST checkpoint: it holds an unknown tensor '{name}'.")
        tensors[ours] = tensor.float().contiguous()
    return tensors


def _vit_config(state, heads) -> ViTConfig:
    width, _, patch, _ = state["conv1.weight"].shape
    side = round((len(state["positional_embedding"]) - 1) ** 0.5)
    layers = 1 + max(int(found[1]) for name in state if (found := re.match(r"transformer\.resblocks\.(\d+)\.", name)))
    frames = state["temporal_embedding"].shape[1] if "temporal_embedding" in state else 8
    return ViTConfig(
        width=width,
        layers=layers,
        heads=heads or width // 64,
        patch=patch,
        image=side * patch,
        frames=frames,
        ratio=_ratio(state, "transformer.resblocks.0.Adapter"),
        classes=_classes(state),
    )


def _resnet_config(state, source) -> CNNConfig:
    def blocks(stage):
        return len({found[0] for name in state if (found := re.match(rf"{stage}\.\d+\.", name))})

    bottleneck = "stage2.0.conv3.weight" in state
    depth = (bottleneck, blocks(r"stage1\.4"), blocks("stage2"), blocks("stage3"), blocks("stage4"))
    known = {
        (False, 2, 2, 2, 2): "resnet18",
        (False, 3, 4, 6, 3): "resnet34",
        (True, 3, 4, 6, 3): "resnet50",
    }
    if depth not in known:
        raise D2STError(
            f"'{source}' is no official D²ST checkpoint: it holds neither a ViT nor a ResNet-18, -34 or -50 "
            f"(its first tensor is '{next(iter(state), None)}')."
        )
    return CNNConfig(known[depth], RESNET_STAGES, ratio=_ratio(state, "Adapter_1"), classes=_classes(state))


def _ratio(state, adapter) -> float:
    down = state.get(f"{adapter}.down.weight")
    if down is None:
        raise D2STError(f"The checkpoint holds no D²ST adapters: '{adapter}.down.weight' is missing.")
    return down.shape[0] / down.shape[1]


def _classes(state) -> int:
    return len(state["classification_layer.bias"]) if "classification_layer.bias" in state else 0


def without_classes(config):
    """A configuration without its base-class head, to compare what two hosts have in common."""
    return replace(config, classes=0)


def _write(file, tensors, config, adapter, about):
    metadata = {
        "format": FORMAT,
        "config": json.dumps(config_to_json(config)),
        "adapter": adapter,
        "about": about,
    }
    save_file({name: tensor.contiguous().cpu() for name, tensor in tensors.items()}, str(file), metadata)
