"""What is said of a film that has ended: unlike one that goes on, it is looked at from both sides of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, product

import numpy as np

SLACK = 0.1  # of the threshold: so far below it may lie what stands beside a window of the same action that passes it

ROUNDING = 1e-6  # seconds


@dataclass(frozen=True)
class Passage:
    """Some seconds of a film, and the action that is said of them, or none."""

    start: float  # seconds
    end: float
    action: str | None
    score: float | None  # the best of the windows that say it


def passages(
    scores: np.ndarray, actions: Sequence[str], window: float, stride: float, threshold: float, until: float
) -> tuple[Passage, ...]:
    """The whole film from 0 to `until` seconds, in passages.

    scores: [N, C] of windows of so many seconds that begin at 0, `stride`, 2 × `stride` …; NaN where there is none.

    A window says its best action where that reaches the threshold, or nearly does and windows beside it of the same
    action reach it. The best one has all of its time; each later one what is left, if more than half of its time is
    left or its own action's, and at last those of which half is. So what is seen across a border of two actions is not
    said where these match better, or where one of them wants the time.
    """
    best = np.where(np.isnan(scores), -np.inf, scores)  # [N, C]
    said, value = best.argmax(1), best.max(1)  # [N]
    says = np.flatnonzero(_sure(said, value, threshold))
    starts = says * stride
    edges = np.unique(np.clip(np.r_[0, until, starts, starts + window].round(6), 0, until))
    lasting, winner = np.diff(edges), np.full(len(edges) - 1, -1)  # of each part between two edges: seconds, its window
    best_first = says[np.argsort(-value[says], kind="stable")]
    for least, index in product((window / 2 + ROUNDING, window / 2 - ROUNDING), best_first):
        begin, end = np.searchsorted(edges, np.round([index * stride, index * stride + window], 6))
        mine, others = winner[begin:end], said[winner[begin:end]]
        open_to_it = (mine < 0) | (others == said[index])
        if lasting[begin:end][open_to_it].sum() >= least:
            winner[begin:end] = np.where(mine < 0, index, mine)
    names = [None if index < 0 else actions[said[index]] for index in winner]
    parts = zip(edges[:-1].tolist(), edges[1:].tolist(), names, winner.tolist(), strict=True)
    return tuple(_joined(list(same), value) for _, same in groupby(parts, key=lambda part: part[2]))


def _sure(said: np.ndarray, value: np.ndarray, threshold: float) -> np.ndarray:
    """Which windows say their best action [N]."""
    near = value >= threshold - SLACK * abs(threshold)
    run = np.cumsum(np.r_[True, (said[1:] != said[:-1]) | (near[1:] != near[:-1])])[: len(said)]  # its number
    reached = {number for number, score in zip(run, value, strict=True) if score >= threshold}
    return np.array([number in reached for number in run], bool)


def _joined(parts: list[tuple[float, float, str | None, int]], value: np.ndarray) -> Passage:
    """Neighbouring parts of the same action: seconds, seconds, the action, and the window that says it or -1."""
    score = max((float(value[index]) for *_, index in parts if index >= 0), default=None)
    return Passage(parts[0][0], parts[-1][1], parts[0][2], score)
