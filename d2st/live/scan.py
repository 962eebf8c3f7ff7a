"""A long file is asked: which action is where."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

import numpy as np
import torch

from d2st.errors import D2STError
from d2st.live.passages import Passage, passages
from d2st.live.ring import Ring
from d2st.live.threshold import threshold
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
    prototypes, sure = _prototypes(recognizer), threshold(recognizer)
    rows = []
    for stretch in _stretches(
        Ring(recognizer.model, window, 4 * recognizer.model.frames), film, window, stride, progress
    ):
        features = None if stretch is None else recognizer.model.adapt(stretch.stem).features
        if features is None or (recognizer.centre and stands_still(features)):
            rows.append(np.full(len(prototypes), np.nan))
        else:
            rows.append(recognizer.score(prototypes, features).numpy())
    scores, actions = np.stack(rows), tuple(recognizer.support)
    found = passages(scores, actions, window, stride, sure, film.until)
    return Scan(film.name, film.until, actions, window, stride, sure, scores, found, tuple(dict.fromkeys(film.notes)))


def _prototypes(recognizer: Recognizer) -> torch.Tensor:
    if len(recognizer.support) < 2:
        raise D2STError("A film is compared with at least two actions. Add clips of another one.")
    prototypes = recognizer.prototypes()  # [C, T, F]
    for action, prototype in zip(recognizer.support, prototypes, strict=True):
        if recognizer.centre and stands_still(prototype):
            raise D2STError(
                f"The action '{action}' stands still: centred, nothing is left of it to compare. "
                "Turn centring off, or take clips that move."
            )
    return prototypes


def _stretches(ring: Ring, film: LongFilm, window: float, stride: float, progress) -> Iterator:
    """The stretch of each window, None where it has too few pictures; one at least."""
    told = max(1, int((film.duration - window) / stride + 1.5))
    pictures, over = iter(film.pictures), False
    held: tuple[float, np.ndarray] | None = None  # the first picture behind the window
    for index in chain(progress(range(told)), count(told)):
        start, end = index * stride, index * stride + window
        while not over and (held is None or held[0] <= end):
            if held:
                ring.add(held[1], held[0])
            held = next(pictures, None)
            over = held is None
        if over and index and end > film.until + stride / 2:
            return
        yield ring.stretch(start, min(end, film.until) if over else end)
