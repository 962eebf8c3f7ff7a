"""What a camera saw in the last seconds, as small as it came: any stretch of it is a clip."""

import io
from collections import deque

import cv2
import numpy as np
from PIL import Image

from d2st.errors import D2STError
from d2st.live import standing_for
from d2st.video import Clip
from d2st.video.preview import MOST as MOST_SHOWN
from d2st.video.preview import sheet

SECONDS = 20  # that a moment can be chosen from
SPARE = 5  # that are kept besides, for what came while one was chosen
MOST = 240  # pictures
MOST_BYTES = 100_000  # of one
SHAPES = (0.25, 4)  # width divided by height, from and to
SMALLEST = 2  # pictures of a clip
FAULT = "The browser sent a picture that is none. Stop Live, and start it again."


class Reel:
    """JPEG pictures of the model's size by their times, a few kilobytes each."""

    def __init__(self, side: int):
        self.side = side  # of the pictures in pixels
        self.pictures: deque[tuple[float, bytes]] = deque(maxlen=MOST)
        self.shape = (side, side)  # height and width of what the camera gives, of which a picture is the whole

    def add(self, picture: bytes, at: float, shape: tuple[int, int]) -> np.ndarray:
        """Keep a picture, later than those before, `at` seconds → its pixels, uint8 RGB [H, W, 3].

        Raises `D2STError` where it is no JPEG of this size, or of a camera of no usual shape.
        """
        height, width = shape
        if not height or not SHAPES[0] <= width / height <= SHAPES[1]:
            raise D2STError(FAULT)
        pixels = decoded(picture, self.side)
        self.shape = shape
        self.pictures.append((at, picture))
        while self.pictures[0][0] < at - SECONDS - SPARE:
            self.pictures.popleft()
        return pixels

    def clip(self, start: float, end: float, frames: int) -> Clip:
        """The stretch from start to end as a clip of so many frames: those that the network saw of it.

        Raises `D2STError` where its pictures are gone.
        """
        times = [at for at, _ in self.pictures]
        chosen = standing_for(times, start, end, frames)
        if not chosen or start < times[0] - 1:
            raise D2STError(f"These pictures are gone by now: Live keeps the last {SECONDS} s. Choose later ones.")
        inside = [(at, picture) for at, picture in self.pictures if start <= at <= end]
        shown = [
            inside[index] for index in np.linspace(0, len(inside) - 1, min(len(inside), MOST_SHOWN)).round().astype(int)
        ]
        first = min(times[chosen[0]], shown[0][0])
        height, width = self.shape
        return Clip(
            f"live {start:.1f}–{end:.1f} s",
            np.stack([decoded(self.pictures[index][1], self.side) for index in chosen]),
            np.array([times[index] - first for index in chosen]),
            (),
            duration=end - first,
            fps=len(inside) / (end - start),
            width=width,
            height=height,
            frame_count=len(inside),
            preview=sheet([self.as_seen(picture) for _, picture in shown], np.array([at - first for at, _ in shown])),
        )

    def as_seen(self, picture: bytes) -> np.ndarray:
        """A picture in the camera's own shape, its longer side as it is: uint8 RGB [H, W, 3]."""
        height, width = (max(2, round(self.side * each / max(self.shape))) for each in self.shape)
        return cv2.resize(decoded(picture, self.side), (width, height), interpolation=cv2.INTER_AREA)


def decoded(picture: bytes, side: int) -> np.ndarray:
    """JPEG → uint8 RGB [side, side, 3]. Raises `D2STError` where it is none, or of another size: that is looked at
    before anything is decoded."""
    try:
        if len(picture) > MOST_BYTES:
            raise ValueError("too large")
        with Image.open(io.BytesIO(picture), formats=["JPEG"]) as image:
            if image.size != (side, side):
                raise ValueError("of another size")
            return np.asarray(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError):  # as Pillow tells them
        raise D2STError(FAULT) from None
