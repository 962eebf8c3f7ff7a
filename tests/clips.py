"""Tiny clips for tests. Each frame shows its number as eight bars, black or white, so that a test can
read from a decoded frame which one it is; the lowest quarter is black, so that no turn or mirror
image looks like another."""

import struct
from fractions import Fraction

import av
import numpy as np

_TURNS = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def picture(number, size=(64, 48)):
    """The frame with this number, 0 to 255: uint8 RGB [H, W, 3]."""
    width, height = size
    bars = [255 * (number >> 7 - bar & 1) for bar in range(8)]
    image = np.zeros((height, width, 3), np.uint8)
    image[: height * 3 // 4] = np.repeat(bars, width // 8)[:, None]
    return image


def number_in(frame):
    """The number that a decoded frame [H, W, 3] shows."""
    row = frame[frame.shape[0] // 3].mean(axis=1)
    return sum(int(bar.mean() > 127) << 7 - place for place, bar in enumerate(np.array_split(row, 8)))


def make_clip(
    path, count=24, size=(64, 48), rate=24, codec="libx264", times=None, noise=False, container=None, **options
):
    """Write `count` frames, shown at `times` (milliseconds) if given. `options` are the container's."""
    random = np.random.default_rng(0)
    with av.open(str(path), "w", format=container, options=options) as film:
        stream = film.add_stream(codec, rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "rgb8" if codec == "gif" else "yuv420p"
        stream.gop_size = 12
        if times:
            stream.codec_context.time_base = Fraction(1, 1000)
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "bf": "2"}
        for number in range(count):
            image = picture(number % 256, size)
            if noise:
                image = random.integers(0, 256, image.shape, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = times[number] if times else number
            frame.time_base = Fraction(1, 1000 if times else rate)
            film.mux(stream.encode(frame))
        film.mux(stream.encode())
    return path


def make_sound(path):
    """Write one second of silence and no picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), format="fltp", layout="mono")
        frame.rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def rotated(clip, degrees, path):
    """Copy an MP4 with a flag that asks players to turn it clockwise."""
    data = bytearray(clip.read_bytes())
    matrix = data.index(b"tkhd") + 44
    a, b, c, d = (65536 * value for value in _TURNS[degrees])
    struct.pack_into(">9i", data, matrix, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    return path


def trimmed(clip, keep, path):
    """Copy an MP4 so that an edit list shows only the first `keep` (a share) of it, as phones do."""
    data = bytearray(clip.read_bytes())
    length = data.index(b"elst") + 12
    struct.pack_into(">I", data, length, int(struct.unpack_from(">I", data, length)[0] * keep))
    path.write_bytes(data)
    return path


def damaged(clip, path):
    """Copy an MP4 with zeros in place of the second half of its pictures."""
    data = bytearray(clip.read_bytes())
    end = data.index(b"moov")
    data[end // 2 : end - 100] = bytes(end - 100 - end // 2)
    path.write_bytes(data)
    return path
