"""Few-shot episodes, drawn from actions and their clips."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from d2st.errors import D2STError

DRAWS = 100  # of which at least one has to do


@dataclass(frozen=True)
class Episode:
    """One task, as indices: which actions take part, and which of their clips."""

    actions: np.ndarray  # [way] indices of actions
    support: np.ndarray  # [way, shot] indices among an action's clips
    query: np.ndarray  # [way, queries] likewise, none of them in the support set


def sample_episodes(
    sizes: list[int], way: int, shot: int, queries: int, episodes: int, seed: int,
    recordings: Sequence[Sequence[str]] | None = None,
) -> list[Episode]:  # fmt: skip
    """Draw episodes from actions with `sizes` clips.

    Each depends on the seed and its number alone, so that a longer run begins with a shorter one's. recordings:
    that of each clip of each action; an episode that has one in both support and query is passed over.
    Raises `D2STError` where there are too few actions or clips.
    """
    if episodes < 2:
        raise D2STError("An accuracy needs at least 2 episodes; 1000 or more make its interval narrow.")
    usable = usable_actions(sizes, way, shot, queries)
    drawn = (
        sample_episode(np.random.default_rng([seed, index]), usable, sizes, way, shot, queries)
        for index in range(DRAWS * episodes)
    )
    kept = list(islice((each for each in drawn if not recordings or are_apart(each, recordings)), episodes))
    if len(kept) < episodes:
        raise D2STError("Hardly any episode has no recording in both support set and query. Take fewer shots.")
    return kept


def are_apart(episode: Episode, recordings: Sequence[Sequence[str]]) -> bool:
    """Whether no recording is in both support set and query."""
    support, query = (
        {recordings[action][clip] for action, row in zip(episode.actions, clips, strict=True) for clip in row}
        for clips in (episode.support, episode.query)
    )
    return not support & query


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
