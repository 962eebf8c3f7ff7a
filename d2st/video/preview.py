"""A small film of what was read, for every browser: its pictures side by side in one WebP.

Unlike H.264 it needs no player and no codec that a browser may lack, and a page shows any of its moments at once.
"""

import cv2
import numpy as np

from d2st.video.clip import Preview
from d2st.video.timeline import Timeline
from d2st.video.wanted import Wanted
from d2st.video.webp import webp

MOST = 64  # pictures
MOST_PIXELS = 3_600_000  # of all pictures together
MOST_BYTES = 150_000
LONGEST = 480  # pixels along a picture's longer side
QUALITIES = (75, 60, 45, 30, 15, 0)  # WebP's, until the sheet is small enough
WIDEST = 16383  # pixels along a side of a WebP


def preview_picks(timeline: Timeline) -> list[int]:
    """The indices of at most 64 pictures, evenly spread in time."""
    times = timeline.times
    wanted = np.linspace(0, times[-1], min(MOST, len(times)))
    return sorted({int(np.abs(times - each).argmin()) for each in wanted})


def small(displayed: tuple[int, int], count: int) -> Wanted:
    """How `count` pictures of that height and width are shrunk, in their own shape: the fewer, the larger."""
    height, width = displayed
    scale = min(1.0, LONGEST / max(displayed), (MOST_PIXELS / count / (height * width)) ** 0.5)
    return Wanted(short_side=max(2, round(min(displayed) * scale)), crop=None)


def sheet(pictures: list[np.ndarray], times: np.ndarray) -> Preview:
    """uint8 RGB [H, W, 3] each, shown at `times` (seconds) → all of them in one picture of at most 150 kB.

    Quality is lowered until it fits; where even the lowest is too large, as with noise, the pictures are halved.
    """
    while True:
        columns, grid = _side_by_side(pictures)
        some = _side_by_side(pictures[::8])[1]  # tells how large the sheet will be, in an eighth of the time
        for quality in QUALITIES:
            if len(webp(some, quality)) * grid.size > 0.95 * MOST_BYTES * some.size:
                continue
            data = webp(grid, quality)
            if len(data) <= MOST_BYTES:
                height, width = pictures[0].shape[:2]
                return Preview(data, columns, tuple(float(time) for time in times), width, height)
        height, width = (max(1, side // 2) for side in pictures[0].shape[:2])
        pictures = [cv2.resize(each, (width, height), interpolation=cv2.INTER_AREA) for each in pictures]


def _side_by_side(pictures: list[np.ndarray]) -> tuple[int, np.ndarray]:
    """Row by row, in a sheet that is about square: the number of columns, and the sheet, uint8 RGB."""
    height, width = pictures[0].shape[:2]
    columns = min(len(pictures), max(1, round((len(pictures) * height / width) ** 0.5)), WIDEST // width)
    rows = -(-len(pictures) // columns)
    grid = np.zeros((rows * height, columns * width, 3), np.uint8)
    for index, picture in enumerate(pictures):
        top, left = index // columns * height, index % columns * width
        grid[top : top + height, left : left + width] = picture
    return columns, grid
