"""Folders of clips, and the few-shot episodes drawn from them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from d2st.errors import D2STError

CLIP_SUFFIXES = {
    ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif", ".mpg", ".mpeg", ".ts", ".ogv", ".wmv", ".flv", ".3gp",
}


@dataclass(frozen=True)
class Split:
    """Actions and their clips; episodes are drawn within a split."""

    actions: list[str]
    clips: list[list[Path]]  # one list an action


@dataclass(frozen=True)
class Episode:
    """One task, as indices: which actions take part, and which of their clips."""

    actions: np.ndarray  # [way] indices of actions
    support: np.ndarray  # [way, shot] indices among an action's clips
    query: np.ndarray  # [way, queries] likewise, none of them in the support set


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
    return {
        action.name: sorted(f for f in action.iterdir() if f.suffix.lower() in CLIP_SUFFIXES) for action in actions
    }


def read_split(folder) -> Split:
    """The split that a folder of actions holds. Raises `D2STError` where an action has no clip."""
    folders = clips_by_action(folder)
    for action, clips in folders.items():
        if not clips:
            raise D2STError(f"'{action}' in '{folder}' holds no clip. Add some or remove the folder.")
    return Split(list(folders), list(folders.values()))


def sample_episodes(sizes: list[int], way: int, shot: int, queries: int, episodes: int, seed: int) -> list[Episode]:
    """Draw episodes from actions with `sizes` clips.

    Episode i depends on the seed and i alone, so that a longer run begins with a shorter one's.
    Raises `D2STError` where there are too few actions or clips.
    """
    if episodes < 2:
        raise D2STError("An accuracy needs at least 2 episodes; 1000 or more make its interval narrow.")
    usable = usable_actions(sizes, way, shot, queries)
    return [
        sample_episode(np.random.default_rng([seed, index]), usable, sizes, way, shot, queries)
        for index in range(episodes)
    ]


def usable_actions(sizes: list[int], way: int, shot: int, queries: int) -> list[int]:
    """The actions with enough clips for an episode; `D2STError` where they are too few."""
    if way < 2 or shot < 1 or queries < 1:
        raise D2STError("An episode needs at least 2 ways, 1 shot and 1 query.")
    usable = [index for index, size in enumerate(sizes) if size >= shot + queries]
    if len(usable) < way:
        raise D2STError(
            f"{way}-way {shot}-shot with {queries} queries needs {way} actions with {shot + queries} clips each; "
            f"{len(usable)} of the {len(sizes)} actions have that many."
        )
    return usable


def sample_episode(rng, usable, sizes, way, shot, queries, opposites=(), share=0.0) -> Episode:
    """Draw one episode without replacement.

    opposites: for each action those that are easily taken for it; with the probability `share` one
    of them joins the action drawn before.
    """
    actions = rng.choice(usable, way, replace=False)
    for place in range(1, way if share else 0):
        close = sorted(set(opposites[actions[place - 1]]) & set(usable) - set(actions))
        if close and rng.random() < share:
            actions[place] = rng.choice(close)
    clips = np.stack([rng.choice(sizes[action], shot + queries, replace=False) for action in actions])
    return Episode(actions, clips[:, :shot], clips[:, shot:])
