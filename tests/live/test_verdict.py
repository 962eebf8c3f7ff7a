"""What is said: nothing below the threshold, and no flicker above it."""

import torch
from visits import clip, small_model

from d2st.live import Verdict, threshold
from d2st.recognizer import Recognizer


def heard(verdict, *scores):
    return [verdict.hear({"wave": score, "jump": -5.0}) for score in scores]


def test_nothing_is_said_until_something_matches():
    assert heard(Verdict(-1, 0.1), -3, -2, -0.5, -0.5) == [None, None, None, "wave"]


def test_one_odd_answer_changes_nothing():
    verdict = Verdict(-1, 0.1)
    assert heard(verdict, -0.5, -0.5, -3, -0.5, -3, -0.5)[1:] == ["wave"] * 5
    assert heard(verdict, -3, -3) == ["wave", None]


def test_what_is_said_is_kept_a_little_below_the_threshold():
    verdict = Verdict(-1, 0.5)
    assert heard(verdict, -0.8, -0.8) == [None, None]
    assert heard(verdict, -0.4, -0.4, -1.4, -1.4, -1.4)[1:] == ["wave"] * 4


def test_the_threshold_lies_between_own_and_others():
    recognizer = Recognizer(small_model())
    base = {name: torch.randn(8, 16, generator=torch.Generator().manual_seed(seed)) for seed, name in enumerate("ab")}
    for name, features in base.items():
        for shot in range(2):
            example = clip(10 * ord(name) + shot)
            recognizer.know(example, features + 0.1 * torch.randn(8, 16, generator=torch.Generator().manual_seed(shot)))
            recognizer.add(name, example)
    found = threshold(recognizer)
    own = recognizer.score(recognizer.prototypes(), base["a"])
    assert own[1] < found < own[0]


def test_with_one_shot_each_it_is_what_lies_between_the_actions():
    recognizer = Recognizer(small_model())
    for seed in (1, 2, 3):
        recognizer.add(f"action {seed}", clip(seed))
    assert threshold(recognizer) == recognizer.typical_score_between_actions()
