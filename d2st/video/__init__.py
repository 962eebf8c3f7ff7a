"""Clips: a file → the frames that a model sees, safely."""

from d2st.video.reader import Clip, Limits, read_clip, warm_up

__all__ = ["Clip", "Limits", "read_clip", "warm_up"]
