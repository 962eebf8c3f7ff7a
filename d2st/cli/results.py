"""d2st compare and d2st ablation: results as a document, and beside it as JSON that it can be made of again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from d2st.cli.commands import clips_shown, joined_device, writable
from d2st.errors import D2STError

if TYPE_CHECKING:
    from collections.abc import Callable


def run_compare(arguments) -> int:
    from d2st.training.comparison import compare
    from d2st.training.recipes import load_recipe

    def measure() -> dict[str, Any]:
        recipe = load_recipe(arguments.recipe)
        return compare(recipe, arguments.episodes, joined_device(arguments.device), clips_shown())

    return written(arguments, measure)


def run_ablation(arguments) -> int:
    from d2st import matching
    from d2st.training.ablation import ablate
    from d2st.training.recipes import load_recipe

    how = arguments.matching or matching.DEFAULT, matching.CENTRED if arguments.centre is None else arguments.centre
    matching.matching_named(how[0])  # complain before the work, not after it

    def measure() -> dict[str, Any]:
        return ablate(
            load_recipe(arguments.recipe), arguments.checkpoints, arguments.clips, arguments.recording,
            arguments.shots, arguments.episodes, how, joined_device(arguments.device), clips_shown(),
        )  # fmt: skip

    return written(arguments, measure)


def written(arguments, measure: Callable[[], dict[str, Any]]) -> int:
    """Write a document and its JSON, of what is measured or, where it is rebuilt, of the JSON that is there."""
    from d2st.training.distributed import rank_and_world
    from d2st.training.results import document

    out = writable(Path(arguments.out))
    if out.suffix == ".json":
        raise D2STError(f"'{out}' is where the JSON would go. Name the document, such as '{out.with_suffix('.md')}'.")
    kept = writable(out.with_suffix(".json"))
    results = read(kept) if arguments.rebuild else measure()
    if not rank_and_world()[0]:
        text = document(results)
        kept.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        out.write_text(text, encoding="utf-8")
        print(f"{text}\nWrote {out} and {kept}.")
    return 0


def read(file: Path) -> dict[str, Any]:
    """Results out of JSON. Raises `D2STError` where there are none in it."""
    from d2st.training.results import document

    try:
        results = json.loads(file.read_text(encoding="utf-8"))
        document(results)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise D2STError(f"'{file}' holds no results to make a document of. Measure them, without --rebuild.") from None
    return results
