"""The page: Gradio components, and which handler answers which of them."""

import os
import weakref
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from d2st import matching as matchings
from d2st.demo import events, lessons
from d2st.demo.device import on_lent_device
from d2st.demo.endpoints import add_endpoints
from d2st.demo.entrance import Entrance, forget
from d2st.demo.examples import EXAMPLES, find_examples
from d2st.demo.faults import Page
from d2st.demo.handlers import Handlers, Update
from d2st.demo.housekeeping import Housekeeping
from d2st.demo.html import page, views
from d2st.demo.limits import STANDARD, VisitLimits
from d2st.demo.player import Player
from d2st.demo.turns import Turns, shared
from d2st.demo.visitors import Visitors
from d2st.demo.workspace import OWN, Visit, Workspace
from d2st.models.fallback import sturdy
from d2st.models.model import Model

HOUR = 3600
LAUNCH: dict[str, Any] = dict(  # Gradio takes these when the page starts, not when it is built
    theme=gr.themes.Default(
        primary_hue="indigo",
        neutral_hue="slate",
        radius_size="lg",
        font=(gr.themes.LocalFont("IBM Plex Sans", (400, 700)), "system-ui", "sans-serif"),
    ).set(body_text_color_subdued="*neutral_500", block_info_text_color="*neutral_500"),  # else too pale to read
    css_paths=Path(__file__).with_name("page.css"),
    footer_links=["api"],
    run_history=False,
    ssr_mode=False,
    max_file_size="200mb",
    max_threads=64,  # more than the requests that may wait, so that others can be told so
    state_session_capacity=200,  # Gradio's notes on who has which page; what visitors have is kept by `Visitors`
    enable_monitoring=False,
)
PRIVATE: dict[str, Any] = dict(api_visibility="private")

CENTRE_INFO = "Subtract a clip's mean over time from its features, so that what changes decides."
MATRIX_INFO = (
    "How far each frame of the query is from each frame of an example: 1 − cosine of their features, "
    "from 0 (alike) to 2. A score is minus a sum of such distances; the matchings differ in which they take."
)
WHAT_IF_INFO = (
    "The same query once more: played backwards, shuffled, frozen, mirrored, and with parts of the network "
    "switched off. What flips the answer is what the answer hangs on. Where the network changes, the examples are "
    "computed again from the pictures that the page keeps of them."
)
DISENTANGLED_INFO = (
    "What the features would miss without a pathway, frame by frame, as a share of their length; and "
    "how each pathway spreads its attention over the frames."
)
LAYERS_INFO = (
    "The points of all moments over the middle frame, layer by layer: larger with more attention, fainter the more "
    "of what they read lies outside the clip, hollow where all of it does; a colour for each group."
)
MANY_INFO = (
    "A clip whose file is named after an action, or lies in a folder of a .zip that is, counts as a test: the "
    "page then says how many are right."
)
VIEWS = ("look", "compare_with", "matrices", "outcomes", "pathways", "layers")
PAGE = (
    "start", "end", "lesson", "tabs", "matching", "centre", "picker", "cards", "name", "files", "added",
    "video", "asked", "queries", "answer", "matched",
)  # fmt: skip


@dataclass(frozen=True)
class House:
    """What stands behind the page, for whoever runs it: `page.launch(**LAUNCH)` starts it."""

    page: gr.Blocks
    turns: Turns
    visitors: Visitors


def build(model: Model, examples: Path = EXAMPLES) -> gr.Blocks:
    """The page for a model, ready to `launch(**LAUNCH)`; example sets are looked for in `examples`."""
    return build_house(model, examples).page


def build_house(model: Model, examples: Path = EXAMPLES, limits: VisitLimits = STANDARD) -> House:
    """As `build`, with the limits that visitors have."""
    turns = Turns(limits)
    model = shared(on_lent_device(sturdy(model)), turns)
    handlers = Handlers(model, find_examples(examples))
    gr.set_static_paths(examples)  # shown from where they lie: a copy of each would need room on the disk
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")  # 10,000 else, and all are gone through each time
    with Page(
        title="D²ST-Adapter: few-shot action recognition", analytics_enabled=False, delete_cache=(HOUR, 6 * HOUR)
    ) as blocks:
        visitors = Visitors(lambda: Visit(model, limits, get_upload_folder()), limits, forget(blocks))
        entrance = Entrance(turns, visitors, Housekeeping(visitors, turns, Path(get_upload_folder())).wake)
        parts = lay_out(handlers)
        Wires(parts, handlers, entrance).connect(blocks)
        add_endpoints(model, entrance)
        blocks.unload(entrance.leave)
    # Turns bound what runs, and who waits: nothing waits here but what cannot be refused yet.
    blocks.queue(api_open=False, max_size=256, default_concurrency_limit=None)
    weakref.finalize(blocks, visitors.close)
    return House(blocks, turns, visitors)


def lay_out(handlers: Handlers) -> dict[str, Any]:
    """The page's components by the names that the handlers give them."""
    listen: dict[str, Any] = dict(js_on_load=events.LISTEN)
    workspace, model = Workspace(handlers.reader), handlers.model
    parts: dict[str, Any] = {}
    gr.HTML(page.header(model))
    parts["lesson"] = gr.HTML(page.lesson(None), elem_id="lesson", **listen)
    parts["picker"] = gr.HTML(page.picker(handlers.covers, OWN), elem_id="picker", **listen)
    with gr.Row(elem_id="columns"):
        with gr.Column(scale=1, min_width=300):
            parts |= examples_column(workspace, listen)
        with gr.Column(scale=2, min_width=300):
            with gr.Row():
                with gr.Column(min_width=300):
                    parts |= query_column(listen)
                with gr.Column(min_width=300):
                    parts |= answer_column(workspace, model)
            parts["matched"] = gr.HTML(elem_id="matched")
            parts |= many_queries()
    gr.HTML("<h2>Look inside</h2>")
    return parts | look_inside(workspace, model)


def examples_column(workspace: Workspace, listen: dict) -> dict[str, Any]:
    gr.HTML("<h2>1 · Examples</h2>")
    parts: dict[str, Any] = {"cards": gr.HTML(page.cards(workspace), elem_id="cards", **listen)}
    with gr.Group(elem_classes="add"):
        parts["name"] = gr.Textbox(label="Action", placeholder="wave", max_length=60, elem_id="action-name")
        parts["files"] = gr.File(label="Its clips", file_count="multiple", height=130, elem_id="clips")
        with gr.Row(elem_classes="ways"):
            parts["add"] = gr.Button("Add", min_width=80)
            parts["add_query"] = gr.Button("Add the query clip", min_width=160)
    parts["added"] = gr.HTML(elem_id="examples-note")
    with gr.Row():
        parts["save"] = gr.Button("Save session", size="sm", elem_id="save-session")
        parts["load"] = gr.UploadButton("Load session", size="sm", file_types=[".npz"], elem_id="load-session")
    parts["saved"] = gr.DownloadButton("Download", elem_id="saved-session", visible="hidden")
    return parts


def query_column(listen: dict) -> dict[str, Any]:
    gr.HTML("<h2>2 · Query</h2>")
    parts: dict[str, Any] = {
        "video": Player(
            label="Query clip",
            sources=["upload", "webcam"],
            height=300,
            buttons=[],
            webcam_options=gr.WebcamOptions(mirror=False),
            elem_id="query",
        ),
        "asked": gr.HTML(elem_id="query-note"),
    }
    with gr.Row(elem_id="part"):
        for name, label in (("start", "From second"), ("end", "To second")):
            parts[name] = gr.Slider(0, 1, 0, step=0.05, label=label, min_width=120, visible=False)
    parts["queries"] = gr.HTML(elem_id="queries", **listen)
    return parts


def answer_column(workspace: Workspace, model: Model) -> dict[str, Any]:
    gr.HTML("<h2>3 · Answer</h2>")
    parts: dict[str, Any] = {"answer": gr.HTML(page.answer(workspace, model), elem_id="answer")}
    rows = matchings.MATCHINGS.values()
    with gr.Accordion("Settings", open=False):
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
    with gr.Accordion("Many queries at once", open=False, elem_id="many"):
        gr.HTML(f"<p class='quiet'>{MANY_INFO}</p>")
        parts["many_files"] = gr.File(
            label="Clips, or a .zip with a folder for each action",
            file_count="multiple",
            height=120,
            elem_id="many-clips",
        )
        parts["answer_all"] = gr.Button("Answer them all", elem_id="answer-all")
        parts["many"] = gr.HTML(elem_id="many-answers")
        parts["report"] = gr.DownloadButton("Download the report", visible=False, elem_id="report")
    return parts


def look_inside(workspace: Workspace, model: Model) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    with gr.Tabs(elem_id="inside") as parts["tabs"]:
        with gr.Tab("Sampling points", id=lessons.POINTS) as parts["tab points"]:
            parts["look"] = gr.HTML(page.look(workspace, model), elem_id="look")
        with gr.Tab("Matching", id=lessons.MATCHING) as parts["tab matching"]:
            gr.HTML(views.about(MATRIX_INFO, "matching"))
            parts["compare_with"] = gr.Dropdown([], label="Example to compare with", elem_id="compare-with")
            parts["matrices"] = gr.HTML(views.NOTHING, elem_id="matrices")
        with gr.Tab("What if", id=lessons.WHAT_IF) as parts["tab what-if"]:
            gr.HTML(views.about(WHAT_IF_INFO, "what-if"))
            parts["ask_again"] = gr.Button("Ask again under every change", elem_id="ask-again")
            parts["outcomes"] = gr.HTML(elem_id="outcomes")
        with gr.Tab("Disentangled", id=lessons.DISENTANGLED) as parts["tab disentangled"]:
            gr.HTML(views.about(DISENTANGLED_INFO, "disentangled"))
            parts["pathways"] = gr.HTML(views.NOTHING, elem_id="pathways")
        with gr.Tab("Across layers", id=lessons.LAYERS) as parts["tab layers"]:
            gr.HTML(views.about(LAYERS_INFO, "layers"))
            parts["layers"] = gr.HTML(views.NOTHING, elem_id="layers")
    return parts


class Wires:
    """Which handler answers which component."""

    def __init__(self, parts: dict[str, Any], handlers: Handlers, entrance: Entrance):
        self.parts, self.handlers, self.entrance = parts, handlers, entrance
        self.settings = [parts["matching"], parts["centre"]]
        self.everything, self.inside = [parts[name] for name in PAGE], [parts[name] for name in VIEWS]

    def handled(self, kind: str, method, quiet: bool = False):
        """A handler's method as Gradio calls it, as a request of a kind."""
        return self.entrance.on_page(kind, lambda visit, *inputs: self.as_components(method(visit, *inputs)), quiet)

    def as_components(self, changed: Any) -> Any:
        if not isinstance(changed, dict):
            return changed
        shown = {self.parts[name]: as_gradio(value) for name, value in changed.items()}
        return shown or gr.skip()

    def answers(self, trigger, kind, method, inputs, mode="multiple", **more) -> None:  # who clicks fast loses no click
        """Something was done that may change the answer, and with it the open view."""
        act = method if kind is None else self.handled(kind, method)
        done = trigger(
            act,
            inputs,
            self.everything,
            show_progress="minimal",
            show_progress_on=[self.parts["answer"]],
            trigger_mode=mode,
            **PRIVATE,
            **more,
        )
        self.look(done.then)

    def look(self, trigger):
        method = self.handled("look", self.handlers.look, quiet=True)
        return trigger(method, None, self.inside, show_progress="hidden", **PRIVATE)

    def connect(self, blocks: gr.Blocks) -> None:
        self.connect_columns()
        self.connect_views()
        self.connect_files()
        self.connect_arrival(blocks)

    def connect_columns(self) -> None:
        parts, handlers, video = self.parts, self.handlers, self.parts["video"]
        for trigger in (parts["add"].click, parts["name"].submit):
            self.answers(trigger, "add", handlers.add, [parts["name"], parts["files"]])
        self.answers(parts["add_query"].click, "ask", handlers.add_query, [parts["name"]])
        for trigger in (video.upload, video.stop_recording, video.clear):
            self.answers(trigger, "ask", handlers.ask, [video])
        ends = [parts["start"], parts["end"]]
        for end in ends:  # unchecked by Gradio, which may have forgotten how long the clip is
            self.answers(end.input, "ask", handlers.ask_part, ends, mode="always_last", preprocess=False)
        for setting in self.settings:
            self.answers(setting.input, "look", handlers.match, self.settings)

        def press(matching, centre, event: gr.EventData):
            return self.handled("ask", handlers.press)(matching, centre, event._data)

        for name in ("lesson", "picker", "cards", "queries"):
            self.answers(parts[name].click, None, press, self.settings)

    def connect_views(self) -> None:
        parts, handlers = self.parts, self.handlers
        for tab in handlers.views:
            parts[f"tab {tab}"].select(
                self.handled("look", lambda visit, tab=tab: handlers.select(tab, visit)),
                None,
                self.inside,
                show_progress="hidden",
                **PRIVATE,
            )
        chosen = parts["compare_with"]
        chosen.input(
            self.handled("look", handlers.compare),
            [chosen],
            parts["matrices"],
            show_progress="hidden",
            preprocess=False,  # as above: Gradio may have forgotten what there is to choose from
            **PRIVATE,
        )

        def ask_again(visit):
            return handlers.what_if(visit, partial(gr.Progress().tqdm, desc="Asking again", unit="clips"))

        parts["ask_again"].click(self.handled("what if", ask_again), None, parts["outcomes"], **PRIVATE)

    def connect_files(self) -> None:
        parts, handlers = self.parts, self.handlers
        self.answers(parts["load"].upload, "session", handlers.load, [parts["load"]])
        saved = parts["save"].click(
            self.handled("look", handlers.save), None, [parts["added"], parts["saved"]], **PRIVATE
        )
        saved.then(None, js="() => document.querySelector('#saved-session').click()", **PRIVATE)

        def answer_all(visit, files):
            return handlers.answer_many(visit, files, partial(gr.Progress().tqdm, desc="Queries", unit="clips"))

        parts["answer_all"].click(
            self.handled("many", answer_all), [parts["many_files"]], [parts["many"], parts["report"]], **PRIVATE
        )

    def connect_arrival(self, blocks: gr.Blocks) -> None:
        """The first visitor's page has the example sets computed, so that a click finds them ready."""

        def arrive(matching, centre, request: gr.Request):
            self.handlers.warm_up()
            lesson = request.query_params.get("lesson")
            return self.handled("ask", self.handlers.arrive)(matching, centre, lesson)

        arrived = blocks.load(arrive, self.settings, self.everything, show_progress="hidden", **PRIVATE)
        self.look(arrived.then)


def as_gradio(value: Any) -> Any:
    """What a handler says of a part, as its component takes it."""
    if not isinstance(value, Update):
        return value
    if value.selected is not None:
        return gr.Tabs(selected=value.selected)
    said = {name: each for name, each in vars(value).items() if each is not None}
    if value.choices is not None:
        said["value"] = value.value  # none of the choices is a value too
    return gr.update(**said)
