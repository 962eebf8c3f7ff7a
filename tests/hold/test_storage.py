"""No room on the disk, nothing that can be written, no home: one sentence, and the bundled examples go on."""

import os
import subprocess
import sys
from contextlib import contextmanager
from html import escape

import pytest
from crowd import PEOPLE, Visitor
from serving import Server

from d2st.demo import storage

needs_mount = pytest.mark.skipif(
    not (sys.platform == "linux" and os.geteuid() == 0), reason="mounts a small disk, which root alone may"
)


@contextmanager
def small_disk(place, options):
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted: {mounted.stderr.decode()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def bundled_examples_go_on(server):
    visitor = Visitor(server)
    assert 'class=\\"label\\"' in visitor.press(do="open", workspace="people")
    for index in ("1", "2"):
        shown = visitor.press(do="query", index=index)
        assert 'class=\\"label\\"' in shown and "/gradio_api/file=" not in shown
    return visitor


@needs_mount
def test_a_full_disk_is_said_and_the_examples_go_on(tmp_path):
    with small_disk(tmp_path / "disk", "size=1m") as disk, Server(tmp_path, temporary=disk) as server:
        answer = server.upload(("a.mp4", os.urandom(3_000_000)))
        assert (answer.status_code, answer.text) == (507, storage.FULL)
        assert not [file for file in disk.rglob("*") if file.is_file()]  # nothing of it stays
        visitor = bundled_examples_go_on(server)
        (there,) = server.upload(("kick.mp4", (PEOPLE / "query" / "kick.mp4").read_bytes())).json()
        file = {"path": there, "orig_name": "kick.mp4", "meta": {"_type": "gradio.FileData"}}
        assert 'class=\\"label\\"' in visitor.ask(file)  # what fits is taken again
        rest = disk / "rest"
        with rest.open("wb", buffering=0) as full, pytest.raises(OSError, match="No space left"):
            while True:
                full.write(bytes(4096))
        message, _ = visitor.do(server.event("save-session", "click"), [])
        assert escape(storage.FULL) in message["output"]["data"][0], message
        bundled_examples_go_on(server)
        rest.unlink()
        assert "Traceback" not in server.text and "kick" not in server.text


@needs_mount
def test_a_disk_that_becomes_read_only_is_said(tmp_path):
    with small_disk(tmp_path / "disk", "size=20m") as disk, Server(tmp_path, temporary=disk) as server:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        answer = server.upload(("a.mp4", bytes(10_000)))
        assert answer.status_code == 500 and answer.text == storage.UNWRITABLE
        bundled_examples_go_on(server)
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert server.upload(("a.mp4", bytes(10_000))).status_code == 200


@needs_mount
def test_it_runs_without_a_home_in_a_folder_that_cannot_be_written(tmp_path):
    few = {"PATH": os.environ["PATH"], "HF_HOME": str(tmp_path / "disk"), "XDG_CACHE_HOME": str(tmp_path / "disk")}
    with (
        small_disk(tmp_path / "disk", "ro") as disk,
        Server(tmp_path, environment=few, cwd=disk) as server,
    ):
        visitor = bundled_examples_go_on(server)
        assert 'class=\\"label\\"' in visitor.ask(visitor.upload(PEOPLE / "query" / "kick.mp4"))


@needs_mount
def test_without_any_room_it_does_not_start_and_says_why(tmp_path):
    with small_disk(tmp_path / "disk", "ro") as disk:
        environment = os.environ | {"GRADIO_TEMP_DIR": str(disk / "files")}
        server = Server(tmp_path, environment=environment)
        assert server.process.wait(60) == 2
        assert "Read-only file system" in server.text and "set TMPDIR" in server.text
        assert "Traceback" not in server.text
