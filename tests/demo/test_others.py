"""The page's model beside other adapters: what a visitor is shown, and what is theirs alone."""

from html import escape, unescape

import pytest
from visits import clip, filled, small_model

from d2st.demo.events import DrawFigure
from d2st.demo.figures import drawn
from d2st.demo.handlers import Handlers
from d2st.demo.limits import STANDARD
from d2st.demo.others import Others
from d2st.demo.turns import SharedModel, Turns, shared
from d2st.demo.workspace import Visit
from d2st.explain.compare import DROPPED, FROZEN, OWN
from d2st.matching import MATCHINGS
from d2st.models import siblings
from d2st.models.checkpoint import save_checkpoint

ABOUT = "mine <script>alert(1)</script>" + "!" * 500


@pytest.fixture
def handlers():
    return Handlers(small_model(), [])


@pytest.fixture
def visit(handlers):
    """A visit with two actions and a query."""
    visit = Visit(handlers.model)
    visit.workspace.recognizer = filled(handlers.model)
    visit.workspace.ask(clip(7, "query.mp4"))
    return visit


@pytest.fixture
def checkpoint(tmp_path):
    save_checkpoint(tmp_path / "mine.safetensors", small_model("st", seed=3).host, ABOUT)
    return str(tmp_path / "mine.safetensors")


def press(handlers, visit, name):
    return handlers.press(visit, "bi-mhm", True, {"do": "adapters", "adapters": name})


def test_a_row_for_each_and_a_column_for_each_matching(handlers, visit, checkpoint):
    gone = []
    changed = handlers.compare_adapters(visit, checkpoint, lambda clips: gone.extend(clips) or clips)
    assert [row.contender.name for row in visit.workspace.compared] == [FROZEN, OWN, DROPPED] and len(gone) == 5
    html = changed["compared"]
    assert html.count('data-do="adapters"') == 3 and html.count("<td") == 3 * 2 * len(MATCHINGS)
    assert html.count('class="now"') + html.count('class="differs now"') == 1
    differ = sum(answer.differs for row in visit.workspace.compared for answer in row.answers)
    assert html.count(">≠<") == differ and (f"{differ} of 18 answers differ" in html or differ == 0)
    assert "<script>" not in html and escape("mine <script>") in html and "!" * 200 not in html


def test_a_row_opens_on_the_stage_and_the_own_one_brings_the_points_back(handlers, visit, checkpoint):
    handlers.compare_adapters(visit, checkpoint)
    before = handlers.shown(visit)["stage"]
    frozen = press(handlers, visit, FROZEN)["stage"]
    assert frozen != before and "the frozen backbone" in frozen and visit.workspace.seen_by.encoding.traces == []
    assert "frozen backbone" in drawn(visit, DrawFigure("svg", "", "")).read_text(encoding="utf-8")
    assert "mine" in press(handlers, visit, DROPPED)["stage"] and visit.workspace.seen_by.contender.name == DROPPED
    html = handlers.compared(visit.workspace)["compared"]
    assert html.count('aria-pressed="true"') == 1 and 'data-adapters="dropped" aria-pressed="true"' in html
    assert press(handlers, visit, OWN)["stage"] == before and visit.workspace.seen_by is None


def test_what_was_compared_goes_when_the_answer_may_change(handlers, visit):
    handlers.compare_adapters(visit, None)
    press(handlers, visit, FROZEN)
    assert visit.workspace.compared and visit.workspace.seen_by
    handlers.match(visit, "otam", False)
    assert not visit.workspace.compared and visit.workspace.seen_by is None
    assert "were not compared" in press(handlers, visit, FROZEN)["added"]
    assert handlers.compared(visit.workspace) == {"compared": ""}


def test_nothing_to_compare_and_a_bad_checkpoint_are_sentences(handlers, visit, tmp_path):
    assert "two actions" in handlers.compare_adapters(Visit(handlers.model), None)["compared"]
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"no checkpoint")
    said = unescape(handlers.compare_adapters(visit, str(bad))["compared"])
    assert "'bad.safetensors' is no safetensors file" in said and str(tmp_path) not in said
    assert visit.dropped is None


def test_a_checkpoint_is_read_once_and_belongs_to_its_visit(handlers, visit, checkpoint, monkeypatch):
    handlers.compare_adapters(visit, checkpoint)
    mine = visit.dropped
    monkeypatch.setattr(siblings, "read_checkpoint", None)
    handlers.compare_adapters(visit, checkpoint)
    assert visit.dropped is mine
    other = Visit(handlers.model)
    other.workspace.recognizer = filled(handlers.model)
    other.workspace.ask(clip(7, "query.mp4"))
    handlers.compare_adapters(other, None)
    assert DROPPED not in [row.contender.name for row in other.workspace.compared] and other.dropped is None
    handlers.compare_adapters(visit, None)
    assert visit.dropped is None


def test_every_network_takes_turns(checkpoint):
    turns = Turns(STANDARD)
    model = shared(small_model(), turns)
    taken = []
    take = turns.take
    turns.take = lambda call, *inputs: taken.append(call) or take(call, *inputs)
    dropped = Others(model).dropped(checkpoint)
    assert isinstance(dropped, SharedModel) and dropped.turns is turns and len(taken) == 1
    dropped.adapt(model.stem(clip().frames))
    assert len(taken) == 3


def test_those_that_come_along_are_loaded_once_and_when_they_are_wanted(monkeypatch):
    loaded = []
    monkeypatch.setattr("d2st.demo.others.shipped_siblings", lambda model: loaded.append(1) or [small_model("st")])
    others = Others(small_model())
    assert not loaded
    assert others.along() == others.along() and len(loaded) == 1
