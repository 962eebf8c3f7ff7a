"""Every published recipe from its data set to an accuracy, on stand-ins in the layout and list format of the real
one: simulated clips of one class more than the ways, and small networks with random weights."""

import json
import shutil
from dataclasses import replace

import av
import pytest
import torch

from d2st import video
from d2st.backbones import build_host
from d2st.cli import main
from d2st.models import zoo
from d2st.simulate import actions, render
from d2st.simulate.clips import save
from d2st.training.recipes import load_recipe
from d2st.video import read_clip

WAY, CLASSES, CLIPS = 2, 3, 2
SMALL = {
    "vit": ("clip-vit-b16", dict(width=64, layers=2, heads=4, patch=32)),
    "resnet": ("resnet50", dict(architecture="test_resnet")),
}


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


@pytest.mark.parametrize("data_set", ["ssv2_full", "ssv2_small", "kinetics100", "hmdb51", "ucf101"])
def test_a_recipe_runs_from_its_data_set_to_an_accuracy(data_set, rendered, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path / "data" / data_set, rendered)
    for host, (model, changes) in SMALL.items():
        recipe = load_recipe(f"{data_set}/{host}")
        monkeypatch.setitem(
            zoo.MODELS, model, replace(zoo.MODELS[model], config=replace(zoo.MODELS[model].config, **changes))
        )
        torch.save(build_host(zoo.MODELS[model].config, None).backbone.state_dict(), "backbone.pth")
        backbone = ["--backbone-weights", "backbone.pth"]

        assert main(["data", "check", recipe.name]) == 0
        short = [f"way={WAY}", "tasks_per_step=1", "validate_every=1", "validation_episodes=10"]
        train = ["train", recipe.name, *backbone, "--set", *short]
        assert main([*train, "tasks=1"]) == 0
        assert main([*train, "tasks=2"]) == 0  # goes on
        out = capsys.readouterr().out
        assert f"Going on from task 1 in runs/{recipe.name}" in out and "Best validation accuracy" in out
        checkpoint = f"runs/{recipe.name}/last.safetensors"
        evaluate = [
            "evaluate",
            recipe.name,
            "--checkpoint",
            checkpoint,
            *backbone,
            "--way",
            str(WAY),
            "--episodes",
            "20",
            "--json",
        ]
        picked: list = []
        with monkeypatch.context() as patch:
            patch.setattr(video, "read_clip", noting(picked))
            assert main(evaluate) == 0
        assert len(picked) == CLASSES * CLIPS and all(within == [0.5] * 8 for within in picked)  # the middle frames
        answer = json.loads(capsys.readouterr().out)
        assert answer["model"] == model and answer["trained"] and 0 < answer["results"][0]["accuracy"] <= 100
