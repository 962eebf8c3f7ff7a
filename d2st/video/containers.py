"""What a file is, by its bytes alone: no decoder sees one that is not among these containers."""

import mmap
import struct

from d2st.errors import D2STError

_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"uuid", b"sidx", b"moof", b"pnot")
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\0", b"MM\0*")
_STILLS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif"}
_SEQUENCES = {b"avis", b"hevc", b"hevx", b"msf1", b"isom", b"mp42", b"qt  "}
_MOST_BOXES = 20_000  # a long fragmented recording has some thousands
_MOST_TRACKS = 64
_STARTS = (b"GIF87a", b"GIF89a", b"\0\0\1\xba", b"OggS", b"FLV\1", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")


def container_of(file, name: str) -> str:
    """'mp4' or 'other', by the bytes of an open file alone.

    Raises D2STError for any other kind of file, and for one that ends before its container does.
    """
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _kind(data, bytes(data[:1024]), name)


def begins_like_a_film(head: bytes) -> bool:
    """Whether a file that begins with these 1024 bytes is in one of the containers; a picture is in none."""
    return not _picture(head) and bool(_container(head))


def _kind(data, head: bytes, name: str) -> str:
    if _picture(head):
        raise D2STError(f"'{name}' is no video: it is a picture. Choose a video, or name several pictures.")
    container = _container(head)
    if not container:
        raise D2STError(
            f"'{name}' is no video: inside, it is not MP4, MOV, WebM, MKV, AVI, GIF, MPEG, Ogg, FLV "
            "or WMV. Choose a video file."
        )
    if container == "mp4":
        _check_boxes(data, name)
        return "mp4"
    end = 0
    if container == "matroska":
        end = _matroska_end(head)
    elif container == "avi":
        end = 8 + int.from_bytes(head[4:8], "little")
    if end > len(data):
        raise _cut_off(name)
    return "other"


def _picture(head: bytes) -> bool:
    return head.startswith(_PICTURES) or head[8:12] == b"WEBP" or _still(head)


def _container(head: bytes) -> str:
    """'mp4', 'matroska', 'avi', 'other', or '' where it is none."""
    # A box before the film is small. A text that begins with "The free" has the letters of a size of gigabytes.
    if head[4:8] in _FIRST_BOXES and (head[0] < 0x20 or head[4:8] == b"mdat"):
        return "mp4"
    if head.startswith(b"\x1aE\xdf\xa3") and (b"webm" in head[:64] or b"matroska" in head[:64]):
        return "matroska"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    known = head.startswith(_STARTS) or b"GGGG" in (head[0:752:188], head[4:772:192])  # MPEG-TS, M2TS
    return "other" if known else ""


def _still(head: bytes) -> bool:
    """Whether an ISO file is a HEIC or AVIF still and no sequence."""
    if head[4:8] != b"ftyp":
        return False
    listed = head[8 : min(len(head), int.from_bytes(head[:4], "big"))]
    brands = {listed[at : at + 4] for at in range(0, len(listed), 4) if at != 4}
    return bool(brands & _STILLS) and not brands & _SEQUENCES


def _check_boxes(data, name: str) -> None:
    at, boxes, index = 0, 0, False
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        header = 8
        if size == 0:  # to the end
            size = len(data) - at
        elif size == 1 and at + 16 <= len(data):
            size, header = struct.unpack_from(">Q", data, at + 8)[0], 16
        boxes += 1
        if size < header or boxes > _MOST_BOXES:
            raise D2STError(f"'{name}' is no video that can be read: it is damaged. Save it as MP4 (H.264).")
        if at + size > len(data):
            raise _cut_off(name)
        if kind == b"moov":
            index = True
            _check_tracks(data, at + header, at + size, name)
        at += size
    if not index:
        raise _cut_off(name)


def _check_tracks(data, at: int, end: int, name: str) -> None:
    tracks = boxes = 0
    while at + 8 <= end and boxes <= _MOST_BOXES:
        size, kind = struct.unpack_from(">I4s", data, at)
        tracks += kind == b"trak"
        boxes += 1
        if size < 8 or tracks > _MOST_TRACKS:
            break
        at += size
    if tracks > _MOST_TRACKS or boxes > _MOST_BOXES:
        raise D2STError(f"'{name}' has more than {_MOST_TRACKS} tracks. Save it as MP4 with one film.")


def _cut_off(name: str) -> D2STError:
    return D2STError(f"'{name}' is cut off: its end is missing. Copy or record it again.")


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
