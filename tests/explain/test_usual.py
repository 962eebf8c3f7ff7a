"""Where points usually are, and what of a clip's arrows is the clip's."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from small import SMALL_VIT, randomise

from d2st.backbones import build_host
from d2st.cli import main
from d2st.errors import D2STError
from d2st.explain.usual import own, own_of_all
from d2st.models.checkpoint import Checkpoint, read_checkpoint, write
from d2st.models.model import Model
from d2st.models.usual import Usual, UsualPoints
from d2st.models.zoo import SHIPPED, load_model
from d2st.training.usual import usual_points

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model():
    return Model("small", randomise(build_host(SMALL_VIT)).eval(), CPU, "d2st", True, "random")


@pytest.fixture(scope="module")
def clips():
    side = SMALL_VIT.image
    return np.random.default_rng(0).integers(0, 256, (4, 8, side, side, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def usual(model, clips):
    return usual_points(model, clips)


def test_mean_and_variance_are_those_of_the_clips(model, clips, usual):
    traces = [model.encode(frames, inspect=True).traces for frames in clips]
    assert usual.clips == len(clips) and len(usual.points) == len(traces[0]) == 4
    for index, trace in enumerate(traces[0]):
        positions = np.stack([each[index].position for each in traces])
        np.testing.assert_allclose(own(trace, usual).usual, positions.mean(0), atol=1e-5)
        variance = usual.points[trace.layer, trace.pathway].variance
        np.testing.assert_allclose(variance, positions.var(0), atol=1e-5)


def test_an_offsets_mean_square_is_what_is_common_plus_what_differs(model, clips, usual):
    traces = [model.encode(frames, inspect=True).traces for frames in clips]
    for index, trace in enumerate(traces[0]):
        mean_square = np.mean([(each[index].offset ** 2).sum() for each in traces])
        differences = [own(each[index], usual).difference for each in traces]
        points = usual.points[trace.layer, trace.pathway]
        differs = np.mean([(each**2).sum() for each in differences])
        assert points.common + differs == pytest.approx(mean_square, rel=1e-3)
        assert points.share == own(trace, usual).typical == pytest.approx(differs / mean_square, rel=1e-2)


def test_the_share_is_what_its_formula_says(model, clips):
    trace = model.encode(clips[0], inspect=True).traces[0]
    shape = trace.position.shape

    def of(trace, offset):
        return own(trace, Usual(9, {(trace.layer, trace.pathway): UsualPoints(offset, np.zeros(shape))}))

    assert of(trace, trace.offset).share == 0 and of(trace, np.zeros(shape)).share == 1
    # As far from the usual place as that is from the cross, and at a right angle to it.
    usually, moved = np.zeros(shape), np.zeros(shape)
    usually[..., 1], moved[..., 1:] = 0.3, 0.3
    found = of(replace(trace, position=trace.reference + moved), usually)
    assert found.share == pytest.approx(0.5) and found.typical == 0


def test_where_nothing_is_known_nothing_is_said(model, clips):
    trace = model.encode(clips[0], inspect=True).traces[0]
    assert own(trace, None) is None and own_of_all([trace], Usual(2, {})) == {}


def test_too_little_is_refused(model, clips):
    with pytest.raises(D2STError, match="One clip"):
        usual_points(model, clips[:1])
    with pytest.raises(D2STError, match="no sampling points"):
        usual_points(load_model(adapter=None, device="cpu"), [np.zeros((8, 224, 224, 3), np.uint8)] * 2)


def test_a_checkpoint_carries_them_and_its_features_stay(tmp_path, model, clips, usual):
    file, host = tmp_path / "small.safetensors", model.host
    tensors = {name: tensor for name, tensor in host.state_dict().items()}
    write(file, Checkpoint(host.config, "d2st", "random", tensors, usual))
    loaded = load_model(adapter=str(file), device="cpu")
    assert loaded.usual.clips == usual.clips and loaded.usual.points.keys() == usual.points.keys()
    for place, points in usual.points.items():
        assert np.array_equal(loaded.usual.points[place].offset, points.offset)
        assert np.array_equal(loaded.usual.points[place].variance, points.variance)
    assert loaded.fingerprint == model.fingerprint
    assert torch.equal(loaded.encode(clips[0]).features, model.encode(clips[0]).features)
    write(file, replace(read_checkpoint(file), usual=None))
    assert load_model(adapter=str(file), device="cpu").usual is None


def test_positions_of_other_points_are_refused(tmp_path, model, usual):
    place, points = next(iter(usual.points.items()))
    bent = replace(usual, points=usual.points | {place: replace(points, offset=points.offset[:, :1])})
    tensors = dict(model.host.state_dict())
    file = tmp_path / "bent.safetensors"
    write(file, Checkpoint(model.host.config, "d2st", "random", tensors, bent))
    with pytest.raises(D2STError, match="bent.safetensors.*usually are"):
        load_model(adapter=str(file), device="cpu")
    nan = replace(points, variance=np.full_like(points.variance, np.nan))
    write(file, Checkpoint(model.host.config, "d2st", "random", tensors, replace(usual, points={place: nan})))
    with pytest.raises(D2STError, match="bent.safetensors"):
        load_model(adapter=str(file), device="cpu")


def test_the_shipped_adapters_know_it():
    model = load_model(device="cpu")
    assert model.usual.clips == 780 and len(model.usual.points) == 6  # all that simulated/further validates on
    assert load_model(adapter=str(SHIPPED / "efficientnet-lite0-st.safetensors"), device="cpu").usual is None


def test_the_command_writes_them_into_the_file(tmp_path, clip_path, monkeypatch, capsys):
    from d2st.training import recipes

    checkpoint = replace(read_checkpoint(SHIPPED / "efficientnet-lite0.safetensors"), usual=None)
    file, folder = tmp_path / "mine.safetensors", tmp_path / "clips" / "jump"
    write(file, checkpoint)
    folder.mkdir(parents=True)
    for name, clip in zip("ab", sorted(clip_path.parent.glob("*.mp4")), strict=False):
        (folder / f"{name}.mp4").write_bytes(clip.read_bytes())
    (folder / "c.mp4").write_bytes(b"no clip")
    recipe = recipes.load_recipe("simulated/efficientnet-lite0")
    recipe = recipes.load_recipe(recipe.name, data=recipe.data | {"validation": [str(folder.parent)]})
    monkeypatch.setattr(recipes, "load_recipe", lambda name: recipe)
    assert main(["usual", str(file), "--device", "cpu"]) == 1
    said = capsys.readouterr()
    assert "Over 2 clips" in said.out and "c.mp4" in said.err
    written = read_checkpoint(file)
    assert written.usual.clips == 2 and written.about == checkpoint.about
    assert all(torch.equal(written.tensors[name], tensor) for name, tensor in checkpoint.tensors.items())
