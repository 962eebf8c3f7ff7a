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
class Take:
    path: Path
    mirrored: bool = False
    backwards: bool = False
    and_back: bool = False  # there in half of the frames, and back in the other half

    def in_order(self, frames: Tensor) -> Tensor:
        """Frames [T, …] of the clip in the order in which this take shows them."""
        frames = frames.flip(0) if self.backwards else frames
        return torch.cat([frames[::2], frames[1::2].flip(0)]) if self.and_back else frames


def plain(split: Split) -> Split:
    """Each clip as it is."""
    return Split(split.actions, [[Take(path) for path in clips] for clips in split.clips])


def all_ways(split: Split, mirror, reverse) -> Split:
    """Each clip in all the ways that it can be shown, under the action that it then shows.

    mirror and reverse: functions from an action to the one that it becomes: itself, another one, or
    None where what it becomes has no name.
    """
    takes = defaultdict(list)
    for action, clips in zip(split.actions, split.clips):
        for mirrored in (False, True):
            for backwards in (False, True):
                for and_back in (False, True):
                    if and_back and reverse(action) == action:
                        continue  # it goes there and back as it is
                    shown = turned(action, mirrored, backwards, mirror, reverse) + " and back" * and_back
                    takes[shown] += [Take(path, mirrored, backwards, and_back) for path in clips]
    return Split(list(takes), list(takes.values()))


def turned(action: str, mirrored: bool, backwards: bool, mirror, reverse) -> str:
    """The name of what an action becomes."""
    notes = ""
    if backwards:
        action, notes = (reverse(action), notes) if reverse(action) else (action, ", backwards")
    if mirrored:
        action, notes = (mirror(action), notes) if mirror(action) else (action, notes + ", mirrored")
    return action + notes


def opposites(split: Split) -> list[list[int]]:
    """For each action the others that show one of its clips another way round."""
    shown = defaultdict(set)
    for index, takes in enumerate(split.clips):
        for take in takes:
            shown[take.path].add(index)
    return [sorted(set().union(*(shown[take.path] for take in takes)) - {i}) for i, takes in enumerate(split.clips)]
