"""A long film → its pictures at regular times, a piece at a time, in one go through the file.

Unlike `d2st.video.film`, which looks at all packets first, this knows nothing but what it has read: so memory does not
grow with the film. Colours, turning and shape are the same.
"""

import math
import time
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import av
import numpy as np
from av.video.stream import VideoStream

from d2st.video.clip import Limits
from d2st.video.film import (
    check_side,
    decoded_of,
    no_picture,
    notes_of,
    opened,
    rate_of,
    refuse_encrypted,
    refuse_seconds,
    span,
)
from d2st.video.pixels import displayed_size, rgb
from d2st.video.wanted import Wanted

AT_ONCE = 32  # pictures of a piece at most
SECONDS = 1.0  # that a piece takes at most, about: in between, others may have the processor


def read_pieces(
    file, name: str, every: float, wanted: Wanted, limits: Limits, threads: int = 1
) -> Iterator[tuple[dict[str, Any], np.ndarray]]:
    """The pictures nearest to the middles of parts of `every` seconds, each once, in pieces: facts, [N, H, W, 3].

    The facts: `times` of the pictures, `until` where the film was read, its `duration` as the container says, `notes`,
    whether it is `over`. Raises `D2STError` where there is no picture in it, or more than the limits allow.
    """
    with opened(file, name) as container:
        stream = container.streams.best("video")
        if not isinstance(stream, VideoStream) or stream.codec_context is None:
            raise no_picture(name)
        context, rate, duration = stream.codec_context, rate_of(stream), (container.duration or 0) / av.time_base
        check_side(context.width, context.height, name, limits)
        refuse_seconds(name, duration, limits.duration)
        context.thread_type, context.thread_count = "AUTO", min(4, threads)
        size, at = (0, 0), 0.0
        notes: list[str] = []
        taken: list[tuple[np.ndarray, float]] = []
        began = time.monotonic()

        def piece(until: float, over: bool = False):
            pictures = np.stack([each for each, _ in taken]) if taken else np.zeros((0, 0, 0, 3), np.uint8)
            times = [time for _, time in taken]
            return dict(times=times, until=until, duration=duration, notes=notes, over=over), pictures

        for frame, at, wants in _nearest(_timed(container, stream, name, rate), every, 1 / rate):
            check_side(frame.width, frame.height, name, limits)
            refuse_seconds(name, at, limits.duration)
            if size == (0, 0):
                size, notes = displayed_size(frame, stream.sample_aspect_ratio), notes_of(frame, name)
            if wants:
                taken.append((rgb(frame, size, wanted), at))
            if len(taken) == AT_ONCE or time.monotonic() - began > SECONDS:
                yield piece(at)
                taken, notes, began = [], [], time.monotonic()
        if size == (0, 0):
            raise no_picture(name)
        if at < 0.8 * duration - 0.1:
            notes.append(f"'{name}' may be cut off or damaged: only {span(at)} of {span(duration)} can be decoded.")
        yield piece(at + 1 / rate, over=True)


def _nearest(
    pictures: Iterable[tuple[av.VideoFrame, float]], every: float, lasting: float
) -> Iterator[tuple[av.VideoFrame, float, bool]]:
    """Each picture with its seconds, and whether it is the nearest to (k + ½) × `every` seconds for a whole k ≥ 0.

    lasting: seconds that the last one is shown.
    """

    def moments(until: float) -> int:
        return math.ceil(until / every - 0.5 - 1e-6)  # of two that are as near, the later one

    passed, held = 0, None  # the picture before: what comes next tells up to when it is the nearest
    for frame, at in pictures:
        if held:
            now = moments((held[1] + at) / 2)
            yield *held, now > passed
            passed = now
        held = frame, at
    if held:
        yield *held, moments(held[1] + lasting) > passed


def _timed(container, stream, name: str, rate: float) -> Iterator[tuple[av.VideoFrame, float]]:
    """Each picture, and its seconds after the first; where time stamps are missing or go back, the next one follows."""
    counted = stream.container.format.name == "avi"  # tells no times of pictures, only the order of decoding
    stamps: deque[int | None] = deque()
    first, last = None, -1 / rate
    for frame in decoded_of(stream.codec_context, _packets(container, stream, name, stamps)):
        stamp = (stamps.popleft() if stamps else None) if counted else frame.pts
        follows = last + 1 / rate
        seconds = follows if stamp is None else float(stamp * stream.time_base)
        if stamp is not None:
            first = seconds if first is None else first
            if seconds - first <= last:  # as where recordings were joined
                first = seconds - follows
            seconds -= first
        last = seconds
        yield frame, seconds


def _packets(container, stream, name: str, stamps: deque) -> Iterator[av.Packet]:
    """The packets of the track, one after the other; their places in the order of decoding go into `stamps`."""
    try:
        for packet in container.demux(stream):
            if not packet.size or (packet.is_corrupt and packet.pts is None and packet.dts is None):
                continue
            refuse_encrypted(packet, name)
            if stream.container.format.name == "avi":
                stamps.append(packet.dts)
            yield packet
    except (av.error.FFmpegError, OSError, IndexError):
        return  # a damaged end: what came before it counts
