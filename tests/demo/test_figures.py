"""What a visitor takes along: figures, and rows of many queries that become the query again."""

import csv
import io
import re
import zipfile
from base64 import b64decode
from pathlib import Path

import pytest
from small import EXAMPLES
from visits import clip, filled, small_model

from d2st.demo.handlers import Handlers
from d2st.demo.workspace import OWN, Visit, Workspace

QUERY = EXAMPLES / "people" / "query" / "kick.mp4"


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture
def visit(model, tmp_path):
    visit = Visit(model, place=str(tmp_path / "given"))
    visit.workspaces[OWN] = Workspace(filled(model))
    return visit


@pytest.fixture(scope="module")
def handlers(model):
    return Handlers(model, [])


def asked(**more):
    return {"do": "figure", "format": "svg", "layer": "", "group": "all"} | more


def press(handlers, visit, **data):
    return handlers.press(visit, "bi-mhm", True, data)


def test_a_figure_is_made_of_what_the_stage_shows_at_an_address_of_its_own(handlers, visit, tmp_path):
    visit.workspace.ask(clip(60, "mine.mp4"))
    first = handlers.figure(visit, asked())
    assert first["asked"] == "" and (tmp_path / "given") in Path(first["drawn"]).parents
    assert "Block 1, spatial" in Path(first["drawn"]).read_text(encoding="utf-8")
    other = handlers.figure(visit, asked(layer="block 2", group="0"))
    drawn = Path(other["drawn"]).read_text(encoding="utf-8")
    assert "Block 2, temporal" in drawn and "group 1 of" in drawn
    assert not Path(first["drawn"]).exists()  # the one before is deleted


@pytest.mark.parametrize(
    "wrong, words",
    [
        (dict(format="docx"), "one of pdf, svg, png"),
        (dict(format="../../figure.svg"), "one of pdf, svg, png"),
        (dict(layer="block 99"), "no layer &#x27;block 99&#x27;"),
        (dict(group="99"), "no such group"),
        (dict(do="nothing"), "unknown here"),
    ],
)
def test_what_there_is_not_is_said_and_no_file_is_made(handlers, visit, wrong, words):
    visit.workspace.ask(clip(60))
    changed = handlers.figure(visit, asked(**wrong))
    assert words in changed["asked"] and changed["drawn"] is None


def test_without_a_query_there_is_no_figure(handlers, visit):
    assert "no query to draw" in handlers.figure(visit, asked())["asked"]


def test_rows_of_many_queries_become_the_query_again(handlers, visit, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(QUERY, "wave/=cmd.mp4")
    plain = tmp_path / "plain.mp4"
    plain.write_bytes(QUERY.read_bytes())
    shown = handlers.answer_many(visit, [str(tmp_path / "all.zip"), str(plain)])["many"]
    assert [int(row) for row in re.findall(r'data-do="open-answer" data-index="(\d)"', shown)] == [0, 1]
    press(handlers, visit, do="open-answer", index="0")
    assert visit.workspace.query.name == "=cmd.mp4" and visit.workspace.video is None
    press(handlers, visit, do="open-answer", index="1")
    assert visit.workspace.video == str(plain) and visit.workspace.prediction
    assert "That query is gone" in press(handlers, visit, do="open-answer", index="2")["added"]
    plain.unlink()
    assert "That query is gone" in press(handlers, visit, do="open-answer", index="0")["added"]
    assert visit.workspace.video == str(plain)  # and the query stays

    address = re.search(r'href="data:text/csv;base64,([^"]+)"', shown)[1]
    rows = list(csv.DictReader(io.StringIO(b64decode(address).decode("utf-8-sig"))))
    assert [row["query"] for row in rows] == ["'=cmd.mp4", "plain.mp4"]
    assert set(rows[0]) >= {"score of wave", "score of clap"} and rows[0]["its action"] == "wave"
