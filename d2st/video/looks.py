"""Looks: a clip that is longer than what adapters know is seen in several parts, each with frames of its own."""

from dataclasses import dataclass

Part = tuple[float, float]  # of a clip: seconds at which it begins, seconds that it lasts


@dataclass(frozen=True)
class Looks:
    """How long a look is, and how many of them a clip gets. All are of one model, as its row in the zoo has them."""

    each: float  # seconds of a clip for a look: one of twice that gets two
    longest: float  # seconds that a look lasts at most, where there are several
    most: int = 4

    def parts(self, duration: float, pictures: int, frames: int) -> list[Part]:
        """The looks at a clip of so many seconds and pictures, in their order, none over another.

        The clip is divided into equal stretches, and a look is the middle of one. One look is the whole clip; so
        it is where more looks of `frames` frames had to show a picture twice.
        """
        count = max(1, min(self.most, int(duration / self.each + 1e-6), pictures // frames))
        if count == 1:
            return [(0.0, duration)]
        stretch = duration / count
        length = min(stretch, self.longest)
        return [((index + 0.5) * stretch - length / 2, length) for index in range(count)]


def said_of(name: str, looks: int) -> tuple[str, ...]:
    """What a person should know of so many looks at a clip."""
    return (f"'{name}' is long, so it is seen in {looks} looks, each by itself.",) if looks > 1 else ()
