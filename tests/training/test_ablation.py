"""The ablation from checkpoints to its document, on a small network with random adapters."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from clips import make_clip
from visits import small_model

from d2st.adapter import Ablation
from d2st.cli import main
from d2st.data.episodes import sample_episodes
from d2st.data.folders import Split, read_split
from d2st.errors import D2STError
from d2st.kinds import KINDS
from d2st.models.checkpoint import Checkpoint, read_checkpoint, write
from d2st.models.siblings import sibling
from d2st.models.usual import Usual, UsualPoints, shapes_in
from d2st.training import ablation, comparison
from d2st.training.evaluation import accuracies
from d2st.video import read_clip

TRAININGS = {"d2st": 2, "st": 2, "spatial-only": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips") / "waves"
    for action in range(5):
        (folder / f"action {action}").mkdir(parents=True)
        for number in range(3):
            make_clip(folder / f"action {action}" / f"{number}_{action}.mp4", count=9 + 20 * action + 3 * number)
    return folder


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Trainings of three kinds; D²ST's points are usually at their references."""
    folder, files = tmp_path_factory.mktemp("runs"), []
    for kind, trainings in TRAININGS.items():
        for seed in range(trainings):
            files.append(str(folder / f"{kind}-{seed}.safetensors"))
            host = small_model(kind, seed).host
            shapes = shapes_in(host) if kind == "d2st" else {}
            points = {place: UsualPoints(np.zeros(one), np.ones(other)) for place, (one, other) in shapes.items()}
            usual = Usual(9, points) if points else None
            write(files[-1], Checkpoint(host.config, kind, f"random {kind}", host.trainable_state(), usual))
    return files


@pytest.fixture
def command(folder, files, tmp_path, monkeypatch):
    """The command for these files, which writes to X.md; the rest of its words are given."""
    monkeypatch.setattr(comparison, "load_model", lambda *_, **__: small_model(None))
    recipe = tmp_path / "mine.yaml"
    splits = ", ".join(f"{split}: [{folder}]" for split in ("base", "validation", "novel"))
    recipe.write_text(f"extends: simulated/efficientnet-lite0\ndata: {{{splits}}}\n")
    words = ["--recipe", str(recipe), "--episodes", "20", "--out", str(tmp_path / "X.md"), "--device", "cpu"]
    return lambda *more, files=files: main(["ablation", *files, *words, *more])


def test_the_tables_hold_what_an_evaluation_gives(command, folder, files, tmp_path, capsys):
    assert command("--shots", "1", "2") == 0
    results, text = json.loads((tmp_path / "X.json").read_text()), (tmp_path / "X.md").read_text()
    trainings = {each["adapter"]: len(each["trainings"]) for each in results["contenders"]}
    d2st, fixed, mean = (t for t in trainings if t.startswith(KINDS["d2st"].title) and trainings[t] == 2)
    assert trainings[KINDS["st"].title] == 2 and trainings["frozen"] == trainings[KINDS["spatial-only"].title] == 1
    accuracy, ahead = results["tables"]
    found = {row["adapter"]: row["cells"] for row in accuracy["rows"]}
    assert accuracy["columns"] == ["waves, 1-shot", "waves, 2-shot", "mean"]

    frozen, split = small_model(None), read_split(folder)
    models = [sibling(frozen, read_checkpoint(file), file) for file in files if "d2st" in file]
    for title, left_out in ((d2st, Ablation()), (fixed, Ablation(offsets=True))):
        expected = []
        for model in models:
            features = [
                torch.stack([model.encode(read_clip(c, 8, crop=112).frames, ablation=left_out).features for c in clips])
                for clips in split.clips
            ]
            episodes = sample_episodes([3] * 5, 5, 2, 1, 20, seed=0)
            expected.append(accuracies(features, episodes)["bi-mhm", True].mean)
        assert found[title][1]["mean"] == pytest.approx(np.mean(expected), abs=1e-6)
    assert found[mean] == found[fixed]  # the mean offset is zero here
    for row in ahead["rows"]:
        for cell, ours, theirs in zip(row["cells"], found[row["adapter"]], found[d2st], strict=True):
            assert cell["mean"] == pytest.approx(ours["mean"] - theirs["mean"])
    assert {row["adapter"] for row in ahead["rows"]} == trainings.keys() - {d2st}
    assert text in capsys.readouterr().out and f"| {files[0]} | 100.0 % |" in text


def test_the_document_is_made_of_the_json_again(command, tmp_path, capsys):
    assert command("--shots", "1", "--matching", "otam", "--no-centre") == 0
    text = (tmp_path / "X.md").read_text()
    assert "| otam | frozen |" in text
    (tmp_path / "X.md").unlink()
    assert command("--rebuild", files=[]) == 0 and (tmp_path / "X.md").read_text() == text
    (tmp_path / "X.json").write_text('{"title": "?"}')
    assert command("--rebuild", files=[]) == 2 and "holds no results" in capsys.readouterr().err


def test_other_folders_are_answered_with_recordings_apart(command, folder, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(ablation, "sample_episodes", lambda *asked: drawn.append(asked) or sample_episodes(*asked))
    assert command("--shots", "1", "--clips", str(folder), "--recording", r"(\d)_\d") == 0
    assert [asked[-1] for asked in drawn] == [None, [["0", "1", "2"]] * 5]


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda files: files[2:], "None of the files holds a D²ST-Adapter"),
        (lambda files: [], "None of the files holds a D²ST-Adapter"),
        (lambda files: [*files, "none.safetensors"], "There is no checkpoint 'none.safetensors'"),
    ],
)
def test_what_is_missing_is_said(command, files, change, said, capsys):
    assert command(files=change(files)) == 2 and said in capsys.readouterr().err


def test_a_mean_offset_that_nobody_computed_is_said(command, files, tmp_path, capsys):
    bare = tmp_path / "bare.safetensors"
    write(bare, replace(read_checkpoint(files[0]), usual=None))
    assert command(files=[str(bare)]) == 2 and f"d2st usual '{bare}'" in capsys.readouterr().err
    model = sibling(small_model(None), read_checkpoint(bare), "bare")
    with pytest.raises(D2STError, match="usually are is not known"):
        model.encode(np.zeros((8, 112, 112, 3), np.uint8), ablation=Ablation(own_offsets=True))


def test_a_pattern_that_finds_no_recording_is_said(folder, command, capsys):
    assert command("--clips", str(folder), "--recording", "(x)") == 2
    assert "finds no recording in the name '0_0.mp4'" in capsys.readouterr().err
    for pattern in ("(", "x"):
        with pytest.raises(SystemExit):
            command("--recording", pattern)
    assert ablation.recordings(Split(["a"], [[folder / "7_0.mp4"]]), r"(\d)_") == [["7"]]
