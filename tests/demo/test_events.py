"""Buttons and handlers speak of the same events."""

import html
import re

import pytest

from d2st.demo import events
from d2st.errors import D2STError

ONE_OF_EACH = [
    events.OpenWorkspace("own"), events.AskBundled(3), events.GoToStep("order", 0), events.CloseLesson(),
    events.AddMore('<b>"wave" & more'), events.RemoveAction("kick"), events.RemoveClip("kick", "ab12"),
]  # fmt: skip


def test_every_event_is_tried_here():
    assert {type(event) for event in ONE_OF_EACH} == set(events.EVENTS.values())


@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: type(event).__name__)
def test_what_a_button_says_is_what_a_handler_reads(event):
    attributes = re.findall(r'data-([a-z-]+)="([^"]*)"', events.attributes(event))
    assert events.parse({name: html.unescape(value) for name, value in attributes}) == event


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
    ],
)
def test_an_unknown_or_incomplete_event_is_a_sentence(data):
    with pytest.raises(D2STError, match="The page asked for .*Reload it"):
        events.parse(data)
