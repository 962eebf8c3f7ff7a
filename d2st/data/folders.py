"""Folders of clips: one folder for each action."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from d2st.errors import D2STError
from d2st.video.files import (
    check_encoding,
    listed,
    looks_like_a_clip,
    numbered_pictures,
    passed_over,
    printable,
    without_suffix,
)

C = TypeVar("C")  # a clip's path, or a variant of it


@dataclass(frozen=True)
class Split(Generic[C]):
    """Actions and their clips; episodes are drawn within a split."""

    actions: list[str]
    clips: list[list[C]]  # one list an action


def clips_by_action(folder) -> dict[str, list[Path]]:
    """`<folder>/<action>/<clip>` → {action: its clips}, both in the order of their names.

    A clip is a video file or a folder of numbered pictures; whatever else there is, is passed over. Folders whose
    names are `alike` are one action. Where one folder alone wraps the actions (`<folder>/train/<action>/<clip>`),
    it is gone into. An action may come out empty. Raises `D2STError` where there is no folder, none in it, or
    where several hold actions.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise D2STError(
            f"There is no folder '{printable(folder)}'. Name one that holds a folder of clips for each action."
        )
    if not folders_in(folder):
        raise D2STError(
            f"'{printable(folder)}' holds no folders. Put the clips of each action into a folder with its name."
        )
    actions: dict[str, tuple[str, list[Path]]] = {}
    for place in folders_in(_level(folder)):
        check_encoding(place.name)
        actions.setdefault(alike(place.name), (composed(place.name).strip(), []))[1].extend(clips_in(place))
    if not any(clips for _, clips in actions.values()) and any(map(looks_like_a_clip, listed(folder))):
        raise D2STError(
            f"'{printable(folder)}' holds clips, and none of its folders does. Put the clips of each action into a "
            "folder with its name, and name the one that holds these folders."
        )
    return dict(actions.values())


def read_split(folder) -> Split[Path]:
    """The split that a folder of actions holds. Raises `D2STError` where an action has no clip."""
    actions = clips_by_action(folder)
    for action, clips in actions.items():
        if not clips:
            raise D2STError(f"{empty(folder, action)}. Add some or remove the folder.")
    return Split(list(actions), list(actions.values()))


def empty(folder, action: str) -> str:
    """That an action has no clip, and where some lie deeper, without a full stop."""
    places = [place for place in folders_in(_level(Path(folder))) if alike(place.name) == alike(action)]
    deeper = [f"{printable(each.name)}/" for place in places for each in folders_in(place) if clips_in(each)]
    where = f"; there are some one folder deeper, in {', '.join(deeper)}" if deeper else ""
    return f"'{action}' in '{printable(folder)}' holds no clip{where}"


def clips_in(folder: Path) -> list[Path]:
    """The clips of an action's folder; it is one itself where nothing but numbered pictures lies in it."""
    clips = [path for path in listed(folder) if looks_like_a_clip(path)]
    return clips or ([folder] if numbered_pictures(folder) else [])


def folders_in(folder: Path) -> list[Path]:
    return [path for path in listed(folder) if path.is_dir() and not passed_over(path.name)]


def _level(folder: Path) -> Path:
    """Where the folders of the actions are: in this one, or in the only one in it that has some."""
    inside = folders_in(folder)
    if any(map(clips_in, inside)):
        return folder
    deeper = [each for each in inside if any(map(clips_in, folders_in(each)))]
    if len(deeper) > 1:
        names = [f"{printable(each.name)}/" for each in deeper]
        raise D2STError(
            f"'{printable(folder)}' holds {', '.join(names[:-1])} and {names[-1]}, and clips only lie deeper, in "
            f"folders of these: name one of them, such as '{printable(deeper[0])}', or put the clips of each action "
            "right into its folder."
        )
    if deeper:
        return deeper[0]
    level = _level(inside[0]) if len(inside) == 1 else folder
    return level if any(map(clips_in, folders_in(level))) else folder


def composed(name: str) -> str:
    """A name in Unicode's composed form (NFC): some systems keep é as two characters."""
    return unicodedata.normalize("NFC", name)


def alike(name: str) -> str:
    """What names of actions are compared by: `push-up`, `Push_Up` and `push.up ` are the same action."""
    words = re.sub(r"[\s._\-\u2010-\u2015]+", " ", composed(composed(name).casefold())).strip()
    return words or composed(name).strip()


def spoken(path: Path) -> str:
    """The action that a file or folder is named after."""
    return re.sub("[_-]", " ", composed(without_suffix(path.name)))
