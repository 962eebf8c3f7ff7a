"""What else than a video file can be a clip: arrays, pictures, file objects."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from d2st.errors import D2STError
from d2st.video.clip import Clip, Limits
from d2st.video.files import check_encoding, printable
from d2st.video.looks import said_of
from d2st.video.timeline import Timeline
from d2st.video.wanted import Wanted


def clip_of_array(source, name: str, wanted: Wanted, fps: float, limits: Limits) -> Clip:
    """An array or tensor uint8 RGB [N, H, W, 3], at `fps` frames a second → a clip.

    Raises `D2STError` for any other shape or type, and over the limits.
    """
    check_rate(fps, name)
    source = source.detach() if hasattr(source, "detach") else source  # a tensor may want a gradient
    array = np.asarray(source.cpu() if hasattr(source, "cpu") else source)  # or lie on a GPU
    if array.dtype != np.uint8 or array.ndim != 4 or array.shape[3] != 3 or not array.size:
        raise D2STError(
            f"'{name}' is an array {list(array.shape)} of {array.dtype}; a clip is uint8 RGB [N, height, width, 3], "
            "values from 0 to 255. Convert it first."
        )
    count, height, width = array.shape[:3]
    check_length(count, "frames", name, fps, limits)
    if max(height, width) > limits.side:
        raise D2STError(
            f"'{name}' has {width} × {height} pixels, and {limits.side} on a side is the most. Make it smaller."
        )
    picks = wanted.picks(Timeline.counted(count, float(fps)))
    pixels = np.stack([wanted.shrink(array[index]) for index in picks])
    pixels.setflags(write=False)
    few = (f"'{name}' has only {count} frame{'s' * (count > 1)}, so frames repeat.",) if count < wanted.frames else ()
    looks = len(picks) // wanted.frames
    notes = (*few, *said_of(name, looks))
    return Clip(name, pixels, np.array(picks) / fps, notes, count / fps, float(fps), width, height, count, looks=looks)


def check_pictures(paths, name: str, fps: float, limits: Limits) -> None:
    """Raise `D2STError` where a list of pictures is no clip: before anything of it is read."""
    check_rate(fps, name)
    if not paths:
        raise D2STError(f"'{name}' holds no pictures. Name the frames of the clip, in order.")
    for path in paths:
        if not isinstance(path, str | os.PathLike):
            raise D2STError(f"'{name}' holds {type(path).__name__} where the path of a picture is wanted.")
        if not os.path.isfile(path):
            raise D2STError(f"There is no picture '{name_of(path)}' for '{name}'. Check its path.")
        check_encoding(path)
        if os.path.getsize(path) > limits.size:
            raise D2STError(f"'{name_of(path)}' is larger than {limits.size / 1e6:.0f} MB. Save it smaller.")
    check_length(len(paths), "pictures", name, fps, limits)


def check_length(count: int, unit: str, name: str, fps: float, limits: Limits) -> None:
    if count / fps > limits.duration:
        raise D2STError(
            f"'{name}' has {count} {unit}, {count / fps:.0f} s at {fps:g} a second, and "
            f"{limits.duration:.0f} s is the most. Take fewer."
        )


def name_of(path) -> str:
    """A file's name as it can be printed, whatever bytes it is made of."""
    return printable(os.path.basename(os.fsdecode(path)))


def check_rate(fps, name: str) -> None:
    if isinstance(fps, bool) or not isinstance(fps, int | float | np.number) or not 0 < fps <= 1000:
        raise D2STError(f"'{name}' cannot have {fps} frames a second. Name a rate above 0 and up to 1000.")


@contextmanager
def saved(stream, limits: Limits) -> Iterator[tuple[str, str]]:
    """A binary file object in a file of its own: its path, and the name that the object has.

    It is read from its start where it can go back there, wherever it was left: a clip may be read twice.
    """
    name = name_of(str(getattr(stream, "name", None) or "clip"))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "clip")
        with open(path, "wb") as file:
            for data in _pieces(stream, name):
                if file.tell() + len(data) > limits.size:
                    raise D2STError(f"'{name}' has more than {limits.size / 1e6:.0f} MB. Trim it or save it smaller.")
                file.write(data)
        yield path, name


def _pieces(stream, name: str) -> Iterator[bytes | bytearray]:
    try:
        if hasattr(stream, "seekable") and stream.seekable():
            stream.seek(0)
        while data := stream.read(1 << 20):
            if not isinstance(data, bytes | bytearray):
                raise D2STError(f"'{name}' is open as text. Open it with mode 'rb'.")
            yield data
    except (OSError, ValueError) as error:  # ValueError: it is closed
        raise D2STError(f"'{name}' cannot be read: {error}. Open it again.") from None
