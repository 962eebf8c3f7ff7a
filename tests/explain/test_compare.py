"""The same clips under other adapters and matchings."""

from dataclasses import replace

import pytest
import torch
from visits import clip, filled, small_model

from d2st.errors import D2STError
from d2st.explain.compare import DROPPED, FROZEN, OWN, compare, contenders, ways
from d2st.explain.what_if import what_if
from d2st.kinds import KINDS
from d2st.matching import MATCHINGS
from d2st.models.checkpoint import Checkpoint
from d2st.models.model import Model
from d2st.models.siblings import sibling

QUERY = clip(7, "query.mp4")


def other(model: Model, kind: str, seed: int = 5) -> Model:
    """Random adapters of a kind on a model's backbone."""
    state = small_model(kind, seed).host.trainable_state()
    return sibling(model, Checkpoint(model.host.config, kind, f"random {kind}", state), "other.safetensors")


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def rows(model):
    among = contenders(model, [other(model, "st"), other(model, "dst")], other(model, "d2st"))
    return {row.contender.name: row for row in compare(filled(model), QUERY, among)}


def test_the_contenders_go_from_no_adapters_to_the_one_dropped_in(model, rows):
    assert list(rows) == [FROZEN, "st", "dst", OWN, DROPPED]
    assert rows[DROPPED].contender.model.described == "random d2st" and rows[OWN].contender.title == KINDS["d2st"].title
    frozen = small_model(None)
    assert [each.name for each in contenders(frozen, [other(model, "st")])] == [OWN, "st"]
    assert [each.name for each in contenders(replace(model, knows_frozen=False))] == [OWN]


def test_the_own_row_holds_the_answers_that_the_page_gives(model, rows):
    for answer, (matching, centre) in zip(rows[OWN].answers, ways(), strict=True):
        asked = filled(model, matching=matching, centre=centre)
        assert answer.prediction.scores == asked.predict(QUERY).scores
        assert (answer.matching, answer.centre) == (matching, centre)
    assert {answer.matching for answer in rows[OWN].answers} == set(MATCHINGS)


def test_the_frozen_row_is_what_if_without_adapters(model, rows):
    asked = filled(model)
    [without] = [o for o in what_if(asked, QUERY) if o.change.title == "adapters off"]
    [same] = [a for a in rows[FROZEN].answers if (a.matching, a.centre) == (asked.matching, asked.centre)]
    assert same.prediction.scores == without.prediction.scores


@pytest.mark.parametrize("kind", ["st", "dst"])
def test_a_siblings_row_is_what_it_answers_by_itself(model, rows, kind):
    alone = filled(other(model, kind), matching="otam", centre=False)
    [same] = [a for a in rows[kind].answers if (a.matching, a.centre) == ("otam", False)]
    assert same.prediction.scores == pytest.approx(alone.predict(QUERY).scores, abs=1e-5)


def test_an_answer_that_differs_is_marked(model, rows):
    label = filled(model).predict(QUERY).label
    answers = [answer for row in rows.values() for answer in row.answers]
    assert all(answer.differs == (answer.prediction.label != label) for answer in answers)
    assert {answer.differs for answer in answers} == {True, False}


def test_nothing_of_the_recognizer_changes_and_the_stem_is_computed_once_a_clip(model):
    stems = []

    class Watched(Model):
        def stem(self, frames):
            stems.append(len(frames))
            return super().stem(frames)

    watched = Watched(**vars(model))
    asked = filled(watched)
    features = {c.digest: asked.features(c).clone() for c in [QUERY, *sum(asked.support.values(), [])]}
    stems.clear()
    gone = []
    compare(asked, QUERY, contenders(watched, [other(model, "st")]), lambda clips: gone.extend(clips) or clips)
    assert len(stems) == len(gone) == 5  # two shots of two actions, and the query
    assert all(torch.equal(asked.features(c), features[c.digest]) for c in gone)
    assert (asked.matching, asked.centre) == (filled(model).matching, filled(model).centre)


def test_a_clip_that_stands_still_is_a_problem_where_it_is_centred(model):
    still = clip(3, "still.mp4", still=True)
    asked = filled(small_model(None), centre=False)
    [row] = compare(asked, still, contenders(asked.model))
    assert all(("stands still" in answer.problem) == answer.centre for answer in row.answers)


def test_one_action_is_not_compared(model):
    with pytest.raises(D2STError, match="at least two actions"):
        compare(filled(model, names=("wave",)), QUERY, contenders(model))
