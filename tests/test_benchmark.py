"""The measuring command measures what it says; no time is asserted."""

import json

import pytest
import torch
from small import SMALL_VIT, clips, randomise

from d2st.backbones import build_host
from d2st.benchmark import document, measurements
from d2st.benchmark.measurements import Noise, noise_clip
from d2st.benchmark.plain import PlainAdapter, plainly
from d2st.cli import main
from d2st.kinds import KINDS
from d2st.models.weights import Weights
from d2st.models.zoo import MODELS, ModelSpec


@torch.no_grad()
def test_the_adapter_that_is_written_as_the_paper_reads_computes_what_ours_does():
    host = randomise(build_host(SMALL_VIT, "d2st")).eval()
    frames = clips(SMALL_VIT, 2)
    plain = plainly(host)
    assert all(isinstance(each, PlainAdapter) for each in plain.adapters)
    torch.testing.assert_close(plain(frames)[0], host(frames)[0], atol=1e-4, rtol=0)


@pytest.fixture
def small(monkeypatch):
    weights = Weights(lambda backbone: {}, "random", "none")
    monkeypatch.setitem(MODELS, "small", ModelSpec(SMALL_VIT, weights, "small", "none"))
    return ["benchmark", "--model", "small", "--device", "cpu", "--rounds", "1", "--only", "clip"]


def test_what_is_measured_is_printed_kept_and_written(small, tmp_path, capsys):
    kept, out = tmp_path / "kept.json", tmp_path / "out.md"
    kept.write_text(json.dumps([{"model": "another", "device": "cpu", "machine": MACHINE, "measurements": []}]))
    assert main([*small, "--json", str(kept), "--out", str(out)]) == 0
    another, run = json.loads(kept.read_text())
    (measured,) = run["measurements"]
    counted = {row["name"]: row["multiply_adds"] for row in measured["rows"]}
    assert another["model"] == "another" and run["model"] == "small" and len(counted) == 6
    assert all(row["rounds"] == 1 and 0 < row["low"] <= row["median"] <= row["high"] for row in measured["rows"])
    assert counted["the library's network"] == counted["ours, frozen"] < counted["ours, ST-Adapter"]
    ours, plain = counted["ours, D²ST-Adapter"], counted["D²ST-Adapter, written as the paper reads"]
    assert ours == pytest.approx(plain, rel=0.01) and ours > counted["ours, DST-Adapter"]
    assert "## small on cpu" in capsys.readouterr().out
    assert out.read_text() == document([another, run])
    run["measurements"].append(measured | {"name": "start"})
    kept.write_text(json.dumps([another, run]))
    assert main([*small, "--json", str(kept)]) == 0
    assert [each["name"] for each in json.loads(kept.read_text())[1]["measurements"]] == ["clip", "start"]


def test_a_step_of_training_learns_behind_every_kind(small, monkeypatch):
    runs = {}

    class Noted(measurements.Trainer):
        def __init__(self, host, *settings):
            super().__init__(host, *settings)
            runs[host.kind] = self

    monkeypatch.setattr(measurements, "Trainer", Noted)
    asked = measurements.Asked("small", SMALL_VIT, torch.device("cpu"))
    measured = measurements.measure(asked, measurements.MEASUREMENTS["step"], rounds=1)
    assert [row["name"] for row in measured["rows"]] == [KINDS[kind].title for kind in ("st", "dst", "d2st")]
    for run in runs.values():  # which begins with zeros there
        assert run.progress.skipped == 0 and run.host.adapters[-1].up.weight.abs().max() > 0
    assert len(runs) == 3
    run = {"model": "small", "device": "cuda", "machine": MACHINE, "measurements": [measured]}
    assert "peak memory" not in document([run])  # nobody counts it on a processor
    measured["rows"][0]["peak_memory"] = 1_500_000_000
    assert "| peak memory |" in document([run]) and "| 1.5 GB |" in document([run])


MACHINE = {"processor": "one", "instructions": "none", "threads": 1, "torch": "2", "python": "3"}


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--only", "sleep"], "no measurement 'sleep'"),
        (["--out", "{tmp}/out.md"], "--json FILE"),
        (["--json", "{tmp}/other.json"], "holds no measurements of ours"),
    ],
)
def test_what_cannot_be_measured_or_kept_is_said_before_the_work(arguments, said, tmp_path, capsys):
    (tmp_path / "other.json").write_text('{"a": 1}')
    assert main(["benchmark", *(word.format(tmp=tmp_path) for word in arguments)]) == 2
    assert said in capsys.readouterr().err


def test_clips_of_noise_are_told_apart():
    model = Noise(12)
    one, same, other = (noise_clip(model, seed) for seed in (0, 0, 1))
    assert one.digest == same.digest != other.digest
    assert not torch.equal(model.encode(one.frames).features, model.encode(other.frames).features)
