"""What all of the page's HTML is made of: buttons, pictures, sentences.

Every name that a person typed or a file brought along is escaped. Pictures are part of the HTML,
so that no frame of a visitor's clip lies at an address of its own.
"""

from html import escape

import numpy as np

from d2st.demo.events import attributes
from d2st.demo.kept import KeptClip
from d2st.explain import draw
from d2st.video import Clip
from d2st.video.webp import address, webp

STRIP = 64  # pixels of a strip's height


def button(event, text: str, **more: str) -> str:
    """A button that stands for an event; `text` is HTML, and so are more attributes' values text."""
    return f'<button type="button" {attributes(event)}{_others(more)}>{text}</button>'


def local(name: str, text: str, **more: str) -> str:
    """A button for what the page does by itself, in the browser; see js/keys.js."""
    return f'<button type="button" data-here="{escape(name)}"{_others(more)}>{text}</button>'


def _others(attributes: dict[str, str]) -> str:
    return "".join(f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"' for name, value in attributes.items())


def image(picture: np.ndarray, text: str, kind: str = "") -> str:
    """uint8 RGB [H, W, 3] → an image that is part of the page; `text` says what it shows."""
    return tag(webp(picture, 88), picture.shape[1], picture.shape[0], text, kind)


def tag(picture: bytes, width: int, height: int, text: str, kind: str) -> str:
    """A WebP picture of that size → an image that is part of the page."""
    return f'<img class="{kind}" alt="{escape(text)}" width="{width}" height="{height}" src="{address(picture)}">'


def strip(clip: Clip, side: int = STRIP, kind: str = "strip") -> str:
    """The frames that the model saw, in a row, `side` pixels high."""
    said = f"{len(clip.times)} frames of {clip.name}"
    if isinstance(clip, KeptClip) and side == STRIP:
        return tag(clip.strip, len(clip.pictures) * side, side, said, kind)
    return image(draw.filmstrip(clip.frames, side), said, kind)


def film(clip: Clip) -> str:
    """A clip's frames as a small film, which plays while the pointer or the keyboard's focus is on what holds it."""
    shape = f"--frames:{len(clip.times)};--shape:{clip.width / clip.height:.3f}"
    return f'<span class="film" style="{shape}">{strip(clip)}</span>'


def sentences(said: list[str]) -> str:
    return "".join(f'<p class="said" role="status">{escape(sentence)}</p>' for sentence in said)


def number(value: float, digits: int = 2) -> str:
    return f"{value:z.{digits}f}".replace("-", "−")  # z: no minus before a zero
