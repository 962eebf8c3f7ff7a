"""Two people who meet, as the world films them: they may come up first, wait, take their time, do it again."""

from functools import partial

import numpy as np

from . import meshes, textures
from .cut import clip_share, recut, timeline
from .everyday import KNEELING
from .people import Extra, Performance
from .people_actions import stride
from .poses import act
from .skeleton import Movement, facing
from .together import (
    BACK,
    CLOSE,
    FAR_LEFT,
    FAR_RIGHT,
    HURT,
    NEAR_LEFT,
    NEAR_RIGHT,
    POSED,
    SHOVE,
    SHOVED,
    STAND,
    at_once,
    faced,
    to_and_fro,
)


def come_up(rng, movement, seconds):
    """The movement with a walk to where it starts before it."""
    walk = stride(rng, "walk", seconds)
    walk = walk.turned(0.0, -walk.root[0] * [1, 1, 0])
    heading = float(facing(movement.joints[0, 0]))
    joined = walk.then(movement.turned(-heading), 0.35).turned(heading)
    shift = (movement.root[-1] - joined.root[-1]) * [1, 1, 0]
    return Movement(joined.root + shift, joined.joints, joined.times)


def waiting(movement, seconds):
    """The movement after so long a wait."""
    root, joints = (np.concatenate([part[:1], part]) for part in (movement.root, movement.joints))
    return Movement(root, joints, np.concatenate([[0], movement.times + seconds]))


def meet(rng, first, second=None, apart=0.9, repeats=False, turned=False, things=(), coming=0.35):
    """Two people with posed keys; the second may have its back to the first. Without keys it does as the first."""
    keys = apart if isinstance(apart, list) else [(0, apart), (1, apart)]
    one, other = act(rng, first), act(rng, second or first)
    cast = faced(one, other.turned(np.pi) if turned else other, keys, rng.uniform(1.8, 2.8))
    if rng.random() < coming and not things:
        seconds = rng.uniform(0.8, 1.8)
        both = rng.random() < 0.5 and not turned
        one = come_up(rng, cast[0], seconds)
        other = come_up(rng, cast[1], seconds) if both else waiting(cast[1], one.seconds - cast[1].seconds)
        cast, repeats = [one, other], False
    line, seconds = timeline(rng, cast[0].seconds, repeats)
    direction = rng.choice([0, np.pi]) + rng.uniform(-0.5, 0.5)
    extras = [
        Extra(
            mesh(rng),
            textures.colour(rng),
            holders=tuple((who, *(clip_share(line, seconds, share) for share in span)) for who, *span in held),
        )
        for mesh, held in things
    ]
    cast = [recut(rng, movement, line, seconds).turned(direction) for movement in cast]
    return Performance(cast, 0.0, extras, upper=bool(rng.random() < 0.4))


def carton(rng):
    return meshes.box(*rng.uniform(0.14, 0.26, 3))


def ball(rng):
    return meshes.ball(rng.uniform(0.09, 0.15), 9, 14)


HOLD = {"right_hand": NEAR_RIGHT, "left_hand": NEAR_LEFT}
REACH = {"right_hand": FAR_RIGHT, "left_hand": FAR_LEFT}
GIVE = [(0, HOLD), (0.7, HOLD), (1.1, REACH), (1.4, REACH), (2.0, {}), (2.4, {})]
TAKE = [(0, {}), (0.7, {}), (1.1, REACH), (1.4, REACH), (2.0, HOLD), (2.4, HOLD)]
TOSS = [
    (0, HOLD),
    (0.5, HOLD),
    (0.85, {"right_hand": (0.15, -0.12, -0.1), "left_hand": (0.15, 0.12, -0.1)}),
    (1.1, {"right_hand": (0.5, -0.12, 0.35), "left_hand": (0.5, 0.12, 0.35)}),
    (1.6, {}),
    (2.4, {}),
]
CATCH = [(0, {}), (0.9, {}), (1.4, REACH), (1.7, HOLD), (2.4, HOLD)]
FIST = ({"right_hand": (0.34, -0.1, 0.3)}, {"right_hand": (0.38, -0.08, 0.08)})
FALLEN = [
    (0, {}),
    (1.0, {}),
    (1.25, {"bend": -15, "squat": 10}),
    (1.8, {"tilt": -86, "lift": 0.06, "right_hand": (0.1, -0.5, 0.2), "left_hand": (0.1, 0.5, 0.2)}),
    (2.4, {"tilt": -88, "lift": 0.06, "right_hand": (0.0, -0.5, 0.2), "left_hand": (0.0, 0.5, 0.2)}),
]
HANDS_UP = {"right_hand": (0.05, -0.3, 0.66), "left_hand": (0.05, 0.3, 0.66)}
STRIKE = [
    (0, {}),
    (0.8, {}),
    (1.05, {"right_hand": (0.05, -0.22, 0.75), "bend": -8}),
    (1.25, {"right_hand": (0.5, 0.0, 0.45), "bend": 15, "lean": 8}),
    (1.8, {}),
    (2.4, {}),
]
DUCK = at_once(
    {"bend": 25, "nod": 35, "squat": 25, "right_hand": (0.15, -0.12, 0.55), "left_hand": (0.15, 0.12, 0.55)},
    strike=0.54,
)
CAMERA = {"right_hand": (0.28, -0.1, 0.42), "left_hand": (0.28, 0.1, 0.42)}
SWAY = (
    {"right_hand": (0.36, -0.24, 0.25), "left_hand": (0.36, 0.24, 0.05), "side": 12},
    {"right_hand": (0.36, -0.24, 0.05), "left_hand": (0.36, 0.24, 0.25), "side": -12},
)
LOCKED = {"right_hand": (0.4, -0.18, 0.28), "left_hand": (0.4, 0.18, 0.28), "lean": 24, "left_leg": (-20, 0, 10)}
NUDGE = {"side": -20, "right_hand": (0.1, -0.42, 0.1)}
# What meet() is told, by name.
ROWS = {
    "rock paper scissors": dict(first=to_and_fro(*FIST), apart=1.1, repeats=True),
    "bump fists": dict(first=at_once({"right_hand": (0.47, -0.02, 0.12)}), apart=0.98),
    "clink cups": dict(first=at_once({"right_hand": (0.46, -0.02, 0.3)}, back=0.7), apart=0.98),
    "wag a finger at another": dict(
        first=to_and_fro({"right_hand": (0.44, -0.16, 0.32)}, {"right_hand": (0.44, 0.02, 0.32)}),
        second=at_once({"nod": 30, "bend": 8}, start=0.2),
        apart=1.0,
    ),
    "knock another over": dict(first=at_once(SHOVE, strike=0.45), second=FALLEN, apart=0.9),
    "hold another up": dict(
        first=at_once({"right_hand": (0.52, -0.03, 0.26), "left_hand": (0.5, 0.03, 0.24)}, strike=0.35, back=0.95),
        second=at_once(HANDS_UP, strike=0.55, back=0.97),
        apart=1.5,
    ),
    "take a photo of another": dict(
        first=at_once(CAMERA, strike=0.35, back=0.95),
        second=at_once({"right_hand": (0.12, -0.25, 0.5), "cock": 10}, start=0.2, strike=0.4),
        apart=1.7,
    ),
    "throw to another": dict(first=TOSS, second=CATCH, apart=2.0, things=((ball, ((0, 0, 0.46), (1, 0.6, 1))),)),
    "snatch from another": dict(
        first=TAKE,
        second=at_once(HOLD, start=0.0, strike=0.1, back=0.9),
        apart=0.72,
        things=((carton, ((1, 0, 0.5), (0, 0.54, 1))),),
    ),
    "hand a thing over": dict(first=GIVE, second=TAKE, apart=1.0, things=((carton, ((0, 0, 0.52), (1, 0.52, 1))),)),
    "exchange things": dict(
        first=at_once(REACH, strike=0.45),
        apart=1.0,
        things=((carton, ((0, 0, 0.5), (1, 0.52, 1))), (ball, ((1, 0, 0.5), (0, 0.52, 1)))),
    ),
    "kneel before another": dict(first=[(0, {}), (0.4, {}), (1.2, KNEELING), (2.4, KNEELING)], second=STAND, apart=1.1),
    "help another up": dict(
        first=at_once({"lean": 30, "right_hand": (0.45, 0.0, -0.1)}, strike=0.4),
        second=[(0, KNEELING), (0.9, KNEELING | {"right_hand": (0.44, 0.0, 0.2)}), (1.8, {}), (2.4, {})],
        apart=0.9,
    ),
    "pull another near": dict(
        first=at_once({"right_hand": (0.22, -0.12, 0.1), "left_hand": (0.22, 0.12, 0.1), "lean": -10}),
        second=at_once({"right_hand": (0.5, -0.12, 0.15), "left_hand": (0.5, 0.12, 0.15), "lean": 18}),
        apart=[(0, 1.2), (0.4, 1.2), (0.7, 0.75), (1, 0.75)],
    ),
    "push another away": dict(first=at_once(SHOVE), second=at_once(SHOVED), apart=BACK),
    "wrestle": dict(first=to_and_fro(LOCKED, LOCKED | {"side": 14}), apart=0.95, repeats=True),
    "dance with another": dict(first=to_and_fro(*SWAY), apart=0.8, repeats=True),
    "swing hands with another": dict(
        first=to_and_fro(
            {"right_hand": (0.4, -0.2, -0.1), "left_hand": (0.4, 0.2, -0.1)},
            {"right_hand": (0.38, -0.3, 0.3), "left_hand": (0.38, 0.3, 0.3)},
        ),
        apart=0.85,
        repeats=True,
    ),
    "strike at another who ducks": dict(first=STRIKE, second=DUCK, apart=0.9),
    "nudge another": dict(first=at_once(NUDGE), second=at_once({"side": 14}, strike=0.53), apart=0.5),
    "tread on another's foot": dict(
        first=[
            (0, {}),
            (0.9, {"right_leg": (45, 0, 60)}),
            (1.15, {"right_leg": (32, 0, 12), "nod": 20}),
            (1.7, {}),
            (2.4, {}),
        ],
        second=at_once({"left_leg": (35, 0, 70), "bend": 20}, start=0.48, strike=0.58),
        apart=0.75,
    ),
    "shake hands for long": dict(first=POSED["shake hands"][0], apart=0.95, repeats=True),
    "point at another and scold": dict(
        first=to_and_fro({"right_hand": (0.5, -0.06, 0.36)}, {"right_hand": (0.42, -0.08, 0.26)}),
        second=STAND,
        apart=1.2,
        repeats=True,
    ),
    "applaud another": dict(
        first=to_and_fro(
            {"right_hand": (0.34, -0.16, 0.22), "left_hand": (0.34, 0.16, 0.22)},
            {"right_hand": (0.36, -0.02, 0.22), "left_hand": (0.36, 0.02, 0.22)},
            4,
        ),
        second=STAND,
        apart=1.3,
        repeats=True,
    ),
    "talk with the hands": dict(
        first=to_and_fro(
            {"right_hand": (0.36, -0.3, 0.12)}, {"right_hand": (0.3, -0.1, 0.2), "left_hand": (0.34, 0.25, 0.15)}
        ),
        second=at_once({"nod": 15, "left_hand": (0.3, 0.2, 0.15)}),
        apart=1.2,
        repeats=True,
    ),
    "whisper to another": dict(
        first=at_once({"lean": 14, "right_hand": (0.3, -0.05, 0.42), "nod": 8}, strike=0.4, back=0.95),
        second=at_once({"cock": -10, "lean": 6}),
        apart=0.62,
    ),
    "touch another's pocket": dict(
        first=at_once({"right_hand": (0.46, 0.08, -0.16), "lean": 14}), second=STAND, apart=0.72, turned=True
    ),
    "hit another over the head": dict(
        first=STRIKE, second=at_once(HURT | {"nod": 30, "bend": 18}, start=0.5, strike=0.58), apart=0.8
    ),
    "hug for long": dict(first=POSED["hug"][0], apart=CLOSE),
    "hug from behind": dict(
        first=POSED["hug"][0], second=STAND, apart=[(0, 1.1), (0.25, 1.1), (0.5, 0.42), (1, 0.42)], turned=True
    ),
    "support another": dict(
        first=at_once(
            {"right_hand": (0.36, 0.05, 0.1), "left_hand": (0.36, 0.1, 0.25), "lean": 8}, strike=0.35, back=0.97
        ),
        second=at_once({"bend": 30, "lean": 15, "squat": 12}, start=0.1, strike=0.4, back=0.97),
        apart=0.6,
    ),
    "wave to another over there": dict(first=POSED["wave at each other"][0], second=STAND, apart=2.2, repeats=True),
    "slap another's hand": dict(
        first=at_once({"right_hand": (0.44, 0.0, 0.5)}, strike=0.48, back=0.75), apart=0.9, repeats=True
    ),
    "slap on the back": dict(
        first=POSED["pat on the shoulder"][0], second=STAND, apart=0.62, turned=True, repeats=True
    ),
    "kick at another": dict(
        first=POSED["kick another"][0], second=POSED["kick another"][1], apart=POSED["kick another"][2]
    ),
    "strike another with the fist": dict(
        first=POSED["punch another"][0], second=POSED["punch another"][1], apart=POSED["punch another"][2]
    ),
    "bow deeply to another": dict(first=POSED["bow to each other"][0], apart=1.5),
}
PAIRS = {name: partial(meet, **row) for name, row in ROWS.items()}
