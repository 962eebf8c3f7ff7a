"""Data sets on disk: folders of actions, or the paper's five as their official lists and folders have them.

A recipe's `data` names either folders, one list a split, or the `root` of a data set:

    <root>/train_few_shot.txt   base classes; val_few_shot.txt validation, test_few_shot.txt novel ones
    <root>/videos/…             the clips

Lists are read as they are: the line `test18//195025` is the clip `videos/195025.*` of class 18, and
`test0//videos/fencing/x.avi` is that file, of class 0. Where a root has no lists but the classes of its
splits are known by name, the clips are those in `<root>/videos/<class>/`.
"""

import json
import re
from functools import cache
from pathlib import Path

from d2st.data.folders import CLIP_SUFFIXES, Split, read_split
from d2st.errors import D2STError

LISTS = {"base": "train_few_shot.txt", "validation": "val_few_shot.txt", "novel": "test_few_shot.txt"}
CLASSES = Path(__file__).with_name("classes.json")


def load_splits(data: dict, split: str) -> list[Split[Path]]:
    """The clips of "base", "validation" or "novel", by a recipe's `data`; an episode stays within one `Split`.

    Raises `D2STError` where clips are missing; it names the first and says how to get them.
    """
    if "root" not in data:
        try:
            return [read_split(folder) for folder in data[split]]
        except D2STError as error:
            raise D2STError(f"{error} {data.get('how', '')}".rstrip()) from None
    found, missing = find_clips(data, split)
    if missing:
        raise D2STError(
            f"{len(missing)} of {len(missing) + sum(map(len, found.clips))} {split} clips are missing in "
            f"'{data['root']}', the first is '{missing[0]}'. {data.get('how', '')}".rstrip()
        )
    return [found]


def find_clips(data: dict, split: str) -> tuple[Split[Path], list[str]]:
    """The clips of a data set's split that are there, and the names of those that are not."""
    root = Path(data["root"])
    list_file = root / LISTS[split]
    if list_file.is_file():
        return _listed(root, list_file)
    if "classes" not in data:
        raise D2STError(f"'{list_file}' is missing: the list of the {split} clips. {data.get('how', '')}".rstrip())
    names = class_splits()[data["classes"]][split]
    clips = [sorted(f for f in _files(root / "videos" / name) if f.suffix.lower() in CLIP_SUFFIXES) for name in names]
    missing = [f"videos/{name}" for name, there in zip(names, clips, strict=True) if not there]
    return Split([n for n, c in zip(names, clips, strict=True) if c], [c for c in clips if c]), missing


@cache
def class_splits() -> dict[str, dict[str, list[str]]]:
    """{data set: {split: names of its classes}} of those whose splits are published by the classes' names."""
    return json.loads(CLASSES.read_text(encoding="utf-8"))


def _listed(root: Path, list_file: Path) -> tuple[Split[Path], list[str]]:
    clips: dict[int, list[Path]] = {}
    missing = []
    for number, line in enumerate(list_file.read_text().splitlines(), 1):
        if not line.strip():
            continue
        parsed = re.fullmatch(r"[a-z]+(\d+)//(.+)", line.strip())
        if not parsed:
            raise D2STError(
                f"Line {number} of '{list_file}' reads '{line.strip()}'. Expected a split, a class number, two "
                "slashes and a clip, such as test18//195025."
            )
        there = clips.setdefault(int(parsed[1]), [])
        clip = _find(root, parsed[2])
        if clip:
            there.append(clip)
        else:
            missing.append(parsed[2])
    classes = sorted(label for label, there in clips.items() if there)
    return Split([_name(clips[label], label) for label in classes], [clips[label] for label in classes]), missing


def _find(root: Path, name: str) -> Path | None:
    """A listed clip: as named, or in `videos/`, with or without its suffix."""
    for path in (root / name, root / "videos" / name):
        siblings = _by_stem(path.parent)
        if path.name in siblings:
            return siblings[path.name]
        if path.stem in siblings and path.suffix.lower() in CLIP_SUFFIXES:
            return siblings[path.stem]  # converted to another container
    return None


@cache
def _by_stem(folder: Path) -> dict[str, Path]:
    """The clips of a folder, by name and by name without suffix."""
    files = [f for f in _files(folder) if f.suffix.lower() in CLIP_SUFFIXES]
    return {f.stem: f for f in files} | {f.name: f for f in files}


@cache
def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _name(clips: list[Path], label: int) -> str:
    """A class by its folder, where its clips have one of their own."""
    folder = clips[0].parent.name
    return f"class {label}" if folder == "videos" else folder
