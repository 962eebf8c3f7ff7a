"""The page's components: a bar, three columns that fit on one screen, and the tabs below."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from d2st import matching as matchings
from d2st.demo import lessons
from d2st.demo.handlers import Handlers
from d2st.demo.html import cards, intake, live, page, pieces, stage, views
from d2st.demo.limits import STANDARD, VisitLimits
from d2st.demo.workspace import OWN, Workspace
from d2st.explain import explorer
from d2st.models.model import Model
from d2st.recognizer import Recognizer

CENTRE_INFO = "Subtract a clip's mean over time from its features, so that what changes decides."
MATRIX_INFO = (
    "How far each frame of the query is from each frame of an example: 1 − cosine of their features, "
    "from 0 (alike) to 2; where the frozen backbone's features stand beside the adapted ones, the weighted mean of "
    "both. A score is minus a sum of such distances; the matchings differ in which they take."
)
WHAT_IF_INFO = (
    "The same query once more: played backwards, shuffled, frozen, mirrored, and with parts of the network "
    "switched off. What flips the answer is what the answer hangs on; with offsets at zero, or one pathway off, it "
    "mostly stays. Where the network changes, the examples are computed again from the pictures that the page keeps."
)
COMPARE_INFO = (
    "The same clips under every kind of adapter that there is for this frozen backbone, and under every matching, as "
    "it is and centred. Press a row to see on the stage where those adapters read. A checkpoint of your own for the "
    "same backbone can be compared too: it is seen by you alone, and goes with your visit."
)
DISENTANGLED_INFO = (
    "What the features would miss without a pathway, frame by frame, as a share of their length; and "
    "how each pathway spreads its attention over the frames."
)
BY_LAYER_INFO = (
    "What the answer would be if the features were taken behind each layer, matched as the settings say. Nothing was "
    "trained to be read there: an early layer that is wrong is not at fault. A column leads to its layer on the stage."
)
LAYERS_INFO = (
    "The points of all moments over the middle frame, layer by layer: larger with more attention, fainter the more "
    "of what they read lies outside the clip, hollow where all of it does; a colour for each group. Most of each "
    "arrow is the same whatever the clip shows; below each picture stands how much of them is this clip's."
)
MANY_INFO = (
    "A clip whose file is named after an action, or lies in a folder of a .zip that is, counts as a test: the "
    "page then says how many are right."
)
FILM_INFO = (
    "A long file is gone through in windows, and the page says which action is where, or nothing where nothing "
    "matches: the score that it takes is learnt from the examples."
)
# What an event of the page may change, and what a view may: names of the parts below.
PAGE = (
    "stage", "margins", "answer", "matched", "queries", "cards", "picker", "lesson", "tabs", "matching", "centre",
    "added", "asked", "intake",
)  # fmt: skip
VIEWS = ("compare_with", "matrices", "decided", "outcomes", "compared", "pathways", "by_layer", "layers")
STYLES = (
    "base", "bar", "cards", "stage", "live", "answer", "lessons", "views", "honest", "compare", "intake", "phone",
    "present",
)  # fmt: skip
_HERE = Path(__file__).parent


@cache
def scripts() -> str:
    """The page's own scripts, as a part of its head; the first of them makes what the others add to."""
    files = sorted(_HERE.glob("js/*.js"), key=lambda file: (file.stem != "wire", file.name))
    return "<script>\n" + "\n".join(file.read_text(encoding="utf-8") for file in files) + "</script>"


def styles() -> list[Path]:
    """The page's style sheets, in order: what is for all widths before what is for some."""
    return [_HERE / "css" / f"{name}.css" for name in STYLES]


def lay_out(handlers: Handlers, watch: Callable, limits: VisitLimits = STANDARD) -> dict[str, Any]:
    """The page's components by the names that the handlers give them; watch: what a camera's pictures are told to."""
    workspace, model = Workspace(Recognizer(handlers.model)), handlers.model
    parts: dict[str, Any] = {"wire": gr.HTML("", js_on_load="d2st.connect(trigger, upload);", elem_id="wire")}
    with gr.Row(elem_id="bar"):
        gr.HTML(page.header(model), elem_id="top")
        parts["picker"] = gr.HTML(
            page.picker(list(handlers.sets.values()), next(iter(handlers.sets), OWN)), elem_id="picker"
        )
        gr.HTML(page.menu(model), elem_id="menu")
    parts["lesson"] = gr.HTML("", js_on_load="d2st.lessons.mount(element);", elem_id="lesson")
    parts["intake"] = gr.HTML(js_on_load="d2st.intake.connect(element, trigger);", elem_id="intake")
    parts["visit"] = gr.HTML("", js_on_load="d2st.visit.connect(trigger);", elem_id="visit")
    parts["secret"] = gr.Textbox(visible=False)  # what this tab keeps; it is never shown
    with gr.Row(elem_id="columns"):
        with gr.Column(elem_id="examples", min_width=0):
            parts |= examples_column(limits)
        with gr.Column(elem_id="middle", min_width=0):
            parts |= stage_column(model, watch)
        with gr.Column(elem_id="right", min_width=0):
            parts |= answer_column(workspace)
    return parts | tabs(model, limits)


def examples_column(limits: VisitLimits) -> dict[str, Any]:
    with gr.Row(elem_id="examples-top"):
        gr.HTML(f"<h2>Examples</h2>{cards.fold()}")
        save = gr.Button("Save", size="sm", min_width=0, elem_id="save-session")
        load = gr.UploadButton("Load", size="sm", min_width=0, file_types=[".npz"], elem_id="load-session")
    parts = {
        "save": save,
        "load": load,
        "cards": gr.HTML(page.PREPARED, js_on_load="d2st.files.watchCards(element);", elem_id="cards"),
        "new": gr.HTML(cards.new(limits.letters), elem_id="new"),
        "added": gr.HTML(elem_id="examples-note"),
        "saved": gr.DownloadButton("Download", elem_id="saved-session", visible="hidden"),
    }
    gr.HTML(intake.ways_in(limits))
    forget = "Delete all that is kept of you here, at once; without it, that is done an hour after you have left"
    gr.HTML(pieces.local("forget-everything", "Forget everything", title=forget), elem_id="forget")
    return parts


def stage_column(model: Model, watch: Callable) -> dict[str, Any]:
    """The stage is made once: a script puts a frame into it, and sends it what to show."""
    parts: dict[str, Any] = {
        "stage": gr.HTML(
            None,
            html_template='<div class="frame"></div>',
            js_on_load="d2st.stage.mount(element, props, watch);",
            page=explorer.page(),
            elem_id="stage",
        )
    }
    parts["margins"] = gr.HTML(
        None, html_template="", js_on_load="d2st.stage.decided(props, watch);", elem_id="margins"
    )
    gr.HTML(
        html_template=live.stage(model),
        js_on_load="d2st.live.mount(element, server.watch);",
        server_functions=[watch],
        elem_id="live",
    )
    gr.HTML(stage.tools(), js_on_load="d2st.part.mount(element);", elem_id="tools")
    parts["asked"] = gr.HTML(elem_id="query-note")
    parts["queries"] = gr.HTML(elem_id="queries")
    return parts


def answer_column(workspace: Workspace) -> dict[str, Any]:
    gr.HTML(live.answer(), elem_id="live-answer")
    parts: dict[str, Any] = {
        "answer": gr.HTML(page.PREPARED, elem_id="answer"),
        "matched": gr.HTML(elem_id="matched"),
        "figure": gr.HTML(page.figure(), js_on_load="d2st.figure(element, trigger);", elem_id="figure"),
        "drawn": gr.DownloadButton("Figure", elem_id="drawn-figure", visible="hidden"),
    }
    rows = matchings.MATCHINGS.values()
    with gr.Accordion("Settings", open=False, elem_id="settings"):
        parts["matching"] = gr.Radio(
            [(row.title, row.name) for row in rows],
            value=workspace.recognizer.matching,
            label="Matching",
            info=" ".join(f"{row.title}: {row.sentence}" for row in rows),
        )
        parts["centre"] = gr.Checkbox(workspace.recognizer.centre, label="Centre", info=CENTRE_INFO)
    return parts


def many_queries() -> dict[str, Any]:
    parts: dict[str, Any] = {}
    gr.HTML(f"<p class='quiet'>{MANY_INFO}</p>")
    parts["many_files"] = gr.File(
        label="Clips, or a .zip with a folder for each action", file_count="multiple", height=120, elem_id="many-clips"
    )
    parts["answer_all"] = gr.Button("Answer them all", elem_id="answer-all")
    parts["many"] = gr.HTML(elem_id="many-answers")
    parts["report"] = gr.DownloadButton("Download the report", visible=False, elem_id="report")
    return parts


def long_file(limits: VisitLimits) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    gr.HTML(f"<h2>A long file</h2><p class='quiet'>{FILM_INFO}</p>")
    parts["film"] = gr.File(label=f"A video of at most {limits.film_seconds:g} s", height=120, elem_id="long-file")
    parts["window"] = gr.Slider(1, 5, 2, step=0.5, label="Seconds of a window", elem_id="window")
    parts["find"] = gr.Button("Find the actions in it", elem_id="find-actions")
    parts["time_line"] = gr.HTML(elem_id="time-line")
    return parts


def tabs(model: Model, limits: VisitLimits) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    with gr.Tabs(elem_id="inside", overflow_behavior="wrap") as parts["tabs"]:
        with gr.Tab("Matching", id=lessons.MATCHING) as parts["tab matching"]:
            gr.HTML(views.about(MATRIX_INFO, "matching"))
            parts["compare_with"] = gr.Dropdown([], label="Example to compare with", elem_id="compare-with")
            parts["matrices"] = gr.HTML(views.NOTHING, js_on_load="d2st.lookInside(element);", elem_id="matrices")
            parts["decided"] = gr.HTML(elem_id="decided")
        with gr.Tab("What if", id=lessons.WHAT_IF) as parts["tab what-if"]:
            gr.HTML(views.about(WHAT_IF_INFO, "what-if"))
            parts["ask_again"] = gr.Button("Ask again under every change", elem_id="ask-again")
            parts["outcomes"] = gr.HTML(elem_id="outcomes")
        with gr.Tab("Compare", id=lessons.COMPARE) as parts["tab compare"]:
            gr.HTML(views.about(COMPARE_INFO, "compare"))
            with gr.Row(elem_id="compare-ways"):
                parts["compare_adapters"] = gr.Button("Compare", min_width=120, elem_id="compare-adapters")
                parts["checkpoint"] = gr.File(
                    label="A checkpoint of your own (.safetensors), if you like", file_types=[".safetensors"],
                    height=120, min_width=240, elem_id="checkpoint",
                )  # fmt: skip
            parts["compared"] = gr.HTML(elem_id="compared")
        with gr.Tab("Disentangled", id=lessons.DISENTANGLED) as parts["tab disentangled"]:
            gr.HTML(views.about(DISENTANGLED_INFO, "disentangled"))
            parts["pathways"] = gr.HTML(views.NOTHING, elem_id="pathways")
        with gr.Tab("Across layers", id=lessons.LAYERS) as parts["tab layers"]:
            gr.HTML(views.about(BY_LAYER_INFO, "by-layer"))
            parts["ask_layers"] = gr.Button("Answer layer by layer", elem_id="ask-layers")
            parts["by_layer"] = gr.HTML(elem_id="by-layer")
            gr.HTML(views.about(LAYERS_INFO, "layers"))
            parts["layers"] = gr.HTML(views.NOTHING, elem_id="layers")
        with gr.Tab("Many queries"):
            parts |= many_queries() | long_file(limits)
    return parts
