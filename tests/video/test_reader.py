"""Clips of every kind become the frames that they hold; bad files become one sentence."""

import os
import struct
import time
from dataclasses import asdict

import cv2
import numpy as np
import pytest
from clips import damaged, make_clip, make_sound, picture, rotated, trimmed
from reading import KINDS, SPREAD, job, numbers, refusal, whole

from d2st.errors import D2STError
from d2st.video import decoder as decode
from d2st.video import handover, published
from d2st.video.reader import Limits, read_clip
from d2st.video.timeline import Timeline
from d2st.video.wanted import Wanted


@pytest.mark.parametrize("name", KINDS)
def test_frames_are_spread_from_the_first_to_the_last_and_have_their_times(folder, name):
    clip = whole(folder / name)
    rate = KINDS[name].get("rate", 24)
    assert numbers(clip) == SPREAD
    assert clip.times == pytest.approx(np.array(SPREAD) / rate, abs=2e-3)
    assert (clip.name, clip.width, clip.height, clip.frame_count, clip.notes) == (name, 64, 48, 24, ())
    assert clip.duration == pytest.approx(24 / rate, abs=5e-3) and clip.fps == pytest.approx(rate, rel=5e-3)


def test_frames_are_resized_by_the_short_side_and_cropped_at_the_centre(folder):
    clip = read_clip(folder / "a.mp4", frames=3, short_side=96, crop=80)
    full = read_clip(folder / "a.mp4", frames=3, short_side=96, crop=None)
    assert clip.frames.shape == (3, 80, 80, 3) and clip.frames.dtype == np.uint8
    assert full.frames.shape == (3, 96, 128, 3)
    assert np.array_equal(clip.frames, full.frames[:, 8:88, 24:104])


def test_the_whole_frame_is_pressed_into_a_square_unless_told_otherwise(folder):
    pressed = read_clip(folder / "a.mp4", frames=3, crop=32).frames
    full = read_clip(folder / "a.mp4", frames=3, short_side=48, crop=None).frames  # 48 × 64, as in the file
    assert np.array_equal(pressed, [cv2.resize(frame, (32, 32), interpolation=cv2.INTER_AREA) for frame in full])
    assert read_clip(folder / "a.mp4", frames=3).frames.shape == (3, 224, 224, 3)


def test_shrinking_averages_over_areas(tmp_path):
    clip = whole(make_clip(tmp_path / "large.mp4", size=(640, 480), noise=True))
    assert clip.frames.std() < 20  # noise of 74; picking single pixels would keep it


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_frames_may_be_taken_from_elsewhere_in_their_parts(folder, name):
    within = [0, 0.99, 0.5, 1]  # of 4 parts of 6 frames
    assert numbers(read_clip(folder / name, 4, 48, None, within=within)) == [0, 11, 15, 23]


def test_evenly_spread_frames_are_the_nearest_ones():
    assert Wanted().picks(Timeline.counted(14, 25.0)) == [0, 2, 4, 6, 7, 9, 11, 13]
    for frames in (1, 2, 3, 5, 8, 9, 16):
        for count in (1, 2, 3, 5, 7, 14, 24, 99):
            picks = Wanted(frames).picks(Timeline.counted(count, 25.0))
            if frames == 1:
                assert picks == [0]
                continue
            ideal = np.linspace(0, count - 1, frames)
            assert np.abs(np.array(picks) - ideal).max() <= 0.5
            backwards = [count - 1 - index for index in picks[::-1]]  # of a clip run backwards
            middle = {frames // 2} if frames % 2 and count % 2 == 0 else set()  # no frame is the middle one
            assert [i for i in range(frames) if picks[i] != backwards[i]] == sorted(middle)


def test_frames_may_be_taken_from_anywhere(folder):
    assert numbers(whole(folder / "a.mp4", places=[0, 0.5, 0.5, 0.99, 1])) == [0, 12, 12, 23, 23]


@pytest.mark.parametrize("share, expected", [(0, [0, 4, 7, 11]), (0.5, [6, 10, 13, 17]), (1, [12, 16, 19, 23])])
def test_a_part_is_a_share_of_the_clip(folder, share, expected):
    clip = read_clip(folder / "a.mp4", 4, 48, None, part=(0.5, share))
    assert numbers(clip) == expected and clip.times == pytest.approx(np.array(expected) / 24, abs=1e-3)


@pytest.mark.parametrize("share, expected", [(0, [0, 4, 7, 11]), (0.5, [6, 10, 13, 17]), (1, [12, 16, 19, 23])])
def test_a_window_keeps_to_a_part_of_a_longer_clip(folder, share, expected):
    clip = read_clip(folder / "a.mp4", 4, 48, None, window=(0.5, share))  # 12 of 24 frames
    assert numbers(clip) == expected
    assert numbers(read_clip(folder / "a.mp4", 4, 48, None, window=(60, share))) == [0, 8, 15, 23]


@pytest.mark.parametrize(
    "settings",
    [
        dict(frames=0),
        dict(short_side=0),
        dict(crop=0),
        dict(short_side=64, crop=65),
        dict(crop=None),
        dict(within=[0.5]),
        dict(within=[1.1] * 8),
        dict(within=["a"] * 8),
        dict(places=[0.1, float("nan")]),
        dict(places=[0.5], within=[0.5], frames=1),
        dict(window=(1, 0), part=(1, 0)),
        dict(window=(0, 0.5)),
        dict(part=(1.5, 0)),
        dict(part=(0.5, 2)),
        dict(frames="8"),
        dict(frames=True),
        dict(frames=10**9),
        dict(crop=10**5),
        dict(frames=8000, crop=8000),
        dict(within=0.5),
        dict(places=0.5),
        dict(window=3),
        dict(part=3),
        dict(part="ab"),
        dict(name=None),
        dict(name=" "),
    ],
)
def test_settings_that_no_clip_could_satisfy(folder, settings):
    for source in (folder / "a.mp4", np.zeros((9, 8, 8, 3), np.uint8)):
        with pytest.raises(D2STError) as caught:
            read_clip(source, **settings)
        assert "damaged" not in str(caught.value)  # the clip is not to blame


def test_digest_tells_frames_apart(folder):
    clip = whole(folder / "a.mp4")
    assert clip.digest == whole(folder / "faststart.mp4").digest  # other file, same frames
    assert clip.digest != whole(folder / "a.mp4", frames=7).digest


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("size", [(64, 48), (128, 64), (80, 56)])
def test_rotation_flags_turn_the_picture(tmp_path, degrees, size):
    clip = rotated(make_clip(tmp_path / "a.mp4", size=size), degrees, tmp_path / "turned.mp4")
    told, paths = job(clip, short_side=min(size))
    facts, frames = decode._decode(handover.open_each(paths), **told)
    shown = np.rot90(picture(SPREAD[1], size), -degrees // 90)
    assert np.abs(frames[1].astype(int) - shown).mean() < 12
    assert (facts["height"], facts["width"]) == shown.shape[:2]


def test_what_an_edit_list_hides_is_not_shown(folder, tmp_path):
    clip = whole(trimmed(folder / "a.mp4", 10 / 24, tmp_path / "trimmed.mp4"), frames=5)
    assert clip.frame_count == 10 and numbers(clip) == [0, 2, 4, 7, 9]
    assert clip.notes == ()  # hidden is not damaged


def test_times_count_from_the_first_frame_that_can_be_decoded(folder, tmp_path):
    data = (folder / "a.ts").read_bytes()
    (tmp_path / "tuned in.ts").write_bytes(data[: 188 * 3] + data[188 * 9 :])  # the first key frame is lost
    clip = whole(tmp_path / "tuned in.ts")
    assert clip.frame_count == 12 and numbers(clip) == [12, 14, 15, 17, 18, 20, 21, 23]
    assert clip.times == pytest.approx((np.array(numbers(clip)) - 12) / 24, abs=2e-3)


def test_times_are_true_where_the_frame_rate_varies(tmp_path):
    times = [40 * i + 500 * (i > 12) for i in range(24)]
    for name in ("varies.mkv", "varies.mp4"):
        clip = whole(make_clip(tmp_path / name, times=[700 + each for each in times]))  # counted from the first frame
        wanted = np.linspace(0, times[-1], 8)
        nearest = [int(np.abs(np.array(times) - each).argmin()) for each in wanted]
        assert numbers(clip) == nearest
        assert clip.times == pytest.approx([times[i] / 1000 for i in nearest], abs=2e-3)


@pytest.mark.parametrize("count, expected", [(1, [0] * 8), (3, [0, 0, 1, 1, 1, 1, 2, 2])])
def test_frames_of_a_short_clip_repeat_with_a_note(tmp_path, count, expected):
    clip = whole(make_clip(tmp_path / "short.mp4", count=count))
    assert numbers(clip) == expected
    assert clip.notes == (f"'short.mp4' has only {count} frame{'s' * (count > 1)}, so frames repeat.",)


def test_a_large_clip(large):
    clip = read_clip(large, short_side=96, crop=None, frames=2)
    assert (clip.width, clip.height) == (3840, 2160) and clip.frames.shape == (2, 96, 171, 3)
    assert numbers(clip) == [0, 23]


@pytest.mark.parametrize(
    "name",
    [
        "a b.mp4",
        "Übung 你好 🎬.mp4",
        "%03d.mp4",
        "-i.mp4",
        "http:x",
        "file:a.mp4",
        "no ending",
        "clip.txt",
        "'quoted'.mp4",
    ],
)
def test_odd_names_are_only_names(folder, tmp_path, monkeypatch, name):
    if os.name == "nt" and ":" in name:
        name = name.replace(":", "_")
    for source in ("a.mp4", "a.webm"):  # one for each reader
        (tmp_path / name).write_bytes((folder / source).read_bytes())
        monkeypatch.chdir(tmp_path)
        clip = whole(name)
        assert clip.name == name and numbers(clip) == SPREAD


def write_bad_files(folder, target):
    whole_mp4, fast = (folder / "a.mp4").read_bytes(), (folder / "faststart.mp4").read_bytes()
    fragments = (folder / "fragments.mp4").read_bytes()
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{folder / 'a.ts'}\n#EXT-X-ENDLIST\n"
    files = {
        "empty.mp4": b"",
        "notes.mp4": b"Ideas for clips: clap, wave, jump. " * 30,
        "list.m3u8": playlist.encode(),
        "concat.mp4": f"ffconcat version 1.0\nfile '{folder / 'a.mp4'}'\n".encode(),
        "photo.mp4": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(500),
        "middle.mp4": whole_mp4[: len(whole_mp4) // 2],
        "noindex.mp4": whole_mp4[: whole_mp4.index(b"moov") - 4],
        "fast.mp4": fast[:-200],
        "fragments.mp4": fragments[:-200],
        "cut.mkv": (folder / "a.mkv").read_bytes()[:-200],
        "cut.avi": (folder / "a.avi").read_bytes()[:-200],
    }
    for name, data in files.items():
        (target / name).write_bytes(data)
    make_sound(target / "sound.mp4")
    (target / "folder.mp4").mkdir()


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("nowhere.mp4", "There is no file 'nowhere.mp4'."),
        ("folder.mp4", "'folder.mp4' is a folder."),
        ("empty.mp4", "'empty.mp4' is empty."),
        *[(name, f"'{name}' is no video:") for name in ("notes.mp4", "list.m3u8", "concat.mp4", "photo.mp4")],
        *[
            (name, f"'{name}' is cut off:")
            for name in ("middle.mp4", "noindex.mp4", "fast.mp4", "fragments.mp4", "cut.mkv", "cut.avi")
        ],
        ("sound.mp4", "'sound.mp4' holds no picture that can be decoded"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence(folder, tmp_path, name, sentence):
    write_bad_files(folder, tmp_path)
    message = refusal(tmp_path / name)
    assert message.startswith(sentence) and message.endswith(".") and "\n" not in message and len(message) < 220
    assert numbers(whole(folder / "a.mp4")) == SPREAD


def test_addresses_are_not_followed():
    assert refusal("http://127.0.0.1:9/clip.mp4").startswith("There is no file 'clip.mp4'. Check its path")


@pytest.mark.parametrize(
    "limits, sentence",
    [
        (Limits(size=100), "'a.mp4' has 0 MB, and 0 MB is the most."),
        (Limits(side=63), "'a.mp4' has 64 × 48 pixels, and 63 on a side is the most."),
        (Limits(duration=0.9), "'a.mp4' lasts 1 s, and 0.9 s is the most."),
    ],
)
def test_limits(folder, limits, sentence):
    assert refusal(folder / "a.mp4", limits=limits).startswith(sentence)


def test_ten_minutes_are_too_long(tmp_path):
    for name, options in (("long.mp4", {}), ("long.webm", dict(codec="libvpx", live="1"))):
        clip = make_clip(tmp_path / name, count=600, rate=1, **options)
        assert refusal(clip).startswith(f"'{name}' lasts 10 min, and 5 min is the most. Trim it")


def test_damaged_pictures_are_noticed(noisy, tmp_path):
    message = refusal(damaged(noisy, tmp_path / "damaged.mp4"))
    assert message.startswith("'damaged.mp4' is damaged: only 1.") and "of 2.5 s can be decoded" in message


def test_a_stream_that_ends_early_is_noted(folder, tmp_path):
    data = (folder / "a.flv").read_bytes()
    (tmp_path / "early.flv").write_bytes(data[: len(data) * 2 // 3])
    clip = whole(tmp_path / "early.flv")
    assert clip.frame_count < 20
    assert clip.notes[0].startswith("'early.flv' may be cut off or damaged: only 0.")


@pytest.mark.parametrize(
    "data, sentence",
    [
        (b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\x08free" * 6_000_000, "'odd.mp4' is no video that can be read"),
        (b"\0\0\0\x10ftypisom\0\0\0\0" + struct.pack(">I", 8 + 40_000 * 8) + b"moov" + b"\0\0\0\x08trak" * 40_000,
         "'odd.mp4' has more than 64 tracks"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500), "'odd.mp4' is no video: it is a picture"),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1miaf" + bytes(500), "'odd.mp4' is no video: it is a picture"),
    ],
)  # fmt: skip
def test_odd_containers_are_refused_at_once(tmp_path, folder, data, sentence):
    whole(folder / "a.mp4")
    (tmp_path / "odd.mp4").write_bytes(data)
    began = time.monotonic()
    assert refusal(tmp_path / "odd.mp4").startswith(sentence)
    assert time.monotonic() - began < 0.8


def test_decord_gives_the_frames_of_the_published_pipeline_and_says_so(folder):
    pytest.importorskip("decord")
    clip = whole(folder / "a.mp4", decoder="decord")
    assert numbers(clip) == SPREAD and "read with decord" in clip.notes[0]
    assert clip.times == pytest.approx(np.array(SPREAD) / 24, abs=2e-3)


def test_a_decord_that_is_not_there_is_said(folder, monkeypatch):
    monkeypatch.setattr(published, "VideoReader", None)
    told, paths = job(folder / "a.mp4", wanted=asdict(Wanted(short_side=48, crop=None, decoder="decord")))
    with pytest.raises(D2STError, match="decord is not installed"):
        decode._decode(handover.open_each(paths), **told)
