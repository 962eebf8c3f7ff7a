"""What was found in a long file is kept as a table, subtitles, an object, and a picture."""

import csv
import io
import json

import numpy as np
import pytest

from d2st.errors import D2STError
from d2st.explain import time_line
from d2st.live.passages import Passage
from d2st.live.scan import Scan

FOUND = Scan(
    "film.mp4", 3725.5, ("wave", "=1", "跳 <舞>"), 2.0, 0.5, -5.0,
    np.array([[-1.0, -7, -8], [np.nan] * 3, [-9, -7, -2]]),
    (Passage(0, 2.5, "wave", -1.0), Passage(2.5, 3661.25, None, None), Passage(3661.25, 3725.5, "跳 <舞>", -2.0)),
    ("a note",),
)  # fmt: skip


def test_subtitles_have_a_cue_for_each_answer():
    assert time_line.vtt(FOUND) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:02.500\nwave\n\n01:01:01.250 --> 01:02:05.500\n跳 &lt;舞&gt;\n"
    )


@pytest.mark.parametrize("kind", time_line.FORMATS)
def test_every_kind_of_file_is_written_the_same_each_time(kind, tmp_path):
    one, other = tmp_path / f"one{kind}", tmp_path / f"other{kind.upper()}"
    time_line.save(FOUND, one)
    time_line.save(FOUND, other)
    assert one.read_bytes() == other.read_bytes() != b""


def test_the_object_holds_passages_and_the_best_scores_of_each_window(tmp_path, monkeypatch):
    monkeypatch.setattr(time_line, "MOST_ACTIONS", 2)
    time_line.save(FOUND, tmp_path / "a.json")
    told = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert told["windows"][0] == {"start": 0, "end": 2, "scores": {"wave": -1, "=1": -7}}
    assert told["windows"][1]["scores"] == {} and list(told["windows"][2]["scores"]) == ["跳 <舞>", "=1"]
    assert told["passages"][1] == {"start": 2.5, "end": 3661.25, "action": None, "score": None}
    assert (told["file"], told["duration"], told["threshold"], told["notes"]) == ("film.mp4", 3725.5, -5, ["a note"])


def test_the_table_has_a_row_for_each_passage(tmp_path):
    time_line.save(FOUND, tmp_path / "a.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8-sig"))))
    assert rows[:3] == [["start", "end", "action", "score"], ["0", "2.5", "wave", "-1.0"], ["2.5", "3661.25", "", ""]]


def test_another_kind_is_refused(tmp_path):
    with pytest.raises(D2STError, match="'a.txt' is no .json, .csv, .vtt, .png, .svg or .pdf file"):
        time_line.save(FOUND, tmp_path / "a.txt")


def test_the_band_shows_each_answer_where_it_is():
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    time_line._draw_band(axes, FOUND, {"wave": (1, 0, 0), "跳 <舞>": (0, 1, 0)})
    assert [(patch.get_x(), patch.get_width()) for patch in axes.patches] == [(0, 2.5), (3661.25, 64.25)]
