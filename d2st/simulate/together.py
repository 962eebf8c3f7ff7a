"""What two people do with each other, side on to the viewer."""

from functools import partial

import numpy as np

from . import meshes, textures
from .motion import follow
from .people import Extra, Performance
from .people_actions import stride
from .poses import act
from .skeleton import Movement

NEAR_RIGHT, NEAR_LEFT = (0.24, -0.12, 0.04), (0.24, 0.12, 0.04)
FAR_RIGHT, FAR_LEFT = (0.44, -0.1, 0.06), (0.44, 0.1, 0.06)
STAND: list[tuple[float, dict]] = [(0, {}), (2.4, {})]


def timed(movement, seconds):
    """The movement stretched to last so long."""
    return Movement(movement.root, movement.joints, movement.times * seconds / movement.seconds)


def faced(first, second, apart, seconds):
    """Two people who face each other along x, the first on the left; `apart` is keys as `pair` has them."""
    cast = []
    for movement, side in ((first, -1), (second, 1)):
        movement = timed(movement, seconds)
        gap = np.array([follow(apart, time / seconds) for time in movement.times])
        place = np.stack([side * gap / 2, 0 * gap, 0 * gap], -1)
        cast.append(movement.turned(0.0 if side < 0 else np.pi, place))
    return cast


def pair(rng, first, second, apart, extras=(), travel=0.0):
    """Two people face each other, each with a movement along x from where it stands.

    `apart` is keys (share of the clip, metres between them), or one distance.
    """
    seconds = rng.uniform(2.0, 3.0)
    keys = apart if isinstance(apart, list) else [(0, apart), (1, apart)]
    direction = rng.choice([0, np.pi]) + rng.uniform(-0.45, 0.45)
    cast = [movement.turned(direction) for movement in faced(first, second, keys, seconds)]
    return Performance(cast, travel, list(extras))


def posed(rng, first, second=None, apart=0.9):
    """Both with posed keys; without keys of its own the second does what the first does."""
    return pair(rng, act(rng, first), act(rng, second or first), apart)


def walkers(rng, name, gaps, backs=False):
    """Two people walk or run towards each other, or, with their backs to each other, apart."""
    first, second = (stride(rng, name, 2.0).in_place() for _ in range(2))
    if backs:
        first, second = first.turned(np.pi), second.turned(np.pi)
    return pair(rng, first, second, [(0, gaps[0] * rng.uniform(0.9, 1.1)), (1, gaps[1])])


def pass_by(rng):
    """Two people walk past each other."""
    performance = walkers(rng, "walk", (2.0, -2.0))
    for sign, index in ((1, 0), (-1, 1)):
        performance.movements[index] = performance.movements[index].turned(0.0, (0, 0.35 * sign, 0))
    return performance


def chase(rng):
    """One runs after another."""
    way = rng.choice([0, np.pi]) + rng.uniform(-0.3, 0.3)
    cast = [timed(stride(rng, "run", 1.2).turned(0.0, (gap, 0, 0)), 1.4) for gap in (-2.2, -0.8)]
    return Performance([movement.turned(way) for movement in cast], rng.uniform(0.6, 0.9))


def hand_over(rng):
    """One gives a box to another."""
    give = [
        (0, {"right_hand": NEAR_RIGHT, "left_hand": NEAR_LEFT}),
        (0.4, {"right_hand": NEAR_RIGHT, "left_hand": NEAR_LEFT}),
        (1.0, {"right_hand": FAR_RIGHT, "left_hand": FAR_LEFT}),
        (1.3, {"right_hand": FAR_RIGHT, "left_hand": FAR_LEFT}),
        (1.9, {}),
        (2.2, {}),
    ]
    take = [
        (0, {}),
        (0.5, {}),
        (1.0, {"right_hand": FAR_RIGHT, "left_hand": FAR_LEFT}),
        (1.2, {"right_hand": FAR_RIGHT, "left_hand": FAR_LEFT}),
        (1.8, {"right_hand": NEAR_RIGHT, "left_hand": NEAR_LEFT}),
        (2.2, {"right_hand": NEAR_RIGHT, "left_hand": NEAR_LEFT}),
    ]
    box = Extra(meshes.box(*rng.uniform(0.16, 0.26, 3)), textures.colour(rng), holders=((0, 0, 0.5), (1, 0.5, 1)))
    return pair(rng, act(rng, give), act(rng, take), rng.uniform(0.95, 1.05), [box])


def at_once(angles, seconds=2.4, start=0.35, strike=0.5, back=0.8):
    """Into a pose about the middle and back, at shares of the time."""
    return [
        (0, {}),
        (start * seconds, {}),
        (strike * seconds, angles),
        (0.6 * seconds, angles),
        (back * seconds, {}),
        (seconds, {}),
    ]


def to_and_fro(first, second, count=3):
    """Between two poses."""
    return [(0, {}), *((0.5 + 0.25 * i, (first, second)[i % 2]) for i in range(2 * count)), (0.8 + 0.5 * count, {})]


BACK = [(0, 0.85), (0.45, 0.85), (0.62, 1.3), (1, 1.3)]
CLOSE = [(0, 1.1), (0.25, 1.1), (0.5, 0.42), (0.8, 0.42), (1, 0.8)]
HURT = {"bend": -18, "nod": -30, "lean": -6}
FOLDED = {"bend": 28, "lean": 20, "right_hand": (0.25, -0.05, -0.05), "left_hand": (0.25, 0.05, -0.05)}
ROUND = {"right_hand": (0.36, -0.04, 0.2), "left_hand": (0.36, 0.04, 0.32), "lean": 8}
SHOVE = {"right_hand": (0.5, -0.12, 0.2), "left_hand": (0.5, 0.12, 0.2), "lean": 15}
SHOVED = {"bend": -12, "lean": -12, "left_leg": (-22, 0, 10)}
PUNCH = {"right_hand": (0.53, 0.0, 0.3), "twist": 25, "lean": 8, "left_leg": (18, 0, 15)}
KICK = {"right_leg": (80, 0, 8), "lean": -14, "right_hand": (0.0, -0.4, 0.1)}
WAVE = ({"right_hand": (0.12, -0.42, 0.58)}, {"right_hand": (0.12, -0.1, 0.66)})
PAT = ({"right_hand": (0.46, 0.08, 0.42)}, {"right_hand": (0.5, 0.08, 0.3)})
SHAKE = ({"right_hand": (0.46, 0.02, -0.05)}, {"right_hand": (0.46, 0.02, 0.09)})
# What the first does, what the second does, and how far apart they stand.
POSED = {
    "shake hands": (to_and_fro(*SHAKE), None, 0.95),
    "high five": (at_once({"right_hand": (0.42, 0.0, 0.5)}, strike=0.48, back=0.75), None, 0.9),
    "hug": (at_once(ROUND, strike=0.55, back=0.95), None, CLOSE),
    "push another": (at_once(SHOVE), at_once(SHOVED), BACK),
    "punch another": (at_once(PUNCH, strike=0.46), at_once(HURT), [(0, 0.75), (0.46, 0.75), (0.6, 0.95), (1, 0.95)]),
    "kick another": (at_once(KICK, strike=0.46), at_once(FOLDED), [(0, 1.05), (0.46, 1.05), (0.6, 1.3), (1, 1.3)]),
    "bow to each other": (at_once({"lean": 50, "bend": 20}), None, 1.5),
    "pat on the shoulder": (to_and_fro(*PAT), STAND, 0.62),
    "point at another": (at_once({"right_hand": (0.52, -0.05, 0.3)}, strike=0.4, back=0.95), STAND, 1.3),
    "wave at each other": (to_and_fro(*WAVE), None, 1.7),
}
TOGETHER = {name: partial(posed, first=keys[0], second=keys[1], apart=keys[2]) for name, keys in POSED.items()} | {
    "approach each other": partial(walkers, name="walk", gaps=(2.4, 0.7)),
    "part from each other": partial(walkers, name="walk", gaps=(0.6, 2.3), backs=True),
    "pass each other": pass_by,
    "chase": chase,
    "hand over": hand_over,
}
