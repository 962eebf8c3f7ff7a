"""What a command prints survives any code page: run as people run it, in a process of its own."""

import json
import os
import shutil
import struct
import subprocess
import sys

import pytest
from clips import make_clip
from small import EXAMPLES

DANCE = "跳舞"
SUPPORT = EXAMPLES / "people" / "support"


def run(*argv, encoding="cp1252", module=("-m", "d2st")):
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run([sys.executable, *module, *map(str, argv)], capture_output=True, env=environment)


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
def test_an_answer_in_json_gives_the_names_back(support, query, encoding):
    ran = run("predict", "--support", support, "--query", query, "--json", encoding=encoding)
    assert ran.returncode == 1 and b"Traceback" not in ran.stderr, ran.stderr
    [prediction] = json.loads(ran.stdout.decode(encoding))["predictions"]
    assert prediction["query"] == str(query) and set(prediction["scores"]) == {DANCE, "crawl"}
    assert prediction["label"] == DANCE
    warnings = ran.stderr.decode(encoding)
    assert warnings.count("warning: ") == 2 and ("坏" if encoding == "utf-8" else r"\u574f") in warnings


def test_an_answer_in_text_shows_what_it_can(support, query):
    ran = run("predict", "--support", support, "--query", query)
    out = ran.stdout.decode("cp1252")
    assert ran.returncode == 1 and b"Traceback" not in ran.stderr
    assert r"\u8df3\u821e, ahead by" in out and r"\u8df3é\U0001f600.mp4" in out


def test_a_name_in_another_encoding_is_said(support, query, tmp_path):
    other = os.path.join(os.fsencode(tmp_path), b"caf\xe9.mp4")
    shutil.copy(query, other)
    ran = run("predict", "--support", support, "--query", os.fsdecode(other), query, encoding="utf-8")
    assert ran.returncode == 1 and rb"'caf\xe9.mp4' has a name that is not UTF-8" in ran.stderr
    assert "😀.mp4: 跳舞, ahead by" in ran.stdout.decode()


def test_a_checked_data_set_and_help_are_shown(tmp_path):
    for split in ("base", "validation", "novel"):
        (tmp_path / split / DANCE).mkdir(parents=True)
        make_clip(tmp_path / split / DANCE / "1.mp4", count=8)
        (tmp_path / split / DANCE / "坏.mp4").touch()
    folders = {split: [str(tmp_path / split)] for split in ("base", "validation", "novel")}
    (tmp_path / "mine.yaml").write_text(f"model: resnet50\ndata: {json.dumps(folders)}\n")
    ran = run("data", "check", tmp_path / "mine.yaml")
    assert ran.returncode == 1 and b"Traceback" not in ran.stderr
    assert rb"\u574f.mp4' is empty" in ran.stdout and b"1 clip: is empty" in ran.stdout
    for module in (("-m", "d2st"), ("app.py",)):
        ran = run("--help", encoding="ascii", module=module)
        assert ran.returncode == 0 and rb"D\xb2ST" in ran.stdout


def test_progress_is_shown_in_any_code_page(support):
    """A bar is drawn where a terminal is."""
    pty, fcntl, termios = (pytest.importorskip(name) for name in ("pty", "fcntl", "termios"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", "d2st", "evaluate", "--data", support, "--way", "2", "--episodes", "5"]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        said = b""
        try:
            while data := os.read(ours, 4096):
                said += data
        except OSError:  # the other end is closed
            pass
    os.close(ours)
    assert process.returncode == 1 and b"Traceback" not in said
    assert b"clips: 100%" in said and rb"\u574f.mp4' is empty" in said and b"bi-mhm, centred" in said
