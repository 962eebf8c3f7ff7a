"""A clip as the rest of the program knows it."""

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b

import numpy as np

# Raised whenever a file gives other frames than before, so that what was computed from them is not taken for new.
DECODING_VERSION = 4


@dataclass(frozen=True)
class Limits:
    """What a clip may ask for."""

    size: int = 200_000_000  # bytes of the file
    duration: float = 300  # seconds that the clip lasts
    side: int = 8192  # pixels along width or height
    seconds: float = 10  # time that reading may take
    memory: int = 2_000_000_000  # bytes that the decoding process may hold


@dataclass(frozen=True)
class Source:
    """What a video file is, as its reader found it: why its frames are what they are."""

    container: str  # FFmpeg's names: "mov,mp4,m4a,3gp,3g2,mj2"
    codec: str  # "h264"
    pixels: str  # "yuv420p10le"
    width: int  # pixels, as stored
    height: int
    pixel_aspect: float  # width of a stored pixel divided by its height
    turned: str  # how it is displayed: "as stored", "turned by 90° clockwise"
    interlaced: bool
    track: str  # which one was taken, and why
    steady: bool  # whether its frame rate is constant


@dataclass(frozen=True)
class Preview:
    """A small film of a clip: pictures in its own shape, row by row in one WebP."""

    picture: bytes = field(repr=False)  # WebP, at most 150 kB
    columns: int  # pictures in a row
    times: tuple[float, ...]  # seconds after the clip's first frame, one for each picture, 64 at most
    width: int  # pixels of one picture
    height: int


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames of one clip, evenly spread over it or over each look at it, and what the clip is.

    Width and height are as displayed, in square pixels. `duration` lasts to the end of the last picture;
    `fps` is the mean rate.
    """

    name: str  # of the file, without its folder
    frames: np.ndarray = field(repr=False)  # uint8 RGB [L·T, H, W, 3], read-only
    times: np.ndarray = field(repr=False)  # float64 [L·T], seconds after the clip's first frame
    notes: tuple[str, ...]  # what a person should know, one plain sentence each
    duration: float  # seconds
    fps: float  # frames a second, mean
    width: int  # pixels
    height: int  # pixels
    frame_count: int  # of the clip, not of `frames`
    preview: Preview | None = field(default=None, repr=False)  # of a video file, where asked for
    source: Source | None = field(default=None, repr=False)  # of a video file
    looks: int = 1  # L, one after the other, as many frames each

    @property
    def shape(self) -> tuple[int, ...]:
        """Of `frames`."""
        return self.frames.shape

    @cached_property
    def digest(self) -> str:
        """A name for what `frames` holds (hex): equal frames, equal digest."""
        return blake2b(repr(self.frames.shape).encode() + self.frames.tobytes(), digest_size=16).hexdigest()
