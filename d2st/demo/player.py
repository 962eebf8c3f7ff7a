"""Gradio's player, given files as they are."""

from abc import ABCMeta
from typing import Any

import gradio as gr


def as_it_is(self: gr.Video, value: str | None) -> gr.FileData | None:
    """A file for the player, or None for none.

    Gradio would look into each with FFmpeg, in this process's name and without limits, and convert what
    browsers may not play; the page shows such a file's pictures instead.
    """
    return gr.FileData(path=value) if value else None


# As `class Player(gr.Video)`, past Gradio's metaclass, which writes a stub beside the module of every new component.
Player: Any = ABCMeta.__new__(
    type(gr.Video),
    "Player",
    (gr.Video,),
    {"__module__": __name__, "is_template": True, "postprocess": as_it_is},
)
