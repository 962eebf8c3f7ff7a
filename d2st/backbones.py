"""Hosts: a frozen image backbone with an adapter behind each block (ViT) or stage (CNN).

A host turns frames [B, T, 3, H, W] into frame features [B, T, F]. Everything of the image
backbone is frozen but what the paper trains with the adapters: class embedding and final layer
norm of a ViT. `trainable_state()` is just that and the adapters; it is what a checkpoint holds.
"""

from dataclasses import asdict, dataclass

import timm
import torch
from open_clip.transformer import QuickGELU, VisionTransformer
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from d2st.adapter import D2STAdapter, Density, DSTAdapter, STAdapter

# Sampling densities by the side of the token grid: (spatial pathway, temporal pathway). The
# spatial pathway reads many places at 2 moments of 8 frames, the temporal one few places at
# every frame (paper section 4.1, for ViT and ResNet; the EfficientNet follows the same rule).
DENSITIES = {
    56: (Density((4, 7, 7), (4, 7, 7)), Density((1, 14, 14), (1, 14, 14))),  # 2×8×8, T×4×4
    28: (Density((4, 7, 7), (4, 7, 7)), Density((1, 14, 14), (1, 14, 14))),  # 2×4×4, T×2×2
    14: (Density((4, 5, 5), (4, 3, 3)), Density((1, 7, 7), (1, 7, 7))),  # 2×4×4, T×2×2
    7: (Density((4, 4, 4), (4, 3, 3)), Density((1, 7, 7), (1, 7, 7))),  # 2×2×2, T×1×1
}
ADAPTERS = ("d2st", "dst", "st")

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
INCEPTION_MEAN = INCEPTION_STD = (0.5, 0.5, 0.5)  # [−1, 1], as TensorFlow's networks take it
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class ViTConfig:
    """A CLIP-like image encoder. `image` and `patch` in pixels, `classes` base classes or 0."""

    width: int = 768
    layers: int = 12
    heads: int = 12
    patch: int = 16
    image: int = 224
    frames: int = 8
    ratio: float = 0.25
    groups: int = 4
    classes: int = 0
    mean: tuple[float, float, float] = CLIP_MEAN
    std: tuple[float, float, float] = CLIP_STD


@dataclass(frozen=True)
class CNNConfig:
    """A timm CNN: `stages` and `head` name its modules, `groups` has one entry a stage."""

    architecture: str
    stages: tuple[tuple[str, ...], ...]
    head: tuple[str, ...] = ()
    groups: tuple[int, ...] = (1, 2, 4, 8)
    ratio: float = 0.25
    image: int = 224
    frames: int = 8
    classes: int = 0
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD


RESNET_STAGES = (("conv1", "bn1", "act1", "maxpool", "layer1"), ("layer2",), ("layer3",), ("layer4",))


class Host(nn.Module):
    """What both hosts share. `adapter` is one of `ADAPTERS`, or None for the frozen backbone."""

    backbone: nn.Module
    adapters: nn.ModuleList
    layers: tuple[str, ...]  # what a layer is called, one name an adapter
    token_pixels: tuple[int, ...]  # the side of a token in input pixels, one an adapter

    def __init__(self, config, adapter: str | None):
        super().__init__()
        self.config, self.adapter = config, adapter
        self.register_buffer("mean", torch.tensor(config.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(config.std).view(3, 1, 1), persistent=False)

    def add_classifier(self, width: int):
        """The auxiliary base-class head, where the configuration has base classes."""
        self.classifier = nn.Linear(width, self.config.classes) if self.config.classes else None

    def base_class_logits(self, features: Tensor) -> Tensor:
        """Frame features [B, T, F] → base-class logits [B, classes], on the temporal mean."""
        return self.classifier(features.mean(1))

    def forward(self, frames: Tensor):
        """Normalised frames [B, T, 3, H, W] → features [B, T, F] and one samplings dict a layer."""
        return self.adapt(self.stem(frames))

    def stem(self, frames: Tensor) -> Tensor:
        """The frozen part before the first adapter, a map [B, T, C, h, w] that can be kept while the adapters learn."""
        raise NotImplementedError

    def adapt(self, x: Tensor):
        """The stem's output → features [B, T, F] and one samplings dict a layer."""
        raise NotImplementedError

    def normalise(self, frames: Tensor) -> Tensor:
        """uint8 RGB [..., 3, H, W] → what the backbone was trained on."""
        return (frames / 255 - self.mean) / self.std

    def fold_batch_norms(self) -> None:
        """Take the frozen batch norms into the convolutions before them: the same function, a quarter faster."""
        for parent in list(self.backbone.modules()):
            names = list(parent._modules)
            for conv, norm in zip(names, names[1:]):
                modules = getattr(parent, conv), getattr(parent, norm)
                if isinstance(modules[0], nn.Conv2d) and isinstance(modules[1], nn.BatchNorm2d):
                    setattr(parent, conv, fuse_conv_bn_eval(*modules).requires_grad_(False))
                    # timm's norms bring their activation along.
                    setattr(parent, norm, getattr(modules[1], "act", nn.Identity()))

    def trainable_state(self) -> dict[str, Tensor]:
        return {name: p.detach() for name, p in self.named_parameters() if p.requires_grad}

    def train(self, mode: bool = True):
        """Training never touches the frozen backbone's batch statistics."""
        super().train(mode)
        self.backbone.eval()
        return self


class ViTHost(Host):
    """A CLIP ViT: temporal embedding, adapter after every block, feature = class token.

    The paper takes the class token after the final norm, before CLIP's projection.
    """

    def __init__(self, config: ViTConfig, adapter: str | None = "d2st"):
        super().__init__(config, adapter)
        self.backbone = VisionTransformer(
            config.image,
            config.patch,
            config.width,
            config.layers,
            config.heads,
            mlp_ratio=4,
            output_dim=config.width,
            act_layer=QuickGELU,
        ).requires_grad_(False)
        self.backbone.proj = None
        self.grid = config.image // config.patch
        self.layers = tuple(f"block {i + 1}" for i in range(config.layers)) if adapter else ()
        self.token_pixels = (config.patch,) * len(self.layers)
        self.adapters = nn.ModuleList(
            make_adapter(adapter, config.width, config.ratio, config.groups, self.grid, activate=True)
            for _ in self.layers
        )
        self.add_classifier(config.width)
        if adapter:
            self.temporal_embedding = nn.Parameter(torch.zeros(1, config.frames, config.width))
            self.backbone.class_embedding.requires_grad_(True)
            self.backbone.ln_post.requires_grad_(True)

    def stem(self, frames: Tensor) -> Tensor:
        """Patch embeddings [B, T, F, h, w]."""
        return self.backbone.conv1(frames.flatten(0, 1)).unflatten(0, frames.shape[:2])

    def adapt(self, maps: Tensor):
        batch, time = maps.shape[:2]
        patches = maps.flatten(3).transpose(2, 3)  # [B, T, N, F]
        class_token = self.backbone.class_embedding.expand(batch, time, 1, -1)
        x = torch.cat([class_token, patches], dim=2) + self.backbone.positional_embedding  # [B, T, 1 + N, F]
        if self.adapter:
            x = x + self.temporal_embedding[:, :, None]
        x = self.backbone.ln_pre(x)
        samplings = []
        for index, block in enumerate(self.backbone.transformer.resblocks):
            x = block(x.flatten(0, 1)).unflatten(0, (batch, time))
            if self.adapter:
                patches = x[:, :, 1:].unflatten(2, (self.grid, self.grid))  # [B, T, H, W, F]
                patches, class_token, sampled = self.adapters[index](patches, x[:, :, 0])
                x = torch.cat([class_token[:, :, None], patches.flatten(2, 3)], dim=2)
                samplings.append(sampled)
        return self.backbone.ln_post(x[:, :, 0]), samplings


class CNNHost(Host):
    """A CNN: adapter after each stage, feature = global average of the last map."""

    def __init__(self, config: CNNConfig, adapter: str | None = "d2st"):
        super().__init__(config, adapter)
        self.backbone = timm.create_model(config.architecture, num_classes=0).requires_grad_(False)
        self.backbone.to(memory_format=torch.channels_last)  # faster, and what the adapters read
        shapes = self.stage_shapes()
        self.layers = tuple(f"stage {i + 1}" for i in range(len(config.stages))) if adapter else ()
        self.token_pixels = tuple(config.image // side for _, side in shapes) if adapter else ()
        self.adapters = nn.ModuleList(
            make_adapter(adapter, width, config.ratio, groups, side, activate=False)
            for (width, side), groups in zip(shapes, config.groups)
            if adapter
        )
        self.add_classifier(self.backbone.num_features)
        self.eval()

    def stem(self, frames: Tensor) -> Tensor:
        """The first stage's map [B, T, C, H, W]."""
        x = frames.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        return self.run(self.config.stages[0], x).unflatten(0, frames.shape[:2])

    def adapt(self, maps: Tensor):
        batch, time = maps.shape[:2]
        x, samplings = maps.flatten(0, 1), []  # [B·T, C, H, W]
        for index, stage in enumerate(self.config.stages):
            x = self.run(stage, x) if index else x  # the stem has run the first
            if self.adapter:
                maps = x.permute(0, 2, 3, 1).unflatten(0, (batch, time))  # [B, T, H, W, C]
                maps, _, sampled = self.adapters[index](maps)
                x = maps.flatten(0, 1).permute(0, 3, 1, 2)
                samplings.append(sampled)
        x = self.run(self.config.head, x)
        return x.mean((2, 3)).unflatten(0, (batch, time)), samplings

    def run(self, modules: tuple[str, ...], x: Tensor) -> Tensor:
        for name in modules:
            x = self.backbone.get_submodule(name)(x)
        return x

    @torch.no_grad()
    def stage_shapes(self) -> list[tuple[int, int]]:
        """Channels and side of each stage's map."""
        self.eval()
        x, shapes = torch.zeros(1, 3, self.config.image, self.config.image), []
        for stage in self.config.stages:
            x = self.run(stage, x)
            shapes.append((x.shape[1], x.shape[2]))
        return shapes


def make_adapter(kind: str, width: int, ratio: float, groups: int, side: int, activate: bool) -> nn.Module:
    """An adapter for maps of `width` channels and side×side tokens."""
    bottleneck = int(width * ratio)
    if kind == "st":
        return STAdapter(width, bottleneck, activate)
    if kind == "dst":
        return DSTAdapter(width, bottleneck, activate)
    return D2STAdapter(width, bottleneck, activate, groups, *DENSITIES[side])


def build_host(config, adapter: str | None = "d2st") -> Host:
    """The host that a configuration describes, randomly initialised."""
    return (ViTHost if isinstance(config, ViTConfig) else CNNHost)(config, adapter)


def config_to_json(config) -> dict:
    return {"host": type(config).__name__, **asdict(config)}


def config_from_json(data: dict):
    """The inverse of `config_to_json`; JSON has lists where the configurations have tuples."""
    data = {key: _tuples(value) for key, value in data.items()}
    return {"ViTConfig": ViTConfig, "CNNConfig": CNNConfig}[data.pop("host")](**data)


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
