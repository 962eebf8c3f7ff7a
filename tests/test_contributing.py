"""What CONTRIBUTING.md shows is added here exactly as it stands there, and used."""

import json
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from small import EXAMPLES, randomise

from d2st import kinds, matching
from d2st.adapter import Ablation
from d2st.cli import main
from d2st.demo.examples import find_examples
from d2st.demo.html import views
from d2st.demo.layout import build
from d2st.models import zoo
from d2st.models.checkpoint import save_checkpoint

TEXT = Path(__file__).parents[1].joinpath("CONTRIBUTING.md").read_text(encoding="utf-8")


def shown(title):
    """The lines that a section's diff adds."""
    diff = re.search(rf"## {title}\n.*?```diff\n(.*?)```", TEXT, re.DOTALL)[1]
    return "\n".join(line[1:] for line in diff.splitlines() if line.startswith("+"))


def row(code, module):
    """A row as it stands in a table, in the words of its module."""
    return eval(f"({textwrap.dedent(code).strip().rstrip(',')})", vars(module))


@pytest.fixture
def model(monkeypatch):
    name, spec = row("{" + shown("A model") + "}", zoo).popitem()
    monkeypatch.setitem(zoo.MODELS, name, spec)
    return name


@pytest.fixture
def toy_matching(monkeypatch):
    found = row(shown("A matching"), matching)
    monkeypatch.setitem(matching.MATCHINGS, found.name, found)
    return found


@pytest.fixture
def kind(monkeypatch):
    definition, entry = shown("A kind of adapter").split("\n\n\n")
    exec(definition, vars(kinds))
    found = row(entry, kinds)
    monkeypatch.setitem(kinds.KINDS, found.name, found)
    return found


def test_a_model_is_one_row(model, tmp_path, capsys):
    torch.save(timm.create_model("resnet18").state_dict(), tmp_path / "weights.pth")
    weights = ["--backbone-weights", str(tmp_path / "weights.pth"), "--device", "cpu"]
    assert main(["predict", "--examples", "people", "--model", model, "--json", *weights]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "resnet18"
    with pytest.raises(SystemExit):
        main(["predict", "--help"])
    assert "resnet18" in capsys.readouterr().out


def test_a_matching_is_one_row(toy_matching, capsys):
    arguments = ["--examples", "people", "--json", "--device", "cpu"]
    assert main(["predict", *arguments, "--matching", toy_matching.name]) == 0
    assert json.loads(capsys.readouterr().out)["matching"] == "mean"
    assert any(toy_matching.formula in line for line in views.formulas("matching"))
    page = build(zoo.load_model(device="cpu"), EXAMPLES)
    radios = [block for block in page.blocks.values() if type(block).__name__ == "Radio"]
    assert (toy_matching.title, toy_matching.name) in radios[0].choices and toy_matching.sentence in radios[0].info
    assert ("mean", True) in __import__("d2st.training.evaluation", fromlist=["x"]).all_matchings()


def test_a_kind_of_adapter_is_one_row(kind, tmp_path, capsys):
    host = zoo.new_host("efficientnet-lite0", kind.name, classes=0, seed=0)
    save_checkpoint(tmp_path / "mean.safetensors", randomise(host), "made for a test")
    model = zoo.load_model(adapter=str(tmp_path / "mean.safetensors"), device="cpu")
    frames = np.zeros((8, 224, 224, 3), np.uint8)
    seen = model.encode(frames, inspect=True)
    assert model.kind == "mean" and set(seen.contributions["stage 1"]) == {"temporal"} and not seen.traces
    left_out = model.encode(frames, ablation=Ablation(temporal=True)).features
    assert not torch.allclose(left_out, seen.features)
    arguments = ["--examples", "people", "--json", "--device", "cpu"]
    assert main(["predict", *arguments, "--adapter", str(tmp_path / "mean.safetensors")]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "mean"


def test_the_rows_of_the_guide_are_no_more_than_a_few_lines():
    assert all(len(shown(title).splitlines()) <= 12 for title in ("A model", "A matching", "A kind of adapter"))
    assert find_examples()  # which the tests above are answered from
