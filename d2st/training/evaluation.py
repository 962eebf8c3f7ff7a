"""Accuracy over episodes, with its 95 % confidence interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from d2st import matching
from d2st.data.episodes import Episode

AT_ONCE = 100  # episodes whose frame distances are held at a time


def all_matchings() -> list[tuple[str, bool]]:
    """Every matching as it is, and centred."""
    return [(name, centred) for centred in (False, True) for name in matching.MATCHINGS]


@dataclass(frozen=True)
class Accuracy:
    """Per cent: the mean over episodes, and half the width of its 95 % confidence interval."""

    mean: float
    interval: float

    def __str__(self) -> str:
        return f"{self.mean:.1f} ± {self.interval:.1f} %"


def episode_distances(
    features: list[Tensor], episodes: list[Episode], centred: bool, weights: Sequence[float] = matching.ALONE
) -> Tensor:
    """Frame distances of every episode: features, one [N, T, F] an action → [E, Q, way, T, T].

    weights: of the parts that the features consist of.

    The queries are in the order of their actions, `queries` of each.
    """
    distances = []
    for episode in episodes:
        support = torch.stack([features[a][clips] for a, clips in zip(episode.actions, episode.support, strict=True)])
        query = torch.cat([features[a][clips] for a, clips in zip(episode.actions, episode.query, strict=True)])
        pair = (matching.directions(each, centred, weights) for each in (support.mean(1), query))
        distances.append(matching.distance_of_directions(*pair))
    return torch.stack(distances)


def accuracies(
    features: list[Tensor], episodes: list[Episode], matchings=None, frames: int | None = None,
    weights: Sequence[float] = matching.ALONE,
) -> dict:  # fmt: skip
    """{(matching, centred): Accuracy} over the same episodes; features, one [N, T, F] an action.

    frames: of a look, where clips have several; all have as many then, see `matching.alike`. weights: of the parts
    that the features consist of.
    """
    by_matching = episode_accuracies(features, episodes, matchings or all_matchings(), frames, weights)
    return {key: accuracy(per_episode) for key, per_episode in by_matching.items()}


def episode_accuracies(
    features: list[Tensor], episodes: list[Episode], matchings, frames: int | None = None,
    weights: Sequence[float] = matching.ALONE,
) -> dict[tuple[str, bool], Tensor]:  # fmt: skip
    """{(matching, centred): [E] in per cent}, the share of right answers in each episode."""
    way, queries = episodes[0].query.shape
    truth = torch.arange(way).repeat_interleave(queries)
    right: dict[tuple[str, bool], list[Tensor]] = {how: [] for how in matchings}
    for centred in sorted({centred for _, centred in matchings}):
        for start in range(0, len(episodes), AT_ONCE):
            distances = episode_distances(features, episodes[start : start + AT_ONCE], centred, weights)
            for name in (name for name, c in matchings if c == centred):
                answers = matching.score(distances, name, frames).argmax(-1)  # [E, Q]
                right[name, centred].append((answers == truth).double().mean(1) * 100)
    return {how: torch.cat(parts) for how, parts in right.items()}


def accuracy(per_episode: Tensor) -> Accuracy:
    """Mean of per-episode accuracies [E] in per cent, with its normal 95 % interval."""
    spread = per_episode.std() if len(per_episode) > 1 else torch.tensor(torch.nan)
    return Accuracy(float(per_episode.mean()), float(1.96 * spread / len(per_episode) ** 0.5))


def mean_accuracy(results: list[Accuracy]) -> Accuracy:
    """The mean of independent accuracies, with its interval."""
    interval = sum(result.interval**2 for result in results) ** 0.5 / len(results)
    return Accuracy(sum(result.mean for result in results) / len(results), interval)
