"""Whole splits as folders of clips."""

import multiprocessing
from pathlib import Path

from tqdm import tqdm

from .catalogue import actions
from .clips import save
from .engine import bullet
from .scenes import render

SIZE = 224
CLIPS_A_WORKER = 50  # the engine's memory grows with each clip that it draws
TRAINING_SET = {"base": 60, "validation": 10, "novel": 12}  # clips of an action
SEEDS = 100_000  # clips of an action that one seed stands for


def write_split(out, split, per_class=20, seed=0, family=None, fps=12, workers=None):
    """Writes `per_class` clips of every action of a split as <out>/<action>/<n>.mp4 and gives their paths.

    The same seed and `fps` give the same clips, whatever the number of workers (one a processor if not told).
    """
    bullet()
    jobs = [
        (Path(out, action, f"{number + 1}.mp4"), action, SEEDS * seed + number, split, fps)
        for action in actions(split, family)
        for number in range(per_class)
    ]
    for path in {path.parent for path, *_ in jobs}:
        path.mkdir(parents=True, exist_ok=True)
    with multiprocessing.get_context("spawn").Pool(workers, maxtasksperchild=CLIPS_A_WORKER) as pool:
        return list(tqdm(pool.imap(_write, jobs), total=len(jobs), unit="clip", desc=split))


def write_training_set(out, per_class=None, seed=0, family=None, fps=6):
    """Writes what the simulated recipes read, <out>/<split>/<family>/<action>/<n>.mp4, and gives the paths."""
    return [
        path
        for split, number in TRAINING_SET.items()
        for part in ([family] if family else ["people", "table"])
        for path in write_split(Path(out, split, part), split, per_class or number, seed, part, fps)
    ]


def _write(job):
    path, action, seed, look, fps = job
    save(path, render(action, seed, look, SIZE, fps=fps), fps)
    return path
