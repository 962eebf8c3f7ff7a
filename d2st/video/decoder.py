"""The process that decodes clips for `d2st.video`: python -m d2st.video.decoder, spoken to through pipes.

The container is looked at first, and no decoder sees a file that is not one of those in
`_container`: FFmpeg follows playlists, and those can name other files and addresses.

decord reads MP4 and MOV, where it finds each frame through the index and need not decode the whole
clip; OpenCV reads everything else, and whatever decord cannot. Elsewhere decord is wrong without a
word: in MPEG-TS and in AVI with B-frames, and where a phone trimmed the clip with an edit list, it
gives other frames than those asked for.
"""

import faulthandler
import json
import mmap
import os
import signal
import struct
import sys

import numpy as np

from d2st.errors import D2STError

_GRACE = 5  # seconds after its time is up when the process ends by itself, if nobody is left to kill it
_STARTS = (b"GIF87a", b"GIF89a", b"\0\0\1\xba", b"OggS", b"FLV\1", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")
_DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,gif,mpegts,mpeg,ogg,flv,asf"


def _serve():
    """Answer each line of JSON on standard input with a line of JSON and the frames' bytes, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program; this ends when its input does
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write between replies

    def send(reply, pixels=b""):
        replies.write(json.dumps(reply).encode() + b"\n" + pixels)
        replies.flush()

    # A second fence around the playlists: what OpenCV's FFmpeg may open at all.
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = f"protocol_whitelist;file|format_whitelist;{_DEMUXERS}"
    try:
        import cv2  # noqa: F401  loaded before the first clip's time is counted
    except ImportError as error:
        return send({"error": str(error)})
    try:
        import decord  # noqa: F401
    except Exception:  # no wheel for this computer, or one that does not load: OpenCV reads all
        sys.modules["decord"] = None
    send({})
    for line in sys.stdin.buffer:
        job = json.loads(line)
        # Ends even a decoder that never gives control back, and even if the program is gone.
        faulthandler.dump_traceback_later(job.pop("seconds") + _GRACE, exit=True)
        try:
            facts, pictures = _decode(**job)
            send({**facts, "shape": pictures.shape}, pictures.tobytes())
        except D2STError as error:
            send({"error": str(error)})
        except Exception:
            send({"error": f"'{job['name']}' is damaged or of a kind that cannot be decoded. Save it as MP4 (H.264)."})
        faulthandler.cancel_dump_traceback_later()


def _decode(path, name, within, short_side, crop, max_duration, max_side, window=None):
    """What a Clip needs: a dict of plain values, and its frames, uint8 RGB [T, H, W, 3]."""
    import cv2

    container = _container(path, name)
    capture = _open(path)
    width, height = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    fps, count = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
    opened = capture.isOpened()
    capture.release()
    no_picture = D2STError(
        f"'{name}' holds no picture that can be decoded: it is sound only, badly damaged or in a "
        "codec that is not known here. Save it as MP4 (H.264)."
    )
    if not opened:
        raise no_picture
    if max(width, height) > max_side:
        raise D2STError(
            f"'{name}' has {width} × {height} pixels, and {max_side} on a side is the most. Save it smaller."
        )
    fps = fps if 0 < fps <= 1000 else 25.0
    count = max(0, int(count))  # a guess in some containers, below zero in a browser's recording
    too_long = "'{}' lasts {}, and {} is the most. Trim it to the action.".format
    if count / fps > max_duration:
        raise D2STError(too_long(name, _span(count / fps), _span(max_duration)))

    def shrink(frame):
        return _shrink(frame, short_side, crop)

    def pick(count):
        return _picks(count, within, fps, window)

    pictures = None
    if container == "mp4":
        try:
            pictures, times = _with_decord(path, pick, shrink, (height, width))
        except Exception:  # not installed, cannot open it, cannot decode it: the other reader tries
            pass
    if pictures is None:
        pictures, times = _with_opencv(path, pick, shrink, count)
    if not pictures:
        raise no_picture
    if not _increasing(times):
        times = np.arange(len(times)) / fps
    times = times - times[0]
    n = len(times)
    duration = round(float(times[-1]) * n / (n - 1) if n > 1 else 1 / fps, 6)
    if duration > max_duration:
        raise D2STError(too_long(name, _span(duration), _span(max_duration)))
    notes = []
    if container != "trimmed mp4" and duration < 0.8 * count / fps - 1 / fps:
        decoded = f"only {_span(duration)} of {_span(count / fps)} can be decoded"
        if container == "mp4":  # its index is exact
            raise D2STError(f"'{name}' is damaged: {decoded}. Copy or record it again.")
        notes.append(f"'{name}' may be cut off or damaged: {decoded}.")
    if n < len(within):
        notes.append(f"'{name}' has only {n} frame{'s' * (n > 1)}, so frames repeat.")
    facts = dict(
        times=times[pick(n)].tolist(),
        notes=notes,
        duration=duration,
        fps=n / duration,
        width=width,
        height=height,
        frame_count=n,
    )
    return facts, np.stack(pictures)


def _container(path, name):
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
            if None in parts or parts[1][8:12] != b"vide":
                continue
            edits, _, header, samples = parts
            shown = sum(ticks for ticks, start in rows(edits, ">Qq4x" if edits[0] else ">Ii4x") if start >= 0)
            held = sum(count * ticks for count, ticks in rows(samples, ">II"))
            if 0 < shown * rate(header) < 0.98 * held * rate(movie):
                return True
    return False


def _with_decord(path, pick, shrink, size):
    """A picture for each index that `pick` gives for N frames, shrunk as soon as it is decoded, and
    the times of all N frames of the clip.
    """
    from decord import VideoReader

    reader = VideoReader(path, num_threads=2)
    times = reader.get_frame_timestamp(range(len(reader)))[:, 0].astype(float)
    if not _increasing(times):
        raise ValueError("decord finds frames by their times, and these are not in order")
    taken = {}
    for index in dict.fromkeys(pick(len(times))):
        frame = reader[index].asnumpy()
        if frame.shape[:2] != size:
            raise ValueError("decord did not turn the picture as its rotation flag asks")
        # Where a padded row is a multiple of the width, decord takes the padding for further channels.
        taken[index] = shrink(frame.reshape(size[0], -1)[:, : 3 * size[1]].reshape(*size, 3))
    return [taken[index] for index in pick(len(times))], times


def _with_opencv(path, pick, shrink, count):
    """As `_with_decord`, but no pictures where N is 0. `count` guesses at N: if wrong, the clip is read twice."""
    import cv2

    for _ in range(2):
        wanted, taken, times = pick(count), {}, []
        capture = _open(path)
        while capture.grab():
            if len(times) in wanted:
                taken[len(times)] = shrink(capture.retrieve()[1][..., ::-1])
            times.append(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
        capture.release()
        if len(times) == count:
            break
        count = len(times)
    return [taken[index] for index in wanted if count], np.array(times)


def _open(path):
    import cv2

    # FFmpeg and no other backend: one takes a % in the name for a numbered series of pictures.
    capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 2])
    capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
    return capture


def _picks(count, within, fps=None, window=None):
    """The index of one frame in each of len(within) equal parts of `count` frames, so far into its part.

    The parts divide a window of the clip, (seconds, share of what is left over that lies before it), or all of it.
    """
    length = count if window is None else max(1, min(count, round(window[0] * fps)))
    first = 0 if window is None else int(window[1] * (count - length))
    places = ((part + share) * length / len(within) for part, share in enumerate(within))
    return [first + min(int(place), length - 1) for place in places]


def _increasing(times):
    return bool(np.isfinite(times).all() and (np.diff(times) > 0).all())


def _shrink(frame, short_side, crop):
    """The whole frame as crop × crop pixels; with `short_side`, resized to that first, and of it the centre."""
    import cv2

    if short_side:
        scale = short_side / min(frame.shape[:2])
        rows, columns = (max(short_side, round(side * scale)) for side in frame.shape[:2])
    else:
        rows = columns = crop
    shrinks = rows * columns < frame.shape[0] * frame.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR  # area averaging is for shrinking only
    frame = cv2.resize(np.ascontiguousarray(frame), (columns, rows), interpolation=method)
    if crop:
        top, left = (rows - crop) // 2, (columns - crop) // 2
        frame = frame[top : top + crop, left : left + crop].copy()
    return frame


def _span(seconds):
    return f"{seconds / 60:.3g} min" if seconds >= 60 else f"{seconds:.3g} s"


if __name__ == "__main__":
    _serve()
