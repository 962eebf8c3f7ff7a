"""Processes that share their clips: each is encoded once, and the figures are those of one process, to the digit."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import torch
from films import bundled, joined
from small import EXAMPLES

TORCHRUN = ("-m", "torch.distributed.run", "--nproc-per-node=2", "--master-port=0", "--standalone")
PROCESS = """
import os, sys, torch
from pathlib import Path
from visits import small_model
from d2st.cli import commands, main, scan
from d2st.data.folders import read_split
from d2st.models.model import Model
from d2st.training import comparison

out, clips, film = sys.argv[1:]
torch.set_num_threads(1)
adapt, done = Model.adapt, []
Model.adapt = lambda *given, **more: (done.append(1), adapt(*given, **more))[1]
commands.load = scan.load = lambda arguments: small_model()
counts = []

def command(*argv):
    before = len(done)
    assert main([*argv, "--device", "cpu"]) == 0
    counts.append(len(done) - before)

command("evaluate", "--data", clips, "--way", "2", "--episodes", "20", "--matching", "all", "--json")
command("scan", film, "--support", clips, "--window", "0.5", "--stride", "0.1", "--json")
models = {"frozen": small_model(None), "d2st": small_model()}
features = comparison.encode(models, read_split(Path(clips)), True, iter)
torch.save((counts, features), f"{out}{os.environ.get('RANK', '')}.pt")
"""


def run(how, out, *given):
    """What a script prints, one object a command; of each process how many clips it encoded, and the features."""
    tests = Path(__file__).parents[1]
    env = {**os.environ, "PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}", "OMP_NUM_THREADS": "1"}
    (out.parent / "script.py").write_text(PROCESS)
    done = subprocess.run(
        [sys.executable, *how, str(out.parent / "script.py"), str(out), *map(str, given)],
        check=True, env=env, timeout=240, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return said, [torch.load(file, weights_only=True) for file in sorted(out.parent.glob(f"{out.name}*.pt"))]


def test_two_processes_give_the_figures_of_one_and_encode_each_clip_once(tmp_path):
    for action in ("wave", "push left", "lift up"):
        shutil.copytree(EXAMPLES / "table" / "support" / action, tmp_path / "clips" / action)
    joined(bundled("table", "wave", "push left"), tmp_path / "film.mp4")
    given = (tmp_path / "clips", tmp_path / "film.mp4")
    alone, [(count, features)] = run((), tmp_path / "alone", *given)
    together, ranks = run(TORCHRUN, tmp_path / "together", *given)
    assert len(alone) == 2 and together == alone
    assert count == [6, 6 + 46]
    assert [sum(counts) for counts in zip(*(counts for counts, _ in ranks), strict=True)] == count
    assert all(min(counts) > 0 for counts, _ in ranks)
    for _, theirs in ranks:
        assert all(torch.equal(a, b) for name in features for a, b in zip(features[name], theirs[name], strict=True))
