"""Which action each clip of a heap shows, and which clips are queries, by the names of folders and files."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from d2st.data.folders import alike, composed
from d2st.video.files import without_suffix

QUERIES = frozenset(("query", "queries", "test", "tests", "testing"))  # folders of clips to be named
PARTS = QUERIES | {"support", "train", "training", "val", "valid", "validation", "examples", "shots", "videos", "clips"}


@dataclass(frozen=True)
class Guess:
    """What a clip is taken for."""

    action: str  # empty where nothing tells it
    query: bool = False


def guessed(paths: Sequence[PurePath]) -> list[Guess]:
    """Clips' paths, with the folders that they were handed over in → a guess for each.

    The folder that a clip lies in names its action, as long as that tells two actions apart; else one further up;
    else the files' names without their numbers (`wave_1.mp4`). Below a folder called `query` or `test` clips are
    queries. Names that are `alike` are one action, spelt as it comes first.
    """
    folders = [[part for part in path.parts[:-1] if part not in ("/", "\\", ".", "..")] for path in paths]
    queries = [any(alike(part) in QUERIES for part in above) for above in folders]
    labels = _labels([path.name for path in paths], folders, queries)
    spelt: dict[str, str] = {}
    return [
        Guess(spelt.setdefault(alike(label), label) if label else "", query)
        for label, query in zip(labels, queries, strict=True)
    ]


def _labels(names: list[str], folders: list[list[str]], queries: list[bool]) -> list[str]:
    """The name of each clip's action as it stands in its path."""
    telling = [[part for part in above if alike(part) not in PARTS] for above in folders]
    examples = [not query for query in queries] if not all(queries) else queries
    by_name = [stem(name) for name in names]
    for level in range(1, max(map(len, telling), default=0) + 1):
        by_folder = [above[-level] if len(above) >= level else "" for above in telling]
        if _actions(by_folder, examples) > 1:
            known = {alike(label) for label, shown in zip(by_folder, examples, strict=True) if shown}
            # A query may lie in a folder for all queries, and be called after its action.
            return [
                folder if alike(folder) in known or not query else name
                for folder, name, query in zip(by_folder, by_name, queries, strict=True)
            ]
    nearest = [above[-1] if above else "" for above in telling]
    counts = Counter(alike(name) for name, shown in zip(by_name, examples, strict=True) if name and shown)
    if len(counts) > 1 and (max(counts.values()) > 1 or not any(nearest)):
        return by_name
    return [folder or name for folder, name in zip(nearest, by_name, strict=True)]


def _actions(labels: list[str], counted: list[bool]) -> int:
    """How many actions labels tell apart, of the clips that count; 0 where one of these has none."""
    names = [label for label, counts in zip(labels, counted, strict=True) if counts]
    return len(set(map(alike, names))) if all(names) else 0


def stem(name: str) -> str:
    """What a file's name says besides its number: `wave_1.mp4`, `wave (2).mp4` and `03-wave.mp4` → `wave`."""
    bare = composed(without_suffix(name))
    bare = re.sub(r"^\d+[\s._-]+(?=\D)", "", bare)
    bare = re.sub(r"[\s._-]*[(\[]?\d+[)\]]?$", "", bare)
    return re.sub(r"[\s_-]+", " ", bare).strip()
