"""What the page's HTML buttons ask for: one row an event, used by those who draw buttons and those who answer them."""

from dataclasses import asdict, dataclass, fields
from html import escape
from typing import Any

from d2st.errors import D2STError


@dataclass(frozen=True)
class OpenWorkspace:
    workspace: str  # an example set's name, or OWN


@dataclass(frozen=True)
class AskBundled:
    index: int  # of the set's query


@dataclass(frozen=True)
class GoToStep:
    lesson: str
    step: int


@dataclass(frozen=True)
class CloseLesson:
    pass


@dataclass(frozen=True)
class AddMore:
    action: str


@dataclass(frozen=True)
class RemoveAction:
    action: str


@dataclass(frozen=True)
class RemoveClip:
    action: str
    digest: str


EVENTS: dict[str, type] = {
    "open": OpenWorkspace,
    "query": AskBundled,
    "lesson": GoToStep,
    "close-lesson": CloseLesson,
    "more": AddMore,
    "remove": RemoveAction,
    "remove-clip": RemoveClip,
}

# A button's data-… attributes become the event's data.
LISTEN = """element.addEventListener('click', event => {
    const button = event.target.closest('button[data-do]');
    if (!button) return;
    if (button.dataset.do == 'more') document.querySelector('#clips input[type=file]')?.click();
    trigger('click', {...button.dataset});
});"""


def attributes(event: Any) -> str:
    """The data-… attributes of a button that stands for an event."""
    name = next(name for name, kind in EVENTS.items() if type(event) is kind)
    values = {"do": name} | asdict(event)
    return " ".join(f'data-{key}="{escape(str(value))}"' for key, value in values.items())


def parse(data: Any) -> Any:
    """A pressed button's data → its event. Raises `D2STError` for one that is unknown or incomplete."""
    data = data if isinstance(data, dict) else {}
    kind = EVENTS.get(str(data.get("do")))
    if kind is None:
        raise D2STError("The page asked for something that is unknown here. Reload it.")
    values = {}
    for each in fields(kind):
        value = data.get(each.name)
        if value is None:
            raise D2STError(f"The page asked for something without saying which {each.name}. Reload it.")
        values[each.name] = _whole_number(value, each.name) if each.type is int else str(value)
    return kind(**values)


def _whole_number(value: Any, name: str) -> int:
    if not str(value).isdecimal() or len(str(value)) > 6:
        raise D2STError(f"The page asked for a {name} that is no number. Reload it.")
    return int(value)
