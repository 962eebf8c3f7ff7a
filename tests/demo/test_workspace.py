"""What a visitor has, and what can be done with it."""

import pytest
from visits import clip, filled, small_model

from d2st.demo.workspace import OWN, Visit, Workspace
from d2st.errors import D2STError
from d2st.recognizer import Recognizer


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture
def workspace(model):
    return Workspace(filled(model))


def test_a_clip_is_an_example_of_an_action_once(workspace):
    count, said = workspace.add(" wave ", [clip(0, "again.mp4"), clip(5, "new.mp4", notes=("It is dark.",))])
    assert count == 1 and len(workspace.recognizer.support["wave"]) == 3
    assert said == [
        "There was an action 'wave' already: 1 clip was added to it.",
        "'again.mp4' is an example of 'wave' already.",
        "'new.mp4': It is dark.",
    ]


def test_spaces_in_a_name_are_told_apart_from_nothing(workspace):
    for name, files, word in ((" ", [clip(7)], "needs a name"), ("new", [], "'new' has no clip yet")):
        with pytest.raises(D2STError, match=word):
            workspace.add(name, files)
    workspace.add(" jump   up ", [clip(7)])
    assert list(workspace.recognizer.support) == ["wave", "clap", "jump up"]


def test_one_bad_clip_costs_only_itself(workspace):
    count, said = workspace.add("new", [clip(7), "/nowhere/gone.mp4", clip(8, side=56), clip(9)])
    assert count == 2 and len(said) == 2 and "'gone.mp4'" in said[0] and "56" in said[1]


def test_examples_have_names_that_tell_them_apart(model):
    workspace = Workspace(Recognizer(model))
    workspace.add("wave", [clip(0, "a.mp4"), clip(1, "a.mp4"), clip(2, "b.mp4")])
    workspace.add("clap", [clip(3, "a.mp4")])
    assert list(workspace.examples()) == ["wave: a.mp4", "wave: a.mp4 (2)", "wave: b.mp4", "clap: a.mp4"]


def test_it_says_what_comes_next(model):
    workspace = Workspace(Recognizer(model))
    assert "two or more" in workspace.missing
    workspace.add("wave", [clip(0)])
    assert "second action" in workspace.missing
    workspace.add("clap", [clip(1)])
    assert "query" in workspace.missing
    workspace.ask(clip(2))
    assert workspace.missing is None and workspace.prediction


def test_the_answer_follows_what_is_changed(workspace):
    workspace.ask(clip(10, "clap again.mp4"))  # the same frames as an example of 'clap'
    assert workspace.prediction.label == "clap"
    scores = workspace.prediction.scores
    workspace.match("otam", False)
    assert workspace.prediction.scores != scores and set(workspace.prediction.scores) == {"wave", "clap"}
    workspace.add("third", [clip(20)])
    assert set(workspace.prediction.scores) == {"wave", "clap", "third"}
    workspace.remove("clap", workspace.recognizer.support["clap"][0].digest)
    assert [c.name for c in workspace.recognizer.support["clap"]] == ["clap 1.mp4"]
    workspace.remove("clap")
    workspace.remove("wave")
    assert workspace.prediction is None and list(workspace.recognizer.support) == ["third"]


def test_a_query_becomes_an_example(workspace):
    with pytest.raises(D2STError, match="no query clip"):
        workspace.add_query("wave")
    workspace.ask(clip(0, "known.mp4"))
    with pytest.raises(D2STError, match="already"):
        workspace.add_query("wave")
    assert workspace.query
    workspace.ask(clip(30))
    workspace.add_query("spin")
    assert workspace.query is None and workspace.prediction is None and workspace.encoding is None
    assert len(workspace.recognizer.support["spin"]) == 1


@pytest.mark.parametrize("kind", [None, "st", "dst", "d2st"])
def test_every_kind_of_adapter_is_asked(kind):
    workspace = Workspace(filled(small_model(kind)))
    workspace.ask(clip(40))
    assert workspace.prediction and bool(workspace.encoding.traces) == (kind == "d2st")


def test_what_stands_still_is_a_sentence_and_all_else_stays():
    workspace = Workspace(filled(small_model(None)))
    workspace.ask(clip(50, "still.mp4", still=True))
    assert workspace.prediction is None and "'still.mp4' stands still" in workspace.missing
    assert workspace.query and len(workspace.recognizer.support) == 2
    workspace.match(workspace.recognizer.matching, False)
    assert workspace.prediction and not workspace.problem


def test_a_visit_opens_a_copy_that_shares_its_clips_and_no_lists(model):
    prepared = filled(model)
    first, second = Visit(model), Visit(model)
    for visit in (first, second):
        visit.open("set", prepared)
    first.workspace.remove("wave")
    first.workspace.match("otam", False)
    assert list(second.workspace.recognizer.support) == ["wave", "clap"] == list(prepared.support)
    assert second.workspace.recognizer.matching == prepared.matching != "otam"
    assert first.workspace.recognizer.support["clap"][0] is prepared.support["clap"][0]
    assert first.workspace.recognizer.model is model
    first.open(OWN)
    assert not first.workspace.recognizer.support and first.open("set") is first.workspaces["set"]
    with pytest.raises(D2STError, match="no such example set"):
        first.open("other")
    assert first.current == "set"
