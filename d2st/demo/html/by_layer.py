"""The chart "answer layer by layer": which action leads behind each layer, and by how much."""

import json
from html import escape

from d2st.demo.html.saving import savable
from d2st.explain import numbers
from d2st.explain.by_layer import ANSWER, ByLayer, LayerAnswer
from d2st.video import Clip

ROOM = 0.12  # of the chart's height that stays free above and below


def by_layer(found: ByLayer, query: Clip) -> str:
    """A column a layer, with the adapters and without; a column is a button that sends the stage to its layer."""
    frozen = {row.layer: row for row in found.frozen}
    rows = [(row, frozen.get(row.layer)) for row in found.adapted]
    leads = [each.lead for pair in rows for each in pair if each] + [0.0]
    low, high = min(leads), max(leads)

    def height(lead: float) -> float:
        """0…1, from the top."""
        return ROOM + (1 - 2 * ROOM) * (high - lead) / ((high - low) or 1)

    lines = _line([height(row.lead) for row, _ in rows], "adapted")
    if all(other for _, other in rows):
        lines += _line([height(other.lead) for _, other in rows if other], "frozen")
    columns = "".join(_column(found.label, row, other, height) for row, other in rows)
    zero = f'<hr style="top:{100 * height(0):.1f}%">'
    without = ', <span class="frozen">without them</span>' if found.frozen else ""
    shown = (
        f'<figure class="by-layer"><figcaption>By how much “{escape(found.label)}” leads the best other action, '
        f'<span class="adapted">with the adapters</span>{without}. Below the line, another action leads.</figcaption>'
        f'<div class="wide" tabindex="0"><div class="columns" style="--columns:{len(rows)}">'
        f'<div class="lines" aria-hidden="true">{zero}<svg viewBox="0 0 {len(rows)} 1" preserveAspectRatio="none">'
        f"{lines}</svg></div>{columns}</div></div></figure>"
    )
    return savable(shown, numbers.of_layer_answers(query, found))


def _line(heights: list[float], kind: str) -> str:
    points = " ".join(f"{index + 0.5},{height:.3f}" for index, height in enumerate(heights))
    return f'<polyline class="{kind}" points="{points}"/>'


def _column(label: str, row: LayerAnswer, other: LayerAnswer | None, height) -> str:
    dots = "".join(
        f'<i class="{kind}{"" if each.leads == label else " other"}" style="top:{100 * height(each.lead):.1f}%"></i>'
        for kind, each in (("frozen", other), ("adapted", row))
        if each
    )
    said = f"<b>{escape(row.layer)}</b>{_said(row, label, 'with')}{_said(other, label, 'without') if other else ''}"
    inside = f'<span class="plot" aria-hidden="true">{dots}</span>{said}'
    if row.layer == ANSWER:
        return f'<div class="column">{inside}</div>'
    go = escape(json.dumps({"layer": row.layer}))
    return f'<button type="button" class="column" data-go="{go}" title="Show this layer on the stage">{inside}</button>'


def _said(row: LayerAnswer, label: str, how: str) -> str:
    leads = escape(row.leads) if row.leads == label else f"<em>{escape(row.leads)}</em>"
    return f'<span class="said-of">{how}: {leads} by {row.margin:.2f}</span>'
