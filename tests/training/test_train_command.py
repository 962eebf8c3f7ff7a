"""Mistakes on the way to a run or a comparison are a sentence, before any work."""

import pytest

from d2st.cli import main

RECIPE = "simulated/efficientnet-lite0"


@pytest.mark.parametrize("setting", ["tasks", "=3", "data={root: [", ""])
def test_a_setting_that_sets_nothing_is_said(setting, capsys):
    assert main(["train", RECIPE, "--set", "way=3", setting]) == 2
    assert f"'{setting}' sets nothing" in capsys.readouterr().err


def test_every_process_is_refused_where_they_cannot_share_a_step(monkeypatch, capsys):
    for rank in ("0", "1"):
        monkeypatch.setenv("LOCAL_RANK", rank)
        monkeypatch.setenv("WORLD_SIZE", "2")
        assert main(["train", RECIPE, "--device", "cpu"]) == 2
        assert "2 processes cannot share the 1 task of a step" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["compare", "ablation"])
@pytest.mark.parametrize(
    "out, said",
    [
        ("", "cannot be written"),
        ("/none/RESULTS.md", "There is no folder"),
        ("/RESULTS.json", "where the JSON would go"),
    ],
)
def test_a_comparison_says_at_once_that_it_cannot_be_written(command, out, said, tmp_path, capsys):
    assert main([command, "--out", f"{tmp_path}{out}"]) == 2
    assert said in capsys.readouterr().err


def test_a_network_that_takes_another_size_of_picture_is_said_before_training(tmp_path, capsys):
    for split in ("base", "validation", "novel"):
        for action in "abcdef":
            (tmp_path / split / action).mkdir(parents=True)
            for number in range(2):
                (tmp_path / split / action / f"{number}.mp4").touch()
    recipe = tmp_path / "mine.yaml"
    folders = ", ".join(f"{split}: [{tmp_path / split}]" for split in ("base", "validation", "novel"))
    recipe.write_text(f"model: timm/vit_small_patch14_dinov2\ndata: {{{folders}}}\n")
    assert main(["train", str(recipe), "--out", str(tmp_path / "run"), "--device", "cpu"]) == 2
    said = capsys.readouterr().err
    assert (
        "takes pictures of 518 pixels a side, and the recipe's crop is 224. Say --set crop=518 short_side=518" in said
    )
