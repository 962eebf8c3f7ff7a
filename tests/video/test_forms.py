"""What else than a video file is a clip, and what is none."""

import io
import struct
import tempfile
import zlib

import cv2
import numpy as np
import pytest
import torch
from clips import make_clip, number_in, picture
from PIL import Image

from d2st.errors import D2STError
from d2st.video import Limits, read_clip

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
        (torch.zeros(2, 4, 4, 3, requires_grad=True), "of float32"),
        (np.zeros((1, 1, 9000, 3), np.uint8), "9000 × 1 pixels, and 8192"),
        (np.zeros((9000, 1, 1, 3), np.uint8), "9000 frames, 360 s at 25 a second"),
        (["\udcff.png"], r"no picture '\\xff.png'"),
        ({"a": 1}, "not dict"),
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


def test_a_picture_larger_than_allowed_is_refused(tmp_path):
    cv2.imwrite(str(tmp_path / "wide.png"), np.zeros((4, 100, 3), np.uint8))
    with pytest.raises(D2STError, match="'wide.png' of 'clip' is larger than 99 pixels on a side"):
        read_clip([tmp_path / "wide.png"], limits=Limits(side=99))
    with pytest.raises(D2STError, match="'wide.png' is larger than 0 MB"):
        read_clip([tmp_path / "wide.png"], limits=Limits(size=50))
    with pytest.raises(D2STError, match="'clip' has more than 0 MB"):
        read_clip(io.BytesIO(bytes(100)), limits=Limits(size=99))


def test_pictures_are_turned_as_their_camera_says_and_their_size_is_the_one_shown(tmp_path):
    path = tmp_path / "turned.jpg"
    Image.fromarray(np.rot90(picture(37))).save(path, quality=95, exif=orientation(6))  # "turn it clockwise to see it"
    clip = read_clip([path], 1, **SIZE)
    assert numbers(clip) == [37] and (clip.width, clip.height) == (64, 48)


def orientation(value):
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


def test_pictures_without_colour_or_with_a_background_to_see_through_are_clips_too(tmp_path):
    for name, mode in (("grey.png", "L"), ("clear.png", "RGBA"), ("palette.png", "P")):
        Image.fromarray(picture(37)).convert(mode).save(tmp_path / name)
        assert numbers(read_clip([tmp_path / name], 1, **SIZE)) == [37]


@pytest.mark.parametrize("channel", range(3))
def test_red_is_red_in_every_form(tmp_path, channel):
    frame = np.zeros((48, 64, 3), np.uint8)
    frame[..., channel] = 200
    Image.fromarray(frame).save(tmp_path / "colour.png")
    for source in (frame[None], [tmp_path / "colour.png"]):
        assert read_clip(source, 1, **SIZE).frames[0, 0, 0].argmax() == channel


def test_a_file_object_is_read_from_its_start_and_may_be_read_again(tmp_path):
    stream = io.BytesIO(make_clip(tmp_path / "a.mp4").read_bytes())
    stream.seek(100)
    for _ in range(2):
        assert numbers(read_clip(stream, **SIZE)) == NEAREST


def test_a_file_object_that_cannot_be_read_is_said(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"some")
    with open(tmp_path / "a.mp4", "rb") as closed:
        pass
    with pytest.raises(D2STError, match="'a.mp4' cannot be read"):
        read_clip(closed)
    broken = Unseekable(b"")
    broken.readinto = lambda buffer: (_ for _ in ()).throw(OSError("the line is dead"))
    with pytest.raises(D2STError, match="'clip' cannot be read: the line is dead"):
        read_clip(broken)


def test_no_copy_of_a_file_object_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "kept"))
    (tmp_path / "kept").mkdir()
    read_clip(io.BytesIO(make_clip(tmp_path / "a.mp4").read_bytes()), **SIZE)
    with pytest.raises(D2STError):
        read_clip(io.BytesIO(b"no clip"))
    assert not list((tmp_path / "kept").iterdir())


def test_numpys_texts_are_paths_like_others(tmp_path):
    path = make_clip(tmp_path / "a.mp4")
    assert numbers(read_clip(np.str_(path), **SIZE)) == NEAREST


@pytest.mark.parametrize("fps", [0, -1, "fast", None, 1e6, True, float("nan")])
def test_a_rate_that_is_none_is_refused(fps):
    with pytest.raises(D2STError, match="frames a second"):
        read_clip(FRAMES, fps=fps)


def test_too_many_pictures_are_too_long(tmp_path):
    paths = write_pictures(tmp_path / "p", FRAMES[:1])
    with pytest.raises(D2STError, match="400 s at 1 a second, and 300 s is the most"):
        read_clip(paths * 400, fps=1)


def test_a_picture_is_refused_by_the_size_that_it_says_before_it_is_decoded(tmp_path):
    wide, claims = tmp_path / "wide_1.png", tmp_path / "claims_1.png"
    cv2.imwrite(str(wide), np.zeros((2, 8200, 3), np.uint8))
    data = bytearray(wide.read_bytes())
    data[16:24] = struct.pack(">2I", 30_000, 30_000)  # 2.7 GB, were it decoded
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    claims.write_bytes(data)
    for path in (wide, claims):
        with pytest.raises(D2STError, match=f"'{path.name}' of 'clip' is larger than 8192 pixels on a side"):
            read_clip([path], 1)
