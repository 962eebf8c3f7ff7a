"""A bounded run of `fuzz.py`: damaged clips give frames or one sentence, and leave no process behind."""

import psutil
from fuzz import fuzz

from d2st.video import reader


def test_damaged_clips_give_frames_or_one_sentence():
    read, refused = fuzz(150, seed=1)
    assert read > 20 and refused > 20
    children = [child for child in psutil.Process().children() if "d2st.video.decoder" in " ".join(child.cmdline())]
    assert len(children) <= reader._pool.size
