"""The page: Gradio components, and which handler answers which of them."""

from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from d2st import matching as matchings
from d2st.demo import events, lessons
from d2st.demo.device import on_lent_device
from d2st.demo.endpoints import add_endpoints
from d2st.demo.examples import EXAMPLES, find_examples
from d2st.demo.faults import Page
from d2st.demo.handlers import Handlers, Update
from d2st.demo.html import page, views
from d2st.demo.workspace import OWN, Workspace
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
    state_session_capacity=200,
    enable_monitoring=False,
)
MODEL: dict[str, Any] = dict(concurrency_id="model", concurrency_limit=1)  # one at a time: they share the device
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
    "start", "end", "state", "lesson", "tabs", "matching", "centre", "picker", "cards", "name", "files", "added",
    "video", "asked", "queries", "answer", "matched",
)  # fmt: skip


def build(model: Model, examples: Path = EXAMPLES) -> gr.Blocks:
    """The page for a model, ready to `launch(**LAUNCH)`; example sets are looked for in `examples`."""
    model = on_lent_device(model)
    handlers = Handlers(model, find_examples(examples))
    gr.set_static_paths(examples)  # shown from where they lie: a copy of each would need room on the disk
    with Page(
        title="D²ST-Adapter: few-shot action recognition", analytics_enabled=False, delete_cache=(HOUR, 6 * HOUR)
    ) as blocks:
        parts = lay_out(handlers)
        Wires(parts, handlers).connect(blocks)
        add_endpoints(model, MODEL)
    return blocks.queue(max_size=64, default_concurrency_limit=4)


def lay_out(handlers: Handlers) -> dict[str, Any]:
    """The page's components by the names that the handlers give them."""
    listen: dict[str, Any] = dict(js_on_load=events.LISTEN)
    workspace, model = Workspace(handlers.reader), handlers.model
    parts: dict[str, Any] = {"state": gr.State(None, time_to_live=6 * HOUR)}
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
        "video": gr.Video(
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

    def __init__(self, parts: dict[str, Any], handlers: Handlers):
        self.parts, self.handlers = parts, handlers
        self.state = parts["state"]
        self.settings = [parts["matching"], parts["centre"]]
        self.everything, self.inside = [parts[name] for name in PAGE], [parts[name] for name in VIEWS]

    def handled(self, method):
        """A handler's method as Gradio calls it."""
        return lambda *inputs: self.as_components(method(*inputs))

    def as_components(self, changed: dict[str, Any]) -> dict:
        return {self.parts[name]: as_gradio(value) for name, value in changed.items()}

    def answers(self, trigger, act, inputs, mode="multiple") -> None:  # who clicks fast loses no click
        """Something was done that may change the answer, and with it the open view."""
        done = trigger(
            act,
            [self.state, *inputs],
            self.everything,
            show_progress="minimal",
            show_progress_on=[self.parts["answer"]],
            trigger_mode=mode,
            **MODEL,
            **PRIVATE,
        )
        self.look(done.then)

    def look(self, trigger):
        method = self.handled(self.handlers.look)
        return trigger(method, self.state, self.inside, show_progress="hidden", **MODEL, **PRIVATE)

    def connect(self, blocks: gr.Blocks) -> None:
        self.connect_columns()
        self.connect_views()
        self.connect_files()
        self.connect_arrival(blocks)

    def connect_columns(self) -> None:
        parts, handlers, video = self.parts, self.handlers, self.parts["video"]
        for trigger in (parts["add"].click, parts["name"].submit):
            self.answers(trigger, self.handled(handlers.add), [parts["name"], parts["files"]])
        self.answers(parts["add_query"].click, self.handled(handlers.add_query), [parts["name"]])
        for trigger in (video.upload, video.stop_recording, video.clear):
            self.answers(trigger, self.handled(handlers.ask), [video])
        ends = [parts["start"], parts["end"]]
        for end in ends:
            self.answers(end.input, self.handled(handlers.ask_part), ends, mode="always_last")
        for setting in self.settings:
            self.answers(setting.input, self.handled(handlers.match), self.settings)

        def press(visit, matching, centre, event: gr.EventData):
            return self.as_components(handlers.press(visit, matching, centre, event._data))

        for name in ("lesson", "picker", "cards", "queries"):
            self.answers(parts[name].click, press, self.settings)

    def connect_views(self) -> None:
        parts, handlers = self.parts, self.handlers
        for tab in handlers.views:
            parts[f"tab {tab}"].select(
                self.handled(partial(handlers.select, tab)),
                self.state,
                [self.state, *self.inside],
                show_progress="hidden",
                **MODEL,
                **PRIVATE,
            )
        chosen = parts["compare_with"]
        chosen.input(handlers.compare, [self.state, chosen], parts["matrices"], show_progress="hidden", **PRIVATE)

        def ask_again(visit, progress=gr.Progress()):  # noqa: B008 (this is how Gradio is asked for one)
            return handlers.what_if(visit, partial(progress.tqdm, desc="Asking again", unit="changes"))

        parts["ask_again"].click(ask_again, self.state, parts["outcomes"], **MODEL, **PRIVATE)

    def connect_files(self) -> None:
        parts, handlers = self.parts, self.handlers
        self.answers(parts["load"].upload, self.handled(handlers.load), [parts["load"]])
        saved = parts["save"].click(
            self.handled(handlers.save), self.state, [self.state, parts["added"], parts["saved"]], **PRIVATE
        )
        saved.then(None, js="() => document.querySelector('#saved-session').click()", **PRIVATE)

        def answer_all(visit, files, progress=gr.Progress()):  # noqa: B008
            tqdm = partial(progress.tqdm, desc="Queries", unit="clips")
            return self.as_components(handlers.answer_many(visit, files, tqdm))

        parts["answer_all"].click(
            answer_all, [self.state, parts["many_files"]], [parts["many"], parts["report"]], **MODEL, **PRIVATE
        )

    def connect_arrival(self, blocks: gr.Blocks) -> None:
        """The first visitor's page computes the example sets, so that a click finds them ready."""

        def arrive(visit, matching, centre, request: gr.Request):
            lesson = request.query_params.get("lesson")
            return self.as_components(self.handlers.arrive(visit, matching, centre, lesson))

        arrived = blocks.load(
            arrive, [self.state, *self.settings], self.everything, show_progress="hidden", **MODEL, **PRIVATE
        )
        warm = self.look(arrived.then)
        for name in self.handlers.sets:
            warm = warm.then(partial(self.handlers.warm_up, name), show_progress="hidden", **MODEL, **PRIVATE)


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
