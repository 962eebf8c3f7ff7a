"""A support set at once: what is understood, mended and taken."""

import shutil
import zipfile
from pathlib import Path

import pytest
from small import EXAMPLES
from visits import filled, small_model

from d2st.demo.handed import File
from d2st.demo.intake import check, take
from d2st.demo.limits import VisitLimits
from d2st.demo.plans import Role, mended, session_among, understood
from d2st.demo.workspace import Workspace
from d2st.errors import D2STError
from d2st.recognizer import Recognizer

MODEL = small_model()
CLIPS = sorted((EXAMPLES / "people" / "support").glob("*/*.mp4"))


@pytest.fixture
def upload(tmp_path):
    """Files as a browser names them, each uploaded to a folder of its own."""

    def upload(*names):
        said = []
        for number, name in enumerate(names):
            folder = tmp_path / str(number)
            folder.mkdir(exist_ok=True)
            place = folder / name.rsplit("/")[-1]
            if name.endswith(".mp4"):
                shutil.copy(CLIPS[number], place)
            else:
                place.write_text("This is no video.")
            said.append(File(place, Path(name)))
        return said

    return upload


@pytest.fixture
def workspace():
    return Workspace(Recognizer(MODEL))


def told(plan):
    return [(str(row.path), row.role.value, row.action) for row in plan.rows]


def held(workspace):
    return {action: [clip.name for clip in clips] for action, clips in workspace.recognizer.support.items()}


def test_a_folder_becomes_a_table_and_then_examples_and_answers(upload, workspace):
    files = upload(
        "set/support/wave_hands/a.mp4", "set/support/wave_hands/b.mp4", "set/support/clap/a.mp4",
        "set/query/clap.mp4", "set/query/wave_hands.mp4", "set/notes.txt", "set/.hidden.txt",
        "set/support/clap/broken.avi",
    )  # fmt: skip
    plan = understood(files, [], [], VisitLimits())
    assert told(plan) == [
        ("set/support/wave_hands/a.mp4", "example", "wave hands"),
        ("set/support/wave_hands/b.mp4", "example", "wave hands"),
        ("set/support/clap/a.mp4", "example", "clap"),
        ("set/query/clap.mp4", "query", "clap"),
        ("set/query/wave_hands.mp4", "query", "wave hands"),
        ("set/support/clap/broken.avi", "example", "clap"),
    ]
    assert plan.skipped == [("set/notes.txt", "no clip, by its name and its first bytes")]
    assert not workspace.recognizer._features

    gone_through = []
    taken = take(workspace, plan, lambda clips: (gone_through.append(len(clips)), clips)[1])
    assert held(workspace) == {"wave hands": ["a.mp4", "b.mp4"], "clap": ["a.mp4"]}
    assert (taken.summary, taken.bad) == ("Added 3 clips to 2 actions", 1) and gone_through == [4, 2]
    assert len(taken.said) == 1 and "'broken.avi'" in taken.said[0]
    assert [(a.name, a.truth) for a in taken.answers] == [("clap.mp4", "clap"), ("wave_hands.mp4", "wave hands")]
    assert workspace.query.name == "clap.mp4" and workspace.prediction
    assert workspace.undo() == "Undone: added 3 clips to 2 actions" and not held(workspace)


def test_an_archive_is_read_entry_by_entry_and_names_its_folders(upload, workspace, tmp_path):
    for name, inside in (("all.zip", "{}/1.mp4"), ("jump.zip", "1.mp4")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for number, action in enumerate(("wave", "clap") if "{}" in inside else ("jump",)):
                archive.write(CLIPS[number + 3 * ("{}" in inside)], inside.format(action))
            archive.writestr("readme.txt", "no clip")
            archive.writestr("__MACOSX/._1.mp4", "litter")
            archive.writestr("deep/inner.zip", "PK")
    files = [File(tmp_path / name, Path("x", name)) for name in ("all.zip", "jump.zip")]
    plan = understood(files, [], ["Wave"], VisitLimits())
    assert told(plan) == [
        ("x/all/clap/1.mp4", "example", "clap"), ("x/all/wave/1.mp4", "example", "Wave"),
        ("x/jump/1.mp4", "example", "jump"),
    ]  # fmt: skip
    reasons = dict(plan.skipped)
    assert reasons["x/all/readme.txt"].startswith("no clip") and "Unpack it" in reasons["x/jump/deep/inner.zip"]
    assert len(reasons) == 4
    take(workspace, plan)
    assert list(held(workspace)) == ["clap", "Wave", "jump"]
    (tmp_path / "all.zip").unlink()
    with pytest.raises(D2STError, match="not here any more"):
        take(workspace, plan)


def test_what_was_misunderstood_is_mended(upload, workspace):
    plan = understood(upload("IMG_1.mp4", "IMG_2.mp4", "IMG_3.mp4"), [], [], VisitLimits())
    assert {row.action for row in plan.rows} == {"IMG"}
    roles = ["example", "out", "query"]
    plan = mended(plan, roles, [" wave  hands ", "", ""])
    assert [(row.role, row.action) for row in plan.rows] == [
        (Role.EXAMPLE, "wave hands"), (Role.OUT, ""), (Role.QUERY, ""),
    ]  # fmt: skip
    taken = take(workspace, plan)
    assert held(workspace) == {"wave hands": ["IMG_1.mp4"]} and workspace.query.name == "IMG_3.mp4"
    assert taken.summary == "Added 1 clip to 1 action" and not taken.answers
    for wrong in ([], roles[:2], ["cook"] * 3):
        with pytest.raises(D2STError, match="not whole"):
            mended(plan, wrong, [""] * 3)
    with pytest.raises(D2STError, match="not whole"):
        mended(plan, roles, [])


def test_what_is_there_already_is_added_to_and_said_where_it_is_the_same(upload):
    workspace = Workspace(filled(MODEL))
    files = upload("Wave_/a.mp4", "CLAP/a.mp4")
    plan = understood(files, [], workspace.recognizer.support, VisitLimits())
    assert [row.action for row in plan.rows] == ["wave", "clap"]
    take(workspace, plan)
    taken = take(workspace, plan)
    assert {action: len(names) for action, names in held(workspace).items()} == {"wave": 3, "clap": 3}
    assert taken.summary.startswith("Added 0") and taken.bad == 2 and "is an example of 'wave' already" in taken.said[0]
    workspace.undo()
    assert {action: len(names) for action, names in held(workspace).items()} == {"wave": 2, "clap": 2}


@pytest.mark.parametrize("limits, words", [
    (dict(clips=4), "2 examples, and 0 fit beside the 4"), (dict(actions=3), "4 actions, and 3"),
    (dict(letters=3), "4 letters"), (dict(megabytes_at_once=0.01), "MB"),
])  # fmt: skip
def test_limits_hold_before_anything_is_read(upload, limits, words):
    workspace = Workspace(filled(MODEL), limits=VisitLimits(**limits))
    with pytest.raises(D2STError, match=words):
        plan = understood(upload("jump/a.mp4", "walk/a.mp4"), [], workspace.recognizer.support, workspace.limits)
        take(workspace, mended(plan, ["example"] * 2, ["jump", "walk"]))
    assert list(held(workspace)) == ["wave", "clap"]


def test_a_table_that_cannot_be_followed_says_what_is_missing(upload, workspace):
    plan = understood(upload("1.mp4", "2.mp4"), [], [], VisitLimits())
    with pytest.raises(D2STError, match="'1.mp4' and 1 more have no action"):
        check(plan, workspace)
    with pytest.raises(D2STError, match="left out"):
        check(mended(plan, ["out"] * 2, ["", ""]), workspace)


def test_files_that_are_no_clips_are_refused_with_what_to_drop(upload):
    with pytest.raises(D2STError, match="This file is not a clip. Drop a folder"):
        understood(upload("a.txt"), [], [], VisitLimits())
    with pytest.raises(D2STError, match="None of these 2 files is a clip"):
        understood([], ["a/notes.txt", "a/x.jpg"], [], VisitLimits())
    with pytest.raises(D2STError, match="cannot be unpacked"):
        understood(upload("bad.zip"), [], [], VisitLimits())


def test_names_that_try_to_be_an_archives_are_names(upload, workspace):
    plan = understood(upload("unpacked archives/7/x.mp4", "unpacked archives/y.mp4"), [], [], VisitLimits())
    assert [str(row.path) for row in plan.rows] == ["unpacked archives/7/x.mp4", "unpacked archives/y.mp4"]


def test_a_saved_session_is_known_by_its_name(tmp_path):
    session = File(tmp_path / "x" / "s.npz", Path("s.NPZ"))
    assert session_among([session]) == session.place and session_among([session, session]) is None


def test_a_query_that_cannot_be_read_is_said(upload, workspace):
    plan = understood(upload("wave/a.mp4", "clap/a.mp4", "query/broken.avi"), [], [], VisitLimits())
    taken = take(workspace, plan)
    [answer] = taken.answers
    assert "'broken.avi'" in answer.problem and workspace.query is None
