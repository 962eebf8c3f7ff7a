"""The documents' examples do what they say: those for programs at a real server, and the notebook cell by cell."""

import html
import json
import re
from pathlib import Path

import pytest
from documented import DOCUMENTS, cells, python_blocks, run
from served import in_thread, served_page

ROOT = DOCUMENTS.parent


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to write into, with the project's example clips in it."""
    tmp_path.joinpath("assets").symlink_to(ROOT / "assets")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_examples_for_programs_run(model, here, capsys):
    blocks = python_blocks("interfaces.md")
    names: dict = {}
    with served_page(model, assistants=True) as address:
        for block in blocks:
            assert "http" not in block.replace("http://127.0.0.1:7860", "") or "streamable" in block
            in_thread(run, block.replace("http://127.0.0.1:7860", address), names)
    assert names["found"]["label"] == names["ordered"]["label"] == "kick"
    assert [row["row"] for row in names["rows"]] == ["frozen", "st", "dst", "own"]
    assert Path("explorer.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    said = capsys.readouterr().out
    assert "A query is compared with at least two actions." in said
    assert all(f"{name}.mp4 {name} {name}" in said for name in ("cartwheel", "crawl", "jump", "kick", "punch"))
    assert len(blocks) >= 7 and re.search(r"^\[0\.\d+, .*\]$", said, re.MULTILINE)  # the times of a clip's frames


def test_the_notebook_runs_from_top_to_bottom(model, here, monkeypatch, capsys):
    monkeypatch.setattr("d2st.load_model", lambda: model, raising=False)
    names: dict = {}
    shown = [run("".join(cell["source"]), names) for cell in cells("quickstart.ipynb") if cell["cell_type"] == "code"]
    said = capsys.readouterr().out
    assert "This is 'kick'" in said and "stage 1, spatial" in said and "played backwards" in said
    assert {"kick": 2}.items() <= shown[1].items() and max(shown[2], key=shown[2].get) == "kick"
    [frame] = [each._repr_html_() for each in shown if hasattr(each, "_repr_html_")]
    page = html.unescape(frame.split('srcdoc="')[1].split('"')[0])
    assert page.startswith("<!doctype html>") and page.rstrip().endswith("</html>") and "kick.mp4" in page


def test_the_notebook_is_a_small_one_of_format_4():
    text = (DOCUMENTS / "quickstart.ipynb").read_text(encoding="utf-8")
    notebook = json.loads(text)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5) and len(text) < 20_000
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"]) <= 12
    for cell in notebook["cells"]:
        assert set(cell) >= {"id", "cell_type", "metadata", "source"}
        assert cell["cell_type"] == "markdown" or (cell["outputs"], cell["execution_count"]) == ([], None)
