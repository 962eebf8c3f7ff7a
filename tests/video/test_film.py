"""What no row of the corpus tells: fields of two moments, files that cannot be read on, what is rightly refused."""

import io
from fractions import Fraction

import av
import numpy as np
import pytest
from boxes import changed
from clips import make_clip, number_in
from corpus import Recipe, Track, drawn, write
from corpus_kinds import DCT, MOTION, x264

from d2st.errors import D2STError
from d2st.video import Limits, read_clip
from d2st.video.film import read_film
from d2st.video.wanted import Wanted

SIZE = (96, 64)


def fields(path, codec, options, flags=0, count=12):
    """Pictures whose even rows show one number and whose odd rows another one."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.options = options
        stream.codec_context.flags |= flags
        for index in range(count):
            picture = drawn(index, SIZE)
            picture[1::2] = drawn(100 + index, SIZE)[1::2]
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize(
    "name, codec, options, flags",
    [
        ("fields.mts", "libx264", {"x264-params": "tff=1:crf=1"}, 0),
        ("fields.mpg", "mpeg2video", {"qmax": "2", "qmin": "2"}, DCT | MOTION),
        ("fields.avi", "mpeg4", {"qmax": "2", "qmin": "2"}, DCT | MOTION),
    ],
)
def test_of_two_moments_that_share_a_picture_one_is_shown(tmp_path, name, codec, options, flags):
    clip = read_clip(fields(tmp_path / name, codec, options, flags), 12, 64, None)
    numbers = [number_in(frame) for frame in clip.frames]
    assert numbers in (list(range(12)), list(range(100, 112)))
    for number, frame in zip(numbers, clip.frames, strict=True):
        assert np.abs(frame.astype(int) - drawn(number, SIZE)).mean() < 13


class Failing(io.BytesIO):
    """A file on a disk that cannot be read from one place to another."""

    def __init__(self, data: bytes, start: int, end: int):
        super().__init__(data)
        self.start, self.end = start, end

    def read(self, size=-1):
        if self.start <= self.tell() < self.end:
            raise OSError("the disk is dead")
        return super().read(size)


def test_what_came_before_the_file_failed_counts(tmp_path):
    data = make_clip(tmp_path / "a.mp4", 60, size=(320, 240), noise=True).read_bytes()  # its index is at its end
    film = read_film(Failing(data, len(data) // 2, data.rindex(b"moov") - 4), "a.mp4", Wanted(8, 64, None), Limits())
    assert 25 < len(film.timeline.times) < 35
    with pytest.raises(D2STError, match="'a.mp4' holds no picture"):
        read_film(Failing(data, 0, len(data)), "a.mp4", Wanted(), Limits())


KEY = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "76a6c65c5ea762046bd749a2e632ccbb",
       "encryption_kid": "a7e61c373e219033c21091fa607bf3b8"}  # fmt: skip


@pytest.mark.parametrize(
    "recipe, sentence",
    [
        (Recipe("encrypted.mp4", (x264(),), muxer=KEY), "is encrypted"),
        (Recipe("unknown.mp4", then=lambda data: data.replace(b"avc1", b"xyz1")), "holds no picture that can be"),
        (Recipe("professional.mxf", (Track("mpeg2video"),)), "is no video: inside, it is not MP4"),
        (Recipe("bare.h264", format="h264"), "is no video: inside"),
        (Recipe("no_pictures.mp4", then=lambda data: changed(data, (b"mdat",), lambda pictures: bytes(len(pictures)))),
         "holds no picture that can be decoded"),
        (Recipe("cut.mp4", then=lambda data: data[: len(data) // 2]), "is cut off: its end is missing"),
        (Recipe("half.mkv", then=lambda data: data[: len(data) // 2]), "is cut off: its end is missing"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_is_wrong(tmp_path, recipe, sentence):
    made = write(recipe, tmp_path)
    with pytest.raises(D2STError, match=f"^'{recipe.name}' {sentence}"):
        read_clip(made.file)
