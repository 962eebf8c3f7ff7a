"""Buttons and handlers speak of the same events."""

import html
import re

import pytest

from d2st.demo import events
from d2st.errors import D2STError

ONE_OF_EACH = [
    events.LookInside(), events.ForgetQuery(), events.AddQuery("wave"),
    events.OpenWorkspace("own"), events.AskBundled(3), events.GoToStep("order", 0), events.CloseLesson(),
    events.AddFiles('<b>"wave" & more'), events.RemoveAction("kick"), events.RemoveClip("kick", "ab12"),
    events.ShowAdapters("frozen"), events.OpenAnswer(2), events.DrawFigure("pdf", "stage 1", "0"),
    events.RenameAction("kick", "<kick>"), events.MoveClip("kick", "ab12", "jump"), events.Undo(), events.Redo(),
    events.ResetSet(), events.ForgetPlan(),
]  # fmt: skip
SENT = [
    ({"do": "ask", "files": ["/a.mp4"]}, events.AskFiles(("/a.mp4",))),
    ({"do": "add", "action": "wave", "files": ["/a.mp4", "/b.gif"]}, events.AddFiles("wave", ("/a.mp4", "/b.gif"))),
    ({"do": "bring", "files": ["/a.mp4"], "names": ["kick/a.mp4"], "others": ["kick/a.txt"]},
     events.BringFiles(("/a.mp4",), ("kick/a.mp4",), ("kick/a.txt",))),
    ({"do": "part", "start": 0, "end": 1.5}, events.AskPart(0.0, 1.5)),
    ({"do": "watch", "run": "a", "number": 3, "at": 0.4, "picture": "abc", "width": 640, "height": 480, "seconds": 2.5,
      "layer": "", "pathway": "temporal"}, events.WatchCamera("a", 3, 0.4, "abc", 640, 480, 2.5, "", "temporal")),
    ({"do": "stretch", "start": 1.5, "end": 4}, events.AskStretch(1.5, 4.0)),
    ({"do": "add-stretch", "action": "wave", "start": 1.5, "end": 4}, events.AddStretch("wave", 1.5, 4.0)),
    ({"do": "leave", "run": "a"}, events.LeaveCamera("a")),
]  # fmt: skip


def test_lists_of_texts_are_read_as_they_are_or_refused():
    assert events.lists_of({"roles": ["example"], "actions": ["wave"]}, "roles", "actions") == [["example"], ["wave"]]
    for data in (None, {}, {"roles": "example"}, {"roles": [1]}, {"roles": ["x" * 5000]}):
        with pytest.raises(D2STError):
            events.lists_of(data, "roles")


def test_every_event_is_tried_here():
    assert {type(event) for event in [*ONE_OF_EACH, *(event for _, event in SENT)]} == set(events.EVENTS.values())


@pytest.mark.parametrize("data, event", SENT)
def test_what_a_script_sends_is_read_as_it_is(data, event):
    assert events.parse(data) == event
    assert events.files_of(data) == list(getattr(event, "files", ()))
    assert events.kind_of(data) == {"add": "add", "bring": "session", "watch": "live", "leave": "look"}.get(
        data["do"], "ask"
    )


@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: type(event).__name__)
def test_what_a_button_says_is_what_a_handler_reads(event):
    attributes = re.findall(r'data-([a-z-]+)="([^"]*)"', events.attributes(event))
    data = {name: html.unescape(value) for name, value in attributes}
    assert events.parse(data | ({"files": []} if "add" in data.values() else {})) == event


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"do": "fly"},
        {"do": "open"},
        {"do": "query", "index": "-1"},
        {"do": "query", "index": "x"},
        {"do": "lesson", "lesson": "order", "step": "-1"},
        {"do": "lesson", "lesson": "order"},
        {"do": "remove-clip", "action": "kick"},
        {"do": ["open"]},
        {"do": "ask"},
        {"do": "part", "start": "0", "end": 1},
        {"do": "part", "start": 0, "end": float("nan")},
    ],
)
def test_an_unknown_or_incomplete_event_is_a_sentence(data):
    with pytest.raises(D2STError, match="The page asked for .*Reload it"):
        events.parse(data)


@pytest.mark.parametrize("files", ["a.mp4", [1], ["a" * 5000], {"0": "a.mp4"}])
def test_files_are_named_as_they_are_named_here(files):
    with pytest.raises(D2STError, match="Reload it"):
        events.parse({"do": "ask", "files": files})
    assert all(isinstance(file, str) for file in events.files_of({"files": files}))
