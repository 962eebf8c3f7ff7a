"""MP4, WebM and FLV files changed byte by byte: what cameras, phones and editors write and FFmpeg's muxer does not."""

import struct
from collections.abc import Callable, Iterator

_NESTED = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts")


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Each box's kind, start and end."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        if size < 8:  # no box
            return
        yield kind, start, start + size
        start += size


def body(data: bytes, *path: bytes) -> bytes:
    """The contents of the first box at a path, such as moov, trak, tkhd."""
    for kind in path:
        start, end = next((start, end) for each, start, end in boxes(data) if each == kind)
        data = data[start + 8 : end]
    return data


def changed(data: bytes, path: tuple[bytes, ...], change: Callable[[bytes], bytes], track: int = 0) -> bytes:
    """The data with another content of the box at a path; of `trak` boxes the one with this number."""
    seen, parts = 0, []
    for kind, start, end in boxes(data):
        content = data[start + 8 : end]
        if kind == path[0] and (kind != b"trak" or seen == track):
            content = changed(content, path[1:], change) if len(path) > 1 else change(content)
        seen += kind == path[0]
        parts.append(struct.pack(">I4s", 8 + len(content), kind) + content)
    return b"".join(parts)


def with_matrix(data: bytes, a: int, b: int, c: int, d: int, track: int = 0, movie: bool = False) -> bytes:
    """A display matrix for a track, or for the movie of all tracks."""
    matrix = struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    at = 36 if movie else 40
    path = (b"moov", b"mvhd") if movie else (b"moov", b"trak", b"tkhd")
    return changed(data, path, lambda head: head[:at] + matrix + head[at + 36 :], track)


def with_edits(data: bytes, *edits: tuple[float, float | None]) -> bytes:
    """An edit list of the first track: seconds, and the second of the media where they begin, or None for a pause."""
    movie = struct.unpack_from(">I", body(data, b"moov", b"mvhd"), 12)[0]
    media = struct.unpack_from(">I", body(data, b"moov", b"trak", b"mdia", b"mdhd"), 12)[0]
    entries = b"".join(
        struct.pack(">Iihh", round(seconds * movie), -1 if start is None else round(start * media), 1, 0)
        for seconds, start in edits
    )
    listed = struct.pack(">II", 0, len(edits)) + entries
    box = struct.pack(">I4s", 8 + len(listed), b"elst") + listed
    return changed(data, (b"moov", b"trak", b"edts"), lambda _: box)


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def with_display(data: bytes, width: int, height: int) -> bytes:
    """A WebM without an index, with the size in which its film is to be displayed."""
    return _displayed(data, struct.pack(">HBHHBH", 0x54B0, 0x82, width, 0x54BA, 0x82, height))


def _displayed(data: bytes, more: bytes) -> bytes:
    parts, at = [], 0
    while at < len(data):
        kind_length, size_length = 9 - data[at].bit_length(), 9 - data[at + (9 - data[at].bit_length())].bit_length()
        kind = data[at : at + kind_length]
        begin = at + kind_length + size_length
        size = int.from_bytes(data[at + kind_length : begin], "big") & (1 << 7 * size_length) - 1
        open_end = size == (1 << 7 * size_length) - 1
        end = len(data) if open_end else begin + size
        content = data[begin:end]
        if kind in (b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\xae"):  # Segment, Tracks, TrackEntry
            content = _displayed(content, more)
        elif kind == b"\xe0":  # Video
            content += more
        length = (1 << 56) - 1 if open_end else len(content)
        parts.append(kind + (1 << 56 | length).to_bytes(8, "big") + content)
        at = end
    return b"".join(parts)


def without_sound_ahead(data: bytes) -> bytes:
    """An FLV that tells of its sound only when that begins, as live recordings do."""
    kept, at = [data[:4] + b"\1" + data[5:13]], 13
    while at < len(data):
        end = at + 15 + int.from_bytes(data[at + 1 : at + 4], "big")
        if data[at] != 8 or any(data[at + 4 : at + 7]):  # no sound, or not at zero
            kept.append(data[at:end])
        at = end
    return b"".join(kept)
