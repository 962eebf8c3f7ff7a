"""The numbers that a view shows, as a table: CSV for a spreadsheet, JSON for a program."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from d2st.explain import compare
from d2st.explain.by_layer import ByLayer
from d2st.explain.decided import Decided, Shot
from d2st.explain.distances import FrameDistances
from d2st.explain.usual import Own
from d2st.explain.what_if import Outcome
from d2st.recognizer import Prediction
from d2st.trace import Encoding, SamplingTrace
from d2st.video import Clip

Value = str | float | int | bool | None

_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # what a spreadsheet takes for one's beginning


@dataclass(frozen=True)
class Numbers:
    """Rows of a view, and what is said about all of them.

    name: of the view, for the file's name; rows: a value a column, None where there is none; about: facts.
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    about: Mapping[str, Value] = field(default_factory=dict)

    def csv(self) -> bytes:
        """UTF-8 with the mark that spreadsheets know it by, a head and a line a row; the facts are not in it.

        A text that a spreadsheet would take for a formula has an apostrophe before it.
        """
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([_cell(column) for column in self.columns])
        writer.writerows([_cell(value) for value in row] for row in self.rows)
        return text.getvalue().encode("utf-8-sig", "replace")

    def json(self) -> bytes:
        """One object: the view's name, the facts, and a list with an object a row."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        said = {"view": self.name, **self.about, "rows": rows}
        return json.dumps(said, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _cell(value: Value) -> Value:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.lstrip(" \xa0").startswith(_FORMULA):
        return "'" + value
    return value


def of_matching(pairs: Sequence[FrameDistances], query: Clip, example: Clip) -> Numbers:
    """A row for each pair of frames, counted from 1: how far apart they are, and which matchings take the pair."""
    names = list(pairs[0].alignments)
    rows: list[list[Value]] = []
    for found in pairs:
        taken = [set(found.alignments[name]) for name in names]
        for (row, column), distance in _each(found.distance):
            pairs_of = [(row, column) in each for each in taken]
            rows.append([found.title, row + 1, column + 1, distance, *pairs_of])
    scores = {
        f"score of {name}, {found.title.split(':')[0].lower()}": _short(score)
        for found in pairs
        for name, score in found.scores.items()
    }
    columns = ["features", "frame of the example", "frame of the query", "distance", *(f"taken by {n}" for n in names)]
    return Numbers("matching", columns, rows, {"query": query.name, "example": example.name, **scores})


def of_what_if(before: Prediction, outcomes: Sequence[Outcome]) -> Numbers:
    """A row for the query as it is, and for each change: the answer, and the share and score of each action."""
    actions = before.best

    def row(change: str, found: Prediction | None, flips: bool | None, problem: str) -> list[Value]:
        if found is None:
            return [change, None, None, None, problem, *[None] * (2 * len(actions))]
        numbers = [_short(each[action]) for each in (found.shares, found.scores) for action in actions]
        return [change, found.label, flips, _short(found.margin), problem, *numbers]

    rows = [row("as it is", before, False, "")]
    rows += [row(each.change.title, each.prediction, each.flipped, each.problem) for each in outcomes]
    named = [f"{what} of {action}" for what in ("share", "score") for action in actions]
    return Numbers("what-if", ["change", "answer", "flips", "margin", "problem", *named], rows, _of(before.query))


def of_pathways(query: Clip, encoding: Encoding) -> Numbers:
    """A row for each layer, pathway and frame: what the pathway changes there, and how much it attends to it."""
    attended = encoding.over_time
    rows: list[list[Value]] = []
    for layer, by_pathway in encoding.contributions.items():
        for pathway, change in by_pathway.items():
            attention = attended.get((layer, pathway))
            for frame, share in enumerate(change):
                paid = None if attention is None else _short(attention[frame])
                rows.append([layer, pathway, frame + 1, _short(share), paid])
    return Numbers("disentangled", ["layer", "pathway", "frame", "change", "attention"], rows, _of(query))


def of_layers(query: Clip, traces: Sequence[SamplingTrace], own: Mapping[tuple[str, str], Own]) -> Numbers:
    """A row for each layer and pathway: points, how far they move, how much lies outside, and is the clip's own.

    Where there are several looks, a row for each, with its number.
    """
    several = any(trace.look for trace in traces)
    columns = [
        "layer", "pathway", "groups", "points of a group", "offset in pixels", "offset in frames", "share outside",
        "share this clip's", *["look"] * several,
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [
            t.layer,
            t.pathway,
            t.groups,
            len(t.reference),
            *(_short(each) for each in (*t.reach, t.outside)),
            _short(own[t.layer, t.pathway].share) if (t.layer, t.pathway) in own else None,
            *[t.look + 1] * several,
        ]
        for t in traces
    ]
    return Numbers("layers", columns, rows, _of(query))


def of_layer_answers(query: Clip, found: ByLayer) -> Numbers:
    """A row for each layer, with the adapters and without: which action leads there, and by how much."""
    rows: list[list[Value]] = [
        [each.layer, how, each.leads, _short(each.margin), _short(each.lead)]
        for how, answers in (("with", found.adapted), ("without", found.frozen))
        for each in answers
    ]
    columns = ["layer", "adapters", "leads", "margin", f"lead of {found.label}"]
    return Numbers("layer-by-layer", columns, rows, _of(query))


def of_frames(query: Clip, found: Decided) -> Numbers:
    """A row for each frame of the query: what it adds to the margin of the first action over the second."""
    rows: list[list[Value]] = [[frame + 1, _short(added)] for frame, added in enumerate(found.frames)]
    about: dict[str, Value] = {
        "first": found.first,
        "second": found.second,
        "margin": _short(found.margin),
        "of no frame": _short(found.rest),
    }
    return Numbers("frames", ["frame", "adds to the margin"], rows, _of(query) | about)


def of_shots(query: Clip, found: Sequence[Shot]) -> Numbers:
    """A row for each example, best first: its score by itself."""
    rows: list[list[Value]] = [[shot.action, shot.clip.name, _short(shot.score)] for shot in found]
    return Numbers("examples", ["action", "example", "score"], rows, _of(query))


def of_comparison(query: Clip, found: Sequence[compare.Row]) -> Numbers:
    """A row for each contender and matching: the answer, and whether it differs from the one that is looked at."""
    columns = ["adapters", "about", "matching", "centred", "answer", "differs", "share", "margin", "problem"]
    rows: list[list[Value]] = []
    for row in found:
        of = [row.contender.title, row.contender.model.described]
        for each in row.answers:
            p = each.prediction
            said = [p.label, each.differs, _short(p.shares[p.label]), _short(p.margin)] if p else [None] * 4
            rows.append([*of, each.matching, each.centre, *said, each.problem])
    return Numbers("compare", columns, rows, _of(query))


def _of(query: Clip) -> dict[str, Value]:
    return {"query": query.name}


def _each(matrix):
    for row, values in enumerate(matrix):
        for column, value in enumerate(values):
            yield (row, column), _short(value)


def _short(value: float) -> float:
    """Rounded to what float32 can tell."""
    return float(f"{float(value):.6g}")
