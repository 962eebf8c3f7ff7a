"""Whole sets, changes of the examples and visits that come back, as the page's handlers answer them."""

import shutil
from pathlib import Path

import pytest
from small import EXAMPLES
from visits import clip, filled, small_model

from d2st.demo import events, workspace_file
from d2st.demo.handlers import Handlers
from d2st.demo.workspace import OWN, Visit, Workspace

MODEL = small_model()
CLIPS = sorted((EXAMPLES / "people" / "support").glob("*/*.mp4"))


@pytest.fixture
def handlers():
    return Handlers(MODEL, [])


@pytest.fixture
def visit():
    visit = Visit(MODEL)
    visit.workspaces[OWN] = Workspace(filled(MODEL))
    visit.workspace.ask(clip(99))
    return visit


@pytest.fixture
def brought(tmp_path):
    """What a page sends of files with these names."""

    def brought(*names):
        files = []
        for number, name in enumerate(names):
            place = tmp_path / str(number) / Path(name).name
            place.parent.mkdir()
            shutil.copy(CLIPS[number], place)
            files.append(str(place))
        return dict(do="bring", files=files, names=list(names), others=["set/<b>.txt"])

    return brought


def press(handlers, visit, **data):
    return handlers.press(visit, "bi-mhm", False, data)


def actions(visit):
    return {action: len(clips) for action, clips in visit.workspace.recognizer.support.items()}


def test_a_set_is_shown_then_taken_and_its_files_are_not_needed_any_more(handlers, visit, brought):
    data = brought("set/<i>/1.mp4", "set/run/1.mp4", "set/test/run.mp4")
    shown = press(handlers, visit, **data)["intake"]
    assert "&lt;i&gt;" in shown and "<i>" not in shown and "set/&lt;b&gt;.txt" in shown
    assert "2 examples of 2 actions, 1 query" in shown and shown.count("data-row=") == 3
    assert actions(visit) == {"wave": 2, "clap": 2} and not visit.spent

    assert handlers.arrive(visit, "otam", True, None)["intake"] == shown  # after a reload
    refused = handlers.take(visit, {"roles": ["example"], "actions": ["x"]})
    assert "not whole" in refused["added"] and visit.plan
    changed = handlers.take(visit, {"roles": ["example", "out", "query"], "actions": ["wave", "", ""]})
    assert "Added 1 clip to 1 action." in changed["intake"] and actions(visit) == {"wave": 3, "clap": 2}
    assert visit.spent == set(data["files"][:2]) and visit.workspace.video == data["files"][2]
    assert "not here any more" in handlers.take(visit, {"roles": [], "actions": []})["added"]


def test_a_set_that_is_not_wanted_and_one_that_is_none_leave_nothing(handlers, visit, brought, tmp_path):
    data = brought("a/1.mp4")
    press(handlers, visit, **data)
    assert press(handlers, visit, do="forget-plan")["intake"] == ""
    assert visit.plan is None and visit.spent == set(data["files"])
    (tmp_path / "notes.txt").write_text("no clip")
    said = press(handlers, visit, do="bring", files=[str(tmp_path / "notes.txt")], names=["notes.txt"], others=[])
    assert "This file is not a clip" in said["added"] and str(tmp_path / "notes.txt") in visit.spent
    assert "in another way" in press(handlers, visit, do="bring", files=["/x"], names=[], others=[])["added"]


def test_a_session_takes_the_place_of_ones_clips_which_come_back(handlers, visit, tmp_path):
    other = Workspace(filled(MODEL, ("run", "sit")))
    other.ask(clip(98))
    workspace_file.save(other, tmp_path / "s.npz")
    before = visit.workspace.prediction.scores
    said = press(handlers, visit, do="bring", files=[str(tmp_path / "s.npz")], names=["s.npz"], others=[])
    assert actions(visit) == {"run": 2, "sit": 2} and "Loaded a session." in said["added"]
    assert 'data-do="undo"' in said["added"]
    press(handlers, visit, do="undo")
    assert actions(visit) == {"wave": 2, "clap": 2}
    visit.workspace.ask(clip(99))
    assert visit.workspace.prediction.scores == pytest.approx(before)


def test_changes_are_said_with_a_button_that_takes_them_back(handlers, visit):
    said = press(handlers, visit, do="remove", action="wave")["added"]
    assert "Removed &#x27;wave&#x27; with 2 clips. " in said and 'data-do="undo"' in said
    assert 'data-do="redo"' in press(handlers, visit, do="undo")["added"]
    assert 'data-do="undo"' in press(handlers, visit, do="redo")["added"]
    press(handlers, visit, do="rename", action="clap", name="<b>")
    assert list(actions(visit)) == ["<b>"]
    digest = visit.workspace.recognizer.support["<b>"][0].digest
    said = press(handlers, visit, do="move", action="<b>", digest=digest, to="new")["added"]
    assert "Moved" in said and "<b>" not in said and actions(visit) == {"<b>": 1, "new": 1}
    assert press(handlers, visit, do="rename", action="new", name="new")["added"] == ""
    assert "as it came" in press(handlers, visit, do="reset")["added"]


def test_a_visit_that_comes_back_is_shown_as_it_was(handlers, visit):
    first = handlers.arrive(visit, "bi-mhm", False, None)
    visit.workspace.match("otam", True)
    visit.tab = "layers"
    back = handlers.arrive(visit, "bi-mhm", False, None)
    assert (back["matching"], back["centre"], back["tabs"].selected) == ("otam", True, "layers")
    assert "matching" not in first and "tabs" not in first
    assert visit.workspace.recognizer.matching == "otam" and "wave" in back["cards"] and back["stage"]


def test_a_query_that_was_read_from_a_set_can_be_opened_from_its_row(handlers, visit, brought):
    data = brought("set/wave/1.mp4", "set/clap/1.mp4", "set/test/wave.mp4", "set/test/clap.mp4")
    press(handlers, visit, **data)
    shown = handlers.take(
        visit, {"roles": ["example", "example", "query", "query"], "actions": ["wave", "clap", "", ""]}
    )
    assert visit.answered == tuple(data["files"][2:]) and shown["intake"].count('data-do="') >= 4
    assert visit.workspace.query.name == "wave.mp4"
    visit.workspace.forget_query()
    handlers.do(visit, events.OpenAnswer(1), "bi-mhm", False)
    assert visit.workspace.query.name == "clap.mp4"
