"""The paper's comparison: frozen backbone, ST-, DST- and D²ST-Adapter on the same episodes."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from d2st.adapter import NOTHING, Ablation
from d2st.data.datasets import load_splits
from d2st.data.episodes import sample_episodes
from d2st.data.folders import Split
from d2st.kinds import KINDS
from d2st.models.model import Model, Stem
from d2st.models.zoo import load_model, shipped
from d2st.training.distributed import shared
from d2st.training.evaluation import accuracies, all_matchings
from d2st.training.recipes import Recipe
from d2st.training.results import Results, contender, table
from d2st.video import read_ahead, read_clip

K = TypeVar("K", bound=Hashable)
WAY = 5
SHOTS = (1, 5)
SHORTEST = 0.5  # the least share of a clip that is left by a cut


def compare(recipe: Recipe, episodes: int, device: str, progress=iter) -> Results:
    """Accuracies of the adapters that come with the recipe's model, on its novel and validation clips.

    5-way, 1- and 5-shot, every matching, `episodes` episodes each; results as `d2st.training.results` has them.
    `progress` wraps the clips, as tqdm does. Raises `D2STError` where a checkpoint or clips are missing.
    """
    models, files = {"frozen": by_itself(recipe.model, None, device)}, {"frozen": ""}
    for kind in KINDS.values():
        if not kind.ablated:
            file = shipped(recipe.model, kind.name)
            models[kind.title], files[kind.title] = by_itself(recipe.model, str(file), device), file.name
    heads = {
        "novel": "Novel actions",
        "validation": "Validation actions, on which checkpoints are chosen",
        "cut": "Validation actions, each clip cut to a random stretch of at least half of it, on which the default "
        "matching is chosen: nobody cuts clips alike",
    }
    encoders = {title: partial(features_of, model, NOTHING) for title, model in models.items()}
    tables = []
    for name, title in heads.items():
        columns = {}
        for folder, clips in named_splits(recipe, "validation" if name == "cut" else name):
            sizes = [len(c) for c in clips.clips]
            drawn = {shot: sample_episodes(sizes, WAY, shot, 1, episodes, seed=0) for shot in SHOTS}
            features = encode(models["frozen"], encoders, clips, name == "cut", progress)
            for shot in SHOTS:
                columns[f"{folder}, {shot}-shot"] = {
                    model: accuracies(features[model], drawn[shot]) for model in models
                }
        rows = {
            (matching, model): [column[model][matching] for column in columns.values()]
            for matching in all_matchings()
            for model in models
        }
        tables.append(table(title, list(columns), rows))
    return {
        "title": "Results",
        "about": f"`{recipe.model}` behind each adapter: {WAY}-way, {episodes:,} episodes, per cent with the 95 % "
        "interval. None has seen a clip of these actions.",
        "contenders": [contender(title, {files[title]: model}) for title, model in models.items()],
        "tables": tables,
    }


def by_itself(name: str, adapter: str | None, device: str) -> Model:
    """A model without the frozen features beside the adapted ones, as adapters are trained and compared."""
    return replace(load_model(name, adapter, device=device), beside=0.0)


def named_splits(recipe: Recipe, split: str) -> list[tuple[str, Split[Path]]]:
    """The recipe's clips of a split, by the names of their folders. Raises `D2STError` where clips are missing."""
    folders = recipe.data.get(split) or [recipe.data["root"]]
    return [(Path(f).name, clips) for f, clips in zip(folders, load_splits(recipe.data, split), strict=True)]


def features_of(model: Model, ablation: Ablation, stem: Stem) -> Tensor:
    return model.adapt(stem, ablation=ablation).features


def encode(
    frozen: Model, encoders: Mapping[K, Callable[[Stem], Tensor]], split: Split[Path], cut: bool, progress
) -> dict[K, list[Tensor]]:
    """What encoders make of the clips' stems, which are computed once for all: by encoder, one [N, T, F] an action."""
    rng = np.random.default_rng(0)
    files = [(action, file) for action, clips in enumerate(split.clips) for file in clips]
    asked = [(file, (rng.uniform(SHORTEST, 1), rng.uniform()) if cut else None) for _, file in files]

    def read(one):
        file, part = one
        return read_clip(file, frozen.frames, crop=frozen.image, part=part)

    def encoded(mine) -> Iterator[dict[K, Tensor]]:
        for _, clip in read_ahead(read, mine, progress):
            stem = frozen.stem(clip().frames)
            yield {name: encoder(stem) for name, encoder in encoders.items()}

    features: dict[K, list[list[Tensor]]] = {name: [[] for _ in split.actions] for name in encoders}
    for (action, _), found in zip(files, shared(asked, encoded), strict=True):
        for name, each in found.items():
            features[name][action].append(each)
    return {name: [torch.stack(clips) for clips in actions] for name, actions in features.items()}
