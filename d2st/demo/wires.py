"""Which handler answers which component."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import gradio as gr
from anyio import to_thread
from gradio.context import LocalContext

from d2st.demo import events, live
from d2st.demo.entrance import Caller, Entrance, caller_of_function, check_uploads
from d2st.demo.handlers import Handlers
from d2st.demo.html import live as html
from d2st.demo.looking import Changed, Update
from d2st.demo.parts import PAGE, VIEWS
from d2st.demo.turns import Refused, Stopped
from d2st.demo.workspace import Visit
from d2st.errors import D2STError

PRIVATE: dict[str, Any] = dict(api_visibility="private")


class Wires:
    """Connects the parts of a page with its handlers."""

    def __init__(self, parts: dict[str, Any], handlers: Handlers, entrance: Entrance):
        self.parts, self.handlers, self.entrance = parts, handlers, entrance
        self.settings = [parts["matching"], parts["centre"]]
        self.everything, self.inside = [parts[name] for name in PAGE], [parts[name] for name in VIEWS]

    def handled(self, kind: str, method, quiet: bool = False, secret: str | None = None):
        """A handler's method as Gradio calls it, as a request of a kind; secret: of a tab whose page arrives."""

        def answer(visit: Visit, *inputs: Any) -> Any:
            return self.as_components(visit, method(visit, *inputs))

        return self.entrance.on_page(kind, answer, quiet, secret)

    def as_components(self, visit: Visit, changed: Changed) -> Any:
        """What changed, but for what the page shows already: pictures are sent once."""
        new = {
            self.parts[name]: as_gradio(value)
            for name, value in changed.items()
            if not isinstance(self.parts[name], gr.HTML) or visit.is_news(name, value)
        }
        return new or gr.skip()

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
        """Draw the open view again, where it was in sight yet."""

        def look(visit: Visit) -> Changed:
            return self.handlers.look(visit) if visit.looks_inside else {}

        method = self.handled("look", look, quiet=True)
        return trigger(method, None, self.inside, show_progress="hidden", **PRIVATE)

    def connect(self, blocks: gr.Blocks) -> None:
        self.connect_page()
        self.connect_views()
        self.connect_files()
        self.connect_sets()
        self.connect_arrival(blocks)

    def connect_page(self) -> None:
        """All that the page's own buttons and scripts ask for comes through one wire; see `events`."""

        def press(matching, centre, event: gr.EventData):
            data = event._data
            files = events.files_of(data)
            try:
                check_uploads(files)
            except D2STError as error:
                gr.Warning(str(error))
                return gr.skip()
            method = self.handled(
                events.kind_of(data), lambda visit, *_: self.handlers.press(visit, matching, centre, data)
            )
            return method(files)

        self.answers(self.parts["wire"].click, None, press, self.settings)
        for setting in self.settings:
            self.answers(setting.input, "look", self.handlers.match, self.settings)

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
            preprocess=False,  # unchecked by Gradio, which may have forgotten what there is to choose from
            **PRIVATE,
        )

        def ask_again(visit):
            return handlers.what_if(visit, partial(gr.Progress().tqdm, desc="Asking again", unit="clips"))

        def compare_adapters(visit, file):
            return handlers.compare_adapters(visit, file, partial(gr.Progress().tqdm, desc="Comparing", unit="clips"))

        parts["compare_adapters"].click(
            self.handled("compare", compare_adapters), [parts["checkpoint"]], [parts["compared"]], **PRIVATE
        )

        def ask_layers(visit):
            return handlers.ask_layers(visit, partial(gr.Progress().tqdm, desc="Layer by layer", unit="clips"))

        parts["ask_layers"].click(self.handled("what if", ask_layers), None, parts["by_layer"], **PRIVATE)
        parts["ask_again"].click(self.handled("what if", ask_again), None, parts["outcomes"], **PRIVATE)

    def connect_files(self) -> None:
        parts, handlers = self.parts, self.handlers
        self.answers(parts["load"].upload, "session", handlers.load, [parts["load"]])
        saved = parts["save"].click(
            self.handled("look", handlers.save), None, [parts["added"], parts["saved"]], **PRIVATE
        )
        saved.then(None, js="() => document.querySelector('#saved-session').click()", **PRIVATE)

        def draw(event: gr.EventData):
            return self.handled("look", lambda visit: handlers.figure(visit, event._data))()

        drawn = parts["figure"].click(draw, None, [parts["asked"], parts["drawn"]], **PRIVATE)
        drawn.then(
            None,
            [parts["drawn"]],
            js="file => { if (file) document.querySelector('#drawn-figure').click(); }",
            **PRIVATE,
        )

        def answer_all(visit, files):
            return handlers.answer_many(visit, files, partial(gr.Progress().tqdm, desc="Queries", unit="clips"))

        parts["answer_all"].click(
            self.handled("many", answer_all), [parts["many_files"]], [parts["many"], parts["report"]], **PRIVATE
        )

        def find(visit, file, window):
            return handlers.scan(visit, file, window, partial(gr.Progress().tqdm, desc="Windows", unit="windows"))

        parts["find"].click(
            self.handled("scan", find), [parts["film"], parts["window"]], [parts["time_line"]], **PRIVATE
        )

    def connect_sets(self) -> None:
        """A whole set is read, and everything is forgotten."""
        parts = self.parts

        def take(event: gr.EventData):
            progress = partial(gr.Progress().tqdm, desc="Reading", unit="clips")
            return self.handled("add", lambda visit: self.handlers.take(visit, event._data, progress))()

        taken = parts["intake"].submit(take, None, self.everything, show_progress_on=[parts["intake"]], **PRIVATE)
        self.look(taken.then)
        forgotten = parts["visit"].submit(self.entrance.forget, None, None, show_progress="hidden", **PRIVATE)
        forgotten.then(None, js="() => d2st.visit.forgotten()", **PRIVATE)

    def connect_arrival(self, blocks: gr.Blocks) -> None:
        """The page opens on an answer; where the example sets are not computed yet, it waits for them."""

        def arrive(matching, centre, secret, request: gr.Request):
            self.handlers.warm_up()
            lesson, step = (request.query_params.get(name) for name in ("lesson", "step"))
            return self.handled("ask", self.handlers.arrive, secret=secret)(matching, centre, lesson, step)

        arrived = blocks.load(
            arrive,
            [*self.settings, self.parts["secret"]],
            self.everything,
            show_progress="hidden",
            js="(matching, centre) => d2st.visit.arrive(matching, centre)",
            **PRIVATE,
        )
        self.look(arrived.then)


def watching(entrance: Entrance) -> Callable[[Any], Awaitable[str]]:
    """The function that Live's script calls with each of the camera's pictures, past Gradio's queue: with every event
    of that, the whole page is gone through in the browser, which takes as long as the network does."""

    def answer(data: Any, who: Caller) -> str:
        try:
            with entrance.admitted(events.kind_of(data), who=who) as visit:
                return live.watch(visit, data)
        except (Refused, Stopped) as error:
            return html.problem(data, str(error))

    async def watch(data: Any) -> str:
        blocks: Any = LocalContext.blocks.get()
        return await to_thread.run_sync(answer, data, await caller_of_function(), limiter=blocks.limiter)

    return watch


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
