"""The teaching views as HTML: how the answer came about. Pure functions of clips, features and outcomes."""

from collections.abc import Mapping
from html import escape

import cv2
import numpy as np

from d2st.demo.html.pieces import number
from d2st.demo.html.saving import savable
from d2st.explain import numbers
from d2st.explain.distances import FrameDistances
from d2st.explain.draw import COLOURS
from d2st.explain.usual import Own
from d2st.explain.what_if import Outcome
from d2st.matching import MATCHINGS
from d2st.recognizer import Prediction
from d2st.trace import Encoding, SamplingTrace
from d2st.video import Clip
from d2st.video.webp import address, webp

CELL, EDGE = 40, 46  # of a matrix, in units of its drawing: a cell, and the thumbnails beside the cells
NOTHING = '<p class="empty">There is nothing to show yet: it takes examples of two actions, and a query.</p>'
NO_POINTS = '<p class="empty">This model has no sampling points.</p>'
NO_ADAPTERS = '<p class="empty">This model has no adapters.</p>'


def formulas(view: str) -> tuple[str, ...]:
    """In the paper's symbols, one a line."""
    return {
        "matching": (
            "d(i, j) = 1 − cos(qᵢ, sⱼ), for frame i of the query and frame j of the example",
            *(f"{row.title}: {row.formula}" for row in MATCHINGS.values()),
            "Centred: qᵢ − mean of q, sⱼ − mean of s, before d",
        ),
        "what-if": (
            "z → GELU(½ (z + A_S(z)) + ½ (z + A_T(z))): a pathway that is off has A = 0",
            "Adapters off: x → x. Offsets at zero: p = r",
        ),
        "compare": (
            "x̂ = x + up(GELU(A(down(x)))) behind each stage: x, the frozen backbone, is the same for all; A is the "
            "kind's own",
        ),
        "disentangled": (
            "x̂ = x + up(GELU(½ (z + A_S(z)) + ½ (z + A_T(z)))), z = down(x) + position(down(x))",
            "Change of a pathway in frame t: ‖x̂ₜ − x̂ₜ without it‖ / ‖x̂ₜ‖",
            "Attention on frame t: Σₚ wₚ max(0, 1 − |tₚ − t|), with w the attention averaged over all queries, "
            "times the share of the point's reading that lies inside the picture",
        ),
        "by-layer": (
            "CNN: the mean of the map behind the stage. ViT: the class token behind the block, through the final norm",
            "Lead of action a: score(a) − the best other action's score",
        ),
        "layers": (
            "p = r + tanh(Δ) · min(1, 2/n) for n points along an axis: no point moves further than one cell",
            "Outside: the share of a point's reading that lies beyond the clip; from one token outside, all of it",
            "This clip's own share of the offsets u + d: 1 − |u|² / (|u|² + |d|²), with u their mean over many clips",
        ),
    }[view]


def about(words: str, formula: str) -> str:
    """What a view shows, and its formula, folded away."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in formulas(formula))
    return f'<div class="about"><p>{words}</p><details><summary>The formula</summary>{lines}</details></div>'


def matrices(pairs: list[FrameDistances], query: Clip, example: Clip) -> str:
    """Distances of the query's frames from those of an example, as they are and centred."""
    shown = "".join(matrix(each, query, example) for each in pairs)
    several = max(query.looks, example.looks) > 1
    return savable(
        f'<div class="matrices{" several" if several else ""}">{shown}</div>{looks(query, example) if several else ""}'
        '<p class="quiet">● the nearest frame of the query for each frame of the example, ○ the other way round: '
        "Bi-MHM adds these up. The line is the cheapest path that never goes back in time; OTAM takes a soft minimum, "
        "in which nearly as cheap paths count too: it lies below the cheapest, and a score can even be above 0.</p>",
        numbers.of_matching(pairs, query, example),
    )


def looks(query: Clip, example: Clip) -> str:
    """How clips are compared that are seen in several looks."""
    counts = [f"{clip.looks} look{'s' * (clip.looks > 1)}" for clip in (query, example)]
    return (
        f'<p class="quiet">The query is seen in {counts[0]}, the example in {counts[1]}; thick lines lie between them. '
        "Bi-MHM takes the frames of all looks together. By the others each look goes to its nearest, both ways.</p>"
    )


def matrix(found: FrameDistances, query: Clip, example: Clip) -> str:
    """One distance matrix [T_s, T_q] with what Bi-MHM and OTAM take from it."""
    rows, columns = found.distance.shape
    drawn = [thumbnail(frame, EDGE + index * CELL + 1, 0) for index, frame in enumerate(query.frames)]
    drawn += [thumbnail(frame, 0, EDGE + index * CELL + 1) for index, frame in enumerate(example.frames)]
    for row in range(rows):
        for column in range(columns):
            x, y = EDGE + column * CELL, EDGE + row * CELL
            opacity = 0.04 + 0.6 * found.nearness[row, column]
            drawn.append(
                f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" style="fill-opacity:{opacity:.2f}"/>'
                f'<text x="{x + CELL - 3}" y="{y + CELL - 4}">{found.distance[row, column]:.2f}</text>'
            )
    for pairs in found.by_look("otam"):
        path = " ".join("{},{}".format(*middle(s, q)) for s, q in pairs)
        drawn.append(f'<polyline class="halo" points="{path}"/><polyline points="{path}"/>')
    drawn.append(borders(found))
    drawn += [circle("taken", 4, row, column) for row, column in enumerate(found.nearest_query)]
    drawn += [circle("ring", 8, row, column) for column, row in enumerate(found.nearest_example)]
    scores = " · ".join(f"{MATCHINGS[name].title} {number(score)}" for name, score in found.scores.items())
    width, height = EDGE + columns * CELL + 1, EDGE + rows * CELL + 1
    words = (
        f"{found.title}. Distances of {rows} frames of the example (rows) from {columns} of the query (columns). "
        f"Scores: {scores}"
    )
    return (
        f'<figure class="matrix"><figcaption><b>{escape(found.title)}</b>'
        f'<span class="quiet">{escape(scores)}</span></figcaption>'
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(words)}">'
        f"{''.join(drawn)}</svg></figure>"
    )


def borders(found: FrameDistances) -> str:
    """Lines between the looks."""
    rows, columns = found.distance.shape
    step = found.frames or max(rows, columns)
    down = [f"M{EDGE} {EDGE + row * CELL}h{columns * CELL}" for row in range(step, rows, step)]
    across = [f"M{EDGE + column * CELL} {EDGE}v{rows * CELL}" for column in range(step, columns, step)]
    return f'<path class="borders" d="{"".join(down + across)}"/>' if down or across else ""


def circle(kind: str, radius: int, row: int, column: int) -> str:
    x, y = middle(row, column)
    return f'<circle class="{kind}" cx="{x}" cy="{y}" r="{radius}"/>'


def middle(row: int, column: int) -> tuple[float, float]:
    return EDGE + (column + 0.5) * CELL, EDGE + (row + 0.5) * CELL


def thumbnail(frame: np.ndarray, x: float, y: float) -> str:
    small = cv2.resize(frame, (2 * CELL, 2 * CELL), interpolation=cv2.INTER_AREA)
    return f'<image x="{x}" y="{y}" width="{CELL - 2}" height="{CELL - 2}" href="{address(webp(small, 88))}"/>'


def what_if(before: Prediction, outcomes: list[Outcome]) -> str:
    """A table: the share of each action under each change, and what flipped."""
    actions = before.best
    rows = [_row("as it is", "", before, actions, None)]
    rows += [
        _row(o.change.title, o.change.meaning, o.prediction, actions, o.flipped)
        if o.prediction
        else f'<tr><th scope="row">{escape(o.change.title)}</th>'
        f'<td colspan="{len(actions) + 1}">{escape(o.problem)}</td></tr>'
        for o in outcomes
    ]
    head = "".join(f'<th scope="col">{escape(action)}</th>' for action in actions)
    return savable(
        '<div class="wide" tabindex="0"><table class="what-if"><thead><tr>'
        f'<th scope="col">The query</th>{head}<th scope="col">The answer</th>'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>",
        numbers.of_what_if(before, outcomes),
    )


def disentangled(query: Clip, encoding: Encoding) -> str:
    """How much each pathway changes the features, and where over the frames it attends: a row a layer."""
    if not encoding.contributions:
        return NO_ADAPTERS
    most = max(change.max() for layer in encoding.contributions.values() for change in layer.values()) or 1
    attended = encoding.over_time
    peak = max((share.max() for share in attended.values()), default=1)
    rows = []
    for layer, by_pathway in encoding.contributions.items():
        cells = ""
        for pathway, change in by_pathway.items():
            words = f"{pathway} pathway of {layer}: "
            mean = f"{100 * change.mean():.1f} %"
            cells += _bar_cell(change / most, pathway, words + "changes the features by " + mean, mean)
            if (layer, pathway) in attended:
                share = attended[layer, pathway]
                frame = f"frame {share.argmax() + 1}"
                cells += _bar_cell(share / peak, pathway, words + f"attends most to {frame}", f"most: {frame}")
        rows.append(f'<tr><th scope="row">{escape(layer)}</th>{cells}</tr>')
    head = ""
    for pathway in next(iter(encoding.contributions.values())):
        head += f'<th scope="col">{pathway}: change</th>'
        head += f'<th scope="col">{pathway}: attention</th>' if attended else ""
    return savable(
        f'<div class="wide" tabindex="0"><table class="disentangled"><thead><tr><th scope="col">Layer</th>'
        f"{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>",
        numbers.of_pathways(query, encoding),
    )


def _bar_cell(heights: np.ndarray, kind: str, words: str, caption: str) -> str:
    return f"<td>{bars(heights, kind, words)}<span>{caption}</span></td>"


def bars(heights: np.ndarray, kind: str, words: str) -> str:
    """A bar a frame, heights 0…1."""
    width = 100 / len(heights)
    drawn = "".join(
        f'<rect x="{i * width + 1:.2f}" y="{30 - 29 * h:.2f}" width="{width - 2:.2f}" height="{29 * h + 1:.2f}"/>'
        for i, h in enumerate(heights)
    )
    return (
        f'<svg class="{kind}" viewBox="0 0 100 31" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(words)}">{drawn}</svg>'
    )


def across_layers(query: Clip, traces: list[SamplingTrace], own: Mapping[tuple[str, str], Own]) -> str:
    """All layers at once: the points of every moment over the middle frame, and some figures each; one a look.

    own: what of the arrows is this clip's, by layer and pathway, where it is known.
    """
    if not traces:
        return NO_POINTS
    frames = query.frames
    middles = {trace.first + trace.grid[0] // 2 for trace in traces}
    grounds = {middle: address(webp(frames[middle], 88)) for middle in middles}
    drawn = [
        _layer(
            trace, grounds[trace.first + trace.grid[0] // 2], frames.shape[1], own.get((trace.layer, trace.pathway)),
            f", look {trace.look + 1} of {query.looks}" if query.looks > 1 else "",
        )
        for trace in traces
    ]  # fmt: skip
    return savable(f'<div class="layers">{"".join(drawn)}</div>', numbers.of_layers(query, traces, own))


def _layer(trace: SamplingTrace, ground: str, side: int, own: Own | None, look: str) -> str:
    marks = []
    for group in range(trace.groups):
        colour = "#{:02x}{:02x}{:02x}".format(*COLOURS[group % len(COLOURS)])
        radii = np.clip(7 * trace.weight[group] / trace.weight[group].mean(), 3, 16)
        points = zip(trace.located_position[group], radii, trace.in_bounds[group], strict=True)
        for (_, y, x), radius, share in points:
            fill = (
                f'fill="{colour}" fill-opacity="{0.8 * share:.2f}"'
                if share > 0
                else f'fill="none" stroke="{colour}" stroke-width="3"'
            )
            marks.append(
                f'<circle cx="{np.clip(x, -20, side + 20):.1f}" cy="{np.clip(y, -20, side + 20):.1f}" '
                f'r="{radius:.1f}" {fill}/>'
            )
    (pixels, moved), place = trace.reach, f"{trace.layer}, {trace.pathway}{look}"
    words = f"{place}: {len(trace.reference)} points in each of {trace.groups} groups"
    return (
        f'<figure><svg viewBox="-20 -20 {side + 40} {side + 40}" role="img" aria-label="{escape(words)}">'
        f'<image href="{ground}" width="{side}" height="{side}" opacity=".7"/>{"".join(marks)}</svg>'
        f"<figcaption><b>{escape(place)}</b>offsets {pixels:.0f} px, {moved:.1f} frames<br>"
        f"{100 * trace.outside:.0f} % outside{_said_of(own)}</figcaption></figure>"
    )


def _said_of(own: Own | None) -> str:
    if own is None:
        return ""
    return f"<br>{100 * own.share:.0f} % this clip's<br>(on average {100 * own.typical:.0f} %)"


def _row(title: str, meaning: str, prediction: Prediction, actions: list[str], flipped: bool | None) -> str:
    shares = prediction.shares
    cells = "".join(
        f'<td style="--share:{shares[action]:.3f}"{" class=best" if action == prediction.label else ""}>'
        f"{100 * shares[action]:.0f}&#8239;%</td>"
        for action in actions
    )
    said = escape(prediction.label)
    if flipped is not None:
        said = f"<b>flips</b> to {said}" if flipped else f"stays {said}"
    note = f'<small class="quiet">{escape(meaning)}</small>' if meaning else ""
    return (
        f'<tr{" class=flipped" if flipped else ""}><th scope="row">{escape(title)}{note}</th>{cells}'
        f'<td class="said-so">{said}</td></tr>'
    )
