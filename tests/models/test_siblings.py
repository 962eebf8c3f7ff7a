"""Other adapters on a model's own backbone, those from strangers among them."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from visits import small_model

from d2st.backbones import config_to_json
from d2st.errors import D2STError
from d2st.models.checkpoint import FORMAT, Checkpoint, save_checkpoint, write
from d2st.models.siblings import dropped_sibling, same_adapters, shipped_siblings
from d2st.models.usual import Usual, UsualPoints, shapes_in
from d2st.models.zoo import SHIPPED, load_model


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "mine.safetensors"


def test_the_shipped_ones_share_the_backbone_and_answer_as_if_loaded_alone():
    model = load_model(device="cpu")
    siblings = {each.kind: each for each in shipped_siblings(model)}
    assert set(siblings) == {"st", "dst"}  # its own are left out
    frames = torch.randint(0, 256, (8, 224, 224, 3), dtype=torch.uint8).numpy()
    for kind, each in siblings.items():
        assert each.host.backbone is model.host.backbone
        alone = load_model(adapter=str(SHIPPED / f"efficientnet-lite0-{kind}.safetensors"), device="cpu")
        found = each.adapt(model.stem(frames)).features
        assert torch.allclose(found, alone.encode(frames).features, atol=1e-4)


def test_a_model_without_shipped_adapters_has_no_siblings(model):
    assert shipped_siblings(model) == []


@pytest.mark.parametrize("kind", ["st", "dst", "d2st"])
def test_a_file_of_ours_is_taken(model, file, kind):
    mine = small_model(kind, seed=3)
    save_checkpoint(file, mine.host, "<b>mine</b>")
    found = dropped_sibling(model, str(file))
    assert found.kind == kind and found.about == "<b>mine</b>" and same_adapters(found.host, mine.host)
    assert found.host.backbone is model.host.backbone


def test_where_the_points_usually_are_comes_along(model, file):
    points = {place: UsualPoints(*map(np.ones, shapes)) for place, shapes in shapes_in(model.host).items()}
    host = small_model(seed=3).host
    write(file, Checkpoint(host.config, "d2st", "mine", host.trainable_state(), Usual(9, points)))
    assert dropped_sibling(model, str(file)).usual.clips == 9


def test_the_base_class_head_is_left_out_however_large_it_says_to_be(model, file):
    host = small_model().host
    host.config = replace(host.config, classes=10**12)
    save_checkpoint(file, host, "many classes")
    assert dropped_sibling(model, str(file)).host.classifier is None


def written(file, host, **changes):
    tensors = {name: t.contiguous() for name, t in host.trainable_state().items()} | changes.pop("tensors", {})
    said = {"format": FORMAT, "config": json.dumps(config_to_json(host.config)), "adapter": "d2st", "about": "x"}
    save_file({name: t for name, t in tensors.items() if t is not None}, str(file), said | changes)


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"config": "[" * 100_000}, "configuration is damaged"),
        ({"config": "{}"}, "configuration is missing or damaged"),
        ({"config": json.dumps({"host": "CNNConfig", "architecture": "vgg11", "stages": [["a"]]})}, "belongs to"),
        ({"usual": '{"clips": "<b>9</b>"}'}, "no number of clips"),
        ({"usual": '{"clips": 9}'}, "other sampling points"),
        ({"adapter": "evil"}, "unknown kind, 'evil'"),
        ({"adapter": "st"}, "does not fit"),
        ({"format": "d2st 2"}, "no adapter checkpoint of this project"),
        ({"tensors": {"norm.weight": torch.zeros(3)}}, "does not fit"),
        ({"tensors": {"norm.weight": None}}, "does not fit"),
        ({"tensors": {"more": torch.zeros(3)}}, "does not fit"),
        ({"tensors": {"norm.weight": torch.full([64], torch.nan)}}, "values that are no numbers"),
        ({"tensors": {"norm.weight": torch.zeros(64, dtype=torch.int64)}}, "holds no plain numbers"),
        ({"tensors": {"backbone.conv1.weight": torch.zeros(3)}}, "brings a backbone of its own"),
    ],
)
def test_what_does_not_fit_is_a_sentence_without_the_folder(model, file, changes, sentence):
    written(file, model.host, **changes)
    with pytest.raises(D2STError, match=sentence) as told:
        dropped_sibling(model, str(file))
    assert "mine.safetensors" in str(told.value) and str(file.parent) not in str(told.value)


@pytest.mark.parametrize(
    "name, content, sentence",
    [
        ("mine.pyth", b"x", "no .safetensors file"),
        ("mine.safetensors", b"x" * 100, "no safetensors file"),
        ("mine.safetensors", b"", "no safetensors file"),
        ("mine.safetensors", bytes(64_000_001), "more than 64 MB"),
    ],
)
def test_what_is_no_checkpoint_is_a_sentence(model, tmp_path, name, content, sentence):
    tmp_path.joinpath(name).write_bytes(content)
    with pytest.raises(D2STError, match=sentence) as told:
        dropped_sibling(model, str(tmp_path / name))
    assert name in str(told.value) and str(tmp_path) not in str(told.value)
