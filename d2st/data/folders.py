"""Folders of clips: one folder for each action."""

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from d2st.errors import D2STError

C = TypeVar("C")  # a clip's path, or a variant of it

CLIP_SUFFIXES = {
    ".mp4",
    ".m4v",
    ".mov",
    ".mkv",
    ".webm",
    ".avi",
    ".gif",
    ".mpg",
    ".mpeg",
    ".ts",
    ".ogv",
    ".wmv",
    ".flv",
    ".3gp",
}


@dataclass(frozen=True)
class Split(Generic[C]):
    """Actions and their clips; episodes are drawn within a split."""

    actions: list[str]
    clips: list[list[C]]  # one list an action


def clips_by_action(folder) -> dict[str, list[Path]]:
    """`<folder>/<action>/<clip>` → {action: its clips}, both in the order of their names.

    Files that are no clips by their suffix are passed over, and so are hidden folders. An action
    may come out empty. Raises `D2STError` where there is no folder, or no folder in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise D2STError(f"There is no folder '{folder}'. Name one that holds a folder of clips for each action.")
    actions = sorted(f for f in folder.iterdir() if f.is_dir() and not f.name.startswith("."))
    if not actions:
        raise D2STError(f"'{folder}' holds no folders. Put the clips of each action into a folder with its name.")
    return {action.name: sorted(f for f in action.iterdir() if f.suffix.lower() in CLIP_SUFFIXES) for action in actions}


def read_split(folder) -> Split[Path]:
    """The split that a folder of actions holds. Raises `D2STError` where an action has no clip."""
    folders = clips_by_action(folder)
    for action, clips in folders.items():
        if not clips:
            raise D2STError(f"'{action}' in '{folder}' holds no clip. Add some or remove the folder.")
    return Split(list(folders), list(folders.values()))


def spoken(path: Path) -> str:
    """The action that a file or folder is named after."""
    return path.stem.replace("_", " ").replace("-", " ")
