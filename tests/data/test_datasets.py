import json
import re
import unicodedata

import pytest
from clips import make_clip, picture
from PIL import Image

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


def listed(root, *clips, split="test", encoding="utf-8"):
    lines = "".join(f"{split}{label}//{clip}\n" for label, clip in enumerate(clips))
    (root / f"{split}_few_shot.txt").write_bytes(lines.encode(encoding))
    return find_clips({"root": root} | HOW, "novel")


def test_kinetics_lists_are_found_in_the_layout_of_the_documents(tmp_path):
    """The lists name the folders that their authors had; the clips lie in those of their classes."""
    touch(
        tmp_path,
        "videos/blasting_sand/-kYzxMKp514_000086_000096.mp4",
        "videos/Cutting Watermelon/2fCfB66KanY_000138_000148.mkv",
        "videos/busking/6Z267m0nKuo_000012_000022.mp4",
        "videos/high-kick/abcdefghijk.webm",
    )
    found, missing = listed(
        tmp_path,
        "train_256/blasting_sand/-kYzxMKp514_000086_000096.mp4",
        "train_256/cutting_watermelon/2fCfB66KanY_000138_000148.mp4",
        "val_256/busking/6Z267m0nKuo.mkv",
        "train_256/high_kick/abcdefghijk_000001_000011.mp4",
    )
    assert not missing and [len(clips) for clips in found.clips] == [1, 1, 1, 1]
    assert found.actions == ["blasting_sand", "Cutting Watermelon", "busking", "high-kick"]


def test_another_part_of_the_same_film_is_another_clip(tmp_path):
    touch(tmp_path, "videos/kick/abc_000001_000011.mp4", "videos/kick/two_000001_000011.mp4")
    touch(tmp_path, "videos/kick/two_000050_000060.mp4")
    missing = listed(tmp_path, "train_256/kick/abc_000050_000060.mp4", "val_256/kick/two.mp4")[1]
    assert missing == ["train_256/kick/abc_000050_000060.mp4", "val_256/kick/two.mp4"]


def test_a_clip_of_another_class_is_not_taken(tmp_path):
    touch(tmp_path, "videos/1.mp4", "videos/walk/1.mp4", "1.mp4")
    assert listed(tmp_path, "videos/kick/1.mp4", "train_256/kick/1.mp4")[1] == [
        "videos/kick/1.mp4",
        "train_256/kick/1.mp4",
    ]


def test_the_lists_own_folders_come_first(tmp_path):
    touch(tmp_path, "videos/kick/1.mp4", "videos/train_256/kick/1.mp4")
    found, _ = listed(tmp_path, "train_256/kick/1.mp4")
    assert found.clips == [[tmp_path / "videos/train_256/kick/1.mp4"]]


@pytest.mark.parametrize("folder", ["push up", "Push_Up", "PUSH-UP", "pushup"])
def test_classes_are_found_however_their_folders_are_spelt(tmp_path, folder):
    touch(tmp_path, f"Videos/{folder}/1.mp4")
    found, missing = listed(tmp_path, "videos/push_up/1.avi")
    assert not missing and found.actions == [folder]
    (tmp_path / "test_few_shot.txt").unlink()
    touch(tmp_path, *(f"Videos/{name.title().replace('_', '-')}/1.avi" for name in NOVEL if name != "pushup"))
    [split] = load_splits({"root": tmp_path, "classes": "hmdb51"} | HOW, "novel")
    assert split.actions == NOVEL and [len(clips) for clips in split.clips] == [1] * 10


NOVEL = json.loads(CLASSES.read_text(encoding="utf-8"))["hmdb51"]["novel"]


@pytest.mark.parametrize("form, other", [("NFC", "NFD"), ("NFD", "NFC")])
def test_names_are_the_same_composed_or_not(tmp_path, form, other):
    name = "videos/café/Übung.avi"
    touch(tmp_path, unicodedata.normalize(form, name))
    found, missing = listed(tmp_path, unicodedata.normalize(other, name))
    assert not missing and found.actions == ["café"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_lists_in_other_encodings_name_the_same_clips(tmp_path, encoding):
    touch(tmp_path, "videos/café/Übung.avi")
    assert listed(tmp_path, "videos/café/Übung.avi", encoding=encoding)[1] == []
    missing = listed(tmp_path, "videos/café/ä.avi", encoding=encoding)[1]
    assert missing[0].startswith("videos/café/ä.avi") and ("Latin-1" in missing[0]) == (encoding == "latin-1")


def test_a_listed_clip_may_be_a_folder_of_pictures(tmp_path):
    for place in ("videos/195025", "videos/fencing/x", "videos/empty"):
        (tmp_path / place).mkdir(parents=True)
    for place in ("videos/195025", "videos/fencing/x"):
        for number in (1, 2, 10):
            Image.fromarray(picture(number)).save(tmp_path / place / f"img_{number:05d}.jpg")
    found, missing = listed(tmp_path, "195025", "videos/fencing/x.avi", "empty")
    assert [[clip.name for clip in clips] for clips in found.clips] == [["195025"], ["x"]] and missing == ["empty"]
    assert found.actions == ["class 0", "fencing"]


def test_hidden_files_are_no_clips_of_a_data_set(tmp_path):
    touch(tmp_path, "videos/._195025.webm", "videos/fencing/._1.avi", "videos/fencing/2.avi")
    assert listed(tmp_path, "195025", "videos/fencing/1.avi")[1] == ["195025", "videos/fencing/1.avi"]
    (tmp_path / "test_few_shot.txt").unlink()
    found, _ = find_clips({"root": tmp_path, "classes": "hmdb51"} | HOW, "novel")
    assert [[clip.name for clip in clips] for clips in found.clips] == [["2.avi"]]


def test_clips_that_came_since_are_found(tmp_path):
    touch(tmp_path, "videos/1.mp4")
    assert listed(tmp_path, "1", "2")[1] == ["2"]
    touch(tmp_path, "videos/2.mp4")
    assert listed(tmp_path, "1", "2")[1] == []


def three_lists(root):
    for label, split in enumerate(("train", "val", "test")):
        (root / f"{split}_few_shot.txt").write_text(
            "".join(f"{split}{label}//{name}{label}\n" for name in ("good", "bad", "gone", "worse"))
        )
        make_clip(root / "videos" / f"good{label}.mp4", count=8)
    touch(root, "videos/bad0.mp4", "videos/worse0.mp4", "videos/bad1.mp4")
    recipe = root / "mine.yaml"
    recipe.write_text(f"model: resnet50\ndata: {{root: {root}, how: Get it there.}}\n")
    return recipe


def test_data_check_lists_what_is_missing_or_unreadable_and_ends_with_a_table(tmp_path, capsys):
    (tmp_path / "videos").mkdir()
    assert main(["data", "check", str(three_lists(tmp_path))]) == 1
    out = capsys.readouterr().out
    assert "bad0.mp4: 'bad0.mp4' is empty" in out and "missing: bad2" in out
    table = out.splitlines()[-4:]
    columns = [re.split(r" {2,}", line) for line in table]
    assert columns == [
        ["split", "classes", "clips found", "missing", "unreadable", "most common reason"],
        ["base", "1", "3", "1", "2", "2 clips: is empty. Copy or record it again."],
        ["validation", "1", "2", "2", "1", "2 clips: missing. Get it there."],
        ["novel", "1", "1", "3", "0", "3 clips: missing. Get it there."],
    ]
    ends = [[cell.end() for cell in re.finditer(r"\S+( \S+)*", line)] for line in table]
    assert all(len(set(column)) == 1 for column in list(zip(*ends, strict=True))[1:5])  # numbers: to the right
    assert len({line.index(row[-1]) for line, row in zip(table, columns, strict=True)}) == 1


def test_data_check_of_a_whole_data_set_names_no_reason(tmp_path, capsys):
    folders = {}
    for split in ("base", "validation", "novel"):
        for action in "ab":
            (tmp_path / split / action).mkdir(parents=True)
            make_clip(tmp_path / split / action / "1.mp4", count=8)
        folders[split] = [str(tmp_path / split)]
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(f"model: resnet50\ndata: {json.dumps(folders)}\n")
    assert main(["data", "check", str(recipe)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["novel", "2", "2", "0", "0"]
    (tmp_path / "novel" / "c").mkdir()
    assert main(["data", "check", str(recipe)]) == 1
    out = capsys.readouterr().out
    assert f"missing: {tmp_path / 'novel' / 'c'}" in out
    assert out.splitlines()[-1].split()[:5] == ["novel", "2", "2", "1", "0"]


def test_data_check_reads_clips_of_pictures_at_the_recipes_rate(tmp_path, capsys):
    (tmp_path / "videos" / "1").mkdir(parents=True)
    for number in range(400):
        Image.fromarray(picture(0)).save(tmp_path / "videos" / "1" / f"{number}.png")
    for split in ("train", "val", "test"):
        (tmp_path / f"{split}_few_shot.txt").write_text(f"{split}0//1\n")
    recipe = tmp_path / "mine.yaml"
    for fps, code in ((25, 0), (1, 1)):  # 400 s are too long
        recipe.write_text(f"model: resnet50\nfps: {fps}\ndata: {{root: {tmp_path}}}\n")
        assert main(["data", "check", str(recipe)]) == code
    assert "N s at N a second" in capsys.readouterr().out
