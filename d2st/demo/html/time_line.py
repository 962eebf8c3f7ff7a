"""What was found in a long file as HTML: a band of answers over time, the scores below it, and a table."""

from html import escape

import numpy as np

from d2st.demo.html.pieces import number, sentences
from d2st.demo.html.saving import link, savable
from d2st.explain import draw, time_line
from d2st.live.passages import Passage
from d2st.live.scan import Scan

_HEIGHT, _WIDTH = 100, 1000  # of the scores' drawing, in its own units


def found(scan: Scan) -> str:
    said = list(dict.fromkeys(each.action for each in scan.passages if each.action is not None))
    colours = {action: "rgb({},{},{})".format(*draw.COLOURS[at % len(draw.COLOURS)]) for at, action in enumerate(said)}
    shown = f"<p>{escape(summary(scan))}</p>{_band(scan, colours)}{_scores(scan, colours)}{_table(scan.passages)}"
    subtitles = link("time-line", "vtt", "text/vtt", time_line.vtt(scan).encode(), "Save the answers as subtitles")
    return sentences(list(scan.notes)) + savable(shown, time_line.numbers(scan), subtitles)


def summary(scan: Scan) -> str:
    """One sentence: how much of the file has an answer."""
    seconds = sum(each.end - each.start for each in scan.passages if each.action is not None)
    return (
        f"{scan.name}: {_clock(scan.duration)} long, an action in {100 * seconds / scan.duration:.0f} % of it; "
        f"windows of {scan.window:g} s, one every {scan.stride:g} s."
    )


def _band(scan: Scan, colours: dict[str, str]) -> str:
    parts = "".join(
        f'<span style="left:{each.start / scan.duration:.4%};width:{(each.end - each.start) / scan.duration:.4%};'
        f'background:{colours[each.action]}" title="{escape(each.action)}">{escape(each.action)}</span>'
        for each in scan.passages
        if each.action is not None
    )
    return f'<div class="time-line" aria-hidden="true">{parts}</div>'  # the table says the same


def _scores(scan: Scan, colours: dict[str, str]) -> str:
    """A line for each action that is said, and the threshold, dashed."""
    values = np.r_[scan.scores[~np.isnan(scan.scores)], scan.threshold]
    low, high = float(values.min()), float(values.max())

    def height(score: float) -> float:
        return _HEIGHT * (high - score) / ((high - low) or 1)

    middles = (scan.starts + scan.window / 2) / scan.duration * _WIDTH
    lines = ""
    for action, colour in colours.items():
        scores = scan.scores[:, scan.actions.index(action)]
        shown = [f"{x:.1f},{height(y):.1f}" for x, y in zip(middles, scores, strict=True) if not np.isnan(y)]
        lines += f'<polyline points="{" ".join(shown)}" style="stroke:{colour}"/>'
    shown_lines = "The scores of these actions in every window." if colours else "Nothing matches well."
    level = f"{height(scan.threshold):.1f}"
    label = f"Scores over time, from {number(low)} to {number(high)}"
    return (
        f'<svg class="time-scores" viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{label}">{lines}'
        f'<line x1="0" x2="{_WIDTH}" y1="{level}" y2="{level}"/></svg>'
        f'<p class="quiet">{shown_lines} Below the dashed line, {number(scan.threshold)}, nothing is said.</p>'
    )


def _table(passages: tuple[Passage, ...]) -> str:
    rows = "".join(
        f"<tr><td>{_clock(each.start)}</td><td>{_clock(each.end)}</td>"
        + (f"<td>{escape(each.action)}</td>" if each.action is not None else '<td class="quiet">nothing</td>')
        + f"<td>{'' if each.score is None else number(each.score)}</td></tr>"
        for each in passages
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("From", "To", "Answer", "Score"))
    return (
        f'<div class="wide" tabindex="0"><table class="batch"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>'
        "</table></div>"
    )


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{seconds % 60:04.1f}"
