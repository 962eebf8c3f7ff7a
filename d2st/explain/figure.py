"""A page-wide figure for print: the frames with their sampling points, and what they were matched with."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from d2st.errors import D2STError
from d2st.explain import draw
from d2st.kinds import KINDS
from d2st.matching import MATCHINGS
from d2st.recognizer import Prediction, Recognizer
from d2st.trace import SamplingTrace
from d2st.video import Clip

FORMATS = ("pdf", "svg", "png")
DPI = 300
WIDTH = 504.0  # points, 1/72 inch: both columns of a page
_LABELS, _GAP, _BETWEEN, _LINE, LABEL_SIZE = (
    20.0,
    2.0,
    24.0,
    8.6,
    7.0,
)  # points: beside and between the rows; of the caption
INK, _DARK, _ACCENT = "#1e2430", tuple(np.array(draw.DARK) / 255), "#4f46e5"
_LONGEST = 60  # letters of a name
# Letters as outlines or as TrueType, which publishers take; names of parts by what is in them, not by chance.
_SETTINGS: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"], "pdf.fonttype": 42, "svg.fonttype": "path", "svg.hashsalt": "d2st",
    "image.composite_image": False,
}  # fmt: skip
_one_at_a_time = threading.Lock()  # matplotlib's settings are the process's


def save_figure(
    file: Path,
    recognizer: Recognizer,
    clip: Clip,
    traces: Sequence[SamplingTrace] = (),
    prediction: Prediction | None = None,
    group: int | None = None,
) -> None:
    """Write a figure of a clip, a row of its frames for each trace, and the nearest example where it was answered.

    Each look at the clip has rows of its own.

    file: .pdf, .svg or .png says the format, 300 dots an inch, 7 inches wide; equal arguments give equal bytes.
    traces: of the clip, `chosen` picks some; without any, the frames alone. group: 0…G−1, or None for all.
    Marks are as in `draw.draw_points`. The caption states model, layer, pathway and matching; letters that the
    font lacks stand there as their numbers. Raises `D2STError` for another format.
    """
    kind = file.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise D2STError(f"'{file.name}' is no .pdf, .svg or .png file. Choose one of the three.")
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    said = caption(recognizer, clip, traces, prediction, group)
    with in_our_style():
        figure = _Sheet(clip, traces, prediction, group, said).figure
        FigureCanvasAgg(figure).figure.savefig(file, format=kind, dpi=DPI, metadata=without_date(kind, said))


@contextmanager
def in_our_style() -> Iterator[None]:
    """Inside, a figure is drawn and written in the house's letters; one at a time."""
    from matplotlib import rc_context  # slow to import, and only figures need it

    with _one_at_a_time, rc_context(_SETTINGS):
        yield


def without_date(kind: str, said: str) -> dict[str, str | None]:
    """What a file of that kind says of itself: not when it was made, so that equal figures are equal files."""
    return {
        "pdf": {"CreationDate": None, "Subject": said},
        "svg": {"Date": None, "Description": said},
        "png": {},
    }[kind]


def chosen(
    traces: Iterable[SamplingTrace], layer: str | None = None, pathway: str | None = None
) -> list[SamplingTrace]:
    """The traces of a layer, the first unless it is named, and of a pathway where one is named.

    Raises `D2STError` for names that there are not.
    """
    traces = list(traces)
    layers = list(dict.fromkeys(trace.layer for trace in traces))
    layer = layer or (layers[0] if layers else None)
    of_layer = [trace for trace in traces if trace.layer == layer]
    if traces and not of_layer:
        raise D2STError(f"There is no layer '{layer}' here. There are {', '.join(layers)}.")
    found = [trace for trace in of_layer if pathway in (None, trace.pathway)]
    if traces and not found:
        raise D2STError(
            f"There is no pathway '{pathway}' here. There are {', '.join({trace.pathway: 0 for trace in of_layer})}."
        )
    return found


def caption(
    recognizer: Recognizer,
    clip: Clip,
    traces: Sequence[SamplingTrace],
    prediction: Prediction | None,
    group: int | None = None,
) -> str:
    """What a figure of these shows, in sentences."""
    model = recognizer.model
    looks = f", in {clip.looks} looks at it, each by itself" if clip.looks > 1 else ""
    said = [f"“{_name(clip.name)}”, the {len(clip.frames)} frames that the network saw{looks}."]
    if prediction:
        second = list(prediction.scores)[1]
        said.append(
            f"Answer: “{_name(prediction.label)}”, ahead of “{_name(second)}” by a margin of {prediction.margin:.2f}"
            f"{'' if prediction.matches else '; nothing matches well'}. Lines join the frames that "
            f"{MATCHINGS[recognizer.matching].title}{', centred,' if recognizer.centre else ''} matches with the "
            f"nearest example of it, “{_name(prediction.nearest.name)}”."
        )
    kind = f", {KINDS[model.kind].title}" if model.kind else ""
    said.append(f"Model: {model.name}{kind}; {model.described}.".replace("..", "."))
    for trace in (trace for trace in traces if trace.look == 0):
        moments, rows, columns = trace.points
        groups = f"group {group + 1} of {trace.groups}" if group is not None else f"each of {trace.groups} groups"
        said.append(
            f"{trace.layer[:1].upper()}{trace.layer[1:]}, {trace.pathway} pathway: {moments} moments × {rows} × "
            f"{columns} places for {groups}."
        )
    if traces:
        random = "" if model.trained else " The offsets are random, for the adapters are untrained."
        said.append(
            "Cross: reference; line: offset, dotted from another frame; disc: sampling point, a colour a group, larger "
            f"with more attention, fainter between frames or partly outside the clip; ring: reads nothing.{random}"
        )
    return " ".join(said)


def _name(name: str) -> str:
    shown = "".join(c if c.isprintable() else _as_number(c) for c in name)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def _as_number(letter: str) -> str:
    return ascii(letter)[1:-1]


class _Sheet:
    """The figure as it grows from the top; places are (x, y) in points from the top left corner."""

    def __init__(self, clip, traces, prediction, group, said):
        from matplotlib.figure import Figure

        self.count = len(clip.frames) // clip.looks
        self.lines = _wrapped(said, WIDTH)
        rows = max(len(traces), clip.looks)
        height = clip.looks * _LINE + rows * (self.cell + _GAP) + _LINE * (len(self.lines) + 1)
        if prediction:
            height += _BETWEEN + _cell(len(prediction.nearest.frames))
            height += _cell(len(clip.frames)) + _GAP if clip.looks > 1 else 0
        self.figure = Figure(figsize=(WIDTH / 72, height / 72))
        self.axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
        self.axes.axis("off")
        self.y = 0.0
        for look in range(clip.looks):
            frames = slice(look * self.count, (look + 1) * self.count)
            self.times(clip.times[frames])
            for trace in [trace for trace in traces if trace.look == look] or [None]:
                self.row(clip.frames[frames], trace, group)
        if prediction:
            self.answer(clip, prediction)
        self.y += 0.6 * _LINE
        for line in self.lines:
            self.write(0, line, ha="left")

    @property
    def cell(self) -> float:
        return _cell(self.count)

    def left(self, frame: int) -> float:
        return _LABELS + frame * (self.cell + _GAP)

    def middle(self, frame: int) -> float:
        return self.left(frame) + self.cell / 2

    def write(self, x: float, text: str, **how) -> None:
        """A line of text; the next one comes below."""
        self.axes.text(x, self.y + _LINE / 2, text, size=LABEL_SIZE, color=INK, va="center", parse_math=False, **how)
        self.y += _LINE

    def times(self, times) -> None:
        top = self.y
        for frame, time in enumerate(times):
            self.write(self.middle(frame), f"{time:.2f} s", ha="center")
            self.y = top
        self.y = top + _LINE

    def row(self, frames: np.ndarray, trace: SamplingTrace | None, group: int | None, label: str = "") -> None:
        """Frames from left to right, with a dark margin around them where points may stand."""
        side = frames.shape[1]
        edge = draw.MARGIN if trace else 0
        scale = self.cell / (side + 2 * edge)  # points a pixel of a frame
        for frame, picture in enumerate(frames):
            left = self.left(frame)
            if trace:
                self.background(left)
            box = (
                left + edge * scale,
                left + (edge + side) * scale,
                self.y + (edge + side) * scale,
                self.y + edge * scale,
            )
            self.axes.imshow(picture, extent=box, aspect="auto", interpolation="lanczos", zorder=1)
        self.axes.set(xlim=(0, WIDTH), ylim=(self.figure.get_figheight() * 72, 0))
        if trace:
            self.marks(trace, group, len(frames), scale / draw.SCALE)
        label = f"{trace.layer}\n{trace.pathway}" if trace else label
        self.axes.text(
            _LABELS / 2 - 2, self.y + self.cell / 2, label, size=LABEL_SIZE - 0.5, color=INK, rotation=90, ha="center",
            va="center", parse_math=False,
        )  # fmt: skip
        self.y += self.cell + _GAP

    def background(self, left: float) -> None:
        from matplotlib.patches import Rectangle

        colour = tuple(np.array(draw.FILM) / 255)
        self.axes.add_patch(Rectangle((left, self.y), self.cell, self.cell, facecolor=colour, linewidth=0, zorder=0.5))

    def marks(self, trace: SamplingTrace, group: int | None, count: int, scale: float) -> None:
        """scale: points a pixel of a picture of `draw`."""
        side = self.cell / scale

        def on_sheet(frame: int, place) -> tuple[float, float]:
            y, x = np.clip(place, 0, side) * scale
            return self.left(frame) + float(x), self.y + float(y)

        groups = range(trace.groups) if group is None else [group]
        marks = [mark for each in groups for mark in draw.marks_of(trace, each, count - 1)]
        for style in ("-", (0, (1, 1.6))):
            of_style = [mark for mark in marks if mark.stays == (style == "-")]
            ends = [(on_sheet(m.frame, m.start), on_sheet(m.frame, m.place)) for m in of_style]
            self.strokes(ends, [(*_DARK, m.nearness) for m in of_style], 0.9, zorder=2, linestyles=style)
            self.strokes(ends, [(*_of(m.colour), m.nearness) for m in of_style], 0.5, zorder=2, linestyles=style)
        arms, near = [], []
        for time, y, x in trace.located_reference:
            for frame, nearness in draw.frames_at(time - trace.first, count - 1):
                right, down = on_sheet(frame, draw.picture_place(y, x))
                arms += [((right - 1, down), (right + 1, down)), ((right, down - 1), (right, down + 1))]
                near += [nearness] * 2
        self.strokes(arms, [(*_DARK, nearness) for nearness in near], 0.8, zorder=3)
        self.strokes(arms, [(1, 1, 1, nearness) for nearness in near], 0.4, zorder=3)
        self.discs(marks, [(on_sheet(m.frame, m.place), m.radius * scale) for m in marks])

    def strokes(self, ends, colours, width: float, **how) -> None:
        from matplotlib.collections import LineCollection

        self.axes.add_collection(LineCollection(ends, colors=colours, linewidths=width, **how))

    def discs(self, marks: list[draw.Mark], places) -> None:
        """places: (centre, radius) of each mark."""
        from matplotlib.collections import PatchCollection
        from matplotlib.patches import Circle

        circles = [Circle(centre, radius) for centre, radius in places]
        seen = [(mark, mark.nearness * (mark.inside or 1)) for mark in marks]
        rim = [(*_DARK, opacity) for _, opacity in seen]
        fill = [(*_of(m.colour), opacity if m.inside else 0) for m, opacity in seen]
        line = [(*((1, 1, 1) if m.inside else _of(m.colour)), opacity) for m, opacity in seen]
        for face, edge, width in (("none", rim, 0.9), (fill, line, 0.4)):
            self.axes.add_collection(
                PatchCollection(circles, facecolors=face, edgecolors=edge, linewidths=width, zorder=4)
            )

    def answer(self, query: Clip, prediction: Prediction) -> None:
        """The nearest example below the query; the frames of several looks stand in one row for that."""
        nearest = prediction.nearest
        if query.looks > 1:
            self.count = len(query.frames)
            self.row(query.frames, None, None, "query")
        above = [self.middle(q) for _, q in prediction.alignment]
        self.count = len(nearest.frames)
        below = [self.middle(s) for s, _ in prediction.alignment]
        top, bottom = self.y - _GAP, self.y - _GAP + _BETWEEN
        ends = [((a, top), (b, bottom)) for a, b in zip(above, below, strict=True)]
        self.strokes(ends, _ACCENT, 0.9, capstyle="round")
        self.y = bottom
        self.row(nearest.frames, None, None, "nearest\nexample")


def _cell(count: int) -> float:
    """The side of a frame, so many of which fill a row."""
    return (WIDTH - _LABELS - (count - 1) * _GAP) / count


def _of(colour: tuple[int, int, int]) -> tuple[float, float, float]:
    red, green, blue = colour
    return red / 255, green / 255, blue / 255


def drawable(text: str) -> str:
    """A text in letters that the font has; others as their numbers."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    known: Any = get_font(findfont(FontProperties(family="DejaVu Sans"))).get_charmap()
    return "".join(c if ord(c) in known else _as_number(c) for c in text)


def _wrapped(text: str, width: float) -> list[str]:
    """Lines of at most `width` points, broken between words, and inside those that are longer than a line."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    properties = FontProperties(family="DejaVu Sans", size=LABEL_SIZE)
    measure = TextToPath()

    def long(line: str) -> bool:
        return measure.get_text_width_height_descent(line, properties, False)[0] > width

    lines = [""]
    for word in drawable(text).split(" "):
        if not long(f"{lines[-1]} {word}".strip()):
            lines[-1] = f"{lines[-1]} {word}".strip()
            continue
        lines.append("")
        for letter in word:
            if long(lines[-1] + letter):
                lines.append("")
            lines[-1] += letter
    return [line for line in lines if line]
