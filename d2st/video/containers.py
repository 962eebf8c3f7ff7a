"""What a file is, by its bytes alone: no decoder sees one that is not among these containers."""

import mmap
import struct

from d2st.errors import D2STError

_STARTS = (b"GIF87a", b"GIF89a", b"\0\0\1\xba", b"OggS", b"FLV\1", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")


def container_of(path, name):
    """'mp4', 'trimmed mp4' (an edit list hides some of it) or 'other', by the file's bytes alone.

    Raises D2STError for any other kind of file, and for one that ends before its container does.
    """
    with open(path, "rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    head = bytes(data[:1024])
    cut_off = D2STError(f"'{name}' is cut off: its end is missing. Copy or record it again.")
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"):  # MP4, MOV
        moov = None
        for kind, body, whole in _boxes(data):
            if not whole:
                raise cut_off
            if kind == b"moov":
                moov = body
        if moov is None:
            raise cut_off
        return "trimmed mp4" if _trimmed(moov) else "mp4"
    end = 0
    if head.startswith(b"\x1aE\xdf\xa3") and (b"webm" in head[:64] or b"matroska" in head[:64]):
        end = _matroska_end(head)
    elif head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        end = 8 + int.from_bytes(head[4:8], "little")
    elif not (head.startswith(_STARTS) or b"GGGG" in (head[0:752:188], head[4:772:192])):  # MPEG-TS, M2TS
        raise D2STError(
            f"'{name}' is no video: inside, it is not MP4, MOV, WebM, MKV, AVI, GIF, MPEG, Ogg, FLV "
            "or WMV. Choose a video file."
        )
    if end > len(data):
        raise cut_off
    return "other"


def _matroska_end(head):
    """Where the file should end, or 0 where it does not say, as a recording written on the fly."""

    def number(at):  # the leading zeros of the first byte tell how many bytes follow
        length = 9 - head[at].bit_length()
        return length, int.from_bytes(head[at : at + length], "big") & (1 << 7 * length) - 1

    length, size = number(4)
    segment = 4 + length + size
    if head[segment : segment + 4] != b"\x18\x53\x80\x67":
        return 0
    length, size = number(segment + 4)
    return 0 if size == (1 << 7 * length) - 1 else segment + 4 + length + size


def _boxes(data):
    """Yield kind, body and whether it is all there, for each box of an MP4 file or of a box's body."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        start = at + 8
        if size == 0:  # to the end
            size = len(data) - at
        elif size == 1 and at + 16 <= len(data):
            size = struct.unpack_from(">Q", data, start)[0]
            start += 8
        if at + size < start:
            return
        yield kind, data[start : at + size], at + size <= len(data)
        at += size


def _inside(data, *path):
    for kind, body, _ in _boxes(data):
        if kind == path[0]:
            yield from _inside(body, *path[1:]) if path[1:] else (body,)


def _trimmed(moov):
    """Whether an edit list shows less of the picture than the file holds."""

    def rate(header):  # ticks a second, in mvhd and mdhd alike
        return struct.unpack_from(">I", header, 20 if header[0] else 12)[0]

    def rows(table, layout):
        layout = struct.Struct(layout)
        return layout.iter_unpack(table[8 : 8 + (len(table) - 8) // layout.size * layout.size])

    for movie in _inside(moov, b"mvhd"):
        for track in _inside(moov, b"trak"):
            paths = (b"edts elst", b"mdia hdlr", b"mdia mdhd", b"mdia minf stbl stts")
            parts = [next(_inside(track, *path.split()), None) for path in paths]
            edits, handler, header, samples = parts
            if edits is None or handler is None or header is None or samples is None or handler[8:12] != b"vide":
                continue
            shown = sum(ticks for ticks, start in rows(edits, ">Qq4x" if edits[0] else ">Ii4x") if start >= 0)
            held = sum(count * ticks for count, ticks in rows(samples, ">II"))
            if 0 < shown * rate(header) < 0.98 * held * rate(movie):
                return True
    return False
