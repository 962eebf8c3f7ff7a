"""What the paper's idea is worth: D²ST-Adapters beside others, and beside themselves with one thing taken away."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np

from d2st.adapter import NOTHING, Ablation
from d2st.data.episodes import Episode, sample_episodes
from d2st.data.folders import Split, read_split
from d2st.errors import D2STError
from d2st.kinds import KINDS
from d2st.models.checkpoint import read_checkpoint
from d2st.models.model import Model
from d2st.models.siblings import sibling
from d2st.training.comparison import WAY, by_itself, encode, features_of, named_splits
from d2st.training.estimates import difference, mean_accuracy_of
from d2st.training.evaluation import Accuracy, episode_accuracies
from d2st.training.recipes import Recipe
from d2st.training.results import Results, contender, table

AGAINST = KINDS["d2st"]  # which all others are held against
AT_TEST = {  # what is taken from trained D²ST-Adapters
    "points on a fixed grid at test": Ablation(offsets=True),
    "mean offset at test": Ablation(own_offsets=True),
}


@dataclass(frozen=True)
class Contender:
    """Trainings of a kind of adapter, by their files, and what all of them leave out at test."""

    title: str
    trainings: dict[str, Model]
    ablation: Ablation = NOTHING


@dataclass(frozen=True)
class Asked:
    """What all are asked: episodes by their shots, drawn from the clips of a folder."""

    folder: str
    clips: Split[Path]
    episodes: dict[int, list[Episode]]


def ablate(
    recipe: Recipe, files: Sequence[str], folders: Sequence[str] = (), recording: str | None = None,
    shots: Sequence[int] = (1, 5), episodes: int = 1000, matching: tuple[str, bool] = ("bi-mhm", True),
    device: str = "auto", progress=iter,
) -> Results:  # fmt: skip
    """Accuracies of trainings by their kind, and the differences to D²ST, on a recipe's novel clips and other folders.

    files: checkpoints, of each kind as many as there are; they all answer the same 5-way episodes, and
    `d2st.training.estimates` says what the intervals are. recording: a pattern (`re`) whose group finds in the
    name of a clip in `folders` which recording it is of; none is in both the support set and the query of an
    episode. `progress` wraps the clips, as tqdm does. Raises `D2STError` where a checkpoint does not fit, D²ST or
    where its points usually are is missing, and where clips do not suffice.
    """
    frozen = by_itself(recipe.model, None, device)
    among = contenders(frozen, files)
    splits: list[tuple[str, Split[Path], list[list[str]] | None]] = [
        (name, clips, None) for name, clips in named_splits(recipe, "novel")
    ]
    splits += [(Path(f).name, clips := read_split(f), recordings(clips, recording)) for f in folders]
    asked = []
    for name, clips, known in splits:
        sizes = [len(of_action) for of_action in clips.clips]
        drawn = {shot: sample_episodes(sizes, WAY, shot, 1, episodes, 0, known) for shot in shots}
        asked.append(Asked(name, clips, drawn))
    (against,) = (each for each in among if each.title == AGAINST.title)
    right = answers(frozen, among, asked, matching, progress)

    def ahead(each: Contender) -> list[Accuracy]:
        same = each.trainings.keys() == against.trainings.keys()
        return [difference(*pair, same) for pair in zip(right[each.title], right[against.title], strict=True)]

    heads = [f"{each.folder}, {shot}-shot" for each in asked for shot in each.episodes] + ["mean"]
    means = {(matching, each.title): [mean_accuracy_of(found) for found in right[each.title]] for each in among}
    differences = {(matching, each.title): ahead(each) for each in among if each is not against}
    return {
        "title": "What the idea is worth",
        "about": f"`{recipe.model}` behind each adapter: {WAY}-way, {episodes:,} episodes, the same for all, per cent. "
        "The 95 % intervals are for other episodes and other trainings, begun where these were; with one training, for "
        "other episodes alone.",
        "contenders": [contender(each.title, each.trainings) for each in among],
        "tables": [table("Accuracy", heads, means), table(f"Ahead of {AGAINST.title}", heads, differences, True)],
    }


def contenders(frozen: Model, files: Sequence[str]) -> list[Contender]:
    """The frozen backbone, the trainings of each kind, and D²ST's with something left out at test."""
    models = {file: sibling(frozen, read_checkpoint(file), file) for file in files}
    found = [Contender("frozen", {"": frozen})]
    for kind in KINDS.values():
        if trainings := {file: model for file, model in models.items() if model.kind == kind.name}:
            found.append(Contender(kind.title, trainings))
    against = next((each for each in found if each.title == AGAINST.title), None)
    if against is None:
        raise D2STError(f"None of the files holds a {AGAINST.title}, which all others are held against. Name one.")
    if unknown := [file for file, model in against.trainings.items() if not model.usual]:
        raise D2STError(
            f"Where the points of '{unknown[0]}' usually are is not known. Compute it: "
            f"python -m d2st usual '{unknown[0]}'."
        )
    at_test = [Contender(f"{AGAINST.title}, {title}", against.trainings, left) for title, left in AT_TEST.items()]
    return found + at_test


def recordings(clips: Split[Path], pattern: str | None) -> list[list[str]] | None:
    """The recording of each clip of each action, as a pattern finds it."""
    if pattern is None:
        return None
    return [[recording_of(clip, pattern) for clip in of_action] for of_action in clips.clips]


def recording_of(clip: Path, pattern: str) -> str:
    if not (found := re.search(pattern, clip.name)):
        raise D2STError(f"The pattern '{pattern}' finds no recording in the name '{clip.name}'. Choose another.")
    return found[1]


def answers(
    frozen: Model, among: Sequence[Contender], asked: Sequence[Asked], matching: tuple[str, bool], progress
) -> dict[str, list[np.ndarray]]:
    """By contender: for each number of shots of each folder, and for their mean, right answers in per cent, [S, E]."""
    encoders = {
        (each.title, file): partial(features_of, model, each.ablation)
        for each in among
        for file, model in each.trainings.items()
    }
    right: dict[str, list[np.ndarray]] = {each.title: [] for each in among}
    for folder in asked:
        features = encode(frozen, encoders, folder.clips, False, progress)
        for episodes, each in product(folder.episodes.values(), among):
            of_all = (episode_accuracies(features[each.title, file], episodes, [matching]) for file in each.trainings)
            right[each.title].append(np.stack([found[matching].numpy() for found in of_all]))
    return {title: [*found, np.mean(found, axis=0)] for title, found in right.items()}
