"""Recipes: every setting has a type and a range, and an error names setting, value and what is allowed."""

import re

import pytest

from d2st.errors import D2STError
from d2st.training.recipes import Recipe, load_recipe, recipe_names

DEFAULT = "simulated/efficientnet-lite0"


def test_every_recipe_that_comes_along_is_one():
    assert DEFAULT in recipe_names() and len(recipe_names()) == 23
    assert all(isinstance(load_recipe(name), Recipe) for name in recipe_names())


@pytest.mark.parametrize(
    "setting, value, allowed",
    [
        ("optimiser", "sgd", "'adam' or 'adamw'"),
        ("flip", "qery", "'query', 'support' or 'none'"),
        ("colour", "some", "'all' or 'none'"),
        ("tasks", "abc", "integer"),
        ("tasks", 0, "greater than or equal to 1"),
        ("tasks", True, "no yes or no"),
        ("way", 1, "greater than or equal to 2"),
        ("seed", -1, "greater than or equal to 0"),
        ("base_lr", "fast", "number"),
        ("base_lr", float("nan"), "finite|greater than 0"),
        ("averaging", 1, "less than 1"),
        ("drop_path", 1.5, "less than or equal to 1"),
        ("mixed_precision", "perhaps", "boolean"),
        ("frame_interval", 0, "greater than 0"),
        ("model", "resnet51", "one of efficientnet-lite0, clip-vit-b16, resnet50 or timm/NAME"),
        ("kind", "lora", "one of st, dst, d2st, "),
        ("decoder", "opencv", "one of pyav, decord"),
        ("matchings", "otam", "list"),
        ("matchings", [["hausdorff", False]], "[name, centred] with a name of bi-mhm, otam, frame-to-frame"),
        ("matchings", [], "at least 1"),
        ("data", 3, "dictionary"),
        ("data", {}, "base and novel and validation are missing"),
        ("data", {"root": ["a"]}, "root in it should be a text"),
        ("data", {"root": "a", "base": ["b"]}, "it holds base, and what it may hold is classes, how, root"),
        ("data", {"root": "a", "classes": "mine"}, "one of .*hmdb51.*ucf101"),
        ("data", {"base": ["b"], "validation": "v", "novel": ["n"]}, "validation in it should be a list of folders"),
        ("data", {"base": ["b"], "validation": [], "novel": ["n"]}, "validation in it should be a list of folders"),
        ("data", {"base": ["b"], "validation": [1], "novel": ["n"]}, "validation in it should be a list of folders"),
    ],
)
def test_a_value_that_is_none_is_named_with_what_is_allowed(setting, value, allowed):
    with pytest.raises(D2STError) as caught:
        load_recipe(DEFAULT, **{setting: value})
    said = str(caught.value)
    first = value[0] if isinstance(value, list) and value else value
    assert setting in said and repr(first) in said and (allowed in said or re.search(allowed, said))


@pytest.mark.parametrize(
    "changes, complaint",
    [
        (dict(epoch_steps=[0, 1]), "epoch_steps has 2 values and relative_lrs 3"),
        (dict(epoch_steps=[0, 9, 6]), "begins with 0 and rises"),
        (dict(epoch_steps=[1, 6, 9]), "begins with 0 and rises"),
        (dict(shot=5), "in turn, which needs one shot"),
        (dict(crop=225), "crop is the smaller"),
        (dict(learning=1), "unknown settings: learning"),
        (dict(adapter="st"), "unknown settings: adapter"),
    ],
)
def test_settings_that_do_not_fit_are_refused(changes, complaint):
    with pytest.raises(D2STError, match=complaint):
        load_recipe(DEFAULT, **changes)


@pytest.mark.parametrize("data_set", ["hmdb51", "ucf101", "kinetics100", "ssv2_small", "ssv2_full"])
def test_on_real_clips_the_default_model_learns_as_on_simulated_ones_from_clips_as_they_were_published(data_set):
    ours, published = load_recipe(f"{data_set}/efficientnet-lite0"), load_recipe(f"{data_set}/resnet")
    clips = {"data", "short_side", "crop", "frame_interval", "spread", "decoder", "fps", "symmetries", "colour", "flip"}
    length = {"tasks", "iterations_per_epoch", "validate_every"}
    other = {"name", "opposites", "mixed_styles", "cached_views"} | clips | length
    learnt = Recipe.model_fields.keys() - other
    assert ours.model_dump(include=learnt) == load_recipe(DEFAULT).model_dump(include=learnt)
    directed = {"flip"} if data_set.startswith("ssv2") else set()
    assert ours.model_dump(include=clips - directed) == published.model_dump(include=clips - directed)
    assert (ours.flip == "none") == bool(directed)
    assert ours.tasks == 10 * ours.iterations_per_epoch == 12 * ours.validate_every


def test_numbers_may_come_as_text():
    recipe = load_recipe(DEFAULT, base_lr="1e-3", tasks="500")  # YAML takes 1e-3 for text
    assert (recipe.base_lr, recipe.tasks) == (0.001, 500)


def test_any_network_of_timms_may_be_named():
    assert load_recipe(DEFAULT, model="timm/resnet18").model == "timm/resnet18"


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("[1, 2]", "is no recipe"),
        ("1: 2", "is no recipe"),
        ("model: [", "not valid YAML"),
        ("extends: {file}", "extends itself"),
        ("extends: nowhere", "no recipe 'nowhere'"),
        ("model: resnet50", "missing settings: data"),
    ],
)
def test_files_that_are_no_recipes(tmp_path, text, complaint):
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace("{file}", str(file)))
    with pytest.raises(D2STError, match=complaint):
        load_recipe(str(file))
    with pytest.raises(D2STError, match="no recipe 'simulated/nothing'"):
        load_recipe("simulated/nothing")
