"""What happens when a visitor does something: plain methods, arguments in, a dict of what changed out.

The keys are names of the page's parts (`parts` makes their components), the values what they show, or
an `Update` where more than that changes. Nothing here knows Gradio.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from d2st.data.folders import spoken
from d2st.demo import bringing, events, live, many, workspace_file
from d2st.demo.examples import ExampleSet, Prepared
from d2st.demo.html import cards, intake, lessons, page, pieces, stage
from d2st.demo.lessons import LESSONS
from d2st.demo.looking import EMPTY, Changed, Looking, Update, at, attempted
from d2st.demo.once import Once
from d2st.demo.workspace import OWN, Visit, Workspace
from d2st.errors import D2STError
from d2st.kinds import KINDS
from d2st.models.model import Model

ONLY_LOOKS = (
    events.OpenWorkspace,
    events.LookInside,
    events.AskBundled,
    events.GoToStep,
    events.CloseLesson,
)  # and changes nothing
log = logging.getLogger(__name__)


class Handlers(Looking):
    """The answers of one page. All visitors share it; what is theirs is in their `Visit`."""

    def __init__(self, model: Model, sets: list[ExampleSet]):
        super().__init__(model)
        self.sets = {found.name: found for found in sets}
        self.prepare = Once(self._prepare)

    def _prepare(self, name: str) -> Prepared:
        prepared = self.sets[name].prepare(self.model)
        workspace, queries = Workspace(prepared.recognizer), []
        for asked in prepared.queries:
            workspace.take(asked)
            queries.append(replace(asked, staged=stage.stage(workspace)))
        return replace(prepared, queries=queries)

    def warm_up(self) -> None:
        """Begin to compute the example sets, before anybody opens one."""
        for name in self.sets:
            self.prepare.start(name)

    # Whatever is done on the page ends in `attempt`.

    def attempt(self, visit: Visit, act: Callable[[Visit], Changed | None], note: str) -> Changed:
        """Do something on a visitor's page: what changed, and a sentence at `note` where it failed."""
        visit.arrived = True
        changed = attempted(lambda: act(visit), at(note))
        changed = self.shown(visit) | changed
        return self.told_of_loss(visit, changed) if visit.lost else changed

    def told_of_loss(self, visit: Visit, changed: Changed) -> Changed:
        """Say once that a visit before was deleted."""
        lost, visit.lost = visit.lost, ""
        return changed | {"added": pieces.sentences([lost]) + changed["added"]}

    def shown(self, visit: Visit) -> Changed:
        """A visitor's page as it is now, but for the views."""
        workspace = visit.workspace
        prepared = self.prepare(workspace.example) if workspace.example in self.sets else None
        clips = [asked.clip for asked in prepared.queries] if prepared else []
        lesson = {} if visit.lesson else {"lesson": ""}
        return lesson | {
            "picker": page.picker(list(self.sets.values()), workspace.example),
            "cards": cards.cards(workspace),
            "answer": page.answer(workspace, self.model),
            "queries": stage.queries(self.sets.get(workspace.example), clips, workspace.video),
            "matched": page.alignment(workspace),
            "stage": self.staged(workspace),
            "margins": stage.margins(workspace),
            "added": "",
            "asked": "",
        }

    def staged(self, workspace: Workspace) -> str:
        """What the stage is sent, which is drawn once for a query as the page's own model sees it."""
        if workspace.seen_by:
            return stage.stage(workspace)
        if workspace.staged is None:
            workspace.staged = stage.stage(workspace)
        return workspace.staged

    def arrive(self, visit: Visit, matching: str, centre: bool, lesson: str | None, step: str | None = None) -> Changed:
        """The page was opened: on what the visit was at before, else on the first example set; and on a step of a
        lesson where the address names one.

        step: as addresses count them, from 1.
        """
        back, visit.live = visit.arrived, None
        visit.shows(EMPTY)  # sent once more, this might come after what is drawn, in a tab that is just opened

        def act(visit: Visit) -> Changed | None:
            changed: Changed = {}
            if not back:
                self.open(visit, next(iter(self.sets), OWN), matching, centre)
            elif not lesson:
                visit.end()
            if back:
                changed = {"intake": intake.table(visit.plan)} if visit.plan else {}
                changed |= settings(visit.workspace) | {"tabs": Update(selected=visit.tab)}
            if lesson:
                number = int(step) if step and step.isdecimal() and len(step) < 4 else 1
                try:
                    changed |= self.teach(visit, lesson, max(number - 1, 0), matching, centre)
                except D2STError:
                    visit.end()
                    raise
            return changed

        return self.attempt(visit, act, "added")

    def press(self, visit: Visit, matching: str, centre: bool, data: Any) -> Changed:
        """The page asked for something: a button of its HTML was pressed, or files were dropped."""
        note = "asked" if data and data.get("do") in ("ask", "part", "stretch") else "added"

        def act(visit: Visit) -> Changed | None:
            try:
                return self.do(visit, events.parse(data), matching, centre)
            except D2STError:
                log.warning("an event of the page that cannot be done")  # without what it held: it may name people
                raise

        return self.attempt(visit, act, note)

    def do(self, visit: Visit, event: Any, matching: str, centre: bool) -> Changed | None:
        visit.touched |= not isinstance(event, ONLY_LOOKS)
        visit.looks_inside |= isinstance(event, events.LookInside)
        match event:
            case events.OpenWorkspace(name):
                return self.open(visit, name, matching, centre)
            case events.GoToStep(name, step):
                return self.teach(visit, name, step, matching, centre)
            case events.CloseLesson():
                return self.open(visit, visit.before if visit.lesson else visit.current, matching, centre)
            case events.AskBundled(index):
                return self.ask_bundled(visit, index)
            case events.OpenAnswer(index):
                recognizer = visit.workspace.recognizer
                visit.workspace.ask(many.again(recognizer, visit.answered, index, visit.limits))
                return None
            case events.AskFiles(files):
                return self.ask(visit, files)
            case events.AddFiles(action, files):
                return self.add(visit, action, files)
            case events.BringFiles():
                return bringing.bring(visit, event, self.load_session)
            case events.ForgetPlan():
                return bringing.forget(visit)
        change(visit.workspace, event)
        return live.take(visit, event) or bringing.rearrange(visit.workspace, event)

    def ask_bundled(self, visit: Visit, index: int) -> Changed | None:
        """Take an example set's query, which is computed already."""
        name = visit.workspace.example
        if name not in self.sets or index >= len(self.sets[name].queries):
            raise D2STError("There is no such query in this example set. Reload the page.")
        visit.workspace.take(self.prepare(name).queries[index])
        return None

    def open(self, visit: Visit, name: str, matching: str, centre: bool) -> Changed | None:
        visit.end()
        workspace = visit.open(name, self.prepare(name).recognizer if name in self.sets else None)
        workspace.match(matching, centre)
        if name in self.sets and not workspace.query:
            self.ask_bundled(visit, 0)
        return None

    def teach(self, visit: Visit, name: str, step: int, matching: str, centre: bool) -> Changed:
        """Show a step of a lesson, on a copy of its example set and on its query."""
        if name not in LESSONS or step >= len(LESSONS[name].steps):
            raise D2STError("There is no such lesson here, or no such step of it. Choose one above.")
        lesson = LESSONS[name]
        if lesson.workspace not in self.sets:
            raise D2STError("The clips of this lesson did not come along. Choose another one.")
        if lesson.points and not (self.model.kind and KINDS[self.model.kind].samples):
            raise D2STError("This lesson is about sampling points, and this model has none. Choose another one.")
        shown = lesson.steps[step]
        if step == 0 or visit.lesson != name:
            visit.begin(name, lesson.workspace, self.prepare(lesson.workspace).recognizer).match(matching, centre)
        queries = self.sets[lesson.workspace].queries
        index = [spoken(path) for path in queries].index(shown.query)
        if visit.workspace.video != str(queries[index]):
            self.ask_bundled(visit, index)
        changed: Changed = {"lesson": lessons.step(name, step, visit.workspace)}
        if shown.tab:
            visit.tab, visit.looks_inside = shown.tab, True
            changed["tabs"] = Update(selected=shown.tab)
        return changed

    def ask(self, visit: Visit, files: tuple[str, ...]) -> Changed:
        """Take the first of the files that can be read as the query, and say why not the others."""
        said: list[str] = []
        left = list(files)
        while left:
            try:
                visit.workspace.ask(left.pop(0))
                break
            except D2STError as error:
                said.append(str(error))
        names = [f"'{file.rsplit('/', 1)[-1]}'" for file in left]
        if names:
            said.append(
                f"One clip at a time is the query, so {', '.join(names)} was left aside. Drop it on an action's card "
                "to make it an example, or answer many queries at once in the tab of this name."
            )
        return {"asked": pieces.sentences(said)}

    def add(self, visit: Visit, name: str, files: tuple[str, ...]) -> Changed:
        _, said = visit.workspace.add(name, files)
        return {"added": pieces.sentences(said)}

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
        return self.attempt(visit, lambda visit: self.load_session(visit, file), "added")

    def load_session(self, visit: Visit, file: str) -> Changed:
        """Put a saved session in the place of the visitor's own clips, which can be had back."""
        workspace = workspace_file.load(file, self.model)
        workspace.succeed(visit.workspaces[OWN], "Loaded a session")
        visit.workspaces[OWN], visit.current = workspace, OWN
        return bringing.undoable("Loaded a session") | settings(workspace)

    def take(self, visit: Visit, data: Any, progress: Callable[[Any], Any] = iter) -> Changed:
        """A whole set was looked at, and is to be read."""

        def act(visit: Visit) -> Changed:
            roles, actions = events.lists_of(data, "roles", "actions")
            return bringing.take(visit, roles, actions, progress)

        return self.attempt(visit, act, "added")


def settings(workspace: Workspace) -> Changed:
    return {"matching": workspace.recognizer.matching, "centre": workspace.recognizer.centre}


def change(workspace: Workspace, event: Any) -> None:
    """Do what changes a workspace and nothing else."""
    match event:
        case events.AskPart(start, end):
            if workspace.video and not Path(workspace.video).exists():
                raise D2STError(f"'{Path(workspace.video).name}' was deleted here meanwhile. Choose it again.")
            if workspace.video:
                workspace.ask(workspace.video, (start, end))
        case events.ForgetQuery():
            workspace.forget_query()
        case events.AddQuery(action):
            workspace.add_query(action)
        case events.ShowAdapters(name):
            workspace.see_by(name)
