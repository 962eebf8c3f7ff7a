import collections
import copy
import pickle

import pytest
import torch
from safetensors.torch import save_file
from small import SMALL_VIT, clips, randomise

from d2st.backbones import RESNET_STAGES, CNNConfig, build_host
from d2st.cli import main
from d2st.errors import D2STError
from d2st.models.checkpoint import BEGUN, read_checkpoint, save_checkpoint
from d2st.models.official import import_official
from d2st.models.zoo import MODELS, load_model


def official_resnet(architecture):
    """A host, and its weights as an official checkpoint names them."""
    host = randomise(build_host(CNNConfig(architecture, RESNET_STAGES)))
    stems = {"backbone.conv1": "stage1.0", "backbone.bn1": "stage1.1", "backbone.layer1": "stage1.4"}
    stems |= {f"backbone.layer{n}": f"stage{n}" for n in (2, 3, 4)}
    parts = {
        "position": "pos_embed",
        "spatial_norm": "s_ln.norm",
        "temporal_norm": "t_ln.norm",
        "query": "proj_q",
        "key": "proj_k",
        "value": "proj_v",
        "out": "proj_out",
        "offset_conv": "conv_offset.0",
        "offset_norm": "conv_offset.1.norm",
        "offset_head": "conv_offset.3",
        "spatial": "s_attn",
        "temporal": "t_attn",
    }
    state = {}
    for name, tensor in host.state_dict().items():
        if name.startswith("adapters."):
            _, index, *path = name.split(".")
            if path[-1] == "weight" and tensor.dim() == 2:
                tensor = tensor[..., None, None, None]
            name = ".".join([f"Adapter_{int(index) + 1}", *(parts.get(part, part) for part in path)])
        else:
            stem = next(stem for stem in stems if name.startswith(stem + "."))
            name = stems[stem] + name.removeprefix(stem)
        state[f"model.{name}"] = tensor
    return host, state


@pytest.mark.parametrize("architecture", ["resnet18", "resnet50"])
def test_an_official_resnet_comes_in_whole(architecture, tmp_path):
    host, state = official_resnet(architecture)
    torch.save({"model_state": state}, tmp_path / "in.pyth")
    import_official(tmp_path / "in.pyth", tmp_path / "out.safetensors")
    # nothing to download: the backbone came along
    model = load_model(adapter=tmp_path / "out.safetensors", device="cpu")
    assert model.name == {"resnet50": "resnet50", "resnet18": "timm/resnet18"}[architecture] and model.trained
    frames = clips(host.config)
    with torch.inference_mode():
        torch.testing.assert_close(model.host(frames)[0], host.eval()(frames)[0], atol=1e-4, rtol=1e-4)


def test_an_official_vit_comes_in_by_the_command(official_vit, tmp_path, capsys):
    out = tmp_path / "out.safetensors"
    assert main(["import", str(official_vit), str(out), "--heads", "4"]) == 0
    config = read_checkpoint(out).config
    assert (config.width, config.layers, config.heads, config.patch, config.image, config.classes) == (
        64,
        2,
        4,
        8,
        112,
        7,
    )
    assert str(out) in capsys.readouterr().out


class Malicious:
    def __reduce__(self):
        return print, ("this must never run",)


@pytest.mark.parametrize(
    "content, complaint",
    [
        ({"state_dict": {}}, "no tensors by name"),
        ({"model_state": {"model.fc.weight": torch.zeros(2, 2)}}, "neither a ViT nor a ResNet"),
        (
            {
                "model_state": collections.OrderedDict(
                    {
                        "model.conv1.weight": torch.zeros(64, 3, 8, 8),
                        "model.surprise": torch.zeros(1),
                    }
                )
            },
            "conv1.weight",
        ),
    ],
)
def test_other_files_are_refused_by_name(content, complaint, tmp_path):
    torch.save(content, tmp_path / "other.pyth")
    with pytest.raises(D2STError, match="other.pyth") as error:
        import_official(tmp_path / "other.pyth", tmp_path / "out.safetensors")
    assert complaint in str(error.value) and not (tmp_path / "out.safetensors").exists()


def test_an_unknown_tensor_is_named(official_vit, tmp_path):
    content = torch.load(official_vit)
    content["model_state"]["model.text_encoder.weight"] = torch.zeros(1)
    torch.save(content, official_vit)
    with pytest.raises(D2STError, match="official.pyth.*text_encoder.weight"):
        import_official(official_vit, tmp_path / "out.safetensors", heads=4)


def test_nothing_but_tensors_is_unpickled(tmp_path, capsys):
    for name, dump in (
        ("pickle.pyth", lambda f: f.write_bytes(pickle.dumps(Malicious()))),
        ("torch.pyth", lambda f: torch.save({"model_state": Malicious()}, f)),
    ):
        dump(tmp_path / name)
        with pytest.raises(D2STError, match=name):
            import_official(tmp_path / name, tmp_path / "out.safetensors")
    assert capsys.readouterr().out == ""


def test_a_model_says_its_last_training_alone(tmp_path):
    file, said = tmp_path / "again.safetensors", f"trained again{BEGUN}once.safetensors: trained once"
    save_checkpoint(file, load_model("efficientnet-lite0", device="cpu").host, said)
    assert load_model(adapter=file, device="cpu").about == "trained again"
    assert read_checkpoint(file).about == said


def test_a_saved_adapter_computes_the_same_again(tmp_path):
    trained = randomise(copy.deepcopy(load_model("efficientnet-lite0", device="cpu").host)).eval()
    save_checkpoint(tmp_path / "mine.safetensors", trained, "trained on noise")
    model = load_model(adapter=tmp_path / "mine.safetensors", device="cpu")
    assert (model.name, model.kind, model.trained) == ("efficientnet-lite0", "d2st", True)
    assert model.about == "trained on noise" and model.described.startswith("trained on noise; ")
    frames = clips(trained.config)
    with torch.inference_mode():
        assert torch.equal(model.host(frames)[0], trained(frames)[0])
    assert (tmp_path / "mine.safetensors").stat().st_size < 5e6  # the frozen backbone stays out


def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    save_checkpoint(tmp_path / "resnet.safetensors", build_host(MODELS["resnet50"].config), "")
    with pytest.raises(D2STError, match="resnet.safetensors' belongs to resnet50, not to efficientnet-lite0"):
        load_model("efficientnet-lite0", tmp_path / "resnet.safetensors")


def test_files_that_are_no_checkpoints(tmp_path):
    (tmp_path / "text.safetensors").write_text("hello")
    save_file({"x": torch.zeros(1)}, tmp_path / "foreign.safetensors")
    for name, complaint in (
        ("text", "no safetensors"),
        ("foreign", "no adapter checkpoint"),
        ("missing", "no checkpoint"),
    ):
        with pytest.raises(D2STError, match=f"{name}.safetensors") as error:
            read_checkpoint(tmp_path / f"{name}.safetensors")
        assert complaint in str(error.value)


def test_tensors_that_do_not_fit_are_named(tmp_path):
    host = build_host(SMALL_VIT)
    host.adapters[1].up = torch.nn.Linear(16, 32)
    save_checkpoint(tmp_path / "bent.safetensors", host, "")
    checkpoint = read_checkpoint(tmp_path / "bent.safetensors")
    with pytest.raises(D2STError, match="bent.safetensors.*2 tensors.*adapters.1.up.bias"):
        checkpoint.load_into(build_host(SMALL_VIT), "bent.safetensors")
