"""The paper's adapter, written line by line as its text reads, with the weights of ours: what ours competes with."""

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from d2st.adapter import NOTHING, UNSEEN, Ablation, D2STAdapter, DeformableAttention, Inside
from d2st.backbones import Host


def plainly(host: Host) -> Host:
    """A copy of a host with D²ST-Adapters in which each adapter computes as the paper's text reads."""
    copied = copy.deepcopy(host)
    copied.adapters = nn.ModuleList(PlainAdapter(adapter) for adapter in copied.adapters)  # type: ignore[arg-type]
    return copied


class PlainAdapter(nn.Module):
    """As a host calls an adapter; it can be neither ablated nor inspected."""

    def __init__(self, ours: D2STAdapter):
        super().__init__()
        self.ours = ours

    def forward(
        self, x: Tensor, class_token: Tensor | None = None, ablation: Ablation = NOTHING, inspect: bool = False
    ) -> tuple[Tensor, Tensor | None, Inside]:
        """x [B, T, H, W, C], class_token [B, T, C] or None → both corrected."""
        if ablation.adapters:
            return x, class_token, UNSEEN
        ours = self.ours
        z = ours.activation(ours.down(x)).permute(0, 4, 1, 2, 3)  # [B, C, T, H, W]
        z = z + nn.Conv3d.forward(ours.position, z)
        z_class = None if class_token is None else ours.activation(ours.down(class_token))
        z = z.permute(0, 2, 3, 4, 1)  # [B, T, H, W, C]
        spatial, spatial_class = pathway(ours.spatial, ours.spatial_norm, z, z_class)
        temporal, temporal_class = pathway(ours.temporal, ours.temporal_norm, z, z_class)
        x = x + ours.activation(ours.up(F.gelu(0.5 * spatial + 0.5 * temporal)))
        if class_token is not None:
            mean = 0.5 * spatial_class + 0.5 * temporal_class
            class_token = class_token + ours.activation(ours.up(F.gelu(mean)))
        return x, class_token, UNSEEN


def pathway(attention: DeformableAttention, norm: nn.LayerNorm, z: Tensor, z_class: Tensor | None):
    """z + attention(norm(z)), and the same of the class tokens."""
    batch, time, height, width, channels = z.shape
    groups, head = attention.groups, channels // attention.groups
    normed = norm(z)
    query = attention.query(normed)
    by_group = query.permute(0, 4, 1, 2, 3).reshape(batch * groups, head, time, height, width)
    offset = nn.Conv3d.forward(attention.offset_conv, by_group).permute(0, 2, 3, 4, 1)  # [B·G, n_t, n_y, n_x, C/G]
    offset = attention.offset_head(F.gelu(attention.offset_norm(offset)))  # [B·G, n_t, n_y, n_x, 3]
    cells = offset.shape[1:4]
    centres = [torch.linspace(1 / n - 1, 1 - 1 / n, n, device=z.device) for n in cells]
    reference = torch.stack(torch.meshgrid(*centres, indexing="ij"), dim=-1)
    reach = torch.tensor([min(1.0, 2 / n) for n in cells], device=z.device)
    position = (reference + torch.tanh(offset) * reach).flip(-1)  # (x, y, t)

    volume = normed.permute(0, 4, 1, 2, 3).reshape(batch * groups, head, time, height, width)
    sampled = F.grid_sample(volume, position, align_corners=True)  # [B·G, C/G, n_t, n_y, n_x]
    sampled = sampled.reshape(batch, channels, -1).transpose(1, 2)  # [B, P, C]

    def heads(tokens: Tensor) -> Tensor:
        return tokens.reshape(batch, -1, groups, head).transpose(1, 2)  # [B, G, N, C/G]

    query = query.reshape(batch, -1, channels)
    if z_class is not None:
        query = torch.cat([attention.query(norm(z_class)), query], dim=1)
    scores = heads(query) @ heads(attention.key(sampled)).transpose(2, 3) / head**0.5
    mixed = torch.softmax(scores, dim=-1) @ heads(attention.value(sampled))
    mixed = attention.out(mixed.transpose(1, 2).reshape(batch, -1, channels))
    if z_class is None:
        return z + mixed.reshape(z.shape), None
    return z + mixed[:, time:].reshape(z.shape), z_class + mixed[:, :time]
