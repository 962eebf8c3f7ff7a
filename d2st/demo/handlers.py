"""What happens when a visitor does something: plain methods, arguments in, a dict of what changed out.

The keys are names of the page's parts (`layout` knows their components), the values what they show, or
an `Update` where more than that changes. Nothing here knows Gradio.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from d2st.data.folders import spoken
from d2st.demo import events, lessons, many, storage, workspace_file
from d2st.demo.examples import ExampleSet
from d2st.demo.html import page, report, views
from d2st.demo.lessons import LESSONS
from d2st.demo.once import Once
from d2st.demo.workspace import OWN, Visit, Workspace
from d2st.errors import D2STError
from d2st.explain.distances import frame_distances
from d2st.explain.what_if import what_if
from d2st.models.model import Model
from d2st.recognizer import Recognizer
from d2st.video import Clip

UNEXPECTED = "Something went wrong here, and it is not your fault. It is written down in the server's log; try again."

Changed = dict[str, Any]
SHOWN_IN = {  # the part that each view is shown in
    lessons.POINTS: "look",
    lessons.MATCHING: "matrices",
    lessons.WHAT_IF: "outcomes",
    lessons.DISENTANGLED: "pathways",
    lessons.LAYERS: "layers",
}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Update:
    """A change of a part beyond its value; what is None stays as it is."""

    value: Any = None
    visible: bool | None = None
    maximum: float | None = None
    choices: list[str] | None = None
    selected: str | None = None


class Handlers:
    """The answers of one page. All visitors share it; what is theirs is in their `Visit`."""

    def __init__(self, model: Model, sets: list[ExampleSet]):
        self.model = model
        self.sets = {found.name: found for found in sets}
        self.reader = Recognizer(model)
        self.covers = [(found, self.reader.read(str(found.queries[0]))) for found in sets]
        self.prepare = Once(self._prepare)
        self.bundled_queries = Once(self._bundled_queries)
        self.views: dict[str, Callable[[Workspace], Changed]] = {
            lessons.POINTS: self.points,
            lessons.MATCHING: self.matching,
            lessons.WHAT_IF: lambda workspace: {},
            lessons.DISENTANGLED: self.disentangled,
            lessons.LAYERS: self.layers,
        }

    def _prepare(self, name: str) -> Recognizer:
        return self.sets[name].prepare(self.model)

    def _bundled_queries(self, name: str) -> list[Clip]:
        return [self.reader.read(str(path)) for path in self.sets[name].queries] if name in self.sets else []

    def warm_up(self) -> None:
        """Begin to compute the example sets, before anybody opens one."""
        for name in self.sets:
            self.prepare.start(name)
            self.bundled_queries.start(name)

    # Whatever is done on the page ends in `attempt`.

    def attempt(self, visit: Visit, act: Callable[[Visit], Changed | None], note: str) -> Changed:
        """Do something on a visitor's page: what changed, and a sentence at `note` where it failed."""
        try:
            changed = act(visit) or {}
        except D2STError as error:
            changed = {note: page.sentences([str(error)])}
        except OSError as error:
            log.exception("a file on the page")
            changed = {note: page.sentences([storage.sentence(error)])}
        except Exception:
            log.exception("on the page")
            changed = {note: page.sentences([UNEXPECTED])}
        changed = self.shown(visit) | changed
        return self.told_of_loss(visit, changed) if visit.lost else changed

    def told_of_loss(self, visit: Visit, changed: Changed) -> Changed:
        """Say once that a visit before was deleted, and show that nothing is left of it."""
        lost, visit.lost = visit.lost, ""
        gone = {"picker": page.picker(self.covers, visit.current), "video": visit.workspace.playable}
        return gone | changed | {"added": page.sentences([lost]) + changed["added"]}

    def shown(self, visit: Visit) -> Changed:
        """A visitor's page as it is now, but for the views."""
        workspace = visit.workspace
        length = round(workspace.query.duration, 2) if workspace.query and workspace.video else 1
        start, end = workspace.part
        ends = {
            name: Update(value=at, maximum=length, visible=bool(workspace.video))
            for name, at in (("start", start), ("end", end))
        }
        return ends | {
            "cards": page.cards(workspace),
            "answer": page.answer(workspace, self.model),
            "queries": page.queries(self.sets.get(visit.current), self.bundled_queries(visit.current), workspace.video),
            "matched": page.alignment(workspace),
            "added": "",
            "asked": "",
        }

    def arrive(self, visit: Visit, matching: str, centre: bool, lesson: str | None) -> Changed:
        if not lesson:
            return {}
        return self.attempt(visit, lambda visit: self.teach(visit, lesson, 0, matching, centre), "added")

    def press(self, visit: Visit, matching: str, centre: bool, data: Any) -> Changed:
        """A button of the page's HTML was pressed."""

        def act(visit: Visit) -> Changed | None:
            try:
                return self.do(visit, events.parse(data), matching, centre)
            except D2STError:
                log.warning("an event of the page that cannot be done")  # without what it held: it may name people
                raise

        return self.attempt(visit, act, "added")

    def do(self, visit: Visit, event: Any, matching: str, centre: bool) -> Changed | None:
        match event:
            case events.OpenWorkspace(name):
                return self.open(visit, name, matching, centre)
            case events.AskBundled(index):
                path = self.bundled(visit.current, index)
                visit.workspace.ask(path)
                return {"video": path}
            case events.GoToStep(name, step):
                return self.teach(visit, name, step, matching, centre)
            case events.CloseLesson():
                return {"lesson": page.lesson(None)}
            case events.AddMore(action):
                return {"name": action}
            case events.RemoveAction(action):
                visit.workspace.remove(action)
            case events.RemoveClip(action, digest):
                visit.workspace.remove(action, digest)
        return None

    def bundled(self, name: str, index: int) -> str:
        """The file of an example set's query."""
        queries = self.sets[name].queries if name in self.sets else []
        if index >= len(queries):
            raise D2STError("There is no such query in this example set. Reload the page.")
        return str(queries[index])

    def open(self, visit: Visit, name: str, matching: str, centre: bool) -> Changed:
        workspace = visit.open(name, self.prepare(name) if name in self.sets else None)
        workspace.match(matching, centre)
        if name in self.sets and not workspace.query:
            workspace.ask(self.bundled(name, 0))
        return {"picker": page.picker(self.covers, name), "video": workspace.playable}

    def teach(self, visit: Visit, name: str, step: int, matching: str, centre: bool) -> Changed:
        """Show a step of a lesson, on its example set and its query."""
        if name not in LESSONS or step >= len(LESSONS[name].steps):
            raise D2STError("There is no such lesson here. Choose one above.")
        lesson = LESSONS[name]
        told = lesson.steps[step]
        if lesson.workspace not in self.sets:
            raise D2STError("The clips of this lesson did not come along. Choose another one.")
        paths = [str(path) for path in self.sets[lesson.workspace].queries if spoken(path) == told.query]
        changed = {}
        if step == 0 or visit.current != lesson.workspace:
            changed = self.open(visit, lesson.workspace, matching, centre)
        if visit.workspace.video != paths[0]:
            visit.workspace.ask(paths[0])
        visit.tab = told.tab
        return changed | {"video": paths[0], "lesson": page.lesson(name, step), "tabs": Update(selected=told.tab)}

    def add(self, visit: Visit, name: str, files: list[str] | None) -> Changed:
        def act(visit: Visit) -> Changed:
            count, said = visit.workspace.add(name, files or [])
            return {"added": page.sentences(said), **({"name": "", "files": None} if count else {})}

        return self.attempt(visit, act, "added")

    def add_query(self, visit: Visit, name: str) -> Changed:
        def act(visit: Visit) -> Changed:
            visit.workspace.add_query(name)
            return {"name": "", "video": None}

        return self.attempt(visit, act, "added")

    def ask(self, visit: Visit, path: str | None) -> Changed:
        def act(visit: Visit) -> Changed:
            workspace = visit.workspace
            if path:
                workspace.ask(path)
            else:
                workspace.forget_query()
            return {} if workspace.playable or not path else {"video": None}  # a player would show nothing

        return self.attempt(visit, act, "asked")

    def ask_part(self, visit: Visit, start: float, end: float) -> Changed:
        def act(visit: Visit) -> None:
            if visit.workspace.video:
                visit.workspace.ask(visit.workspace.video, (start, end))

        changed = self.attempt(visit, act, "asked")
        return {name: value for name, value in changed.items() if name not in ("start", "end")}  # a hand may be on them

    def match(self, visit: Visit, matching: str, centre: bool) -> Changed:
        return self.attempt(visit, lambda visit: visit.workspace.match(matching, centre), "added")

    def save(self, visit: Visit) -> Changed:
        def act(visit: Visit) -> Changed:
            file = visit.new_file("session.npz")
            workspace_file.save(visit.workspace, file)
            return {"saved": str(file)}

        changed = self.attempt(visit, act, "added")
        return {name: changed[name] for name in ("added", "saved") if name in changed}

    def load(self, visit: Visit, file: str) -> Changed:
        def act(visit: Visit) -> Changed:
            workspace = workspace_file.load(file, self.model)
            workspace.limits = visit.limits
            visit.workspaces[OWN], visit.current = workspace, OWN
            return {
                "picker": page.picker(self.covers, OWN),
                "video": None,
                "matching": workspace.recognizer.matching,
                "centre": workspace.recognizer.centre,
            }

        return self.attempt(visit, act, "added")

    # Views. Each is drawn only while it is open.

    def look(self, visit: Visit) -> Changed:
        """The open view for the workspace as it is now; the others are empty until they are opened."""
        empty = {
            "look": "", "compare_with": Update(choices=[]), "matrices": views.NOTHING, "outcomes": "",
            "pathways": views.NOTHING, "layers": views.NOTHING,
        }  # fmt: skip
        return empty | self.view(visit)

    def select(self, tab: str, visit: Visit) -> Changed:
        """A view was opened."""
        visit.tab = tab
        return self.view(visit)

    def view(self, visit: Visit) -> Changed:
        try:
            return self.views[visit.tab](visit.workspace)
        except D2STError as error:
            return {SHOWN_IN[visit.tab]: page.sentences([str(error)])}
        except Exception:
            log.exception("a view")
            return {SHOWN_IN[visit.tab]: page.sentences([UNEXPECTED])}

    def points(self, workspace: Workspace) -> Changed:
        return {"look": page.look(workspace, self.model)}

    def matching(self, workspace: Workspace) -> Changed:
        examples, found = workspace.examples(), workspace.prediction
        names = [name for name, clip in examples.items() if found and clip is found.nearest]
        nearest = names[0] if names else None
        return {
            "compare_with": Update(choices=list(examples), value=nearest),
            "matrices": self.matrices(workspace, nearest),
        }

    def compare(self, visit: Visit, name: str | None) -> str:
        try:
            return self.matrices(visit.workspace, name)
        except D2STError as error:
            return page.sentences([str(error)])
        except Exception:
            log.exception("a comparison")
            return page.sentences([UNEXPECTED])

    def matrices(self, workspace: Workspace, name: str | None) -> str:
        example = workspace.examples().get(name or "")
        if not workspace.query or example is None:
            return views.NOTHING
        other, query = (workspace.recognizer.features(clip) for clip in (example, workspace.query))
        pairs = [frame_distances(other, query, centred) for centred in (False, True)]
        return views.matrices(pairs, workspace.query, example)

    def disentangled(self, workspace: Workspace) -> Changed:
        return {"pathways": views.disentangled(workspace.encoding) if workspace.encoding else views.NOTHING}

    def layers(self, workspace: Workspace) -> Changed:
        if not workspace.query or not workspace.encoding:
            return {"layers": views.NOTHING}
        return {"layers": views.across_layers(workspace.query, workspace.encoding.traces)}

    # What takes longer shows its progress: `progress` wraps what is gone through, as tqdm does.

    def what_if(self, visit: Visit, progress=iter) -> str:
        before = visit.workspace.prediction
        if not before:
            return views.NOTHING
        try:
            return views.what_if(before, what_if(visit.workspace.recognizer, before.query, progress))
        except D2STError as error:
            return page.sentences([str(error)])
        except Exception:
            log.exception("what if")
            return page.sentences([UNEXPECTED])

    def answer_many(self, visit: Visit, files: list[str] | None, progress=iter) -> Changed:
        def told(sentence: str) -> Changed:
            return {"many": page.sentences([sentence]), "report": Update(visible=False)}

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
        shown = report.answered(answers, list(recognizer.support))
        try:
            file = visit.new_file("report.html")
            file.write_text(report.report(answers, recognizer), encoding="utf-8")
        except OSError as error:
            log.exception("a report")
            return {"many": page.sentences([storage.sentence(error)]) + shown, "report": Update(visible=False)}
        return {
            "many": shown,
            "report": Update(value=str(file), visible=True),
        }
