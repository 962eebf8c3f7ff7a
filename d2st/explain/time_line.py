"""What was found in a long file, to keep: a table, subtitles, one object, a picture."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from d2st.errors import D2STError
from d2st.explain import draw
from d2st.explain.figure import DPI, INK, LABEL_SIZE, WIDTH, drawable, in_our_style, without_date
from d2st.explain.numbers import Numbers, Value
from d2st.live.scan import Scan

MOST_ACTIONS = 20  # of a window whose scores are told, best first
_HEIGHT, _BAND = 190.0, 0.16  # points; the share of it that the band of answers takes
_NARROWEST = 0.08  # of the whole time: in a shorter passage its action's name does not fit
_MOST_NAMES = 12  # beside the scores
_LONGEST = 18  # letters of a name in the picture


def numbers(found: Scan) -> Numbers:
    """A row for each passage; where nothing is said, its action is none."""
    rows: list[list[Value]] = [[each.start, each.end, each.action, each.score] for each in found.passages]
    return Numbers("time-line", ["start", "end", "action", "score"], rows, _about(found))


def told(found: Scan) -> dict[str, Any]:
    """All of it as plain values; of each window the scores of its best actions."""
    windows = []
    for start, scores in zip(found.starts.tolist(), found.scores, strict=True):
        best = np.argsort(-scores, kind="stable")[:MOST_ACTIONS].tolist()
        said = {found.actions[index]: round(float(scores[index]), 6) for index in best if not np.isnan(scores[index])}
        windows.append({"start": round(start, 6), "end": round(start + found.window, 6), "scores": said})
    passages = [vars(each) for each in found.passages]
    return {**_about(found), "notes": list(found.notes), "passages": passages, "windows": windows}


def _about(found: Scan) -> dict[str, Value]:
    names = ("duration", "window", "stride", "threshold")
    return {"file": found.name} | {name: round(getattr(found, name), 6) for name in names}


def vtt(found: Scan) -> str:
    """Subtitles (https://www.w3.org/TR/webvtt1/): a cue for each passage that has an action."""
    cues = [
        f"{_clock(each.start)} --> {_clock(each.end)}\n{_escaped(each.action)}\n"
        for each in found.passages
        if each.action is not None
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _clock(seconds: float) -> str:
    minutes, thousandths = divmod(round(1000 * seconds), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{thousandths // 1000:02}.{thousandths % 1000:03}"


def _escaped(name: str) -> str:
    shown = " ".join(name.split())
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def save_picture(found: Scan, file: Path) -> None:
    """Draw the answers as a band over time, and below it the scores: .png, .svg or .pdf, as the file's name says.

    The actions that are said have a colour each, in turn; the others are grey; what lies below the dashed line, the
    threshold, is not said.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    kind = file.suffix.lower().removeprefix(".")
    said = list(dict.fromkeys(each.action for each in found.passages if each.action is not None))
    colours = {action: tuple(np.array(draw.COLOURS[at % len(draw.COLOURS)]) / 255) for at, action in enumerate(said)}
    with in_our_style():
        figure = Figure(figsize=(WIDTH / 72, _HEIGHT / 72), layout="constrained")
        band, scores = figure.subplots(2, 1, sharex=True, height_ratios=(_BAND, 1 - _BAND))
        _draw_band(band, found, colours)
        _draw_scores(scores, found, colours)
        about = f"{found.name}: windows of {found.window:g} s, one every {found.stride:g} s"
        FigureCanvasAgg(figure).figure.savefig(file, format=kind, dpi=DPI, metadata=without_date(kind, about))


def _draw_band(axes, found: Scan, colours: dict[str, tuple]) -> None:
    axes.set(xlim=(0, found.duration), ylim=(0, 1), yticks=[])
    axes.tick_params(bottom=False)
    for each in found.passages:
        if each.action is None:
            continue
        axes.axvspan(each.start, each.end, color=colours[each.action], linewidth=0)
        if each.end - each.start >= _NARROWEST * found.duration:
            middle = (each.start + each.end) / 2
            axes.text(
                middle, 0.5, _short(each.action), size=LABEL_SIZE, color=INK, ha="center", va="center",
                parse_math=False, clip_on=True,
            )  # fmt: skip


def _draw_scores(axes, found: Scan, colours: dict[str, tuple]) -> None:
    middles = found.starts + found.window / 2
    for index, action in enumerate(found.actions):
        if action not in colours and len(found.actions) > MOST_ACTIONS:
            continue
        how: dict[str, Any] = dict(color="#c9ced8", linewidth=0.6, zorder=1)
        if action in colours:
            how = dict(color=colours[action], linewidth=1.2, zorder=2, label=_short(action))
        axes.plot(middles, found.scores[:, index], marker="." if len(middles) == 1 else None, **how)
    axes.axhline(found.threshold, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_xlabel("seconds", size=LABEL_SIZE, color=INK)
    axes.set_ylabel("score", size=LABEL_SIZE, color=INK)
    axes.tick_params(labelsize=LABEL_SIZE, colors=INK)
    if colours:
        handles = axes.get_legend_handles_labels()[0][:_MOST_NAMES]
        legend = axes.legend(
            handles=handles, fontsize=LABEL_SIZE, frameon=False, loc="upper left", bbox_to_anchor=(1, 1)
        )
        for text in legend.get_texts():
            text.set_parse_math(False)


def _short(name: str) -> str:
    shown = drawable(" ".join(name.split()))
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


# One row a kind of file.
FORMATS: dict[str, Callable[[Scan, Path], Any]] = {
    ".json": lambda found, file: file.write_text(json.dumps(told(found), ensure_ascii=False), encoding="utf-8"),
    ".csv": lambda found, file: file.write_bytes(numbers(found).csv()),
    ".vtt": lambda found, file: file.write_text(vtt(found), encoding="utf-8"),
    ".png": save_picture,
    ".svg": save_picture,
    ".pdf": save_picture,
}


def check_format(file: Path) -> None:
    """Raise `D2STError` where a file's name says no kind that a scan can be saved as."""
    if file.suffix.lower() not in FORMATS:
        *others, last = FORMATS
        raise D2STError(f"'{file.name}' is no {', '.join(others)} or {last} file. Choose one of them.")


def save(found: Scan, file: Path) -> None:
    """Write a scan as the kind of file that its name says. Raises `D2STError` for another."""
    check_format(file)
    FORMATS[file.suffix.lower()](found, file)
