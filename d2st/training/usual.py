"""Where a model's sampling points usually are, computed over clips."""

from collections.abc import Iterable

import numpy as np

from d2st.errors import D2STError
from d2st.models.model import Model
from d2st.models.usual import Usual, UsualPoints


def usual_points(model: Model, clips: Iterable[np.ndarray]) -> Usual:
    """Mean and variance of every sampling point's offset over clips, uint8 RGB [T, H, W, 3] each.

    Raises `D2STError` where there are no sampling points, or less than two clips.
    """
    count = 0
    sums: dict[tuple[str, str], np.ndarray] = {}
    squares: dict[tuple[str, str], np.ndarray] = {}
    for frames in clips:
        count += 1
        for trace in model.encode(frames, inspect=True).traces:
            place, offset = (trace.layer, trace.pathway), trace.offset.astype(np.float64)
            sums[place] = sums.get(place, 0) + offset
            squares[place] = squares.get(place, 0) + offset**2
    if not sums:
        raise D2STError("This model has no sampling points, or there was no clip. Choose a D²ST-Adapter and clips.")
    if count < 2:
        raise D2STError("One clip says nothing about what is usual. Take a few hundred.")
    means = {place: total / count for place, total in sums.items()}
    return Usual(
        count,
        {
            place: UsualPoints(
                mean.astype(np.float32), np.maximum(squares[place] / count - mean**2, 0).astype(np.float32)
            )
            for place, mean in means.items()
        },
    )
