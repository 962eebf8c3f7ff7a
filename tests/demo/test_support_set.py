"""Examples renamed, moved, removed, and all of it taken back."""

import pytest
from visits import clip, filled, small_model

from d2st.demo.limits import VisitLimits
from d2st.demo.workspace import OWN, Visit, Workspace
from d2st.errors import D2STError
from d2st.recognizer import Recognizer

MODEL = small_model()


@pytest.fixture
def workspace():
    workspace = Workspace(filled(MODEL, ("wave", "clap", "jump")))
    workspace.ask(clip(99))
    return workspace


@pytest.fixture
def computed(monkeypatch):
    """Calls of the network."""
    calls = []
    encode = type(MODEL).encode
    monkeypatch.setattr(type(MODEL), "encode", lambda self, *a, **k: (calls.append(1), encode(self, *a, **k))[1])
    return calls


def held(workspace):
    return {action: [clip.name for clip in clips] for action, clips in workspace.recognizer.support.items()}


def digest(workspace, action, index=0):
    return workspace.recognizer.support[action][index].digest


def test_whatever_is_done_to_examples_is_taken_back_and_done_again_computing_nothing(workspace, computed):
    states = [(held(workspace), workspace.prediction.scores)]
    acts = (
        lambda: workspace.remove("clap"),
        lambda: workspace.rename("wave", "hello"),
        lambda: workspace.move("hello", digest(workspace, "hello"), "jump"),
        lambda: workspace.remove("jump", digest(workspace, "jump", 2)),
        lambda: workspace.rename("hello", "jump"),
    )
    said = []
    for act in acts:
        said.append(act())
        states.append((held(workspace), workspace.prediction and workspace.prediction.scores))
    assert said == [
        "Removed 'clap' with 2 clips", "'wave' is called 'hello' now", "Moved 'wave 0.mp4' to 'jump'",
        "Removed 'wave 0.mp4' from 'jump'", "'hello' is part of 'jump' now, which has 3 clips",
    ]  # fmt: skip
    assert workspace.prediction is None and "second action" in workspace.missing
    for before in states[-2::-1]:
        told = workspace.undo()
        assert (held(workspace), workspace.prediction.scores) == before
    assert told == "Undone: removed 'clap' with 2 clips"
    with pytest.raises(D2STError, match="nothing to undo"):
        workspace.undo()
    for after in states[1:]:
        told = workspace.redo()
        assert held(workspace) == after[0]
    assert told.startswith("Done again: 'hello' is part of 'jump'")
    with pytest.raises(D2STError, match="nothing to do again"):
        workspace.redo()
    assert not computed


def test_adding_is_taken_back_too_and_what_is_done_then_ends_what_was_taken_back(workspace):
    workspace.add("new", [clip(50, "a.mp4"), clip(51, "b.mp4")])
    assert workspace.undo() == "Undone: added 2 clips to 'new'" and "new" not in held(workspace)
    workspace.remove("wave")
    with pytest.raises(D2STError, match="nothing to do again"):
        workspace.redo()


def test_names_that_are_alike_are_one_action_and_order_stays(workspace):
    assert workspace.rename("clap", " Wa-ve ") == "'clap' is called 'Wa-ve' now"
    assert list(held(workspace)) == ["wave", "Wa-ve", "jump"]
    workspace.rename("jump", "wa ve")
    assert list(held(workspace)) == ["wave", "Wa-ve"] and len(held(workspace)["Wa-ve"]) == 4
    workspace.rename("Wa-ve", "wa-ve")
    assert list(held(workspace)) == ["wave", "wa-ve"]
    assert workspace.rename("wave", "wave ") == ""


def test_a_clip_is_in_an_action_once(workspace):
    workspace.add("clap", [clip(0, "the same as wave's first.mp4")])
    workspace.move("wave", digest(workspace, "wave"), "clap")
    assert len(held(workspace)["clap"]) == 3
    said = workspace.move("wave", digest(workspace, "wave"), "alone")
    assert said == "Moved 'wave 1.mp4' to 'alone'; 'wave' had no other clip and is gone"
    assert list(held(workspace)) == ["clap", "jump", "alone"]


def test_what_is_gone_or_has_no_name_or_no_room_changes_nothing(workspace):
    workspace.limits = VisitLimits(actions=3, letters=5)
    before = held(workspace)
    for act, word in (
        (lambda: workspace.remove("nobody"), "no action 'nobody'"),
        (lambda: workspace.remove("wave", "0" * 32), "gone already"),
        (lambda: workspace.rename("nobody", "x"), "no action 'nobody'"),
        (lambda: workspace.rename("wave", "  "), "needs a name"),
        (lambda: workspace.rename("wave", "x" * 6), "6 letters"),
        (lambda: workspace.move("wave", "0" * 32, "clap"), "gone already"),
        (lambda: workspace.move("wave", digest(workspace, "wave"), "next"), "3 actions"),
        (workspace.reset, "as it came"),
    ):
        with pytest.raises(D2STError, match=word):
            act()
    assert held(workspace) == before
    with pytest.raises(D2STError, match="nothing to undo"):
        workspace.undo()


def test_what_may_come_back_counts_in_the_limit_of_clips_and_the_oldest_goes_first(workspace):
    workspace.limits = VisitLimits(clips=8)
    workspace.remove("wave")
    workspace.remove("clap")
    workspace.add("new", [clip(number) for number in range(50, 53)])  # nine clips with those that were removed
    assert len(workspace.recognizer._features) <= 9 + 1  # and the query
    workspace.undo()
    workspace.undo()
    assert list(held(workspace)) == ["clap", "jump"]
    with pytest.raises(D2STError, match="nothing to undo"):
        workspace.undo()


def test_many_steps_are_not_kept(workspace):
    for number in range(100):
        workspace.rename("wave" if number == 0 else f"wave {number}", f"wave {number + 1}")
    assert len(workspace.history.past) == 30


def test_features_of_what_cannot_come_back_are_forgotten():
    workspace = Workspace(Recognizer(MODEL), limits=VisitLimits(clips=2))
    for number in range(5):
        workspace.add("wave", [clip(number)])
        workspace.remove("wave")
    assert len(workspace.recognizer._features) <= 2


def test_a_bundled_set_is_made_what_it_was_and_its_features_stay(computed):
    prepared = filled(MODEL)
    computed.clear()
    visit = Visit(MODEL, VisitLimits(clips=4))
    workspace = visit.open("set", prepared)
    assert not workspace.is_changed
    workspace.remove("wave")
    for number in range(5):
        workspace.rename("clap" if number == 0 else f"clap {number}", f"clap {number + 1}")
    assert workspace.is_changed
    assert workspace.reset() == "The set is as it came again"
    assert held(workspace) == {"wave": ["wave 0.mp4", "wave 1.mp4"], "clap": ["clap 0.mp4", "clap 1.mp4"]}
    workspace.undo()
    assert list(held(workspace)) == ["clap 5"]
    workspace.redo()
    workspace.recognizer.prototypes()
    assert not computed and held(visit.workspaces["set"]).keys() == prepared.support.keys()
    visit.open(OWN)
    with pytest.raises(D2STError, match="as it came"):
        visit.workspace.reset()
