"""What the tabs below the stage show: each view is drawn only while it is open. Nothing here knows Gradio."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from d2st.demo import events, figures, lessons, many, storage
from d2st.demo.html import pieces, report, views
from d2st.demo.workspace import Visit, Workspace
from d2st.errors import D2STError
from d2st.explain.distances import frame_distances
from d2st.explain.what_if import what_if

UNEXPECTED = "Something went wrong here, and it is not your fault. It is written down in the server's log; try again."
SHOWN_IN = {  # the part that each view is shown in
    lessons.MATCHING: "matrices",
    lessons.WHAT_IF: "outcomes",
    lessons.DISENTANGLED: "pathways",
    lessons.LAYERS: "layers",
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


class Looking:
    """The views, by the tabs that they are opened with."""

    def __init__(self) -> None:
        self.views: dict[str, Callable[[Workspace], Changed]] = {
            lessons.MATCHING: self.matching,
            lessons.WHAT_IF: lambda workspace: {},
            lessons.DISENTANGLED: self.disentangled,
            lessons.LAYERS: self.layers,
        }

    def look(self, visit: Visit) -> Changed:
        """The open view for the workspace as it is now; the others are empty until they are opened."""
        empty = {
            "compare_with": Update(choices=[]),
            "matrices": views.NOTHING,
            "outcomes": "",
            "pathways": views.NOTHING,
            "layers": views.NOTHING,
        }
        return empty | self.view(visit)

    def select(self, tab: str, visit: Visit) -> Changed:
        """A view was opened."""
        visit.tab = tab
        return self.view(visit)

    def view(self, visit: Visit) -> Changed:
        try:
            return self.views[visit.tab](visit.workspace)
        except D2STError as error:
            return {SHOWN_IN[visit.tab]: pieces.sentences([str(error)])}
        except Exception:
            log.exception("a view")
            return {SHOWN_IN[visit.tab]: pieces.sentences([UNEXPECTED])}

    def matching(self, workspace: Workspace) -> Changed:
        examples, found = workspace.examples(), workspace.prediction
        names = [name for name, clip in examples.items() if found and clip is found.nearest]
        nearest = names[0] if names else None
        return {
            "compare_with": Update(choices=list(examples), value=nearest),
            "matrices": self.matrices(workspace, nearest),
        }

    def compare(self, visit: Visit, name: str | None) -> Changed:
        try:
            return {"matrices": self.matrices(visit.workspace, name)}
        except D2STError as error:
            return {"matrices": pieces.sentences([str(error)])}
        except Exception:
            log.exception("a comparison")
            return {"matrices": pieces.sentences([UNEXPECTED])}

    def matrices(self, workspace: Workspace, name: str | None) -> str:
        example = workspace.examples().get(name or "")
        if not workspace.query or example is None:
            return views.NOTHING
        other, query = (workspace.recognizer.features(clip) for clip in (example, workspace.query))
        pairs = [frame_distances(other, query, centred) for centred in (False, True)]
        return views.matrices(pairs, workspace.query, example)

    def disentangled(self, workspace: Workspace) -> Changed:
        if not workspace.query or not workspace.encoding:
            return {"pathways": views.NOTHING}
        return {"pathways": views.disentangled(workspace.query, workspace.encoding)}

    def layers(self, workspace: Workspace) -> Changed:
        if not workspace.query or not workspace.encoding:
            return {"layers": views.NOTHING}
        return {"layers": views.across_layers(workspace.query, workspace.encoding.traces)}

    # What takes longer shows its progress: `progress` wraps what is gone through, as tqdm does.

    def what_if(self, visit: Visit, progress=iter) -> Changed:
        before = visit.workspace.prediction
        if not before:
            return {"outcomes": views.NOTHING}
        try:
            outcomes = what_if(visit.workspace.recognizer, before.query, progress)
            return {"outcomes": views.what_if(before, outcomes)}
        except D2STError as error:
            return {"outcomes": pieces.sentences([str(error)])}
        except Exception:
            log.exception("what if")
            return {"outcomes": pieces.sentences([UNEXPECTED])}

    def figure(self, visit: Visit, data: Any) -> Changed:
        """A figure of the query for print; `drawn` is its file, or nothing."""

        def told(sentence: str) -> Changed:
            return {"asked": pieces.sentences([sentence]), "drawn": None}

        try:
            return {"asked": "", "drawn": str(figures.drawn(visit, events.parse(data)))}
        except D2STError as error:
            return told(str(error))
        except OSError as error:
            log.exception("a figure")
            return told(storage.sentence(error))
        except Exception:
            log.exception("a figure")
            return told(UNEXPECTED)

    def answer_many(self, visit: Visit, files: list[str] | None, progress=iter) -> Changed:
        def told(sentence: str) -> Changed:
            return {"many": pieces.sentences([sentence]), "report": Update(visible=False)}

        if not files:
            return told("There are no queries yet. Drop clips, or a .zip with a folder for each action.")
        if len(visit.workspace.recognizer.support) < 2:
            return told("It takes examples of two actions first.")
        recognizer = visit.workspace.recognizer
        try:
            answers = many.answer_all(recognizer, files, progress, visit.limits)
        except D2STError as error:
            return told(str(error))
        except Exception:
            log.exception("many queries")
            return told(UNEXPECTED)
        visit.answered = tuple(files)
        shown = report.answered(answers, list(recognizer.support))
        try:
            file = visit.new_file("report.html")
            file.write_text(report.report(answers, recognizer), encoding="utf-8")
        except OSError as error:
            log.exception("a report")
            return {"many": pieces.sentences([storage.sentence(error)]) + shown, "report": Update(visible=False)}
        return {
            "many": shown,
            "report": Update(value=str(file), visible=True),
        }
