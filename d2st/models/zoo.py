"""The named models: a host, where its weights come from, and its adapters."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from d2st.backbones import (
    INCEPTION_MEAN,
    INCEPTION_STD,
    RESNET_STAGES,
    CNNConfig,
    Host,
    ViTConfig,
    build_host,
)
from d2st.data.bundled import bundled
from d2st.errors import D2STError
from d2st.models.checkpoint import read_checkpoint, without_classes
from d2st.models.weights import load_backbone
from d2st.trace import SamplingTrace, collect

DEFAULT = "efficientnet-lite0"
MODELS = {
    # Adapters where the map is 14, 7 and 7 tokens wide: earlier maps cost much and know little. A
    # narrow network wants a wider bottleneck, a half instead of a quarter.
    "efficientnet-lite0": CNNConfig(
        "tf_efficientnet_lite0",
        stages=(
            ("conv_stem", "bn1", "blocks.0", "blocks.1", "blocks.2", "blocks.3", "blocks.4"),
            ("blocks.5",),
            ("blocks.6",),
        ),
        head=("conv_head", "bn2"),
        groups=(2, 4, 4),
        ratio=0.5,
        mean=INCEPTION_MEAN,
        std=INCEPTION_STD,
    ),
    "clip-vit-b16": ViTConfig(),
    "resnet50": CNNConfig("resnet50", RESNET_STAGES),
}
SHIPPED = bundled("checkpoints")


@dataclass(frozen=True)
class Model:
    """A host ready to encode clips, and what there is to say about it."""

    name: str
    host: Host
    device: torch.device
    adapter: str | None  # "d2st", "dst", "st", or None: the frozen backbone
    trained: bool  # whether the adapters were trained; else they are the identity, offsets random
    about: str  # where the adapters come from, in a sentence

    @property
    def frames(self) -> int:
        return self.host.config.frames

    @property
    def image(self) -> int:
        """Side of the frames that the model takes, in pixels."""
        return self.host.config.image

    def encode(self, frames: np.ndarray, trace: bool = False) -> tuple[torch.Tensor, list[SamplingTrace]]:
        """One clip, uint8 RGB [T, H, W, 3] → frame features [T, F] on the CPU, and its traces.

        The traces are empty unless asked for, and where the adapters do not sample.
        """
        return self.adapt(self.stem(frames), trace)

    @torch.inference_mode()
    def stem(self, frames: np.ndarray) -> torch.Tensor:
        """What comes before the first adapter, for one clip: whatever the adapters do, it stays the same."""
        pixels = torch.tensor(frames, device=self.device)
        return self.host.stem(self.host.normalise(pixels.permute(0, 3, 1, 2)[None]))  # [1, T, …]

    @torch.inference_mode()
    def adapt(self, stem: torch.Tensor, trace: bool = False) -> tuple[torch.Tensor, list[SamplingTrace]]:
        """The rest of `encode`."""
        features, samplings = self.host.adapt(stem)
        return features[0].cpu(), collect(self.host, samplings, stem.shape[1])[0] if trace and samplings else []


def load_model(
    name: str | None = None, adapter: str | None = "default", backbone_weights=None, device: str = "auto"
) -> Model:
    """Load a model by name.

    name: one of `MODELS`; by default the one that the adapter belongs to, else `DEFAULT`.
    adapter: a checkpoint file; "default", the one that we ship, or "untrained" where we ship none;
    "untrained", which changes no feature and places random points; None, the frozen backbone alone.
    backbone_weights: a file with the backbone's weights, instead of its library's download.
    device: "auto" (CUDA, then MPS, then the CPU), or a torch device.

    Raises `D2STError` for an unknown model, a file that does not fit, weights that cannot be had.
    """
    device = pick_device(device)
    checkpoint, file = None, adapter
    if adapter == "default":
        shipped = SHIPPED / f"{name or DEFAULT}.safetensors"
        file = shipped if shipped.exists() else "untrained"
    if file not in (None, "untrained"):
        checkpoint = read_checkpoint(file)
        name = name or _name_of(checkpoint.config)
    name = name or DEFAULT
    if name not in MODELS and not (checkpoint and name == _name_of(checkpoint.config)):
        raise unknown(name)
    config = checkpoint.config if checkpoint else MODELS[name]
    if checkpoint and name in MODELS and without_classes(config) != MODELS[name]:
        raise D2STError(
            f"'{file}' belongs to {_name_of(config)}, not to {name}. "
            f"Choose the model {_name_of(config)} or another adapter."
        )

    kind = None if adapter is None else checkpoint.adapter if checkpoint else "d2st"
    host = seeded_host(config, kind)
    if not (checkpoint and checkpoint.holds_backbone):
        load_backbone(host.backbone, name, backbone_weights)
    if checkpoint:
        checkpoint.load_into(host, file)
    host.fold_batch_norms()
    about = (
        checkpoint.about
        if checkpoint
        else "no adapters: the frozen backbone"
        if kind is None
        else "untrained adapters: the features are the frozen backbone's and the offsets are random"
    )
    return Model(name, host.to(device).eval(), device, kind, checkpoint is not None, about)


def new_host(name: str, adapter: str, classes: int, seed: int, backbone_weights=None) -> Host:
    """A host to train: the named model's frozen backbone, new adapters, a head for so many base classes."""
    if name not in MODELS:
        raise unknown(name)
    host = seeded_host(replace(MODELS[name], classes=classes), adapter, seed)
    load_backbone(host.backbone, name, backbone_weights)
    return host


def unknown(name: str) -> D2STError:
    return D2STError(f"There is no model '{name}'. The models are: {', '.join(MODELS)}.")


def seeded_host(config, adapter: str | None, seed: int = 0) -> Host:
    """A host whose random initial weights, and so an untrained one's offsets, are the same every time."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return build_host(config, adapter)


def pick_device(device: str) -> torch.device:
    """ "auto" → CUDA if there, then MPS, then the CPU; anything else is checked and taken."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        torch.zeros(1, device=device)
        return torch.device(device)
    except (RuntimeError, AssertionError):
        raise D2STError(
            f"The device '{device}' is not available here. Use cpu, or auto for the best there is."
        ) from None


def _name_of(config) -> str:
    """The name of the model that has this configuration; else its architecture's."""
    for name, known in MODELS.items():
        if without_classes(config) == known:
            return name
    return getattr(config, "architecture", "another ViT")
