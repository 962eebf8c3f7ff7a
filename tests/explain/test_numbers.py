"""A view's numbers come back from CSV and JSON as they were, and no cell is a formula."""

import csv
import io
import json

import numpy as np
import pytest

from d2st.explain import numbers as views
from d2st.explain.by_layer import ANSWER, ByLayer, LayerAnswer
from d2st.explain.decided import Decided, Shot
from d2st.explain.numbers import Numbers
from d2st.video import Clip

QUERY = Clip("jump.mp4", np.zeros((2, 4, 4, 3), np.uint8), np.arange(2.0), (), 1.0, 2.0, 4, 4, 2)


def read(numbers):
    return list(csv.reader(io.StringIO(numbers.csv().decode("utf-8-sig"))))


def test_both_hold_the_same_numbers():
    numbers = Numbers(
        "view", ["action", "share", "flips"], [["wave", 1 / 3, True], ['跳, "high"\n', -2e-9, None]], {"n": 2}
    )
    head, first, second = read(numbers)
    assert head == ["action", "share", "flips"]
    assert first[0] == "wave" and float(first[1]) == 1 / 3 and first[2] == "yes"
    assert second[0] == '跳, "high"\n' and float(second[1]) == -2e-9 and second[2] == ""
    told = json.loads(numbers.json())
    assert told["view"] == "view" and told["n"] == 2
    assert [list(row.values()) for row in told["rows"]] == numbers.rows


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\xa0=1", "＝1"])
def test_a_text_is_never_a_formula_and_a_number_stays_one(text):
    (head, first) = read(Numbers("v", [text, "n"], [[text, -1.5]]))
    assert head[0] == first[0] == f"'{text}"
    assert float(first[1]) == -1.5
    assert json.loads(Numbers("v", ["a"], [[text]]).json())["rows"] == [{"a": text}]


def test_names_that_are_no_text_do_no_harm():
    assert Numbers("v", ["a"], [["\udc80"]]).csv() and Numbers("v", ["a"], [["\udc80"]]).json()


def test_the_answer_layer_by_layer_has_a_row_for_each_layer_with_the_adapters_and_without():
    answers = [LayerAnswer("stage 1", "kick", 0.25, -0.25), LayerAnswer(ANSWER, "jump", 0.5, 0.5)]
    found = views.of_layer_answers(QUERY, ByLayer("jump", answers, answers[:1]))
    assert [list(row) for row in found.rows] == [
        ["stage 1", "with", "kick", 0.25, -0.25], [ANSWER, "with", "jump", 0.5, 0.5],
        ["stage 1", "without", "kick", 0.25, -0.25],
    ]  # fmt: skip
    assert found.columns[-1] == "lead of jump" and found.about == {"query": QUERY.name}


def test_what_frames_add_and_examples_score_is_told_in_order():
    found = views.of_frames(QUERY, Decided("jump", "kick", 0.5, np.array([0.75, -0.5]), 0.25))
    assert [list(row) for row in found.rows] == [[1, 0.75], [2, -0.5]]
    assert sum(row[1] for row in found.rows) + found.about["of no frame"] == found.about["margin"]
    rows = views.of_shots(QUERY, [Shot("jump", QUERY, -1.5), Shot("kick", QUERY, -2.5)]).rows
    assert [list(row) for row in rows] == [["jump", QUERY.name, -1.5], ["kick", QUERY.name, -2.5]]
