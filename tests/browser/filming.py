"""A film for Chromium's camera, joined from clips that come along; and a browser that films it."""

import io
from collections.abc import Sequence
from pathlib import Path

import av
from PIL import Image

RATE = 30  # pictures a second, at which Chromium plays MJPEG
SIZE = (320, 240)


def film(file: Path, clips: Sequence[Path]) -> Path:
    """Motion JPEG of the clips one after the other; Chromium begins it again at its end."""
    with file.open("wb") as target:
        for clip in clips:
            with av.open(str(clip)) as source:
                rate = float(source.streams.video[0].average_rate or RATE)
                pictures = [_jpeg(frame.to_image().resize(SIZE)) for frame in source.decode(video=0)]
            count = round(len(pictures) / rate * RATE)
            target.writelines(pictures[int(index * rate / RATE)] for index in range(count))
    return file


def camera(file: Path) -> str:
    """The switch by which a Chromium films a file."""
    return f"--use-file-for-fake-video-capture={file}"


def _jpeg(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=90)
    return data.getvalue()
