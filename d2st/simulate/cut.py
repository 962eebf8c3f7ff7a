"""How a clip is cut from what is done: how often and how fast, with what pauses, with how much before and after."""

from dataclasses import replace

import numpy as np

from .motion import drift
from .rotation import compose, turn
from .skeleton import UPPER, Movement

CYCLES = (1.0, 13.0)  # seconds that repeated things go on for, in all
PACE = (0.6, 1.8)  # how much longer or shorter than written anything takes
IDLE = (0.1, 1.6)  # seconds before and after, where a clip is cut loosely
LEAST = 8  # frames of a clip, however short it is
RATE = 30  # poses a second


def timeline(rng, seconds, repeats):
    """Keys (second, share of what is done), rising in time, and the seconds of the whole clip.

    What repeats starts again at share 0 after each share 1.
    """
    pace = np.exp(rng.uniform(*np.log(PACE)))
    rounds = max(1, round(np.exp(rng.uniform(*np.log(CYCLES))) / (seconds * pace))) if repeats else 1
    loose, halting = rng.random() < 0.6, rng.random() < 0.2
    now = rng.uniform(*IDLE) if loose else rng.uniform(0.02, 0.2)
    keys = []
    for _ in range(rounds):
        length = seconds * pace * rng.uniform(0.85, 1.15)
        keys += [(now, 0.0), (now + length, 1.0)]
        now += length + (rng.uniform(0.2, 1.0) if halting and rng.random() < 0.4 else 1e-3)
    return keys, now + (rng.uniform(*IDLE) if loose else rng.uniform(0.02, 0.2))


def share_at(keys, times):
    """The share [N] of what is done at those seconds."""
    return np.interp(times, [key[0] for key in keys], [key[1] for key in keys])


def clip_share(keys, seconds, share):
    """Where in the clip (0 to 1) a share of what is done lies, in its only round; the ends are the clip's."""
    if share in (0, 1):
        return share
    return (keys[0][0] + share * (keys[1][0] - keys[0][0])) / seconds


def recut(rng, movement, keys, seconds):
    """The movement as a timeline has it; who waits is not quite still."""
    times = np.arange(0, seconds + 1 / RATE, 1 / RATE)
    part = movement.at(share_at(keys, times) * movement.seconds)
    joints = part.joints.copy()
    sway = drift(rng, times, 0.06, (1.2, 4.0))
    for joint, column in zip(UPPER, np.arange(len(UPPER)) % 3, strict=True):
        joints[:, joint] = compose(joints[:, joint], turn(rng.normal(size=3), sway[:, column]))
    return Movement(part.root, joints, times)


def returns(movement):
    """Whether the movement ends where and as it begins."""
    apart = np.abs((movement.joints[0] * movement.joints[-1]).sum(-1)).min()  # 1: the same rotation
    return bool(apart > 0.98 and np.abs(movement.root[0] - movement.root[-1]).max() < 0.1)


def loosened(rng, performance):
    """The performance slower or faster, again and again where it can be, and with what comes before and after."""
    again = not performance.extras and all(map(returns, performance.movements))
    line, seconds = timeline(rng, performance.seconds, again)
    extras = [
        replace(
            extra, holders=tuple((who, *(clip_share(line, seconds, at) for at in span)) for who, *span in extra.holders)
        )
        for extra in performance.extras
    ]
    movements = [recut(rng, movement, line, seconds) for movement in performance.movements]
    return replace(performance, movements=movements, extras=extras)
