"""No program but our decoder ever sees an upload: Gradio would have FFmpeg convert what browsers may not play."""

import os
import sys
from pathlib import Path

import pytest
from crowd import PEOPLE, Visitor
from serving import Server

HARD = Path(__file__).parents[1] / "video" / "hard-clips"


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
def test_no_upload_goes_through_another_program(tmp_path):
    programs, calls = tmp_path / "programs", tmp_path / "calls"
    programs.mkdir()
    for name in ("ffmpeg", "ffprobe"):
        (programs / name).write_text(f'#!/bin/sh\necho "$0 $@" >> {calls}\nexit 1\n')
        (programs / name).chmod(0o755)
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    with Server(tmp_path, environment=environment) as server:
        visitor = Visitor(server)
        for clip in (HARD / "plain_b_frames.avi", HARD / "open_gop_hevc.mp4", PEOPLE / "query" / "kick.mp4"):
            assert clip.name in visitor.ask(visitor.upload(clip))
            visitor.press(do="open", workspace="people")
            assert clip.name in visitor.press(do="open", workspace="own")
    assert not calls.exists(), calls.read_text()
