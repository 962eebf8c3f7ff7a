"""Where a model's sampling points usually are: their mean over many clips, and how far single clips are from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
import torch
from torch import Tensor

from d2st.adapter import DeformableAttention
from d2st.backbones import Host

PREFIX = "usual."  # begins the names of a checkpoint's tensors that hold them


@dataclass(frozen=True)
class UsualPoints:
    """The offsets of one pathway of one layer over many clips, (t, y, x) normalised as in `SamplingTrace`."""

    offset: np.ndarray  # [G, P, 3] the mean: a point is usually found at its reference plus this
    variance: np.ndarray  # [G, P, 3] mean square of what single clips differ from it

    @cached_property
    def common(self) -> float:
        """|mean offset|², summed over groups, points and axes: what of the mean square is always there."""
        return float((self.offset**2).sum())

    @cached_property
    def share(self) -> float:
        """Of the offsets' mean square, the share 0…1 that differs from clip to clip.

        The mean square of anything is the square of its mean plus its variance, so that this is
        1 − |mean offset|² / (|mean offset|² + variance), each summed over groups, points and axes.
        """
        differs = float(self.variance.sum())
        return differs / (self.common + differs) if differs else 0.0


@dataclass(frozen=True)
class Usual:
    """Where all sampling points of a model usually are."""

    clips: int  # that it was computed on
    points: dict[tuple[str, str], UsualPoints]  # by layer and pathway


Shapes = dict[tuple[str, str], list[tuple[int, ...]]]  # of position and variance, by layer and pathway


def shapes_of(usual: Usual) -> Shapes:
    return {place: [points.offset.shape, points.variance.shape] for place, points in usual.points.items()}


def shapes_in(host: Host) -> Shapes:
    """The shapes that a host's sampling points have."""
    grids = {layer: (host.config.frames, side, side) for layer, side in zip(host.layers, host.sides, strict=True)}
    return {
        (layer, pathway): [(attention.groups, prod(attention.density.points(grids[layer])), 3)] * 2
        for (layer, pathway), attention in attentions(host)
    }


def attentions(host: Host) -> Iterator[tuple[tuple[str, str], DeformableAttention]]:
    """What places a host's sampling points, by layer and pathway."""
    for layer, adapter in zip(host.layers, host.adapters, strict=True):
        for pathway, attention in adapter.named_children():
            if isinstance(attention, DeformableAttention):
                yield (layer, pathway), attention


def hand_over(usual: Usual, host: Host) -> None:
    """Give a host that is being loaded its points' usual offsets, for `Ablation.own_offsets`."""
    for place, attention in attentions(host):
        attention.usual = torch.tensor(usual.points[place].offset)


def usual_to_tensors(usual: Usual) -> dict[str, Tensor]:
    """As a checkpoint's tensors, "usual.stage 1.spatial.offset" and so on; the inverse of `usual_from_tensors`."""
    return {
        f"{PREFIX}{layer}.{pathway}.{name}": torch.tensor(array, dtype=torch.float32)
        for (layer, pathway), points in usual.points.items()
        for name, array in (("offset", points.offset), ("variance", points.variance))
    }


def usual_from_tensors(tensors: dict[str, Tensor], clips: int) -> Usual:
    """Take them out of a checkpoint's tensors. KeyError where one of a pair is missing, ValueError for no number."""
    if not isinstance(clips, int) or clips < 1:
        raise ValueError("'usual' is of no number of clips")
    names = [name.split(".")[1:3] for name in tensors if name.startswith(PREFIX) and name.endswith(".offset")]
    return Usual(
        clips,
        {
            (layer, pathway): UsualPoints(
                *(tensors.pop(f"{PREFIX}{layer}.{pathway}.{name}").numpy() for name in ("offset", "variance"))
            )
            for layer, pathway in names
        },
    )
