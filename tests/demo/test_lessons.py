"""Lessons: their rows, the numbers that they tell, and that they run on a copy."""

import json
import re
from html import escape, unescape
from pathlib import Path

import pytest
from visits import small_sets

from d2st.data.folders import spoken
from d2st.demo import lessons
from d2st.demo.examples import find_examples
from d2st.demo.handlers import Handlers
from d2st.demo.html import page
from d2st.demo.html.pieces import number
from d2st.demo.lessons import LESSONS
from d2st.demo.told import Told, percent
from d2st.demo.workspace import LESSON, OWN, Visit
from d2st.explain.what_if import what_if
from d2st.models.zoo import SHIPPED, load_model

pytestmark = pytest.mark.usefixtures("computed_once")
SETS = {found.name: found for found in find_examples()}
TABS = (None, lessons.MATCHING, lessons.WHAT_IF, lessons.DISENTANGLED, lessons.LAYERS)
STEPS = [(name, index) for name, lesson in LESSONS.items() for index in range(len(lesson.steps))]


@pytest.fixture(scope="module")
def handlers(model):
    return Handlers(model, find_examples())


@pytest.fixture
def visit(handlers):
    return Visit(handlers.model)


def go(handlers, visit, name, step, matching="bi-mhm", centre=True):
    return handlers.press(visit, matching, centre, {"do": "lesson", "lesson": name, "step": str(step)})


def close(handlers, visit):
    return handlers.press(visit, "bi-mhm", True, {"do": "close-lesson"})


def attributes(box):
    return {key: unescape(value) for key, value in re.findall(r'data-(\w+)="([^"]*)"', box)}


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_asks_for_what_is_there(name):
    lesson = LESSONS[name]
    queries = {spoken(path) for path in SETS[lesson.workspace].queries}
    assert all(step.query in queries and step.tab in TABS and step.target.startswith("#") for step in lesson.steps)
    assert lesson.points or not any(step.go for step in lesson.steps)


@pytest.mark.parametrize("name, index", STEPS)
def test_every_step_is_told_with_the_clips_numbers(handlers, visit, name, index):
    changed = go(handlers, visit, name, index)
    step, workspace = LESSONS[name].steps[index], visit.workspace
    box = changed["lesson"]
    assert escape(step.text.format(clip=Told(workspace))) in box and "{" not in re.sub(r"<[^>]*>", "", box)
    assert spoken(Path(workspace.video)) == step.query and workspace.prediction.label == step.query
    said = attributes(box.split("<h2>")[0])
    assert (said["lesson"], said["step"], said["target"]) == (name, str(index + 1), step.target)
    shown = json.loads(said["go"])
    if step.go:
        traces = workspace.encoding.traces
        assert shown["layer"] == traces[step.go["layer"]].layer and shown["pathway"] in ("spatial", "temporal")
    steps = [int(each) for each in re.findall(r'data-step="(\d+)"', box.split("<h2>")[1])]
    last = len(LESSONS[name].steps)
    assert steps == [each for each in (index - 1, index + 1) if 0 <= each < last]
    assert f"?lesson={name}&amp;step={index + 1}" in box and "close-lesson" in box


def test_the_numbers_are_the_models(handlers, visit):
    """Each against what the model's arrays say, computed here anew."""
    go(handlers, visit, "adapter", 0)
    workspace = visit.workspace
    told, traces, found = Told(workspace), workspace.encoding.traces, workspace.prediction
    scores = list(found.scores.values())
    assert told.margin == number(scores[0] - scores[1]) and told.second == list(found.scores)[1]
    spatial, temporal = traces[0], traces[1]
    assert told.tokens == "8 × 14 × 14 = 1,568 tokens"
    assert (told.spatial_points, told.temporal_points) == ("2 × 4 × 4", "8 × 2 × 2")
    reading = spatial.weight * spatial.in_bounds
    group, point = divmod(int(reading.argmax()), reading.shape[1])
    assert told.point == f"point {point + 1} of group {group + 1}" and told.even == percent(1 / 32)
    frame, y, x = spatial.located_position[group, point]
    assert (
        told.end == f"frame {number(frame + 1, 1)}, {number(x, 0)} pixels from the left and {number(y, 0)} from the top"
    )
    attention = spatial.attention[group, :, point]
    assert told.attention == percent(attention.max())
    token = divmod(int(attention.argmax()), 14 * 14)
    assert told.asking.endswith(f"frame {token[0] + 1}") and told.asking.startswith(f"row {token[1] // 14 + 1}, ")
    changes = workspace.encoding.contributions[spatial.layer]
    assert told.spatial_change == percent(changes["spatial"].mean())
    assert told.temporal_change == percent(changes["temporal"].mean())
    usual = handlers.model.usual.points
    for trace in (spatial, temporal):
        mean, variance = (
            usual[trace.layer, trace.pathway].offset,
            ((trace.offset - usual[trace.layer, trace.pathway].offset) ** 2).sum(),
        )
        assert told.own[trace.layer, trace.pathway].share == pytest.approx(
            float(variance / (variance + (mean**2).sum())), rel=1e-4
        )
    assert percent(told.own["stage 1", "spatial"].share) in told.usual
    assert f"over {handlers.model.usual.clips} other clips" in told.usual.replace("average over", "over")
    frames = told.decided.frames
    assert told.best_frame == f"frame {frames.argmax() + 1} adds most to it, {number(frames.max())}"


@pytest.mark.parametrize("centre", [True, False])
def test_the_words_agree_with_the_matrix_centred_or_not(handlers, visit, centre):
    go(handlers, visit, "order", 2, centre=centre)
    told = Told(visit.workspace)
    off = sum(row != column for row, column in enumerate(told.distances.nearest_query))
    off += sum(row != column for row, column in enumerate(told.distances.nearest_example))
    assert ("all 16 circles lie along the diagonal" in told.diagonal) == (off == 0)
    assert off == 0 or f"{off} do not" in told.diagonal
    assert ("centred" in told.diagonal) == centre


def test_otams_score_is_told_with_what_its_paths_cost(handlers, visit):
    go(handlers, visit, "matching", 2, matching="otam", centre=False)
    told = Told(visit.workspace)
    score, cost = told.distances.scores["otam"], told.distances.path_cost
    assert score > 0 > -cost and -cost < score
    assert number(score) in told.otam and number(cost) in told.otam and "above 0" in told.otam
    assert number(score) in told.matched


def test_what_lessons_say_of_changes_is_so(handlers, visit):
    go(handlers, visit, "honest", 3)
    workspace = visit.workspace
    flipped = {each.change.title: each.flipped for each in what_if(workspace.recognizer, workspace.query)}
    assert flipped["adapters off"] and flipped["mirrored"]
    assert not any(flipped[name] for name in ("offsets at zero", "spatial pathway off", "temporal pathway off"))


def test_a_lesson_runs_on_a_copy_and_can_be_run_again(handlers, visit):
    handlers.press(visit, "bi-mhm", True, {"do": "open", "workspace": "table"})
    before = visit.workspace
    go(handlers, visit, "limits", 1)
    assert visit.current == LESSON and visit.workspace is not before
    changed = handlers.press(visit, "bi-mhm", True, {"do": "remove", "action": "wave"})
    assert "wave" not in visit.workspace.recognizer.support and visit.workspace.prediction.label != "wave"
    assert "lesson" not in changed  # the box stays
    assert "wave" in before.recognizer.support
    go(handlers, visit, "limits", 2)
    assert "wave" not in visit.workspace.recognizer.support  # the copy lasts through the lesson
    go(handlers, visit, "limits", 0)
    assert "wave" in visit.workspace.recognizer.support and visit.workspace.prediction.label == "wave"
    changed = close(handlers, visit)
    assert visit.workspace is before and changed["lesson"] == "" and LESSON not in visit.workspaces


def test_one_comes_back_to_where_one_was(handlers, visit):
    assert visit.current == OWN
    go(handlers, visit, "order", 0)
    go(handlers, visit, "points", 1)  # another lesson, from within the first
    close(handlers, visit)
    assert visit.current == OWN and not visit.lesson
    go(handlers, visit, "order", 0)
    changed = handlers.press(visit, "otam", False, {"do": "open", "workspace": "people"})
    assert visit.current == "people" and changed["lesson"] == "" and LESSON not in visit.workspaces
    assert visit.workspace.recognizer.matching == "otam"


def test_a_step_has_an_address(handlers, visit):
    changed = handlers.arrive(visit, "bi-mhm", True, "order", "3")
    assert "3 of 4" in changed["lesson"] and visit.tab == lessons.MATCHING
    assert "1 of 4" in handlers.arrive(Visit(handlers.model), "bi-mhm", True, "order", "nonsense")["lesson"]
    lost = handlers.arrive(visit, "bi-mhm", True, "order", "99")
    assert "no such step" in lost["added"] and visit.workspace.prediction and lost["lesson"] == ""


def test_without_an_answer_a_step_says_so(handlers, visit):
    go(handlers, visit, "honest", 0)
    for action in list(visit.workspace.recognizer.support)[1:]:
        handlers.press(visit, "bi-mhm", True, {"do": "remove", "action": action})
    assert "too many examples were removed" in go(handlers, visit, "honest", 1)["lesson"]


def test_lessons_of_points_are_for_models_that_have_some():
    model = load_model(adapter=str(SHIPPED / "efficientnet-lite0-st.safetensors"), device="cpu")
    menu = page.menu(model)
    offered = {name for name, lesson in LESSONS.items() if escape(lesson.title) in menu}
    assert offered == {name for name, lesson in LESSONS.items() if not lesson.points}
    handlers, visit = Handlers(model, small_sets()), Visit(model)
    assert "has none" in go(handlers, visit, "points", 0)["added"]
    assert "1 of 4" in go(handlers, visit, "order", 0)["lesson"]
