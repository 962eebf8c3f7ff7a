"""A small film of what was read, for every browser.

An animated WebP: unlike H.264 it needs no player, no codec that a browser may lack, and is shown by an `<img>`.
"""

import io
from fractions import Fraction

import av
import numpy as np

from d2st.video.timeline import Timeline
from d2st.video.wanted import Wanted

MOST = 48  # pictures
HIGHEST = 240  # pixels


def preview_picks(timeline: Timeline) -> list[int]:
    """The indices of at most 48 pictures, evenly spread in time."""
    times = timeline.times
    wanted = np.linspace(0, times[-1], min(MOST, len(times)))
    return sorted({int(np.abs(times - each).argmin()) for each in wanted})


def small(displayed: tuple[int, int]) -> Wanted:
    """How a picture of that height and width is shrunk to at most 240 pixels high."""
    return Wanted(short_side=max(2, round(min(displayed) * min(1.0, HIGHEST / displayed[0]))), crop=None)


def animated(pictures: list[np.ndarray], times: np.ndarray, lasting: float) -> bytes:
    """uint8 RGB [H, W, 3] each, shown at `times` (seconds), the last for `lasting` seconds → an animated WebP."""
    target = io.BytesIO()
    stamps = [round(1000 * float(time)) for time in [*times, times[-1] + lasting]]
    with av.open(target, "w", format="webp", options={"loop": "0"}) as container:
        stream = container.add_stream("libwebp_anim", rate=1000)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.options = {"quality": "50", "compression_level": "1"}
        stream.codec_context.time_base = Fraction(1, 1000)
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = stamps[index], Fraction(1, 1000)
            frame.duration = max(1, stamps[index + 1] - stamps[index])
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target.getvalue()
