"""How far the frames of two clips are from each other, and what each matching makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from d2st import matching


@dataclass(frozen=True)
class FrameDistances:
    """Frame distances of an example and a query, and what follows from them."""

    title: str
    distance: np.ndarray  # [T_s, T_q] in 0…2: rows are the example's frames, columns the query's
    scores: dict[str, float]  # by the matchings' names
    alignments: dict[str, matching.Alignment]  # (frame of the example, frame of the query)
    nearest_query: list[int]  # [T_s] the query's frame that is nearest to each frame of the example
    nearest_example: list[int]  # [T_q] the other way round
    frames: int | None = None  # of a look; None where either clip is seen in one

    @property
    def nearness(self) -> np.ndarray:
        """[T_s, T_q] in 0…1: 1 for no distance, 0 for the largest of all."""
        return 1 - self.distance / max(float(self.distance.max()), 1e-6)

    @property
    def off_diagonal(self) -> int:
        """How many of the T_s + T_q nearest frames are no frame against itself."""
        both = [*enumerate(self.nearest_query), *enumerate(self.nearest_example)]
        return sum(frame != nearest for frame, nearest in both)

    def by_look(self, name: str) -> list[matching.Alignment]:
        """A matching's alignment in parts, one for each pair of looks that it takes."""
        parts: dict[tuple[int, int], matching.Alignment] = {}
        for s, q in self.alignments[name]:
            parts.setdefault((s // self.frames, q // self.frames) if self.frames else (0, 0), []).append((s, q))
        return list(parts.values())

    @property
    def path_cost(self) -> float:
        """What OTAM's cheapest paths cost, both ways: above minus its score, which is of a soft minimum."""
        return float(matching.costs(torch.tensor(self.distance), "otam", self.frames).sum())


def frame_distances(
    example: torch.Tensor, query: torch.Tensor, centred: bool, frames: int | None = None,
    weights: Sequence[float] = matching.ALONE,
) -> FrameDistances:  # fmt: skip
    """Frame features [T_s, F] and [T_q, F] → their distances, as they are or centred.

    frames: of a look; weights: of the parts that the features consist of.
    """
    pair = [matching.directions(each, centred, weights)[None] for each in (example, query)]
    distance = matching.distance_of_directions(*pair)[0, 0]  # [T_s, T_q]
    return FrameDistances(
        "Centred: each clip's mean subtracted" if centred else "As they are",
        distance.numpy(),
        {name: float(matching.score(distance, name, frames)) for name in matching.MATCHINGS},
        {name: matching.align(distance, name, frames) for name in matching.MATCHINGS},
        distance.argmin(1).tolist(),
        distance.argmin(0).tolist(),
        frames,
    )
