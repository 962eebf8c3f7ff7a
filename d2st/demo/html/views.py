"""The teaching views as HTML: how the answer came about. Pure functions of clips, features and outcomes."""

from html import escape

import cv2
import numpy as np
import torch

from d2st import matching
from d2st.demo.html.page import data_url
from d2st.demo.workspace import Bench
from d2st.explain.draw import COLOURS
from d2st.explain.what_if import Outcome
from d2st.video import Clip

CELL, EDGE = 40, 46  # of a matrix, in units of its drawing: a cell, and the thumbnails beside the cells
NAMES = {"bi-mhm": "Bi-MHM", "otam": "OTAM", "frame-to-frame": "frame to frame"}


FORMULAS = {  # in the paper's symbols, one a line; folded away until asked for
    "matching": (
        "d(i, j) = 1 − cos(qᵢ, sⱼ), for frame i of the query and frame j of the example",
        "Bi-MHM: D = Σᵢ minⱼ d(i, j) + Σⱼ minᵢ d(i, j)",
        "OTAM: γ(i, j) = d(i, j) + smooth-min{γ(i−1, j−1), γ(i, j−1)}, both ways",
        "Frame to frame: D = Σᵢ d(i, i)",
        "Centred: qᵢ − mean of q, sⱼ − mean of s, before d",
    ),
    "what-if": (
        "z → GELU(½ (z + A_S(z)) + ½ (z + A_T(z))): a pathway that is off has A = 0",
        "Adapters off: x → x. Offsets at zero: p = r",
    ),
    "disentangled": (
        "x̂ = x + up(GELU(½ (z + A_S(z)) + ½ (z + A_T(z)))), z = down(x) + position(down(x))",
        "Change of a pathway in frame t: ‖x̂ₜ − x̂ₜ without it‖ / ‖x̂ₜ‖",
        "Attention on frame t: Σₚ wₚ max(0, 1 − |tₚ − t|), with w the attention averaged over all queries",
    ),
    "layers": (
        "p = r + tanh(Δ) · min(1, 2/n) for n points along an axis: no point moves further than one cell",
        "Outside: a coordinate of p beyond ±1",
    ),
}


def about(words: str, formula: str) -> str:
    """What a view shows, and its formula, folded away."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in FORMULAS[formula])
    return f'<div class="about"><p>{words}</p><details><summary>The formula</summary>{lines}</details></div>'


NOTHING = '<p class="empty">There is nothing to show yet: it takes examples of two actions, and a query.</p>'


def matrices(bench: Bench, example: str | None) -> str:
    """Distances of the query's frames from those of an example, as they are and centred."""
    examples = bench.examples()
    if not bench.prediction or example not in examples:
        return NOTHING
    query, other = bench.query, examples[example]
    pair = torch.stack([bench.recognizer.features(clip) for clip in (other, query)])  # [2, T, F]
    shown = []
    for title, each in (("As they are", pair), ("Centred: each clip's mean subtracted", matching.centre(pair))):
        distance = matching.frame_distance(each[:1], each[1:])[0, 0]  # [example's frames, query's]
        shown.append(matrix(distance, query, other, title))
    return (
        f'<div class="matrices">{"".join(shown)}</div>'
        '<p class="quiet">● the nearest frame of the query for each frame of the example, ○ the other way round: '
        "Bi-MHM adds these up. The line is the cheapest path that never goes back in time, which is OTAM's.</p>"
    )


def matrix(distance: torch.Tensor, query: Clip, example: Clip, title: str) -> str:
    """One distance matrix [T_s, T_q] with what Bi-MHM and OTAM take from it."""
    rows, columns = distance.shape
    furthest = max(float(distance.max()), 1e-6)
    drawn = []
    for index, frame in enumerate(query.frames):
        drawn.append(thumbnail(frame, EDGE + index * CELL + 1, 0))
    for index, frame in enumerate(example.frames):
        drawn.append(thumbnail(frame, 0, EDGE + index * CELL + 1))
    for row in range(rows):
        for column in range(columns):
            value = float(distance[row, column])
            x, y = EDGE + column * CELL, EDGE + row * CELL
            near = 1 - value / furthest
            drawn.append(
                f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" style="fill-opacity:{0.04 + 0.6 * near:.2f}"/>'
                f'<text x="{x + CELL - 3}" y="{y + CELL - 4}">{value:.2f}</text>'
            )
    path = " ".join("{},{}".format(*middle(s, q)) for s, q in matching.align(distance, "otam"))
    drawn.append(f'<polyline class="halo" points="{path}"/><polyline points="{path}"/>')
    for row, column in enumerate(distance.argmin(1).tolist()):
        x, y = middle(row, column)
        drawn.append(f'<circle class="taken" cx="{x}" cy="{y}" r="4"/>')
    for column, row in enumerate(distance.argmin(0).tolist()):
        x, y = middle(row, column)
        drawn.append(f'<circle class="ring" cx="{x}" cy="{y}" r="8"/>')
    scores = " · ".join(f"{NAMES[name]} {float(row.score(distance)):.2f}" for name, row in matching.MATCHINGS.items())
    scores = scores.replace("-", "−").replace("Bi−MHM", "Bi-MHM")
    width, height = EDGE + columns * CELL + 1, EDGE + rows * CELL + 1
    words = (
        f"{title}. Distances of {rows} frames of the example (rows) from {columns} of the query (columns). "
        f"Scores: {scores}"
    )
    return (
        f'<figure class="matrix"><figcaption><b>{title}</b><span class="quiet">{scores}</span></figcaption>'
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(words)}">'
        f"{''.join(drawn)}</svg></figure>"
    )


def middle(row: int, column: int) -> tuple[float, float]:
    return EDGE + (column + 0.5) * CELL, EDGE + (row + 0.5) * CELL


def thumbnail(frame: np.ndarray, x: float, y: float) -> str:
    small = cv2.resize(frame, (2 * CELL, 2 * CELL), interpolation=cv2.INTER_AREA)
    return f'<image x="{x}" y="{y}" width="{CELL - 2}" height="{CELL - 2}" href="{data_url(small)}"/>'


def what_if(before, outcomes: list[Outcome]) -> str:
    """A table: the share of each action under each change, and what flipped."""
    actions = list(before.scores)
    rows = [_row("as it is", "", before, actions, None)]
    rows += [
        _row(o.change.title, o.change.meaning, o.prediction, actions, o.flipped)
        if o.prediction
        else f'<tr><th scope="row">{o.change.title}</th><td colspan="{len(actions) + 1}">{escape(o.problem)}</td></tr>'
        for o in outcomes
    ]
    head = "".join(f'<th scope="col">{escape(action)}</th>' for action in actions)
    return (
        '<div class="wide"><table class="what-if"><thead><tr>'
        f'<th scope="col">The query</th>{head}<th scope="col">The answer</th>'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def disentangled(bench: Bench) -> str:
    """How much each pathway changes the features, and where over the frames it attends: a row a layer."""
    if not bench.traces:
        return no_points(bench)
    changes = bench.recognizer.inspect(bench.query).contributions
    most = max(change.max() for layer in changes.values() for change in layer.values()) or 1
    attended = {(trace.layer, trace.pathway): trace.over_time for trace in bench.traces}
    peak = max(share.max() for share in attended.values())
    rows = []
    for layer, by_pathway in changes.items():
        cells = []
        for pathway, change in by_pathway.items():
            words = f"{pathway} pathway of {layer}: "
            mean = f"{100 * change.mean():.1f} %"
            share = attended[layer, pathway]
            cells.append(
                f"<td>{bars(change / most, pathway, words + 'changes the features by ' + mean)}"
                f"<span>{mean}</span></td>"
                f"<td>{bars(share / peak, pathway, words + f'attends most to frame {share.argmax() + 1}')}"
                f"<span>most: frame {share.argmax() + 1}</span></td>"
            )
        rows.append(f'<tr><th scope="row">{layer}</th>{"".join(cells)}</tr>')
    head = "".join(
        f'<th scope="col">{pathway}: change</th><th scope="col">{pathway}: attention</th>'
        for pathway in ("spatial", "temporal")
    )
    return (
        f'<div class="wide"><table class="disentangled"><thead><tr><th scope="col">Layer</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


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


def across_layers(bench: Bench) -> str:
    """All layers at once: the points of every moment over the middle frame, and three figures each."""
    if not bench.traces:
        return no_points(bench)
    ground = data_url(bench.query.frames[len(bench.query.frames) // 2])
    shown = []
    for trace in bench.traces:
        side = bench.query.frames.shape[1]
        marks = []
        for group in range(trace.groups):
            colour = "#{:02x}{:02x}{:02x}".format(*COLOURS[group % len(COLOURS)])
            radii = np.clip(7 * trace.weight[group] / trace.weight[group].mean(), 3, 16)
            for (_, y, x), radius, inside in zip(trace.located_position[group], radii, trace.in_bounds[group]):
                fill = (
                    f'fill="{colour}" fill-opacity=".8"'
                    if inside
                    else f'fill="none" stroke="{colour}" stroke-width="3"'
                )
                marks.append(
                    f'<circle cx="{np.clip(x, -20, side + 20):.1f}" cy="{np.clip(y, -20, side + 20):.1f}" '
                    f'r="{radius:.1f}" {fill}/>'
                )
        pixels, frames = trace.reach
        words = f"{trace.layer}, {trace.pathway}: {len(trace.reference)} points in each of {trace.groups} groups"
        shown.append(
            f'<figure><svg viewBox="-20 -20 {side + 40} {side + 40}" role="img" aria-label="{words}">'
            f'<image href="{ground}" width="{side}" height="{side}" opacity=".7"/>{"".join(marks)}</svg>'
            f"<figcaption><b>{trace.layer}, {trace.pathway}</b>offsets {pixels:.0f} px, {frames:.1f} frames<br>"
            f"{100 * trace.outside:.0f} % outside</figcaption></figure>"
        )
    return f'<div class="layers">{"".join(shown)}</div>'


def no_points(bench: Bench) -> str:
    return NOTHING if not bench.query else '<p class="empty">This model has no sampling points.</p>'


def _row(title, meaning, prediction, actions, flipped) -> str:
    shares = prediction.shares
    cells = "".join(
        f'<td style="--share:{shares[action]:.3f}"{" class=best" if action == prediction.label else ""}>'
        f"{100 * shares[action]:.0f}&#8239;%</td>"
        for action in actions
    )
    said = escape(prediction.label)
    if flipped is not None:
        said = f"<b>flips</b> to {said}" if flipped else f"stays {said}"
    note = f'<small class="quiet">{meaning}</small>' if meaning else ""
    return (
        f'<tr{" class=flipped" if flipped else ""}><th scope="row">{title}{note}</th>{cells}'
        f'<td class="said-so">{said}</td></tr>'
    )
