"""One sampling point followed through an adapter, with the numbers of one clip at each step."""

from dataclasses import dataclass

import numpy as np

from d2st.adapter import SPATIAL
from d2st.explain.heat import read_from
from d2st.trace import Encoding, SamplingTrace

Place = tuple[float, float, float]  # (frame, y pixel, x pixel), frames from 0


@dataclass(frozen=True)
class Walk:
    """What happens at one point of a pathway, and what becomes of it."""

    layer: str
    grid: tuple[int, int, int]  # tokens (T, H, W)
    token_pixels: float
    groups: int
    points: dict[str, tuple[int, int, int]]  # (n_t, n_y, n_x) of every pathway of the layer
    group: int  # of the point, from 0
    point: int  # in its group, from 0
    start: Place  # its reference
    end: Place  # where it read
    read: dict[tuple[int, int, int], float]  # (frame, row, column) of the tokens around it → share
    token: tuple[int, int, int]  # the token that pays it most attention
    attention: float  # that much, 0…1
    even: float  # what it would be if attention were spread evenly over the group's points
    changes: dict[str, float]  # by pathway, the mean over the frames of how much it changes what is handed on

    @property
    def moved(self) -> Place:
        """The offset: frames, pixels down, pixels to the right."""
        return (self.end[0] - self.start[0], self.end[1] - self.start[1], self.end[2] - self.start[2])


def walk(encoding: Encoding) -> Walk | None:
    """Follow the point of the first layer's spatial pathway that most of the clip is read through.

    It is the one with most attention times the share of its reading that lies inside the clip. None where the
    model has no sampling points.
    """
    traces = [trace for trace in encoding.traces if trace.layer == encoding.traces[0].layer]
    for trace in traces:
        if trace.pathway == SPATIAL:
            inside = trace.weight * trace.in_bounds  # [G, P]
            group, point = (int(each) for each in np.unravel_index(inside.argmax(), inside.shape))
            return _followed(trace, group, point, traces, encoding.contributions.get(trace.layer, {}))
    return None


def _followed(trace: SamplingTrace, group: int, point: int, traces: list[SamplingTrace], contributions) -> Walk:
    paid = trace.attention[group, trace.class_queries :, point]  # [T·H·W]
    frame, row, column = (int(each) for each in np.unravel_index(paid.argmax(), trace.grid))
    return Walk(
        layer=trace.layer,
        grid=trace.grid,
        token_pixels=trace.token_pixels,
        groups=trace.groups,
        points={each.pathway: each.points for each in traces},
        group=group,
        point=point,
        start=_place(trace.located_reference[point]),
        end=_place(trace.located_position[group, point]),
        read=read_tokens(trace, group, point),
        token=(frame, row, column),
        attention=float(paid.max()),
        even=1 / len(trace.reference),
        changes={pathway: float(change.mean()) for pathway, change in contributions.items()},
    )


def read_tokens(trace: SamplingTrace, group: int, point: int) -> dict[tuple[int, int, int], float]:
    """The tokens (frame, row, column) that a point reads, with their shares, largest first; those outside left out."""
    around = [(token[group, point], float(share[group, point])) for token, share in read_from(trace)]
    shares = {(int(frame), int(row), int(column)): share for (frame, row, column), share in around if share > 0}
    return dict(sorted(shares.items(), key=lambda each: -each[1]))


def _place(located: np.ndarray) -> Place:
    frame, y, x = (float(each) for each in located)
    return frame, y, x
