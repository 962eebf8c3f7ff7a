"""The example cards: one an action."""

from html import escape

from d2st.demo.events import AddFiles, RemoveAction, RemoveClip
from d2st.demo.html.pieces import button, film, local
from d2st.demo.workspace import Workspace
from d2st.video import Clip

SENDING = '<p class="said" id="sending-examples" role="status" hidden></p>'  # js/files.js writes here


def cards(workspace: Workspace) -> str:
    """A card for each action, with its shots."""
    shown = [card(action, clips) for action, clips in workspace.recognizer.support.items()]
    return "".join(shown) or '<p class="empty">No actions yet. Add one below.</p>'


def card(action: str, clips: list[Clip]) -> str:
    """An action's name, its shots as small films, and what can be done with it; files can be dropped on it."""
    name = escape(action)
    shots = f"{len(clips)} shot" + ("s" if len(clips) > 1 else "")
    remove = button(
        RemoveAction(action), "×", aria_label=f"Remove the action {action}", title=f"Remove {action}", class_="icon"
    )
    add = button(
        AddFiles(action), "+", aria_label=f"Add clips to {action}", title=f"Add clips to {action}, or drop them here",
        class_="more",
    )  # fmt: skip
    return (
        f'<article class="card" data-name="{name}" data-drop="add" data-action="{name}">'
        f'<div class="top"><h3>{name}</h3><span class="quiet">{shots}</span>{remove}</div>'
        f"<ul>{''.join(shot(action, clip) for clip in clips)}<li>{add}</li></ul></article>"
    )


def shot(action: str, clip: Clip) -> str:
    name = escape(clip.name)
    remove = button(
        RemoveClip(action, clip.digest), "×", aria_label=f"Remove {clip.name} from {action}",
        title=f"Remove {clip.name}", class_="icon",
    )  # fmt: skip
    return f'<li tabindex="0" class="shot">{film(clip)}<small title="{name}">{name}</small>{remove}</li>'


def fold() -> str:
    """On a narrow screen the examples are folded behind their title."""
    return local("fold", "Examples", aria_label="Examples", aria_expanded="false")


def new(letters: int) -> str:
    """The form for a new action, whose name has at most so many letters."""
    files = local("new-files", "Clips…", title="Choose its clips, or drop them here")
    query = local("new-query", "Query", title="Make the query clip its first example")
    return (
        f'<form class="new" data-drop="new"><input id="action-name" aria-label="Name of a new action" '
        f'placeholder="New action" maxlength="{letters}" autocomplete="off">'
        f'<span class="together">{files}{query}</span></form>{SENDING}'
    )
