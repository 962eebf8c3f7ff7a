"""The values that a program gives a function: a row each, with what it is told of them and how they are taken."""

from abc import ABCMeta
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from d2st import matching as matchings
from d2st.demo.brought import brought

TEXT: dict[str, Any] = {"type": "string"}
FILE: dict[str, Any] = {  # a file of Gradio's, as its clients know one
    "type": "object",
    "title": "FileData",
    "properties": {
        "path": TEXT,
        "meta": {"type": "object", "properties": {"_type": {"const": "gradio.FileData"}}, "required": ["_type"]},
    },
    "required": ["path", "meta"],
}
FILE_OR_TEXT: dict[str, Any] = {"anyOf": [FILE, TEXT]}
FILES_OR_TEXTS: dict[str, Any] = {"type": "array", "items": FILE_OR_TEXT}
HOW = "an upload, or a data URL such as data:video/mp4;name=kick.mp4;base64,…"
CALLED = {"path": "kick.mp4", "meta": {"_type": "gradio.FileData"}}


def one(value: Any) -> str | None:
    return None if value is None else brought(value)


def many(value: Any) -> list[str] | None:
    if value is None:
        return None
    return [brought(each, number) for number, each in enumerate(value if isinstance(value, list) else [value], 1)]


@dataclass(frozen=True)
class Given:
    """A value by its name: its JSON schema, what it is, an example, how it is taken, and what it is by default."""

    name: str
    schema: dict[str, Any]
    about: str
    example: Any
    take: Callable[[Any], Any] = lambda value: value
    default: Any = None

    def component(self) -> gr.JSON:
        """It as Gradio knows it; nobody sees it on the page."""
        component = Component(self.default, label=self.about, visible=False)
        component.given = self
        return component


GIVEN = {
    row.name: row
    for row in (
        Given(
            "examples", FILES_OR_TEXTS, f"clips of known actions, each {HOW}; a .zip counts as the clips in it where "
            "actions are left empty", [CALLED], many,
        ),
        Given(
            "actions", {"type": "array", "items": TEXT},
            "the action of each example, in the same order, two different ones at least; empty where the names of "
            "folders in a .zip, or of files such as kick_1.mp4, tell them", ["kick"],
        ),
        Given("query", FILE_OR_TEXT, f"the clip to name: {HOW}", CALLED, one),
        Given(
            "queries", FILES_OR_TEXTS, f"the clips to name, each {HOW}; a .zip counts as the clips in it", [CALLED],
            many,
        ),
        Given(
            "matching", TEXT | {"enum": list(matchings.MATCHINGS)}, "how clips are compared", matchings.DEFAULT,
            default=matchings.DEFAULT,
        ),
        Given(
            "centre", {"type": "boolean"},
            "subtract each clip's mean over time first, so that what changes decides", matchings.CENTRED,
            default=matchings.CENTRED,
        ),
        Given("example", FILE_OR_TEXT, f"one clip: {HOW}", CALLED, one),
        Given(
            "checkpoint", FILE_OR_TEXT, "adapters to compare too: a .safetensors of ours, uploaded or "
            "as a data URL", {"path": "mine.safetensors", "meta": {"_type": "gradio.FileData"}}, one,
        ),
        Given("clip", FILE_OR_TEXT, f"a clip: {HOW}", CALLED, one),
    )
}  # fmt: skip


def for_assistants(name: str) -> dict[str, Any]:
    """The schema of a value for those who can give texts only."""
    row = GIVEN[name]
    default = {} if row.default is None else {"default": row.default}
    return as_text(row.schema) | {"description": row.about} | default


def as_text(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema in which a file is a text."""
    if schema == FILE_OR_TEXT:
        return TEXT
    return schema | ({"items": as_text(schema["items"])} if "items" in schema else {})


def preprocess(self: Any, payload: Any) -> Any:
    return self.given.take(payload)


def postprocess(self: Any, value: Any) -> Any:
    return value


def api_info(self: Any) -> dict[str, Any]:
    return self.given.schema | {"additional_description": self.given.about}


def example(self: Any) -> Any:
    return self.given.example


# As `class Component(gr.JSON)`, past Gradio's metaclass, which writes a stub beside the module of every new component.
Component: Any = ABCMeta.__new__(
    type(gr.JSON),
    "Component",
    (gr.JSON,),
    {
        "__module__": __name__,
        "is_template": True,
        "preprocess": preprocess,
        "postprocess": postprocess,
        "api_info": api_info,
        "example_payload": example,
        "example_value": example,
    },
)
