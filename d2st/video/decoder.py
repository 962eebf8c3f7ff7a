"""The process that decodes clips for `d2st.video`: python -m d2st.video.decoder, spoken to through pipes.

The container is looked at first, and no decoder sees a file that is none of ours: FFmpeg follows
playlists, and those can name other files and addresses.

decord reads MP4 and MOV, where it finds each frame through the index and need not decode the whole
clip; OpenCV reads everything else, and whatever decord cannot. Elsewhere decord is wrong without a
word: in MPEG-TS and in AVI with B-frames, and where a phone trimmed the clip with an edit list, it
gives other frames than those asked for.
"""

import faulthandler
import json
import os
import signal
import sys
from contextlib import suppress

import numpy as np

from d2st.errors import D2STError
from d2st.video.containers import container_of
from d2st.video.wanted import Wanted

_GRACE = 5  # seconds after its time is up when the process ends by itself, if nobody is left to kill it
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
    os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(8192**2)
    try:
        import cv2  # noqa: F401  loaded before the first clip's time is counted
    except ImportError as error:
        return send({"error": str(error)})
    try:
        import decord  # noqa: F401
    except Exception:  # no wheel for this computer, or one that does not load: OpenCV reads all
        sys.modules["decord"] = None  # type: ignore[assignment]
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


def _decode(path, name, wanted, max_duration, max_side, fps=None):
    """What a Clip needs: a dict of plain values, and its frames, uint8 RGB [T, H, W, 3].

    path: of a video, or a list of pictures', at `fps` a second.
    """
    wanted = Wanted(**wanted)
    if isinstance(path, list):
        return _pictures(path, name, wanted, max_side, fps)
    container = container_of(path, name)
    (height, width), fps, count = _announced(path, name, max_duration, max_side)
    pictures, times = _decoded(path, container, wanted, (height, width), fps, count)
    if not pictures:
        raise _no_picture(name)
    if not _increasing(times):
        times = np.arange(len(times)) / fps
    times = times - times[0]
    n = len(times)
    duration = round(float(times[-1]) * n / (n - 1) if n > 1 else 1 / fps, 6)
    _refuse_length(name, duration, max_duration)
    notes = _missing(name, container, duration, count / fps, fps)
    if n < wanted.frames:
        notes.append(f"'{name}' has only {n} frame{'s' * (n > 1)}, so frames repeat.")
    facts = dict(
        times=times[wanted.picks(n, fps)].tolist(),
        notes=notes,
        duration=duration,
        fps=n / duration,
        width=width,
        height=height,
        frame_count=n,
    )
    return facts, np.stack(pictures)


def _announced(path, name, max_duration, max_side):
    """What a file says of itself: height and width, frames a second and their number; refused over the limits."""
    import cv2

    capture = _open(path)
    width, height = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    fps, count = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
    opened = capture.isOpened()
    capture.release()
    if not opened:
        raise _no_picture(name)
    if max(width, height) > max_side:
        raise D2STError(
            f"'{name}' has {width} × {height} pixels, and {max_side} on a side is the most. Save it smaller."
        )
    fps = fps if 0 < fps <= 1000 else 25.0
    count = max(0, int(count))  # a guess in some containers, below zero in a browser's recording
    _refuse_length(name, count / fps, max_duration)
    return (height, width), fps, count


def _decoded(path, container, wanted, size, fps, count):
    """The wanted pictures, and the times of all frames."""

    def pick(count):
        return wanted.picks(count, fps)

    if container == "mp4":
        # decord may not be installed, not open it, not decode it: the other reader tries.
        with suppress(Exception):
            return _with_decord(path, pick, wanted.shrink, size)
    return _with_opencv(path, pick, wanted.shrink, count)


def _no_picture(name):
    return D2STError(
        f"'{name}' holds no picture that can be decoded: it is sound only, badly damaged or in a "
        "codec that is not known here. Save it as MP4 (H.264)."
    )


def _refuse_length(name, seconds, most):
    if seconds > most:
        raise D2STError(f"'{name}' lasts {_span(seconds)}, and {_span(most)} is the most. Trim it to the action.")


def _missing(name, container, duration, announced, fps):
    """A note where less could be decoded than was announced; an error where the announcement is exact."""
    if container == "trimmed mp4" or duration >= 0.8 * announced - 1 / fps:
        return []
    decoded = f"only {_span(duration)} of {_span(announced)} can be decoded"
    if container == "mp4":  # its index is exact
        raise D2STError(f"'{name}' is damaged: {decoded}. Copy or record it again.")
    return [f"'{name}' may be cut off or damaged: {decoded}."]


def _pictures(paths, name, wanted, max_side, fps):
    """As `_decode`, for pictures in order."""
    import cv2

    picks = wanted.picks(len(paths), fps)
    taken: dict[int, np.ndarray] = {}
    size: tuple[int, ...] = ()
    for index in dict.fromkeys(picks):
        picture = cv2.imread(paths[index], cv2.IMREAD_COLOR)  # turned as its EXIF data say
        own = os.path.basename(paths[index])
        if picture is None:
            raise D2STError(f"'{own}' of '{name}' is no picture that can be read, or a damaged one. Save it again.")
        if max(picture.shape[:2]) > max_side:
            raise D2STError(f"'{own}' of '{name}' is larger than {max_side} pixels on a side. Save it smaller.")
        if size not in ((), picture.shape):
            raise D2STError(f"'{own}' of '{name}' has another size than the pictures before it. Make them all alike.")
        size = picture.shape
        taken[index] = wanted.shrink(picture[..., ::-1])
    n = len(paths)
    notes = [f"'{name}' has only {n} frame{'s' * (n > 1)}, so frames repeat."] if n < wanted.frames else []
    facts = dict(times=[index / fps for index in picks], notes=notes, duration=n / fps, fps=fps,
                 width=size[1], height=size[0], frame_count=n)  # fmt: skip
    return facts, np.stack([taken[index] for index in picks])


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
        wanted, taken = pick(count), {}
        times: list[float] = []
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


def _increasing(times):
    return bool(np.isfinite(times).all() and (np.diff(times) > 0).all())


def _span(seconds):
    return f"{seconds / 60:.3g} min" if seconds >= 60 else f"{seconds:.3g} s"


if __name__ == "__main__":
    _serve()
