"""What happens when a visitor does something, without a browser and without Gradio."""

import errno
import json
import logging
from html import escape
from pathlib import Path

import pytest
import torch
from small import EXAMPLES
from visits import small_sets

from d2st.demo import lessons, storage
from d2st.demo.examples import find_examples
from d2st.demo.handlers import Handlers
from d2st.demo.html import views
from d2st.demo.lessons import LESSONS
from d2st.demo.looking import EMPTY, SHOWN_IN, UNEXPECTED, Update
from d2st.demo.workspace import Visit, Workspace
from d2st.models.zoo import SHIPPED, load_model
from d2st.recognizer import Recognizer

pytestmark = pytest.mark.usefixtures("computed_once")
PEOPLE = EXAMPLES / "people"
NOTES = ("added", "asked")


@pytest.fixture(scope="module")
def handlers(model):
    return Handlers(model, find_examples())


@pytest.fixture
def opened(handlers):
    """A visit that has opened the people."""
    return opening(handlers, "people")


def opening(handlers, workspace):
    visit = Visit(handlers.model)
    press(handlers, visit, do="open", workspace=workspace)
    return visit


def press(handlers, visit, **data):
    return handlers.press(visit, "bi-mhm", True, data)


def said(changed):
    return "".join(changed.get(note, "") for note in NOTES)


def test_an_example_set_is_answered(handlers, opened):
    workspace = opened.workspace
    assert workspace.prediction and len(workspace.recognizer.support) == 5 and workspace.encoding.traces
    changed = press(handlers, opened, do="query", index="1")
    assert workspace.video == str(handlers.sets["people"].queries[1])
    assert workspace.prediction.label in changed["answer"]
    assert json.loads(changed["stage"])["part"] == {"start": 0, "end": 2.5, "duration": 2.5}


def test_a_query_goes_through_the_network_once(handlers, opened, model, monkeypatch):
    calls = []
    stem = type(model).stem
    monkeypatch.setattr(type(model), "stem", lambda self, frames: (calls.append(1), stem(self, frames))[1])
    press(handlers, opened, do="ask", files=[str(PEOPLE / "query" / "kick.mp4")])
    for tab in handlers.views:
        handlers.select(tab, opened)
    assert len(calls) == 1


@pytest.mark.parametrize("tab, parts", [
    (lessons.MATCHING, {"matrices", "decided"}), (lessons.DISENTANGLED, {"pathways"}), (lessons.LAYERS, {"layers"}),
])  # fmt: skip
def test_only_the_open_view_is_drawn(handlers, opened, tab, parts):
    opened.tab = tab
    drawn = handlers.look(opened)
    filled = {name for name, shown in drawn.items() if isinstance(shown, str) and shown not in ("", views.NOTHING)}
    assert filled == parts and set(drawn) - {"compare_with"} == set(EMPTY)


def test_what_a_fresh_page_shows_already_is_not_sent_again(handlers, opened):
    """It would wait for its tab to be opened, and there come after what is drawn then, or before."""
    opened.tab = lessons.DISENTANGLED
    handlers.arrive(opened, "bi-mhm", True, None)
    assert {name for name, shown in handlers.look(opened).items() if opened.is_news(name, shown)} == {"pathways"}


def test_what_was_asked_again_stays_until_the_answer_changes(handlers, opened):
    opened.tab = lessons.WHAT_IF
    assert handlers.look(opened)["outcomes"] == ""
    asked = handlers.what_if(opened)["outcomes"]
    assert handlers.look(opened)["outcomes"] == handlers.select(lessons.WHAT_IF, opened)["outcomes"] == asked
    handlers.match(opened, "otam", False)
    assert handlers.look(opened)["outcomes"] == ""


def test_the_answer_layer_by_layer_is_computed_once_and_goes_with_its_examples(handlers, opened, model, monkeypatch):
    opened.tab = lessons.LAYERS
    assert handlers.look(opened)["by_layer"] == ""
    assert "with: " in handlers.ask_layers(opened)["by_layer"]
    calls = []
    stem = type(model).stem
    monkeypatch.setattr(type(model), "stem", lambda self, frames: (calls.append(1), stem(self, frames))[1])
    handlers.match(opened, "otam", False)
    assert "with: " in handlers.look(opened)["by_layer"] and not calls  # matched otherwise, nothing computed
    press(handlers, opened, do="query", index="1")
    assert handlers.look(opened)["by_layer"] == "" and len(opened.workspace.by_layer) == 10
    handlers.ask_layers(opened)
    assert len(calls) == 1  # of the query; the examples are known
    press(handlers, opened, do="remove", action="jump")
    assert len(opened.workspace.by_layer) == 9 and "with: " in handlers.look(opened)["by_layer"]
    press(handlers, opened, do="forget")
    assert handlers.ask_layers(opened)["by_layer"] == views.NOTHING


@pytest.mark.parametrize(
    "data",
    [
        {"do": "fly"},
        {"do": "open", "workspace": "nowhere"},
        {"do": "query", "index": "99"},
        {"do": "lesson", "lesson": "order", "step": "99"},
        {"do": "lesson", "lesson": "nothing", "step": "0"},
        {"do": "remove", "action": "nothing"},
        {"do": "remove-clip", "action": "kick", "digest": "0"},
        None,
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_changes_nothing(handlers, opened, data, caplog):
    answer = opened.workspace.prediction
    with caplog.at_level(logging.WARNING):
        changed = handlers.press(opened, "bi-mhm", True, data)
    assert 'class="said"' in said(changed) and escape(UNEXPECTED) not in said(changed)
    assert opened.workspace.prediction is answer and opened.current == "people"
    assert [record.message for record in caplog.records] == ["an event of the page that cannot be done"]
    assert "kick" not in caplog.text and "Traceback" not in caplog.text


def test_an_unknown_lesson_in_the_address_is_a_sentence(handlers):
    visit = Visit(handlers.model)
    assert "no such lesson" in said(handlers.arrive(visit, "bi-mhm", True, "nothing"))
    changed = handlers.arrive(visit, "bi-mhm", True, "limits")
    assert LESSONS["limits"].steps[0].text[:30] in changed["lesson"] and visit.workspace.example == "table"


def test_the_page_opens_on_an_answer_that_was_computed_before(handlers, model, monkeypatch):
    for name in handlers.sets:
        handlers.prepare(name)
    monkeypatch.setattr(type(model), "encode", lambda *_, **more: 1 / 0)
    visit = Visit(model)
    changed = handlers.arrive(visit, "bi-mhm", True, None)
    assert visit.current == "table" and visit.workspace.prediction.label == "lift up" in changed["answer"]
    for index in range(5):
        press(handlers, visit, do="query", index=str(index))
        assert visit.workspace.prediction
    assert not visit.has_something  # that anybody would miss


def test_without_example_sets_the_page_opens_on_own_clips(model):
    visit = Visit(model)
    assert "two or more actions" in Handlers(model, []).arrive(visit, "bi-mhm", True, None)["answer"]


def test_of_many_files_the_first_that_can_be_read_is_the_query(handlers, opened, tmp_path):
    (tmp_path / "letter.mp4").write_text("Dear reader, this is no video.")
    kick, punch = (str(PEOPLE / "query" / f"{action}.mp4") for action in ("kick", "punch"))
    told = press(handlers, opened, do="ask", files=[str(tmp_path / "letter.mp4"), kick, punch])["asked"]
    assert opened.workspace.video == kick and opened.workspace.prediction.label == "kick"
    assert "letter.mp4" in told and "punch.mp4" in told and told.count('class="said"') == 2


def test_a_fault_of_ours_changes_nobodys_answer(handlers, opened, model, monkeypatch):
    query, kick = (str(PEOPLE / "query" / f"{action}.mp4") for action in ("punch", "kick"))
    press(handlers, opened, do="ask", files=[query])
    before = opened.workspace.prediction.scores
    other = opening(handlers, "people")
    with monkeypatch.context() as patch:
        patch.setattr(type(model), "adapt", lambda *_: 1 / 0)
        assert escape(UNEXPECTED) in said(press(handlers, other, do="ask", files=[kick]))
        assert escape(UNEXPECTED) in handlers.what_if(opened, lambda _: 1 / 0)["outcomes"]
    press(handlers, opened, do="ask", files=[query])
    assert opened.workspace.prediction.scores == before


@pytest.mark.parametrize("kind", ["st", "dst"])
def test_kinds_without_points_have_a_page_too(kind):
    model = load_model(adapter=str(SHIPPED / f"efficientnet-lite0-{kind}.safetensors"), device="cpu")
    handlers = Handlers(model, small_sets())
    visit = opening(handlers, "table")
    assert visit.workspace.prediction
    assert json.loads(handlers.shown(visit)["stage"])["clip"] == "lift up.mp4"
    assert views.NO_POINTS in handlers.select(lessons.LAYERS, visit)["layers"]
    assert "temporal" in handlers.select(lessons.DISENTANGLED, visit)["pathways"]


def test_an_example_that_stands_still_is_said_and_can_be_removed():
    model = load_model(adapter=None, device="cpu")
    workspace = Workspace(Recognizer(model))
    still = workspace.recognizer.read(str(PEOPLE / "query" / "jump.mp4"))
    still = type(still)("still.mp4", still.frames[:1].repeat(8, 0), still.times, (), 1.0, 8.0, 224, 224, 8)
    workspace.add("jump", [str(PEOPLE / "support" / "jump" / "1.mp4")])
    workspace.add("stand", [still])
    workspace.ask(str(PEOPLE / "query" / "jump.mp4"))
    assert workspace.prediction is None and "'stand' stands still" in workspace.missing
    handlers = Handlers(model, [])
    visit = Visit(model)
    visit.workspaces["own"] = workspace
    assert "stands still" in handlers.match(visit, "bi-mhm", True)["answer"]
    assert workspace.prediction is None and len(workspace.recognizer.support) == 2
    handlers.match(visit, "bi-mhm", False)
    assert workspace.prediction


def test_examples_are_kept_small_and_answer_the_same(model):
    workspace, whole = Workspace(Recognizer(model)), Recognizer(model)
    for action in ("jump", "kick"):
        clip = str(PEOPLE / "support" / action / "1.mp4")
        workspace.add(action, [clip])
        whole.add(action, clip)
    workspace.ask(str(PEOPLE / "query" / "kick.mp4"))
    assert workspace.prediction.scores == pytest.approx(whole.predict(str(PEOPLE / "query" / "kick.mp4")).scores)
    for clips in workspace.recognizer.support.values():
        for clip in clips:
            held = {name: value for name, value in vars(clip).items() if name != "times"}
            assert sum(map(len, clip.pictures)) + len(clip.strip) <= 100_000 and "frames" not in held
    assert torch.is_tensor(workspace.recognizer.features(clips[0]))


def test_a_report_can_be_made_of_bundled_queries(handlers, opened):
    changed = handlers.answer_many(opened, [str(path) for path in handlers.sets["people"].queries])
    assert "5 of 5 queries answered; 5 of the 5" in changed["many"]
    assert "Few-shot answers" in Path(changed["report"].value).read_text(encoding="utf-8")


@pytest.mark.parametrize("tab, part", SHOWN_IN.items())
def test_a_fault_of_a_view_is_a_sentence_in_its_place(handlers, opened, monkeypatch, tab, part):
    monkeypatch.setitem(handlers.views, tab, lambda _: 1 / 0)
    changed = handlers.select(tab, opened)
    assert escape(UNEXPECTED) in changed[part] and set(changed) == {part}


def test_a_session_is_saved_or_says_why_not(handlers, opened, monkeypatch):
    assert Path(handlers.save(opened)["saved"]).stat().st_size > 10_000
    monkeypatch.setattr("d2st.demo.workspace_file.save", lambda *_: 1 / 0)
    changed = handlers.save(opened)
    assert escape(UNEXPECTED) in changed["added"] and "saved" not in changed


def test_a_disk_without_room_is_said_and_answers_are_not_lost(handlers, opened, monkeypatch):
    def full(*given, **options):
        raise OSError(errno.ENOSPC, "No space left on device", "/secret")

    monkeypatch.setattr("d2st.demo.workspace.Visit.new_file", full)
    assert escape(storage.FULL) in handlers.save(opened)["added"]
    changed = handlers.answer_many(opened, [str(path) for path in handlers.sets["people"].queries])
    assert escape(storage.FULL) in changed["many"] and "5 of 5 queries answered" in changed["many"]
    assert changed["report"] == Update(visible=False)


def test_what_a_part_of_the_page_shows_already_is_no_news(handlers, opened):
    shown = handlers.shown(opened)
    pictures = ("stage", "cards", "answer", "matched", "queries", "picker")
    assert all(opened.is_news(name, shown[name]) for name in pictures)
    again = press(handlers, opened, do="query", index="1")
    assert {name for name in pictures if opened.is_news(name, again[name])} == {"stage", "answer", "matched", "queries"}
    assert sum(len(shown[name]) for name in shown) < 1_000_000  # what comes first
    assert sum(len(again[name]) for name in ("stage", "answer", "matched", "queries")) < 500_000
    handlers.arrive(opened, "bi-mhm", True, None)  # as after a reload: the page is empty
    assert opened.is_news("cards", shown["cards"])


def test_views_are_drawn_from_when_they_came_into_sight(handlers, opened):
    assert not opened.looks_inside
    press(handlers, opened, do="look-inside")
    assert opened.looks_inside and not opened.touched
