"""Nothing that a person typed or a file brought along becomes HTML."""

import re
from dataclasses import replace

import numpy as np
import pytest
from small import EXAMPLES

from d2st.demo.events import AddFiles, attributes
from d2st.demo.html import cards, page, pieces, report, stage, views
from d2st.demo.many import Answer
from d2st.demo.workspace import Workspace
from d2st.explain.distances import FrameDistances
from d2st.explain.explorer import explore
from d2st.explain.usual import own_of_all
from d2st.explain.what_if import CHANGES, Outcome
from d2st.models.zoo import load_model
from d2st.recognizer import Recognizer

BAD = "<img src=x onerror=alert(1)>\"'&"


@pytest.fixture(scope="module")
def workspace():
    model = replace(load_model(device="cpu"), name=BAD, about=BAD)
    workspace = Workspace(Recognizer(model))
    for number, action in enumerate((BAD, "kick" + BAD)):
        clip = workspace.recognizer.read(str(EXAMPLES / "people" / "support" / ("jump", "kick")[number] / "1.mp4"))
        workspace.add(action, [replace(clip, name=BAD, notes=(BAD,))])
    query = workspace.recognizer.read(str(EXAMPLES / "people" / "query" / "jump.mp4"))
    workspace.ask(replace(query, name=BAD, notes=(BAD,)))
    return workspace


def everything(workspace):
    model, found = workspace.recognizer.model, workspace.prediction
    answers = [Answer(BAD, BAD, found), Answer(BAD, None, problem=BAD)]
    traces = [replace(trace, layer=BAD) for trace in workspace.encoding.traces]
    yield page.header(model)
    yield cards.cards(workspace)
    yield page.answer(workspace, model)
    yield page.alignment(workspace)
    yield pieces.strip(workspace.query)
    yield pieces.sentences([BAD])
    yield stage.tools()
    yield pieces.image(workspace.query.frames[0], BAD)
    yield report.report(answers, workspace.recognizer)
    yield report.answered(answers, [BAD])
    yield views.across_layers(workspace.query, traces, own_of_all(traces, model.usual))
    yield views.disentangled(
        workspace.query, replace(workspace.encoding, contributions={BAD: {"spatial": np.ones(8)}}, traces=[])
    )
    yield views.what_if(found, [Outcome(CHANGES[0], found, True), Outcome(CHANGES[1], None, False, BAD)])
    yield f"<button {attributes(AddFiles(BAD))}></button>"
    yield explore(workspace.query, traces, model)


def test_no_name_becomes_html(workspace):
    for shown in everything(workspace):
        assert "<img src=x" not in shown
        assert not re.search(r'="[^"]*<img src=x', shown)


def test_a_workspace_without_an_answer_says_what_is_missing():
    bare = Workspace(Recognizer(load_model(device="cpu")))
    bare.problem = BAD
    bare.query = object()  # not looked at
    bare.recognizer.support = {"a": [], "b": []}
    assert "<img" not in page.answer(bare, bare.recognizer.model)


def test_circles_stand_in_the_cells_that_a_matching_takes(workspace):
    distance = np.full((3, 4), 0.9)
    distance[0, 2] = distance[1, 0] = distance[2, 3] = 0.1
    found = FrameDistances("t", distance, {}, {"otam": [(0, 0), (1, 1)]}, [2, 0, 3], [1, 0, 0, 2])
    drawn = views.matrix(found, workspace.query, workspace.query)

    def cells(kind):
        circles = re.findall(rf'<circle class="{kind}" cx="([\d.]+)" cy="([\d.]+)"', drawn)
        return {
            (int((float(y) - views.EDGE) // views.CELL), int((float(x) - views.EDGE) // views.CELL)) for x, y in circles
        }

    assert cells("taken") == {(0, 2), (1, 0), (2, 3)}  # (row: frame of the example, column: of the query)
    assert cells("ring") == {(1, 0), (0, 1), (0, 2), (2, 3)}
    shades = [float(s) for s in re.findall(r'style="fill-opacity:([\d.]+)"', drawn)]
    assert shades[2] == max(shades) and shades[0] == min(shades)


def test_points_that_read_nothing_are_hollow_and_others_as_opaque_as_their_share(workspace):
    trace = workspace.encoding.traces[0]
    position = np.zeros_like(trace.position)
    position[..., 0, 1], position[..., 1, 1] = 1 + 1 / (trace.grid[1] - 1), 5  # half a token outside, and far away
    drawn = views.across_layers(workspace.query, [replace(trace, position=position)], {})
    assert drawn.count('fill="none"') == trace.groups and drawn.count('fill-opacity="0.40"') == trace.groups
