"""Whole splits as folders of clips."""

import multiprocessing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from .catalogue import FAMILIES, actions
from .clips import save
from .engine import bullet
from .scenes import render

SIZE = 224
CLIPS_A_WORKER = 50  # the engine's memory grows with each clip that it draws


@dataclass(frozen=True)
class Section:
    """Clips of one split and family that the training set has; those cut loosely lie beside the others."""

    split: str
    family: str
    clips: int  # of an action
    loose: bool = False
    fps: int = 4
    part: str = ""  # of the training set, by default named as the split

    @property
    def folder(self):
        return Path(self.part or self.split, self.family)


TRAINING_SET = (
    Section("base", "people", 60, fps=6),
    Section("base", "table", 60, fps=6),
    Section("base", "people", 20, fps=6, part="further"),
    Section("base", "people", 6, loose=True, part="further"),
    Section("base", "table", 12, fps=6, part="further"),
    Section("base", "hands", 12, part="further"),
    Section("base", "strokes", 12, part="further"),
    Section("base", "pairs", 20, part="further"),
    Section("base", "floor", 16, part="further"),
    Section("validation", "people", 10, fps=6),
    Section("validation", "table", 10, fps=6),
    Section("world", "hands", 6),
    Section("world", "strokes", 6),
    Section("world", "pairs", 6),
    Section("world", "floor", 6),
    Section("novel", "people", 12, fps=6),
    Section("novel", "table", 12, fps=6),
    Section("novel", "hands", 8),
    Section("novel", "strokes", 8),
    Section("novel", "pairs", 8),
    Section("novel", "floor", 8),
)
SEEDS = 100_000  # clips of an action that one seed stands for


class Job(NamedTuple):
    """One clip to be written."""

    path: Path
    action: str
    seed: int
    look: str
    fps: int
    loose: bool


def look_of(split, family):
    """The look of a split's clips: people and tables stand before patterns, all else before photographs too."""
    return split if split == "world" or family in ("people", "table") else f"{split} world"


def write_split(out, split, per_class=20, seed=0, family=None, fps=12, workers=None, loose=False):
    """Writes `per_class` clips of every action of a split as <out>/<action>/<n>.mp4 and gives their paths.

    loose: cut as the world is, as <out>/<action>/loose <n>.mp4. The same seed and `fps` give the same clips, whatever
    the number of workers (one a processor if not told). A clip that is there is kept.
    """
    bullet()
    jobs = [
        Job(
            Path(out, action, f"{'loose ' * loose}{number + 1}.mp4"),
            action,
            SEEDS * seed + SEEDS // 2 * loose + number,
            look_of(split, of),
            fps,
            loose,
        )
        for of in ([family] if family else FAMILIES)
        for action in actions(split, of)
        for number in range(per_class)
    ]
    for path in {job.path.parent for job in jobs}:
        path.mkdir(parents=True, exist_ok=True)
    with multiprocessing.get_context("spawn").Pool(workers, maxtasksperchild=CLIPS_A_WORKER) as pool:
        name = f"{split} {family}" if family else split
        return list(tqdm(pool.imap(_write, jobs), total=len(jobs), unit="clip", desc=name))


def write_training_set(out, per_class=None, seed=0, family=None, fps=None):
    """Writes what the simulated recipes read, <out>/<split>/<family>/<action>/<n>.mp4, and gives the paths."""
    return [
        path
        for section in TRAINING_SET
        if family in (None, section.family)
        for path in write_split(
            Path(out, section.folder),
            section.split,
            per_class or section.clips,
            seed,
            section.family,
            fps or section.fps,
            loose=section.loose,
        )
    ]


def _write(job):
    if not job.path.exists():
        frames = render(job.action, job.seed, job.look, SIZE, fps=job.fps, loose=job.loose)
        save(job.path, frames, job.fps)
    return job.path
