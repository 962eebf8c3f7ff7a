"""The page as it is laid out: what people add is there, and every part is wired."""

from dataclasses import replace

import gradio as gr
import pytest
from gradio.data_classes import _StaticFiles
from visits import clip, small_model

from d2st.demo import layout
from d2st.demo.handlers import Handlers
from d2st.demo.html import views
from d2st.demo.looking import EMPTY, Update
from d2st.demo.parts import lay_out
from d2st.demo.wires import as_gradio
from d2st.explain.distances import frame_distances
from d2st.matching import MATCHINGS


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture
def toy(monkeypatch):
    row = replace(MATCHINGS["otam"], name="toy", title="Toy <way>", sentence="It plays.", formula="D = 7 < 8")
    monkeypatch.setitem(MATCHINGS, "toy", row)
    return row


def components(page, kind):
    return [block for block in page.blocks.values() if isinstance(block, kind)]


def test_a_matching_that_was_added_is_on_the_page(model, toy, tmp_path):
    page = layout.build(model, tmp_path)
    radio = next(block for block in components(page, gr.Radio) if block.label == "Matching")
    assert ("Toy <way>", "toy") in radio.choices and "It plays." in radio.info
    assert any("D = 7 &lt; 8" in block.value for block in components(page, gr.HTML) if block.value)
    described = [fn.api_description for fn in page.fns.values() if fn.api_name == "predict"]
    assert "toy (Toy <way>: It plays.)" in described[0]


def test_a_matching_that_was_added_is_scored_in_the_views(model, toy):
    seen = clip()
    features = model.encode(seen.frames).features
    drawn = views.matrix(frame_distances(features, features + 1, False), seen, seen)
    assert "Toy &lt;way&gt; " in drawn and "Toy <way>" not in drawn


def test_a_page_begins_with_what_its_views_show_when_they_are_empty(model):
    with gr.Blocks():
        parts = lay_out(Handlers(model, []), lambda data: "")
    assert {name: parts[name].value or "" for name in EMPTY} == EMPTY


def test_programs_see_the_seven_functions_and_nothing_else(model, tmp_path):
    page = layout.build(model, tmp_path)
    public = {fn.api_name for fn in page.fns.values() if fn.api_visibility == "public"}
    assert public == {"predict", "predict_many", "what_if", "compare", "distances", "inspect", "explore"}


def test_a_change_reaches_its_component():
    assert as_gradio("text") == "text" and as_gradio(None) is None
    told = as_gradio(Update(value=1.5, visible=False))
    assert (told["value"], told["visible"]) == (1.5, False)
    none = as_gradio(Update(choices=[]))
    assert none["choices"] == [] and none["value"] is None  # what was chosen before is no choice any more
    assert as_gradio(Update(selected="matching")).selected == "matching"
    assert "value" not in as_gradio(Update(visible=True))


def test_none_of_the_servers_files_is_given_out(monkeypatch):
    monkeypatch.setattr(_StaticFiles, "all_paths", [])
    layout.build(small_model())
    assert _StaticFiles.all_paths == [] and "allowed_paths" not in layout.LAUNCH
    assert layout.LAUNCH["enable_monitoring"] is False and layout.LAUNCH["max_file_size"] == "200mb"
