"""Many actions: what is kept between queries gives what is computed anew, and the best are shown."""

from types import SimpleNamespace

import pytest
import torch
from visits import clip, small_model

from d2st import matching, recognizer
from d2st.cli.commands import prediction_row, print_prediction
from d2st.demo.endpoints import told
from d2st.demo.html import page
from d2st.matching import MATCHINGS
from d2st.recognizer import SHOWN, Recognizer
from d2st.trace import Encoding


class Noise:
    """Frame features that hang on a clip alone, and of a few numbers."""

    frames, image, looks, weights = 8, 112, None, (1.0,)

    def encode(self, frames, inspect=False):
        seed = int(frames.astype(int).sum())
        return Encoding(torch.randn(8, 12, generator=torch.Generator().manual_seed(seed)), [], {})


def filled(actions, shots, name="bi-mhm", centred=True):
    found = Recognizer(Noise(), name, centred)
    for index in range(actions * shots):
        found.add(f"action {index // shots}", clip(index))
    return found


def plain(asked: Recognizer, query):
    """Scores, and the typical score between actions, as the definitions have them."""
    shots = torch.stack([torch.stack([asked.features(c) for c in clips]) for clips in asked.support.values()])
    scores = matching.scores(shots, asked.features(query)[None], asked.matching, asked.centre)[0]
    means = shots.mean(1)
    pairs = [
        matching.scores(means[[one]], means[[other]], asked.matching, asked.centre)
        for one in range(len(means))
        for other in range(len(means))
        if one != other
    ]
    return scores, float(torch.cat([each.flatten() for each in pairs]).median())


@pytest.mark.parametrize("name", MATCHINGS)
@pytest.mark.parametrize("centred", [False, True])
def test_what_is_kept_between_queries_is_what_the_definitions_give(name, centred, monkeypatch):
    monkeypatch.setattr(recognizer, "AT_ONCE", 5)
    asked, query = filled(12, 2, name, centred), clip(1000)
    for _ in range(2):
        found, (scores, typical) = asked.predict(query), plain(asked, query)
        actions = list(asked.support)
        assert [found.scores[action] for action in actions] == pytest.approx(scores.tolist(), abs=1e-5)
        assert asked.typical_score_between_actions() == pytest.approx(typical, abs=1e-5)
        assert found.matches == (max(scores) > typical)


def test_a_change_of_the_examples_or_of_the_matching_counts_at_once():
    asked, query = filled(4, 2), clip(1000)
    changes = (
        lambda: asked.add("action 1", clip(50)),
        lambda: asked.remove("action 1", clip(50)),
        lambda: asked.support["action 2"].reverse() or asked.support["action 2"].pop(),  # as who rearranges does
        lambda: asked.know(asked.support["action 3"][0], torch.ones(8, 12).cumsum(0).sin()),
        lambda: asked.match("otam", False),
        lambda: asked.remove("action 0"),
    )
    seen = [asked.predict(query).scores]
    for change in changes:
        change()
        seen.append(asked.predict(query).scores)
        assert list(asked.support) == sorted(seen[-1])
        expected = [pytest.approx(float(s), abs=1e-5) for s in _one_by_one(asked, query)]
        assert [seen[-1][action] for action in asked.support] == expected
    assert seen[2] == seen[0] and len({tuple(sorted(scores.items())) for scores in seen}) == len(changes)


def _one_by_one(asked, query):
    for clips in asked.support.values():
        shots = torch.stack([asked.features(c) for c in clips])
        yield matching.scores(shots[None], asked.features(query)[None], asked.matching, asked.centre)


def test_nothing_is_compared_again_while_nothing_changes(monkeypatch):
    asked, counted = filled(5, 1), []
    monkeypatch.setattr(Recognizer, "_typical", lambda self, directions: counted.append(1) or -1.0)
    for seed in range(3):
        asked.predict(clip(1000 + seed))
    assert len(counted) == 1
    asked.add("another", clip(60))
    asked.predict(clip(1000))
    assert len(counted) == 2


def test_of_very_many_actions_the_typical_score_is_taken_among_some(monkeypatch):
    asked = filled(60, 1)
    exact = asked.typical_score_between_actions()
    monkeypatch.setattr(recognizer, "AMONG", 30)
    asked.match("bi-mhm", True)
    assert asked.typical_score_between_actions() == pytest.approx(exact, rel=0.05)


def test_of_many_actions_the_best_are_shown_and_their_number(capsys):
    found = filled(50, 1).predict(clip(1000))
    best = sorted(found.scores, key=lambda action: -found.scores[action])[:SHOWN]
    assert found.best == best and len(found.scores) == 50 and sum(found.shares.values()) == pytest.approx(1)
    for said in (prediction_row("query.mp4", found), told(found)):
        assert list(said["scores"]) == best and said["actions"] == 50
    assert (
        page.answer(SimpleNamespace(prediction=found, recognizer=Recognizer(Noise())), small_model()).count("<tr") == 21
    )
    print_prediction("query.mp4", found)
    out = capsys.readouterr().out
    assert "30 more" in out and sum(action in out for action in best) == SHOWN
