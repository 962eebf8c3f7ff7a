import json

import pytest
from clips import make_clip

from d2st.cli import main
from d2st.data.datasets import CLASSES, find_clips, load_splits
from d2st.errors import D2STError
from d2st.training.recipes import load_recipe, recipe_names

PUBLISHED = ["hmdb51", "kinetics100", "ssv2_full", "ssv2_small", "ucf101"]
HOW = {"how": "Get it there."}


def touch(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_official_lists_are_read_as_they_are(tmp_path):
    touch(tmp_path, "videos/195025.webm", "videos/7.mp4", "videos/fencing/x.avi", "videos/kick/y.mp4")
    (tmp_path / "test_few_shot.txt").write_text(
        "test18//195025\ntest18//7\ntest0//videos/fencing/x.avi\n\ntest3//videos/kick/y.avi\n"
    )
    found, missing = find_clips({"root": tmp_path} | HOW, "novel")
    assert found.actions == ["fencing", "kick", "class 18"] and not missing
    assert [[clip.name for clip in clips] for clips in found.clips] == [["x.avi"], ["y.mp4"], ["195025.webm", "7.mp4"]]


def test_a_clip_is_another_than_one_whose_name_begins_alike(tmp_path):
    touch(tmp_path, "videos/throw.mp4")
    (tmp_path / "test_few_shot.txt").write_text("test0//throw.2\ntest0//throw\ntest0//thro\n")
    found, missing = find_clips({"root": tmp_path} | HOW, "novel")
    assert [clip.name for clip in found.clips[0]] == ["throw.mp4"] and missing == ["throw.2", "thro"]


def test_missing_clips_are_named(tmp_path):
    touch(tmp_path, "videos/1.webm")
    (tmp_path / "train_few_shot.txt").write_text("train0//1\ntrain0//2\ntrain1//3\n")
    data = {"root": tmp_path} | HOW
    assert find_clips(data, "base")[1] == ["2", "3"]
    with pytest.raises(D2STError, match="2 of 3 base clips are missing.*first is '2'. Get it there"):
        load_splits(data, "base")


def test_a_line_that_is_none_is_shown(tmp_path):
    (tmp_path / "val_few_shot.txt").write_text("val0//1\nhello\n")
    with pytest.raises(D2STError, match="Line 2 of '.*val_few_shot.txt' reads 'hello'"):
        load_splits({"root": tmp_path} | HOW, "validation")


def test_without_lists_classes_are_folders(tmp_path):
    names = json.loads(CLASSES.read_text())["hmdb51"]["validation"]
    touch(tmp_path, *(f"videos/{name}/{n}.avi" for name in names for n in "ba"), "videos/run/1.avi")
    [split] = load_splits({"root": tmp_path, "classes": "hmdb51"} | HOW, "validation")
    assert split.actions == names and all([c.name for c in clips] == ["a.avi", "b.avi"] for clips in split.clips)
    with pytest.raises(D2STError, match="31 of 31 base clips are missing.*brush_hair"):
        load_splits({"root": tmp_path, "classes": "hmdb51"} | HOW, "base")


def test_without_lists_or_class_names_there_is_nothing_to_read(tmp_path):
    with pytest.raises(D2STError, match="train_few_shot.txt' is missing.*Get it there"):
        load_splits({"root": tmp_path} | HOW, "base")


@pytest.mark.parametrize(
    "name, sizes",
    [
        ("hmdb51", (31, 10, 10)),
        ("ucf101", (70, 10, 21)),
        ("kinetics100", (64, 12, 24)),
    ],
)
def test_class_splits_have_the_published_sizes_and_share_nothing(name, sizes):
    splits = json.loads(CLASSES.read_text())[name]
    assert tuple(len(splits[s]) for s in ("base", "validation", "novel")) == sizes
    assert len({c for classes in splits.values() for c in classes}) == sum(sizes)


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_recipe_is_there_for_both_hosts(name):
    for host, model in (("vit", "clip-vit-b16"), ("resnet", "resnet50")):
        recipe = load_recipe(f"{name}/{host}")
        assert recipe.model == model and recipe.matchings == [("bi-mhm", False)] and recipe.tasks_per_step == 8
        assert recipe.data["root"] == f"data/{name}" and recipe.learning_rate(recipe.tasks - 1) < recipe.base_lr
    assert {f"{name}/vit", f"{name}/resnet"} <= set(recipe_names())


def test_ssv2_full_vit_has_the_published_schedule():
    recipe = load_recipe("ssv2_full/vit")
    rates = [recipe.learning_rate(6000 * epoch) for epoch in (0, 1, 3.9, 4, 6, 8, 19)]
    assert rates == pytest.approx([2e-4, 1e-3, 1e-3, 5e-4, 1e-4, 5e-5, 5e-5])
    assert recipe.auxiliary_loss_weight == 2.0 and recipe.tasks == 120_000 and recipe.frame_interval is None
    assert load_recipe("kinetics100/vit").frame_interval == pytest.approx(35 / 12, abs=1e-4)


def test_data_check_lists_what_is_missing_or_unreadable(tmp_path, capsys):
    for list_name, label in (("train", 0), ("val", 1), ("test", 2)):
        (tmp_path / f"{list_name}_few_shot.txt").write_text(
            f"{list_name}{label}//good{label}\n{list_name}{label}//bad{label}\n"
        )
    touch(tmp_path, "videos/bad0.mp4")
    for label in range(3):
        make_clip(tmp_path / "videos" / f"good{label}.mp4", count=8)
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(f"model: resnet50\ndata: {{root: {tmp_path}, how: Get it there.}}\n")
    assert main(["data", "check", str(recipe)]) == 1
    out = capsys.readouterr().out
    assert "base: 1 actions, 2 clips, 0 missing, 1 unreadable" in out and "bad0.mp4" in out
    assert (
        "missing: bad1" in out
        and "novel: 1 actions, 1 clips, 1 missing, 0 unreadable" in out
        and "Get it there." in out
    )
