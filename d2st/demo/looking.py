"""What the tabs below the stage show: each view is drawn only while it is open. Nothing here knows Gradio."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from d2st.demo import events, figures, films, lessons, many, storage
from d2st.demo.html import compare as compared_html
from d2st.demo.html import decided as decided_views
from d2st.demo.html import pieces, report, time_line, views
from d2st.demo.html.by_layer import by_layer as by_layer_view
from d2st.demo.others import Others
from d2st.demo.workspace import Visit, Workspace
from d2st.errors import D2STError
from d2st.explain.by_layer import layer_by_layer
from d2st.explain.compare import compare, contenders
from d2st.explain.decided import decided, shots
from d2st.explain.distances import frame_distances
from d2st.explain.usual import own_of_all
from d2st.explain.what_if import what_if
from d2st.models.model import Model
from d2st.video import Clip

UNEXPECTED = "Something went wrong here, and it is not your fault. It is written down in the server's log; try again."
SHOWN_IN = {  # the part that each view is shown in
    lessons.MATCHING: "matrices",
    lessons.WHAT_IF: "outcomes",
    lessons.COMPARE: "compared",
    lessons.DISENTANGLED: "pathways",
    lessons.LAYERS: "layers",
}
EMPTY = {  # what the parts show before anything is drawn in them
    "matrices": views.NOTHING,
    "decided": "",
    "outcomes": "",
    "compared": "",
    "pathways": views.NOTHING,
    "by_layer": "",
    "layers": views.NOTHING,
}
Changed = dict[str, Any]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Update:
    """A change of a part beyond its value; what is None stays as it is."""

    value: Any = None
    visible: bool | None = None
    choices: list[str] | None = None
    selected: str | None = None


def attempted(act: Callable[[], Changed | None], told: Callable[[str], Changed]) -> Changed:
    """What has changed; where it failed, what `told` makes of a sentence that says why."""
    try:
        return act() or {}
    except D2STError as error:
        return told(str(error))
    except OSError as error:
        log.exception("a file on the page")
        return told(storage.sentence(error))
    except Exception:
        log.exception("on the page")
        return told(UNEXPECTED)


def at(part: str) -> Callable[[str], Changed]:
    """A sentence, told in a part of the page."""
    return lambda sentence: {part: pieces.sentences([sentence])}


class Looking:
    """The views, by the tabs that they are opened with."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.others = Others(model)
        self.views: dict[str, Callable[[Workspace], Changed]] = {
            lessons.MATCHING: self.matching,
            lessons.WHAT_IF: self.outcomes,
            lessons.COMPARE: self.compared,
            lessons.DISENTANGLED: self.disentangled,
            lessons.LAYERS: self.layers,
        }

    def look(self, visit: Visit) -> Changed:
        """The open view for the workspace as it is now; the others are empty until they are opened."""
        return EMPTY | self.view(visit)

    def select(self, tab: str, visit: Visit) -> Changed:
        """A view was opened."""
        visit.tab, visit.looks_inside = tab, True
        return self.view(visit)

    def view(self, visit: Visit) -> Changed:
        return attempted(lambda: self.views[visit.tab](visit.workspace), at(SHOWN_IN[visit.tab]))

    def matching(self, workspace: Workspace) -> Changed:
        examples, found = workspace.examples(), workspace.prediction
        names = [name for name, clip in examples.items() if found and clip is found.nearest]
        nearest = names[0] if names else None
        return {
            "compare_with": Update(choices=list(examples), value=nearest),
            "matrices": self.matrices(workspace, nearest),
            "decided": self.decided(workspace),
        }

    def decided(self, workspace: Workspace) -> str:
        """What the margin rests on: frames of the query, and examples."""
        found = workspace.prediction
        if not found:
            return ""
        rests_on = decided(workspace.recognizer, found.query)
        return decided_views.frames(rests_on, found.query) + decided_views.shots(
            shots(workspace.recognizer, found.query), found.query, found.label
        )

    def compare(self, visit: Visit, name: str | None) -> Changed:
        return attempted(lambda: {"matrices": self.matrices(visit.workspace, name)}, at("matrices"))

    def matrices(self, workspace: Workspace, name: str | None) -> str:
        example = workspace.examples().get(name or "")
        if not workspace.query or example is None:
            return views.NOTHING
        recognizer = workspace.recognizer
        other, query = (recognizer.features(clip) for clip in (example, workspace.query))
        how = recognizer.model.frames, recognizer.model.weights
        pairs = [frame_distances(other, query, centred, *how) for centred in (False, True)]
        return views.matrices(pairs, workspace.query, example)

    def disentangled(self, workspace: Workspace) -> Changed:
        if not workspace.query or not workspace.encoding:
            return {"pathways": views.NOTHING}
        return {"pathways": views.disentangled(workspace.query, workspace.encoding)}

    def layers(self, workspace: Workspace) -> Changed:
        if not workspace.query or not workspace.encoding:
            return {"layers": views.NOTHING}
        traces = workspace.encoding.traces
        own = own_of_all(traces, workspace.recognizer.model.usual)
        drawn = {"layers": views.across_layers(workspace.query, traces, own)}
        if workspace.prediction and workspace.known_by_layer:
            drawn["by_layer"] = self.drawn_by_layer(workspace, workspace.query)
        return drawn

    def drawn_by_layer(self, workspace: Workspace, query: Clip, progress=iter) -> str:
        return by_layer_view(layer_by_layer(workspace.recognizer, query, workspace.by_layer, progress), query)

    # What takes longer shows its progress: `progress` wraps what is gone through, as tqdm does.

    def what_if(self, visit: Visit, progress=iter) -> Changed:
        workspace, before = visit.workspace, visit.workspace.prediction
        if not before:
            return {"outcomes": views.NOTHING}

        def act() -> Changed:
            outcomes = what_if(workspace.recognizer, before.query, progress)
            if workspace.prediction is before:
                workspace.outcomes = outcomes
            return {"outcomes": views.what_if(before, outcomes)}

        return attempted(act, at("outcomes"))

    def outcomes(self, workspace: Workspace) -> Changed:
        before = workspace.prediction
        return {"outcomes": views.what_if(before, workspace.outcomes) if before and workspace.outcomes else ""}

    def figure(self, visit: Visit, data: Any) -> Changed:
        """A figure of the query for print; `drawn` is its file, or nothing."""

        def act() -> Changed:
            return {"asked": "", "drawn": str(figures.drawn(visit, events.parse(data)))}

        return attempted(act, lambda sentence: at("asked")(sentence) | {"drawn": None})

    def compare_adapters(self, visit: Visit, file: str | None, progress=iter) -> Changed:
        """The query under all adapters that there are here, and those in a checkpoint's file."""
        workspace = visit.workspace
        if not workspace.prediction:
            return {"compared": views.NOTHING}
        query = workspace.prediction.query

        def act() -> Changed:
            among = contenders(self.model, self.others.along(), self.dropped(visit, file))
            workspace.compared = compare(workspace.recognizer, query, among, progress)
            return self.compared(workspace)

        return attempted(act, at("compared"))

    def dropped(self, visit: Visit, file: str | None) -> Model | None:
        """The adapters in a visitor's file, which they alone see; read once."""
        if not file:
            visit.dropped = None
        elif not visit.dropped or visit.dropped[0] != file:
            visit.dropped = None
            visit.dropped = file, self.others.dropped(file)
        return visit.dropped[1] if visit.dropped else None

    def compared(self, workspace: Workspace) -> Changed:
        return {"compared": compared_html.table(workspace) if workspace.compared else ""}

    def ask_layers(self, visit: Visit, progress=iter) -> Changed:
        found = visit.workspace.prediction
        if not found:
            return {"by_layer": views.NOTHING}
        return attempted(
            lambda: {"by_layer": self.drawn_by_layer(visit.workspace, found.query, progress)}, at("by_layer")
        )

    def answer_many(self, visit: Visit, files: list[str] | None, progress=iter) -> Changed:
        def told(sentence: str) -> Changed:
            return at("many")(sentence) | {"report": Update(visible=False)}

        recognizer = visit.workspace.recognizer
        if not files:
            return told("There are no queries yet. Drop clips, or a .zip with a folder for each action.")
        if len(recognizer.support) < 2:
            return told("It takes examples of two actions first.")

        def act() -> Changed:
            answers = many.answer_all(recognizer, files, progress, visit.limits)
            visit.answered = tuple(files)
            shown = report.answered(answers, list(recognizer.support))
            written = attempted(lambda: self.reported(visit, answers), told)
            return written | {"many": written.get("many", "") + shown}

        return attempted(act, told)

    def scan(self, visit: Visit, file: str | None, window: float, progress=iter) -> Changed:
        """Which action is where in a long file."""

        def act() -> Changed:
            recognizer = visit.workspace.recognizer
            return {"time_line": time_line.found(films.scanned(recognizer, file, window, visit.limits, progress))}

        return attempted(act, at("time_line"))

    def reported(self, visit: Visit, answers: list[many.Answer]) -> Changed:
        """A file with the answers to many queries."""
        file = visit.new_file("report.html")
        file.write_text(report.report(answers, visit.workspace.recognizer), encoding="utf-8")
        return {"report": Update(value=str(file), visible=True)}
