"""What the page shows, as HTML: pure functions of clips, predictions and traces.

Every name that a person typed or a file brought along is escaped. Pictures are part of the HTML,
so that no frame of a visitor's clip lies at an address of its own.
"""

import base64
from html import escape

import cv2
import numpy as np

from d2st import draw
from d2st.trace import SamplingTrace
from d2st.video import Clip
from d2st.visit import OWN, Bench, ExampleSet, spoken
from d2st.zoo import Model

DO = """element.addEventListener('click', event => {
    const button = event.target.closest('button[data-do]');
    if (!button) return;
    if (button.dataset.do == 'more') document.querySelector('#clips input[type=file]')?.click();
    trigger('click', {...button.dataset});
});"""  # a button's data-… attributes become the event's data

WAYS = {
    "spatial": "The spatial pathway reads many places at few moments",
    "temporal": "The temporal pathway reads few places at every moment",
}
ADAPTERS = {"d2st": "D²ST-Adapter", "dst": "DST-Adapter", "st": "ST-Adapter"}


def image(picture: np.ndarray, text: str, kind: str = "") -> str:
    """uint8 RGB [H, W, 3] → an image that is part of the page; `text` says what it shows."""
    _, data = cv2.imencode(".webp", picture[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, 88])
    source = base64.b64encode(data).decode()
    return (f'<img class="{kind}" alt="{escape(text)}" width="{picture.shape[1]}" height="{picture.shape[0]}" '
            f'src="data:image/webp;base64,{source}">')


def strip(clip: Clip, side: int = 64) -> str:
    """The frames that the model saw, in a row, `side` pixels high."""
    return image(draw.filmstrip(clip.frames, side), f"{len(clip.frames)} frames of {clip.name}", "strip")


def sentences(said: list[str]) -> str:
    return "".join(f'<p class="said" role="status">{escape(sentence)}</p>' for sentence in said)


def header(model: Model) -> str:
    facts = model.name, ADAPTERS.get(model.adapter), str(model.device).upper(), model.about
    return f"""<header>
<h1>Few-shot action recognition</h1>
<p>Show a few clips of each action and one more clip: the network names its action and shows
<strong>where in space and time it looked</strong>.
<a href="https://arxiv.org/abs/2312.01431">D²ST-Adapter, ICCV 2025</a></p>
<p class="quiet">{escape(" · ".join(filter(None, facts)))}</p>
</header>"""


def picker(sets: list[tuple[ExampleSet, Clip]], current: str) -> str:
    """A button for each example set and one for own clips; the current one is pressed."""
    def button(name, title, inside):
        return (f'<button type="button" data-do="open" data-bench="{escape(name)}" '
                f'aria-pressed="{str(name == current).lower()}"><span>{escape(title)}</span>{inside}</button>')
    buttons = [button(s.name, s.title, f"<small>{len(s.support)} actions</small>{strip(clip)}") for s, clip in sets]
    buttons.append(button(OWN, "Your own clips", "<em>A few clips of each action, and one more to name.</em>"))
    return f'<nav class="picker" aria-label="Example sets">{"".join(buttons)}</nav>'


def cards(bench: Bench) -> str:
    """One card an action: name, shots, frames, and buttons to add and remove."""
    shown = []
    for action, clips in bench.recognizer.support.items():
        name = escape(action)
        rows = "".join(
            f'<li>{strip(clip)}<button type="button" data-do="remove-clip" data-action="{name}" '
            f'data-digest="{clip.digest}" aria-label="Remove {escape(clip.name)} from {name}" '
            f'title="Remove {escape(clip.name)}">×</button></li>'
            for clip in clips)
        shots = f"{len(clips)} shot" + ("s" if len(clips) > 1 else "")
        shown.append(f"""<article class="card" data-name="{name}">
<div class="top"><h3>{name}</h3><span class="quiet">{shots}</span>
<button type="button" data-do="more" data-action="{name}" aria-label="Add clips to {name}">add clips</button>
<button type="button" data-do="remove" data-action="{name}" aria-label="Remove the action {name}">remove</button></div>
<ul>{rows}</ul></article>""")
    return "".join(shown) or '<p class="empty">No actions yet.</p>'


def queries(example: ExampleSet | None, clips: list[Clip], video: str | None) -> str:
    """A button for each bundled query."""
    if not example:
        return ""
    buttons = "".join(
        f'<button type="button" data-do="query" data-index="{index}" aria-pressed="{str(video == str(path)).lower()}">'
        f'{image(draw.filmstrip(clip.frames[len(clip.frames) // 2:][:1], 112), "")}'
        f"<span>{escape(spoken(path))}</span></button>"
        for index, (path, clip) in enumerate(zip(example.queries, clips)))
    hint = '<p class="quiet">Try another query; its true action is written below it.</p>'
    return f'{hint}<div class="queries">{buttons}</div>'


def answer(bench: Bench, model: Model) -> str:
    """Label, bars, margin, and the nearest example beside the query."""
    found = bench.prediction
    if not found:
        return f'<p class="empty">{bench.missing}</p>'
    lead = ("" if found.matches else
            '<p class="warning"><strong>Nothing matches well.</strong> The query is further from every action than '
            "the actions usually are from each other. The closest is:</p>")
    second = list(found.scores)[1]
    bars = "".join(
        f'<tr class="{"best" if action == found.label else ""}"><th scope="row">{escape(action)}</th>'
        f'<td class="bar"><i style="width:{100 * share:.1f}%"></i></td>'
        f"<td>{100 * share:.0f}&#8239;%</td><td>{_number(found.scores[action])}</td></tr>"
        for action, share in found.shares.items())
    untrained = ("" if model.trained or model.adapter is None else
                 '<p class="quiet">The adapters are untrained: this is the answer of the frozen backbone.</p>')
    return f"""{lead}<p class="label" role="status">{escape(found.label)}</p>
<p>Ahead of “{escape(second)}” by a margin of {found.margin:.2f}.</p>
<table class="bars"><thead><tr><th>Action</th><th colspan="2">Share</th><th>Score</th></tr></thead>
<tbody>{bars}</tbody></table>
<p class="quiet">Score: minus the matched distance, higher is closer. Share: softmax of the scores over these actions,
not a calibrated probability.</p>{untrained}{sentences(list(found.query.notes))}"""


def alignment(bench: Bench) -> str:
    """The nearest example under the query, matched frames joined."""
    found = bench.prediction
    if not found:
        return ""
    count, other = len(found.query.frames), len(found.nearest.frames)
    lines = "".join(
        f'<line x1="{100 * (q + 0.5) / count}%" y1="0" x2="{100 * (s + 0.5) / other}%" y2="100%"/>'
        for s, q in found.alignment)
    pairs = ", ".join(f"{q + 1}–{s + 1}" for s, q in found.alignment)
    return f"""<figure class="alignment"><figcaption><b>Query</b></figcaption>{strip(found.query, 112)}
<svg role="img" aria-label="Matched frames, query to example: {pairs}">{lines}</svg>{strip(found.nearest, 112)}
<figcaption><b>Nearest example</b> of “{escape(found.label)}”: {escape(found.nearest.name)}.
Lines join the frames that were matched.</figcaption></figure>"""


def look(bench: Bench, model: Model, trace: SamplingTrace | None, group: int | None) -> str:
    """The frames that the model saw, with the sampling points of one pathway over them."""
    clip = bench.query
    if not clip:
        return '<p class="empty">The frames of the query will stand here, and where the network read in them.</p>'
    pictures = draw.draw_points(clip.frames, trace, group)
    frames = "".join(
        f"<figure>{image(picture, f'Frame {i + 1}, at {time:.2f} seconds')}"
        f"<figcaption>{i + 1}<span>{time:.2f} s</span></figcaption></figure>"
        for i, (picture, time) in enumerate(zip(pictures, clip.times)))
    if trace:
        about = points_line(trace, group)
    elif model.adapter:
        about = f"The {ADAPTERS[model.adapter]} reads at fixed places: it has no sampling points to show."
    else:
        about = "There is no adapter, so there are no sampling points: the frozen backbone saw these frames."
    warning = ("" if model.trained or not trace else
               '<p class="warning"><strong>These offsets are random.</strong> The adapters are untrained: '
               "they do not change the answer, which is that of the frozen backbone.</p>")
    about = f'<p id="about-points">{escape(about)}</p>'
    return f'{warning}{about}<div class="frames">{frames}</div>{legend() if trace else ""}'


def points_line(trace: SamplingTrace, group: int | None) -> str:
    moments, rows, columns = trace.points
    inside = trace.in_bounds if group is None else trace.in_bounds[[group]]
    groups = "1 group" if trace.groups == 1 else f"each of {trace.groups} groups"
    return (f"{WAYS[trace.pathway]}: {moments} moments × {rows} × {columns} places = {len(trace.reference)} points "
            f"for {groups} in {trace.layer}. Of the {inside.size} shown, {int((~inside).sum())} lie outside the clip.")


def legend() -> str:
    return '<ul class="legend">' + "".join(
        f'<li><svg viewBox="0 0 24 24" aria-hidden="true">{drawing}</svg><span><b>{name}</b>: {meaning}</span></li>'
        for name, drawing, meaning in MARKS) + "</ul>"


MARKS = (
    ("Cross", '<path d="M12 5v14M5 12h14" class="line"/>',
     "reference point, where a point starts. All groups share them."),
    ("Arrow", '<path d="M3 19L16 8m-1 6l2-7-7 1" class="line"/>',
     "offset, from the reference to where the network read. Dotted: the reference is in another frame."),
    ("Disc", '<circle cx="6" cy="12" r="3" class="disc"/><circle cx="17" cy="12" r="6" class="disc"/>',
     "sampling point, in its group’s colour. The larger, the more attention it gets."),
    ("Faint", '<circle cx="6" cy="12" r="5" class="disc most"/><circle cx="18" cy="12" r="5" class="disc little"/>',
     "the point lies between two frames and stands on both, stronger on the nearer."),
    ("Hollow", '<circle cx="12" cy="12" r="6" class="ring"/>',
     "outside the clip, where there is nothing to read; at the edge if it is further off."),
)


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
