"""Processes that share their clips: each is encoded once, and the figures are those of one process, to the digit."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
import torch
from films import bundled, joined
from small import EXAMPLES
from visits import small_model

from d2st.adapter import NOTHING
from d2st.cli import commands, main, scan
from d2st.data.folders import read_split
from d2st.models.model import Model
from d2st.training import comparison

HERE = Path(__file__).parent
TORCHRUN = ("-m", "torch.distributed.run", "--nproc-per-node=2", "--master-port=0", "--standalone")
PROCESS = """
import os, sys, torch
from test_sharing import figures
torch.set_num_threads(1)
out, clips, film = sys.argv[1:]
torch.save(figures(clips, film), f"{out}/{os.environ['RANK']}.pt")
"""


def figures(clips, film):
    """What each command says, of each how many clips this process encoded, and the features of all clips."""
    adapt, done, counts, said = Model.adapt, [], [], StringIO()

    def command(*argv):
        before = len(done)
        with redirect_stdout(said):
            assert main([*argv, "--device", "cpu"]) == 0
        counts.append(len(done) - before)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Model, "adapt", lambda *given, **more: (done.append(1), adapt(*given, **more))[1])
        for module in (commands, scan):
            patch.setattr(module, "load", lambda arguments: small_model())
        command("evaluate", "--data", clips, "--way", "2", "--episodes", "20", "--matching", "all", "--json")
        command("scan", film, "--support", clips, "--window", "0.5", "--stride", "0.1", "--json")
        models = {"frozen": small_model(None), "d2st": small_model()}
        encoders = {name: partial(comparison.features_of, model, NOTHING) for name, model in models.items()}
        features = comparison.encode(models["frozen"], encoders, read_split(Path(clips)), True, iter)
    return said.getvalue(), counts, features


@pytest.fixture
def one_thread():
    """As each of several processes computes."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_two_processes_give_the_figures_of_one_and_encode_each_clip_once(one_thread, tmp_path):
    for action in ("wave", "push left", "lift up"):
        shutil.copytree(EXAMPLES / "table" / "support" / action, tmp_path / "clips" / action)
    joined(bundled("table", "wave", "push left"), tmp_path / "film.mp4")
    given = (str(tmp_path / "clips"), str(tmp_path / "film.mp4"))
    alone, count, features = figures(*given)
    (tmp_path / "script.py").write_text(PROCESS)
    paths = os.pathsep.join(map(str, (HERE.parents[1], HERE.parent, HERE)))
    subprocess.run(
        [sys.executable, *TORCHRUN, str(tmp_path / "script.py"), str(tmp_path), *given],
        check=True, env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}, timeout=240,
    )  # fmt: skip
    ranks = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1)]
    assert len([json.loads(line) for line in alone.splitlines() if line.startswith("{")]) == 2
    assert [said for said, *_ in ranks] == [alone, ""]
    assert count == [6, 6 + 46]
    assert [sum(counts) for counts in zip(*(counts for _, counts, _ in ranks), strict=True)] == count
    assert all(min(counts) > 0 for _, counts, _ in ranks)
    for *_, theirs in ranks:
        assert all(torch.equal(a, b) for name in features for a, b in zip(features[name], theirs[name], strict=True))
