"""The page's functions as an assistant calls them, over the Model Context Protocol: Gradio's server, with inputs and
answers that an assistant can use."""

import json
from typing import Any

from gradio.mcp import GradioMCPServer
from mcp import types

from d2st.demo.brought import DATA, ELSEWHERE, kept
from d2st.demo.given import FILE_OR_TEXT, FILES_OR_TEXTS, GIVEN, for_assistants
from d2st.errors import D2STError

PAGE = "<!doctype html>"
EXPLORER = "ui://d2st/explorer.html"  # what an assistant may call the page that it was given


class Assistants(GradioMCPServer):
    """Gradio's server, which would fetch addresses, give answers in Python's notation, and take no list of clips."""

    def simplify_filedata_schema(self, schema: dict[str, Any]) -> tuple[dict[str, Any], list[list[str | int]]]:
        """A tool's input as Gradio describes it → as an assistant can give it, and which values are files."""
        names = list(schema["properties"])
        files: list[list[str | int]] = [
            [name] for name in names if GIVEN[name].schema in (FILE_OR_TEXT, FILES_OR_TEXTS)
        ]
        properties = {name: for_assistants(name) for name in names}
        return schema | {"properties": properties, "additionalProperties": False}, files

    def convert_strings_to_filedata(self, value: Any, filedata_positions: list[list[str | int]]) -> Any:
        """A tool's arguments; files that came as data lie in files from here on, as they are too long to hand on."""
        return {
            name: stored(each) if [name] in filedata_positions else without_files(each) for name, each in value.items()
        }

    def postprocess_output_data(self, data: Any, root_url: str) -> list[Any]:
        """An answer as JSON; a page as a resource, after a word on what it is."""
        return [content for each in data for content in contents(each)]


def stored(value: Any) -> Any:
    if isinstance(value, list):
        return [kept(each, number) if is_data(each) else without_files(each) for number, each in enumerate(value, 1)]
    return kept(value) if is_data(value) else without_files(value)


def is_data(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(DATA)


def without_files(value: Any) -> Any:
    """A value in which nothing is called a file: Gradio would take one from this machine, and upload it to itself."""
    if isinstance(value, dict):
        raise D2STError(ELSEWHERE)
    return [without_files(each) for each in value] if isinstance(value, list) else value


def contents(answer: Any) -> list[Any]:
    if not (isinstance(answer, str) and answer.startswith(PAGE)):
        return [types.TextContent(type="text", text=json.dumps(answer, ensure_ascii=False))]
    page = types.TextResourceContents.model_validate(dict(uri=EXPLORER, mimeType="text/html", text=answer))
    said = "The explorer is in the resource beside this text: an HTML page that needs no network. Show or save it."
    return [types.TextContent(type="text", text=said), types.EmbeddedResource(type="resource", resource=page)]
