"""What stands at the top of the page, and the answer: pure functions of a model, clips and predictions."""

from html import escape

from d2st.demo.events import GoToStep, OpenWorkspace
from d2st.demo.examples import ExampleSet
from d2st.demo.html.pieces import button, local, number, sentences, strip
from d2st.demo.lessons import LESSONS
from d2st.demo.workspace import OWN, Workspace
from d2st.explain.figure import FORMATS
from d2st.kinds import KINDS
from d2st.models.model import Model

KEYS = {
    "O": "choose a query clip",
    "R": "record one",
    "L": "Live: the camera asks, the page answers while you move",
    "P": "Present: one view at a time, large",
    "Page ↓ ↑": "the next view, the one before",
    "?": "this card",
}
WORDS = {
    "shot": "an example clip of an action; few-shot: a few of them are all that the network gets",
    "query": "the clip that is to be named",
    "score": "minus the distance between the query and an action’s examples: higher is closer",
    "margin": "the first score minus the second: how clear the answer is",
    "share": "the scores made to sum to 100 % (their softmax); no probability",
    "sampling point": "where the network read the features of the clip, off the regular grid",
}
HELP = (
    '<form method="dialog"><h2>Keys, words and marks</h2><button aria-label="Close" class="icon">×</button></form>'
    '<h3>Keys</h3><dl class="keys">'
    + "".join(f"<dt><kbd>{key}</kbd></dt><dd>{does}</dd>" for key, does in KEYS.items())
    + "</dl><h3>Words</h3><dl>"
    + "".join(f"<dt>{word}</dt><dd>{means}</dd>" for word, means in WORDS.items())
    + "</dl><div id='help-stage'></div>"
)
PREPARED = '<p class="empty prepared" role="status">The examples are being prepared. They stand here in a moment.</p>'


def header(model: Model) -> str:
    """Name and purpose."""
    facts = model.name, KINDS[model.kind].title if model.kind else None, str(model.device).upper(), model.described
    about, skip = escape(" · ".join(filter(None, facts))), local("skip", "To the stage", class_="skip")
    return f"""{skip}<header title="{about}"><h1>Few-shot action recognition</h1>
<p>Show a few clips of each action and one more: the network names its action, and shows where it looked.
<a href="https://arxiv.org/abs/2312.01431">D²ST-Adapter</a></p></header>"""


def picker(sets: list[ExampleSet], current: str) -> str:
    """A button for each example set and one for own clips; the current one is pressed."""

    def choice(name: str, title: str) -> str:
        return button(OpenWorkspace(name), escape(title), aria_pressed=str(name == current).lower())

    buttons = [choice(each.name, each.title) for each in sets] + [choice(OWN, "Your own clips")]
    return f'<nav class="together" aria-label="Example sets">{"".join(buttons)}</nav>'


def menu(model: Model) -> str:
    """The lessons, Present and help."""
    lessons = "".join(
        button(GoToStep(name, 0), escape(lesson.title))
        for name, lesson in LESSONS.items()
        if not lesson.points or (model.kind and KINDS[model.kind].samples)
    )
    views = "".join(
        local("view", title, data_view=name, aria_pressed=str(name == "stage").lower())
        for name, title in (("stage", "Stage"), ("examples", "Examples"), ("inside", "Look inside"))
    )
    present = local("present", "Present", title="For a projector: one view at a time, large (P)")
    help_ = local("help", "?", aria_label="Help", title="Keys and words (?)")
    return (
        f'<nav class="menu" aria-label="Lessons, Present, help"><span class="views together">{views}</span>'
        f"<details><summary>Lessons</summary>"
        f'<div class="lessons">{lessons}</div></details>{present}{help_}</nav>'
        f'<template id="help-text">{HELP}</template>'
    )


def answer(workspace: Workspace, model: Model) -> str:
    """Label, margin, and a bar an action."""
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
        f"<td>{100 * share:.0f}&#8239;%</td><td>{number(found.scores[action])}</td></tr>"
        for action, share in ((action, found.shares[action]) for action in found.best)
    )
    more = len(found.scores) - len(found.best)
    rest = f'<p class="quiet">The best {len(found.best)} of {len(found.scores):,} actions.</p>' if more else ""
    untrained = (
        ""
        if model.trained or model.kind is None
        else '<p class="quiet">The adapters are untrained: this is the answer of the frozen backbone.</p>'
    )
    soft = (
        " OTAM’s distance is a soft minimum over all paths. It lies below the cheapest: a score may be above 0."
        if workspace.recognizer.matching == "otam"
        else ""
    )
    return f"""{lead}<p class="label" role="status">{escape(found.label)}</p>
<p>Ahead of “{escape(second)}” by a <dfn>margin</dfn> of {found.margin:.2f}: the first score minus the second.</p>
<table class="bars"><thead><tr><th>Action</th><th colspan="2">Share</th><th>Score</th></tr></thead>
<tbody>{bars}</tbody></table>{rest}
<p class="quiet"><b>Score</b>: minus the distance to the action’s examples (its <b>shots</b>); higher is closer.{soft}
<b>Share</b>: the scores made to sum to 100 % (their softmax), no probability.</p>
{untrained}{sentences(list(found.notes))}"""


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
    return f"""<figure class="alignment"><figcaption><b>Query</b>: the frames that the network saw</figcaption>
{strip(found.query)}<svg role="img" aria-label="Matched frames, query to example: {pairs}">{lines}</svg>
{strip(found.nearest)}<figcaption><b>Nearest example</b>: {escape(found.nearest.name)} of
“{escape(found.label)}”; lines join matched frames</figcaption></figure>"""


def figure() -> str:
    """Buttons that draw what the stage shows, and what it was matched with, for print."""
    buttons = "".join(
        f'<button type="button" data-format="{kind}" aria-label="Figure as {kind.upper()}">{kind.upper()}</button>'
        for kind in FORMATS
    )
    return (
        f'<div class="save" role="group" aria-label="Figure for print"><span class="quiet">Figure</span>{buttons}</div>'
    )
