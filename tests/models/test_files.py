"""Files that hold weights, and files that only look as if they did."""

import json
import pickle
import zipfile

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from small import SMALL_VIT, randomise

from d2st.backbones import build_host, config_to_json
from d2st.cli import main
from d2st.errors import D2STError
from d2st.models.checkpoint import FORMAT, read_checkpoint, save_checkpoint
from d2st.models.official import import_official, read_official
from d2st.models.torchscript import is_archive, read_archive
from d2st.models.weights import backbone_state, read_weights
from d2st.models.zoo import MODELS, load_model


@pytest.mark.parametrize(
    "content, complaint",
    [
        ([torch.zeros(2)], "a list"),
        (torch.zeros(2), "a Tensor"),
        (None, "a NoneType"),
        ({}, "an empty dict"),
        ({1: torch.zeros(2)}, "1: Tensor"),
        ({"a": torch.zeros(2), "b": "text"}, "'b': str"),
        ({"state_dict": None}, "'state_dict': NoneType"),
    ],
)
def test_what_is_no_state_dict_is_said(content, complaint, tmp_path):
    torch.save(content, tmp_path / "odd.pth")
    with pytest.raises(D2STError, match=f"odd.pth' holds no tensors by name, but {complaint}"):
        read_weights(tmp_path / "odd.pth")


def test_weights_that_are_no_numbers_are_refused(tmp_path):
    state = build_host(SMALL_VIT, None).backbone.state_dict()
    state["conv1.weight"][0, 0, 0, 0] = torch.nan
    torch.save(state, tmp_path / "nan.pth")
    backbone = build_host(SMALL_VIT, None).backbone
    with pytest.raises(D2STError, match="nan.pth' is damaged: 'conv1.weight'"):
        backbone_state(backbone, "clip-vit-b16", MODELS["clip-vit-b16"].weights, tmp_path / "nan.pth")
    host = build_host(SMALL_VIT)
    host.adapters[0].up.weight.data[0, 0] = torch.inf
    save_checkpoint(tmp_path / "inf.safetensors", host, "")
    with pytest.raises(D2STError, match="inf.safetensors' is damaged: 'adapters.0.up.weight'"):
        read_checkpoint(tmp_path / "inf.safetensors").load_into(build_host(SMALL_VIT), "inf.safetensors")


def checkpoint_with(tmp_path, **metadata):
    file = tmp_path / "odd.safetensors"
    said = {
        "format": FORMAT,
        "config": json.dumps(config_to_json(SMALL_VIT)),
        "adapter": "d2st",
        "about": "",
    } | metadata
    save_file({"x": torch.zeros(1)}, file, {key: value for key, value in said.items() if value is not None})
    return file


@pytest.mark.parametrize(
    "metadata, complaint",
    [
        (dict(config=None), "configuration is missing or damaged"),
        (dict(config="{"), "configuration is missing or damaged"),
        (dict(config="[1]"), "configuration is missing or damaged"),
        (dict(config='{"host": "Another"}'), "configuration is missing or damaged"),
        (dict(config='{"host": "ViTConfig", "depth": 3}'), "configuration is missing or damaged"),
        (dict(about=None), "configuration is missing or damaged"),
        (dict(adapter="lora"), "unknown kind, 'lora'. Known are st, dst, d2st, "),
    ],
)
def test_a_checkpoint_that_does_not_say_what_it_belongs_to(metadata, complaint, tmp_path):
    with pytest.raises(D2STError, match=f"odd.safetensors'.*{complaint}"):
        read_checkpoint(checkpoint_with(tmp_path, **metadata))


@pytest.mark.parametrize("changes", [dict(heads=5), dict(groups=7), dict(image=16), dict(heads=0), dict(patch=0)])
def test_odd_configurations_are_refused_in_a_sentence(changes, tmp_path):
    file = checkpoint_with(tmp_path, config=json.dumps(config_to_json(SMALL_VIT) | changes))
    with pytest.raises(D2STError, match="odd.safetensors' describes a model that cannot be built"):
        load_model(adapter=str(file))


def test_a_checkpoint_appears_only_when_it_is_whole(tmp_path):
    with pytest.raises(D2STError, match="cannot be written"):
        save_checkpoint(tmp_path / "nowhere" / "mine.safetensors", build_host(SMALL_VIT), "")
    save_checkpoint(tmp_path / "mine.safetensors", build_host(SMALL_VIT), "")
    assert [file.name for file in tmp_path.iterdir()] == ["mine.safetensors"]


def test_what_was_trained_of_a_vit_before_is_found_in_its_new_place(tmp_path):
    host = randomise(build_host(SMALL_VIT))
    names = {"class_embedding": "backbone.class_embedding", "norm.weight": "backbone.ln_post.weight",
             "norm.bias": "backbone.ln_post.bias"}  # fmt: skip
    save_checkpoint(tmp_path / "new.safetensors", host, "")
    with safe_open(tmp_path / "new.safetensors", "pt") as file:
        metadata = file.metadata()
    state = {names.get(name, name): tensor for name, tensor in host.trainable_state().items()}
    save_file(state, tmp_path / "old.safetensors", metadata)
    other = build_host(SMALL_VIT)
    assert read_checkpoint(tmp_path / "old.safetensors").load_into(other, "old.safetensors")
    assert all(torch.equal(t, other.trainable_state()[name]) for name, t in host.trainable_state().items())


@pytest.mark.parametrize("form", ["model_state", "state_dict", "bare", "module."])
def test_official_checkpoints_come_in_several_forms(form, official_vit, tmp_path):
    state = torch.load(official_vit)["model_state"]
    if form == "module.":
        state = {f"module.{name}": tensor for name, tensor in state.items()}
    torch.save(state if form in ("bare", "module.") else {form: state}, tmp_path / "in.pyth")
    assert read_official(tmp_path / "in.pyth").keys() == read_official(official_vit).keys()
    import_official(tmp_path / "in.pyth", tmp_path / "out.safetensors", heads=4)


@pytest.mark.parametrize("heads", ["0", "3", "-4"])
def test_heads_that_do_not_fit_are_refused(heads, official_vit, tmp_path, capsys):
    assert main(["import", str(official_vit), str(tmp_path / "out.safetensors"), "--heads", heads]) == 2
    assert f"cannot have {heads} heads" in capsys.readouterr().err and not list(tmp_path.glob("out*"))


@pytest.mark.parametrize("target", ["nowhere/out.safetensors", "."])
def test_an_import_that_cannot_be_written_says_so_first(target, official_vit, tmp_path, capsys):
    assert main(["import", str(official_vit), str(tmp_path / target), "--heads", "4"]) == 2
    assert "cannot be written" in capsys.readouterr().err


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.norm = torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4)
        self.second = self.first  # shares its storage
        self.register_buffer("steps", torch.arange(5))

    def forward(self, x):
        return x


def test_an_archive_is_read_without_running_it(tmp_path):
    source = torch.nn.Sequential(Block().half(), torch.nn.ModuleDict({"visual": torch.nn.Linear(2, 2)})["visual"])
    source[0].first.weight.data = torch.randn(8, 3).half()[2:6]  # a view into a larger storage
    torch.jit.save(torch.jit.trace(source[0].eval(), torch.zeros(1)), tmp_path / "archive.pt")
    assert is_archive(tmp_path / "archive.pt")
    found, expected = read_archive(tmp_path / "archive.pt"), source[0].state_dict()
    for name in ("first.weight", "first.bias", "norm.running_mean", "norm.weight", "steps"):
        assert found[name].dtype == expected[name].dtype and torch.equal(found[name], expected[name]), name
    torch.save({"a": torch.zeros(1)}, tmp_path / "plain.pt")
    assert not is_archive(tmp_path / "plain.pt")


class Malicious:
    def __reduce__(self):
        return print, ("this must never run",)


def test_nothing_but_tensors_comes_out_of_an_archive(tmp_path, capsys):
    for number, evil in enumerate((Malicious(), [Malicious()])):
        file = tmp_path / f"evil{number}.pt"
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("evil/data.pkl", pickle.dumps(evil))
            archive.writestr("evil/constants.pkl", pickle.dumps(()))
        with pytest.raises(D2STError, match="holds no weights that can be read"):
            read_weights(file)
    assert "never run" not in capsys.readouterr().out
