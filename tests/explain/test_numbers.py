"""A view's numbers come back from CSV and JSON as they were, and no cell is a formula."""

import csv
import io
import json

import pytest

from d2st.explain.numbers import Numbers


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
