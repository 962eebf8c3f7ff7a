"""A video file → the wanted pictures and the times of all, with FFmpeg through PyAV.

All packets are taken out of the container first: they tell when each picture is shown, which track
is the film and how long it lasts. Then pictures are decoded from the start to the last one wanted; of a
long film only what the wanted ones need, where it is sure to give the same pictures (`d2st.video.entries`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from d2st.errors import D2STError
from d2st.video.clip import Limits, Preview, Source
from d2st.video.entries import segments
from d2st.video.pixels import displayed_size, pixel_aspect, rgb, turned
from d2st.video.preview import preview_picks, sheet, small
from d2st.video.timeline import Timeline
from d2st.video.wanted import Wanted

DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,gif,mpegts,mpeg,ogg,flv,asf"
_THREADS_FROM = 60_000_000  # pixels of a clip in all: below, starting threads costs more than they save
_APART_FROM = 300_000_000  # pixels that need not be decoded: below, what is damaged is better noticed
_STEPWISE_FROM = 1_000_000_000  # the same where there is a preview: it moves by steps then
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
    source: Source
    preview: Preview | None = None


def read_film(file, name: str, wanted: Wanted, limits: Limits, threads: int = 1) -> Film:
    """Read a film from a binary file object; no other file is opened. A large one takes so many `threads`.

    Raises `D2STError` where there is no picture in it, or more than the limits allow.
    """
    with opened(file, name) as container:
        packets, ends = _packets(container, name, limits)
        stream, why = _track(container, packets, name)
        refuse_encrypted(packets[stream.index][0], name)
        film = _decode(stream, why, packets[stream.index], name, wanted, limits, threads)
        film.promised = (container.duration or 0) / av.time_base
        film.held = ends
        return film


def opened(file, name: str) -> InputContainer:
    """The container in a binary file object; no other file is opened."""
    fence = {"format_whitelist": DEMUXERS, "protocol_whitelist": "pipe"}
    try:
        return av.open(file, container_options=fence, buffer_size=1 << 18, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError, OSError) as error:  # OSError: it is told to go to where no file is
        raise no_picture(name) from error


def refuse_encrypted(packet: av.Packet, name: str) -> None:
    if packet.has_sidedata("encryption_info"):  # decoders would make noise of it
        raise D2STError(f"'{name}' is encrypted: it is protected against copying. Choose a clip that is not.")


def no_picture(name: str) -> D2STError:
    return D2STError(
        f"'{name}' holds no picture that can be decoded: it is sound only, badly damaged or in a "
        "codec that is not known here. Save it as MP4 (H.264)."
    )


def _packets(container, name: str, limits: Limits) -> tuple[dict[int, list[av.Packet]], float]:
    """The packets of each video track, and the second at which the longest track ends."""
    packets: dict[int, list[av.Packet]] = {stream.index: [] for stream in container.streams.video}
    # Seconds of a time stamp's unit, of what is seen or heard.
    units = {s.index: float(s.time_base) for s in container.streams if s.type in ("video", "audio") and s.time_base}
    first: float | None = None
    end = 0.0
    most = 500_000
    try:
        for packet in container.demux():
            if not packet.size or (packet.is_corrupt and packet.pts is None and packet.dts is None):
                continue
            at = packet.pts if packet.pts is not None else packet.dts
            unit = units.get(packet.stream_index)
            if at is not None and unit:
                first = at * unit if first is None else min(first, at * unit)
                end = max(end, (at + (packet.duration or 0)) * unit)
            of_track = packets.get(packet.stream_index)
            if of_track is not None:
                of_track.append(packet)
                if len(of_track) > most:
                    raise D2STError(f"'{name}' holds more than {most} pictures. Trim it to the action.")
    except (av.error.FFmpegError, OSError, IndexError):
        pass  # a damaged end: what came before it counts. IndexError: PyAV at the end, where a track began late
    return packets, end - min(0.0, first or 0.0)  # Matroska's length counts from zero, wherever the film begins


def _track(container, packets, name: str) -> tuple[VideoStream, str]:
    """The track that is the film, no cover picture: the default one, else the one with most pictures; and why."""
    known = [s for s in container.streams.video if packets[s.index] and s.codec_context is not None]
    if not known:
        raise no_picture(name)

    def still(stream):
        return bool(stream.disposition & av.stream.Disposition.attached_pic) or len(packets[stream.index]) == 1

    films = [s for s in known if not still(s)] or known
    default = [s for s in films if s.disposition & av.stream.Disposition.default]
    chosen = max(default or films, key=lambda s: len(packets[s.index]))
    if len(known) == 1:
        why = "the only one with pictures"
    elif len(films) == 1:
        why = "the others are single pictures"
    else:
        why = "the default one" if len(default) == 1 else "the one with most pictures"
    return chosen, f"{1 + chosen.index} of {len(container.streams)}: {why}"


def _decode(stream, why, packets, name, wanted, limits, threads) -> Film:
    context = stream.codec_context
    rate = rate_of(stream)
    check_side(context.width, context.height, name, limits)
    expected = _announced(packets, stream, rate)
    refuse_length(name, expected, limits.duration)
    if context.width * context.height * len(packets) >= _THREADS_FROM:
        context.thread_type, context.thread_count = "AUTO", min(4, threads)
    timeline, found = expected, _Pictures(stream, expected, wanted, name, limits)
    if not _by_segments(stream, packets, found, expected):
        found.taken.clear()
        found.shown.clear()
        timeline = _from_start(stream, packets, found, rate, expected)
    if timeline is not expected:  # other pictures came out than the packets told of
        if found.head is None:
            raise no_picture(name)
        picks = wanted.picks(timeline)
        if set(picks) <= found.taken.keys():
            found.picks = picks
        else:
            found = _Pictures(stream, timeline, wanted, name, limits)
            _from_start(stream, packets, found, rate, timeline)
            if not set(picks) <= found.taken.keys():
                raise D2STError(f"'{name}' gives other pictures each time that it is read. Save it as MP4 (H.264).")
    head = found.head
    return Film(
        [found.taken[index] for index in found.picks], timeline, found.picks, expected, 0.0, 0.0,
        found.size, notes_of(head, name), _source(stream, why, head, timeline), _preview(found.shown, timeline),
    )  # fmt: skip


def notes_of(head: av.VideoFrame, name: str) -> list[str]:
    """What a person should know of a film, by its first frame."""
    if head.color_trc not in _HDR:
        return []
    return [f"'{name}' is HDR ({_HDR[head.color_trc]}): bright colours are shown as on an ordinary screen."]


def _source(stream, why: str, head: av.VideoFrame, timeline: Timeline) -> Source:
    return Source(
        stream.container.format.name, stream.codec_context.codec.canonical_name, head.format.name, head.width,
        head.height, pixel_aspect(stream.sample_aspect_ratio), turned(head), bool(head.interlaced_frame), why,
        timeline.steady,
    )  # fmt: skip


def _preview(shown: dict[int, np.ndarray], timeline: Timeline) -> Preview | None:
    indices = [index for index in sorted(shown) if index < len(timeline.times)]
    if not indices:
        return None
    return sheet([shown[index] for index in indices], timeline.times[indices])


class _Pictures:
    """What is taken of a film while it is decoded."""

    def __init__(self, stream, timeline: Timeline, wanted: Wanted, name: str, limits: Limits):
        self.picks = wanted.picks(timeline)
        self.show = preview_picks(timeline) if wanted.preview else []
        self.needed = {*self.picks, *self.show}
        self.aspect, self.wanted, self.name, self.limits = stream.sample_aspect_ratio, wanted, name, limits
        self.taken: dict[int, np.ndarray] = {}
        self.shown: dict[int, np.ndarray] = {}
        self.head: Any = None  # the first frame
        self.size = (0, 0)  # the first frame's: one that changes later, as of a screen that is shared, is pressed

    def show_only(self, cheap: list[int], timeline: Timeline) -> None:
        """In the preview, take the nearest of these pictures instead of those that are evenly spread."""
        times = timeline.times[cheap]
        self.show = sorted({cheap[int(np.abs(times - timeline.times[index]).argmin())] for index in self.show})
        self.needed = {*self.picks, *self.show}

    def take(self, index: int, frame: av.VideoFrame) -> None:
        if self.head is None:
            self.head, self.size = frame, displayed_size(frame, self.aspect)
        check_side(frame.width, frame.height, self.name, self.limits)
        if index not in self.needed:
            return
        if index in self.picks:
            self.taken[index] = rgb(frame, self.size, self.wanted)
        if index in self.show:
            self.shown[index] = rgb(frame, self.size, small(self.size, len(self.show)), rough=True)


def _from_start(stream, packets, found: _Pictures, rate: float, expected: Timeline) -> Timeline:
    """Decode until all that is needed is there; the timeline.

    It is `expected` itself as long as each picture comes at its time; where one does not, all is decoded.
    """
    stream.codec_context.flush_buffers()
    last, agrees = max(found.needed), True
    stamps: list[int | None] = []
    durations: list[int] = []
    for frame in decoded_of(stream.codec_context, packets):
        index = len(stamps)
        found.take(index, frame)
        stamps.append(frame.pts)
        durations.append(frame.duration or 0)
        agrees = agrees and index < len(expected.times) and expected.stamp(index) in (None, frame.pts)
        if agrees and index == last:
            return expected
    lasting = float(durations[-1] * stream.time_base) if durations else 0.0
    if expected.stamps is None and len(stamps) <= len(expected.times):
        return expected.first(len(stamps))
    return Timeline.of(stamps, stream.time_base, rate, lasting, expected.stamps is None)


def _by_segments(stream, packets, found: _Pictures, expected: Timeline) -> bool:
    """Decode only the segments of a film that hold what is needed, and the first picture.

    A preview takes what is decoded anyway then, and the first picture of each segment.
    False where that saves little, or where a picture does not come at its time.
    """
    context = stream.codec_context
    pixels, enough = context.width * context.height, _STEPWISE_FROM if found.show else _APART_FROM
    if pixels * len(packets) < enough:
        return False
    parts = [(part, sorted({0, *found.picks} & set(part.places))) for part in segments(stream, packets, expected)]
    decoded = [range(part.places.start, needed[-1] + 1) if needed else part.places[:1] for part, needed in parts]
    if pixels * (len(expected.times) - sum(map(len, decoded))) < enough:
        return False
    found.show_only([index for places in decoded for index in places], expected)
    parts = [(part, sorted({0, *found.needed} & set(part.places))) for part, _ in parts]
    for part, needed in parts:
        if not needed:
            continue
        context.flush_buffers()
        for index, frame in zip(part.places, decoded_of(context, part.packets), strict=False):
            if frame.pts != expected.stamp(index):
                return False
            found.take(index, frame)
            if index == needed[-1]:
                break
        else:
            return False
    return True


def decoded_of(context, packets: Iterable[av.Packet]) -> Iterator[av.VideoFrame]:
    for packet in chain(packets, [None]):
        try:
            yield from context.decode(packet)
        except av.error.FFmpegError:  # a damaged picture: the next one may be whole
            continue


def _announced(packets, stream, rate: float) -> Timeline:
    shown = [packet for packet in packets if not packet.is_discard] or packets
    # AVI tells no times of pictures, only how many pictures and gaps came before, in the order of decoding.
    ordered = stream.container.format.name == "avi"
    stamps = [packet.dts if ordered else packet.pts for packet in shown]
    counted = any(stamp is None for stamp in stamps)
    lasting = 0.0
    if not counted:
        final = shown[int(np.argmax(stamps))]
        lasting = float((final.duration or 0) * stream.time_base)
        stamps.sort()
    timeline = Timeline.of(stamps, stream.time_base or Fraction(1, 1000), rate, lasting, counted)
    return replace(timeline, stamps=None) if ordered else timeline


def rate_of(stream) -> float:
    """Pictures a second, as the container has it."""
    rate = float(stream.average_rate or stream.base_rate or 25)
    return rate if 0 < rate <= 10_000 else 25.0


def check_side(width: int, height: int, name: str, limits: Limits) -> None:
    if max(width, height) > limits.side:
        raise D2STError(
            f"'{name}' has {width} × {height} pixels, and {limits.side} on a side is the most. Save it smaller."
        )


def refuse_length(name: str, timeline: Timeline, most: float) -> None:
    """Pictures are what costs: of a time lapse each counts as a second at most."""
    refuse_seconds(name, min(timeline.duration, float(len(timeline.times))), most)


def refuse_seconds(name: str, seconds: float, most: float) -> None:
    if seconds > most:
        raise D2STError(f"'{name}' lasts {span(seconds)}, and {span(most)} is the most. Trim it to the action.")


def span(seconds: float) -> str:
    return f"{seconds / 60:.3g} min" if seconds >= 60 else f"{seconds:.3g} s"
