"""When each picture of a clip is shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

_FASTEST = 100_000  # pictures a second that a camera makes


@dataclass(frozen=True, eq=False)
class Timeline:
    """The times of all pictures, in their order."""

    times: np.ndarray  # float64 [N], seconds after the first picture
    lasting: float  # seconds that the last picture is shown
    rate: float  # pictures a second, mean
    stamps: list[int] | None = None  # as the file has them; None where pictures are counted

    @classmethod
    def counted(cls, count: int, rate: float) -> "Timeline":
        """So many pictures at a constant rate."""
        return cls(np.arange(count) / rate, 1 / rate, rate)

    @classmethod
    def of(cls, stamps: Sequence, base: Fraction, rate: float, lasting: float, counted: bool) -> "Timeline":
        """From time stamps in units of `base` seconds, in order; they count only where each is later than the last."""
        n = len(stamps)
        if counted or n == 0 or None in stamps or not (np.diff(np.array(stamps, np.int64)) > 0).all():
            return cls.counted(n, rate)
        times = (np.array(stamps, np.int64) - stamps[0]) * float(base)
        if n > 1 and times[-1] < (n - 1) / _FASTEST:  # a damaged header
            return cls.counted(n, rate)
        mean = float(times[-1]) / (n - 1) if n > 1 else 1 / rate
        lasting = lasting if lasting > 0 else mean
        timeline = cls(times, lasting, n / (float(times[-1]) + lasting), list(stamps))
        return cls(times, lasting, 1 / mean, list(stamps)) if timeline.steady else timeline

    def first(self, count: int) -> "Timeline":
        """Its first so many pictures."""
        return replace(self, times=self.times[:count], stamps=self.stamps and self.stamps[:count])

    def stamp(self, index: int) -> int | None:
        return self.stamps[index] if self.stamps is not None else None

    @property
    def duration(self) -> float:
        return float(self.times[-1]) + self.lasting if len(self.times) else 0.0

    @property
    def steady(self) -> bool:
        """Whether the pictures come at a constant rate, but for rounded time stamps, and the last is not held."""
        n = len(self.times)
        mean = float(self.times[-1]) / (n - 1) if n > 1 else self.lasting
        rounding = min(0.0015, 0.1 * mean)  # of stamps in milliseconds
        off = np.abs(self.times - np.arange(n) * mean).max(initial=0)
        return bool(off <= rounding) and abs(self.lasting - mean) <= 0.5 * mean
