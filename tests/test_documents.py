"""Documents say what the program does."""

import re
import shlex
from pathlib import Path

import pytest

from d2st.adapter import points_along
from d2st.cli.parser import parser
from d2st.models.zoo import DEFAULT, MODELS

ROOT = Path(__file__).parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "checkpoints" / "README.md"]


def table(text, first):
    """The rows of the table whose first column has this title, cells stripped."""
    lines = text.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_the_readme_lists_the_models_by_their_rows():
    rows = table((ROOT / "README.md").read_text(encoding="utf-8"), "name")
    assert rows == [
        [f"`{name}`" + " (default)" * (name == DEFAULT), spec.description, spec.weights.origin, spec.licence]
        for name, spec in MODELS.items()
    ]


def test_the_table_of_densities_is_the_rule():
    for tokens, spatial, temporal, _ in table((ROOT / "docs/science-and-limits.md").read_text(), "tokens"):
        n = points_along(int(tokens.split("×")[0]))
        assert (spatial, temporal) == (f"2×{n}×{n}", f"8×{n // 2}×{n // 2}")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document):
    for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        if "://" not in link:
            assert (document.parent / link).exists(), link


def commands():
    for document in DOCUMENTS:
        for line in document.read_text(encoding="utf-8").splitlines():
            if found := re.search(r"(?:^    |`)(?:python -m d2st|d2st|torchrun \S+ \d+ -m d2st) ([^`…]+?)`?$", line):
                yield document.name, found[1]


@pytest.mark.parametrize("document, command", sorted(set(commands())))
def test_commands_in_documents_are_understood(document, command):
    words = shlex.split(command.replace("[FILE ...]", "FILE"))
    assert parser().parse_args(words).run


def test_the_documents_have_commands():
    assert len(set(commands())) >= 15


def test_the_project_speaks_of_itself_alone():
    for document in DOCUMENTS:
        assert not re.search(r"\b(issue #?\d|session \d)", document.read_text(encoding="utf-8")), document
