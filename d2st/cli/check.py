"""d2st data check: what is missing or unreadable of a recipe's data set."""

import re
from collections import Counter
from dataclasses import dataclass, fields
from functools import partial

from d2st.errors import D2STError


@dataclass(frozen=True)
class Row:
    """What was found of one split; the names of the fields head the table."""

    split: str
    classes: int
    clips_found: int
    missing: int
    unreadable: int
    most_common_reason: str


def run_data_check(arguments) -> int:
    """Read every clip of a recipe's data set once, list what is missing or unreadable, and sum it up."""
    from d2st.data.datasets import LISTS
    from d2st.training.recipes import load_recipe

    recipe = load_recipe(arguments.recipe)
    rows = [check(recipe, split) for split in LISTS]
    print(f"\n{table(rows)}")
    return 1 if any(row.missing or row.unreadable for row in rows) else 0


def check(recipe, split: str) -> Row:
    """Read the clips of one split; name each that is missing or unreadable."""
    from tqdm import tqdm

    from d2st.data.datasets import find_splits
    from d2st.video import read_clip

    read = partial(read_clip, frames=1, short_side=recipe.short_side, crop=recipe.crop, fps=recipe.fps)
    splits, missing = find_splits(recipe.data, split)
    for clip in missing:
        print(f"missing: {clip}")
    files = [file for one in splits for clips in one.clips for file in clips]
    reasons = Counter({f"missing. {recipe.data.get('how', 'Put them there.')}": len(missing)} if missing else {})
    for file in tqdm(files, desc=split, disable=None):
        try:
            read(file, within=[0.5])  # not the first frame: decode some way in
        except D2STError as error:
            reasons[reason(str(error))] += 1
            tqdm.write(f"unreadable: {file}: {error}")
    said = [f"{count} clip{'s' * (count > 1)}: {why}" for why, count in reasons.most_common(1)]
    classes = sum(len(one.actions) for one in splits)
    return Row(split, classes, len(files), len(missing), reasons.total() - len(missing), "".join(said))


def reason(sentence: str) -> str:
    """A sentence about a clip without the names and numbers in it, so that those about others are the same."""
    return re.sub(r"\d+(\.\d+)?", "N", re.sub(r"'[^']*'", "...", sentence)).removeprefix("... ")


def table(rows: list[Row]) -> str:
    """Aligned columns: numbers to the right, words to the left."""
    lines = [[field.name.replace("_", " ") for field in fields(Row)]]
    lines += [[str(getattr(row, field.name)) for field in fields(Row)] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    last = len(widths) - 1
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place in (0, last) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
