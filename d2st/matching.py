"""Matching: how far a query clip is from an action, frame by frame. Pure functions.

D_s and D_q frames, C actions, Q queries, shapes as in [C, D_s, F] for F-dimensional frame features.
A score is minus a matched distance: 0 is a perfect match, and higher is closer.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from d2st.errors import D2STError

Alignment = list[tuple[int, int]]  # (frame of the example, frame of the query), matched


@dataclass(frozen=True)
class Matching:
    """A way to compare clips, and what there is to say about it."""

    name: str
    title: str
    sentence: str
    formula: str  # in the paper's symbols: d(i, j) between frame i of the query and frame j of the example
    score: Callable[[Tensor], Tensor]  # frame distances [..., T_s, T_q] → [...]
    alignment: Callable[[Tensor], Alignment]  # frame distances [T_s, T_q] → the pairs that the score rests on
    costs: Callable[[Tensor], Tensor]  # frame distances [T_s, T_q] → [T_q], what each frame of the query costs


def centre(features: Tensor) -> Tensor:
    """Subtract a clip's temporal mean from its frame features [..., T, F].

    What stays the same through the clip (the scene) goes, what changes (the action) stays.
    """
    return features - features.mean(dim=-2, keepdim=True)


def stands_still(features: Tensor) -> bool:
    """Whether frame features [T, F] are the same throughout, so that centring leaves nothing but rounding."""
    return bool(centre(features).norm() <= 1e-5 * features.norm())


def directions(features: Tensor, centred: bool) -> Tensor:
    """What is compared of frame features [..., T, F]: each frame at length 1, on request after centring."""
    return F.normalize(centre(features) if centred else features, dim=-1)


def frame_distance(support: Tensor, query: Tensor) -> Tensor:
    """1 − cosine between every pair of frames: [C, T_s, F], [Q, T_q, F] → [Q, C, T_s, T_q] in 0…2."""
    return distance_of_directions(directions(support, False), directions(query, False))


def distance_of_directions(support: Tensor, query: Tensor) -> Tensor:
    """`frame_distance` of what has length 1 already."""
    cosines = support.flatten(0, 1) @ query.flatten(0, 1).T  # [C·T_s, Q·T_q]
    return 1 - cosines.view(*support.shape[:2], *query.shape[:2]).movedim(2, 0)  # [Q, C, T_s, T_q]


def bi_mhm(distance: Tensor) -> Tensor:
    """Bidirectional mean Hausdorff metric, [..., T_s, T_q] → scores [...].

    Each frame goes to its nearest on the other side, both ways; order plays no part
    (Wang et al., "Hybrid Relation Guided Set Matching", CVPR 2022, eq. 6).
    """
    return -(distance.amin(-1).sum(-1) + distance.amin(-2).sum(-1))


def nearest_pairs(distance: Tensor) -> Alignment:
    """Each frame with its nearest on the other side, both ways."""
    pairs = {(s, int(q)) for s, q in enumerate(distance.argmin(1))}
    return sorted(pairs | {(int(s), q) for q, s in enumerate(distance.argmin(0))})


def costs_of_nearest(distance: Tensor) -> Tensor:
    """What each frame of the query adds to minus the score of `bi_mhm`, [T_s, T_q] → [T_q], summing to it.

    A frame pays for its own nearest, and for each frame of the example whose nearest it is.
    """
    back = distance.amin(-1)  # [T_s]
    return distance.amin(-2).index_add(0, distance.argmin(-1), back)


def otam(distance: Tensor, smoothing: float = 0.5) -> Tensor:
    """Ordered temporal alignment, both ways, [..., T_s, T_q] → scores [...].

    The cheapest path that never goes back in time, with a soft minimum of temperature
    `smoothing` (Cao et al., "Few-Shot Video Classification via Temporal Alignment", CVPR 2020).
    The soft minimum lies below the minimum, so that a score may be above 0.
    """
    return -(_path_cost(distance, smoothing) + _path_cost(distance.transpose(-1, -2), smoothing))


def _path_cost(distance: Tensor, smoothing: float) -> Tensor:
    """Soft cost of the cheapest ordered path, [..., R, M] → [...].

    A column of zeros on either side lets the path start late and end early for free: in it one
    may go straight down, elsewhere only right or diagonally.
    """
    cost = F.pad(distance, (1, 1)) / -smoothing  # [..., R, M + 2], in these units a soft minimum is a logsumexp
    along = cost.cumsum(-1)  # what a row costs up to here; going right from `start` to c costs along[c] − along[start]
    reached = along[..., 0, :]
    for row in range(1, cost.shape[-2]):
        right = along[..., row, :]
        down = torch.stack([reached[..., 1], reached[..., -1]], -1)  # straight, in the two columns of zeros
        entered = reached[..., :-1]  # diagonally into columns 1 …
        edges = torch.logaddexp(entered[..., [0, -1]], down)
        entered = torch.cat([torch.zeros_like(edges[..., :1]), edges[..., :1], entered[..., 1:-1], edges[..., 1:]], -1)
        before = F.pad(right[..., :-1], (1, 0))
        reached = right + torch.logcumsumexp(entered - before, -1)
    return reached[..., -1] * -smoothing


def cheapest_path(distance: Tensor) -> Alignment:
    """The hard version of `_path_cost` for one [T_s, T_q], traced back, without the free columns."""
    padded = F.pad(distance, (1, 1)).tolist()
    rows, columns = len(padded), len(padded[0])
    cost = [[0.0] * columns for _ in range(rows)]
    came_from: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(rows):
        for column in range(1, columns):
            ways = [(row, column - 1)]
            if row:
                ways.append((row - 1, column - 1))
                if column in (1, columns - 1):
                    ways.append((row - 1, column))
            best = min(ways, key=lambda way: cost[way[0]][way[1]])
            came_from[row, column] = best
            cost[row][column] = cost[best[0]][best[1]] + padded[row][column]
    path, step = [], (rows - 1, columns - 1)
    while step in came_from:
        path.append(step)
        step = came_from[step]
    return sorted((row, column - 1) for row, column in path if 0 < column < columns - 1)


def costs_of_paths(distance: Tensor) -> Tensor:
    """What each frame of the query adds to the cheapest paths, both ways, [T_s, T_q] → [T_q].

    They sum to minus what `otam` tends to as its smoothing goes to 0. The soft minimum's own value is
    lower, by what many nearly as cheap paths are worth together, which belongs to no frame.
    """
    there, back = cheapest_path(distance), cheapest_path(distance.T)
    costs = distance.new_zeros(distance.shape[1])
    for s, q in [*there, *((s, q) for q, s in back)]:
        costs[q] += distance[s, q]
    return costs


def frame_to_frame(distance: Tensor) -> Tensor:
    """Frame i against frame i, [..., T, T] → scores [...]."""
    return -distance.diagonal(dim1=-2, dim2=-1).sum(-1)


def costs_of_same_frames(distance: Tensor) -> Tensor:
    """What each frame of the query adds to minus the score of `frame_to_frame`, [T, T] → [T]."""
    return distance.diagonal()


def same_frames(distance: Tensor) -> Alignment:
    return [(t, t) for t in range(len(distance))]


MATCHINGS = {
    matching.name: matching
    for matching in (
        Matching(
            "bi-mhm", "Bi-MHM", "Each frame goes to its nearest.",
            "D = Σᵢ minⱼ d(i, j) + Σⱼ minᵢ d(i, j)", bi_mhm, nearest_pairs, costs_of_nearest,
        ),
        Matching(
            "otam", "OTAM", "Frames keep their order.",
            "γ(i, j) = d(i, j) + smooth-min{γ(i−1, j−1), γ(i, j−1)}, both ways", otam, cheapest_path, costs_of_paths,
        ),
        Matching(
            "frame-to-frame", "Frame to frame", "First to first and so on.",
            "D = Σᵢ d(i, i)", frame_to_frame, same_frames, costs_of_same_frames,
        ),
    )
}  # fmt: skip
DEFAULT, CENTRED = "bi-mhm", True  # chosen on validation clips that are not all cut alike (RESULTS.md)


def matching_named(name: str) -> Matching:
    """The row of a matching; D2STError for a name that is none."""
    if name not in MATCHINGS:
        raise D2STError(f"There is no matching '{name}'. Choose one of {', '.join(MATCHINGS)}.")
    return MATCHINGS[name]


def scores(support: Tensor, query: Tensor, matching: str, centred: bool) -> Tensor:
    """Score queries against actions.

    support: [C, K, T, F], the shots of every action, of which the mean is taken, or
    [C, T, F]; query: [Q, T, F] → [Q, C].
    """
    if support.dim() == 4:
        support = support.mean(1)  # [C, T, F]
    return scores_of_directions(directions(support, centred), directions(query, centred), matching)


def scores_of_directions(support: Tensor, query: Tensor, matching: str) -> Tensor:
    """`scores` of what `directions` gave: [C, T, F], [Q, T, F] → [Q, C]."""
    return matching_named(matching).score(distance_of_directions(support, query))


def align(distance: Tensor, matching: str) -> Alignment:
    """The frame pairs that a matching rests on: [T_s, T_q] → [(support frame, query frame), …]."""
    return matching_named(matching).alignment(distance)
