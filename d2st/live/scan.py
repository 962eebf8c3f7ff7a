"""A long file is asked: which action is where."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

import numpy as np

from d2st.errors import D2STError
from d2st.live.passages import Passage, passages
from d2st.live.ring import Ring
from d2st.live.thresholds import threshold
from d2st.matching import stands_still
from d2st.recognizer import Recognizer
from d2st.video.pieces import LongFilm

SHORTEST, LONGEST = 0.2, 60.0  # seconds of a window
FINEST = 0.05  # seconds from one window to the next


@dataclass(frozen=True, eq=False)
class Scan:
    """What was found in a long file."""

    name: str  # of the file
    duration: float  # seconds
    actions: tuple[str, ...]
    window: float  # seconds that are compared with the examples
    stride: float  # seconds from the beginning of one window to that of the next
    threshold: float  # of scores: below it nothing is said
    scores: np.ndarray = field(repr=False)  # float [N, C], a row a window; NaN where nothing moves or nothing is shown
    passages: tuple[Passage, ...]
    notes: tuple[str, ...]

    @property
    def starts(self) -> np.ndarray:
        """Seconds at which the windows begin, [N]."""
        return np.arange(len(self.scores)) * self.stride


def every(frames: int, window: float, stride: float) -> float:
    """Seconds from one picture of a film to the next that a scan wants. Raises `D2STError` for what cannot be."""
    if not SHORTEST <= window <= LONGEST:
        raise D2STError(f"A window lasts {SHORTEST:g} to {LONGEST:g} s, not {window:g} s.")
    if not FINEST <= stride <= window:
        raise D2STError(
            f"From one window to the next there are {FINEST:g} s at least and {window:g} s, a window, at most."
        )
    return window / frames


def scan(
    recognizer: Recognizer, film: LongFilm, window: float, stride: float, progress: Callable[[Any], Any] = iter
) -> Scan:
    """Compare each window of a film with the examples. film: its pictures are `every(…)` seconds apart.

    Each picture goes through the frozen part of the network once, and memory holds a window of them. `progress`
    wraps the windows, as tqdm does. Raises `D2STError` where there are less than two actions, where one of them stands
    still, and what reading the film raises.
    """
    return scan_of(recognizer, film, window, stride, list(window_scores(recognizer, film, window, stride, progress)))


def window_scores(
    recognizer: Recognizer, film: LongFilm, window: float, stride: float, progress: Callable[[Any], Any] = iter,
    mine: Callable[[int], bool] = lambda index: True,
) -> Iterator[Any]:  # fmt: skip
    """The scores of each window, [C], NaN where there are none; None of those that are not `mine`, by their numbers."""
    if len(recognizer.support) < 2:
        raise D2STError("A film is compared with at least two actions. Add clips of another one.")
    recognizer.refuse_what_stands_still(recognizer.compared())
    model = recognizer.model
    ring = Ring(model, window, 4 * model.frames)
    for stretch, asked in _stretches(ring, film, window, stride, progress, mine):
        features = None if stretch is None else model.adapt(stretch.stem).features
        if not asked:
            yield None
        elif features is None or (recognizer.centre and stands_still(features)):
            yield np.full(len(recognizer.support), np.nan)
        else:
            yield recognizer.scores(features).numpy()


def scan_of(recognizer: Recognizer, film: LongFilm, window: float, stride: float, rows: Sequence[Any]) -> Scan:
    """What the scores of all windows of a film come to, once it was gone through."""
    scores, actions, sure = np.stack(rows), tuple(recognizer.support), threshold(recognizer)
    found = passages(scores, actions, window, stride, sure, film.until)
    notes = dict.fromkeys(film.notes)
    if np.isnan(scores).all():
        notes[f"Nothing of '{film.name}' could be compared: it is too short, or nothing moves in it."] = None
    return Scan(film.name, film.until, actions, window, stride, sure, scores, found, tuple(notes))


def _stretches(ring: Ring, film: LongFilm, window: float, stride: float, progress, mine) -> Iterator:
    """The stretch of each window, one at least, None where it has too few pictures or is not mine; whether it is."""
    spacing = every(ring.model.frames, window, stride)

    def serves(at: float) -> bool:
        first, last = (at - window - spacing) / stride, (at + spacing) / stride
        return any(map(mine, range(max(0, math.ceil(first)), int(last) + 1)))

    told = max(1, int((film.duration - window) / stride + 1.5))
    pictures, over = iter(film.pictures), False
    held: tuple[float, np.ndarray] | None = None  # the first picture behind the window
    for index in chain(progress(range(told)), count(told)):
        start, end = index * stride, index * stride + window
        while not over and (held is None or held[0] <= end):
            if held and serves(held[0]):
                ring.add(held[1], held[0])
            held = next(pictures, None)
            over = held is None
        if over and index and end > film.until + stride / 2:
            return
        asked = mine(index)
        yield ring.stretch(start, min(end, film.until) if over else end) if asked else None, asked
