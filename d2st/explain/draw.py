"""Frames and sampling points → pictures. Knows arrays and traces; no models and no pages."""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from d2st.trace import SamplingTrace

SCALE = 2  # pixels of a picture per pixel of a frame
MARGIN = 10  # pixels of a frame left dark around it, where points that fell outside it stand

# Okabe and Ito's colours, which colour-blind people can tell apart; one a group, in turn.
COLOURS = ((230, 159, 0), (86, 180, 233), (0, 158, 115), (204, 121, 167), (240, 228, 66), (213, 94, 0))
WHITE, DARK, FILM = (255, 255, 255), (20, 22, 26), (38, 41, 48)

LEGEND = (
    "cross = reference, arrow = offset, disc = sampling point (larger: more attention), "
    "faint = between two frames or partly outside the clip, hollow = reads nothing"
)

_SHIFT = 4  # OpenCV takes coordinates in 1/16 pixels
_FAINTEST = 0.08  # nearness to a frame below which a mark could not be seen on it


def draw_points(frames: np.ndarray, trace: SamplingTrace | None, group: int | None = None) -> np.ndarray:
    """Draw where one pathway read over the frames that the model saw.

    frames: uint8 RGB [T, H, W, 3], those of the look that the trace belongs to; group: 0…G−1, or None for all.
    Returns uint8 RGB [T, (H + 2·MARGIN)·SCALE, (W + 2·MARGIN)·SCALE, 3]; `picture_place` tells
    where a place of a frame lies in it.

    A cross is a reference point, an arrow leads from it to a sampling point, a disc, whose radius
    grows with its attention (the mean one: 5 frame pixels). A point between two frames stands on
    both, each time as opaque as it is near; its arrow is dotted on frames that its reference is
    not on. A disc is as opaque as the share of its reading that lies inside the clip, and a hollow
    ring where that is nothing; points beyond the margin or before the first and after the last frame
    stand at the nearest edge.
    """
    pictures = np.stack([_enlarge(frame) for frame in frames])
    if trace is None:
        return pictures
    marks = [
        mark
        for g in (range(trace.groups) if group is None else [group])
        for mark in marks_of(trace, g, len(frames) - 1)
    ]
    for mark in marks:
        _arrow(pictures[mark.frame], mark)
    for time, y, x in trace.located_reference:
        for frame, nearness in frames_at(time - trace.first, len(frames) - 1):
            _cross(pictures[frame], picture_place(y, x), nearness)
    for mark in marks:
        _disc(pictures[mark.frame], mark)
    return pictures


def picture_place(y: float, x: float) -> tuple[float, float]:
    """A place in a frame, in pixels from its edge → (y, x) in the pictures of `draw_points`, alike."""
    return (y + MARGIN) * SCALE, (x + MARGIN) * SCALE


def filmstrip(frames: np.ndarray, side: int = 64) -> np.ndarray:
    """Frames uint8 RGB [T, H, W, 3] → one row of them with thin gaps, uint8 RGB [side, T·side, 3]."""
    gap = max(side // 32, 1)
    row = np.full((side, len(frames) * side, 3), FILM, np.uint8)
    for index, frame in enumerate(frames):
        left, right = index * side, (index + 1) * side
        right -= gap if index < len(frames) - 1 else 0
        row[:, left:right] = cv2.resize(frame, (side, side), interpolation=cv2.INTER_AREA)[:, : right - left]
    return row


def save_points_figure(clip, traces: list[SamplingTrace], file, most: int = 8) -> None:
    """Write a labelled figure (PNG, or what the file's ending says): a row of frames per pathway.

    clip: has `name`, `frames` uint8 RGB [T, H, W, 3] and `times` in seconds. Where there are more
    than `most` traces, layers are left out evenly, the last one kept. Without traces, the frames alone.
    """
    layers = list(dict.fromkeys(trace.layer for trace in traces))
    kept = layers[::-1][:: max(-(-sum(trace.look == 0 for trace in traces) // most), 1)]
    rows = [trace for trace in traces if trace.layer in kept]
    looks: dict[str, list[np.ndarray]] = {}
    for trace in rows:
        frames = clip.frames[trace.first : trace.first + trace.grid[0]]
        looks.setdefault(f"{trace.layer}\n{trace.pathway}", []).append(draw_points(frames, trace))
    strips = {label: np.concatenate(each) for label, each in looks.items()}
    said = LEGEND if traces else "this model has no sampling points"
    if len(layers) and max(trace.look for trace in traces):
        said = f"{1 + max(trace.look for trace in traces)} looks, each by itself; {said}"
    _save_strips(strips or {"": draw_points(clip.frames, None)}, clip, said, file)


def save_frames_figure(clip, file) -> None:
    """Write the frames of a clip with their times (PNG, or what the file's ending says), `clip` as above."""
    apart = np.pad(clip.frames, ((0, 0), (0, 0), (3, 3), (0, 0)), constant_values=255)
    _save_strips({"": apart}, clip, f"{len(clip.frames)} of {clip.frame_count} frames", file)


def _save_strips(strips: dict[str, np.ndarray], clip, said: str, file) -> None:
    """A labelled row for each [T, H, W, 3], all of the clip's times."""
    from matplotlib.figure import Figure  # slow to import, and only figures need it

    count = len(clip.times)
    figure = Figure(figsize=(2 * count, 2 * len(strips) + 0.8), layout="constrained")
    axes = figure.subplots(len(strips), squeeze=False)[:, 0]
    for axis, (label, pictures) in zip(axes, strips.items(), strict=True):
        axis.imshow(np.hstack(list(pictures)))
        axis.set(xticks=[], yticks=[], ylabel=label)
        axis.spines[:].set_visible(False)
    axes[0].set_xticks((np.arange(count) + 0.5) * pictures.shape[2], [f"{time:.2f} s" for time in clip.times])
    axes[0].tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    figure.suptitle(f"{clip.name}: {said}", fontsize=10)
    figure.savefig(file, dpi=100, bbox_inches="tight")


class Mark(NamedTuple):
    """A sampling point on one of the frames that it is near to; places are (y, x) in the picture."""

    frame: int  # of the look
    nearness: float  # to the frame, 0…1
    start: tuple[float, float]  # of its arrow: the reference
    place: tuple[float, float]
    radius: float
    colour: tuple[int, int, int]
    inside: float  # the share of what it reads that lies inside the clip, 0…1
    stays: bool  # on a frame that its reference is on


def marks_of(trace: SamplingTrace, group: int, last: int) -> Iterator[Mark]:
    """The marks of a group on each of the frames 0…last of its look that they are near to."""
    radii = np.clip(5 * trace.weight[group] / trace.weight[group].mean(), 2, 12) * SCALE
    origins, points = trace.located_reference, trace.located_position[group]
    for origin, point, radius, inside in zip(origins, points, radii, trace.in_bounds[group], strict=True):
        for frame, nearness in frames_at(point[0] - trace.first, last):
            yield Mark(
                frame,
                nearness,
                picture_place(*origin[1:]),
                picture_place(*point[1:]),
                float(radius),
                COLOURS[group % len(COLOURS)],
                float(inside),
                abs(origin[0] - trace.first - frame) < 1,
            )


def frames_at(time: float, last: int) -> list[tuple[int, float]]:
    """The frames that a time in frames lies on, and how near it is to each, 0…1."""
    time = float(np.clip(time, 0, last))
    before = int(time)
    near = [(before, 1 - time + before), (min(before + 1, last), time - before)]
    return [(frame, nearness) for frame, nearness in near if nearness > _FAINTEST]


def _enlarge(frame: np.ndarray) -> np.ndarray:
    height, width = frame.shape[:2]
    frame = cv2.resize(frame, (width * SCALE, height * SCALE), interpolation=cv2.INTER_CUBIC)
    edge = MARGIN * SCALE
    return cv2.copyMakeBorder(frame, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=FILM)


def _within(picture, place):
    """The nearest place of the picture."""
    return tuple(float(p) for p in np.clip(place, 0, picture.shape[:2]))


def _cross(picture, place, nearness):
    def paint(image, at):
        (y, x), arm = at(place), 5 << _SHIFT
        for colour, thickness in ((DARK, 4), (WHITE, 2)):
            cv2.line(image, (x - arm, y), (x + arm, y), colour, thickness, cv2.LINE_AA, _SHIFT)
            cv2.line(image, (x, y - arm), (x, y + arm), colour, thickness, cv2.LINE_AA, _SHIFT)

    _blend(picture, [place], 10, nearness, paint)


def _disc(picture, mark):
    place = _within(picture, mark.place)
    rings = ((DARK, 5), (WHITE, 3), (mark.colour, cv2.FILLED)) if mark.inside > 0 else ((DARK, 6), (mark.colour, 4))

    def paint(image, at):
        y, x = at(place)
        for colour, thickness in rings:
            cv2.circle(image, (x, y), int(mark.radius * (1 << _SHIFT)), colour, thickness, cv2.LINE_AA, _SHIFT)

    _blend(picture, [place], mark.radius + 6, mark.nearness * (mark.inside or 1), paint)


def _arrow(picture, mark):
    start, end = np.array(mark.start), np.array(_within(picture, mark.place))
    length = float(np.hypot(*(end - start)))
    if length < mark.radius + 4:
        return
    along = (end - start) / length
    tip = end - along * mark.radius
    across = along[::-1] * (1, -1)
    head = [tip, tip - along * 8 + across * 4, tip - along * 8 - across * 4]
    pieces = (
        [(start, tip - along * 6)]
        if mark.stays
        else [(start + along * at, start + along * (at + 1)) for at in np.arange(0, length - mark.radius - 8, 9)]
    )

    def paint(image, at):
        for colour, thickness in ((DARK, 4), (mark.colour, 2)):
            for a, b in pieces:
                cv2.line(image, at(a)[::-1], at(b)[::-1], colour, thickness, cv2.LINE_AA, _SHIFT)
        if length > mark.radius + 10:
            cv2.fillConvexPoly(image, np.array([at(p)[::-1] for p in head]), mark.colour, cv2.LINE_AA, _SHIFT)

    _blend(picture, [start, end], 10, mark.nearness, paint)


def _blend(picture, places, reach, opacity, paint):
    """Paint onto the part of a picture around some places, with opacity 0…1.

    `paint(image, at)` draws on a cut-out; `at` takes a place of the picture, in pixels from its
    edge, to OpenCV's fixed-point (y, x) there, which count from the centre of the first pixel.
    """
    ys, xs = zip(*places, strict=True)
    top, left = (max(int(min(values) - reach), 0) for values in (ys, xs))
    box = picture[top : int(max(ys) + reach) + 1, left : int(max(xs) + reach) + 1]
    if not box.size:
        return

    def at(place):
        y, x = place
        return round((y - top - 0.5) * (1 << _SHIFT)), round((x - left - 0.5) * (1 << _SHIFT))

    painted = box.copy()
    paint(painted, at)
    box[:] = cv2.addWeighted(painted, opacity, box, 1 - opacity, 0)
