"""Whole splits as folders of clips."""

import multiprocessing
import os
from pathlib import Path

from .catalogue import actions
from .clips import save
from .engine import bullet
from .scenes import render

SIZE, FPS = 224, 12
SEEDS = 100_000  # clips of an action that one seed stands for


def write_split(out, split, per_class=20, seed=0, family=None, workers=None):
    """Writes `per_class` clips of every action of a split as <out>/<action>/<n>.mp4 and gives their paths.

    The same seed gives the same clips, whatever the number of workers (one a processor if not told).
    """
    from tqdm import tqdm

    bullet()
    jobs = [
        (Path(out, action, f"{number + 1}.mp4"), action, SEEDS * seed + number, split)
        for action in actions(split, family)
        for number in range(per_class)
    ]
    for path in {path.parent for path, *_ in jobs}:
        path.mkdir(parents=True, exist_ok=True)
    with multiprocessing.get_context("spawn").Pool(workers or os.cpu_count()) as pool:
        return list(tqdm(pool.imap(_write, jobs), total=len(jobs), unit="clip", desc=split))


def _write(job):
    path, action, seed, look = job
    save(path, render(action, seed, look, SIZE, fps=FPS), FPS)
    return path
