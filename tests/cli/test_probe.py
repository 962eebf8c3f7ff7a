"""`d2st probe` says what the reader saw and draws it."""

import json
from pathlib import Path

import cv2
import pytest
from clips import number_in

from d2st.cli import main

HARD_CLIPS = Path(__file__).parents[1] / "video" / "hard-clips"


@pytest.mark.parametrize(
    "name, said",
    [
        ("interlaced.mts", ["mpegts", "h264, yuv420p, interlaced", "160 × 128 pixels", "25 frames a second, constant"]),
        ("transposed.mp4", ["120 × 160 pixels, stored as 160 × 120: mirrored left to right, then turned by 270°"]),
        ("mirrored.mp4", ["stored as 160 × 120: mirrored left to right\n"]),
        ("varying_rate.webm", ["varying: frames are chosen by their times", "0.000 0.858 1.683"]),
        ("second_track_is_default.mp4", ["2 of 2: the default one", "2.958 s, 72 frames".removeprefix("2.958 s, ")]),
        ("cover_stream_first.mkv", ["2 of 2: the others are single pictures"]),
    ],
)
def test_what_was_seen_is_said_and_drawn(tmp_path, monkeypatch, capsys, name, said):
    monkeypatch.chdir(tmp_path)
    assert main(["probe", str(HARD_CLIPS / name)]) == 0
    out = capsys.readouterr().out
    assert [each for each in said if each not in out] == []
    picture = cv2.imread(f"{Path(name).stem}-frames.png")
    assert picture is not None and picture.shape[1] > 8 * 100


def test_the_drawn_frames_are_those_that_were_read(tmp_path, capsys):
    picture = tmp_path / "frames.png"
    asked = ["probe", str(HARD_CLIPS / "plain.mp4"), "--frames", "3", "--json", "--out", str(picture)]
    assert main(asked) == 0
    told = json.loads(capsys.readouterr().out)
    expected = json.loads((HARD_CLIPS / "expected.json").read_text())["plain.mp4"]
    times = expected["frame_times"]
    middle = min(range(len(times)), key=lambda index: abs(times[index] - times[-1] / 2))
    assert told["times"] == pytest.approx([times[0], times[middle], times[-1]], abs=1e-3)
    assert told["picture"] == str(picture) and told["source"]["codec"] == "h264"
    drawn = cv2.imread(str(picture))
    lit = (drawn < 250).all(2)  # frames on white paper
    columns = lit[drawn.shape[0] // 2 :].any(0).nonzero()[0]
    rows = lit[:, columns[0] + 5 : columns[-1] - 5].mean(1) > 0.5
    strip = drawn[rows][:, columns[0] : columns[-1] + 1]
    width = strip.shape[1] // 3
    numbers = [number_in(strip[:, place * width : (place + 1) * width]) for place in range(3)]
    shown = expected["frame_numbers"]
    assert numbers == [shown[0], shown[middle], shown[-1]]


def test_what_cannot_be_read_is_one_sentence(tmp_path, capsys):
    (tmp_path / "broken.mp4").write_bytes(b"nothing")
    assert main(["probe", str(tmp_path / "broken.mp4"), "--out", str(tmp_path / "a.png")]) == 2
    assert capsys.readouterr().err.startswith("error: 'broken.mp4' is no video") and not (tmp_path / "a.png").exists()
