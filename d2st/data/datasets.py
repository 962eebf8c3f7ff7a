"""Data sets on disk: folders of actions, or the paper's five as their official lists and folders have them.

A recipe's `data` names either folders, one list a split, or the `root` of a data set:

    <root>/train_few_shot.txt   base classes; val_few_shot.txt validation, test_few_shot.txt novel ones
    <root>/videos/…             the clips: files, or folders of numbered pictures

Lists are read as they are: the line `test18//195025` is the clip `videos/195025.*` of class 18, and
`test0//videos/fencing/x.avi` is that file, of class 0; so is `test0//train_256/fencing/x.avi`, where there is
no folder `train_256`. Where a root has no lists but the classes of its splits are known by name, the clips are
those in `<root>/videos/<class>/`.
"""

import json
from functools import cache
from pathlib import Path

from d2st.data.folders import Split, clips_by_action, composed, read_split
from d2st.data.lists import Line, read_list
from d2st.data.places import Places
from d2st.errors import D2STError
from d2st.video.files import printable

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


def find_splits(data: dict, split: str) -> tuple[list[Split[Path]], list[str]]:
    """As `load_splits`, but with the names of what is missing in place of an error."""
    if "root" in data:
        found, missing = find_clips(data, split)
        return [found], missing
    splits, missing = [], []
    for folder in data[split]:
        try:
            actions = clips_by_action(folder)
        except D2STError as error:
            raise D2STError(f"{error} {data.get('how', '')}".rstrip()) from None
        missing += [str(Path(folder, action)) for action, clips in actions.items() if not clips]
        splits.append(_split({action: clips for action, clips in actions.items() if clips}))
    return splits, missing


def find_clips(data: dict, split: str) -> tuple[Split[Path], list[str]]:
    """The clips of a data set's split that are there, and the names of those that are not."""
    root = Path(data["root"])
    list_file = root / LISTS[split]
    places = Places(root)
    if list_file.is_file():
        return _listed(places, read_list(list_file))
    if "classes" not in data:
        raise D2STError(
            f"'{printable(list_file)}' is missing: the list of the {split} clips. {data.get('how', '')}".rstrip()
        )
    classes = {name: places.of_class(name) for name in class_splits()[data["classes"]][split]}
    missing = [f"videos/{name}" for name, clips in classes.items() if not clips]
    return _split({name: clips for name, clips in classes.items() if clips}), missing


@cache
def class_splits() -> dict[str, dict[str, list[str]]]:
    """{data set: {split: names of its classes}} of those whose splits are published by the classes' names."""
    return json.loads(CLASSES.read_text(encoding="utf-8"))


def _listed(places: Places, lines: list[Line]) -> tuple[Split[Path], list[str]]:
    clips: dict[int, list[Path]] = {}
    missing = []
    for line in lines:
        clip = places.of_clip(line.clip)
        if clip:
            clips.setdefault(line.label, []).append(clip)
        else:
            missing.append(str(line))
    labels = sorted(clips)
    return Split([_name(places, clips[label], label) for label in labels], [clips[label] for label in labels]), missing


def _split(actions: dict[str, list[Path]]) -> Split[Path]:
    return Split(list(actions), list(actions.values()))


def _name(places: Places, clips: list[Path], label: int) -> str:
    """A class by its folder, where its clips have one of their own."""
    folder = clips[0].parent
    return f"class {label}" if folder in places.roots else composed(folder.name)
