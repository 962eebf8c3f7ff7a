"""The numbers that a view shows, as a table: CSV for a spreadsheet, JSON for a program."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Value = str | float | int | bool | None

_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # what a spreadsheet takes for one's beginning


@dataclass(frozen=True)
class Numbers:
    """Rows of a view, and what is said about all of them.

    name: of the view, for the file's name; rows: a value a column, None where there is none; about: facts.
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    about: Mapping[str, Value] = field(default_factory=dict)

    def csv(self) -> bytes:
        """UTF-8 with the mark that spreadsheets know it by, a head and a line a row; the facts are not in it.

        A text that a spreadsheet would take for a formula has an apostrophe before it.
        """
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([_cell(column) for column in self.columns])
        writer.writerows([_cell(value) for value in row] for row in self.rows)
        return text.getvalue().encode("utf-8-sig", "replace")

    def json(self) -> bytes:
        """One object: the view's name, the facts, and a list with an object a row."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        said = {"view": self.name, **self.about, "rows": rows}
        return json.dumps(said, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _cell(value: Value) -> Value:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.lstrip(" \xa0").startswith(_FORMULA):
        return "'" + value
    return value
