"""Where decoding may begin in the middle of a film and give the same pictures as from its start.

A container's mark of a key picture promises less: behind one that opens an open group of pictures, or where
pictures are refreshed bit by bit, decoders show wrong pictures without a word. So the coded picture itself
is asked: ITU-T H.264, table 7-1, and H.265, table 7-1, name those that nothing after them reaches behind;
key pictures of VP8 (RFC 6386, 9.1) and VP9 renew everything that later ones refer to. Other codecs promise nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import av

from d2st.video.timeline import Timeline

# By codec: the types of coded pictures to begin with, and of the parameters that decoding them takes.
_H264, _HEVC = ({5}, {7, 8}), ({19, 20}, {32, 33, 34})


@dataclass(frozen=True)
class Segment:
    """Packets that are decoded by themselves, and the pictures that come out, as indices in the timeline."""

    packets: list[av.Packet]
    places: range


def segments(stream, packets: list[av.Packet], timeline: Timeline) -> list[Segment]:
    """A film in segments, in order; a single one where it cannot be taken apart."""
    whole = [Segment(packets, range(len(timeline.times)))]
    # Parameters that change on the way come with one packet, and the later ones need them.
    if timeline.stamps is None or any(packet.has_sidedata("new_extradata") for packet in packets):
        return whole
    at = {stamp: index for index, stamp in enumerate(timeline.stamps)}
    begins = [0, *(index for index in range(1, len(packets)) if _is_entry(stream.codec_context, packets[index]))]
    found: list[Segment] = []
    for begin, end in zip(begins, [*begins[1:], len(packets)], strict=True):
        part = packets[begin:end]
        shown = sorted(-1 if packet.pts is None else at.get(packet.pts, -1) for packet in part if not packet.is_discard)
        first = found[-1].places.stop if found else 0
        places = range(first, first + len(shown))
        if shown != list(places):
            return whole
        found.append(Segment(part, places))
    return found


def _is_entry(context, packet: av.Packet) -> bool:
    name = context.codec.canonical_name
    if context.codec.intra_only:
        return True
    if not packet.is_keyframe:
        return False
    if name == "h264":
        return _begins(packet, context.extradata, 4, lambda head: head[0] & 31, *_H264)
    if name == "hevc":
        return _begins(packet, context.extradata, 21, lambda head: head[0] >> 1 & 63, *_HEVC)
    return name in ("vp8", "vp9")


def _begins(packet, extradata: bytes | None, at: int, type_of, pictures: set[int], parameters: set[int]) -> bool:
    """Whether the packet's first coded picture is one of these. at: where the extradata say how long lengths are."""
    data, extra = bytes(packet), extradata or b""
    lengths = len(extra) > at and extra[0] == 1  # parameters are there, not in the packets
    units = _by_length(data, (extra[at] & 3) + 1) if lengths else _by_start_code(data)
    types = [type_of(unit) for unit in units if unit]
    return bool(pictures & set(types)) and (lengths or parameters <= set(types))


def _by_length(data: bytes, size: int) -> Iterator[bytes]:
    """The first two bytes of each unit of a packet."""
    at = 0
    while at + size < len(data):
        length = int.from_bytes(data[at : at + size], "big")
        yield data[at + size : at + size + 2]
        at += size + length


def _by_start_code(data: bytes) -> Iterator[bytes]:
    at = data.find(b"\0\0\1")
    while at >= 0:
        yield data[at + 3 : at + 5]
        at = data.find(b"\0\0\1", at + 3)
