"""What the page asks for: one row an event, used by those who draw buttons and those who answer them.

A button says by its data-… attributes which event it stands for; js/wire.js sends it. What a script sends, such
as files that were dropped, is an event of the same form.
"""

from dataclasses import asdict, dataclass, fields
from html import escape
from typing import Any, ClassVar

from d2st.errors import D2STError


@dataclass(frozen=True)
class OpenWorkspace:
    workspace: str  # an example set's name, or OWN


@dataclass(frozen=True)
class AskBundled:
    index: int  # of the set's query


@dataclass(frozen=True)
class LookInside:
    """The views below have come into sight: from now on they are drawn."""


@dataclass(frozen=True)
class GoToStep:
    lesson: str
    step: int


@dataclass(frozen=True)
class CloseLesson:
    pass


@dataclass(frozen=True)
class AskFiles:
    """Take the first file as the query."""

    files: tuple[str, ...]  # as Gradio's upload route has named them


@dataclass(frozen=True)
class AskPart:
    """Take a part of the query's file, in seconds."""

    start: float
    end: float


@dataclass(frozen=True)
class ForgetQuery:
    pass


@dataclass(frozen=True)
class AddFiles:
    """Add clips to an action; the button, which has no files yet, asks for them first."""

    action: str
    files: tuple[str, ...] = ()
    kind: ClassVar[str] = "add"


@dataclass(frozen=True)
class AddQuery:
    """Make the query an example of an action."""

    action: str


@dataclass(frozen=True)
class RemoveAction:
    action: str


@dataclass(frozen=True)
class RemoveClip:
    action: str
    digest: str


@dataclass(frozen=True)
class OpenAnswer:
    """Take a query of many, by its row, as the query."""

    index: int


@dataclass(frozen=True)
class DrawFigure:
    """Draw what the stage shows for print."""

    format: str
    layer: str  # empty: the first one
    group: str  # its number from 0; empty: all


@dataclass(frozen=True)
class RenameAction:
    action: str
    name: str


@dataclass(frozen=True)
class MoveClip:
    """Make a clip an example of another action."""

    action: str
    digest: str
    to: str


@dataclass(frozen=True)
class Undo:
    pass


@dataclass(frozen=True)
class Redo:
    pass


@dataclass(frozen=True)
class ResetSet:
    """Make a bundled set what it was."""


@dataclass(frozen=True)
class BringFiles:
    """Understand what files are, as a whole support set."""

    files: tuple[str, ...]
    names: tuple[str, ...]  # of the files, with their folders
    others: tuple[str, ...]  # names of what was not sent
    kind: ClassVar[str] = "session"  # which one of them may be


@dataclass(frozen=True)
class ForgetPlan:
    """Take nothing of what was brought."""


@dataclass(frozen=True)
class ShowAdapters:
    """Show the query on the stage as other adapters see it."""

    adapters: str  # a contender's name


@dataclass(frozen=True)
class WatchCamera:
    """A picture of the camera: what do the last seconds show?"""

    run: str  # of the camera, from its start to its stop
    number: int  # of the picture, which the answer repeats
    at: float  # seconds since Live began
    picture: str  # JPEG of the model's size, as base64
    width: int  # of the camera's own picture
    height: int
    seconds: float  # that are looked at
    layer: str  # whose points are wanted; empty: the first one's
    pathway: str
    kind: ClassVar[str] = "live"


@dataclass(frozen=True)
class LeaveCamera:
    """Live has ended: keep none of its pictures."""

    run: str
    kind: ClassVar[str] = "look"


@dataclass(frozen=True)
class AskStretch:
    """Take a stretch of what the camera saw as the query; with it, Live ends."""

    start: float  # seconds since Live began
    end: float


@dataclass(frozen=True)
class AddStretch:
    """Make a stretch of what the camera saw an example of an action."""

    action: str
    start: float
    end: float


EVENTS: dict[str, type] = {
    "open": OpenWorkspace,
    "query": AskBundled,
    "ask": AskFiles,
    "part": AskPart,
    "forget": ForgetQuery,
    "look-inside": LookInside,
    "lesson": GoToStep,
    "close-lesson": CloseLesson,
    "add": AddFiles,
    "add-query": AddQuery,
    "remove": RemoveAction,
    "remove-clip": RemoveClip,
    "adapters": ShowAdapters,
    "open-answer": OpenAnswer,
    "figure": DrawFigure,
    "rename": RenameAction,
    "move": MoveClip,
    "undo": Undo,
    "redo": Redo,
    "reset": ResetSet,
    "bring": BringFiles,
    "forget-plan": ForgetPlan,
    "watch": WatchCamera,
    "leave": LeaveCamera,
    "stretch": AskStretch,
    "add-stretch": AddStretch,
}
MOST_LETTERS = 4096  # of a file's path


def attributes(event: Any) -> str:
    """The data-… attributes of a button that stands for an event."""
    name = next(name for name, kind in EVENTS.items() if type(event) is kind)
    values = {"do": name} | {key: value for key, value in asdict(event).items() if value != ()}
    return " ".join(f'data-{key}="{escape(str(value))}"' for key, value in values.items())


def parse(data: Any) -> Any:
    """What the page has sent → its event. Raises `D2STError` for one that is unknown or incomplete."""
    data = data if isinstance(data, dict) else {}
    kind = EVENTS.get(str(data.get("do")))
    if kind is None:
        raise D2STError("The page asked for something that is unknown here. Reload it.")
    values = {}
    for each in fields(kind):
        value = data.get(each.name)
        if value is None:
            raise D2STError(f"The page asked for something without saying which {each.name}. Reload it.")
        values[each.name] = _READ[each.type](value, each.name)
    return kind(**values)


def kind_of(data: Any) -> str:
    """As what kind of request (`turns.KINDS`) that which the page has sent is admitted."""
    kind = EVENTS.get(str(data.get("do"))) if isinstance(data, dict) else None
    return getattr(kind, "kind", "ask")


def files_of(data: Any) -> list[str]:
    """The files that the page has sent along."""
    files = data.get("files") if isinstance(data, dict) else None
    return [each for each in files if isinstance(each, str)] if isinstance(files, list) else []


def lists_of(data: Any, *names: str) -> list[list[str]]:
    """Lists of texts among what the page has sent. Raises `D2STError` where they are none."""
    lists = [data.get(name) if isinstance(data, dict) else None for name in names]
    return [list(_paths(each, name)) for each, name in zip(lists, names, strict=True)]


def _whole_number(value: Any, name: str) -> int:
    if not str(value).isdecimal() or len(str(value)) > 6:
        raise D2STError(f"The page asked for a {name} that is no number. Reload it.")
    return int(value)


def _seconds(value: Any, name: str) -> float:
    if not isinstance(value, int | float) or not 0 <= value < 1e6:  # false for what is no number, too
        raise D2STError(f"The page asked for a {name} that is no time. Reload it.")
    return float(value)


def _paths(value: Any, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) and len(each) < MOST_LETTERS for each in value):
        raise D2STError("The page named its files in another way than files are named here. Reload it.")
    return tuple(value)


_READ: dict[Any, Any] = {
    int: _whole_number,
    float: _seconds,
    tuple[str, ...]: _paths,
    str: lambda value, name: str(value),
}
