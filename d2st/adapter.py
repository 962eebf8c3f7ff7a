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
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Density:
    """How densely a pathway samples: kernel and stride, each (t, y, x), of its offset network.

    The network's output has one cell per sampling point, so a stride of (4, 3, 3) on 8×14×14
    tokens with a kernel of (4, 5, 5) makes 2×4×4 points (paper section 3.3).
    """

    kernel: tuple[int, int, int]
    stride: tuple[int, int, int]


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


class DeformableAttention(nn.Module):
    """Anisotropic deformable spatio-temporal attention (paper section 3.3).

    Every token of the clip attends to a small set of points that a light network places in the
    clip. The points are shared by all queries of a group; a group has its own points and is one
    attention head.
    """

    def __init__(self, width: int, groups: int, density: Density):
        super().__init__()
        if width % groups:
            raise ValueError(f"a width of {width} cannot be split into {groups} groups")
        self.groups = groups
        head = width // groups
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        self.offset_conv = nn.Conv3d(head, head, density.kernel, density.stride, groups=head)
        self.offset_norm = nn.LayerNorm(head)
        self.offset_head = nn.Linear(head, 3, bias=False)

    def forward(self, x: Tensor, class_token: Tensor | None = None):
        """x [B, T, H, W, C], class_token [B, T, C] or None → the same shapes, and a `Sampling`."""
        batch, *grid, width = x.shape
        query = self.query(x)
        reference, position, points = self.place_points(query)
        keys, values = self.read(x, position)

        query = query.flatten(1, 3)  # [B, T·H·W, C]
        if class_token is not None:
            query = torch.cat([self.query(class_token), query], dim=1)  # [B, T + T·H·W, C]
        query, keys, values = (self.split_heads(each) for each in (query, keys, values))
        attention = query @ keys.transpose(-1, -2) * query.shape[-1] ** -0.5  # [B, G, Q, P]
        attention = attention.softmax(-1)
        mixed = (attention @ values).transpose(1, 2).flatten(2)  # [B, Q, C]
        mixed = self.out(mixed)

        sampling = Sampling(reference, position, attention, points)
        if class_token is None:
            return mixed.view(batch, *grid, width), None, sampling
        mixed_class, mixed = mixed.split([grid[0], mixed.shape[1] - grid[0]], dim=1)
        return mixed.view(batch, *grid, width), mixed_class, sampling

    def place_points(self, query: Tensor):
        """query [B, T, H, W, C] → reference [P, 3], position [B, G, P, 3], points (n_t, n_y, n_x)."""
        raw = self.raw_offsets(query)  # [B·G, n_t, n_y, n_x, 3]
        points = raw.shape[1:4]
        reference = cell_centres(points, raw)
        # A point may leave its own cell, but not by more than one cell (or the whole clip).
        reach = raw.new_tensor([min(1.0, 2.0 / n) for n in points])
        offset = (raw.tanh() * reach).view(len(query), self.groups, -1, 3)  # [B, G, P, 3]
        return reference, reference + offset, tuple(points)

    def raw_offsets(self, query: Tensor) -> Tensor:
        """query [B, T, H, W, C] → offsets before tanh, (t, y, x), [B·G, n_t, n_y, n_x, 3]."""
        x = self.offset_conv(self.split_groups(query)).movedim(1, -1)
        return self.offset_head(F.gelu(self.offset_norm(x)))

    def read(self, x: Tensor, position: Tensor):
        """x [B, T, H, W, C] at position [B, G, P, 3] → keys and values, each [B, P, C]."""
        volume = self.split_groups(x)  # [B·G, C/G, T, H, W]
        grid = position.flip(-1).flatten(0, 1)[:, :, None, None]  # [B·G, P, 1, 1, 3] in (x, y, t)
        read = F.grid_sample(volume, grid.to(volume.dtype), align_corners=True)  # zeros outside
        read = read.flatten(2).view(len(x), x.shape[-1], -1).transpose(1, 2)  # [B, P, C]
        return self.key(read), self.value(read)

    def split_groups(self, x: Tensor) -> Tensor:
        """[B, T, H, W, C] → [B·G, C/G, T, H, W]."""
        return x.movedim(-1, 1).unflatten(1, (self.groups, -1)).flatten(0, 1)

    def split_heads(self, x: Tensor) -> Tensor:
        """[B, N, C] → [B, G, N, C/G]."""
        return x.unflatten(2, (self.groups, -1)).transpose(1, 2)


def cell_centres(points: tuple[int, int, int], like: Tensor) -> Tensor:
    """Centres of a regular n_t×n_y×n_x grid of cells over [−1, 1]³, (t, y, x) → [P, 3]."""
    axes = [(torch.arange(n, device=like.device, dtype=like.dtype) + 0.5) / n * 2 - 1 for n in points]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).flatten(0, 2)


class Adapter(nn.Module):
    """What the three adapters share: the bottleneck around a spatio-temporal operation.

    `activate` puts a GELU behind `down` and `up`, as the ViT's adapters have it and the
    CNN's have not.
    """

    def __init__(self, width: int, bottleneck: int, activate: bool):
        super().__init__()
        self.down = nn.Linear(width, bottleneck)
        self.up = nn.Linear(bottleneck, width)
        self.activation = nn.GELU() if activate else nn.Identity()
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, x: Tensor, class_token: Tensor | None = None):
        """x [B, T, H, W, C], class_token [B, T, C] or None → both corrected, and the samplings.

        The samplings are {"spatial": Sampling, "temporal": Sampling}, or {} where the adapter
        does not sample.
        """
        z = self.activation(self.down(x))
        z_class = None if class_token is None else self.activation(self.down(class_token))
        z, z_class, samplings = self.mix(z, z_class)
        x = x + self.activation(self.up(z))
        if class_token is not None:
            class_token = class_token + self.activation(self.up(z_class))
        return x, class_token, samplings

    def mix(self, z: Tensor, z_class: Tensor | None):
        """Spatio-temporal mixing inside the bottleneck; same shapes out, and the samplings."""
        raise NotImplementedError


class D2STAdapter(Adapter):
    """The paper's adapter: two pathways of deformable attention (sections 3.2 and 3.3)."""

    def __init__(self, width, bottleneck, activate, groups: int, spatial: Density, temporal: Density):
        super().__init__(width, bottleneck, activate)
        self.position = depthwise(bottleneck, (3, 3, 3))
        self.spatial_norm = nn.LayerNorm(bottleneck)
        self.temporal_norm = nn.LayerNorm(bottleneck)
        self.spatial = DeformableAttention(bottleneck, groups, spatial)
        self.temporal = DeformableAttention(bottleneck, groups, temporal)

    def mix(self, z, z_class):
        z = z + along_channels(self.position, z)
        outputs, samplings = [], {}
        for name in ("spatial", "temporal"):
            norm, attend = getattr(self, f"{name}_norm"), getattr(self, name)
            normed_class = None if z_class is None else norm(z_class)
            mixed, mixed_class, samplings[name] = attend(norm(z), normed_class)
            outputs.append((z + mixed, None if z_class is None else z_class + mixed_class))
        (s, s_class), (t, t_class) = outputs
        z = F.gelu((s + t) / 2)
        return z, None if z_class is None else F.gelu((s_class + t_class) / 2), samplings


class DSTAdapter(Adapter):
    """The paper's ablation: disentangled pathways, each a depthwise convolution."""

    def __init__(self, width, bottleneck, activate):
        super().__init__(width, bottleneck, activate)
        self.spatial = depthwise(bottleneck, (1, 3, 3))
        self.temporal = depthwise(bottleneck, (3, 1, 1))

    def mix(self, z, z_class):
        s, t = along_channels(self.spatial, z), along_channels(self.temporal, z)
        return F.gelu((s + t) / 2), z_class, {}


class STAdapter(Adapter):
    """One pathway, a depthwise temporal convolution (Pan et al., NeurIPS 2022, arXiv 2206.13559)."""

    def __init__(self, width, bottleneck, activate):
        super().__init__(width, bottleneck, activate)
        self.temporal = depthwise(bottleneck, (3, 1, 1))

    def mix(self, z, z_class):
        return F.gelu(along_channels(self.temporal, z)), z_class, {}


def depthwise(width: int, kernel: tuple[int, int, int]) -> nn.Conv3d:
    """A depthwise convolution over (t, y, x) that keeps the grid's size."""
    return nn.Conv3d(width, width, kernel, padding=[k // 2 for k in kernel], groups=width)


def along_channels(conv: nn.Conv3d, x: Tensor) -> Tensor:
    """Apply a channels-first convolution to a channels-last map [B, T, H, W, C]."""
    return conv(x.movedim(-1, 1)).movedim(1, -1)
