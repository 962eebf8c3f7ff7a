"""A film for Chromium's camera, joined from clips that come along; and a browser that films it."""

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import av
from PIL import Image
from playwright.sync_api import Page, Request

RATE = 30  # pictures a second, at which Chromium plays MJPEG
SIZE = (320, 240)


def film(file: Path, clips: Sequence[Path], slower: float = 1, change: Sequence[Callable] = ()) -> Path:
    """Motion JPEG of the clips one after the other, so many times slower; Chromium begins it again at its end.

    change: for each clip, what is made of its pictures.
    """
    with file.open("wb") as target:
        for index, clip in enumerate(clips):
            with av.open(str(clip)) as source:
                rate = float(source.streams.video[0].average_rate or RATE)
                pictures = [frame.to_image().resize(SIZE) for frame in source.decode(video=0)]
            made = [_jpeg(change[index](picture) if change else picture) for picture in pictures]
            each = rate / RATE / slower  # pictures of the clip for one of the film
            target.writelines(made[int(at * each)] for at in range(int(len(made) / each)))
    return file


def camera(file: Path) -> str:
    """The switch by which a Chromium films a file."""
    return f"--use-file-for-fake-video-capture={file}"


def pictures_sent(page: Page) -> list[dict]:
    """What the page sends of its camera's pictures from now on, in that order."""
    sent = []

    def note(request: Request) -> None:
        if "/component_server" in request.url:
            event = json.loads(request.post_data or "{}").get("data", {})
            if event.get("do") == "watch":
                sent.append(event)

    page.on("request", note)
    return sent


def _jpeg(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=90)
    return data.getvalue()
