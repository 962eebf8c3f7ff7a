"""What a visitor sees after each step: lessons, parts of a clip, the open view and what it compares."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from small import EXAMPLES
from visits import clip, filled, small_model

from d2st.data.folders import spoken
from d2st.demo import lessons
from d2st.demo.examples import find_examples
from d2st.demo.handlers import Handlers
from d2st.demo.html import page, report, views
from d2st.demo.lessons import LESSONS
from d2st.demo.many import Answer
from d2st.demo.workspace import OWN, Visit, Workspace
from d2st.explain.distances import FrameDistances, frame_distances
from d2st.explain.what_if import CHANGES, Outcome

QUERY = EXAMPLES / "people" / "query" / "kick.mp4"


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def handlers(model):
    return Handlers(model, find_examples())


@pytest.fixture
def visit(model):
    visit = Visit(model)
    visit.workspaces[OWN] = Workspace(filled(model))
    return visit


def own_file(tmp_path):
    file = tmp_path / "mine.mp4"
    file.write_bytes(QUERY.read_bytes())
    return file


def press(handlers, visit, **data):
    return handlers.press(visit, "bi-mhm", True, data)


def ask(handlers, visit, file):
    return press(handlers, visit, do="ask", files=[file])


def part_of(changed):
    part = json.loads(changed["stage"])["part"]
    return part["start"], part["end"]


@pytest.mark.parametrize("name", LESSONS)
def test_each_step_of_a_lesson_opens_its_view_on_its_query(handlers, name):
    visit = Visit(handlers.model)
    for number, step in enumerate(LESSONS[name].steps):
        data = {"do": "lesson", "lesson": name, "step": str(number)}
        handlers.press(visit, "bi-mhm", True, data)
        assert step.tab in (None, visit.tab) and visit.workspace.example == LESSONS[name].workspace
        assert spoken(Path(visit.workspace.video)) == step.query
    over = handlers.press(visit, "bi-mhm", True, data | {"step": str(number + 1)})
    assert "no such lesson" in over["added"]


def test_a_part_of_a_clip_is_asked_about(handlers, visit, tmp_path):
    assert part_of(ask(handlers, visit, str(own_file(tmp_path)))) == (0, visit.workspace.query.duration)
    assert part_of(press(handlers, visit, do="part", start=1.0, end=2)) == visit.workspace.part == (1.0, 2.0)
    late, late_scores = visit.workspace.query, visit.workspace.prediction.scores
    press(handlers, visit, do="part", start=0.0, end=1.0)
    early = visit.workspace.query
    assert early.digest != late.digest and visit.workspace.prediction.scores != late_scores
    press(handlers, visit, do="part", start=1.0, end=0.0)  # ends may be crossed
    assert visit.workspace.query.digest == early.digest
    assert part_of(handlers.match(visit, "otam", True)) == visit.workspace.part


def test_an_answer_stays_when_its_upload_was_deleted_meanwhile(handlers, visit, tmp_path):
    file = own_file(tmp_path)
    ask(handlers, visit, str(file))
    press(handlers, visit, do="open", workspace="people")
    file.unlink()
    changed = press(handlers, visit, do="open", workspace=OWN)
    assert visit.workspace.prediction and 'class="label"' in changed["answer"] and "mine.mp4" in changed["stage"]
    assert "deleted here meanwhile" in press(handlers, visit, do="part", start=0.5, end=1.0)["asked"]


def test_matching_compares_with_the_nearest_example_as_it_is_and_centred(handlers, visit):
    visit.workspace.ask(clip(11))  # the frames of the second example of 'clap'
    drawn = handlers.matching(visit.workspace)
    assert drawn["compare_with"].value == "clap: clap 1.mp4" and len(drawn["compare_with"].choices) == 4
    titles = re.findall(r"<figcaption><b>([^<]*)</b>", drawn["matrices"])
    assert titles == ["As they are", "Centred: each clip&#x27;s mean subtracted"]
    assert handlers.compare(visit, "wave: wave 0.mp4")["matrices"] != drawn["matrices"]
    assert handlers.compare(visit, "clap: clap 1.mp4")["matrices"] == drawn["matrices"]
    nothing = {"matrices": views.NOTHING}
    assert handlers.compare(visit, "gone") == handlers.compare(Visit(handlers.model), "wave: wave 0.mp4") == nothing


def test_a_matrix_and_its_path_have_the_examples_frames_as_rows(model):
    found = FrameDistances("t", np.zeros((2, 3)), {}, {"otam": [(0, 0), (0, 1), (1, 2)]}, [0, 0], [0, 0, 0])
    drawn = views.matrix(found, clip(0), clip(1))
    path = [tuple(map(float, point.split(","))) for point in re.search(r'points="([^"]*)"', drawn)[1].split()]
    assert path == [views.middle(0, 0), views.middle(0, 1), views.middle(1, 2)]
    assert views.middle(1, 2) == (views.EDGE + 2.5 * views.CELL, views.EDGE + 1.5 * views.CELL)


def test_lines_join_the_frames_that_were_matched(visit):
    visit.workspace.ask(clip(60))
    workspace = visit.workspace
    object.__setattr__(workspace.prediction, "alignment", [(0, 7)])  # the example's first, the query's last
    drawn = page.alignment(workspace)
    assert '<line x1="93.75%" y1="0" x2="6.25%" y2="100%"/>' in drawn and "query to example: 8–1" in drawn


def test_bars_show_each_figure_of_its_own(visit):
    visit.workspace.ask(clip(61))
    encoding = visit.workspace.encoding
    drawn = views.disentangled(visit.workspace.query, encoding)
    heights = [[float(h) for h in re.findall(r'height="([\d.]+)"', svg)] for svg in re.findall(r"<svg.*?</svg>", drawn)]
    peaks = [trace.over_time for trace in encoding.traces]
    highest = max(share.max() for share in peaks)
    for index, share in enumerate(peaks):  # change and attention take turns
        assert np.allclose(heights[2 * index + 1], 29 * share / highest + 1, atol=0.01)
    changes = [change for by in encoding.contributions.values() for change in by.values()]
    most = max(change.max() for change in changes)
    for index, change in enumerate(changes):
        assert np.allclose(heights[2 * index], 29 * change / most + 1, atol=0.01)


@pytest.mark.parametrize("matches", [True, False])
def test_doubt_is_said_where_nothing_matches_well_and_only_there(visit, matches):
    visit.workspace.ask(clip(62))
    object.__setattr__(visit.workspace.prediction, "matches", matches)
    answers = [Answer("a.mp4", None, visit.workspace.prediction)]
    assert ("Nothing matches well" in page.answer(visit.workspace, small_model())) != matches
    assert ("nothing matches well" in report.table(answers)) != matches


def test_only_what_flips_is_marked_so(model):
    recognizer = filled(model)
    found = recognizer.predict(clip(63))
    drawn = views.what_if(found, [Outcome(CHANGES[0], found, True), Outcome(CHANGES[1], found, False)])
    rows = re.findall(r"<tr.*?</tr>", drawn)[2:]  # after the head and the answer as it is
    assert [" class=flipped" in row for row in rows] == [True, False]
    assert [word in row for word, row in zip(("<b>flips</b>", "stays"), rows, strict=True)] == [True, True]


def test_the_chosen_example_set_and_query_are_pressed(handlers):
    visit = Visit(handlers.model)
    changed = handlers.press(visit, "bi-mhm", True, {"do": "open", "workspace": "people"})
    pressed = re.findall(r'data-workspace="([^"]*)" aria-pressed="true"', changed["picker"])
    assert pressed == ["people"]
    changed = handlers.press(visit, "bi-mhm", True, {"do": "query", "index": "2"})
    assert re.findall(r'data-index="(\d)" aria-pressed="true"', changed["queries"]) == ["2"]


def test_what_was_open_before_is_drawn_again_when_it_is_opened(handlers, visit):
    visit.workspace.ask(clip(64))
    for tab, part in ((lessons.LAYERS, "layers"), (lessons.DISENTANGLED, "pathways")):
        assert "<svg" in handlers.select(tab, visit)[part] and visit.tab == tab
        visit.workspace.ask(clip(65))
        assert "<svg" in handlers.look(visit)[part]


def test_frame_distances_are_those_of_the_features_that_decide(handlers, visit):
    visit.workspace.ask(clip(66))
    example = next(iter(visit.workspace.examples().values()))
    features = [visit.workspace.recognizer.features(each) for each in (example, visit.workspace.query)]
    shown = handlers.matrices(visit.workspace, "wave: wave 0.mp4")
    for centred in (False, True):
        assert f"{frame_distances(*features, centred).distance[0, 3]:.2f}</text>" in shown
