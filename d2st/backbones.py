"""Hosts: a frozen image backbone with an adapter behind each block (ViT) or stage (CNN).

A host turns frames [B, T, 3, H, W] into frame features [B, T, F]. Of the backbone's own weights the
paper trains a ViT's class embedding and final norm with the adapters; a host holds the trained ones
beside the frozen ones. `trainable_state()` is these and the adapters; it is what a checkpoint holds.
"""

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from d2st.adapter import NOTHING, UNSEEN, Ablation, Inside, Place
from d2st.kinds import KINDS
from d2st.networks import image_network

Colour = tuple[float, float, float]
IMAGENET_MEAN: Colour = (0.485, 0.456, 0.406)
IMAGENET_STD: Colour = (0.229, 0.224, 0.225)
INCEPTION: Colour = (0.5, 0.5, 0.5)  # mean and deviation: [−1, 1], as TensorFlow's networks take it
CLIP_MEAN: Colour = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD: Colour = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class ViTConfig:
    """A CLIP image encoder of open_clip's. `image` and `patch` in pixels, `classes` base classes or 0."""

    width: int = 768
    layers: int = 12
    heads: int = 12
    patch: int = 16
    image: int = 224
    frames: int = 8
    ratio: float = 0.25
    groups: int = 4
    classes: int = 0
    mean: Colour = CLIP_MEAN
    std: Colour = CLIP_STD


@dataclass(frozen=True)
class TimmViTConfig:
    """A timm ViT, by its architecture's name; it tells its width, blocks, patches and prefix tokens itself."""

    architecture: str
    image: int = 224
    frames: int = 8
    ratio: float = 0.25
    groups: int = 4
    classes: int = 0
    mean: Colour = IMAGENET_MEAN
    std: Colour = IMAGENET_STD


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
    mean: Colour = IMAGENET_MEAN
    std: Colour = IMAGENET_STD


Config = ViTConfig | TimmViTConfig | CNNConfig
RESNET_STAGES = (("conv1", "bn1", "act1", "maxpool", "layer1"), ("layer2",), ("layer3",), ("layer4",))


class Host(nn.Module):
    """What all hosts share. `kind` is one of `KINDS`, or None for the frozen backbone.

    What is computed depends on the arguments alone: a host that was loaded never changes.
    """

    backbone: Any  # a library's network
    adapters: nn.ModuleList
    layers: tuple[str, ...]  # the blocks or stages behind which adapters stand, or would
    sides: tuple[int, ...]  # of their token grids, in tokens
    config: Config
    mean: Tensor
    std: Tensor

    def __init__(self, config: Config, kind: str | None):
        super().__init__()
        self.config, self.kind = config, kind
        self.register_buffer("mean", torch.tensor(config.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(config.std).view(3, 1, 1), persistent=False)

    def add_adapters(
        self, layer: str, widths: Sequence[int], sides: Sequence[int], groups: Sequence[int], activate: bool,
        drop_path: float,
    ) -> None:  # fmt: skip
        """An adapter for each map of so many channels and side×side tokens; none for a frozen backbone."""
        self.layers = tuple(f"{layer} {index + 1}" for index in range(len(widths)))
        self.sides, self.adapters = tuple(sides), nn.ModuleList()
        if self.kind is None:
            return
        for width, side, parts in zip(widths, sides, groups, strict=True):
            grid = (self.config.frames, side, side)
            place = Place(grid, width, int(width * self.config.ratio), parts, activate, drop_path)
            self.adapters.append(KINDS[self.kind].build(place))

    def add_classifier(self, width: int) -> None:
        """The auxiliary base-class head, where the configuration has base classes."""
        self.classifier = nn.Linear(width, self.config.classes) if self.config.classes else None

    def base_class_logits(self, features: Tensor) -> Tensor | None:
        """Frame features [B, T, F] → base-class logits [B, classes], on the temporal mean; None without classes."""
        return self.classifier(features.mean(1)) if self.classifier else None

    def forward(self, frames: Tensor, ablation: Ablation = NOTHING, inspect: bool = False):
        """Normalised frames [B, T, 3, H, W] → as `adapt`."""
        return self.adapt(self.stem(frames), ablation, inspect)

    def stem(self, frames: Tensor) -> Tensor:
        """The frozen part before the first adapter, a map [B, T, C, h, w] that can be kept while the adapters learn."""
        raise NotImplementedError

    def adapt(self, maps: Tensor, ablation: Ablation = NOTHING, inspect: bool = False) -> tuple[Tensor, list[Inside]]:
        """The stem's output → features [B, T, F], and what went on at each layer.

        ablation: what to leave out; inspect: whether samplings, contributions and each layer's features are wanted.
        """
        raise NotImplementedError

    def normalise(self, frames: Tensor) -> Tensor:
        """uint8 RGB [..., 3, H, W] → what the backbone was trained on."""
        return (frames / 255 - self.mean) / self.std

    def fill(self, state: dict[str, Tensor]) -> None:
        """Take the backbone's weights, by its own names; what is trained of them starts there."""
        self.backbone.load_state_dict(state, strict=False)

    @property
    def replaced_by_training(self) -> set[str]:
        """Names of the backbone's weights in whose place trained ones are used."""
        return set()

    def trainable_state(self) -> dict[str, Tensor]:
        return {name: p.detach() for name, p in self.named_parameters() if p.requires_grad}

    def train(self, mode: bool = True):
        """Training never touches the frozen backbone's batch statistics."""
        super().train(mode)
        self.backbone.eval()
        return self


class ViTHost(Host):
    """A ViT: temporal embedding, adapter after every block; the feature is the class token after the final norm.

    The paper takes CLIP's class token before its projection. A ViT without one gives the mean of its patches.
    """

    prefix: int  # tokens before the patches: the class token first, where there is one, then registers
    has_class_token: bool
    grid: int  # patches a side
    final_norm: ClassVar[str]  # the backbone's name for it
    class_name: ClassVar[str]  # and for the class embedding

    def add_trained_parts(self, blocks: int, width: int, drop_path: float) -> None:
        config: Any = self.config
        self.add_adapters("block", [width] * blocks, [self.grid] * blocks, [config.groups] * blocks, True, drop_path)
        self.add_classifier(width)
        if self.kind:
            self.temporal_embedding = nn.Parameter(torch.zeros(1, config.frames, width))
            self.norm = copy.deepcopy(getattr(self.backbone, self.final_norm)).requires_grad_(True)
            if self.has_class_token:
                self.class_embedding = nn.Parameter(getattr(self.backbone, self.class_name).detach().flatten().clone())

    def fill(self, state):
        super().fill(state)
        if self.kind:
            self.norm.load_state_dict(getattr(self.backbone, self.final_norm).state_dict())
            if self.has_class_token:
                self.class_embedding.data.copy_(getattr(self.backbone, self.class_name).detach().flatten())

    @property
    def replaced_by_training(self):
        names = {f"{self.final_norm}.weight", f"{self.final_norm}.bias", self.class_name}
        return {f"backbone.{name}" for name in names} if self.kind else set()

    def embed(self, maps: Tensor, adapted: bool) -> Tensor:
        """The stem's output → tokens [B, T, P + N, F], positions added; with what was trained of them, or without."""
        raise NotImplementedError

    def blocks(self) -> Iterable[Callable[[Tensor], Tensor]]:
        """Functions [B·T, P + N, F] → the same, one for each block."""
        raise NotImplementedError

    def adapt(self, maps, ablation=NOTHING, inspect=False):
        batch, time = maps.shape[:2]
        adapted = self.kind is not None and not ablation.adapters
        x, insides = self.embed(maps, adapted).flatten(0, 1), []  # [B·T, P + N, F]
        for index, block in enumerate(self.blocks()):
            x, inside = block(x), UNSEEN
            if adapted:
                tokens = x.unflatten(0, (batch, time))  # [B, T, P + N, F]
                patches = tokens[:, :, self.prefix :].unflatten(2, (self.grid, self.grid))  # [B, T, H, W, F]
                class_token = tokens[:, :, 0] if self.has_class_token else None
                patches, class_token, inside = self.adapters[index](patches, class_token, ablation, inspect)
                head = tokens[:, :, : self.prefix]
                if class_token is not None:
                    head = torch.cat([class_token[:, :, None], head[:, :, 1:]], dim=2)
                x = torch.cat([head, patches.flatten(2, 3)], dim=2).flatten(0, 1)
            insides.append(inside._replace(features=self.taken(x, batch, adapted)) if inspect else inside)
        return self.taken(x, batch, adapted), insides

    def taken(self, x: Tensor, batch: int, adapted: bool) -> Tensor:
        """Tokens [B·T, P + N, F] → frame features [B, T, F], through the final norm."""
        norm = self.norm if adapted else getattr(self.backbone, self.final_norm)
        feature = norm(x[:, 0]) if self.has_class_token else norm(x[:, self.prefix :]).mean(1)  # [B·T, F]
        return feature.unflatten(0, (batch, -1))


class CLIPHost(ViTHost):
    """open_clip's image encoder, the paper's first backbone."""

    final_norm, class_name = "ln_post", "class_embedding"

    def __init__(self, config: ViTConfig, kind: str | None = "d2st", drop_path: float = 0.0):
        from open_clip.transformer import QuickGELU, VisionTransformer  # seconds, which no other host pays

        super().__init__(config, kind)
        self.backbone = VisionTransformer(
            config.image, config.patch, config.width, config.layers, config.heads,
            mlp_ratio=4, output_dim=config.width, act_layer=QuickGELU,
        ).requires_grad_(False)  # fmt: skip
        self.backbone.proj = None
        self.grid, self.prefix, self.has_class_token = config.image // config.patch, 1, True
        self.add_trained_parts(config.layers, config.width, drop_path)

    def stem(self, frames):
        """Patch embeddings [B, T, F, h, w]."""
        return self.backbone.conv1(frames.flatten(0, 1)).unflatten(0, frames.shape[:2])

    def embed(self, maps, adapted):
        patches = maps.flatten(3).transpose(2, 3)  # [B, T, N, F]
        class_token = self.class_embedding if adapted else self.backbone.class_embedding
        class_token = class_token.expand(*patches.shape[:2], 1, -1)
        x = torch.cat([class_token, patches], dim=2) + self.backbone.positional_embedding  # [B, T, 1 + N, F]
        if adapted:
            x = x + self.temporal_embedding[:, :, None]
        return self.backbone.ln_pre(x)

    def blocks(self):
        return self.backbone.transformer.resblocks


class TimmViTHost(ViTHost):
    """Any ViT of timm's that embeds patches, adds positions and runs its blocks one after the other."""

    final_norm, class_name = "norm", "cls_token"

    def __init__(self, config: TimmViTConfig, kind: str | None = "d2st", drop_path: float = 0.0):
        super().__init__(config, kind)
        self.backbone = image_network(config.architecture).requires_grad_(False).eval()
        self.grid, self.prefix = self.backbone.patch_embed.grid_size[0], self.backbone.num_prefix_tokens
        self.has_class_token = self.backbone.cls_token is not None
        self.add_trained_parts(len(self.backbone.blocks), self.backbone.embed_dim, drop_path)
        self.eval()

    def stem(self, frames):
        """Patch embeddings [B, T, F, h, w]."""
        x = self.backbone.patch_embed(frames.flatten(0, 1))
        if x.dim() == 3:
            x = x.unflatten(1, (self.grid, self.grid))  # [B·T, h, w, F]
        return x.permute(0, 3, 1, 2).unflatten(0, frames.shape[:2])

    def embed(self, maps, adapted):
        patches = maps.flatten(0, 1).permute(0, 2, 3, 1)  # [B·T, h, w, F]
        placed = self.backbone._pos_embed(patches if self.backbone.dynamic_img_size else patches.flatten(1, 2))
        x = placed[0] if isinstance(placed, tuple) else placed  # timm's Eva gives the rotary embedding along
        x = x.unflatten(0, maps.shape[:2])  # [B, T, P + N, F]
        if adapted:
            x = x + self.temporal_embedding[:, :, None]
            if self.has_class_token:
                learnt = self.class_embedding - self.backbone.cls_token.flatten()
                x = torch.cat([x[:, :, :1] + learnt, x[:, :, 1:]], dim=2)
        return self.backbone.norm_pre(x)

    def blocks(self):
        if getattr(self.backbone, "rope", None) is None:
            return self.backbone.blocks
        rope = self.backbone.rope.get_embed(shape=(self.grid, self.grid))
        mixed = getattr(self.backbone, "rope_mixed", False)  # a rotary embedding of its own for each block
        return (
            lambda x, block=block, index=index: block(x, rope=rope[index] if mixed else rope)
            for index, block in enumerate(self.backbone.blocks)
        )


class CNNHost(Host):
    """A CNN: adapter after each stage, feature = global average of the last map."""

    config: CNNConfig

    def __init__(self, config: CNNConfig, kind: str | None = "d2st", drop_path: float = 0.0):
        super().__init__(config, kind)
        self.backbone = image_network(config.architecture).requires_grad_(False)
        self.backbone.to(memory_format=torch.channels_last)  # faster, and what the adapters read
        widths, sides, features = self.shapes()
        self.add_adapters("stage", widths, sides, config.groups, False, drop_path)
        self.add_classifier(features)
        self.eval()

    def stem(self, frames):
        """The first stage's map [B, T, C, H, W]."""
        x = frames.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        return self.run(self.config.stages[0], x).unflatten(0, frames.shape[:2])

    def adapt(self, maps, ablation=NOTHING, inspect=False):
        batch, time = maps.shape[:2]
        adapted = self.kind is not None and not ablation.adapters
        x, insides = maps.flatten(0, 1).contiguous(memory_format=torch.channels_last), []  # [B·T, C, H, W]
        for index, stage in enumerate(self.config.stages):
            x, inside = self.run(stage, x) if index else x, UNSEEN  # the stem has run the first
            if adapted:
                maps = x.permute(0, 2, 3, 1).unflatten(0, (batch, time))  # [B, T, H, W, C]
                maps, _, inside = self.adapters[index](maps, None, ablation, inspect)
                x = maps.flatten(0, 1).permute(0, 3, 1, 2)
            insides.append(inside._replace(features=self.taken(x, batch)) if inspect else inside)
        return self.taken(self.run(self.config.head, x), batch), insides

    def taken(self, x: Tensor, batch: int) -> Tensor:
        """A map [B·T, C, H, W] → its mean over the picture, [B, T, C]."""
        return x.permute(0, 2, 3, 1).mean((1, 2)).unflatten(0, (batch, -1))

    def run(self, modules: tuple[str, ...], x: Tensor) -> Tensor:
        for name in modules:
            x = self.backbone.get_submodule(name)(x)
        return x

    @torch.no_grad()
    def shapes(self) -> tuple[list[int], list[int], int]:
        """Channels and sides of the stages' maps, and the number of features."""
        self.eval()
        x, maps = torch.zeros(1, 3, self.config.image, self.config.image), []
        for stage in self.config.stages:
            x = self.run(stage, x)
            maps.append(x)
        features = self.run(self.config.head, x).shape[1]
        return [each.shape[1] for each in maps], [each.shape[2] for each in maps], features


HOSTS: dict[type, type[Host]] = {ViTConfig: CLIPHost, TimmViTConfig: TimmViTHost, CNNConfig: CNNHost}


def build_host(config: Config, kind: str | None = "d2st", drop_path: float = 0.0) -> Host:
    """The host that a configuration describes, randomly initialised; drop_path as `Place` has it."""
    make: Any = HOSTS[type(config)]
    return make(config, kind, drop_path)


def config_to_json(config: Config) -> dict:
    return {"host": type(config).__name__, **asdict(config)}


def config_from_json(data: dict) -> Config:
    """The inverse of `config_to_json`; JSON has lists where the configurations have tuples."""
    values = {key: _tuples(value) for key, value in data.items() if key != "host"}
    make: Any = {config.__name__: config for config in HOSTS}[data["host"]]
    return make(**values)


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
