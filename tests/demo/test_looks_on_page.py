"""A clip in several looks on the page: what is shown of it, what is kept and what is saved."""

import json

import pytest
from PIL import Image
from visits import clip, filled, long, small_model

from d2st.demo import workspace_file as session
from d2st.demo.html import page, stage
from d2st.demo.looking import Looking
from d2st.demo.workspace import Visit, Workspace
from d2st.explain.draw import save_points_figure
from d2st.explain.figure import caption, chosen, save_figure

MODEL = small_model()


@pytest.fixture(scope="module")
def workspace():
    workspace = Workspace(filled(MODEL, centre=False))
    workspace.add("wave", [long(3, 4)])
    workspace.ask(long(3, 5, 6))
    return workspace


def test_the_stage_is_sent_every_frame_and_all_points(workspace):
    shown = json.loads(stage.stage(workspace))["show"]
    assert shown["looks"] == 3 and len(shown["frames"]) == len(shown["times"]) == 24
    assert len(shown["traces"]) == 4  # a layer and pathway each
    margins = json.loads(stage.margins(workspace))["decided"]["margins"]
    assert len(margins) == 24


def test_every_view_is_drawn(workspace):
    visit = Visit(MODEL)
    visit.workspaces[visit.current] = workspace
    looking = Looking(MODEL)
    for visit.tab, view in looking.views.items():
        changed = looking.view(visit)
        assert changed == view(workspace) and "wrong" not in str(changed)
    matrices = looking.matrices(workspace, next(n for n, c in workspace.examples().items() if c.looks == 2))
    assert "seen in 3 looks, the example in 2 looks" in matrices and matrices.count('class="borders"') == 2
    one = looking.matrices(workspace, next(iter(workspace.examples())))
    assert "the example in 1 look;" in one
    layers = looking.layers(workspace)["layers"]
    assert layers.count("<figure>") == 12 and "look 3 of 3" in layers
    assert "16–" in page.alignment(workspace) or "24–" in page.alignment(workspace)


def test_clips_of_one_look_are_shown_as_before(workspace):
    short = Workspace(filled(MODEL, centre=False))
    short.ask(clip(7))
    looking = Looking(MODEL)
    views = looking.matching(short)["matrices"], looking.layers(short)["layers"]
    assert not any("look" in each.replace("look at", "") for each in views) and "borders" not in views[0]


def test_a_session_comes_back_with_its_looks(workspace, tmp_path):
    session.save(workspace, tmp_path / "session.npz")
    again = session.load(tmp_path / "session.npz", MODEL)
    assert again.query.looks == 3 and [c.looks for c in again.recognizer.support["wave"]] == [1, 1, 2]
    assert again.prediction.scores == pytest.approx(workspace.prediction.scores, abs=1e-5)


def test_figures_have_rows_for_each_look(workspace, tmp_path):
    found, recognizer = workspace.prediction, workspace.recognizer
    traces = chosen(workspace.encoding.traces, pathway="spatial")
    assert len(traces) == 3
    sizes = []
    for query, of in ((found.query, traces), (clip(7), MODEL.encode(clip(7).frames, inspect=True).traces[:1])):
        save_figure(tmp_path / "figure.png", recognizer, query, of)
        sizes.append(Image.open(tmp_path / "figure.png").size)
    assert sizes[0][0] == sizes[1][0] == 2100 and sizes[0][1] - sizes[1][1] > 2 * 2000 / 8  # two rows of frames more
    save_figure(tmp_path / "figure.png", recognizer, found.query, traces, found)
    assert Image.open(tmp_path / "figure.png").size[1] > sizes[0][1]
    said = caption(recognizer, found.query, traces, found)
    assert "the 24 frames that the network saw, in 3 looks at it" in said and said.count("spatial pathway") == 1
    save_points_figure(found.query, workspace.encoding.traces, tmp_path / "all.png")
    width, height = Image.open(tmp_path / "all.png").size
    assert width > 3 * height
