"""The example cards: one an action."""

from html import escape

from d2st.demo.events import AddFiles, RemoveAction, RemoveClip, ResetSet
from d2st.demo.html.pieces import button, film, local
from d2st.demo.workspace import Workspace
from d2st.video import Clip

SENDING = '<p class="said" id="sending-examples" role="status" hidden></p>'  # js/files.js writes here


def cards(workspace: Workspace) -> str:
    """A card for each action, with its shots."""
    shown = [card(action, clips) for action, clips in workspace.recognizer.support.items()]
    if workspace.is_changed:
        shown.append(f'<p class="quiet">This set was changed. {button(ResetSet(), "Reset it")}</p>')
    return "".join(shown) or '<p class="empty">No actions yet. Add one below.</p>'


def card(action: str, clips: list[Clip]) -> str:
    """An action's name, its shots as small films, and what can be done with it; files can be dropped on it."""
    name = escape(action)
    shots = f"{len(clips)} shot" + ("s" if len(clips) > 1 else "")
    remove = button(
        RemoveAction(action), "×", aria_label=f"Remove the action {action}", title=f"Remove {action}", class_="icon"
    )
    rename = local("rename", "✎", aria_label=f"Rename {action}", title=f"Rename {action}", class_="icon")
    held = "hold for three seconds, again and again; a short press records one of three seconds"
    record = local("record", "●", aria_label=f"Record into {action}", title=f"Record: {held}", class_="icon")
    add = button(
        AddFiles(action), "+", aria_label=f"Add clips to {action}", title=f"Add clips to {action}, or drop them here",
        class_="more",
    )  # fmt: skip
    return (
        f'<article class="card" data-name="{name}" data-drop="add" data-action="{name}">'
        f'<div class="top"><h3>{name}</h3><span class="quiet">{shots}</span>{record}{rename}{remove}</div>'
        f"<ul>{''.join(shot(action, clip) for clip in clips)}<li>{add}</li></ul></article>"
    )


def shot(action: str, clip: Clip) -> str:
    name = escape(clip.name)
    remove = button(
        RemoveClip(action, clip.digest), "×", aria_label=f"Remove {clip.name} from {action}",
        title=f"Remove {clip.name}", class_="icon",
    )  # fmt: skip
    move = local(
        "move", "⇄", aria_label=f"Move {clip.name}", title="Move to another action; or drag it", class_="icon move"
    )
    return (
        f'<li tabindex="0" class="shot" draggable="true" data-digest="{clip.digest}">{film(clip)}'
        f'<small title="{name}">{name}</small>{move}{remove}</li>'
    )


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
