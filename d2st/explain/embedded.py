"""A page of ours inside a notebook."""

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Embedded:
    """HTML that needs no other file, such as `explore` gives, shown in a frame of a notebook's cell.

    page: the whole HTML; height: of the frame, in pixels.
    """

    page: str
    height: int = 760

    def _repr_html_(self) -> str:
        style = f"width:100%;height:{self.height}px;border:0"
        return f'<iframe title="Where the network looked" style="{style}" srcdoc="{escape(self.page)}"></iframe>'
