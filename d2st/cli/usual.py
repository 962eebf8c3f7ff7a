"""d2st usual: where a checkpoint's sampling points usually are, written into it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from d2st.cli.commands import attempt, writable

if TYPE_CHECKING:
    import numpy as np


def run_usual(arguments) -> int:
    """Compute them over the validation clips of a recipe, print a table, and write them into the file."""
    from d2st import video
    from d2st.data.datasets import load_splits
    from d2st.models.checkpoint import read_checkpoint, write
    from d2st.models.zoo import load_model
    from d2st.training.recipes import load_recipe
    from d2st.training.usual import usual_points

    video.warm_up()
    file = writable(Path(arguments.checkpoint))
    checkpoint, recipe = read_checkpoint(file), load_recipe(arguments.recipe)
    files = [
        clip for split in load_splits(recipe.data, "validation") for clips in split.clips for clip in clips
    ]  # fmt: skip
    model = load_model(adapter=str(file), backbone_weights=arguments.backbone_weights, device=arguments.device)
    model = replace(model, beside=0.0)  # the frozen features have no points
    read = partial(
        video.read_clip, frames=model.frames, crop=model.image, short_side=recipe.short_side,
        **recipe.test_frames(model.frames),
    )  # fmt: skip
    usual = usual_points(model, frames_of(files, read))
    write(file, replace(checkpoint, usual=usual))
    print(f"Over {usual.clips} clips, of the mean square of the offsets so much differs from clip to clip:")
    for (layer, pathway), points in usual.points.items():
        print(f"  {layer}, {pathway:8} {points.share:6.1%}")
    print(f"Wrote {file}.")
    return 1 if usual.clips < len(files) else 0


def frames_of(files: list[Path], read) -> Iterator[np.ndarray]:
    """The frames of every clip that can be read."""
    from tqdm import tqdm

    for file in tqdm(files, desc="clips", disable=None):
        clip = attempt(read, file)
        if clip:
            yield clip.frames
