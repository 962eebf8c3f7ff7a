import re

import pytest

from d2st.data.folders import spoken
from d2st.demo import lessons
from d2st.demo.examples import find_examples
from d2st.demo.html import page
from d2st.demo.lessons import LESSONS

SETS = {found.name: found for found in find_examples()}
TABS = (None, lessons.MATCHING, lessons.WHAT_IF, lessons.DISENTANGLED, lessons.LAYERS)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_shows_what_is_there(name):
    lesson = LESSONS[name]
    queries = {spoken(path) for path in SETS[lesson.workspace].queries}
    assert all(step.query in queries and step.tab in TABS and step.text for step in lesson.steps)


@pytest.mark.parametrize("name", LESSONS)
def test_one_can_go_through_a_lesson_and_out(name):
    steps = LESSONS[name].steps
    for index in range(len(steps)):
        shown = page.lesson(name, index)
        targets = [int(n) for n in re.findall(r'data-step="(\d+)"', shown)]
        assert targets == [n for n in (index - 1, index + 1) if 0 <= n < len(steps)]
        assert "close-lesson" in shown and f"?lesson={name}" in shown
    assert page.lesson("no such lesson") == page.lesson(None)
