"""Matching: how far a query clip is from an action, frame by frame. Pure functions.

D_s and D_q frames, C actions, Q queries, shapes as in [C, D_s, F] for F-dimensional frame features.
A score is minus a matched distance: 0 is a perfect match, and higher is closer.
"""

import torch
from torch import Tensor
from torch.nn import functional as F


def centre(features: Tensor) -> Tensor:
    """Subtract a clip's temporal mean from its frame features [..., T, F].

    What stays the same through the clip (the scene) goes, what changes (the action) stays.
    """
    return features - features.mean(dim=-2, keepdim=True)


def frame_distance(support: Tensor, query: Tensor) -> Tensor:
    """1 − cosine between every pair of frames: [C, T_s, F], [Q, T_q, F] → [Q, C, T_s, T_q] in 0…2."""
    support, query = F.normalize(support, dim=-1), F.normalize(query, dim=-1)
    return 1 - torch.einsum("csf,qtf->qcst", support, query)


def bi_mhm(distance: Tensor) -> Tensor:
    """Bidirectional mean Hausdorff metric, [..., T_s, T_q] → scores [...].

    Each frame goes to its nearest on the other side, both ways; order plays no part
    (Wang et al., "Hybrid Relation Guided Set Matching", CVPR 2022, eq. 6).
    """
    return -(distance.amin(-1).sum(-1) + distance.amin(-2).sum(-1))


def otam(distance: Tensor, smoothing: float = 0.5) -> Tensor:
    """Ordered temporal alignment, both ways, [..., T_s, T_q] → scores [...].

    The cheapest path that never goes back in time, with a soft minimum of temperature
    `smoothing` (Cao et al., "Few-Shot Video Classification via Temporal Alignment", CVPR 2020).
    The soft minimum lies below the minimum, so that a score may be above 0.
    """
    return -(_path_cost(distance, smoothing) + _path_cost(distance.transpose(-1, -2), smoothing))


def frame_to_frame(distance: Tensor) -> Tensor:
    """Frame i against frame i, [..., T, T] → scores [...]."""
    return -distance.diagonal(dim1=-2, dim2=-1).sum(-1)


MATCHINGS = {"bi-mhm": bi_mhm, "otam": otam, "frame-to-frame": frame_to_frame}
DEFAULT, CENTRED = "bi-mhm", True  # chosen on validation clips that are not all cut alike (RESULTS.md)


def scores(support: Tensor, query: Tensor, matching: str, centred: bool) -> Tensor:
    """Score queries against actions.

    support: [C, K, T, F], the shots of every action, of which the mean is taken, or
    [C, T, F]; query: [Q, T, F] → [Q, C].
    """
    if centred:
        support, query = centre(support), centre(query)
    if support.dim() == 4:
        support = support.mean(1)  # [C, T, F]
    return MATCHINGS[matching](frame_distance(support, query))


def align(distance: Tensor, matching: str) -> list[tuple[int, int]]:
    """The frame pairs that a matching rests on: [T_s, T_q] → [(support frame, query frame), …]."""
    if matching == "frame-to-frame":
        return [(t, t) for t in range(len(distance))]
    if matching == "bi-mhm":
        pairs = {(s, int(q)) for s, q in enumerate(distance.argmin(1))}
        return sorted(pairs | {(int(s), q) for q, s in enumerate(distance.argmin(0))})
    return _best_path(distance)


def _path_cost(distance: Tensor, smoothing: float) -> Tensor:
    """Soft cost of the cheapest ordered path, [..., R, M] → [...].

    A column of zeros on either side lets the path start late and end early for free: in it one
    may go straight down, elsewhere only right or diagonally.
    """
    padded = F.pad(distance, (1, 1))
    rows, columns = padded.shape[-2:]

    def soft_minimum(*costs):
        return -smoothing * torch.logsumexp(torch.stack(costs) / -smoothing, dim=0)

    above = list(padded[..., 0, :].cumsum(-1).unbind(-1))
    for row in range(1, rows):
        current = [padded[..., row, 0]]
        for column in range(1, columns):
            ways = [above[column - 1], current[column - 1]]
            if column in (1, columns - 1):
                ways.append(above[column])
            current.append(padded[..., row, column] + soft_minimum(*ways))
        above = current
    return above[-1]


def _best_path(distance: Tensor) -> list[tuple[int, int]]:
    """The hard version of `_path_cost` for one [T_s, T_q], traced back, without the free columns."""
    padded = F.pad(distance, (1, 1)).tolist()
    rows, columns = len(padded), len(padded[0])
    cost = [[0.0] * columns for _ in range(rows)]
    came_from = {}
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
