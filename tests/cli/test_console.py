"""What a command prints survives any code page."""

import io
import json
import os
import shutil
import subprocess
import sys

import pytest
from clips import make_clip
from small import EXAMPLES

from d2st.cli import main

pytestmark = pytest.mark.usefixtures("computed_once")
DANCE = "跳舞"
SUPPORT = EXAMPLES / "people" / "support"


class Terminal(io.TextIOWrapper):
    """A stream that is shown to a person."""

    def isatty(self):
        return True


@pytest.fixture
def run(monkeypatch):
    """Runs a command → its status, and the bytes of its output and of its errors."""

    def run(*argv, encoding="cp1252", stream=io.TextIOWrapper):
        written = io.BytesIO(), io.BytesIO()
        with monkeypatch.context() as patch:
            for name, each in zip(("stdout", "stderr"), written, strict=True):
                patch.setattr(sys, name, stream(each, encoding, write_through=True))
            return main([*map(str, argv)]), *(each.getvalue() for each in written)

    return run


@pytest.fixture(scope="module")
def support(tmp_path_factory):
    folder = tmp_path_factory.mktemp("support")
    shutil.copytree(SUPPORT / "jump", folder / DANCE)
    shutil.copytree(SUPPORT / "crawl", folder / "crawl")
    (folder / "leer é").mkdir()
    (folder / "crawl" / "坏.mp4").touch()
    return folder


@pytest.fixture(scope="module")
def query(tmp_path_factory):
    return shutil.copy(EXAMPLES / "people" / "query" / "jump.mp4", tmp_path_factory.mktemp("query") / "跳é😀.mp4")


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_an_answer_in_json_gives_the_names_back(run, support, query, encoding):
    code, out, err = run("predict", "--support", support, "--query", query, "--json", encoding=encoding)
    [prediction] = json.loads(out.decode(encoding))["predictions"]
    assert code == 1 and prediction["query"] == str(query) and set(prediction["scores"]) == {DANCE, "crawl"}
    assert prediction["label"] == DANCE
    warnings = err.decode(encoding)
    assert warnings.count("warning: ") == 2 and ("坏" if encoding == "utf-8" else r"\u574f") in warnings


def test_an_answer_in_text_shows_what_it_can(run, support, query):
    code, out, _ = run("predict", "--support", support, "--query", query)
    said = out.decode("cp1252")
    assert code == 1 and r"\u8df3\u821e, ahead by" in said and r"\u8df3é\U0001f600.mp4" in said


def test_a_name_in_another_encoding_is_said(run, support, query, tmp_path):
    other = os.path.join(os.fsencode(tmp_path), b"caf\xe9.mp4")
    shutil.copy(query, other)
    code, out, err = run("predict", "--support", support, "--query", os.fsdecode(other), query, encoding="utf-8")
    assert code == 1 and rb"'caf\xe9.mp4' has a name that is not UTF-8" in err
    assert "😀.mp4: 跳舞, ahead by" in out.decode()


def test_a_checked_data_set_and_help_are_shown(run, tmp_path):
    for split in ("base", "validation", "novel"):
        (tmp_path / split / DANCE).mkdir(parents=True)
        make_clip(tmp_path / split / DANCE / "1.mp4", count=8)
        (tmp_path / split / DANCE / "坏.mp4").touch()
    folders = {split: [str(tmp_path / split)] for split in ("base", "validation", "novel")}
    (tmp_path / "mine.yaml").write_text(f"model: resnet50\ndata: {json.dumps(folders)}\n")
    code, out, _ = run("data", "check", tmp_path / "mine.yaml")
    assert code == 1 and rb"\u574f.mp4' is empty" in out and b"1 clip: is empty" in out
    for program in (("-m", "d2st"), ("app.py",)):  # in processes of their own, with a console's streams
        environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
        ran = subprocess.run([sys.executable, *program, "--help"], capture_output=True, env=environment, check=True)
        assert rb"D\xb2ST" in ran.stdout


def test_progress_is_shown_in_any_code_page(run, support):
    """A bar is drawn where a terminal is."""
    asked = ("evaluate", "--data", support, "--way", "2", "--episodes", "5")
    code, out, err = run(*asked, stream=Terminal)
    assert code == 1 and b"clips: 100%" in err and rb"\u574f.mp4' is empty" in err and b"bi-mhm, centred" in out
    assert b"clips: " not in run(*asked)[2]
