"""What the answer rests on: the score of every example, and the frames that carry the margin. Pure functions."""

import json
from html import escape

import numpy as np

from d2st.demo.html.pieces import number
from d2st.demo.html.saving import savable
from d2st.demo.kept import resized
from d2st.explain import numbers
from d2st.explain.decided import Decided, Shot
from d2st.video import Clip
from d2st.video.webp import address, webp

THUMBNAIL = 72  # pixels of a frame's side


def shots(found: list[Shot], query: Clip, label: str) -> str:
    """A row an example, best first: how near the query is to it alone."""
    best, worst = found[0].score, found[-1].score
    rows = "".join(
        f'<tr class="{"best" if shot.action == label else ""}"><th scope="row">{escape(shot.action)}</th>'
        f"<td>{escape(shot.clip.name)}</td>"
        f'<td class="bar"><i style="width:{100 * (shot.score - worst) / ((best - worst) or 1):.1f}%"></i></td>'
        f"<td>{number(shot.score)}</td></tr>"
        for shot in found
    )
    shown = (
        '<section class="shots"><h2>Every example by itself</h2>'
        '<p class="quiet">The query against each clip alone, best first. An action\'s score is that of the mean of its '
        "clips' features, and so none of these.</p>"
        '<div class="wide" tabindex="0"><table class="bars"><thead><tr><th scope="col">Action</th>'
        '<th scope="col">Example</th>'
        f'<th colspan="2" scope="col">Score</th></tr></thead><tbody>{rows}</tbody></table></div></section>'
    )
    return savable(shown, numbers.of_shots(query, found))


def frames(found: Decided, query: Clip) -> str:
    """A column a frame of the query: how much of the margin it carries; a column sends the stage to its frame."""
    most = max(float(np.abs(found.frames).max()), 1e-6)
    columns = "".join(_frame(found, query, index, most) for index in range(len(found.frames)))
    total = float(found.frames.sum())
    sums = f"They sum to the margin, {number(found.margin)}."
    if abs(found.rest) >= 0.005:
        sums = (
            f"They sum to {number(total)}, the margin of the cheapest paths. OTAM's own margin is "
            f"{number(found.margin)}: its soft minimum also counts the many paths that are nearly as cheap, and what "
            "these are worth belongs to no frame."
        )
    shown = (
        '<section class="carried"><h2>Which frames decided</h2>'
        '<p class="quiet">What each frame of the query adds to the margin: above the line it speaks for '
        f"“{escape(found.first)}”, below for “{escape(found.second)}”, the next best. {sums}</p>"
        f'<div class="wide" tabindex="0">'
        f'<div class="columns" style="--columns:{len(found.frames)}">{columns}</div></div>'
        "</section>"
    )
    return savable(shown, numbers.of_frames(query, found))


def _frame(found: Decided, query: Clip, index: int, most: float) -> str:
    carried = float(found.frames[index])
    place = "bottom:50%" if carried >= 0 else "top:50%"
    picture = address(webp(resized(query.frames[index], THUMBNAIL), 80))
    go = escape(json.dumps({"frame": index, "playing": False}))
    words = f"Frame {index + 1}: {number(carried)}. Show it on the stage"
    return (
        f'<button type="button" class="column" data-go="{go}" aria-label="{words}">'
        f'<span class="plot"><i class="{"for" if carried >= 0 else "against"}" '
        f'style="{place};height:{50 * abs(carried) / most:.1f}%"></i></span>'
        f'<img src="{picture}" alt="" width="{THUMBNAIL}" height="{THUMBNAIL}"><span>{number(carried)}</span></button>'
    )
