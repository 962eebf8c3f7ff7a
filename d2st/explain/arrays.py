"""Deformable attention of other people's networks, from plain arrays → the explorer. No torch is needed."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from d2st.errors import D2STError
from d2st.explain.explorer import attention_of, floats, pictures, points_of, standalone
from d2st.explain.offline import OfflinePage
from d2st.explain.points import Points, as_levels
from d2st.trace import SamplingTrace

ALL = "all scales"
SIDE = 224  # what the explorer counts as a frame's side, so that marks have the size that they have for our models
LONGEST = 1280  # pixels along the longer side of a picture that is kept
PICTURE_BYTES = 3_000_000  # of all pictures
ATTENTION_BYTES = 4_000_000  # of the attention of single tokens, on one scale
PACE = 4.0  # frames a second, where no times are given
NO_QUERY = "points"


def show(
    frames: np.ndarray,
    points: Points | Sequence[Points],
    *,
    times: Sequence[float] | None = None,
    title: str = "",
) -> OfflinePage:
    """Where a deformable attention read, as one offline HTML file: points over the picture or the film.

    frames: uint8 RGB, a picture [H, W, 3] for points on (H, W), or a clip [T, H, W, 3] for points on (T, H, W),
    whose own T may be smaller, as after a stride; pictures are shrunk to 1280 pixels. points: a `Points`, or a list
    with one for each scale; where every query has points of its own, one for each scale and query. Scales of a query
    that have as many groups are shown together, too. times: [T] seconds after the clip's start, growing; without,
    four frames a second. title: of the page.

    The page's text: `show(…).save("points.html")`, and in a notebook the cell shows it. Raises `D2STError`, which
    names the argument and its shape, for what does not fit together.
    """
    levels = as_levels(points)
    clip = _clip(frames, levels)
    moments = _times(times, len(clip))
    queries = list(dict.fromkeys(each.query for each in levels))
    traces = [trace for query in queries for trace in _traces([e for e in levels if e.query == query], clip)]
    count, height, width = clip.shape[:3]
    data = {
        "clip": title or ("a picture" if count == 1 else "a clip"),
        "duration": moments[-1] + (moments[-1] / (count - 1) if count > 1 else 0),
        "width": width,
        "height": height,
        "times": moments,
        "frames": pictures(np.stack([_small(frame) for frame in clip]), PICTURE_BYTES),
        "image": SIDE,
        "pixels": (height, width),
        "film": None,
        "model": "",
        "kind": "arrays",
        "about": "",
        "trained": True,
        "traces": traces,
    }
    return standalone(data)


def _clip(frames: Any, levels: list[Points]) -> np.ndarray:
    """[T, H, W, 3], a picture as a clip of one frame."""
    try:
        array = np.asarray(frames)
    except (TypeError, ValueError, RuntimeError):
        array = np.empty(0)
    if array.dtype != np.uint8 or array.ndim not in (3, 4) or array.shape[-1] != 3 or not array.size:
        raise D2STError(
            f"frames has the shape ({', '.join(map(str, array.shape))}) and holds {array.dtype}. "
            "It takes uint8 RGB, (height, width, 3) or (frames, height, width, 3)."
        )
    clip = array if array.ndim == 4 else array[None]
    for each in levels:
        if len(each.grid) == 2 and len(clip) > 1:
            raise D2STError(
                f"'{each.name}': grid {each.grid} is that of a picture, and frames, of shape {array.shape}, has "
                f"{len(clip)} of them. Give one frame, or points on (T, H, W)."
            )
    return clip


def _times(times: Sequence[float] | None, count: int) -> list[float]:
    """Seconds, one for each frame."""
    if times is None:
        return [index / PACE for index in range(count)]
    try:
        said = np.asarray(times, float)
    except (TypeError, ValueError):
        said = np.empty(0)
    if said.shape != (count,) or not np.isfinite(said).all() or said[0] < 0 or (np.diff(said) <= 0).any():
        raise D2STError(
            f"times has the shape ({', '.join(map(str, said.shape))}). It takes ({count}), a time in seconds for each "
            "frame, from 0 on and growing."
        )
    return said.tolist()


def _small(frame: np.ndarray) -> np.ndarray:
    scale = LONGEST / max(frame.shape[:2])
    if scale >= 1:
        return frame
    height, width = (max(1, round(side * scale)) for side in frame.shape[:2])
    return cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)


def _traces(levels: list[Points], clip: np.ndarray) -> list[dict[str, Any]]:
    """What the explorer draws of the scales of one query: together where there are several alike, then each."""
    even = 1 / sum(each.count for each in levels)
    together = len(levels) > 1 and len({each.groups for each in levels}) == 1
    found = [
        _trace(each, len(clip), even if together and each.weight is not None else 1 / each.count) for each in levels
    ]
    return [_together(levels, len(clip), even), *found] if together else found


def _trace(points: Points, count: int, even: float) -> dict[str, Any]:
    grid = _grid(points, count)
    trace = SamplingTrace(
        points.name,
        points.query or NO_QUERY,
        grid,
        SIDE / grid[1],
        (points.count, 1, 1),
        class_queries=0,
        reference=_within(grid, points.place(points.reference)),
        position=_within(grid, points.place(points.position)),
        attention=_attention(points, grid),
    )
    tokens = f"{' × '.join(map(str, points.grid))} tokens"
    about = f"{points.name}: {tokens}{_of(points)}, {_each(points.count, points.groups)}"
    known = attention_of(trace, ATTENTION_BYTES) if points.has_queries else {"block": 1, "span": 1, "class_queries": 0}
    return points_of(trace) | known | _said(points, about, points.in_bounds, even)


def _together(levels: list[Points], count: int, even: float) -> dict[str, Any]:
    """All scales at once, on the grid of the finest."""
    finest = max(levels, key=lambda each: int(np.prod(each.grid)))
    grid = _grid(finest, count)
    weight = np.concatenate([each.mean_weight for each in levels], 1)  # [G, ΣP]
    if any(each.weight is None for each in levels):
        weight = np.full_like(weight, even)
    reference = np.concatenate([each.place(each.reference) for each in levels])
    position = np.concatenate([each.place(each.position) for each in levels], 1)
    trace = SamplingTrace(
        ALL,
        finest.query or NO_QUERY,
        grid,
        SIDE / grid[1],
        (weight.shape[1], 1, 1),
        class_queries=0,
        reference=_within(grid, reference),
        position=_within(grid, position),
        attention=weight[:, None],
    )
    about = f"All {len(levels)} scales{_of(finest)}, {_each(weight.shape[1], finest.groups)}"
    in_bounds = np.concatenate([each.in_bounds for each in levels], 1)
    return points_of(trace) | {"block": 1, "span": 1, "class_queries": 0} | _said(finest, about, in_bounds, even)


def _said(points: Points, about: str, in_bounds: np.ndarray, even: float) -> dict[str, Any]:
    return {
        "title": about,
        "about": about,
        "in_bounds": floats(in_bounds),
        "even": even,
        "weighed": points.weight is not None,
    }


def _of(points: Points) -> str:
    return f" for {points.query}" if points.query else ""


def _each(count: int, groups: int) -> str:
    points = "1 point" if count == 1 else f"{count} points"
    return points if groups == 1 else f"{points} for each of {groups} groups"


def _grid(points: Points, count: int) -> tuple[int, int, int]:
    """Of the trace: frames as the clip has, and at least two tokens along an axis, between which any place lies."""
    height, width = points.grid[-2:]
    return count, max(height, 2), max(width, 2)


def _within(grid: tuple[int, int, int], shares: np.ndarray) -> np.ndarray:
    """Shares [..., 3] of the clip → as a trace has them: −1 and 1 are the centres of the first and last token."""
    size = np.asarray(grid)
    index = shares * size - 0.5
    return np.where(size > 1, 2 * index / np.maximum(size - 1, 1) - 1, 0.0).astype(np.float32)


def _attention(points: Points, grid: tuple[int, int, int]) -> np.ndarray:
    """[G, T·H·W, P] for the tokens of a trace, each that of the nearest of the feature map; [G, 1, P] where unknown."""
    if not points.has_queries:
        return points.mean_weight[:, None]
    own = (1,) * (3 - len(points.grid)) + tuple(points.grid)
    attention = np.asarray(points.weight).reshape(points.groups, *own, points.count)
    for axis, (wanted, there) in enumerate(zip(grid, own, strict=True), 1):
        nearest = (np.arange(wanted) + 0.5) * there // wanted
        attention = attention.take(nearest.astype(int), axis)
    return attention.reshape(points.groups, -1, points.count)
