"""Clips as training sees them: as they are, in a mirror, run backwards, run there and back.

In a mirror "push left" shows "push right", and run backwards "stand up" shows "sit down". Where the
actions know their opposites, every clip serves several actions; and where a mirror or time's arrow
makes something that has no name, it is a new action, of which few-shot learning wants many.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from d2st.data.folders import Split


@dataclass(frozen=True)
class Variant:
    """A clip in one of the ways that it can be shown."""

    path: Path
    mirrored: bool = False
    backwards: bool = False
    and_back: bool = False  # there in half of the frames, and back in the other half

    def in_order(self, frames: Tensor) -> Tensor:
        """Frames [T, …] of the clip in the order in which this variant shows them."""
        frames = frames.flip(0) if self.backwards else frames
        return torch.cat([frames[::2], frames[1::2].flip(0)]) if self.and_back else frames


def plain(split: Split[Path]) -> Split[Variant]:
    """Each clip as it is."""
    return Split(split.actions, [[Variant(path) for path in clips] for clips in split.clips])


def all_ways(split: Split[Path], mirror, reverse) -> Split[Variant]:
    """Each clip in all the ways that it can be shown, under the action that it then shows.

    mirror and reverse: functions from an action to the one that it becomes: itself, another one, or
    None where what it becomes has no name.
    """
    variants: dict[str, list[Variant]] = defaultdict(list)
    for action, clips in zip(split.actions, split.clips, strict=True):
        for mirrored in (False, True):
            for backwards in (False, True):
                for and_back in (False, True):
                    if and_back and reverse(action) == action:
                        continue  # it goes there and back as it is
                    shown = turned(action, mirrored, backwards, mirror, reverse) + " and back" * and_back
                    variants[shown] += [Variant(path, mirrored, backwards, and_back) for path in clips]
    return Split(list(variants), list(variants.values()))


def turned(action: str, mirrored: bool, backwards: bool, mirror, reverse) -> str:
    """The name of what an action becomes."""
    notes = ""
    if backwards:
        action, notes = (reverse(action), notes) if reverse(action) else (action, ", backwards")
    if mirrored:
        action, notes = (mirror(action), notes) if mirror(action) else (action, notes + ", mirrored")
    return action + notes


def opposites(split: Split[Variant]) -> list[list[int]]:
    """For each action the others that show one of its clips another way round."""
    shown: dict[Path, set[int]] = defaultdict(set)
    for index, variants in enumerate(split.clips):
        for variant in variants:
            shown[variant.path].add(index)
    return [
        sorted(set().union(*(shown[variant.path] for variant in variants)) - {i})
        for i, variants in enumerate(split.clips)
    ]
