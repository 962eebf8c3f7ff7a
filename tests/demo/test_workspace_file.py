import json
import zipfile

import numpy as np
import pytest
from small import EXAMPLES

from d2st.demo import workspace_file as session
from d2st.demo.workspace import Workspace
from d2st.errors import D2STError
from d2st.models.zoo import load_model
from d2st.recognizer import Recognizer

SET = EXAMPLES / "people"


@pytest.fixture(scope="module")
def model():
    return load_model(device="cpu")


@pytest.fixture
def workspace(model):
    workspace = Workspace(Recognizer(model, "bi-mhm", False))
    for action in ("jump", "punch"):
        workspace.add(action, [str(next((SET / "support" / action).glob("*.mp4")))])
    workspace.ask(str(SET / "query" / "punch.mp4"))
    return workspace


def test_a_bench_comes_back_as_it_was(workspace, model, tmp_path):
    session.save(workspace, tmp_path / "session.npz")
    again = session.load(tmp_path / "session.npz", model)
    assert again.prediction.scores == pytest.approx(workspace.prediction.scores, abs=1e-6)
    assert (again.recognizer.matching, again.recognizer.centre) == ("bi-mhm", False)
    for ours, theirs in zip(again.examples().items(), workspace.examples().items(), strict=True):
        assert ours[0] == theirs[0] and ours[1].digest == theirs[1].digest
    assert again.query.notes == workspace.query.notes and len(again.encoding.traces) == len(workspace.encoding.traces)


def test_kept_features_are_used_and_those_of_another_model_are_not(workspace, model, tmp_path, monkeypatch):
    session.save(workspace, tmp_path / "session.npz")
    encoded = []
    encode = type(model).encode
    monkeypatch.setattr(
        type(model), "encode", lambda self, *a, **k: (encoded.append(self.kind), encode(self, *a, **k))[1]
    )
    session.load(tmp_path / "session.npz", model)
    assert len(encoded) == 1  # the query, for its sampling points
    frozen = session.load(tmp_path / "session.npz", load_model(adapter=None, device="cpu"))
    assert encoded.count(None) >= 3 and frozen.prediction


def test_what_is_no_session_is_said_to_be_none(model, workspace, tmp_path):
    for name, content in {"text.npz": b"hello", "empty.npz": b""}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(D2STError, match="no session"):
            session.load(tmp_path / name, model)
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(D2STError, match="no session"):
        session.load(tmp_path / "other.npz", model)
    content = np.frombuffer(json.dumps({"format": "d2st session 9"}).encode(), np.uint8)
    np.savez(tmp_path / "newer.npz", session=content)
    with pytest.raises(D2STError, match="format 'd2st session 9'"):
        session.load(tmp_path / "newer.npz", model)


def test_no_code_in_a_session_runs(model, tmp_path):
    np.savez(tmp_path / "pickled.npz", session=np.array([object()], dtype=object))
    with pytest.raises(D2STError, match="no session"):
        session.load(tmp_path / "pickled.npz", model)


def test_a_session_of_too_many_bytes_is_refused(model, tmp_path, monkeypatch):
    monkeypatch.setattr(session, "LARGEST", 1000)
    with zipfile.ZipFile(tmp_path / "large.npz", "w") as archive:
        archive.writestr("session.npy", bytes(2000))
    with pytest.raises(D2STError, match="larger than"):
        session.load(tmp_path / "large.npz", model)


def test_a_session_of_the_format_before_is_read_and_computed_anew(workspace, model, tmp_path):
    recognizer = workspace.recognizer
    arrays, actions = {}, {}
    for number, (action, [clip]) in enumerate(recognizer.support.items()):
        arrays |= {f"{number}.frames": clip.frames, f"{number}.times": clip.times,
                   f"{number}.features": np.full((8, 1280), np.nan, np.float32)}  # fmt: skip
        said = {n: getattr(clip, n) for n in ("name", "notes", "duration", "fps", "width", "height", "frame_count")}
        actions[action] = [said | {"number": number}]
    content = {"format": "d2st session 1", "model": ["efficientnet-lite0", "d2st", model.about], "matching": "otam",
               "centre": True, "actions": actions, "query": None}  # fmt: skip
    np.savez(tmp_path / "old.npz", session=np.frombuffer(json.dumps(content).encode(), np.uint8), **arrays)
    again = session.load(tmp_path / "old.npz", model)
    assert list(again.recognizer.support) == list(recognizer.support) and again.recognizer.matching == "otam"
    assert all(np.isfinite(again.recognizer.features(clips[0])).all() for clips in again.recognizer.support.values())
