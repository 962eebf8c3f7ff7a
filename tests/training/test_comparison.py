import json
import re
from dataclasses import replace

import pytest
from clips import make_clip

from d2st.data.episodes import sample_episodes
from d2st.data.folders import read_split
from d2st.errors import D2STError
from d2st.matching import alike
from d2st.models.zoo import load_model
from d2st.training import comparison as compare
from d2st.training.evaluation import accuracies
from d2st.training.recipes import load_recipe
from d2st.training.results import document
from d2st.video import read_clip


def test_the_table_holds_what_an_evaluation_gives(tmp_path, monkeypatch):
    for action in range(5):
        (tmp_path / "people" / f"action {action}").mkdir(parents=True)
        for number in range(2):
            make_clip(tmp_path / "people" / f"action {action}" / f"{number}.mp4", count=9 + 30 * action + 3 * number)
    monkeypatch.setattr(compare, "SHOTS", (1,))
    folders = {split: [str(tmp_path / "people")] for split in ("base", "validation", "novel")}
    recipe = load_recipe("simulated/efficientnet-lite0", data=folders)
    results = compare.compare(recipe, 10, "cpu")
    *tables, shares = document(results).split("## ")[1:]
    rows = [
        re.findall(r"^\| (.+?) \| (.+?) \| ([\d.]+) M \| ([\d.]+) ± ([\d.]+) \| \4 ± \5 \|$", text, re.MULTILINE)
        for text in tables
    ]
    assert [len(found) for found in rows] == [24, 24, 24, 2]
    assert json.loads(json.dumps(results)) == results
    parameters = {adapter: float(count) for _, adapter, count, *_ in rows[0]}
    assert 0 == parameters["frozen"] < parameters["ST-Adapter"] < parameters["DST-Adapter"] < parameters["D²ST-Adapter"]

    page, split = load_model(device="cpu"), read_split(tmp_path / "people")
    alone, in_looks = "D²ST-Adapter", "D²ST-Adapter, in looks, frozen beside"
    first = {"otam, centred": ("otam", True), "bi-mhm": ("bi-mhm", False)}
    last = {"bi-mhm, centred": ("bi-mhm", True)}
    for model, looks, said, adapter, matchings in (
        (replace(page, beside=0.0), None, rows[0], alone, first), (page, page.looks, rows[3], in_looks, last),
    ):  # fmt: skip
        clips = [read_clip(clip, 8, crop=224, looks=looks) for clips in split.clips for clip in clips]
        features = alike([model.encode(clip.frames).features for clip in clips], model.frames).split(2)
        episodes = sample_episodes([2] * 5, 5, 1, 1, 10, seed=0)
        expected = accuracies(features, episodes, None, model.frames, model.weights)
        found = {title: float(mean) for title, of, _, mean, _ in said if of == adapter}
        for title, how in matchings.items():
            assert found[title] == pytest.approx(expected[how].mean, abs=0.06)
    assert len(clips[-1].frames) > page.frames  # the longest is seen in several looks
    assert "efficientnet-lite0.safetensors | 23.2 %" in shares and "-st." not in shares


def test_too_few_clips_are_said_before_the_work(tmp_path, monkeypatch):
    for split, clips in (("novel", 6), ("validation", 4)):
        for action in "abcde":
            (tmp_path / split / action).mkdir(parents=True)
            for number in range(clips):
                (tmp_path / split / action / f"{number}.mp4").touch()
    monkeypatch.setattr(compare, "encode", None)
    folders = {split: [str(tmp_path / split)] for split in ("novel", "validation")}
    recipe = load_recipe("simulated/efficientnet-lite0", data=folders | {"base": folders["novel"]})
    with pytest.raises(D2STError, match="needs 5 actions with 6 clips each"):
        compare.compare(recipe, 10, "cpu")
