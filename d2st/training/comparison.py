"""The paper's comparison: frozen backbone, ST-, DST- and D²ST-Adapter on the same episodes."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import TypeVar

import numpy as np
from torch import Tensor

from d2st.adapter import NOTHING, Ablation
from d2st.data.datasets import load_splits
from d2st.data.episodes import sample_episodes, usable_actions
from d2st.data.folders import Split
from d2st.kinds import KINDS
from d2st.matching import ALONE, CENTRED, DEFAULT, alike
from d2st.models.model import Model, Stem
from d2st.models.side_by_side import side_by_side
from d2st.models.zoo import load_model, shipped
from d2st.training.distributed import shared
from d2st.training.evaluation import accuracies, all_matchings, mean_accuracy
from d2st.training.recipes import Recipe
from d2st.training.results import Results, contender, table
from d2st.video import Clip, Looks, read_clip

K = TypeVar("K", bound=Hashable)
WAY = 5
SHOTS = (1, 5)
SHORTEST = 0.5  # the least share of a clip that is left by a cut


def compare(recipe: Recipe, episodes: int, device: str, progress=iter) -> Results:
    """Accuracies of the adapters that come with the recipe's model, on its novel and validation clips.

    5-way, 1- and 5-shot, every matching, `episodes` episodes each; results as `d2st.training.results` has them.
    A last table has the default adapters as the page answers with them: in looks, and with the frozen features beside.
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
    alone = {title: (title, ALONE) for title in models}
    clips = {split: named_splits(recipe, split) for split in ("novel", "validation")}
    for (_, of_one), shot in product(sum(clips.values(), []), SHOTS):
        usable_actions([len(each) for each in of_one.clips], WAY, shot, 1)  # complain before the work, not after it
    tables = []
    for name, title in heads.items():
        splits = clips["novel" if name == "novel" else "validation"]
        tables.append(answered(title, models, alone, all_matchings(), splits, episodes, progress, cut=name == "cut"))
    page, title = load_model(recipe.model, device=device), KINDS["d2st"].title
    asked: dict[str, tuple[str, Sequence[float]]] = {
        f"{title}, in looks": (title, (1.0, 0.0) if page.beside else ALONE)
    }
    if page.beside:
        asked[f"{title}, in looks, frozen beside"] = title, page.weights
    heading = "Validation actions as the page sees them"
    default = [(DEFAULT, CENTRED)]
    tables.append(answered(heading, {title: page}, asked, default, clips["validation"], episodes, progress, page.looks))
    models |= dict.fromkeys(asked, page)
    files |= dict.fromkeys(asked, files[title])
    return {
        "title": "Results",
        "about": f"`{recipe.model}` behind each adapter: {WAY}-way, {episodes:,} episodes, per cent with the 95 % "
        "interval. None has seen a clip of these actions.",
        "contenders": [contender(title, {files[title]: model}) for title, model in models.items()],
        "tables": tables,
    }


def answered(
    title: str, models: Mapping[str, Model], asked: Mapping[str, tuple[str, Sequence[float]]],
    matchings: Sequence[tuple[str, bool]], splits, episodes: int, progress, looks: Looks | None = None, cut=False,
) -> Results:  # fmt: skip
    """A table: matchings with all that is asked, a column for each folder and number of shots, and their mean.

    asked: by its title a model, and the weights of the parts of its features.
    """
    stems = next(iter(models.values()))
    encoders = {name: partial(features_of, model, NOTHING) for name, model in models.items()}
    columns: dict[str, dict] = {}
    for folder, clips in splits:
        features = encode(stems, encoders, clips, cut, progress, looks)
        for shot in SHOTS:
            drawn = sample_episodes([len(c) for c in clips.clips], WAY, shot, 1, episodes, seed=0)
            columns[f"{folder}, {shot}-shot"] = {
                row: accuracies(features[name], drawn, matchings, stems.frames, weights)
                for row, (name, weights) in asked.items()
            }
    rows = {}
    for matching, row in product(matchings, asked):
        found = [column[row][matching] for column in columns.values()]
        rows[matching, row] = [*found, mean_accuracy(found)]
    return table(title, [*columns, "mean"], rows)


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
    frozen: Model, encoders: Mapping[K, Callable[[Stem], Tensor]], split: Split[Path], cut: bool, progress,
    looks: Looks | None = None,
) -> dict[K, list[Tensor]]:  # fmt: skip
    """What encoders make of the clips' stems, which are computed once for all: by encoder, one [N, T, F] an action.

    With `looks`, clips are seen in several: one [N, L·T, F] an action, as many looks for all clips.
    """
    rng = np.random.default_rng(0)
    files = [file for clips in split.clips for file in clips]
    asked = [(file, (rng.uniform(SHORTEST, 1), rng.uniform()) if cut else None) for file in files]

    def read(one):
        file, part = one
        return read_clip(file, frozen.frames, crop=frozen.image, part=part, looks=looks)

    def compute(clip: Clip) -> dict[K, Tensor]:
        stem = frozen.stem(clip.frames)
        return {name: encoder(stem) for name, encoder in encoders.items()}

    def encoded(mine) -> Iterator[dict[K, Tensor]]:
        for _, result in side_by_side(read, compute, mine, frozen.device, progress):
            yield result()

    done = shared(asked, encoded)
    sizes = [len(clips) for clips in split.clips]
    return {name: list(alike([each[name] for each in done], frozen.frames).split(sizes)) for name in encoders}
