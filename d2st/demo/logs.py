"""What the server writes down: one line for each thing that happened, without what visitors gave or are called.

A line may be kept for years and read by anybody, so an error is told by its type and its places in our
code; its message may name a person's file.
"""

import json
import logging
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]
WRAPPING = {"faults.py", "guard.py"}  # what every event passes through
PLACES = 3  # of an error that are told, the innermost ones
FORMATS = ("plain", "json")


def event(log: logging.Logger, name: str, level: int = logging.INFO, **facts: Any) -> None:
    """Write down that something happened, with numbers and words of ours."""
    log.log(level, name, extra={"facts": facts})


def places(error: BaseException) -> str:
    """Where an error came from: its type, and the innermost places in our code."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _is_ours(frame.filename)] or frames[-1:]
    where = (f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(ours[-PLACES:]))
    return f"{type(error).__name__} at {' from '.join(where)}"


def in_our_code(error: BaseException) -> bool:
    """Whether an error came up while our code ran, and not before or after it in Gradio's."""
    return any(_is_ours(frame.filename) for frame in traceback.extract_tb(error.__traceback__))


def _is_ours(file: str) -> bool:
    path = Path(file)
    return PACKAGE in path.parents and path.name not in WRAPPING


class OneLine(logging.Formatter):
    """A record in one line, of words or JSON: the first line of its message, its facts, and of an error its places."""

    def __init__(self, form: str):
        super().__init__()
        self.form = form

    def format(self, record: logging.LogRecord) -> str:
        facts: dict[str, Any] = dict(getattr(record, "facts", {}))
        if record.exc_info and record.exc_info[1]:
            facts["error"] = places(record.exc_info[1])
        message = record.getMessage().strip().partition("\n")[0]
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z"
        if self.form == "json":
            said = {"time": when, "level": record.levelname.lower(), "log": record.name, "event": message}
            return json.dumps(said | facts, default=str)
        told = " ".join(
            f"{name}={value!r}" if " " in str(value) else f"{name}={value}" for name, value in facts.items()
        )
        return f"{when} {record.levelname} {record.name}: {message} {told}".rstrip()


@contextmanager
def written(form: str) -> Iterator[None]:
    """While this lasts, everything that is logged goes to the error stream in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(form))
    root, ours = logging.getLogger(), logging.getLogger("d2st")
    before = root.handlers[:], root.level, ours.level
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    ours.setLevel(logging.INFO)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        ours.setLevel(before[2])


def take_over_from_server() -> None:
    """uvicorn sets up lines of its own when it starts, tracebacks included: let them come here instead."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        log = logging.getLogger(name)
        log.handlers.clear()
        log.propagate = True
