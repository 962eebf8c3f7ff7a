"""The paper in one file: adapters that teach a frozen image backbone to see time.

Pei et al., "D²ST-Adapter: Disentangled-and-Deformable Spatio-Temporal Adapter for Few-shot
Action Recognition", ICCV 2025, arXiv 2312.01431.

An adapter stands behind a block of the backbone and adds a correction to its output:

    x  →  x + up( GELU( ½ spatial(z) + ½ temporal(z) ) ),   z = down(x) + position(down(x))

Both pathways are the same operation, z + attention(norm(z)), with anisotropic deformable
spatio-temporal attention. Only their sampling densities differ: the spatial pathway reads many
places at few moments, the temporal pathway few places at every moment. `up` starts at zero, so
that an untrained adapter is the identity.

Feature maps are channels-last, [B, T, H, W, C], for CNN maps and ViT patch tokens alike. A ViT
also hands over its class tokens, [B, T, C]: they ask (queries), but nobody reads them (keys).
"""

from dataclasses import dataclass
from functools import cache, reduce
from math import prod
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BOTH = SPATIAL, TEMPORAL = "spatial", "temporal"  # the pathways


@dataclass(frozen=True)
class Ablation:
    """What a forward pass leaves out; no weight changes by it."""

    spatial: bool = False  # the spatial pathway's attention
    temporal: bool = False  # the temporal pathway's attention
    offsets: bool = False  # the points stay at their references
    own_offsets: bool = False  # what a clip changes of the offsets: the points stay where they usually are
    adapters: bool = False  # all that was trained: what is left is the frozen backbone


NOTHING = Ablation()


@dataclass(frozen=True)
class Density:
    """How densely a pathway samples: kernel and stride, each (t, y, x), of its offset network.

    The network's output has one cell per sampling point, so a stride of (4, 3, 3) on 8×14×14
    tokens with a kernel of (4, 5, 5) makes 2×4×4 points (paper section 3.3).
    """

    kernel: tuple[int, int, int]
    stride: tuple[int, int, int]

    @classmethod
    def of(cls, grid: tuple[int, int, int], points: tuple[int, int, int]) -> "Density":
        """The density that reads a grid of (t, y, x) tokens at so many points along each axis.

        Strides are as long as they can be, and the kernel covers what they leave: for every map
        of the paper's ViT and ResNet these are its kernels and strides.
        """
        stride = [tokens // n for tokens, n in zip(grid, points, strict=True)]
        kernel = [tokens - s * (n - 1) for tokens, s, n in zip(grid, stride, points, strict=True)]
        return cls((kernel[0], kernel[1], kernel[2]), (stride[0], stride[1], stride[2]))

    def points(self, grid) -> tuple[int, int, int]:
        """The inverse of `of`: at how many points along each axis it reads a grid of (t, y, x) tokens."""
        sizes = zip(grid, self.kernel, self.stride, strict=True)
        n_t, n_y, n_x = ((tokens - kernel) // stride + 1 for tokens, kernel, stride in sizes)
        return n_t, n_y, n_x


class Sampling(NamedTuple):
    """Where one pathway read and how much each query cared, for a batch of clips.

    All coordinates are (t, y, x), normalised so that −1 and 1 are the centres of the first and
    last token of an axis. P = n_t·n_y·n_x points, Q = queries: the class tokens first where there
    are any ([T]), then the map's tokens ([T·H·W]).
    """

    reference: Tensor  # [P, 3] the regular grid from which the points start
    position: Tensor  # [B, G, P, 3] where they read: reference + offset; may lie outside ±1
    attention: Tensor  # [B, G, Q, P] softmax over the points
    points: tuple[int, int, int]  # (n_t, n_y, n_x)


class Inside(NamedTuple):
    """What went on at a layer: inside its adapter by pathway, and what came out; empty unless it was inspected."""

    samplings: dict[str, Sampling]
    contributions: dict[str, Tensor]  # [B, T] in 0…: how much a pathway changes what the adapter hands on
    features: Tensor | None = None  # [B, T, F] frame features, were they taken here; the host fills them in


UNSEEN = Inside({}, {})


class Mixed(NamedTuple):
    """What one pathway adds to the bottleneck."""

    map: Tensor  # [B, T, H, W, C]
    class_token: Tensor | None = None  # [B, T, C]
    sampling: Sampling | None = None

    def times(self, factor: Tensor | float) -> "Mixed":
        """So much of it: a number, or one for each clip, [B]."""
        along = torch.as_tensor(factor, dtype=self.map.dtype, device=self.map.device).view(-1, 1, 1)
        token = None if self.class_token is None else self.class_token * along
        return self._replace(map=self.map * along[..., None, None], class_token=token)


class DeformableAttention(nn.Module):
    """Anisotropic deformable spatio-temporal attention (paper section 3.3).

    Every token of the clip attends to a small set of points that a light network places in the
    clip. The points are shared by all queries of a group; a group has its own points and is one
    attention head. Where it does not deform, the points are a regular grid.
    """

    usual: Tensor  # [G, P, 3] the mean of the offsets over many clips; None where it is not known

    def __init__(self, width: int, groups: int, density: Density, deforms: bool = True):
        super().__init__()
        if width % groups:
            raise ValueError(f"a width of {width} cannot be split into {groups} groups")
        self.groups, self.density, self.deforms = groups, density, deforms
        self.register_buffer("usual", None, persistent=False)
        head = width // groups
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        if deforms:
            self.offset_conv = Depthwise(head, head, density.kernel, density.stride, groups=head)
            self.offset_norm = nn.LayerNorm(head)
            self.offset_head = nn.Linear(head, 3, bias=False)

    def forward(self, x: Tensor, class_token: Tensor | None = None, ablation: Ablation = NOTHING, inspect: bool = True):
        """x [B, T, H, W, C], class_token [B, T, C] or None → the same shapes, and a `Sampling` where it is wanted."""
        query = self.query(x)
        points = self.density.points(query.shape[1:4])
        reference = cells(points, query.device).centres
        position = reference + self.offsets(query, points, ablation)
        keys, values = self.read(x, position)
        queries = [query] if class_token is None else [self.query(class_token), query]
        mixed, attention = zip(*(self.ask(each, keys, values) for each in queries), strict=True)
        sampling = Sampling(reference, position, torch.cat(attention, dim=2), points) if inspect else None
        return mixed[-1], None if class_token is None else mixed[0], sampling

    def ask(self, query: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """query [B, …, C], keys and values as `read` has them → [B, …, C], and the attention [B, G, Q, P]."""
        q = self.split_heads(query.flatten(1, -2))
        attention = (q @ (keys * q.shape[-1] ** -0.5).transpose(-1, -2)).softmax(-1)
        mixed = torch.baddbmm(self.out.bias, attention.transpose(1, 2).flatten(2), values)
        return mixed.view(query.shape), attention

    def offsets(self, query: Tensor, points: tuple[int, int, int], ablation: Ablation) -> Tensor:
        """query [B, T, H, W, C] → how far its points are from their references, (t, y, x), [B, G, P, 3]."""
        if ablation.offsets or not self.deforms:
            return query.new_zeros(len(query), self.groups, prod(points), 3)
        if ablation.own_offsets:
            return self.usual.expand(len(query), -1, -1, -1)
        return self.raw_offsets(query).tanh().mul(cells(points, query.device).reach).flatten(2, 4)

    def raw_offsets(self, query: Tensor) -> Tensor:
        """query [B, T, H, W, C] → offsets before tanh, (t, y, x), [B, G, n_t, n_y, n_x, 3]."""
        x = self.offset_conv(query, self.groups)  # [B, n_t, n_y, n_x, C]
        x = x.unflatten(-1, (self.groups, -1)).movedim(-2, 1)  # [B, G, n_t, n_y, n_x, C/G]
        return self.offset_head(F.gelu(self.offset_norm(x)))

    def read(self, x: Tensor, position: Tensor):
        """x [B, T, H, W, C] at position [B, G, P, 3] → keys [B, G, P, C/G], and values behind `out`, [B, G·P, C].

        A head's share of `out` goes over its few values here, in place of over the mixtures of them, which are many.
        """
        volume = x.movedim(-1, 1).unflatten(1, (self.groups, -1)).flatten(0, 1)  # [B·G, C/G, T, H, W]
        grid = position.flip(-1).flatten(0, 1)[:, :, None, None]  # [B·G, P, 1, 1, 3] in (x, y, t)
        # Beyond the clip there are zeros; up to one token outside, a point still reads a share of the edge.
        read = F.grid_sample(volume, grid.to(volume.dtype), align_corners=True)
        read = read.flatten(2).view(len(x), x.shape[-1], -1).transpose(1, 2).contiguous()  # [B, P, C]
        keys, values = self.split_heads(self.key(read)), self.split_heads(self.value(read))
        shares = self.out.weight.unflatten(1, (self.groups, -1)).permute(1, 2, 0)  # [G, C/G, C]
        return keys, (values @ shares).flatten(1, 2)

    def split_heads(self, x: Tensor) -> Tensor:
        """[B, N, C] → [B, G, N, C/G]."""
        return x.unflatten(2, (self.groups, -1)).transpose(1, 2)


class Cells(NamedTuple):
    """A regular grid of cells over [−1, 1]³, in (t, y, x): one for each sampling point."""

    centres: Tensor  # [P, 3]
    reach: Tensor  # [3] a point may leave its own cell, but not by more than one cell (or the whole clip)


@cache
@torch.inference_mode(False)  # the same ones serve learning
def cells(points: tuple[int, int, int], device: torch.device) -> Cells:
    """So many of them along each axis, n_t×n_y×n_x."""
    axes = [(torch.arange(n, device=device) + 0.5) / n * 2 - 1 for n in points]
    centres = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).flatten(0, 2)
    return Cells(centres, torch.tensor([min(1.0, 2.0 / n) for n in points], device=device))


@dataclass(frozen=True)
class Place:
    """Where an adapter stands: behind maps of `grid` (t, y, x) tokens with `width` channels."""

    grid: tuple[int, int, int]
    width: int
    bottleneck: int
    groups: int  # of the bottleneck's channels, for kinds that sample
    activate: bool  # whether there is a GELU behind `down` and `up`, as in the paper's ViT and not in its CNN
    drop_path: float = 0.0  # while training, the share of clips for which a pathway's attention is left out


class Adapter(nn.Module):
    """What all kinds of adapters share: the bottleneck around a spatio-temporal operation."""

    def __init__(self, place: Place):
        super().__init__()
        self.down = nn.Linear(place.width, place.bottleneck)
        self.up = nn.Linear(place.bottleneck, place.width)
        self.activation = nn.GELU() if place.activate else nn.Identity()
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(
        self, x: Tensor, class_token: Tensor | None = None, ablation: Ablation = NOTHING, inspect: bool = False
    ) -> tuple[Tensor, Tensor | None, Inside]:
        """x [B, T, H, W, C], class_token [B, T, C] or None → both corrected, and what went on inside."""
        if ablation.adapters:
            return x, class_token, UNSEEN
        z = self.activation(self.down(x))
        z_class = None if class_token is None else self.activation(self.down(class_token))
        z, mixed = self.mix(z, z_class, ablation, inspect)
        corrected = self.correct(x, z, mixed)
        corrected_class = None if class_token is None else self.correct_class(class_token, z_class, mixed)
        if not inspect:
            return corrected, corrected_class, UNSEEN
        samplings = {name: each.sampling for name, each in mixed.items() if each.sampling}
        whole = corrected.flatten(2) if class_token is None else corrected_class
        contributions = {name: self.contribution(name, whole, x, class_token, z, z_class, mixed) for name in mixed}
        return corrected, corrected_class, Inside(samplings, contributions)

    def mix(self, z, z_class, ablation: Ablation, inspect: bool) -> tuple[Tensor, dict[str, Mixed]]:
        """Spatio-temporal mixing of z and z_class inside the bottleneck → what the pathways add to, what each adds."""
        raise NotImplementedError

    def correct(self, x: Tensor, z: Tensor, mixed: dict[str, Mixed]) -> Tensor:
        """x plus the correction that z with the mean of the pathways makes."""
        correction = self.activation(self.up(F.gelu(plus_mean(z, [each.map for each in mixed.values()]))))
        return correction.to(x.dtype).add_(x)  # in place: the map is the largest there is

    def correct_class(self, class_token, z_class, mixed: dict[str, Mixed]) -> Tensor:
        """As `correct`; where no pathway looks at class tokens, they pass the bottleneck as they are."""
        added = [each.class_token for each in mixed.values() if each.class_token is not None]
        return class_token + self.activation(self.up(F.gelu(plus_mean(z_class, added)) if added else z_class))

    def contribution(self, name, whole, x, class_token, z, z_class, mixed) -> Tensor:
        """How much a pathway changes what is handed on, frame by frame, [B, T].

        It is the length of the difference that leaving the pathway out makes, as a share of the
        length: of the map, or of the class token where there is one, since that becomes the feature.
        """
        others = mixed | {name: mixed[name].times(0)}
        if class_token is None:
            without = self.correct(x, z, others).flatten(2)
        else:
            without = self.correct_class(class_token, z_class, others)
        return (whole - without).norm(dim=-1) / whole.norm(dim=-1)


class D2STAdapter(Adapter):
    """The paper's adapter: two pathways of deformable attention (sections 3.2 and 3.3).

    reads: how densely each pathway samples; one alone will do. A pathway's attention may be left out while
    training, so that neither the layers nor the pathways come to lean on each other (stochastic depth:
    Huang et al., ECCV 2016, arXiv 1603.09382).
    """

    spatial: DeformableAttention
    temporal: DeformableAttention
    spatial_norm: nn.LayerNorm
    temporal_norm: nn.LayerNorm

    def __init__(self, place: Place, reads: dict[str, Density], deforms: bool = True):
        super().__init__(place)
        self.pathways, self.drop_path = tuple(reads), place.drop_path
        self.position = depthwise(place.bottleneck, (3, 3, 3))
        for name in reads:
            self.add_module(f"{name}_norm", nn.LayerNorm(place.bottleneck))
        for name, density in reads.items():
            self.add_module(name, DeformableAttention(place.bottleneck, place.groups, density, deforms))

    def mix(self, z, z_class, ablation, inspect):
        z = z + self.position(z)
        return z, {name: self.attend(name, z, z_class, ablation, inspect) for name in self.pathways}

    def attend(self, pathway: str, z, z_class, ablation: Ablation, inspect: bool) -> Mixed:
        """What one pathway adds: attention(norm(z)), or nothing where it is off."""
        attention, norm, off = getattr(self, pathway), getattr(self, f"{pathway}_norm"), getattr(ablation, pathway)
        mixed = Mixed(*attention(norm(z), None if z_class is None else norm(z_class), ablation, inspect))
        if self.training and self.drop_path and not off:
            return mixed.times(F.dropout(z.new_ones(len(z)), self.drop_path))  # one draw a clip
        return mixed.times(0) if off else mixed


class Depthwise(nn.Conv3d):
    """A convolution over (t, y, x) of each channel by itself, on channels-last maps as they lie in memory."""

    def forward(self, x: Tensor, groups: int = 1) -> Tensor:
        """x [B, T, H, W, C] → [B, T', H', W', C], the same for each group of its channels."""
        weight, bias = (torch.cat([each] * groups) for each in self.parameters())
        if torch.is_grad_enabled():  # slower forward, and several times as fast back
            return by_pictures(x, weight, bias, self.stride, self.padding)
        x = x.movedim(-1, 1)  # [B, C, T, H, W], in memory still channels-last: a copy would take longer than all else
        return F.conv3d(x, weight, bias, self.stride, self.padding, groups=len(weight)).movedim(1, -1)


def by_pictures(x: Tensor, weight: Tensor, bias: Tensor, stride, padding) -> Tensor:
    """What `Depthwise` gives, as the sum over the kernel's moments of what each makes of the pictures that it sees."""
    x = F.pad(x, (0, 0, 0, 0, 0, 0, padding[0], padding[0]))
    moments = 1 + (x.shape[1] - weight.shape[2]) // stride[0]
    made = []
    for first, kernel in enumerate(weight.unbind(2)):
        last = first + stride[0] * (moments - 1)
        pictures = x[:, first : last + 1 : stride[0]].flatten(0, 1).permute(0, 3, 1, 2)  # [B·T', C, H, W]
        made.append(F.conv2d(pictures, kernel, None if first else bias, stride[1:], padding[1:], groups=len(weight)))
    return reduce(torch.add, made).permute(0, 2, 3, 1).unflatten(0, (len(x), moments))


def depthwise(width: int, kernel: tuple[int, int, int]) -> Depthwise:
    """One that keeps the grid's size."""
    t, y, x = kernel
    return Depthwise(width, width, kernel, padding=(t // 2, y // 2, x // 2), groups=width)


def plus_mean(z: Tensor, added: list[Tensor]) -> Tensor:
    return torch.add(z, reduce(torch.add, added), alpha=1 / len(added))
