"""The paper's comparison: frozen backbone, ST-, DST- and D²ST-Adapter on the same episodes, as Markdown."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from d2st.adapter import KINDS
from d2st.data.datasets import load_splits
from d2st.data.episodes import sample_episodes
from d2st.models.model import Model
from d2st.models.zoo import SHIPPED, load_model
from d2st.training.distributed import shared
from d2st.training.evaluation import accuracies, all_matchings
from d2st.training.recipes import Recipe
from d2st.video import read_ahead, read_clip

DEFAULT_KIND = "d2st"  # whose file bears the model's name alone
SHOTS = (1, 5)
SHORTEST = 0.5  # the least share of a clip that is left by a cut


def compare(recipe: Recipe, episodes: int, device: str, progress=iter) -> str:
    """Accuracies of the adapters that come with the recipe's model, on its novel and validation clips.

    5-way, 1- and 5-shot, every matching, `episodes` episodes each. `progress` wraps the clips, as
    tqdm does. Raises `D2STError` where a checkpoint or clips are missing.
    """
    models = {"frozen": load_model(recipe.model, None, device=device)}
    for kind in reversed(KINDS.values()):  # the simplest first
        file = SHIPPED / f"{recipe.model}{'' if kind.name == DEFAULT_KIND else '-' + kind.name}.safetensors"
        models[kind.title] = load_model(recipe.model, str(file), device=device)
    heads = {
        "novel": "Novel actions",
        "validation": "Validation actions, on which checkpoints are chosen",
        "cut": "Validation actions, each clip cut to a random stretch of at least half of it, on which the default "
        "matching is chosen: nobody cuts clips alike",
    }
    parts = [
        f"# Results\n\n`{recipe.model}` behind each adapter: 5-way, {episodes:,} episodes, per cent with the 95 % "
        "interval. None has seen a clip of these actions.",
        "\n".join(f"- {title}: {model.about}" for title, model in models.items()),
    ]
    for name, title in heads.items():
        split, columns = "validation" if name == "cut" else name, {}
        folders = recipe.data.get(split) or [recipe.data["root"]]
        for folder, clips in zip(folders, load_splits(recipe.data, split), strict=True):
            sizes = [len(c) for c in clips.clips]
            drawn = {shot: sample_episodes(sizes, 5, shot, 1, episodes, seed=0) for shot in SHOTS}
            features = encode(models, clips, name == "cut", progress)
            for shot in SHOTS:
                columns[f"{Path(folder).name}, {shot}-shot"] = {
                    model: accuracies(features[model], drawn[shot]) for model in models
                }
        parts.append(f"## {title}\n\n{table(models, columns)}")
    return "\n\n".join(parts) + "\n"


def encode(models: dict[str, Model], split, cut: bool, progress) -> dict[str, list[torch.Tensor]]:
    """{name of a model: one [N, T, F] an action}; what comes before the adapters is computed once for all of them."""
    image, frames = next((model.image, model.frames) for model in models.values())
    rng = np.random.default_rng(0)
    files = [(action, file) for action, clips in enumerate(split.clips) for file in clips]
    asked = [(file, (rng.uniform(SHORTEST, 1), rng.uniform()) if cut else None) for _, file in files]

    def read(one):
        file, part = one
        return read_clip(file, frames, crop=image, part=part)

    def encoded(mine) -> Iterator[dict[str, torch.Tensor]]:
        for _, clip in read_ahead(read, mine, progress):
            stem = models["frozen"].stem(clip().frames)
            yield {name: model.adapt(stem).features for name, model in models.items()}

    features: dict[str, list[list[torch.Tensor]]] = {name: [[] for _ in split.actions] for name in models}
    for (action, _), of_models in zip(files, shared(asked, encoded), strict=True):
        for name, found in of_models.items():
            features[name][action].append(found)
    return {name: [torch.stack(clips) for clips in actions] for name, actions in features.items()}


def table(models: dict[str, Model], columns: dict) -> str:
    """Markdown: a row for each matching and model."""
    lines = [f"| matching | adapter | parameters | {' | '.join(columns)} |", "|---" * (3 + len(columns)) + "|"]
    for matching in all_matchings():
        for name, model in models.items():
            cells = [str(column[name][matching]).removesuffix(" %") for column in columns.values()]
            title = matching[0] + ", centred" * matching[1]
            lines.append(f"| {title} | {name} | {adapter_parameters(model) / 1e6:.2f} M | {' | '.join(cells)} |")
    return "\n".join(lines)


def adapter_parameters(model: Model) -> int:
    return sum(p.numel() for p in model.host.adapters.parameters())
