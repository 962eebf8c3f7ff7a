"""A page of ours as one text: it opens from disk, asks no server, and stands in a notebook's cell."""

from html import escape
from pathlib import Path

HEIGHT = 760  # pixels of a notebook's cell


class OfflinePage(str):
    """The HTML itself, which can be saved, and shows itself in a notebook."""

    def save(self, file: str | Path) -> Path:
        """Write it to a file, such as points.html → its path."""
        path = Path(file)
        path.write_text(self, encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        style = f"width:100%;height:{HEIGHT}px;border:0"
        return f'<iframe title="Where the network read" style="{style}" srcdoc="{escape(self)}"></iframe>'
