"""Which frames of a clip are wanted, and in which size: the same rule for files, arrays and pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np

from d2st.errors import D2STError
from d2st.video.looks import Looks
from d2st.video.timeline import Timeline

DECODERS = ("pyav", "decord")
_SAME = 1e-4  # seconds: times closer than that are one

_MOST = 8192  # frames, and pixels along a side
_MOST_MEMORY = 1_000_000_000  # bytes of all frames together


@dataclass(frozen=True)
class Wanted:
    """`frames` of a clip, or of a part of it; see `read_clip` for what each setting means."""

    frames: int = 8  # of a look
    short_side: int | None = None
    crop: int | None = 224
    within: tuple[float, ...] | None = None
    places: tuple[float, ...] | None = None
    window: tuple[float, float] | None = None
    part: tuple[float, float] | None = None
    decoder: str = "pyav"
    preview: bool = False
    looks: Looks | None = None

    @classmethod
    def told(cls, plain: Mapping[str, Any]) -> "Wanted":
        """What `asdict` made plain."""
        looks = plain.get("looks")
        return cls(**{**plain, "looks": looks and Looks(**looks)})

    @classmethod
    def checked(cls, frames, short_side, crop, within, places, window, part, decoder, preview, looks=None) -> "Wanted":
        """The settings as plain numbers. Raises `D2STError` for some that no clip can satisfy."""
        within, places = _listed(within, "within"), _listed(places, "places")
        window, part = _listed(window, "window"), _listed(part, "part")
        frames = len(places) if places is not None else frames
        sides = [side for side in (crop, short_side) if side is not None]
        if not all(_whole(number) and 0 < number <= _MOST for number in (frames, *sides)):
            raise D2STError(
                f"The number of frames and their sides in pixels are whole numbers from 1 to {_MOST}, "
                f"not {frames!r:.20} and {sides!r:.40}."
            )
        if not sides or sides != sorted(sides):
            raise D2STError("Frames are cut to 'crop' pixels or resized to 'short_side'; of both, crop is the smaller.")
        if sum(each is not None for each in (within, places)) > 1 or (window is not None and part is not None):
            raise D2STError("Name frames by 'within' or by 'places', and a part of a clip by 'window' or by 'part'.")
        if looks and not within is places is None:
            raise D2STError("Several looks are at evenly spread frames. Name frames without 'looks'.")
        if decoder not in DECODERS:
            raise D2STError(f"There is no decoder '{decoder}'. Known: {', '.join(DECODERS)}.")
        chosen = cls(
            int(frames),
            None if short_side is None else int(short_side),
            None if crop is None else int(crop),
            _shares(within, "within", frames),
            _shares(places, "places", frames),
            _pair(window, "window"),
            _pair(part, "part"),
            decoder,
            bool(preview),
            looks,
        )
        if chosen.part and not (0 < chosen.part[0] <= 1):
            raise D2STError("A part of a clip is more than 0 and at most 1 of its length.")
        frames = chosen.frames * (looks.most if looks else 1)
        memory = frames * 3 * min(sides) ** 2
        if memory > _MOST_MEMORY:
            raise D2STError(
                f"{frames} frames of {min(sides)} pixels a side take {memory / 1e9:.0f} GB, and "
                f"{_MOST_MEMORY / 1e9:.0f} GB is the most. Take fewer or smaller ones."
            )
        return chosen

    def picks(self, timeline: Timeline) -> list[int]:
        """The index of each wanted frame in a timeline of one picture at least; those of several looks in their order.

        By time; `within` and `places` go by index. At a constant rate both come to the same.
        """
        if len(parts := self._parts(timeline)) > 1:
            return [index for part in parts for index in part.picks(timeline)]
        count = len(timeline.times)
        if self.places is None and self.within is None and not timeline.steady:
            return self._by_time(timeline)
        first, length = self.stretch(count, timeline.rate)
        if self.places is None and self.within is None:
            return [first + _spread(index, self.frames - 1, length - 1) for index in range(self.frames)]
        places = self.places
        if places is None:
            places = tuple((part + share) / self.frames for part, share in enumerate(self.within or ()))
        return [first + min(int(place * length), length - 1) for place in places]

    def _parts(self, timeline: Timeline) -> list["Wanted"]:
        """What is wanted of each look, where several are."""
        if not self.looks:
            return []
        whole = timeline.duration
        first, seconds = self._span(whole)
        pictures = round(len(timeline.times) * seconds / whole)
        parts = self.looks.parts(seconds, pictures, self.frames)
        windows = [(length, (first + start) / (whole - length) if length < whole else 0.0) for start, length in parts]
        return [replace(self, looks=None, part=None, window=window) for window in windows]

    def _span(self, whole: float) -> tuple[float, float]:
        """The second at which the part begins that is looked at, and the seconds that it lasts."""
        seconds, before = self.window or self.part or (whole, 0.0)
        seconds = min(whole, seconds * whole if self.part else seconds)
        return before * (whole - seconds), seconds

    def _by_time(self, timeline: Timeline) -> list[int]:
        """The nearest frames to evenly spread times, from the first to the last frame that begins in the part."""
        times = timeline.times
        start, seconds = self._span(timeline.duration)
        inside = np.flatnonzero((times >= start - _SAME) & (times < start + seconds - _SAME))
        if not inside.size:  # one picture is shown all the while
            return [max(0, int(np.searchsorted(times, start, "right")) - 1)] * self.frames
        spread = np.linspace(times[inside[0]], times[inside[-1]], self.frames)
        distances = np.abs(times[None, inside] - spread[:, None])  # [T, N]
        nearest = distances <= distances.min(1, keepdims=True) + 1e-6
        return inside[nearest.argmax(1)].tolist()

    def stretch(self, count: int, fps: float) -> tuple[int, int]:
        """The first frame and the number of frames of the part that is looked at."""
        wanted, before = self.window or self.part or (1.0, 0.0)
        length = wanted * (fps if self.window else count)
        length = count if self.window is None and self.part is None else max(1, min(count, round(length)))
        return int(before * (count - length)), length

    def shrink(self, frame: np.ndarray, displayed: tuple[int, int] | None = None) -> np.ndarray:
        """[H, W, 3] → the whole frame as crop × crop pixels; with `short_side`, resized to that first,
        and of it the centre. displayed: height and width in square pixels where the frame's are not square.
        """
        import cv2  # late: the process that decodes says why where it cannot be loaded

        if self.short_side:
            shape = displayed or frame.shape[:2]
            scale = self.short_side / min(shape)
            rows, columns = (max(self.short_side, round(side * scale)) for side in shape)
        else:
            rows = columns = self.crop or 1
        shrinks = rows * columns < frame.shape[0] * frame.shape[1]
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR  # area averaging is for shrinking only
        frame = cv2.resize(np.ascontiguousarray(frame), (columns, rows), interpolation=method)
        if self.crop:
            top, left = (rows - self.crop) // 2, (columns - self.crop) // 2
            frame = frame[top : top + self.crop, left : left + self.crop].copy()
        return frame


def _spread(index: int, last: int, end: int) -> int:
    """The whole number nearest to index / last of `end`.

    A half goes to the nearer end, so that a clip run backwards gives the same frames backwards; the middle goes down.
    """
    if 2 * index > last:
        return end - _spread(last - index, last, end)
    return (2 * index * end + last - 1) // (2 * last) if last else 0


def _whole(number) -> bool:
    return isinstance(number, int | np.integer) and not isinstance(number, bool)


def _listed(values, name: str) -> list | None:
    try:
        return None if values is None else list(values)
    except TypeError:
        raise D2STError(f"'{name}' must hold several numbers, and it is {values!r:.40}.") from None


def _shares(values, name: str, frames: int) -> tuple[float, ...] | None:
    if values is None:
        return None
    numbers = tuple(float(value) for value in values if isinstance(value, Real))
    if not len(numbers) == len(values) == frames or not all(0 <= number <= 1 for number in numbers):
        raise D2STError(f"'{name}' must hold {frames} numbers from 0 to 1, one for each frame.")
    return numbers


def _pair(values, name: str) -> tuple[float, float] | None:
    if values is None:
        return None
    numbers = [float(value) for value in values if isinstance(value, Real)]
    if len(numbers) != 2 or not all(np.isfinite(numbers)) or numbers[0] <= 0 or not 0 <= numbers[1] <= 1:
        raise D2STError(f"'{name}' must hold a length above 0, and from 0 to 1 what share of the rest lies before it.")
    return numbers[0], numbers[1]
