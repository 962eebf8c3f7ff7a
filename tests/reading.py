"""Clips as the tests of the reader read them."""

from dataclasses import asdict

import pytest
from clips import number_in

from d2st.errors import D2STError
from d2st.video.reader import Limits, read_clip
from d2st.video.wanted import Wanted

SPREAD = [0, 3, 7, 10, 13, 16, 20, 23]  # 8 of 24 frames
KINDS = {
    "a.mp4": {},
    "a.mov": {},
    "a.mkv": {},
    "a.ts": {},
    "a.flv": {},
    "fragments.mp4": dict(movflags="frag_keyframe+empty_moov"),
    "faststart.mp4": dict(movflags="faststart"),
    "a.webm": dict(codec="libvpx"),
    "recorded.webm": dict(codec="libvpx", live="1"),
    "a.avi": dict(codec="mpeg4"),
    "a.gif": dict(codec="gif", rate=25),
    "a.mpg": dict(codec="mpeg2video"),
    "a.wmv": dict(codec="wmv2"),
}


def whole(path, **settings):
    return read_clip(path, short_side=48, crop=None, **settings)


def numbers(clip):
    return [number_in(frame) for frame in clip.frames]


def job(path, short_side=48, **changes):
    """What the decoding process is told of a clip, and the clip's path."""
    told = dict(name=path.name, wanted=asdict(Wanted(short_side=short_side, crop=None)), limits=asdict(Limits()))
    return told | changes, [str(path)]


def refusal(path, **settings):
    with pytest.raises(D2STError) as caught:
        read_clip(path, **settings)
    return str(caught.value)
