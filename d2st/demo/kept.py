"""Clips as a visit keeps them: their frames as compressed pictures, at most 100 kB a clip."""

import io
from dataclasses import fields

import cv2
import numpy as np
from PIL import Image

from d2st.explain.draw import filmstrip
from d2st.video import Clip, Preview
from d2st.video.webp import webp

LARGEST = 100_000  # bytes of a clip's pictures and its strip
LARGEST_SIDE = 1024  # pixels of a picture; no host takes larger ones
QUALITIES = (90, 75, 50, 25, 10, 1)  # WebP's, until the pictures are small enough


class KeptClip(Clip):
    """A clip whose frames are decoded from compressed pictures when they are looked at.

    It has the name, times, notes and digest of the clip that it was made of; its frames look like
    those, and are not the same to the bit.
    """

    pictures: tuple[bytes, ...]
    side: int  # of the frames in pixels; the pictures may be smaller
    strip: bytes  # all of them in a row, small: what is shown most

    def __init__(self, clip: Clip, pictures: tuple[bytes, ...] = (), preview: Preview | None = None):
        """Of a clip; its pictures are made unless they are at hand. It has a preview only where one is given."""
        for each in fields(Clip):
            if each.name not in ("frames", "preview"):
                object.__setattr__(self, each.name, getattr(clip, each.name))
        frames = clip.frames
        strip = webp(filmstrip(frames), 88)
        pictures = pictures or packed(frames, LARGEST - len(strip))
        self.__dict__.update(digest=clip.digest, preview=preview, pictures=pictures, side=frames.shape[1], strip=strip)

    @property
    def shape(self) -> tuple[int, ...]:
        return len(self.pictures), self.side, self.side, 3

    @property
    def frames(self) -> np.ndarray:  # type: ignore[override]
        return unpacked(self.pictures, self.side)


def kept(clip: Clip) -> KeptClip:
    """A clip, its frames compressed, without a preview."""
    if isinstance(clip, KeptClip):
        return KeptClip(clip, clip.pictures) if clip.preview else clip
    return KeptClip(clip)


def packed(frames: np.ndarray, largest: int) -> tuple[bytes, ...]:
    """uint8 RGB [T, H, H, 3] → a picture a frame, of at most `largest` bytes together.

    They are as good as fits; where even the worst quality is too large, as with noise on large frames,
    they are smaller than the frames.
    """
    side = frames.shape[1]
    while True:
        small = [resized(frame, side) for frame in frames]
        for quality in QUALITIES:
            pictures = tuple(webp(frame, quality) for frame in small)
            if sum(map(len, pictures)) <= largest or side == 1:
                return pictures
        side = max(side // 2, 1)


def resized(frame: np.ndarray, side: int) -> np.ndarray:
    """[H, H, 3] → [side, side, 3]."""
    if len(frame) == side:
        return frame
    return cv2.resize(frame, (side, side), interpolation=cv2.INTER_AREA if side < len(frame) else cv2.INTER_CUBIC)


def unpacked(pictures: tuple[bytes, ...], side: int) -> np.ndarray:
    """The inverse of `packed`, but for what compression took, for frames of `side` pixels.

    ValueError where something is no picture.
    """
    for data in pictures:  # before any is decoded: a small file may hold a huge picture
        if max(*picture_size(data), side) > LARGEST_SIDE:
            raise ValueError("a picture of another size")
    frames = [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) for data in pictures]
    if not frames or any(frame is None for frame in frames):
        raise ValueError("no picture")
    return np.stack([resized(np.asarray(frame), side)[..., ::-1] for frame in frames])


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height of a WebP picture, which is not decoded. ValueError or OSError where it is none."""
    with Image.open(io.BytesIO(data)) as picture:
        if picture.format != "WEBP":
            raise ValueError("no picture of ours")
        return picture.size


def check_picture(data: bytes, size: tuple[int, int]) -> None:
    """ValueError where something is no WebP picture of this width and height."""
    if picture_size(data) != size:
        raise ValueError("a picture of another size")
