from pathlib import Path

import numpy as np
import pytest
import torch
from small import EXAMPLES
from visits import small_model

from d2st.demo.known import KnownClips
from d2st.demo.workspace import Visit
from d2st.errors import D2STError
from d2st.models.model import Model
from d2st.recognizer import Recognizer

CLIPS = [str(path) for path in sorted(EXAMPLES.glob("table/query/*.mp4"))[:3]]


@pytest.fixture
def encoded(monkeypatch):
    """How many clips the network has encoded."""
    calls = []
    encode = Model.encode
    monkeypatch.setattr(Model, "encode", lambda self, frames, **more: calls.append(1) or encode(self, frames, **more))
    return calls


def test_a_clip_that_is_named_again_is_neither_read_nor_encoded(encoded, tmp_path):
    model, known = small_model(), KnownClips(2)
    first, second = Recognizer(model), Recognizer(model)
    clip, again = known.clip(first, CLIPS[0]), known.clip(second, CLIPS[0])
    assert again is clip
    assert len(encoded) == 1
    assert torch.equal(first.features(clip), Recognizer(model).features(second.read(CLIPS[0])))
    assert torch.equal(second.features(clip), first.features(clip))


def test_a_file_that_has_changed_is_another_clip(tmp_path):
    file, known = tmp_path / "clip.mp4", KnownClips(2)
    file.write_bytes(Path(CLIPS[0]).read_bytes())
    before = known.clip(Recognizer(small_model()), str(file))
    file.write_bytes(Path(CLIPS[1]).read_bytes())
    after = known.clip(Recognizer(small_model()), str(file))
    assert not np.array_equal(before.frames, after.frames)
    file.unlink()
    with pytest.raises(D2STError, match="clip.mp4"):
        known.clip(Recognizer(small_model()), str(file))


def test_the_clips_named_longest_ago_go_first(encoded):
    known, recognizer = KnownClips(2), Recognizer(small_model())
    for clip in (CLIPS[0], CLIPS[1], CLIPS[0], CLIPS[2], CLIPS[0], CLIPS[1]):
        known.clip(recognizer, clip)
    assert len(encoded) == 4  # the second was forgotten for the third
    assert len(known.clips) == 2


def test_what_is_added_on_the_page_is_known_to_every_workspace_of_a_visit(encoded):
    visit = Visit(small_model())
    visit.workspace.add("lift", [CLIPS[0]])
    before = len(encoded)
    visit.workspace.remove("lift")
    visit.workspace.add("again", [CLIPS[0]])
    assert len(encoded) == before
    assert Visit(small_model()).known.clips == {}
