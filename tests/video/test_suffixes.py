"""Which files are clips: by name, and by content."""

import os

import cv2
import numpy as np
import pytest
from clips import make_clip, make_sound, number_in, picture

from d2st.errors import D2STError
from d2st.video import looks_like_a_clip, read_clip
from d2st.video.files import CLIP_SUFFIXES, check_encoding, listed, numbered_pictures, printable, without_suffix

FORMATS = {  # the codec, and the container where PyAV does not know it by the suffix
    ".gif": ("gif", None), ".webm": ("libvpx", None), ".avi": ("mpeg4", None), ".divx": ("mpeg4", "avi"),
    ".mpg": ("mpeg2video", "mpeg"), ".mpeg": ("mpeg1video", "mpeg"), ".mpe": ("mpeg2video", "mpeg"),
    ".vob": ("mpeg2video", "vob"), ".m2t": ("mpeg2video", "mpegts"), ".ts": ("libx264", "mpegts"),
    ".mts": ("libx264", "mpegts"), ".m2ts": ("libx264", "mpegts"), ".wmv": ("wmv2", "asf"), ".asf": ("wmv2", "asf"),
    ".ogv": ("libvpx", "ogg"), ".ogg": ("libvpx", "ogg"), ".ogm": ("libvpx", "ogg"), ".qt": ("libx264", "mov"),
    ".3gpp": ("libx264", "3gp"), ".mk3d": ("libx264", "matroska"), ".m4v": ("libx264", "mp4"),
}  # fmt: skip


def write(path, suffix=".mp4"):
    codec, container = FORMATS.get(suffix, ("libx264", None))
    return make_clip(path, codec=codec, size=(64, 48), rate=25, container=container)


def write_pictures(folder, numbers, name="img_{:05d}.png"):
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        cv2.imwrite(str(folder / name.format(number)), picture(number % 256)[..., ::-1])
    return folder


def numbers_in(clip):
    return [number_in(frame) for frame in clip.frames]


@pytest.mark.parametrize("suffix", sorted(CLIP_SUFFIXES))
def test_each_suffix_in_the_table_is_one_that_is_read(suffix, tmp_path):
    clip = write(tmp_path / f"A{suffix.upper()}", suffix)
    assert looks_like_a_clip(clip)
    assert numbers_in(read_clip(clip, 3, short_side=48, crop=None)) == pytest.approx([0, 11, 23], abs=1)
    nameless = clip.rename(tmp_path / "nameless")
    assert looks_like_a_clip(nameless)
    assert looks_like_a_clip(nameless.rename(tmp_path / "IMG_0001.mp4_original"))


def test_suffixes_that_people_have_are_in_the_table():
    assert {".mts", ".m2ts", ".m2t", ".vob", ".ogg", ".asf", ".f4v", ".3g2", ".mpe"} <= CLIP_SUFFIXES


def test_what_is_no_clip_is_passed_over(tmp_path):
    make_sound(tmp_path / "sound.m4a")
    (tmp_path / "notes.txt").write_text("a text")
    (tmp_path / "README").write_text("The free software that made these clips")  # "free" is the name of a box of MP4
    cv2.imwrite(str(tmp_path / "cover.jpg"), picture(3))
    (tmp_path / "thumbnail").write_bytes((tmp_path / "cover.jpg").read_bytes())
    clip = write(tmp_path / "clip.mp4")
    for hidden in (".hidden.mp4", "._clip.mp4", ".DS_Store", "Thumbs.db"):
        (tmp_path / hidden).write_bytes(clip.read_bytes())
    (tmp_path / "nothing").touch()
    (tmp_path / "folder.mp4").mkdir()
    os.mkfifo(tmp_path / "pipe")  # to open it would wait for ever
    assert [path.name for path in listed(tmp_path) if looks_like_a_clip(path)] == ["clip.mp4"]


def test_links_are_followed_and_a_broken_one_is_left_for_the_reader_to_name(tmp_path):
    clip = write(tmp_path / "clip.mp4")
    for name, target in (("link", clip), ("link.mp4", tmp_path / "gone.mp4"), ("loop", tmp_path / "loop")):
        (tmp_path / name).symlink_to(target)
    assert [path.name for path in listed(tmp_path) if looks_like_a_clip(path)] == ["clip.mp4", "link", "link.mp4"]
    with pytest.raises(D2STError, match="no file 'link.mp4'"):
        read_clip(tmp_path / "link.mp4")


def test_a_folder_of_numbered_pictures_is_a_clip_and_one_of_films_is_none(tmp_path):
    assert looks_like_a_clip(write_pictures(tmp_path / "pictures", range(3)))
    assert not looks_like_a_clip(write_pictures(tmp_path / "cover", [1]))
    write(write_pictures(tmp_path / "films", range(3), "still_{}.png") / "a.mp4")
    assert not looks_like_a_clip(tmp_path / "films")


def test_pictures_are_in_the_order_of_their_numbers_with_gaps_and_without_hidden_ones(tmp_path):
    folder = write_pictures(tmp_path / "p", [1, 2, 10, 30], "frame{}.png")
    (folder / "._frame1.png").write_bytes(b"what a Mac leaves")
    assert numbers_in(read_clip(folder, 4, short_side=48, crop=None)) == [1, 2, 10, 30]


def test_of_several_series_one_is_read_and_that_is_said(tmp_path):
    folder = write_pictures(tmp_path / "p", range(1, 9))
    for flow in ("flow_x_{:05d}.png", "flow_y_{:05d}.png"):
        write_pictures(folder, range(1, 9), flow)
        for number in range(1, 9):
            cv2.imwrite(str(folder / flow.format(number)), np.zeros((48, 64, 3), np.uint8))
    clip = read_clip(folder, short_side=48, crop=None)
    assert numbers_in(clip) == list(range(1, 9))
    assert clip.notes == ("'p' holds 3 series of numbered pictures; 'img_…' is read, the longest.",)


def test_pictures_named_by_seconds_are_one_series(tmp_path):
    folder = write_pictures(tmp_path / "p", [])
    for number, time in enumerate(("0.04", "0.96", "1.00", "10.04")):
        cv2.imwrite(str(folder / f"t{time}.png"), picture(number)[..., ::-1])
    assert [os.path.basename(path) for path in numbered_pictures(folder)] == [
        "t0.04.png", "t0.96.png", "t1.00.png", "t10.04.png",
    ]  # fmt: skip


def test_a_name_in_another_encoding_is_said_so_that_it_can_be_found(tmp_path):
    clip = write(tmp_path / "clip.mp4")
    for name in (b"caf\xe9.mp4", b"caf\xe9/1.mp4", b"d\xe9j\xe0 vu/caf\xe9.mp4"):
        path = os.path.join(os.fsencode(tmp_path), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.link(clip, path)
    for name, said in (
        (b"caf\xe9.mp4", r"'caf\\xe9.mp4' has a name that is not UTF-8"),
        (b"caf\xe9/1.mp4", r"'1.mp4' lies in 'caf\\xe9', a name that is not UTF-8.*Rename the folder"),
        (b"d\xe9j\xe0 vu", r"'d\\xe9j\\xe0 vu' has a name"),
    ):
        with pytest.raises(D2STError, match=said) as raised:
            read_clip(os.fsdecode(os.path.join(os.fsencode(tmp_path), name)))
        str(raised.value).encode()
    assert printable("caf\udce9") == r"caf\xe9" and printable("\ud800") == r"\ud800" and printable("跳舞") == "跳舞"
    check_encoding("跳舞/a.mp4")


def test_only_a_clips_suffix_is_taken_off():
    assert [without_suffix(name) for name in ("a.MP4", "jump.rope", "jump.rope.mp4", "a", ".mp4")] == [
        "a", "jump.rope", "jump.rope", "a", ".mp4",
    ]  # fmt: skip


def test_a_folder_that_may_not_be_looked_into_is_said(tmp_path, monkeypatch):
    def refused(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.iterdir", refused)
    with pytest.raises(D2STError, match="'.*closed' cannot be looked into: Permission denied"):
        listed(tmp_path / "closed")
    monkeypatch.undo()
    assert listed(tmp_path / "nowhere") == []
