"""What happens when a visitor changes the examples: brings a whole set, renames, moves, takes back. Knows no Gradio."""

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from d2st.demo import events, intake, plans
from d2st.demo.handed import File
from d2st.demo.html import intake as html
from d2st.demo.html.pieces import button
from d2st.demo.looking import Changed
from d2st.demo.workspace import OWN, Visit, Workspace
from d2st.errors import D2STError


def undoable(said: str) -> Changed:
    """What was done, with a button to take it back."""
    return _noted(said, events.Undo(), "Undo")


def _noted(said: str, event: Any, title: str) -> Changed:
    if not said:
        return {}
    return {"added": f'<p class="said" role="status">{escape(said)}. {button(event, title)}</p>'}


def rearrange(workspace: Workspace, event: Any) -> Changed | None:
    """Do what changes the examples alone; None where the event is none of these."""
    match event:
        case events.RemoveAction(action):
            return undoable(workspace.remove(action))
        case events.RemoveClip(action, digest):
            return undoable(workspace.remove(action, digest))
        case events.RenameAction(action, name):
            return undoable(workspace.rename(action, name))
        case events.MoveClip(action, digest, to):
            return undoable(workspace.move(action, digest, to))
        case events.ResetSet():
            return undoable(workspace.reset())
        case events.Undo():
            return _noted(workspace.undo(), events.Redo(), "Do it again")
        case events.Redo():
            return undoable(workspace.redo())
    return None


def bring(visit: Visit, event: events.BringFiles, load: Callable[[Visit, str], Changed]) -> Changed:
    """Files were handed over as a whole set: a session is loaded, of others it is shown what was understood."""
    if len(event.files) != len(event.names):
        raise D2STError("The page named its files in another way than files are named here. Reload it.")
    forget(visit)
    files = [File(Path(place), Path(name or "clip")) for place, name in zip(event.files, event.names, strict=True)]
    session = plans.session_among(files)
    try:
        if session:
            return load(visit, str(session)) | {"intake": ""}
        known = visit.workspaces[OWN].recognizer.support
        visit.plan = plans.understood(files, event.others, known, visit.limits)
    finally:
        if not visit.plan:
            visit.spend(event.files)
    return {"intake": html.table(visit.plan)}


def forget(visit: Visit) -> Changed:
    """Take nothing of what was brought."""
    if visit.plan:
        visit.spend(str(file.place) for file in visit.plan.files)
        visit.plan = None
    return {"intake": ""}


def take(visit: Visit, roles: list[str], actions: list[str], progress: Callable[[Any], Any] = iter) -> Changed:
    """Read what was brought, as it was mended, into the visitor's own clips."""
    if not visit.plan:
        raise D2STError("The files of this table are not here any more. Drop them again.")
    visit.plan = plans.mended(visit.plan, roles, actions)
    workspace = visit.workspaces[OWN]
    result = intake.take(workspace, visit.plan, progress)
    visit.current = OWN
    visit.answered = result.queries or visit.answered
    forget(visit)
    return {"intake": html.taken(result, list(workspace.recognizer.support))}
