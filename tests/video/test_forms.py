"""What else than a video file is a clip, and what is none."""

import io

import cv2
import numpy as np
import pytest
import torch
from clips import make_clip, number_in, picture

from d2st.errors import D2STError
from d2st.video import read_clip

NEAREST = [0, 3, 7, 10, 13, 16, 20, 23]  # 8 of 24 frames
FRAMES = np.stack([picture(number) for number in range(24)])
SIZE = dict(short_side=48, crop=None)


def numbers(clip):
    return [number_in(frame) for frame in clip.frames]


def write_pictures(folder, frames=FRAMES, name="img_{:05d}.png", first=1):
    folder.mkdir(exist_ok=True)
    paths = [folder / name.format(first + index) for index in range(len(frames))]
    for path, frame in zip(paths, frames, strict=True):
        cv2.imwrite(str(path), frame[..., ::-1])
    return paths


@pytest.mark.parametrize("form", ["array", "tensor", "pictures", "folder", "file", "stream"])
def test_every_form_gives_the_same_frames(form, tmp_path):
    video = make_clip(tmp_path / "a.mp4", rate=25)
    pictures = write_pictures(tmp_path / "numbered")
    with open(video, "rb") as file:
        source = {
            "array": FRAMES, "tensor": torch.tensor(FRAMES), "pictures": pictures, "folder": tmp_path / "numbered",
            "file": file, "stream": Unseekable(video.read_bytes()),
        }[form]  # fmt: skip
        clip = read_clip(source, **SIZE)
    assert numbers(clip) == NEAREST
    assert clip.times == pytest.approx(np.array(NEAREST) / 25, abs=2e-3)
    assert (clip.width, clip.height, clip.frame_count, clip.notes) == (64, 48, 24, ())
    assert clip.duration == pytest.approx(24 / 25, abs=1e-3) and clip.fps == pytest.approx(25)
    assert not clip.frames.flags.writeable
    assert clip.name == {"folder": "numbered", "file": "a.mp4"}.get(form, "clip")


class Unseekable(io.RawIOBase):
    def __init__(self, data):
        self.data = io.BytesIO(data)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.data.readinto(buffer)


def test_pictures_are_shrunk_and_cut_like_files(tmp_path):
    video = make_clip(tmp_path / "a.mp4", size=(128, 96), rate=25)
    whole = read_clip(video, 24, short_side=96, crop=None).frames
    for settings in (dict(crop=32), dict(short_side=64, crop=48)):
        expected = read_clip(video, **settings).frames
        assert np.array_equal(read_clip(whole, **settings).frames, expected)
        assert np.array_equal(read_clip(write_pictures(tmp_path / "p", whole), **settings).frames, expected)


def test_numbers_count_and_not_letters(tmp_path):
    write_pictures(tmp_path / "numbered", name="frame{}.png", first=1)  # frame10 stands before frame2 by its letters
    (tmp_path / "numbered" / "cover.png").write_bytes(b"no number, no frame")
    assert numbers(read_clip(tmp_path / "numbered", 24, **SIZE)) == list(range(24))


def test_a_rate_gives_the_times(tmp_path):
    for source in (FRAMES, write_pictures(tmp_path / "p")):
        clip = read_clip(source, 3, **SIZE, fps=6, name="mine")
        assert clip.times.tolist() == pytest.approx([0, 11 / 6, 23 / 6]) and clip.duration == 4 and clip.name == "mine"
        assert numbers(read_clip(source, 3, **SIZE, fps=6, window=(1, 1))) == [18, 20, 23]


def test_frames_of_a_short_array_repeat_with_a_note():
    clip = read_clip(FRAMES[:3], **SIZE)
    assert numbers(clip) == [0, 0, 1, 1, 1, 1, 2, 2]
    assert clip.notes == ("'clip' has only 3 frames, so frames repeat.",)


@pytest.mark.parametrize(
    "source, complaint",
    [
        (None, "not nothing"),
        ("", "not nothing"),
        (3, "not int 3"),
        (b"clip.mp4", "not bytes"),
        (FRAMES / 255, "of float64"),
        (FRAMES[0], r"array \[48, 64, 3\]"),
        (FRAMES[:0], r"array \[0, 48"),
        (FRAMES[..., :1], "array"),
        (torch.zeros(2, 3, 8, 8, dtype=torch.uint8), "array"),
        ([], "holds no pictures"),
        ([1, 2], "holds int"),
        (["nowhere.png"], "no picture 'nowhere.png'"),
        (io.StringIO("text"), "open as text"),
        (io.BytesIO(b""), "'clip' is empty"),
    ],
)
def test_what_is_no_clip_is_said(source, complaint):
    with pytest.raises(D2STError, match=complaint):
        read_clip(source)


def test_pictures_that_are_none_or_do_not_fit_are_named(tmp_path):
    paths = write_pictures(tmp_path / "p", FRAMES[:3])
    paths[1].write_text("no picture")
    with pytest.raises(D2STError, match="img_00002.png' of 'clip' is no picture"):
        read_clip(paths, 3)
    cv2.imwrite(str(paths[1]), np.zeros((10, 10, 3), np.uint8))
    with pytest.raises(D2STError, match="img_00002.png' of 'clip' has another size"):
        read_clip(paths, 3)


@pytest.mark.parametrize("fps", [0, -1, "fast", None, 1e6])
def test_a_rate_that_is_none_is_refused(fps):
    with pytest.raises(D2STError, match="frames a second"):
        read_clip(FRAMES, fps=fps)


def test_too_many_pictures_are_too_long(tmp_path):
    paths = write_pictures(tmp_path / "p", FRAMES[:1])
    with pytest.raises(D2STError, match="400 s at 1 a second, and 300 s is the most"):
        read_clip(paths * 400, fps=1)
