"""The weight map: attention put down where it was read, on the grid of the tokens."""

from collections.abc import Iterator
from typing import Literal

import cv2
import numpy as np

from d2st.trace import SamplingTrace

Token = tuple[int, int, int]  # (frame, row, column) of the grid
Whose = Literal["all", "class"] | Token


def paid(trace: SamplingTrace, whose: Whose = "all") -> np.ndarray:
    """Attention that is paid to each point, [G, P], summing to 1 over P: by all tokens on average, by the
    class tokens on average, or by one token. ValueError where there is no class token."""
    if whose == "all":
        return trace.weight
    if whose == "class":
        if not trace.class_queries:
            raise ValueError("there is no class token: the pooled feature is the mean over all tokens")
        return trace.attention[:, : trace.class_queries].mean(1)
    return trace.query_weight(*whose)


def weight_map(trace: SamplingTrace, whose: Whose = "all") -> np.ndarray:
    """[T, H, W]: the attention that falls on each token, averaged over the groups.

    A point's attention is put down on the tokens that it is read from, in the same shares; what of a reading
    lies beyond the clip is left out. The map sums to the attention that lies inside, Σ weight · in_bounds / G.
    """
    weight = paid(trace, whose) / trace.groups
    total = np.zeros(trace.grid)
    for token, share in read_from(trace):
        inside = share > 0
        np.add.at(total, tuple(token[inside].T), (weight * share)[inside])
    return total


def read_from(trace: SamplingTrace) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The eight tokens around each point, one after the other: (frame, row, column) [G, P, 3], and the share [G, P]
    that it has in the point's reading (`grid_sample`, align_corners=True); 0 for one beyond the clip."""
    grid = np.asarray(trace.grid)
    index = (trace.position + 1) / 2 * (grid - 1)  # [G, P, 3] in tokens
    before = np.floor(index).astype(int)
    for corner in np.ndindex(2, 2, 2):
        token = before + corner
        inside = ((token >= 0) & (token < grid)).all(-1)
        yield token, (1 - np.abs(index - token)).prod(-1) * inside


def heat(trace: SamplingTrace, whose: Whose = "all") -> np.ndarray:
    """[T, H, W] in 0…: the weight map against attention that is spread evenly over the clip.

    1 is what every token would get then, whatever the number of tokens, so that layers compare.
    """
    return weight_map(trace, whose) * np.prod(trace.grid)


def enlarged(heat: np.ndarray, side: int) -> np.ndarray:
    """[T, H, W] of tokens → [T, side, side] of pixels, linear between the tokens' centres."""
    return np.stack([cv2.resize(each.astype(np.float32), (side, side)) for each in heat])
