"""A bounded run of `fuzz.py`: damaged clips give frames or one sentence, and nothing is left of them."""

import tempfile

import psutil
from fuzz import decoders, fuzz

from d2st.video import reader

MOST = 400_000_000  # bytes of a process that decodes small clips


def _open_files(process: psutil.Process) -> int:
    return process.num_fds() if hasattr(process, "num_fds") else process.num_handles()


def _others() -> set[int]:
    """Children of this process that decode nothing."""
    return {child.pid for child in psutil.Process().children(recursive=True)} - {each.pid for each in decoders()}


def test_damaged_clips_give_frames_or_one_sentence_and_leave_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    reader._pool.stop()  # so that the decoders know of no other folder for what they might leave
    fuzz(5, seed=3)
    opened, others = _open_files(psutil.Process()), _others()
    theirs = max(_open_files(process) for process in decoders())
    figures = fuzz(60, seed=1)
    assert figures.read > 5 and figures.refused > 10
    assert figures.decoder < MOST and figures.growth < 30_000_000 and figures.slowest < 30
    assert 1 <= len(decoders()) <= reader._pool.size and _others() <= others
    assert _open_files(psutil.Process()) <= opened and not list(tmp_path.iterdir())
    assert max(_open_files(process) for process in decoders()) <= theirs
