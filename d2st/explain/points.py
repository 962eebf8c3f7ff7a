"""Sampling points of any deformable attention, as plain arrays → where they lie in the frames."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from d2st.errors import D2STError


@dataclass(frozen=True)
class Points:
    """Where a deformable attention read on one feature map: one scale of one layer.

    Coordinates stand in the order of `grid`'s axes: (y, x) on a picture (D = 2), (t, y, x) on a clip (D = 3).
    `torch.nn.functional.grid_sample` takes them the other way round, (x, y) or (x, y, t). They are normalised to
    −1…1, and beyond the feature map there are zeros, as with `padding_mode="zeros"`. G = groups or heads, P = points
    of each, Q = queries. Arrays may be anything that numpy takes; tensors are detached and on the CPU.

    Raises `D2STError`, which names the field and its shape, for what does not fit together.
    """

    grid: Sequence[int]  # tokens of the feature map: (H, W) or (T, H, W)
    reference: Any  # [P, D], or [D] for one place that all points start from, normalised
    position: Any  # [G, P, D] normalised: reference + offset
    align_corners: bool
    """What `grid_sample` was told, for it decides where a coordinate p is read along an axis of N tokens.

    True: −1 and 1 are the centres of the first and the last token; p is read at token (p + 1)/2 · (N − 1).
    False: −1 and 1 are the feature map's edges, half a token further out; p is read at token ((p + 1) · N − 1)/2.
    """
    weight: Any = None
    """Attention that the points get, 0 or more: [G, P], or [G, Q, P] with the tokens of the grid as queries, row by
    row (and frame by frame); then a click into a frame shows what its token attends to. Without, all get the same.
    """
    name: str = ""  # of the scale or layer, such as "1/8"
    query: str = ""  # whose points these are, where every query has its own as in Deformable DETR, such as "token 17"

    def __post_init__(self):
        """Make arrays of what was given, and check that they fit together."""
        said = f"'{self.name}': " if self.name else ""
        self._keep("grid", _grid(self.grid, said))
        axes, order = len(self.grid), "(y, x)" if len(self.grid) == 2 else "(t, y, x)"
        position = _array("position", self.position, said)
        if position.ndim != 3 or position.shape[-1] != axes or not position.size:
            raise D2STError(
                f"{said}position has the shape {_shape(position)}. With grid {self.grid} it takes "
                f"(groups, points, {axes}), coordinates as {order}."
            )
        groups, points, _ = position.shape
        self._keep("position", position)
        if self.weight is not None:
            self._keep("weight", self._checked_weight(groups, points, said))
        reference = _array("reference", self.reference, said)
        if reference.shape not in ((axes,), (points, axes)):
            raise D2STError(
                f"{said}reference has the shape {_shape(reference)}. With position {_shape(position)} it takes "
                f"({points}, {axes}), or ({axes}) for one place that all points start from."
            )
        self._keep("reference", np.broadcast_to(reference, (points, axes)))

    def _checked_weight(self, groups: int, points: int, said: str) -> np.ndarray:
        weight, tokens = _array("weight", self.weight, said), int(np.prod(self.grid))
        if weight.shape not in ((groups, points), (groups, tokens, points)):
            raise D2STError(
                f"{said}weight has the shape {_shape(weight)}. With position {_shape(self.position)} and grid "
                f"{self.grid} it takes ({groups}, {points}), or ({groups}, {tokens}, {points}) with a query a token."
            )
        if weight.min() < 0:
            raise D2STError(
                f"{said}weight has values below 0, down to {weight.min():.3g}. Give attention after softmax."
            )
        if not weight.any():
            raise D2STError(f"{said}weight is 0 everywhere. Leave it out where no attention is known.")
        return weight

    def _keep(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    @property
    def groups(self) -> int:
        return len(self.position)

    @property
    def count(self) -> int:
        """Points of a group."""
        return self.position.shape[1]

    @property
    def has_queries(self) -> bool:
        """Whether it is known what each token attends to."""
        return self.weight is not None and self.weight.ndim == 3

    @property
    def mean_weight(self) -> np.ndarray:
        """[G, P]: attention of a point, averaged over the queries; 1/P each where none is known."""
        if self.weight is None:
            return np.full((self.groups, self.count), 1 / self.count, np.float32)
        return self.weight if self.weight.ndim == 2 else self.weight.mean(1)

    def tokens(self, normalised: np.ndarray) -> np.ndarray:
        """Normalised [..., D] → [..., D] in tokens: 0 is the centre of an axis's first one."""
        size = np.asarray(self.grid)
        if self.align_corners:
            return (normalised + 1) / 2 * (size - 1)
        return ((normalised + 1) * size - 1) / 2

    def place(self, normalised: np.ndarray) -> np.ndarray:
        """Normalised [..., D] → [..., 3] as shares (t, y, x) of the clip, 0 and 1 its edges; on a picture t is ½."""
        shares = (self.tokens(normalised) + 0.5) / self.grid
        if len(self.grid) == 3:
            return shares
        return np.concatenate([np.full_like(shares[..., :1], 0.5), shares], axis=-1)

    @property
    def in_bounds(self) -> np.ndarray:
        """[G, P] in 0…1: the share of a point's reading that lies inside the feature map; the rest reads zeros.

        `grid_sample` interpolates between the tokens around a point, those outside counting as zeros.
        """
        index = self.tokens(self.position)
        return np.clip(np.minimum(index + 1, np.asarray(self.grid) - index), 0, 1).prod(-1)


def as_levels(points: Points | Sequence[Points]) -> list[Points]:
    """One `Points`, or a list with one entry a scale → a list, each with a name.

    Raises `D2STError` for something else, an empty list, and two scales of the same name and query.
    """
    levels = [points] if isinstance(points, Points) else list(points)
    if not levels:
        raise D2STError("points is an empty list. Give a Points for each scale.")
    for each in levels:
        if not isinstance(each, Points):
            raise D2STError(f"points holds a {type(each).__name__}. Give a Points, or a list with one for each scale.")
    numbers = {query: 0 for query in (each.query for each in levels)}
    named = []
    for each in levels:
        numbers[each.query] += 1
        named.append(each if each.name else replace(each, name=f"scale {numbers[each.query]}"))
    known = {(each.name, each.query) for each in named}
    if len(known) < len(named):
        raise D2STError("points has two entries of the same name and query. Give each scale a name of its own.")
    return named


def _array(name: str, value: Any, said: str) -> np.ndarray:
    """float32, every value a number."""
    try:
        array = np.asarray(value, np.float32)
    except (TypeError, ValueError, RuntimeError) as error:  # tensors that want a gradient, or are on another device
        raise D2STError(
            f"{said}{name} is no array of numbers ({str(error).splitlines()[0]:.90}). "
            "Give a numpy array; of a tensor, tensor.detach().cpu().numpy()."
        ) from None
    wrong = int((~np.isfinite(array)).sum())
    if wrong:
        raise D2STError(f"{said}{name}, of shape {_shape(array)}, has {wrong} values that are not finite.")
    return array


def _grid(value: Any, said: str) -> tuple[int, ...]:
    try:
        grid = tuple(int(size) for size in value)
        whole = all(size == int(size) >= 1 for size in value)
    except (TypeError, ValueError):
        grid, whole = (), False
    if not whole or len(grid) not in (2, 3):
        raise D2STError(
            f"{said}grid is {value!r:.60}. Give the feature map's tokens as (H, W), or (T, H, W) of a clip."
        )
    return grid


def _shape(array: np.ndarray) -> str:
    return f"({', '.join(map(str, array.shape))})"
