"""The page: Gradio components and how they are wired. What happens is in `visit`, what it looks like in `page`."""

import logging
from functools import cache, partial
from pathlib import Path

import gradio as gr
import numpy as np

from d2st import api, page
from d2st.errors import D2STError
from d2st.recognizer import Recognizer
from d2st.trace import PATHWAYS
from d2st.visit import EXAMPLES, OWN, Bench, Visit, find_examples
from d2st.zoo import Model

HOUR = 3600
LAUNCH = dict(  # Gradio takes these when the page starts, not when it is built
    theme=gr.themes.Default(primary_hue="indigo", neutral_hue="slate", radius_size="lg",
                            font=(gr.themes.LocalFont("IBM Plex Sans", (400, 700)), "system-ui", "sans-serif")).set(
        body_text_color_subdued="*neutral_500", block_info_text_color="*neutral_500"),  # else too pale to read
    css_paths=Path(__file__).with_name("page.css"), footer_links=["api"], run_history=False, ssr_mode=False,
    allowed_paths=[str(EXAMPLES)], max_file_size="200mb", state_session_capacity=200, enable_monitoring=False,
)
MODEL = dict(concurrency_id="model", concurrency_limit=1)  # one at a time: they share the device
PRIVATE = dict(api_visibility="private")
UNEXPECTED = "Something went wrong here, and it is not your fault. It is written down in the server's log; try again."

MATCHING_NAMES = [("Bi-MHM", "bi-mhm"), ("OTAM", "otam"), ("Frame to frame", "frame-to-frame")]
MATCHING_INFO = ("Bi-MHM: each frame goes to its nearest. OTAM: frames keep their order. "
                 "Frame to frame: first to first and so on.")
CENTRE_INFO = "Subtract a clip's mean over time from its features, so that what changes decides."

log = logging.getLogger(__name__)


def build(model: Model, examples: Path = EXAMPLES) -> gr.Blocks:
    """The page for a model, ready to `launch(**LAUNCH)`; example sets are looked for in `examples`."""
    sets = {found.name: found for found in find_examples(examples)}
    reader = Recognizer(model)
    covers = [(found, reader.read(str(found.queries[0]))) for found in sets.values()]
    _, blank = model.encode(np.zeros((model.frames, model.image, model.image, 3), np.uint8), trace=True)
    layers = list(dict.fromkeys(trace.layer for trace in blank))
    telling = max(blank, key=lambda trace: (len(trace.reference), layers.index(trace.layer)), default=None)

    @cache
    def prepare(name: str) -> Recognizer:
        return sets[name].prepare(model)

    @cache
    def query_clips(name: str) -> list:
        return [reader.read(str(path)) for path in sets[name].queries] if name in sets else []

    def warm_up(name: str) -> None:
        prepare(name)
        query_clips(name)

    with gr.Blocks(title="D²ST-Adapter: few-shot action recognition", analytics_enabled=False,
                   delete_cache=(HOUR, 6 * HOUR)) as blocks:
        state = gr.State(None, time_to_live=6 * HOUR)
        gr.HTML(page.header(model))
        picker = gr.HTML(page.picker(covers, OWN), js_on_load=page.DO, elem_id="picker")
        with gr.Row(elem_id="columns"):
            with gr.Column(scale=1, min_width=300):
                gr.HTML("<h2>1 · Examples</h2>")
                cards = gr.HTML(page.cards(Bench(reader)), js_on_load=page.DO, elem_id="cards")
                with gr.Group(elem_classes="add"):
                    name_box = gr.Textbox(label="Action", placeholder="wave", max_length=60, elem_id="action-name")
                    file_box = gr.File(label="Its clips", file_count="multiple", height=130, elem_id="clips")
                    add = gr.Button("Add", elem_id="add-clips")
                added = gr.HTML(elem_id="examples-note")
            with gr.Column(scale=2, min_width=300):
                with gr.Row():
                    with gr.Column(min_width=300):
                        gr.HTML("<h2>2 · Query</h2>")
                        video_box = gr.Video(label="Query clip", sources=["upload", "webcam"], height=300, buttons=[],
                                             webcam_options=gr.WebcamOptions(mirror=False), elem_id="query")
                        asked = gr.HTML(elem_id="query-note")
                        queries = gr.HTML(js_on_load=page.DO, elem_id="queries")
                    with gr.Column(min_width=300):
                        gr.HTML("<h2>3 · Answer</h2>")
                        answer = gr.HTML(page.answer(Bench(reader), model), elem_id="answer")
                        with gr.Accordion("Settings", open=False):
                            matching_box = gr.Radio(MATCHING_NAMES, value=reader.matching, label="Matching",
                                                    info=MATCHING_INFO)
                            centre_box = gr.Checkbox(reader.centre, label="Centre", info=CENTRE_INFO)
                matched = gr.HTML(elem_id="matched")
        gr.HTML("<h2>Look inside</h2>")
        with gr.Row(visible=telling is not None, elem_id="choose"):
            pathway_box = gr.Radio(list(PATHWAYS), value=PATHWAYS[0], label="Pathway")
            layer_box = gr.Dropdown(layers, value=telling and telling.layer, label="Layer")
            group_box = gr.Dropdown(_groups(telling), value="all", label="Group")
        look = gr.HTML(page.look(Bench(reader), model, None, None), elem_id="look")

        everything = [state, picker, cards, name_box, file_box, added, video_box, asked, queries, answer, matched]
        chosen = [state, pathway_box, layer_box, group_box]

        def attempt(visit, act, note):
            """Do something on a visitor's page: the components that changed, and a sentence where it failed."""
            visit = visit or Visit(model)
            try:
                changed = act(visit) or {}
            except D2STError as error:
                changed = {note: page.sentences([str(error)])}
            except Exception:
                log.exception("on the page")
                changed = {note: page.sentences([UNEXPECTED])}
            bench = visit.bench
            return {state: visit, cards: page.cards(bench), answer: page.answer(bench, model),
                    queries: page.queries(sets.get(visit.current), query_clips(visit.current), bench.video),
                    matched: page.alignment(bench), added: "", asked: "", **changed}

        def on_add(visit, name, files):
            def act(visit):
                count, said = visit.bench.add(name, files or [])
                return {added: page.sentences(said), **({name_box: "", file_box: None} if count else {})}
            return attempt(visit, act, added)

        def on_press(visit, matching, centre, event: gr.EventData):
            def act(visit):
                data, bench = event._data, visit.bench
                match data["do"]:
                    case "open":
                        return open_bench(visit, data["bench"], matching, centre)
                    case "query":
                        path = sets[visit.current].queries[int(data["index"])]
                        bench.ask(str(path))
                        return {video_box: str(path)}
                    case "more":
                        return {name_box: data["action"]}
                    case "remove":
                        bench.remove(data["action"])
                    case "remove-clip":
                        bench.remove(data["action"], data["digest"])
            return attempt(visit, act, added)

        def open_bench(visit, wanted, matching, centre):
            bench = visit.open(wanted, prepare(wanted) if wanted in sets else None)
            bench.match(matching, centre)
            if wanted in sets and not bench.query:
                bench.ask(str(sets[wanted].queries[0]))
            shown = bench.video and Path(bench.video).exists()  # uploads are deleted after a while
            return {picker: page.picker(covers, wanted), video_box: bench.video if shown else None}

        def on_query(visit, path):
            def act(visit):
                if path:
                    visit.bench.ask(path)
                else:
                    visit.bench.forget_query()
            return attempt(visit, act, asked)

        def on_settings(visit, matching, centre):
            return attempt(visit, lambda visit: visit.bench.match(matching, centre), added)

        def on_look(visit, pathway, layer, group):
            bench = visit.bench if visit else Bench(reader)
            trace = next((t for t in bench.traces if (t.layer, t.pathway) == (layer, pathway)), None)
            groups = _groups(trace or telling)
            group = group if group in groups else "all"
            return {group_box: gr.Dropdown(groups, value=group),
                    look: page.look(bench, model, trace, None if group == "all" else int(group) - 1)}

        def answers(trigger, fn, inputs):
            done = trigger(fn, [state, *inputs], everything, show_progress="minimal", show_progress_on=[answer],
                           trigger_mode="multiple", **MODEL, **PRIVATE)  # who clicks fast loses no click
            done.then(on_look, chosen, [group_box, look], show_progress="hidden", **PRIVATE)

        for trigger in (add.click, name_box.submit):
            answers(trigger, on_add, [name_box, file_box])
        for html in (picker, cards, queries):
            answers(html.click, on_press, [matching_box, centre_box])
        for trigger in (video_box.upload, video_box.stop_recording, video_box.clear):
            answers(trigger, on_query, [video_box])
        for setting in (matching_box, centre_box):
            answers(setting.input, on_settings, [matching_box, centre_box])
        for choice in (pathway_box, layer_box, group_box):
            choice.input(on_look, chosen, [group_box, look], show_progress="hidden", **PRIVATE)

        api.add_endpoints(model, MODEL)
        # The first visitor's page computes the example sets, so that a click finds them ready.
        warm = blocks.load(lambda: None, show_progress="hidden", **PRIVATE)
        for found in sets:
            warm = warm.then(partial(warm_up, found), show_progress="hidden", **MODEL, **PRIVATE)
    return blocks.queue(max_size=64, default_concurrency_limit=4)


def _groups(trace) -> list[str]:
    return ["all", *map(str, range(1, trace.groups + 1))] if trace else ["all"]
