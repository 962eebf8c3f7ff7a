"""A clip file → frames, safely.

Files come from strangers and decoders are old C: they hang, grow and crash. So a clip is decoded
in a process apart (`d2st.video.processes`), which is killed when one takes too long or too much memory.
"""

import base64
import os
from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np

from d2st.errors import D2STError
from d2st.video.clip import Clip, Limits, Preview, Source
from d2st.video.files import check_encoding, picture_series, printable
from d2st.video.forms import check_pictures, clip_of_array, name_of, saved
from d2st.video.looks import Looks, said_of
from d2st.video.processes import Pool, Process
from d2st.video.timeline import Timeline
from d2st.video.wanted import Wanted

STANDARD = Limits()
_pool = Pool()


def read_clip(
    source,
    frames: int = 8,
    short_side: int | None = None,
    crop: int | None = 224,
    limits: Limits = STANDARD,
    within: Sequence[float] | None = None,
    window: tuple[float, float] | None = None,
    *,
    places: Sequence[float] | None = None,
    part: tuple[float, float] | None = None,
    decoder: str = "pyav",
    preview: bool = False,
    looks: Looks | None = None,
    fps: float = 25,
    name: str = "clip",
) -> Clip:
    """Read T = `frames` frames of a clip, evenly spread from its first to its last one; of each look, where there are
    several: [L·T, H, W, 3].

    source: a path of a video, or of a folder of numbered pictures (of several series the longest); a binary
    file object; an array or tensor uint8 RGB [N, H, W, 3]; a list of paths of pictures, in order. Arrays have
    the `name` given, and they and pictures `fps` frames a second.

    Which frames: the nearest to evenly spread ones; with `within`, T numbers from 0 to 1, one in each
    of T equal parts, so far into its part; with `places`, numbers from 0 to 1, one at each place. A part
    of the clip: `window`, (seconds, share), or `part`, (share of the length, share), the second number
    saying what share of the rest lies before it. Even means in time, but `within` and `places` go by the
    number of frames: it makes a difference only where the frame rate varies. `times` are the true times. With
    `looks`, a clip that is long enough for several is seen in so many parts, which are read in one decoding.

    Which pixels: the whole frame is pressed into `crop` × `crop`, so that nothing at its sides is lost.
    With `short_side`, its short side is resized to so many pixels instead, then the centre `crop` ×
    `crop` is kept, as the paper's code does; `crop=None` keeps all of it. Pictures stand as a browser
    shows them: turned, mirrored and in their shape. `decoder`: "pyav", or "decord" to give the frames of
    the published pipeline, which can be wrong. Safe to call from many threads: as many clips are read
    at once as there are processors.

    `preview` asks for a small film of a video file's pictures along with them: `Clip.preview`.

    Raises `D2STError` where the source is missing, empty, no clip, cut off or damaged, over the
    limits, or brings the decoder down, and for settings that no clip could satisfy.
    """
    wanted = Wanted.checked(frames, short_side, crop, within, places, window, part, decoder, preview, looks)
    if not isinstance(name, str) or not name.strip():
        raise D2STError("The name of a clip is a text that is not empty, such as 'wave'.")
    if isinstance(source, str):  # numpy's texts look like arrays
        return _read_path(source, wanted, fps, limits)
    if hasattr(source, "read"):
        with saved(source, limits) as (path, own):
            return _read_file(path, own, wanted, limits)
    if hasattr(source, "__array__") or hasattr(source, "numpy"):
        return clip_of_array(source, name, wanted, fps, limits)
    if isinstance(source, list | tuple):
        return _read_pictures(source, name, wanted, fps, limits)
    if isinstance(source, os.PathLike):
        return _read_path(source, wanted, fps, limits)
    raise _no_clip(source)


def _no_clip(source) -> D2STError:
    said = "nothing" if source is None or source == "" else f"{type(source).__name__} {source!r:.40}"
    return D2STError(f"A clip is a path, a file object, an array [N, H, W, 3] or a list of pictures, not {said}.")


def _read_path(source: str | os.PathLike, wanted: Wanted, fps: float, limits: Limits) -> Clip:
    if not os.fspath(source):
        raise _no_clip(source)
    path = os.path.abspath(os.fsdecode(source))  # an absolute path is no option, no address and no pattern
    check_encoding(path)
    if os.path.isdir(path) and (series := picture_series(path)):
        return _read_series(series, name_of(path), wanted, fps, limits)
    return _read_file(path, name_of(path), wanted, limits)


def _read_series(series: dict[str, list[str]], name: str, wanted: Wanted, fps: float, limits: Limits) -> Clip:
    """The longest of several series of numbered pictures; a note says that there are others."""
    before = max(series, key=lambda each: len(series[each]))
    clip = _read_pictures(series[before], name, wanted, fps, limits)
    if len(series) == 1:
        return clip
    note = f"'{name}' holds {len(series)} series of numbered pictures; '{printable(before)}…' is read, the longest."
    return replace(clip, notes=(*clip.notes, note))


def _read_file(path: str, name: str, wanted: Wanted, limits: Limits) -> Clip:
    check_file(path, name, limits)
    return _read([path], name, wanted, limits)


def _read_pictures(paths, name: str, wanted: Wanted, fps: float, limits: Limits) -> Clip:
    check_pictures(paths, name, fps, limits)
    picks = wanted.picks(Timeline.counted(len(paths), float(fps)))
    chosen = [os.path.abspath(paths[index]) for index in dict.fromkeys(picks)]
    return _read(chosen, name, wanted, limits, pictures=[name_of(path) for path in paths], fps=float(fps))


def _read(paths: list[str], name: str, wanted: Wanted, limits: Limits, **pictures) -> Clip:
    job = dict(name=name, wanted=asdict(wanted), limits=asdict(limits), **pictures)
    reply, array = decoded(job, paths, limits)
    film, said = reply.pop("preview", None), reply.pop("source", None)
    reply |= {"preview": _preview(**film) if film else None, "source": Source(**said) if said else None}
    looks = len(array) // wanted.frames
    notes = (*reply.pop("notes"), *said_of(name, looks))
    return Clip(name, array, np.array(reply.pop("times")), notes, looks=looks, **reply)


def decoded(job: dict, paths: list[str], limits: Limits, own: Process | None = None) -> tuple[dict, np.ndarray]:
    """What a process answers to a job: facts, and pictures uint8 [N, H, W, 3]; `D2STError` where it says why not."""
    reply, pixels = _pool.read(job, paths, limits, own)
    if "error" in reply:
        raise D2STError(reply["error"])
    return reply, np.frombuffer(pixels, np.uint8).reshape(reply.pop("shape"))


def _preview(picture: str, times: list[float], **more) -> Preview:
    return Preview(picture=base64.b64decode(picture), times=tuple(times), **more)


def warm_up():
    """Start decoding processes, without waiting for them: the first clips are then read sooner."""
    _pool.warm_up()


def check_file(path: str, name: str, limits: Limits) -> None:
    """Raise `D2STError` where a file is none, cannot be opened, or is larger than the limits allow."""
    try:
        if os.path.isdir(path):
            raise D2STError(f"'{name}' is a folder. Choose one clip in it.")
        if not os.path.exists(path):
            raise D2STError(f"There is no file '{name}'. Check its path; only files on this computer can be read.")
        if not os.path.isfile(path):
            raise D2STError(f"'{name}' is not an ordinary file. Save the clip to a file first.")
        with open(path, "rb"):
            size = os.path.getsize(path)
    except OSError as error:
        raise D2STError(f"'{name}' cannot be opened: {error.strerror}. Check that you may read it.") from None
    if size == 0:
        raise D2STError(f"'{name}' is empty. Copy or record it again.")
    if size > limits.size:
        raise D2STError(
            f"'{name}' has {size / 1e6:.0f} MB, and {limits.size / 1e6:.0f} MB is the most. "
            "Trim the clip or save it smaller."
        )
