"""What a visitor sees after each step: lessons, parts of a clip, the open view and what it compares."""

import re
from pathlib import Path

import numpy as np
import pytest
from small import EXAMPLES
from visits import clip, filled, small_model

from d2st.data.folders import spoken
from d2st.demo import layout, lessons
from d2st.demo.examples import find_examples
from d2st.demo.handlers import Handlers
from d2st.demo.html import page, report, views
from d2st.demo.lessons import LESSONS
from d2st.demo.many import Answer
from d2st.demo.workspace import OWN, Visit, Workspace
from d2st.explain.distances import FrameDistances, frame_distances
from d2st.explain.what_if import CHANGES, Outcome

HARD = Path(__file__).parents[1] / "video" / "hard-clips"
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


@pytest.mark.parametrize("name", LESSONS)
def test_each_step_of_a_lesson_opens_its_view_on_its_query(handlers, name):
    visit = Visit(handlers.model)
    for number, step in enumerate(LESSONS[name].steps):
        data = {"do": "lesson", "lesson": name, "step": str(number)}
        handlers.press(visit, "bi-mhm", True, data)
        assert visit.tab == step.tab and visit.current == LESSONS[name].workspace
        assert spoken(Path(visit.workspace.video)) == step.query
    over = handlers.press(visit, "bi-mhm", True, data | {"step": str(number + 1)})
    assert "no such lesson" in over["added"]


def test_a_part_of_a_clip_is_asked_about_and_the_sliders_stay_where_a_hand_holds_them(handlers, visit, tmp_path):
    file = str(own_file(tmp_path))
    whole = handlers.ask(visit, file)
    duration = visit.workspace.query.duration
    assert (whole["start"].value, whole["end"].value) == (0, duration)
    changed = handlers.ask_part(visit, 1.0, 2.0)
    assert "start" not in changed and "end" not in changed and visit.workspace.part == (1.0, 2.0)
    late, late_scores = visit.workspace.query, visit.workspace.prediction.scores
    handlers.ask_part(visit, 0.0, 1.0)
    early = visit.workspace.query
    assert early.digest != late.digest and visit.workspace.prediction.scores != late_scores
    handlers.ask_part(visit, 1.0, 0.0)  # ends may be crossed
    assert visit.workspace.query.digest == early.digest


def test_the_part_that_was_chosen_is_still_shown_after_something_else(handlers, visit, tmp_path):
    handlers.ask(visit, str(own_file(tmp_path)))
    handlers.ask_part(visit, 0.5, 1.5)
    changed = handlers.match(visit, "otam", True)
    assert (changed["start"].value, changed["end"].value) == (0.5, 1.5)


def test_an_upload_that_was_deleted_meanwhile_is_not_played(handlers, visit, tmp_path):
    file = own_file(tmp_path)
    handlers.ask(visit, str(file))
    handlers.press(visit, "bi-mhm", True, {"do": "open", "workspace": "people"})
    back = {"do": "open", "workspace": OWN}
    assert handlers.press(visit, "bi-mhm", True, back)["video"] == str(file)
    file.unlink()
    changed = handlers.press(visit, "bi-mhm", True, back)
    assert changed["video"] is None and visit.workspace.prediction and 'class="label"' in changed["answer"]


def test_matching_compares_with_the_nearest_example_as_it_is_and_centred(handlers, visit):
    visit.workspace.ask(clip(11))  # the frames of the second example of 'clap'
    drawn = handlers.matching(visit.workspace)
    assert drawn["compare_with"].value == "clap: clap 1.mp4" and len(drawn["compare_with"].choices) == 4
    titles = re.findall(r"<figcaption><b>([^<]*)</b>", drawn["matrices"])
    assert titles == ["As they are", "Centred: each clip&#x27;s mean subtracted"]
    assert handlers.compare(visit, "wave: wave 0.mp4") != drawn["matrices"]
    assert handlers.compare(visit, "clap: clap 1.mp4") == drawn["matrices"]
    assert (
        handlers.compare(visit, "gone") == handlers.compare(Visit(handlers.model), "wave: wave 0.mp4") == views.NOTHING
    )


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
    drawn = views.disentangled(encoding)
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


@pytest.mark.parametrize("name, plays", [
    ("plain.mp4", True), ("av1.mp4", True), ("varying_rate.webm", True), ("open_gop_hevc.mp4", False),
    ("plain_b_frames.avi", False), ("interlaced.mkv", False), ("windows.asf", False), ("camcorder.m2ts", False),
])  # fmt: skip
def test_a_query_brings_its_film_whether_browsers_play_its_file_or_not(handlers, visit, name, plays):
    file = str(HARD / name)
    changed = handlers.ask(visit, file)
    film = visit.workspace.query.preview
    assert film and changed.get("video", file) == (file if plays else None)
    handlers.press(visit, "bi-mhm", True, {"do": "open", "workspace": "people"})
    back = handlers.press(visit, "bi-mhm", True, {"do": "open", "workspace": OWN})
    assert back["video"] == (file if plays else None)
    handlers.ask_part(visit, 0.2, 0.5)
    assert visit.workspace.query.preview is film and visit.workspace.part == (0.2, 0.5)


def test_the_player_is_given_files_as_they_are(handlers):
    from gradio import Blocks

    with Blocks():
        player = layout.query_column({})["video"]
    given = player.postprocess(str(HARD / "plain_b_frames.avi"))
    assert given.path == str(HARD / "plain_b_frames.avi") and player.postprocess(None) is None
    assert player.preprocess(given) == given.path
    again = type(player)(**player.constructor_args)  # so Gradio makes it anew for each visitor
    assert again.postprocess(str(HARD / "plain_b_frames.avi")) == given and again.get_block_name() == "video"
    assert not list(Path(layout.__file__).parent.glob("*.pyi"))  # of ours: Gradio writes them for its components
