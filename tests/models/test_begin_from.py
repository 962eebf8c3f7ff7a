"""A new host is given the adapters in a checkpoint, to train on from there."""

from dataclasses import replace
from hashlib import sha256

import pytest
import torch
from small import SMALL_VIT, randomise

from d2st.errors import D2STError
from d2st.models.checkpoint import CLASSIFIER, Checkpoint, read_checkpoint, save_checkpoint, write
from d2st.models.zoo import MODELS, SHIPPED, begin_from, seeded_host

DEFAULT = "efficientnet-lite0"


@pytest.mark.parametrize("kind, file", [("d2st", f"{DEFAULT}.safetensors"), ("dst", f"{DEFAULT}-dst.safetensors")])
def test_the_adapters_that_come_along_are_taken_and_the_head_stays_new(kind, file):
    host = seeded_host(replace(MODELS[DEFAULT].config, classes=31), kind)
    before = {name: t.clone() for name, t in host.state_dict().items()}
    said = begin_from("default", host, DEFAULT)
    shipped = read_checkpoint(SHIPPED / file)
    for name, tensor in host.state_dict().items():
        begun = shipped.tensors[name] if name.startswith("adapters.") else before[name]
        assert torch.equal(tensor, begun), name
    assert said == f"{file} (sha256 {sha256((SHIPPED / file).read_bytes()).hexdigest()[:8]}): {shipped.about}"


def test_a_head_of_as_many_classes_stays_new_too_and_all_else_that_is_trained_is_taken(tmp_path):
    mine, host = (randomise(seeded_host(replace(SMALL_VIT, classes=3), "d2st"), seed) for seed in (1, 2))
    save_checkpoint(tmp_path / "mine.safetensors", mine, "mine")
    begin_from(str(tmp_path / "mine.safetensors"), host, "small")
    theirs = mine.trainable_state()
    taken = {name for name, tensor in host.trainable_state().items() if torch.equal(tensor, theirs[name])}
    assert theirs.keys() - taken == {f"{CLASSIFIER}weight", f"{CLASSIFIER}bias"}


def adapters(kind, **changes):
    return lambda file: save_checkpoint(file, seeded_host(replace(SMALL_VIT, **changes), kind), "mine")


def with_backbone(file):
    host = seeded_host(SMALL_VIT, "d2st")
    write(file, Checkpoint(host.config, "d2st", "mine", host.state_dict()))


@pytest.mark.parametrize(
    "write_it, kind, said",
    [
        (adapters("st"), "d2st", "of the kind st, .*kind=st"),
        (adapters("d2st"), "dst", "of the kind d2st, and the recipe trains dst"),
        (adapters("st", frames=4), "st", "other settings"),
        (lambda file: file.write_bytes((SHIPPED / f"{DEFAULT}.safetensors").read_bytes()), "d2st", f"to {DEFAULT}"),
        (with_backbone, "d2st", "brings a backbone"),
        (lambda file: file.write_bytes(b"x"), "d2st", "no safetensors file"),
        (lambda file: None, "d2st", "no checkpoint"),
    ],
)
def test_a_file_that_does_not_fit_is_a_sentence(write_it, kind, said, tmp_path):
    file = tmp_path / "mine.safetensors"
    write_it(file)
    with pytest.raises(D2STError, match=f"'{file}'.*{said}|no checkpoint '{file}'"):
        begin_from(str(file), seeded_host(SMALL_VIT, kind), "small")


def test_where_none_come_along_that_is_said():
    with pytest.raises(D2STError, match="No adapters of the kind st come along for small.*--from FILE"):
        begin_from("default", seeded_host(SMALL_VIT, "st"), "small")
