"""The latest pictures of a film, each with what the frozen part of the network makes of it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from d2st.models.model import Model, Stem


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture, and what no other picture and no adapter changes of what the network makes of it."""

    at: float  # seconds
    pixels: np.ndarray = field(repr=False)  # uint8 RGB [H, W, 3], as the model sees it
    stem: Stem = field(repr=False)  # of one frame


@dataclass(frozen=True)
class Stretch:
    """The pictures that stand for some seconds of a film, as many as the model takes, in their order."""

    start: float  # seconds
    end: float
    pictures: tuple[Picture, ...] = field(repr=False)

    @property
    def frames(self) -> np.ndarray:
        """uint8 RGB [T, H, W, 3]."""
        return np.stack([picture.pixels for picture in self.pictures])

    @property
    def stem(self) -> Stem:
        """As `Model.stem` gives it for `frames`, to the rounding."""
        return Stem.joined([picture.stem for picture in self.pictures])


class Ring:
    """Holds the pictures of the last so many seconds, at most `pictures` of them; the stem is computed once for each.

    A caller adds pictures in the order of their times, and asks for stretches in between.
    """

    def __init__(self, model: Model, seconds: float, pictures: int):
        self.model, self.seconds = model, seconds
        self.pictures: deque[Picture] = deque(maxlen=pictures)

    def add(self, pixels: np.ndarray, at: float) -> None:
        """A picture uint8 RGB [H, W, 3] of the model's size, `at` seconds; one that is not later than the last is left
        out."""
        if self.pictures and at <= self.pictures[-1].at:
            return
        self.pictures.append(Picture(at, pixels, self.model.stem(pixels[None])))
        while self.pictures[0].at < at - self.seconds:
            self.pictures.popleft()

    def stretch(self, start: float, end: float) -> Stretch | None:
        """The pictures that stand for start…end, as `standing_for` has them; None where there are too few."""
        chosen = standing_for([picture.at for picture in self.pictures], start, end, self.model.frames)
        return Stretch(start, end, tuple(self.pictures[index] for index in chosen)) if chosen else None


def standing_for(times: Sequence[float], start: float, end: float, count: int) -> list[int]:
    """Which of the pictures at `times` stand for start…end: the nearest to the middles of `count` equal parts.

    None of them where less than two lie in it.
    """
    there = np.array(times)
    if ((there >= start) & (there <= end)).sum() < 2:
        return []
    middles = start + (np.arange(count) + 0.5) * (end - start) / count
    return np.abs(there[None] - middles[:, None]).argmin(1).tolist()
