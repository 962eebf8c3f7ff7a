"""d2st scan: mistakes are said before the work, and every file that was asked for is written."""

import json

import pytest
from films import bundled, joined
from small import EXAMPLES
from visits import small_model

from d2st.cli import main, scan

SUPPORT = EXAMPLES / "table" / "support"


@pytest.mark.parametrize(
    "argv, sentence",
    [
        (("--support", SUPPORT, "--out", "a.txt"), "'a.txt' is no .json"),
        (("--support", SUPPORT, "--out", "none/a.csv"), "There is no folder 'none'"),
        (("--support", SUPPORT, "--window", "100"), "A window lasts 0.2 to 60 s, not 100 s."),
        (("--support", SUPPORT, "--window", "1", "--stride", "2"), "From one window to the next"),
        (("--examples", "none"), "No example set 'none' comes along."),
        ((), "Name the examples with --support DIR"),
    ],
)
def test_a_mistake_is_said_before_the_work(argv, sentence, capsys, monkeypatch):
    monkeypatch.setattr(scan, "load", lambda arguments: pytest.fail("it works already"))
    assert main(["scan", "film.mp4", *map(str, argv)]) == 2
    assert sentence in capsys.readouterr().err


def test_what_was_found_is_printed_and_written(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(scan, "load", lambda arguments: small_model())
    joined(bundled("table", "wave", "push left"), tmp_path / "film.mp4")
    files = [tmp_path / f"found.{kind}" for kind in ("json", "csv", "vtt")]
    assert main(["scan", str(tmp_path / "film.mp4"), "--support", str(SUPPORT), "--out", *map(str, files)]) == 0
    said, told = capsys.readouterr().out, json.loads(files[0].read_text(encoding="utf-8"))
    assert told["duration"] == 5 and len(told["windows"]) == 7 and all(f"Wrote {file}." in said for file in files)
    for each in told["passages"]:
        assert f"{each['start']:.2f} to {each['end']:8.2f} s  {each['action'] or 'nothing'}" in said


def test_a_film_that_is_none_is_said(capsys, monkeypatch):
    monkeypatch.setattr(scan, "load", lambda arguments: small_model())
    assert main(["scan", "none.mp4", "--support", str(SUPPORT)]) == 2
    assert "There is no file 'none.mp4'" in capsys.readouterr().err
