"""What a network looked at, as plain data: numpy arrays, no torch modules, no pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np


@dataclass(frozen=True)
class SamplingTrace:
    """The sampling points of one pathway of one adapter, for one look at a clip.

    Coordinates are (t, y, x). Normalised, −1 and 1 are the *centres* of the first and last token
    of an axis; beyond the clip there are zeros, so that a point outside ±1 reads only the share of
    the edge's tokens that `in_bounds` tells: all of it within ±1, none from one token outside. P = points,
    G = groups, Q = queries: first `class_queries` class tokens, one a frame (ViT only), then the
    tokens of the T×H×W grid. Of the looks at a clip each has its own grid, outside which it reads nothing, though the
    clip may go on there: "the clip" means what is seen of it in this look.
    """

    layer: str  # "block 3", "stage 2"
    pathway: str  # "spatial" or "temporal"
    grid: tuple[int, int, int]  # tokens (T, H, W)
    token_pixels: float  # side of a token in pixels of the frame that the model saw
    points: tuple[int, int, int]  # (n_t, n_y, n_x), P = their product
    class_queries: int
    reference: np.ndarray  # [P, 3] normalised; the regular grid
    position: np.ndarray  # [G, P, 3] normalised; reference + offset
    attention: np.ndarray  # [G, Q, P] in 0…1, sums to 1 over P
    look: int = 0  # which one at the clip, from 0

    @property
    def first(self) -> int:
        """The frame of the clip that the look begins with."""
        return self.look * self.grid[0]

    @property
    def groups(self) -> int:
        return len(self.position)

    @cached_property
    def offset(self) -> np.ndarray:
        """[G, P, 3] normalised."""
        return self.position - self.reference

    @cached_property
    def in_bounds_by_axis(self) -> np.ndarray:
        """[G, P, 3] in 0…1: along (t, y, x), the share of a point's reading that lies inside the clip."""
        last = np.asarray(self.grid) - 1
        index = (self.position + 1) / 2 * last  # in tokens
        return np.clip(np.minimum(index + 1, last + 1 - index), 0, 1)

    @cached_property
    def in_bounds(self) -> np.ndarray:
        """[G, P] in 0…1: the share of a point's reading that lies inside the clip; the rest reads zeros.

        `grid_sample` interpolates between the eight tokens around a point, those outside counting as zeros.
        """
        return self.in_bounds_by_axis.prod(-1)

    @cached_property
    def weight(self) -> np.ndarray:
        """[G, P] in 0…1: attention of a point, averaged over the queries; sums to 1 over P."""
        return self.attention.mean(1)

    @cached_property
    def outside(self) -> float:
        """The share of all that the points read, 0…1, that lies outside the clip."""
        return float(1 - self.in_bounds.mean())

    @cached_property
    def reach(self) -> tuple[float, float]:
        """Mean length of the offsets: over the picture in pixels, and through time in frames."""
        moved = np.abs(self.located_position - self.located_reference)  # [G, P, 3]
        return float(np.hypot(moved[..., 1], moved[..., 2]).mean()), float(moved[..., 0].mean())

    @cached_property
    def over_time(self) -> np.ndarray:
        """[T]: attention that falls on each frame of the look, a point between two counting for both; what is
        missing to 1 falls outside the clip."""
        times = self.located_position[..., 0] - self.first  # [G, P]
        near = np.clip(1 - np.abs(times[..., None] - np.arange(self.grid[0])), 0, None)  # [G, P, T]
        in_picture = self.in_bounds_by_axis[..., 1:].prod(-1)  # [G, P]; `near` tells the share in time
        return (near * (self.weight * in_picture)[..., None]).sum((0, 1)) / self.groups

    def query_weight(self, frame: int, y: int, x: int) -> np.ndarray:
        """[G, P]: attention that the token (frame, y, x) of the grid pays to each point."""
        _, height, width = self.grid
        return self.attention[:, self.class_queries + (frame * height + y) * width + x]

    def locate(self, normalised: np.ndarray) -> np.ndarray:
        """Normalised [..., 3] → [..., 3] as (frame, y pixel, x pixel).

        `grid_sample` with `align_corners=True` reads p at token index (p + 1)/2 · (N − 1), and a
        token's centre lies at (index + ½) tokens. Frames count from 0, pixels from the frame's
        edge: pixel 0.5 is the centre of the first one. Frames are those of the clip, all looks in their order.
        """
        index = (np.asarray(normalised) + 1) / 2 * (np.asarray(self.grid) - 1)
        return np.concatenate([index[..., :1] + self.first, (index[..., 1:] + 0.5) * self.token_pixels], axis=-1)

    @cached_property
    def located_reference(self) -> np.ndarray:
        """[P, 3] as (frame, y pixel, x pixel)."""
        return self.locate(self.reference)

    @cached_property
    def located_position(self) -> np.ndarray:
        """[G, P, 3] as (frame, y pixel, x pixel)."""
        return self.locate(self.position)

    def to_json(self) -> dict:
        """Everything but the attention of single queries, rounded to what can be seen."""
        return {
            "layer": self.layer,
            "pathway": self.pathway,
            "look": self.look,
            "grid": list(self.grid),
            "points": list(self.points),
            "token_pixels": self.token_pixels,
            "reference": self.reference.round(4).tolist(),
            "groups": [
                {
                    "position": self.position[g].round(4).tolist(),
                    "offset": self.offset[g].round(4).tolist(),
                    "frame_y_x": self.located_position[g].round(2).tolist(),
                    "in_bounds": self.in_bounds[g].round(4).tolist(),
                    "weight": self.weight[g].round(5).tolist(),
                }
                for g in range(self.groups)
            ],
        }


@dataclass(frozen=True)
class Encoding:
    """What a model makes of one clip, of L looks with T frames each: L·T of them, in the order of the clip."""

    features: Any  # a tensor [L·T, F] on the CPU
    traces: list[SamplingTrace]  # by look, layer and pathway; empty where nobody looked, or nothing samples
    contributions: dict[str, dict[str, np.ndarray]]  # {layer: {pathway: [L·T]}}, see `Adapter.contribution`
    by_layer: dict[str, Any] = field(default_factory=dict)  # {layer: [L·T, F]}: the features, were they taken behind it
    notes: tuple[str, ...] = ()  # what a person should know of how it was computed, a plain sentence each

    @cached_property
    def over_time(self) -> dict[tuple[str, str], np.ndarray]:
        """By layer and pathway, [L·T]: attention that falls on each frame; in each look it sums to 1 at most."""
        looks: dict[tuple[str, str], list[np.ndarray]] = {}
        for trace in self.traces:
            looks.setdefault((trace.layer, trace.pathway), []).append(trace.over_time)
        return {place: np.concatenate(each) for place, each in looks.items()}


def collect(host, insides: Sequence, time: int, clip: int = 0, look: int = 0) -> tuple[list[SamplingTrace], dict, dict]:
    """What went on at a host's layers for one clip of a batch → its traces, contributions and features by layer."""
    traces, contributions, by_layer = [], {}, {}
    for layer, side, inside in zip(host.layers, host.sides, insides, strict=True):
        for pathway, sampling in inside.samplings.items():
            attention = to_array(sampling.attention[clip])
            traces.append(
                SamplingTrace(
                    layer,
                    pathway,
                    grid=(time, side, side),
                    token_pixels=host.config.image / side,
                    points=sampling.points,
                    class_queries=attention.shape[1] - time * side * side,
                    reference=to_array(sampling.reference),
                    position=to_array(sampling.position[clip]),
                    attention=attention,
                    look=look,
                )
            )
        if inside.contributions:
            contributions[layer] = {name: to_array(c[clip]) for name, c in inside.contributions.items()}
        by_layer[layer] = inside.features[clip].cpu()
    return traces, contributions, by_layer


def to_array(tensor) -> np.ndarray:
    """A tensor of any device and precision → float32."""
    return tensor.detach().float().cpu().numpy()
