"""Ways to take a view along: its picture is made in the browser of what stands there, its numbers come with it."""

import base64
from html import escape

from d2st.demo.html.pieces import local
from d2st.explain.numbers import Numbers


def savable(view: str, numbers: Numbers, more: str = "") -> str:
    """A view's HTML with buttons that save it: as SVG and PNG by js/pictures.js, its numbers as CSV and JSON.

    more: HTML, further links that `link` makes.
    """
    name = escape(numbers.name)
    pictures = "".join(
        local("picture", kind.upper(), data_kind=kind, aria_label=f"Save this view as {kind.upper()}")
        for kind in ("svg", "png")
    )
    said = "Save the numbers of this view as "
    files = link(numbers.name, "csv", "text/csv", numbers.csv(), f"{said}CSV")
    files += link(numbers.name, "json", "application/json", numbers.json(), f"{said}JSON") + more
    return (
        f'<div class="savable" data-name="{name}"><div class="picture">{view}</div>'
        f'<div class="save" role="group" aria-label="Save this view"><span class="quiet">Save</span>{pictures}{files}'
        "</div></div>"
    )


def link(name: str, kind: str, media: str, content: bytes, label: str) -> str:
    """A link that holds the file itself, so that nothing of a visitor's lies at an address of its own."""
    address = f"data:{media};base64,{base64.b64encode(content).decode()}"
    file = f"{escape(name)}.{kind}"
    return f'<a class="target" download="{file}" href="{address}" aria-label="{label}">{kind.upper()}</a>'
