"""A lesson's box: one step with this clip's numbers, the way on, back and out. js/lessons.js does what it says."""

import json
from html import escape
from typing import Any

from d2st.demo.events import CloseLesson, GoToStep
from d2st.demo.html.pieces import button
from d2st.demo.lessons import LESSONS, Step
from d2st.demo.told import Told
from d2st.demo.workspace import Workspace


def step(name: str, index: int, workspace: Workspace) -> str:
    """A step of a lesson on a workspace that has what the step asks for: a query and, mostly, an answer."""
    lesson = LESSONS[name]
    shown, count = lesson.steps[index], len(lesson.steps)
    back = button(GoToStep(name, index - 1), "Back") if index else ""
    on = (
        button(GoToStep(name, index + 1), "Next", class_="primary")
        if index + 1 < count
        else button(CloseLesson(), "Done", class_="primary")
    )
    close = button(CloseLesson(), "×", class_="icon", aria_label="Close the lesson", title="Close the lesson")
    formula = f'<p class="formula">{escape(shown.formula)}</p>' if shown.formula else ""
    told = Told(workspace) if workspace.prediction else None
    attributes = {
        "lesson": name, "step": str(index + 1), "target": shown.target, "view": shown.view,
        "go": json.dumps(going(shown, told)),
    }  # fmt: skip
    data = " ".join(f'data-{key}="{escape(value)}"' for key, value in attributes.items())
    return (
        f'<section class="lesson" aria-label="Lesson" {data}><h2>{escape(lesson.title)} '
        f'<span class="quiet">{index + 1} of {count}</span></h2>{close}'
        f'<p role="status">{escape(words(shown, told))}</p>{formula}<div>{back}{on}'
        f'<a class="quiet" href="?lesson={name}&amp;step={index + 1}">Address of this step</a></div></section>'
    )


def words(shown: Step, told: Told | None) -> str:
    """A step's text with this clip's numbers; without an answer there are none to tell."""
    if told:
        return shown.text.format(clip=told)
    if "{" not in shown.text:
        return shown.text
    return "There is no answer to speak of: too many examples were removed. Go back to the first step for fresh ones."


def going(shown: Step, told: Told | None) -> dict[str, Any] | None:
    """What the stage is told to show, as it names layers, points and tokens."""
    if shown.go is None or told is None:
        return None
    go = dict(shown.go)
    layers = list(dict.fromkeys(trace.layer for trace in told.encoding.traces))
    go["layer"] = layers[go["layer"]]
    if shown.walks:
        go |= pointed_at(told)
    return go


def pointed_at(told: Told) -> dict[str, Any]:
    """The point that is followed, the moment that it reads at, and the token that pays it most."""
    walk = told.walk
    frame, row, column = walk.token
    side = walk.token_pixels
    token = {"frame": frame, "y": (row + 0.5) * side, "x": (column + 0.5) * side}
    return {
        "point": f"{walk.group}-{walk.point}",
        "token": token,
        "frame": min(max(round(walk.end[0]), 0), walk.grid[0] - 1),
    }
