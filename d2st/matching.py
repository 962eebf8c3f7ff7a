"""Matching: how far a query clip is from an action, frame by frame. Pure functions.

T_s and T_q frames, C actions, Q queries, shapes as in [C, T_s, F] for F-dimensional frame features.
A score is minus a matched distance: 0 is a perfect match, and higher is closer.

A clip of several looks has the frames of all of them, in order; where they may be more than one, `frames` says how
many a look has. Whatever looks a clip has, a score is on the scale of one look against one: a clip that shows the same
twice is as far from another as if it showed it once.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from d2st.errors import D2STError

Alignment = list[tuple[int, int]]  # (frame of the example, frame of the query), matched
ALONE = (1.0,)  # the weights of features that are of one part


@dataclass(frozen=True)
class Matching:
    """A way to compare clips, and what there is to say about it. Its functions take a look of either clip."""

    name: str
    title: str
    sentence: str
    formula: str  # in the paper's symbols: d(i, j) between frame i of the query and frame j of the example
    score: Callable[[Tensor], Tensor]  # frame distances [..., T_s, T_q] → [...]
    alignment: Callable[[Tensor], Alignment]  # frame distances [T_s, T_q] → the pairs that the score rests on
    costs: Callable[[Tensor], Tensor]  # frame distances [T_s, T_q] → [T_q], what each frame of the query costs
    together: bool = False  # whether frames of several looks are one set; else each look goes to its nearest


def centre(features: Tensor) -> Tensor:
    """Subtract a clip's temporal mean from its frame features [..., T, F].

    What stays the same through the clip (the scene) goes, what changes (the action) stays.
    """
    return features - features.mean(dim=-2, keepdim=True)


def stands_still(features: Tensor) -> bool:
    """Whether frame features [T, F] are the same throughout, so that centring leaves nothing but rounding."""
    return bool(centre(features).norm() <= 1e-5 * features.norm())


def directions(features: Tensor, centred: bool, weights: Sequence[float] = ALONE) -> Tensor:
    """What is compared of frame features [..., T, F]: each frame at length 1, on request after centring.

    weights: of the parts of equal width that a frame's features may consist of. Each part has a length of its own,
    so that the distance of two frames is the weighted mean of their parts' distances.
    """
    shares = torch.tensor(weights, dtype=features.dtype, device=features.device) / sum(weights)
    parts = (centre(features) if centred else features).unflatten(-1, (len(weights), -1))  # [..., T, P, F/P]
    return (F.normalize(parts, dim=-1) * shares.sqrt()[:, None]).flatten(-2)


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
            "D = Σᵢ minⱼ d(i, j) + Σⱼ minᵢ d(i, j)", bi_mhm, nearest_pairs, costs_of_nearest, True,
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


def scores(
    support: Tensor, query: Tensor, matching: str, centred: bool, frames: int | None = None,
    weights: Sequence[float] = ALONE,
) -> Tensor:  # fmt: skip
    """Score queries against actions.

    support: [C, K, T, F], the shots of every action, of which the mean is taken, or
    [C, T, F]; query: [Q, T, F] → [Q, C]. weights: as `directions` has them.
    """
    if support.dim() == 4:
        support = support.mean(1)  # [C, T, F]
    mine, yours = (directions(each, centred, weights) for each in (support, query))
    return scores_of_directions(mine, yours, matching, frames)


def scores_of_directions(support: Tensor, query: Tensor, matching: str, frames: int | None = None) -> Tensor:
    """`scores` of what `directions` gave: [C, T, F], [Q, T, F] → [Q, C]."""
    return score(distance_of_directions(support, query), matching, frames)


def score(distance: Tensor, matching: str, frames: int | None = None) -> Tensor:
    """Frame distances [..., T_s, T_q] → scores [...].

    Of several looks, Bi-MHM takes the frames of all as one set: the mean over each side's, instead of the sum, times T.
    By the others each look goes to its nearest on the other side, both ways: the mean over all of these.
    """
    row, (mine, yours) = matching_named(matching), looks_of(distance, frames)
    if mine == yours == 1:
        return row.score(distance)
    if row.together:
        return -(distance.amin(-1).sum(-1) / mine + distance.amin(-2).sum(-1) / yours)
    each = row.score(by_look(distance, mine, yours))  # [..., L_s, L_q]
    return (each.amax(-1).mean(-1) + each.amax(-2).mean(-1)) / 2


def align(distance: Tensor, matching: str, frames: int | None = None) -> Alignment:
    """The frame pairs that a matching rests on: [T_s, T_q] → [(support frame, query frame), …]."""
    row, (mine, yours) = matching_named(matching), looks_of(distance, frames)
    if row.together or mine == yours == 1:
        return row.alignment(distance)
    each = by_look(distance, mine, yours)  # [L_s, L_q, T_s, T_q]
    found = {
        (s * each.shape[2] + i, q * each.shape[3] + j)
        for s, q in nearest_looks(row.score(each))
        for i, j in row.alignment(each[s, q])
    }
    return sorted(found)


def costs(distance: Tensor, matching: str, frames: int | None = None) -> Tensor:
    """What each frame of the query adds to minus the score: [T_s, T_q] → [T_q], summing to it, but for OTAM's rest."""
    row, (mine, yours) = matching_named(matching), looks_of(distance, frames)
    if mine == yours == 1:
        return row.costs(distance)
    if row.together:
        own, back = distance.amin(-2) / yours, distance.amin(-1) / mine
        return own.index_add(0, distance.argmin(-1), back)
    each = by_look(distance, mine, yours)  # [L_s, L_q, T_s, T_q]
    nearest = row.score(each)
    total = distance.new_zeros(yours, each.shape[3])
    for s, q in enumerate(nearest.argmax(1).tolist()):
        total[q] += row.costs(each[s, q]) / (2 * mine)
    for q, s in enumerate(nearest.argmax(0).tolist()):
        total[q] += row.costs(each[s, q]) / (2 * yours)
    return total.flatten()


def looks_of(distance: Tensor, frames: int | None) -> tuple[int, int]:
    """How many looks both clips have, by their frame distances [..., T_s, T_q] and the `frames` of a look."""
    support, query = distance.shape[-2:]
    return (max(1, support // frames), max(1, query // frames)) if frames else (1, 1)


def by_look(distance: Tensor, mine: int, yours: int) -> Tensor:
    """Frame distances [..., L_s·T_s, L_q·T_q] → [..., L_s, L_q, T_s, T_q]."""
    return distance.unflatten(-1, (yours, -1)).unflatten(-3, (mine, -1)).movedim(-2, -3)


def nearest_looks(scores: Tensor) -> set[tuple[int, int]]:
    """Each look with its nearest on the other side, both ways, by their scores [L_s, L_q]."""
    pairs = set(enumerate(scores.argmax(1).tolist()))
    return pairs | {(s, q) for q, s in enumerate(scores.argmax(0).tolist())}


def alike(features: Sequence[Tensor], frames: int) -> Tensor:
    """Features of clips, each [L·T, F] of L looks → [N, L'·T, F]: each look repeated until all clips have as many.

    L' is the least common multiple, so that every look of a clip counts as much as the others of it.
    """
    looks = [max(1, len(each) // frames) for each in features]
    most = math.lcm(*looks)
    if most == 1 or len(set(looks)) == 1:
        return torch.stack(list(features))
    return torch.stack([repeated(each, most // own, frames) for each, own in zip(features, looks, strict=True)])


def repeated(features: Tensor, times: int, frames: int) -> Tensor:
    """[L·T, F] → [L·times·T, F], each look so often, one after the other."""
    return features.unflatten(0, (-1, frames)).repeat_interleave(times, 0).flatten(0, 1)
