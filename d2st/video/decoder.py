"""The process that decodes clips for `d2st.video`: python -m d2st.video.decoder, spoken to through pipes.

The container is looked at first, and no decoder sees a file that is none of ours: FFmpeg follows
playlists, and those can name other files and addresses.

PyAV reads, from the start, since that is always right (`d2st.video.film`). decord reads where it is asked
for, to give the frames of the published pipeline: it seeks, and is wrong without a word in open groups of
pictures, MPEG-TS, AVI with B-frames and trimmed clips.
"""

import base64
import faulthandler
import json
import math
import os
import signal
import sys
from types import ModuleType

import av
import numpy as np
from PIL import Image

from d2st.errors import D2STError
from d2st.video.clip import Limits
from d2st.video.containers import container_of
from d2st.video.film import read_film, refuse_length, span
from d2st.video.timeline import Timeline
from d2st.video.wanted import Wanted

resource: ModuleType | None
try:
    import resource
except ImportError:  # Windows
    resource = None

_ADDRESSES = 16_000_000_000  # bytes, far above what the watch lets a clip hold
_GRACE = 5  # seconds after its time is up when the process ends by itself, if nobody is left to kill it


def _serve():
    """Answer each line of JSON on standard input with a line of JSON and the frames' bytes, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program; this ends when its input does
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write between replies

    def send(reply, pixels=b""):
        replies.write(json.dumps(reply).encode() + b"\n" + pixels)
        replies.flush()

    av.logging.set_level(av.logging.PANIC)
    _fence()
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


def _fence():
    """What the operating system can forbid: writing files, many open ones, dumps, memory without end."""
    if resource:
        for limit, most in (
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, 64),
            (resource.RLIMIT_AS, _ADDRESSES),
        ):
            _, hard = resource.getrlimit(limit)
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(limit, (most, most))


def _decode(path, name, wanted, limits, fps=None):
    """What a Clip needs: a dict of plain values, and its frames, uint8 RGB [T, H, W, 3].

    path: of a video, or a list of pictures', at `fps` a second.
    """
    wanted, limits = Wanted(**wanted), Limits(**limits)
    if isinstance(path, list):
        return _pictures(path, name, wanted, limits.side, fps)
    with open(path, "rb") as file:
        kind = container_of(file, name)
        film = read_film(file, name, wanted, limits)
    times = film.timeline.times
    n = len(times)
    refuse_length(name, film.timeline, limits.duration)
    notes = film.notes + _missing(name, kind, film)
    if n < wanted.frames:
        notes.append(f"'{name}' has only {n} frame{'s' * (n > 1)}, so frames repeat.")
    pictures, picks = film.pictures, film.picks
    if wanted.decoder == "decord":
        pictures, times, picks = _with_decord(path, name, wanted, film)
        notes.append(f"'{name}' was read with decord, as the published code does; its frames can be wrong.")
    height, width = film.size
    facts = dict(
        times=times[picks].tolist(),
        notes=notes,
        duration=round(film.timeline.duration, 6),
        fps=film.timeline.rate,
        width=width,
        height=height,
        frame_count=n,
        plays=film.plays,
        preview=base64.b64encode(film.preview).decode() if film.preview else None,
    )
    return facts, np.stack(pictures)


def _missing(name, kind, film):
    """A note where data are missing; an error where the container's index says so for sure."""
    found, announced = film.timeline, film.announced
    if len(found.times) < 0.8 * len(announced.times):
        if found.duration < 0.8 * announced.duration:
            decoded = f"only {span(found.duration)} of {span(announced.duration)} can be decoded"
        else:
            decoded = f"only {len(found.times)} of {len(announced.times)} pictures can be decoded"
        if kind == "mp4":  # its index is exact
            raise D2STError(f"'{name}' is damaged: {decoded}. Copy or record it again.")
    elif kind == "other" and film.held < 0.8 * film.promised - 0.1:
        decoded = f"only {span(film.held)} of {span(film.promised)} can be decoded"
    else:
        return []
    return [f"'{name}' may be cut off or damaged: {decoded}."]


def _pictures(paths, name, wanted, max_side, fps):
    """As `_decode`, for pictures in order."""
    import cv2

    picks = wanted.picks(Timeline.counted(len(paths), fps))
    taken: dict[int, np.ndarray] = {}
    size: tuple[int, ...] = ()
    for index in dict.fromkeys(picks):
        own = os.path.basename(paths[index]).encode(errors="replace").decode()
        if _largest_side(paths[index]) > max_side:
            raise D2STError(f"'{own}' of '{name}' is larger than {max_side} pixels on a side. Save it smaller.")
        picture = cv2.imread(paths[index], cv2.IMREAD_COLOR)  # turned as its EXIF data say
        if picture is None:
            raise D2STError(f"'{own}' of '{name}' is no picture that can be read, or a damaged one. Save it again.")
        if size not in ((), picture.shape):
            raise D2STError(f"'{own}' of '{name}' has another size than the pictures before it. Make them all alike.")
        size = picture.shape
        taken[index] = wanted.shrink(picture[..., ::-1])
    n = len(paths)
    notes = [f"'{name}' has only {n} frame{'s' * (n > 1)}, so frames repeat."] if n < wanted.frames else []
    facts = dict(times=[index / fps for index in picks], notes=notes, duration=n / fps, fps=fps,
                 width=size[1], height=size[0], frame_count=n)  # fmt: skip
    return facts, np.stack([taken[index] for index in picks])


def _largest_side(path):
    """The longer side that a picture says it has, in pixels, before anything of it is decoded; 0 where it says none."""
    try:
        with Image.open(path) as picture:
            return max(picture.size)
    except Image.DecompressionBombError:  # so large that nobody reads on
        return math.inf
    except OSError:
        return 0


def _with_decord(path, name, wanted, film):
    """The wanted pictures as decord gives them, the times that it claims, and the indices."""
    try:
        from decord import VideoReader
    except ImportError:
        raise D2STError("decord is not installed, or not to be had for this computer. Read clips without it.") from None
    height, width = film.size
    try:
        reader = VideoReader(path, num_threads=2)
        times = reader.get_frame_timestamp(range(len(reader)))[:, 0].astype(float)
        picks = wanted.picks(Timeline.counted(len(times), film.timeline.rate))
        taken = {}
        for index in dict.fromkeys(picks):
            frame = reader[index].asnumpy()
            # Where a padded row is a multiple of the width, decord takes the padding for further channels.
            rows, columns = frame.shape[:2]
            frame = frame.reshape(rows, -1)[:, : 3 * columns].reshape(rows, columns, 3)
            taken[index] = wanted.shrink(frame, (height, width))
    except Exception as error:
        raise D2STError(f"decord cannot read '{name}'. Read it without decord.") from error
    return [taken[index] for index in picks], times - times[0], picks


if __name__ == "__main__":
    _serve()
