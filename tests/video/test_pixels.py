"""Colours, shapes and turns are those that a browser shows."""

from fractions import Fraction

import av
import numpy as np
import pytest
from av import VideoFrame
from av.video.reformatter import ColorRange

from d2st.video import read_clip
from d2st.video.pixels import rgb
from d2st.video.wanted import Wanted

HIGH, LOW = 200, 16
BARS = np.array(
    [[255] * 3, [HIGH, HIGH, LOW], [LOW, HIGH, HIGH], [LOW, HIGH, LOW], [HIGH, LOW, HIGH], [HIGH, LOW, LOW],
     [LOW, LOW, HIGH], [0] * 3], np.uint8,
)  # fmt: skip
MATRICES = {"601": (5, 5), "709": (1, 1), "2020": (9, 9)}


def bars(path, pixels="yuv420p", matrix="709", full=False, codec="libx264", transfer=None, aspect=None):
    picture = np.repeat(np.repeat(BARS[None], 128, 0), 32, 1)  # [128, 256, 3]
    number, space = MATRICES[matrix]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 256, 128, pixels
        context = stream.codec_context
        context.colorspace, context.color_range = number, 2 if full else 1
        if transfer:
            context.color_trc, context.color_primaries = transfer, 9
        if aspect:
            context.sample_aspect_ratio = aspect
        stream.options = {"crf": "1", "preset": "ultrafast", "x265-params": "log-level=none"}
        for index in range(4):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
                format=pixels, src_color_range=ColorRange.JPEG, dst_colorspace=space,
                dst_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            )  # fmt: skip
            frame.pts, frame.colorspace, frame.color_range = index, number, 2 if full else 1
            if transfer:
                frame.color_trc, frame.color_primaries = transfer, 9
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def seen(clip):
    return clip.frames[0][64, 16::32].astype(int)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("codec, pixels", [("libx264", "yuv420p"), ("libx264", "yuv444p"), ("libx265", "yuv420p10le")])
def test_colours_are_those_that_were_filmed(tmp_path, codec, pixels, matrix, full):
    clip = read_clip(bars(tmp_path / "bars.mp4", pixels, matrix, full, codec), 1, 128, None)
    assert np.abs(seen(clip) - BARS).max() <= 3


@pytest.mark.parametrize("transfer, kind", [(16, "PQ"), (18, "HLG")])
def test_hdr_is_tone_mapped_and_said(tmp_path, transfer, kind):
    clip = read_clip(
        bars(tmp_path / "hdr.mp4", "yuv420p10le", "2020", False, "libx265", transfer=transfer), 1, 128, None
    )
    assert clip.notes[0].startswith(f"'hdr.mp4' is HDR ({kind})")
    colours = seen(clip)
    grey = colours[[0, -1]]
    assert (grey.max(1) - grey.min(1) <= 2).all() and grey[0].min() >= 250 and grey[1].max() <= 3
    assert colours[3].argmax() == 1 and colours[5].argmax() == 0 and colours[6].argmax() == 2


def test_pixels_that_are_not_square_are_shown_in_their_shape(tmp_path):
    clip = read_clip(bars(tmp_path / "wide.mp4", aspect=Fraction(64, 45)), 1, 128, None)
    assert (clip.width, clip.height) == (364, 128) and clip.frames.shape[1:3] == (128, 364)


@pytest.mark.parametrize(
    "pixels",
    ["yuv420p", "yuv422p", "yuv444p", "yuv411p", "yuvj420p", "nv12", "yuv420p10le", "yuv422p12le", "yuva420p", "gray",
     "gray10le", "gray16le", "rgb24", "bgr0", "argb", "gbrp", "gbrp10le", "rgb555le", "rgb8", "ya8"],
)  # fmt: skip
def test_every_form_of_pixels_is_converted_as_ffmpeg_converts_it(pixels):
    frame = VideoFrame.from_ndarray(np.repeat(np.repeat(BARS[None], 128, 0), 32, 1), format="rgb24")
    frame = frame.reformat(format=pixels)
    own = frame.reformat(format="rgb24").to_ndarray()
    ours = rgb(frame, (128, 256), Wanted(1, 128, None))
    assert np.abs(ours.astype(int) - own)[:, 16::32].max() <= 3


@pytest.mark.parametrize("matrix", [1, 4, 5, 6, 7, 9])
def test_every_matrix_is_that_of_ffmpeg(matrix):
    frame = VideoFrame.from_ndarray(np.repeat(np.repeat(BARS[None], 128, 0), 32, 1), format="rgb24")
    frame = frame.reformat(format="yuv444p", dst_colorspace=matrix if matrix != 6 else 5)
    frame.colorspace = matrix
    assert np.abs(rgb(frame, (128, 256), Wanted(1, 128, None))[:, 16::32].astype(int) - BARS).max() <= 3
