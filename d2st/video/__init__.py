"""Clips: files, pictures or arrays → the frames that a model sees, safely."""

from d2st.video.ahead import read_ahead
from d2st.video.clip import DECODING_VERSION, Clip, Limits, Preview, Source
from d2st.video.files import looks_like_a_clip
from d2st.video.looks import Looks
from d2st.video.pieces import LongFilm, long_film
from d2st.video.reader import read_clip, warm_up

__all__ = [
    "DECODING_VERSION", "Clip", "Limits", "LongFilm", "Looks", "Preview", "Source", "long_film", "looks_like_a_clip",
    "read_ahead", "read_clip", "warm_up",
]  # fmt: skip
