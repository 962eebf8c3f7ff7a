"""Photographs for walls and table tops: those that are inside scikit-image's wheel, cut and coloured by chance.

As its documentation says of each, they are CC0 (coffee by R. Michetti, chelsea by S. van der Walt, camera by
L. Varshney, brick and gravel by CC0Textures, grass by linolafett) or in the public domain (astronaut by NASA, rocket by
SpaceX, clock_motion by S. van der Walt; coins, Brooklyn Museum, has no known restrictions).
"""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from ..errors import D2STError

SIZE = 256


@cache
def photograph(name):
    """The photograph of that name, uint8 RGB [H, W, 3]."""
    try:
        import skimage
    except ImportError:
        raise D2STError(
            "The simulator hangs photographs of scikit-image's on its walls, and scikit-image is not installed. "
            "Install it with: pip install 'scikit-image>=0.24,<1'"
        ) from None
    folder = Path(skimage.__file__).parent / "data"
    with Image.open(next(folder.glob(f"{name}.*"))) as picture:
        return np.asarray(picture.convert("RGB"))


def cutting(rng, name):
    """A part of a photograph in other colours, uint8 RGB [SIZE, SIZE, 3]."""
    picture = photograph(name)
    side = int(min(picture.shape[:2]) * rng.uniform(0.5, 1.0))
    top, left = (int(rng.integers(0, length - side + 1)) for length in picture.shape[:2])
    picture = cv2.resize(picture[top : top + side, left : left + side], (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        picture = picture[:, ::-1]
    if rng.random() < 0.4:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.8, 3.0))  # out of focus
    shift = (rng.permutation(3) if rng.random() < 0.2 else np.arange(3)), rng.uniform(0.7, 1.25, 3)
    return np.clip(picture[..., shift[0]] * shift[1] * rng.uniform(0.8, 1.15), 0, 255).astype(np.uint8)
