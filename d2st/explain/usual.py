"""What of a clip's sampling points is this clip's: against where the points usually are."""

from dataclasses import dataclass

import numpy as np

from d2st.models.usual import Usual
from d2st.trace import SamplingTrace


@dataclass(frozen=True)
class Own:
    """What one clip changed of where one pathway of one layer usually reads."""

    usual: np.ndarray  # [G, P, 3] normalised: the mean position over many clips
    difference: np.ndarray  # [G, L·P, 3] normalised: this clip's positions in its L looks minus that
    share: float  # 0…1: how much of this clip's arrows is this clip's, see `own`
    typical: float  # 0…1: the same share over the clips that the usual positions are of
    clips: int  # how many these are


def own(trace: SamplingTrace, usual: Usual | None, *others: SamplingTrace) -> Own | None:
    """What of a trace's arrows is this clip's; None where it is not known what is usual.

    An offset o is the usual one u and this clip's difference d: o = u + d. Over many clips the
    mixed term has no mean, so that the mean of |o|² is |u|² plus the mean of |d|². Of this clip,

        share = 1 − |u|² / (|u|² + |d|²),

    each summed over all groups, points and axes: 0 where the points stand where they always do, ½ where
    the clip moves them as far from there as they usually are from their crosses. Lengths are normalised,
    so that a clip is 2 long, high and wide. Its analogue over many clips, with |d|² the variance, is `typical`.
    others: the traces of the other looks at the clip; the sums are over all looks then.
    """
    points = usual.points.get((trace.layer, trace.pathway)) if usual else None
    if usual is None or points is None:
        return None
    difference = np.concatenate([look.offset - points.offset for look in (trace, *others)], axis=1)
    square = float((difference**2).sum()) / (1 + len(others))  # a look
    share = square / (points.common + square) if square else 0.0
    return Own(trace.reference + points.offset, difference, share, points.share, usual.clips)


def own_of_all(traces: list[SamplingTrace], usual: Usual | None) -> dict[tuple[str, str], Own]:
    """`own` of every trace for which it is known, by layer and pathway."""
    looks: dict[tuple[str, str], list[SamplingTrace]] = {}
    for trace in traces:
        looks.setdefault((trace.layer, trace.pathway), []).append(trace)
    found = {place: own(each[0], usual, *each[1:]) for place, each in looks.items()}
    return {place: each for place, each in found.items() if each}
