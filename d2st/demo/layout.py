"""The page: Gradio components and how they are wired. What happens is in `visit`, what it looks like in `page`."""

import logging
from functools import cache, partial
from html import escape
from pathlib import Path

import gradio as gr

from d2st.demo import endpoints as api
from d2st.demo import lessons
from d2st.demo import many as batch
from d2st.demo import workspace_file as session
from d2st.demo.html import page, views
from d2st.demo.lessons import LESSONS
from d2st.demo.workspace import EXAMPLES, OWN, Bench, Visit, find_examples, spoken
from d2st.errors import D2STError
from d2st.explain.what_if import what_if
from d2st.models.model import Model
from d2st.recognizer import Recognizer

HOUR = 3600
LAUNCH = dict(  # Gradio takes these when the page starts, not when it is built
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
    allowed_paths=[str(EXAMPLES)],
    max_file_size="200mb",
    state_session_capacity=200,
    enable_monitoring=False,
)
MODEL = dict(concurrency_id="model", concurrency_limit=1)  # one at a time: they share the device
PRIVATE = dict(api_visibility="private")
UNEXPECTED = "Something went wrong here, and it is not your fault. It is written down in the server's log; try again."

MATCHING_NAMES = [("Bi-MHM", "bi-mhm"), ("OTAM", "otam"), ("Frame to frame", "frame-to-frame")]
MATCHING_INFO = (
    "Bi-MHM: each frame goes to its nearest. OTAM: frames keep their order. Frame to frame: first to first and so on."
)
CENTRE_INFO = "Subtract a clip's mean over time from its features, so that what changes decides."
MATRIX_INFO = (
    "How far each frame of the query is from each frame of an example: 1 − cosine of their features, "
    "from 0 (alike) to 2. A score is minus a sum of such distances; the matchings differ in which they "
    "take."
)
WHAT_IF_INFO = (
    "The same query once more: played backwards, shuffled, frozen, mirrored, and with parts of the network "
    "switched off. What flips the answer is what the answer hangs on."
)
DISENTANGLED_INFO = (
    "What the features would miss without a pathway, frame by frame, as a share of their length; and "
    "how each pathway spreads its attention over the frames."
)
LAYERS_INFO = (
    "The points of all moments over the middle frame, layer by layer: larger with more attention, hollow "
    "outside the clip, a colour for each group."
)
MANY_INFO = (
    "A clip whose file is named after an action, or lies in a folder of a .zip that is, counts as a test: the "
    "page then says how many are right."
)

log = logging.getLogger(__name__)


def build(model: Model, examples: Path = EXAMPLES) -> gr.Blocks:
    """The page for a model, ready to `launch(**LAUNCH)`; example sets are looked for in `examples`."""
    sets = {found.name: found for found in find_examples(examples)}
    reader = Recognizer(model)
    covers = [(found, reader.read(str(found.queries[0]))) for found in sets.values()]

    @cache
    def prepare(name: str) -> Recognizer:
        return sets[name].prepare(model)

    @cache
    def query_clips(name: str) -> list:
        return [reader.read(str(path)) for path in sets[name].queries] if name in sets else []

    def warm_up(name: str) -> None:
        prepare(name)
        query_clips(name)

    with gr.Blocks(
        title="D²ST-Adapter: few-shot action recognition", analytics_enabled=False, delete_cache=(HOUR, 6 * HOUR)
    ) as blocks:
        state = gr.State(None, time_to_live=6 * HOUR)
        gr.HTML(page.header(model))
        lesson_box = gr.HTML(page.lesson(None), js_on_load=page.DO, elem_id="lesson")
        picker = gr.HTML(page.picker(covers, OWN), js_on_load=page.DO, elem_id="picker")
        with gr.Row(elem_id="columns"):
            with gr.Column(scale=1, min_width=300):
                gr.HTML("<h2>1 · Examples</h2>")
                cards = gr.HTML(page.cards(Bench(reader)), js_on_load=page.DO, elem_id="cards")
                with gr.Group(elem_classes="add"):
                    name_box = gr.Textbox(label="Action", placeholder="wave", max_length=60, elem_id="action-name")
                    file_box = gr.File(label="Its clips", file_count="multiple", height=130, elem_id="clips")
                    with gr.Row(elem_classes="ways"):
                        add = gr.Button("Add", min_width=80)
                        add_query = gr.Button("Add the query clip", min_width=160)
                added = gr.HTML(elem_id="examples-note")
                with gr.Row():
                    save_button = gr.Button("Save session", size="sm", elem_id="save-session")
                    load_button = gr.UploadButton(
                        "Load session", size="sm", file_types=[".npz"], elem_id="load-session"
                    )
                saved = gr.DownloadButton("Download", elem_id="saved-session", visible="hidden")
            with gr.Column(scale=2, min_width=300):
                with gr.Row():
                    with gr.Column(min_width=300):
                        gr.HTML("<h2>2 · Query</h2>")
                        video_box = gr.Video(
                            label="Query clip",
                            sources=["upload", "webcam"],
                            height=300,
                            buttons=[],
                            webcam_options=gr.WebcamOptions(mirror=False),
                            elem_id="query",
                        )
                        asked = gr.HTML(elem_id="query-note")
                        with gr.Row(elem_id="part"):
                            ends = [
                                gr.Slider(0, 1, 0, step=0.05, label=label, min_width=120, visible=False)
                                for label in ("From second", "To second")
                            ]
                        queries = gr.HTML(js_on_load=page.DO, elem_id="queries")
                    with gr.Column(min_width=300):
                        gr.HTML("<h2>3 · Answer</h2>")
                        answer = gr.HTML(page.answer(Bench(reader), model), elem_id="answer")
                        with gr.Accordion("Settings", open=False):
                            matching_box = gr.Radio(
                                MATCHING_NAMES, value=reader.matching, label="Matching", info=MATCHING_INFO
                            )
                            centre_box = gr.Checkbox(reader.centre, label="Centre", info=CENTRE_INFO)
                matched = gr.HTML(elem_id="matched")
                with gr.Accordion("Many queries at once", open=False, elem_id="many"):
                    gr.HTML(f"<p class='quiet'>{MANY_INFO}</p>")
                    many_box = gr.File(
                        label="Clips, or a .zip with a folder for each action",
                        file_count="multiple",
                        height=120,
                        elem_id="many-clips",
                    )
                    many_button = gr.Button("Answer them all", elem_id="answer-all")
                    many = gr.HTML(elem_id="many-answers")
                    report = gr.DownloadButton("Download the report", visible=False, elem_id="report")
        gr.HTML("<h2>Look inside</h2>")
        with gr.Tabs(elem_id="inside") as tabs:
            with gr.Tab("Sampling points", id=lessons.POINTS):
                look = gr.HTML(page.look(Bench(reader), model), elem_id="look")
            with gr.Tab("Matching", id=lessons.MATCHING):
                gr.HTML(views.about(MATRIX_INFO, "matching"))
                example_box = gr.Dropdown([], label="Example to compare with", elem_id="compare-with")
                matrices = gr.HTML(views.NOTHING, elem_id="matrices")
            with gr.Tab("What if", id=lessons.WHAT_IF):
                gr.HTML(views.about(WHAT_IF_INFO, "what-if"))
                what_if_button = gr.Button("Ask again under every change", elem_id="ask-again")
                outcomes = gr.HTML(elem_id="outcomes")
            with gr.Tab("Disentangled", id=lessons.DISENTANGLED):
                gr.HTML(views.about(DISENTANGLED_INFO, "disentangled"))
                pathways = gr.HTML(views.NOTHING, elem_id="pathways")
            with gr.Tab("Across layers", id=lessons.LAYERS):
                gr.HTML(views.about(LAYERS_INFO, "layers"))
                layers = gr.HTML(views.NOTHING, elem_id="layers")

        inside = [look, example_box, matrices, outcomes, pathways, layers]
        everything = [
            *ends,
            state,
            lesson_box,
            tabs,
            matching_box,
            centre_box,
            picker,
            cards,
            name_box,
            file_box,
            added,
            video_box,
            asked,
            queries,
            answer,
            matched,
        ]

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
            length = round(bench.query.duration, 2) if bench.video else 1
            part = {
                end: gr.Slider(maximum=length, value=at, visible=bool(bench.video)) for end, at in zip(ends, bench.part)
            }
            return part | {
                state: visit,
                cards: page.cards(bench),
                answer: page.answer(bench, model),
                queries: page.queries(sets.get(visit.current), query_clips(visit.current), bench.video),
                matched: page.alignment(bench),
                added: "",
                asked: "",
                **changed,
            }

        def on_add(visit, name, files):
            def act(visit):
                count, said = visit.bench.add(name, files or [])
                return {added: page.sentences(said), **({name_box: "", file_box: None} if count else {})}

            return attempt(visit, act, added)

        def on_add_query(visit, name):
            def act(visit):
                visit.bench.add_query(name)
                return {name_box: "", video_box: None}

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
                    case "lesson":
                        return teach(visit, data["lesson"], int(data["step"]), matching, centre)
                    case "close-lesson":
                        return {lesson_box: page.lesson(None)}
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

        def teach(visit, name, step, matching, centre):
            told = LESSONS[name].steps[step]
            path = next(path for path in sets[LESSONS[name].bench].queries if spoken(path) == told.query)
            changed = (
                open_bench(visit, LESSONS[name].bench, matching, centre)
                if step == 0 or (visit.current != LESSONS[name].bench)
                else {}
            )
            if visit.bench.video != str(path):
                visit.bench.ask(str(path))
            return changed | {
                video_box: str(path),
                lesson_box: page.lesson(name, step),
                tabs: gr.Tabs(selected=told.tab),
            }

        def on_arrival(visit, matching, centre, request: gr.Request):
            name = request.query_params.get("lesson")
            return (
                attempt(visit, lambda visit: teach(visit, name, 0, matching, centre), added)
                if name in LESSONS
                else {state: visit}
            )

        def on_save(visit):
            visit = visit or Visit(model)
            file = Path(visit.folder.name, "session.npz")
            session.save(visit.bench, file)
            return {state: visit, saved: str(file)}

        def on_load(visit, file):
            def act(visit):
                bench = session.load(file, model)
                visit.benches[OWN], visit.current = bench, OWN
                recognizer = bench.recognizer
                return {
                    picker: page.picker(covers, OWN),
                    video_box: None,
                    matching_box: recognizer.matching,
                    centre_box: recognizer.centre,
                }

            return attempt(visit, act, added)

        def on_many(visit, files, progress=gr.Progress()):
            def told(sentence):
                return {many: page.sentences([sentence]), report: gr.DownloadButton(visible=False)}

            if not files:
                return told("There are no queries yet. Drop clips, or a .zip with a folder for each action.")
            if not visit or len(visit.bench.recognizer.support) < 2:
                return told("It takes examples of two actions first.")
            recognizer, folder = visit.bench.recognizer, visit.folder.name
            try:
                answers = batch.answer_all(
                    recognizer, batch.unpacked(files, folder), partial(progress.tqdm, desc="Queries", unit="clips")
                )
            except D2STError as error:
                return told(str(error))
            except Exception:
                log.exception("many queries")
                return told(UNEXPECTED)
            file = Path(folder, "report.html")
            file.write_text(batch.report(answers, recognizer), encoding="utf-8")
            shown = (
                f"<p>{escape(batch.summary(answers))}</p>"
                + batch.confusion(answers, list(recognizer.support))
                + batch.table(answers)
            )
            return {many: shown, report: gr.DownloadButton(value=str(file), visible=True)}

        def on_query(visit, path):
            def act(visit):
                if path:
                    visit.bench.ask(path)
                else:
                    visit.bench.forget_query()

            return attempt(visit, act, asked)

        def on_part(visit, start, end):
            changed = attempt(visit, lambda visit: visit.bench.ask(visit.bench.video, (start, end)), asked)
            return {part: value for part, value in changed.items() if part not in ends}  # a hand may still be on them

        def on_settings(visit, matching, centre):
            return attempt(visit, lambda visit: visit.bench.match(matching, centre), added)

        def on_look(visit):
            bench = visit.bench if visit else Bench(reader)
            examples = bench.examples()
            nearest = bench.prediction and next(
                name for name, clip in examples.items() if clip is bench.prediction.nearest
            )
            return {
                look: page.look(bench, model),
                outcomes: "",
                example_box: gr.Dropdown(list(examples), value=nearest),
                matrices: views.matrices(bench, nearest),
                pathways: views.disentangled(bench),
                layers: views.across_layers(bench),
            }

        def on_compare(visit, name):
            return views.matrices(visit.bench, name) if visit else views.NOTHING

        def on_what_if(visit, progress=gr.Progress()):
            if not (visit and visit.bench.prediction):
                return views.NOTHING
            bench = visit.bench
            try:
                changed = what_if(
                    bench.recognizer, bench.query, partial(progress.tqdm, desc="Asking again", unit="changes")
                )
            except Exception:
                log.exception("what if")
                return page.sentences([UNEXPECTED])
            return views.what_if(bench.prediction, changed)

        def answers(trigger, fn, inputs, mode="multiple"):  # who clicks fast loses no click
            done = trigger(
                fn,
                [state, *inputs],
                everything,
                show_progress="minimal",
                show_progress_on=[answer],
                trigger_mode=mode,
                **MODEL,
                **PRIVATE,
            )
            done.then(on_look, state, inside, show_progress="hidden", **MODEL, **PRIVATE)

        for trigger in (add.click, name_box.submit):
            answers(trigger, on_add, [name_box, file_box])
        answers(add_query.click, on_add_query, [name_box])
        for html in (lesson_box, picker, cards, queries):
            answers(html.click, on_press, [matching_box, centre_box])
        for trigger in (video_box.upload, video_box.stop_recording, video_box.clear):
            answers(trigger, on_query, [video_box])
        for end in ends:
            answers(end.input, on_part, ends, mode="always_last")
        answers(load_button.upload, on_load, [load_button])
        for setting in (matching_box, centre_box):
            answers(setting.input, on_settings, [matching_box, centre_box])

        example_box.input(on_compare, [state, example_box], matrices, show_progress="hidden", **PRIVATE)
        what_if_button.click(on_what_if, state, outcomes, **MODEL, **PRIVATE)

        many_button.click(on_many, [state, many_box], [many, report], **MODEL, **PRIVATE)
        save_button.click(on_save, state, [state, saved], **PRIVATE).then(
            None, js="() => document.querySelector('#saved-session').click()", **PRIVATE
        )

        api.add_endpoints(model, MODEL)
        # The first visitor's page computes the example sets, so that a click finds them ready.
        warm = blocks.load(
            on_arrival, [state, matching_box, centre_box], everything, show_progress="hidden", **MODEL, **PRIVATE
        ).then(on_look, state, inside, show_progress="hidden", **MODEL, **PRIVATE)
        for found in sets:
            warm = warm.then(partial(warm_up, found), show_progress="hidden", **MODEL, **PRIVATE)
    return blocks.queue(max_size=64, default_concurrency_limit=4)
