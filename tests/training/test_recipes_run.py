"""The published recipes of every data set and every host from the data set to an accuracy, on stand-ins in the layout
and list format of the real one: simulated clips of one class more than the ways, and small networks with random
weights."""

import json
import shutil
from dataclasses import replace

import av
import pytest
import torch
from small import randomise

from d2st import video
from d2st.backbones import build_host
from d2st.cli import main
from d2st.models import zoo
from d2st.models.checkpoint import read_checkpoint, save_checkpoint
from d2st.simulate import actions, render
from d2st.simulate.clips import save
from d2st.training.recipes import load_recipe
from d2st.video import read_clip

WAY, CLASSES, CLIPS = 2, 3, 2
SMALL = {
    "vit": ("clip-vit-b16", dict(width=64, layers=2, heads=4, patch=32)),
    "resnet": ("resnet50", dict(architecture="test_resnet")),
    "efficientnet-lite0": ("efficientnet-lite0", dict(architecture="mobilenetv2_035")),  # its stages are as named
}
SHORT = [f"way={WAY}", "tasks_per_step=1", "validate_every=1", "validation_episodes=10"]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """One list of clips a class."""
    pytest.importorskip("pybullet")
    folder = tmp_path_factory.mktemp("rendered")
    clips = [[folder / f"{label}_{number}.mp4" for number in range(CLIPS)] for label in range(CLASSES)]
    for action, paths in zip(actions("novel", "people"), clips, strict=False):
        for seed, path in enumerate(paths):
            save(path, render(action, seed, "novel", 64, frames=12), 6)
    return clips


def as_webm(clip, path):
    with av.open(str(clip)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("libvpx-vp9", rate=6, options={"cpu-used": "8", "deadline": "realtime"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for frame in source.decode(video=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode())


def lay_out(root, rendered):
    """Something-Something has numbered .webm clips, Kinetics lists of .avi names in folders of classes,
    HMDB51 and UCF101 folders of classes that the published splits name."""
    name = root.name
    for number, (part, split) in enumerate((("train", "base"), ("val", "validation"), ("test", "novel"))):
        lines = []
        classes = json.loads((zoo.SHIPPED.parent / "d2st/data/classes.json").read_text()).get(name, {}).get(split)
        for label, clips in enumerate(rendered):
            for clip in clips:
                if name.startswith("ssv2"):
                    path = root / "videos" / f"{number}{label}{clip.stem[-1]}.webm"
                    lines.append(f"{part}{label}//{path.stem}")
                else:
                    path = root / "videos" / classes[label] / clip.name
                    lines.append(f"{part}{label}//videos/{classes[label]}/{clip.stem}.avi")
                path.parent.mkdir(parents=True, exist_ok=True)
                (as_webm if path.suffix == ".webm" else shutil.copy)(clip, path)
        (root / f"{part}_few_shot.txt").write_text("\n".join(lines))


def noting(picked):
    """`read_clip`, which also notes where in each part of a clip it takes its frame."""

    def read(*settings, within, **more):
        picked.append(within)
        return read_clip(*settings, within=within, **more)

    return read


def made_small(monkeypatch, model, changes):
    """The small network in the model's place → the words that name its weights."""
    spec = zoo.MODELS[model]
    monkeypatch.setitem(zoo.MODELS, model, replace(spec, config=replace(spec.config, **changes)))
    torch.save(build_host(zoo.MODELS[model].config, None).backbone.state_dict(), "backbone.pth")
    return ["--backbone-weights", "backbone.pth"]


@pytest.mark.parametrize(
    "name",
    ["ssv2_full/vit", "ssv2_small/resnet", "kinetics100/efficientnet-lite0", "hmdb51/vit", "ucf101/resnet"],
)
def test_a_recipe_runs_from_its_data_set_to_an_accuracy(name, rendered, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    data_set, host = name.split("/")
    lay_out(tmp_path / "data" / data_set, rendered)
    model, changes = SMALL[host]
    backbone = made_small(monkeypatch, model, changes)

    assert main(["data", "check", name]) == 0
    train = ["train", name, *backbone, "--set", *SHORT]
    assert main([*train, "tasks=1"]) == 0
    assert main([*train, "tasks=2"]) == 0  # goes on
    out = capsys.readouterr().out
    assert f"Going on from task 1 in runs/{name}" in out and "Best validation accuracy" in out
    evaluate = ["evaluate", name, "--checkpoint", f"runs/{name}/last.safetensors", *backbone]
    picked: list = []
    with monkeypatch.context() as patch:
        patch.setattr(video, "read_clip", noting(picked))
        assert main([*evaluate, "--way", str(WAY), "--episodes", "20", "--json"]) == 0
    assert len(picked) == CLASSES * CLIPS and all(within == [0.5] * 8 for within in picked)  # the middle frames
    answer = json.loads(capsys.readouterr().out)
    assert answer["model"] == model and answer["trained"] and 0 < answer["results"][0]["accuracy"] <= 100


def test_a_run_begins_from_a_checkpoint_and_is_judged_on_its_validation_clips(rendered, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path / "data" / "hmdb51", rendered)
    model, changes = SMALL["efficientnet-lite0"]
    backbone, name = made_small(monkeypatch, model, changes), f"hmdb51/{model}"
    for file, seed in (("mine.safetensors", 1), ("other.safetensors", 2)):
        host = zoo.seeded_host(replace(zoo.MODELS[model].config, classes=CLASSES), "d2st")
        save_checkpoint(file, randomise(host, seed), file.removesuffix(".safetensors"))
    # The first step of a rate that is warmed up from nothing leaves the weights as they are.
    settings = [*SHORT, "warmup_start_lr=0", "mixed_precision=false", "cached_views=0"]

    def train(tasks, *begin):
        return main(["train", name, *backbone, *begin, "--set", *settings, f"tasks={tasks}"])

    assert train(1, "--from", "mine.safetensors") == 0
    first = read_checkpoint(f"runs/{name}/last.safetensors")
    mine = read_checkpoint("mine.safetensors").tensors
    changed = {each for each, tensor in first.tensors.items() if not torch.equal(tensor, mine[each])}
    assert changed == {"classifier.weight", "classifier.bias"}
    assert "; begun from mine.safetensors (sha256" in first.about

    evaluate = ["evaluate", name, *backbone, "--split", "validation", "--adapter", "mine.safetensors"]
    capsys.readouterr()
    assert main([*evaluate, "--way", str(WAY), "--matching", "all", "--episodes", "10", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    accuracies = {(row["matching"], row["centred"]): row["accuracy"] for row in found["results"]}
    expected = accuracies[load_recipe(name).matchings[0]]
    assert f"validation accuracy {expected:.1f} ±" in first.about  # the run's own episodes
    assert found["split"] == "validation"

    assert train(2, "--from", "other.safetensors") == 2
    assert "was begun from mine.safetensors" in capsys.readouterr().err
    assert train(2) == 0  # goes on from where it is
    assert "; begun from mine.safetensors (sha256" in read_checkpoint(f"runs/{name}/last.safetensors").about
