"""A support set at once: what a heap of files was understood as, mended by a person, then read."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from d2st.data.folders import alike
from d2st.demo import many, storage
from d2st.demo.handed import HandedClip, shortened
from d2st.demo.many import Answer
from d2st.demo.plans import Plan, Role, Row, clips_among
from d2st.demo.support_set import clips_counted
from d2st.demo.turns import Stopped
from d2st.demo.workspace import Workspace
from d2st.errors import D2STError


@dataclass(frozen=True)
class Taken:
    """What became of a plan."""

    summary: str  # a sentence without its full stop
    bad: int  # examples that were not taken
    said: list[str]  # of these, and of others what a person should know
    answers: list[Answer] = field(default_factory=list)  # to its queries, where there are several
    queries: tuple[str, ...] = ()  # their files, where all are files


def check(plan: Plan, workspace: Workspace) -> None:
    """Raise `D2STError` where a plan cannot be followed: an example without an action, or no room for all."""
    limits, support = workspace.limits, workspace.recognizer.support
    examples = [row for row in plan.rows if row.role is Role.EXAMPLE]
    nameless = [row for row in examples if not row.action]
    if nameless:
        raise D2STError(f"{_are(nameless)} no action. Type one, or choose another use in the table.")
    for action in {row.action: None for row in examples}:
        limits.check_action(action)
    actions = len({*map(alike, support), *(alike(row.action) for row in examples)})
    if actions > limits.actions:
        raise D2STError(f"These would be {actions} actions, and {limits.actions} is the most. Leave some out.")
    count = sum(map(len, support.values()))
    if count + len(examples) > limits.clips:
        here = f" beside the {count} that are here already" if count else ""
        raise D2STError(f"These are {len(examples)} examples, and {limits.clips - count} fit{here}. Leave some out.")
    queries = sum(row.role is Role.QUERY for row in plan.rows)
    if queries > limits.queries_at_once:
        raise D2STError(f"These are {queries} queries, and {limits.queries_at_once} is the most. Leave some out.")
    if not examples and not queries:
        raise D2STError("Every clip is left out. Choose a use for one.")


def take(workspace: Workspace, plan: Plan, progress: Callable[[Any], Any] = iter) -> Taken:
    """Read a plan's clips into a workspace, and answer its queries; `progress` wraps the clips, as tqdm does.

    A clip that cannot be read costs only itself. Raises `D2STError`, before any is read, as `check` does, and where
    the files are gone.
    """
    check(plan, workspace)
    with ExitStack() as open_archives:
        clips = [clip for _, clip in clips_among(plan.files, workspace.limits, open_archives)[0]]
        if len(clips) != len(plan.rows):
            raise D2STError("The files of this table are not here any more. Drop them again.")
        examples = [(row.action, clip) for row, clip in zip(plan.rows, clips, strict=True) if row.role is Role.EXAMPLE]
        queries = [clip for row, clip in zip(plan.rows, clips, strict=True) if row.role is Role.QUERY]
        taken = _examples(workspace, examples, progress)
        answers = _answers(workspace, queries, progress)
        files = tuple(str(query.place) for query in queries if query.place)
        return replace(taken, answers=answers, queries=files if answers and len(files) == len(queries) else ())


def _examples(workspace: Workspace, examples: list[tuple[str, HandedClip]], progress: Callable[[Any], Any]) -> Taken:
    before, added, said = workspace.arranged(), Counter[str](), dict[str, None]()
    try:
        for action, clip in progress(examples):
            action = next((each for each in workspace.recognizer.support if alike(each) == alike(action)), action)
            count = len(workspace.recognizer.support.get(action, []))
            said |= dict.fromkeys(_example(workspace, action, clip))
            added[action] += len(workspace.recognizer.support.get(action, [])) - count
    finally:
        actions = sum(count > 0 for count in added.values())
        summary = f"Added {clips_counted(added.total())} to {actions} action{'' if actions == 1 else 's'}"
        workspace.changed(summary, before)
    return Taken(summary, len(examples) - added.total(), list(said))


def _example(workspace: Workspace, action: str, clip: HandedClip) -> list[str]:
    """Read one → what there is to tell of it."""
    try:
        with clip.opened() as source:
            return workspace.add_one(action, source)
    except Stopped:
        raise
    except D2STError as error:
        return [str(error)]
    except OSError as error:
        return [f"'{clip.name}': {storage.sentence(error)}"]


def _answers(workspace: Workspace, queries: list[HandedClip], progress: Callable[[Any], Any]) -> list[Answer]:
    """The first that can be read is the workspace's query from now on; of several, each is answered."""
    asked = next((True for query in queries if _asked(workspace, query)), False)
    if not queries or (asked and len(queries) == 1):
        return []
    return many.answers_to(workspace.recognizer, queries, progress)


def _asked(workspace: Workspace, query: HandedClip) -> bool:
    try:
        with query.opened() as source:
            workspace.ask(str(query.place) if query.place else workspace.recognizer.read(source, preview=True))
        return True
    except Stopped:
        raise
    except (D2STError, OSError):  # said where it is answered
        return False


def _are(rows: list[Row]) -> str:
    first = f"'{shortened(rows[0].path.name)}'"
    return f"{first} has" if len(rows) == 1 else f"{first} and {len(rows) - 1} more have"
