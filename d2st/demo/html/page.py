"""What the page shows, as HTML: pure functions of clips, predictions and traces.

Every name that a person typed or a file brought along is escaped. Pictures are part of the HTML,
so that no frame of a visitor's clip lies at an address of its own.
"""

import base64
from html import escape

import numpy as np

from d2st.adapter import KINDS
from d2st.data.folders import spoken
from d2st.demo.events import (
    AddMore,
    AskBundled,
    CloseLesson,
    GoToStep,
    OpenWorkspace,
    RemoveAction,
    RemoveClip,
    attributes,
)
from d2st.demo.examples import ExampleSet
from d2st.demo.kept import KeptClip, encoded
from d2st.demo.lessons import LESSONS
from d2st.demo.workspace import OWN, Workspace
from d2st.explain import draw
from d2st.explain.explorer import explore
from d2st.models.model import Model
from d2st.video import Clip

STRIP = 64  # pixels of a strip's height


def button(event, text: str, **more: str) -> str:
    """A button that stands for an event; `text` is HTML, and so are more attributes' values text."""
    others = "".join(f' {name.replace("_", "-")}="{escape(value)}"' for name, value in more.items())
    return f'<button type="button" {attributes(event)}{others}>{text}</button>'


def data_url(picture: bytes) -> str:
    """A WebP picture → an address that holds the picture itself."""
    return f"data:image/webp;base64,{base64.b64encode(picture).decode()}"


def image(picture: np.ndarray, text: str, kind: str = "") -> str:
    """uint8 RGB [H, W, 3] → an image that is part of the page; `text` says what it shows."""
    return _image(encoded(picture, 88), picture.shape[1], picture.shape[0], text, kind)


def _image(picture: bytes, width: int, height: int, text: str, kind: str) -> str:
    return f'<img class="{kind}" alt="{escape(text)}" width="{width}" height="{height}" src="{data_url(picture)}">'


def strip(clip: Clip, side: int = STRIP) -> str:
    """The frames that the model saw, in a row, `side` pixels high."""
    if isinstance(clip, KeptClip) and side == STRIP:
        count = len(clip.pictures)
        return _image(clip.strip, count * side, side, f"{count} frames of {clip.name}", "strip")
    return image(draw.filmstrip(clip.frames, side), f"{len(clip.frames)} frames of {clip.name}", "strip")


def sentences(said: list[str]) -> str:
    return "".join(f'<p class="said" role="status">{escape(sentence)}</p>' for sentence in said)


def header(model: Model) -> str:
    facts = model.name, KINDS[model.kind].title if model.kind else None, str(model.device).upper(), model.about
    return f"""<header>
<h1>Few-shot action recognition</h1>
<p>Show a few clips of each action and one more clip: the network names its action and shows
<strong>where in space and time it looked</strong>.
<a href="https://arxiv.org/abs/2312.01431">D²ST-Adapter, ICCV 2025</a></p>
<p class="quiet">{escape(" · ".join(filter(None, facts)))}</p>
</header>"""


def lesson_buttons() -> str:
    """A button for each lesson."""
    buttons = "".join(button(GoToStep(name, 0), escape(lesson.title)) for name, lesson in LESSONS.items())
    return (
        f'<nav class="lessons" aria-label="Lessons"><span class="quiet">Lessons, a minute each:</span>{buttons}</nav>'
    )


def lesson(name: str | None, step: int = 0) -> str:
    """The buttons, or one step of a lesson with the way on, back and out."""
    if name not in LESSONS:
        return lesson_buttons()
    told = LESSONS[name]

    def go(to, text):
        return button(GoToStep(name, to), text)

    back = go(step - 1, "Back") if step else ""
    on = go(step + 1, "Next") if step + 1 < len(told.steps) else button(CloseLesson(), "Done")
    close = button(CloseLesson(), "Close") if step + 1 < len(told.steps) else ""
    return (
        f'<section class="lesson" aria-label="Lesson"><h2>{escape(told.title)} '
        f'<span class="quiet">{step + 1} of {len(told.steps)}</span></h2>'
        f'<p role="status">{escape(told.steps[step].text)}</p><div>{back}{on}{close}'
        f'<a class="quiet" href="?lesson={name}">Address of this lesson</a></div></section>'
    )


def picker(sets: list[tuple[ExampleSet, Clip]], current: str) -> str:
    """A button for each example set and one for own clips; the current one is pressed."""

    def choice(name, title, inside):
        pressed = str(name == current).lower()
        return button(OpenWorkspace(name), f"<span>{escape(title)}</span>{inside}", aria_pressed=pressed)

    buttons = [choice(s.name, s.title, f"<small>{len(s.support)} actions</small>{strip(clip)}") for s, clip in sets]
    buttons.append(choice(OWN, "Your own clips", "<em>A few clips of each action, and one more to name.</em>"))
    return f'<nav class="picker" aria-label="Example sets">{"".join(buttons)}</nav>'


def cards(workspace: Workspace) -> str:
    """One card an action: name, shots, frames, and buttons to add and remove."""
    shown = []
    for action, clips in workspace.recognizer.support.items():
        name = escape(action)
        rows = "".join(f"<li>{strip(clip)}{_remove(action, clip)}</li>" for clip in clips)
        shots = f"{len(clips)} shot" + ("s" if len(clips) > 1 else "")
        add = button(AddMore(action), "add clips", aria_label=f"Add clips to {action}")
        remove = button(RemoveAction(action), "remove", aria_label=f"Remove the action {action}")
        shown.append(f"""<article class="card" data-name="{name}">
<div class="top"><h3>{name}</h3><span class="quiet">{shots}</span>
{add}
{remove}</div>
<ul>{rows}</ul></article>""")
    return "".join(shown) or '<p class="empty">No actions yet.</p>'


def _remove(action: str, clip: Clip) -> str:
    label = f"Remove {clip.name} from {action}"
    return button(RemoveClip(action, clip.digest), "×", aria_label=label, title=f"Remove {clip.name}")


def queries(example: ExampleSet | None, clips: list[Clip], video: str | None) -> str:
    """A button for each bundled query."""
    if not example:
        return ""
    buttons = "".join(
        button(
            AskBundled(index),
            f"{image(draw.filmstrip(clip.frames[len(clip.frames) // 2 :][:1], 112), '')}"
            f"<span>{escape(spoken(path))}</span>",
            aria_pressed=str(video == str(path)).lower(),
        )
        for index, (path, clip) in enumerate(zip(example.queries, clips, strict=True))
    )
    hint = '<p class="quiet">Try another query; its true action is written below it.</p>'
    return f'{hint}<div class="queries">{buttons}</div>'


def answer(workspace: Workspace, model: Model) -> str:
    """Label, bars, margin, and the nearest example beside the query."""
    found = workspace.prediction
    if not found:
        return f'<p class="empty">{escape(workspace.missing or "")}</p>'
    lead = (
        ""
        if found.matches
        else '<p class="warning"><strong>Nothing matches well.</strong> The query is further from every action than '
        "the actions usually are from each other. The closest is:</p>"
    )
    second = list(found.scores)[1]
    bars = "".join(
        f'<tr class="{"best" if action == found.label else ""}"><th scope="row">{escape(action)}</th>'
        f'<td class="bar"><i style="width:{100 * share:.1f}%"></i></td>'
        f"<td>{100 * share:.0f}&#8239;%</td><td>{_number(found.scores[action])}</td></tr>"
        for action, share in found.shares.items()
    )
    untrained = (
        ""
        if model.trained or model.kind is None
        else '<p class="quiet">The adapters are untrained: this is the answer of the frozen backbone.</p>'
    )
    return f"""{lead}<p class="label" role="status">{escape(found.label)}</p>
<p>Ahead of “{escape(second)}” by a margin of {found.margin:.2f}.</p>
<table class="bars"><thead><tr><th>Action</th><th colspan="2">Share</th><th>Score</th></tr></thead>
<tbody>{bars}</tbody></table>
<p class="quiet">Score: minus the matched distance, higher is closer. Share: softmax of the scores over these actions,
not a calibrated probability.</p>{untrained}{sentences(list(found.notes))}"""


def alignment(workspace: Workspace) -> str:
    """The nearest example under the query, matched frames joined."""
    found = workspace.prediction
    if not found:
        return ""
    count, other = len(found.query.frames), len(found.nearest.frames)
    lines = "".join(
        f'<line x1="{100 * (q + 0.5) / count}%" y1="0" x2="{100 * (s + 0.5) / other}%" y2="100%"/>'
        for s, q in found.alignment
    )
    pairs = ", ".join(f"{q + 1}–{s + 1}" for s, q in found.alignment)
    return f"""<figure class="alignment"><figcaption><b>Query</b>, as the network sees it: whole frames,
each pressed into a square.</figcaption>{strip(found.query, 112)}
<svg role="img" aria-label="Matched frames, query to example: {pairs}">{lines}</svg>{strip(found.nearest, 112)}
<figcaption><b>Nearest example</b> of “{escape(found.label)}”: {escape(found.nearest.name)}.
Lines join the frames that were matched.</figcaption></figure>"""


def look(workspace: Workspace, model: Model) -> str:
    """The explorer for the query, in a frame of its own."""
    if not workspace.query:
        return '<p class="empty">The frames of the query will stand here, and where the network read in them.</p>'
    view = explore(workspace.query, workspace.encoding or [], model)
    return f'<iframe class="explorer" title="Where the network read in the query" srcdoc="{escape(view)}"></iframe>'


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
