"""A video file → the wanted pictures and the times of all, with FFmpeg through PyAV.

All packets are taken out of the container first: they tell when each picture is shown, which track
is the film and how long it lasts. Then pictures are decoded from the start to the last one wanted,
since seeking gives wrong pictures without a word in open groups of pictures and intra refresh.
"""

import os
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.video.stream import VideoStream

from d2st.errors import D2STError
from d2st.video.clip import Limits
from d2st.video.pixels import displayed_size, rgb
from d2st.video.preview import animated, preview_picks, small
from d2st.video.timeline import Timeline
from d2st.video.wanted import Wanted

DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,gif,mpegts,mpeg,ogg,flv,asf"
_THREADS_FROM = 60_000_000  # pixels of a clip in all: below, starting threads costs more than they save
_OPEN = {
    "vp8",
    "libvpx",
    "vp9",
    "libvpx-vp9",
    "av1",
    "libdav1d",
    "libaom-av1",
}  # FFmpeg's names of decoders
_HDR = {16: "PQ", 18: "HLG"}  # transfer functions, by their numbers in ITU-T H.273


@dataclass
class Film:
    """What was decoded of a file."""

    pictures: list[np.ndarray]  # as wanted, uint8 RGB, shrunk
    timeline: Timeline
    picks: list[int]  # the index of each picture in the timeline
    announced: Timeline  # as the container has it
    held: float  # seconds that its tracks reach to
    promised: float  # seconds that the container says it lasts
    size: tuple[int, int]  # height and width as displayed
    notes: list[str]
    preview: bytes | None = None
    plays: bool = False  # in browsers


def read_film(file, name: str, wanted: Wanted, limits: Limits) -> Film:
    """Read a film from a binary file object; no other file is opened.

    Raises `D2STError` where there is no picture in it, or more than the limits allow.
    """
    fence = {"format_whitelist": DEMUXERS, "protocol_whitelist": "pipe"}
    try:
        container = av.open(file, container_options=fence, buffer_size=1 << 18, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError) as error:
        raise no_picture(name) from error
    with container:
        packets, ends = _packets(container, name, limits)
        stream = _track(container, packets, name)
        film = _decode(stream, packets[stream.index], name, wanted, limits)
        film.promised = (container.duration or 0) / av.time_base
        film.held = ends
        film.plays = _plays(container, stream, file)
        return film


def _plays(container, stream, file) -> bool:
    """Whether browsers play a film as it is: all of them, without help of the computer that they run on."""
    context = stream.codec_context
    file.seek(0)
    if "mp4" in container.format.name:
        return context.name == "h264" and context.pix_fmt in ("yuv420p", "yuvj420p") or context.name in _OPEN
    return b"webm" in file.read(64) and context.name in _OPEN


def no_picture(name: str) -> D2STError:
    return D2STError(
        f"'{name}' holds no picture that can be decoded: it is sound only, badly damaged or in a "
        "codec that is not known here. Save it as MP4 (H.264)."
    )


def _packets(container, name: str, limits: Limits) -> tuple[dict[int, list[av.Packet]], float]:
    """The packets of each video track, and the seconds that the longest track lasts."""
    packets: dict[int, list[av.Packet]] = {stream.index: [] for stream in container.streams.video}
    first: float | None = None
    end = 0.0
    most = 500_000
    try:
        for packet in container.demux():
            if not packet.size or (packet.is_corrupt and packet.pts is None and packet.dts is None):
                continue
            at = packet.pts if packet.pts is not None else packet.dts
            if at is not None and packet.stream.type in ("video", "audio"):
                begin = float(at * packet.time_base)
                first = begin if first is None else min(first, begin)
                end = max(end, begin + float((packet.duration or 0) * packet.time_base))
            if packet.stream_index in packets:
                packets[packet.stream_index].append(packet)
                if len(packets[packet.stream_index]) > most:
                    raise D2STError(f"'{name}' holds more than {most} pictures. Trim it to the action.")
    except av.error.FFmpegError:
        pass  # a damaged end: what came before it counts
    return packets, end - (first or 0.0)


def _track(container, packets, name: str) -> VideoStream:
    """The track that is the film: no cover picture, the default one, else the one with most pictures."""
    known = [s for s in container.streams.video if packets[s.index] and s.codec_context is not None]
    if not known:
        raise no_picture(name)

    def still(stream):
        return bool(stream.disposition & av.stream.Disposition.attached_pic) or len(packets[stream.index]) == 1

    films = [s for s in known if not still(s)] or known
    chosen = [s for s in films if s.disposition & av.stream.Disposition.default] or films
    return max(chosen, key=lambda s: len(packets[s.index]))


def _decode(stream, packets, name, wanted, limits) -> Film:
    context = stream.codec_context
    rate = float(stream.average_rate or stream.base_rate or 25)
    rate = rate if 0 < rate <= 10_000 else 25.0
    _check_side(context.width, context.height, name, limits)
    expected = _announced(packets, stream, rate)
    refuse_length(name, expected, limits.duration)
    if context.width * context.height * len(packets) >= _THREADS_FROM:
        context.thread_type, context.thread_count = "AUTO", min(4, os.cpu_count() or 1)
    picks = wanted.picks(expected)
    show = preview_picks(expected) if wanted.preview else []
    taken, shown, timeline, head = _run(stream, packets, picks, show, wanted, rate, expected, name, limits)
    if timeline is not expected:  # other pictures came out than the packets told of
        if not timeline.times.size:
            raise no_picture(name)
        picks = wanted.picks(timeline)
        if not set(picks) <= taken.keys():
            context.flush_buffers()
            show = preview_picks(timeline) if wanted.preview else []
            taken, shown, _, head = _run(stream, packets, picks, show, wanted, rate, timeline, name, limits)
            if not set(picks) <= taken.keys():
                raise D2STError(f"'{name}' gives other pictures each time that it is read. Save it as MP4 (H.264).")
    notes = []
    if head.color_trc in _HDR:
        notes.append(f"'{name}' is HDR ({_HDR[head.color_trc]}): bright colours are shown as on an ordinary screen.")
    return Film(
        [taken[index] for index in picks], timeline, picks, expected, 0.0, 0.0,
        displayed_size(head, stream.sample_aspect_ratio), notes, _preview(shown, timeline),
    )  # fmt: skip


def _preview(shown: dict[int, np.ndarray], timeline: Timeline) -> bytes | None:
    indices = [index for index in sorted(shown) if index < len(timeline.times)]
    if not indices:
        return None
    return animated([shown[index] for index in indices], timeline.times[indices], timeline.lasting)


def _run(stream, packets, picks, show, wanted, rate, expected, name, limits):
    """Decode until all picks are there: {index: picture}, {index: small picture}, the timeline, the first frame.

    The timeline is `expected` itself as long as each picture comes at its time; where one does not, all is decoded.
    """
    picks, last, agrees = set(picks), max([*picks, *show]), True
    taken: dict[int, np.ndarray] = {}
    shown: dict[int, np.ndarray] = {}
    stamps: list[int | None] = []
    durations: list[int] = []
    head = None
    for frame in _frames(stream.codec_context, packets):
        index = len(stamps)
        if head is None:
            head = frame
        _check_side(frame.width, frame.height, name, limits)
        if index in picks:
            taken[index] = rgb(frame, stream.sample_aspect_ratio, wanted)
        if index in show:
            size = displayed_size(frame, stream.sample_aspect_ratio)
            shown[index] = rgb(frame, stream.sample_aspect_ratio, small(size))
        stamps.append(frame.pts)
        durations.append(frame.duration or 0)
        agrees = agrees and index < len(expected.times) and expected.stamp(index) in (None, frame.pts)
        if agrees and index == last:
            return taken, shown, expected, head
    lasting = float(durations[-1] * stream.time_base) if durations else 0.0
    counted = expected.stamps is None
    return taken, shown, Timeline.of(stamps, stream.time_base, rate, lasting, counted), head


def _frames(context, packets):
    for packet in [*packets, None]:
        try:
            yield from context.decode(packet)
        except av.error.FFmpegError:  # a damaged picture: the next one may be whole
            continue


def _announced(packets, stream, rate: float) -> Timeline:
    shown = [packet for packet in packets if not packet.is_discard] or packets
    stamps = [packet.pts for packet in shown]
    # AVI knows no times, only an order.
    counted = stream.container.format.name == "avi" or any(stamp is None for stamp in stamps)
    lasting = 0.0
    if not counted:
        final = max(shown, key=lambda packet: packet.pts)
        lasting = float((final.duration or 0) * stream.time_base)
        stamps.sort()
    return Timeline.of(stamps, stream.time_base or Fraction(1, 1000), rate, lasting, counted)


def _check_side(width: int, height: int, name: str, limits: Limits) -> None:
    if max(width, height) > limits.side:
        raise D2STError(
            f"'{name}' has {width} × {height} pixels, and {limits.side} on a side is the most. Save it smaller."
        )


def refuse_length(name: str, timeline: Timeline, most: float) -> None:
    """Pictures are what costs: of a time lapse each counts as a second at most."""
    seconds = min(timeline.duration, float(len(timeline.times)))
    if seconds > most:
        raise D2STError(f"'{name}' lasts {span(seconds)}, and {span(most)} is the most. Trim it to the action.")


def span(seconds: float) -> str:
    return f"{seconds / 60:.3g} min" if seconds >= 60 else f"{seconds:.3g} s"
