import io
import json
import struct
import time
import zipfile
from dataclasses import replace
from html import escape

import numpy as np
import pytest
import torch
from small import EXAMPLES
from visits import clip, filled, small_model

from d2st.demo import workspace_file as session
from d2st.demo.handlers import Handlers
from d2st.demo.kept import kept
from d2st.demo.looking import UNEXPECTED
from d2st.demo.workspace import OWN, Visit, Workspace
from d2st.errors import D2STError
from d2st.models.zoo import load_model
from d2st.recognizer import Recognizer
from d2st.video import Preview
from d2st.video.webp import webp

SET = EXAMPLES / "people"
SMALL = small_model()


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


def test_the_querys_preview_and_part_come_back_and_examples_have_none(workspace, model, tmp_path):
    workspace.ask(workspace.video, (0.2, 0.9))
    session.save(workspace, tmp_path / "session.npz")
    again = session.load(tmp_path / "session.npz", model)
    assert again.part == (0.2, 0.9) and again.query.preview == workspace.query.preview != None  # noqa: E711
    assert again.query.frames.shape == workspace.query.frames.shape
    session.save(again, tmp_path / "again.npz")
    once_more = session.load(tmp_path / "again.npz", model)
    assert once_more.query.preview == again.query.preview
    once_more.add_query("new")
    assert all(each.preview is None for clips in once_more.recognizer.support.values() for each in clips)


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
    monkeypatch.setattr("d2st.demo.session_schema.LARGEST", 1000)
    with zipfile.ZipFile(tmp_path / "large.npz", "w") as archive:
        archive.writestr("session.npy", bytes(2000))
    with pytest.raises(D2STError, match="larger than"):
        session.load(tmp_path / "large.npz", model)


def test_a_session_of_the_format_before_is_read_and_computed_anew(workspace, model, tmp_path):
    recognizer = workspace.recognizer
    arrays, actions = {}, {}
    for number, (action, [kept_clip]) in enumerate(recognizer.support.items()):
        arrays |= {f"{number}.frames": kept_clip.frames, f"{number}.times": kept_clip.times,
                   f"{number}.features": np.full((8, 1280), np.nan, np.float32)}  # fmt: skip
        said = {
            n: getattr(kept_clip, n) for n in ("name", "notes", "duration", "fps", "width", "height", "frame_count")
        }
        actions[action] = [said | {"number": number}]
    content = {"format": "d2st session 1", "model": ["efficientnet-lite0", "d2st", model.about], "matching": "otam",
               "centre": True, "actions": actions, "query": None}  # fmt: skip
    np.savez(tmp_path / "old.npz", session=np.frombuffer(json.dumps(content).encode(), np.uint8), **arrays)
    again = session.load(tmp_path / "old.npz", model)
    assert list(again.recognizer.support) == list(recognizer.support) and again.recognizer.matching == "otam"
    assert all(torch.isfinite(again.recognizer.features(clips[0])).all() for clips in again.recognizer.support.values())


class Forged:
    """A saved session, taken apart, to be put together otherwise."""

    def __init__(self, file):
        with np.load(file) as arrays:
            self.arrays = dict(arrays)
        self.said = json.loads(self.arrays.pop("session").tobytes())

    @property
    def first(self):
        return next(iter(self.said["actions"].values()))[0]

    def write(self, file, text=None):
        text = json.dumps(self.said) if text is None else text
        np.savez_compressed(file, session=np.frombuffer(text.encode(), np.uint8), **self.arrays)


def sheet():
    """Three pictures of 4 × 2 pixels, two in a row."""
    return Preview(webp(np.zeros((4, 8, 3), np.uint8), 50), 2, (0.0, 0.5, 1.0), 4, 2)


def preview(at, value):
    return lambda forged: forged.said["query"]["preview"].__setitem__(at, value)


def preview_picture(data):
    """Another picture for the preview, of the size that is said."""

    def change(forged):
        forged.arrays[f"{forged.said['query']['number']}.preview"] = np.frombuffer(data, np.uint8)
        forged.said["query"]["preview"]["size"] = len(data)

    return change


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A session of the small model, with two actions and a query."""
    workspace = Workspace(filled(SMALL))
    for clips in workspace.recognizer.support.values():
        clips[:] = [kept(clip) for clip in clips]
    workspace.ask(replace(clip(77), preview=sheet()))
    file = tmp_path_factory.mktemp("saved") / "session.npz"
    session.save(workspace, file)
    return file


def put(at, value):
    """A change of the description: of its first record, or of the whole."""
    return lambda forged: (forged.first if at in forged.first else forged.said).__setitem__(at, value)


def array(part, value):
    return lambda forged: forged.arrays.__setitem__(f"{forged.first['number']}.{part}", value)


def repeat(forged):
    next(iter(forged.said["actions"].values())).extend([forged.first] * 200)


def share(forged):
    forged.said["query"]["number"] = forged.first["number"]


def twenty_million_times(forged):
    number = forged.said["query"]["number"]
    forged.arrays[f"{number}.times"] = np.zeros(20_000_000)


ATTACKS = {
    "a query of 20 million times": twenty_million_times,
    "a record 200 times": repeat,
    "a record that two clips share": share,
    "notes that are no texts": put("notes", [5]),
    "an endless note": put("notes", ["a" * 10_000]),
    "a thousand notes": put("notes", ["a"] * 1000),
    "a name of a megabyte": put("name", "a" * 1_000_000),
    "features that are no number": array("features", np.full((8, 64), np.nan, np.float32)),
    "features of another width": array("features", np.zeros((8, 65), np.float32)),
    "features of another length": array("features", np.zeros((9, 64), np.float32)),
    "features as objects": array("features", np.array([[1.0]], dtype=object)),
    "times that fall": array("times", np.arange(8.0)[::-1].copy()),
    "times that are no number": array("times", np.full(8, np.nan)),
    "times without end": array("times", np.full(8, np.inf)),
    "negative sizes": put("sizes", [-5, 5]),
    "sizes beyond the pictures": put("sizes", [10_000] * 8),
    "pictures that are none": lambda f: array("pictures", np.zeros(sum(f.first["sizes"]), np.uint8))(f),
    "a side of a million pixels": put("side", 1_000_000),
    "a digest that is none": put("digest", "../../etc/passwd"),
    "a length that is no number": put("duration", float("nan")),
    "a rate of zero": put("fps", 0.0),
    "a width as a text": put("width", "64"),
    "a preview of another size": preview("width", 5),
    "a preview of a million columns": preview("columns", 1_000_000),
    "a preview of more bytes than there are": preview("size", 190_000),
    "a preview of ten megabytes": preview("size", 10_000_000),
    "a preview whose times fall": preview("times", [1.0, 0.5, 0.0]),
    "a preview whose times are no number": preview("times", [0.0, float("nan"), 1.0]),
    "a preview of a thousand times": preview("times", [0.0] * 1000),
    "a preview that is no picture": preview_picture(b"<svg onload=alert(1)>"),
    "a preview that is larger than it says": preview_picture(webp(np.zeros((400, 800, 3), np.uint8), 50)),
    "a part that is no time": put("part", ["now", "then"]),
    "a part without an end": put("part", [0.0]),
    "no actions": lambda f: f.said.pop("actions"),
    "actions as a list": put("actions", []),
    "an action without clips": put("actions", {"wave": []}),
    "an action of 10,000 letters": lambda f: f.said["actions"].__setitem__("a" * 10_000, []),
    "an unknown matching": put("matching", "best"),
    "a centre that is none": put("centre", "yes"),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_forged_session_is_refused_with_a_sentence_and_the_workspace_stays(saved, tmp_path, attack):
    forged = Forged(saved)
    attack(forged)
    forged.write(tmp_path / "forged.npz")
    handlers = Handlers(SMALL, [])
    visit = Visit(SMALL)
    visit.workspaces[OWN] = Workspace(filled(SMALL))
    before = visit.workspace
    began = time.process_time()
    changed = handlers.load(visit, str(tmp_path / "forged.npz"))
    assert time.process_time() - began < 3
    assert 'class="said"' in changed["added"] and escape(UNEXPECTED) not in changed["added"]
    assert visit.workspace is before and len(before.recognizer.support) == 2
    assert handlers.match(visit, "otam", True)["added"] == ""


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"format":' * 50_000,
        '{"format": "d2st session 2", "model": ' + "[" * 5000,
        '{"format": "d2st session 2"}' + " " * 5_000_000,
        "{}",
        "null",
        '"x"',
    ],
    ids=["lists", "objects", "deep inside", "huge", "empty", "null", "text"],
)
def test_a_description_that_is_deep_or_huge_or_empty_is_refused(saved, tmp_path, text):
    Forged(saved).write(tmp_path / "forged.npz", text)
    with pytest.raises(D2STError, match="no session"):
        session.load(tmp_path / "forged.npz", SMALL)


def bare(header: bytes, content=b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


@pytest.mark.parametrize(
    "entry",
    [
        bare(b"{'descr': '|u1', 'fortran_order': False, 'shape': (-1,), }\n"),
        bare(b"{'descr': '|u1', 'fortran_order': False, 'shape': (4000000000000,), }\n"),
        bare(b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", b"cos\nsystem\n."),
        bare(b"{'descr': '|u1', 'fortran_order': False, 'shape': " + b"(" * 5000 + b"}\n"),
        bare(b"{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n", b"{}" + bytes(1000)),
        bare(b"{'descr': '|u1', 'fortran_order': False, 'shape': (20,), }\n", b"{}"),
        b"\x93NUMPY\x09\x00",
        b"",
    ],
)
def test_an_array_is_measured_before_it_is_read(tmp_path, entry):
    with zipfile.ZipFile(tmp_path / "forged.npz", "w") as archive:
        archive.writestr("session.npy", entry)
    with pytest.raises(D2STError, match="no session"):
        session.load(tmp_path / "forged.npz", SMALL)


def test_an_archive_of_zeros_or_of_many_or_double_entries_is_refused_before_it_is_unpacked(
    saved, tmp_path, monkeypatch
):
    with zipfile.ZipFile(tmp_path / "zeros.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(6):
            archive.writestr(f"{number}.frames.npy", bytes(100_000_000))
    with zipfile.ZipFile(tmp_path / "many.npz", "w") as archive:
        for number in range(100_000):
            archive.writestr(f"{number}", b"")
    (tmp_path / "double.npz").write_bytes(saved.read_bytes())
    with pytest.warns(UserWarning), zipfile.ZipFile(tmp_path / "double.npz", "a") as archive:
        archive.writestr("session.npy", b"")
    with zipfile.ZipFile(saved) as whole, zipfile.ZipFile(tmp_path / "rare.npz", "w", zipfile.ZIP_BZIP2) as archive:
        for name in whole.namelist():
            archive.writestr(name, whole.read(name))
    for name, word in (
        ("zeros", "larger than"),
        ("many", "more than"),
        ("double", "no session"),
        ("rare", "no session"),
    ):
        began = time.process_time()
        with pytest.raises(D2STError, match=word):
            session.load(tmp_path / f"{name}.npz", SMALL)
        assert time.process_time() - began < 0.5


def test_the_list_of_an_archive_is_not_read_where_its_end_lies(saved, tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(70_000):  # more than an ordinary end can count
            archive.writestr(str(number), b"")
    whole = bytearray(buffer.getvalue())
    at = whole.rfind(b"PK\5\6")
    whole[at + 8 : at + 12] = struct.pack("<2H", 5, 5)  # the short end lies, the long one does not
    (tmp_path / "lies.npz").write_bytes(whole)
    with pytest.raises(D2STError, match="more than"):
        session.load(tmp_path / "lies.npz", SMALL)


def test_a_session_without_a_query_is_checked_against_the_models_width(saved, tmp_path):
    forged = Forged(saved)
    forged.said["query"] = None
    forged.write(tmp_path / "whole.npz")
    assert session.load(tmp_path / "whole.npz", SMALL).prediction is None
    second = next(iter(forged.said["actions"].values()))[1]
    forged.arrays[f"{second['number']}.features"] = np.zeros((8, 3), np.float32)
    forged.write(tmp_path / "forged.npz")
    with pytest.raises(D2STError, match="no session"):
        session.load(tmp_path / "forged.npz", SMALL)
