"""The process that decodes clips for `d2st.video`: python -m d2st.video.decoder CHANNEL, spoken to through pipes.

The container is looked at first, and no decoder sees a file that is none of ours: FFmpeg follows
playlists, and those can name other files and addresses. The files come open, over the socket CHANNEL.

PyAV reads (`d2st.video.film`); decord too where it is asked for (`d2st.video.published`).
"""

import base64
import io
import json
import math
import os
import pkgutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from importlib import import_module
from typing import Any, BinaryIO

import av
import cv2
import numpy as np
from PIL import Image

from d2st.errors import D2STError
from d2st.video.clip import Limits, Preview
from d2st.video.containers import container_of
from d2st.video.fence import begin, end, fence
from d2st.video.film import read_film, refuse_length, span
from d2st.video.handover import open_each, take
from d2st.video.piecewise import read_pieces
from d2st.video.published import read_published
from d2st.video.timeline import Timeline
from d2st.video.wanted import Wanted

Files = Iterator[BinaryIO | None]
Answer = tuple[dict[str, Any], np.ndarray]  # plain values, and pictures uint8 RGB [N, H, W, 3]


def _serve(channel: socket.socket | None) -> None:
    """Answer each line of JSON on standard input with a line of JSON and the frames' bytes, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program; this ends when its input does
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write between replies

    def send(reply, pixels=b""):
        replies.write(json.dumps(reply).encode() + b"\n" + pixels)
        replies.flush()

    av.logging.set_level(av.logging.PANIC)
    _load_everything()
    fence()
    film: Iterator[Answer] | None = None  # a long one that this process is kept for
    send({})
    for line in sys.stdin.buffer:
        job = json.loads(line)
        count, paths, clock = (job.pop(name) for name in ("count", "paths", "clock"))
        files = take(channel, count) if channel else open_each(paths)
        begin(job["limits"]["seconds"], clock)
        if "every" in job:
            film = film or _long_film(files, **job)
            reply, pixels = _answer(job["name"], partial(next, film))
        else:
            reply, pixels = _answer(job["name"], partial(_decode, files, **job))
        end()
        for file in files:  # what was handed over and not wanted after all
            if file:
                file.close()
        send(reply, pixels)


def _load_everything() -> None:
    """What libraries would import when it is first wanted: behind the fence no file can be opened."""
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    Image.init()


def _answer(name: str, decode: Callable[[], Answer]) -> tuple[dict[str, Any], bytes]:
    try:
        facts, pictures = decode()
    except D2STError as error:
        return {"error": str(error)}, b""
    except Exception:
        return {"error": f"'{name}' is damaged or of a kind that cannot be decoded. Save it as MP4 (H.264)."}, b""
    return {**facts, "shape": pictures.shape}, pictures.tobytes()


def _decode(files: Files, name: str, wanted: dict, limits: dict, pictures=None, fps: float = 0, threads: int = 1):
    """What a Clip needs: a dict of plain values, and its frames, uint8 RGB [T, H, W, 3].

    files: a video; or, where the names of all `pictures` are given, `fps` a second, those that are wanted, in order.
    """
    asked, allowed = Wanted.told(wanted), Limits(**limits)
    if pictures is not None:
        return _pictures(files, name, asked, allowed.side, pictures, fps)
    with _opened(next(files), name) as file:
        return _film(file, name, asked, allowed, threads)


def _long_film(files: Files, name: str, wanted: dict, limits: dict, every: float, threads: int) -> Iterator[Answer]:
    with _opened(next(files), name) as file:
        container_of(file, name)
        yield from read_pieces(file, name, every, Wanted.told(wanted), Limits(**limits), threads)


def _opened(file: BinaryIO | None, name: str) -> BinaryIO:
    if file is None:
        raise D2STError(f"'{name}' cannot be opened any more. Put it back and try again.")
    return file


def _film(file: BinaryIO, name: str, wanted: Wanted, limits: Limits, threads: int):
    kind = container_of(file, name)
    film = read_film(file, name, wanted, limits, threads)
    times = film.timeline.times
    n = len(times)
    refuse_length(name, film.timeline, limits.duration)
    notes = film.notes + _missing(name, kind, film)
    if n < wanted.frames:
        notes.append(f"'{name}' has only {n} frame{'s' * (n > 1)}, so frames repeat.")
    pictures, picks = film.pictures, film.picks
    if wanted.decoder == "decord":
        pictures, times, picks = read_published(file, name, wanted, film)
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
        preview=_plain(film.preview) if film.preview else None,
        source=asdict(film.source),
    )
    return facts, np.stack(pictures)


def _plain(preview: Preview) -> dict[str, Any]:
    return asdict(preview) | {"picture": base64.b64encode(preview.picture).decode()}


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


def _pictures(files: Files, name: str, wanted: Wanted, most: int, pictures: list[str], fps: float):
    """As `_decode`, for pictures in order, none with more than `most` pixels on a side."""
    n = len(pictures)
    picks = wanted.picks(Timeline.counted(n, fps))
    taken: dict[int, np.ndarray] = {}
    size: tuple[int, ...] = ()
    for index in dict.fromkeys(picks):
        own = f"'{pictures[index]}' of '{name}'"
        with _opened(next(files), pictures[index]) as file:
            data = file.read()
        if _largest_side(data) > most:
            raise D2STError(f"{own} is larger than {most} pixels on a side. Save it smaller.")
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None  # turned as EXIF says
        if picture is None:
            raise D2STError(f"{own} is no picture that can be read, or a damaged one. Save it again.")
        if size not in ((), picture.shape):
            raise D2STError(f"{own} has another size than the pictures before it. Make them all alike.")
        size = picture.shape
        taken[index] = wanted.shrink(picture[..., ::-1])
    notes = [f"'{name}' has only {n} frame{'s' * (n > 1)}, so frames repeat."] if n < wanted.frames else []
    facts = dict(times=[index / fps for index in picks], notes=notes, duration=n / fps, fps=fps,
                 width=size[1], height=size[0], frame_count=n)  # fmt: skip
    return facts, np.stack([taken[index] for index in picks])


def _largest_side(data: bytes) -> float:
    """The longer side that a picture says it has, in pixels, before anything of it is decoded; 0 where it says none."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return max(picture.size)
    except Image.DecompressionBombError:  # so large that nobody reads on
        return math.inf
    except OSError:
        return 0


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])) if len(sys.argv) > 1 else None)
