"""The figure for print that a visitor asks for."""

from pathlib import Path

from d2st.demo.events import DrawFigure
from d2st.demo.workspace import Visit
from d2st.errors import D2STError
from d2st.explain.figure import FORMATS, chosen, save_figure
from d2st.recognizer import Recognizer


def drawn(visit: Visit, asked: DrawFigure) -> Path:
    """A file with a figure of the query, its points, and what it was matched with.

    Raises `D2STError` where there is no query, and for a format, layer or group that there is not.
    """
    workspace = visit.workspace
    if not workspace.query:
        raise D2STError("There is no query to draw yet. Drop or record one.")
    if asked.format not in FORMATS:
        raise D2STError(f"A figure is one of {', '.join(FORMATS)}. Reload the page.")
    encoding, model = workspace.on_stage
    recognizer, found = workspace.recognizer, workspace.prediction
    if workspace.seen_by:  # their answers stand in the table of Compare
        recognizer, found = Recognizer(model), None
    traces = chosen(encoding.traces if encoding else [], asked.layer or None)
    group = int(asked.group) if asked.group.isdecimal() and len(asked.group) < 4 else None
    if group is not None and any(group >= trace.groups for trace in traces):
        raise D2STError("There is no such group in this layer. Choose another one in the stage.")
    file = visit.new_file(f"figure.{asked.format}")
    save_figure(file, recognizer, workspace.query, traces, found, group)
    return file
