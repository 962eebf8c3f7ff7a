"""Clips as a visit keeps them: their frames as compressed pictures, at most 100 kB a clip."""

import io
from dataclasses import fields

import cv2
import numpy as np
from PIL import Image

from d2st.explain.draw import filmstrip
from d2st.video import Clip

LARGEST = 80_000  # bytes of a clip's pictures; its strip comes on top
LARGEST_SIDE = 1024  # pixels of a picture; no host takes larger ones
QUALITIES = (90, 75, 50, 25, 10, 1)  # WebP's, until the pictures are small enough


class KeptClip(Clip):
    """A clip whose frames are decoded from compressed pictures when they are looked at.

    It has the name, times, notes and digest of the clip that it was made of; its frames look like
    those, and are not the same to the bit.
    """

    pictures: tuple[bytes, ...]
    strip: bytes  # all of them in a row, small: what is shown most

    def __init__(self, clip: Clip, pictures: tuple[bytes, ...]):
        for each in fields(Clip):
            if each.name != "frames":
                object.__setattr__(self, each.name, getattr(clip, each.name))
        self.__dict__["digest"] = clip.digest
        self.__dict__["pictures"] = pictures
        self.__dict__["strip"] = encoded(filmstrip(clip.frames), 88)

    @property
    def frames(self) -> np.ndarray:  # type: ignore[override]
        return unpacked(self.pictures)


def kept(clip: Clip) -> KeptClip:
    """A clip, its frames compressed."""
    return clip if isinstance(clip, KeptClip) else KeptClip(clip, packed(clip.frames))


def packed(frames: np.ndarray) -> tuple[bytes, ...]:
    """uint8 RGB [T, H, W, 3] → a picture a frame, in the best quality in which all are small enough."""
    pictures: tuple[bytes, ...] = ()
    for quality in QUALITIES:
        pictures = tuple(encoded(frame, quality) for frame in frames)
        if sum(map(len, pictures)) <= LARGEST:
            break
    return pictures


def encoded(picture: np.ndarray, quality: int) -> bytes:
    """uint8 RGB [H, W, 3] → WebP."""
    _, data = cv2.imencode(".webp", picture[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, quality])
    return data.tobytes()


def unpacked(pictures: tuple[bytes, ...]) -> np.ndarray:
    """The inverse of `packed`, but for what compression took; ValueError where something is no picture."""
    for data in pictures:  # before any is decoded: a small file may hold a huge picture
        with Image.open(io.BytesIO(data)) as picture:
            if picture.format != "WEBP" or max(picture.size) > LARGEST_SIDE:
                raise ValueError("no picture of ours")
    frames = [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) for data in pictures]
    if not frames or any(frame is None for frame in frames):
        raise ValueError("no picture")
    return np.stack([np.asarray(frame)[..., ::-1] for frame in frames])
