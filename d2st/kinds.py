"""The kinds of adapters, a row for each: the paper's with its sampling densities, and what it is held against."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from math import ceil

import torch
from torch import Tensor

from d2st.adapter import (
    BOTH,
    SPATIAL,
    TEMPORAL,
    Adapter,
    D2STAdapter,
    Density,
    Depthwise,
    Mixed,
    Place,
    depthwise,
)


class DSTAdapter(Adapter):
    """The paper's ablation: disentangled pathways, each a depthwise convolution."""

    def __init__(self, place: Place):
        super().__init__(place)
        self.spatial = depthwise(place.bottleneck, (1, 3, 3))
        self.temporal = depthwise(place.bottleneck, (3, 1, 1))

    def mix(self, z, z_class, ablation, inspect):
        return z.new_zeros(()), {
            SPATIAL: convolved(self.spatial, z, ablation.spatial),
            TEMPORAL: convolved(self.temporal, z, ablation.temporal),
        }


class STAdapter(Adapter):
    """One pathway, a depthwise temporal convolution (Pan et al., NeurIPS 2022, arXiv 2206.13559)."""

    def __init__(self, place: Place):
        super().__init__(place)
        self.temporal = depthwise(place.bottleneck, (3, 1, 1))

    def mix(self, z, z_class, ablation, inspect):
        return z.new_zeros(()), {TEMPORAL: convolved(self.temporal, z, ablation.temporal)}


def convolved(conv: Depthwise, z: Tensor, off: bool) -> Mixed:
    """A pathway that is a convolution; where it is off, nothing stands in its place."""
    mixed = Mixed(conv(z))
    return mixed.times(0) if off else mixed


@dataclass(frozen=True)
class AdapterKind:
    """A kind of adapter: how one is made, and what it can be asked."""

    name: str
    title: str
    build: Callable[[Place], Adapter]
    pathways: tuple[str, ...]  # what can be left out
    samples: bool = False  # whether it has sampling points
    ablated: bool = False  # whether it is a D²ST-Adapter that differs in one thing, for the ablation alone


def d2st(place: Place, pathways=BOTH, alike: bool = False, fewest: int = 2, deforms: bool = True) -> D2STAdapter:
    """The paper's adapter; with one of its pathways only, other densities, or points on a fixed grid."""
    reads = densities(place.grid, alike, fewest)
    return D2STAdapter(place, {name: reads[name] for name in pathways}, deforms)


def densities(grid: tuple[int, int, int], alike: bool = False, fewest: int = 2) -> dict[str, Density]:
    """The pathways' sampling densities that a grid of (t, y, x) tokens asks for (section 4.1).

    alike: half way between them, the geometric mean of their points along each axis, rounded up.
    fewest: as `points_along` has it.
    """
    time, rows, columns = grid[0], points_along(grid[1], fewest), points_along(grid[2], fewest)
    points = {SPATIAL: (max(time // 4, 1), rows, columns), TEMPORAL: (time, rows // 2, columns // 2)}
    if alike:
        n_t, n_y, n_x = (ceil((n * m) ** 0.5) for n, m in zip(*points.values(), strict=True))
        points = dict.fromkeys(points, (n_t, n_y, n_x))
    return {name: Density.of(grid, each) for name, each in points.items()}


def points_along(side: int, fewest: int = 2) -> int:
    """The spatial pathway's points along a side of so many tokens; the temporal one has half as many.

    fewest: along a side of less than 14. With 2 these are the paper's at 7, 14, 28 and 56 tokens (section 4.1). Raises
    ValueError below 7, where points would lie closer than tokens.
    """
    if side < 7:
        raise ValueError(f"a side of {side} tokens is too small to sample: it takes 7")
    return fewest if side < 14 else 4 if side < 56 else 8


def narrow(place: Place) -> D2STAdapter:
    """The paper's adapter with about as many parameters as a DST-Adapter: a narrower bottleneck, in half the groups."""
    groups = max(place.groups // 2, 1)
    places = [replace(place, bottleneck=width, groups=groups) for width in range(groups, place.bottleneck, groups)]
    return d2st(min(places, key=lambda each: abs(size(d2st, each) - size(DSTAdapter, place))))


@cache
def size(build: Callable[[Place], Adapter], place: Place) -> int:
    """How many parameters an adapter would have."""
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in build(place).parameters())


def ablated(name: str, title: str, build: Callable[[Place], Adapter], pathways=BOTH) -> AdapterKind:
    """A D²ST-Adapter that differs in one thing, to see what that is worth."""
    return AdapterKind(name, f"D²ST-Adapter, {title}", build, pathways, samples=True, ablated=True)


KINDS = {
    kind.name: kind
    for kind in (  # the simplest first
        AdapterKind("st", "ST-Adapter", STAdapter, (TEMPORAL,)),
        AdapterKind("dst", "DST-Adapter", DSTAdapter, BOTH),
        AdapterKind("d2st", "D²ST-Adapter", d2st, BOTH, samples=True),
        ablated("spatial-only", "spatial only", partial(d2st, pathways=(SPATIAL,)), (SPATIAL,)),
        ablated("temporal-only", "temporal only", partial(d2st, pathways=(TEMPORAL,)), (TEMPORAL,)),
        ablated("same-density", "same density for both", partial(d2st, alike=True)),
        ablated("denser", "small maps as dense as larger ones", partial(d2st, fewest=4)),
        ablated("fixed-grid", "points on a fixed grid", partial(d2st, deforms=False)),
        ablated("narrow", "as many parameters as DST", narrow),
    )
}
