"""What people do on the floor and in place, again and again: exercises, lying, sitting, kneeling."""

from functools import partial

import numpy as np

from .cut import recut, timeline
from .people import Performance
from .poses import act
from .skeleton import Movement

HANDS = {"right_hand": (0.5, -0.2, 0.27), "left_hand": (0.5, 0.2, 0.27)}
LOW = {"right_hand": (0.22, -0.32, 0.2), "left_hand": (0.22, 0.32, 0.2)}
PLANK, DIPPED = HANDS | {"tilt": 68, "nod": -20}, LOW | {"tilt": 80, "nod": -20}
BACK = {"tilt": -88, "lift": 0.06}
FRONT = {"tilt": 88, "lift": 0.06, "right_hand": (0.0, -0.25, 0.72), "left_hand": (0.0, 0.25, 0.72)}
BENT = {"right_leg": (55, 4, 95), "left_leg": (55, 4, 95)}
SEAT = {"right_leg": (88, 5, 0), "left_leg": (88, 5, 0), "lift": 0.06}
FOURS = {
    "tilt": 82,
    "right_leg": (82, 4, 88),
    "left_leg": (82, 4, 88),
    "right_hand": (0.5, -0.18, 0.22),
    "left_hand": (0.5, 0.18, 0.22),
    "lift": 0.02,
}
SHIN = {"right_leg": (5, 2, 92), "left_leg": (5, 2, 92)}
UP = {"right_hand": (0.03, -0.2, 0.75), "left_hand": (0.03, 0.2, 0.75)}
KNEE = ({"right_leg": (95, 0, 100)}, {"left_leg": (95, 0, 100)})


def to(*poses, each=0.55):
    """Through those poses and back to the first."""
    return [(each * i, angles) for i, angles in enumerate((*poses, poses[0]))]


# Keys of one round, and whether it repeats.
ROWS = {
    "push-ups": (to(PLANK, DIPPED), True),
    "sit-ups": (
        to(
            BACK | BENT,
            BENT | {"tilt": -40, "lift": 0.06, "right_hand": (0.35, -0.1, 0.2), "left_hand": (0.35, 0.1, 0.2)},
            each=0.8,
        ),
        True,
    ),
    "raise both legs lying": (to(BACK, BACK | {"right_leg": (85, 0, 0), "left_leg": (85, 0, 0)}, each=0.8), True),
    "pedal on the back": (
        to(
            BACK | {"right_leg": (85, 0, 85), "left_leg": (40, 0, 20)},
            BACK | {"right_leg": (40, 0, 20), "left_leg": (85, 0, 85)},
        ),
        True,
    ),
    "raise the hips lying": (
        to(BACK | BENT, {"tilt": -112, "lift": 0.06, "right_leg": (35, 4, 95), "left_leg": (35, 4, 95)}, each=0.7),
        True,
    ),
    "climb on the spot lying on the hands": (to(PLANK | KNEE[0], PLANK | KNEE[1], each=0.4), True),
    "arch and hollow on all fours": (
        to(FOURS | {"bend": 28, "nod": 30}, FOURS | {"bend": -22, "nod": -35}, each=0.9),
        True,
    ),
    "stretch arm and leg on all fours": (
        to(
            FOURS,
            FOURS | {"right_hand": (0.1, -0.2, 0.77), "left_leg": (0, 0, 0)},
            FOURS,
            FOURS | {"left_hand": (0.1, 0.2, 0.77), "right_leg": (0, 0, 0)},
            each=0.7,
        ),
        True,
    ),
    "lift chest and arms on the front": (to(FRONT, FRONT | {"bend": -38, "nod": -20}, each=0.7), True),
    "raise a leg sitting": (to(SEAT, SEAT | {"right_leg": (125, 5, 0)}), True),
    "make a snow angel": (
        to(
            BACK,
            BACK
            | {
                "right_hand": (0, -0.65, 0.45),
                "left_hand": (0, 0.65, 0.45),
                "right_leg": (0, 28, 0),
                "left_leg": (0, 28, 0),
            },
            each=0.7,
        ),
        True,
    ),
    "sit and reach for the toes": (
        to(
            SEAT | UP,
            SEAT | {"tilt": 0, "bend": 55, "right_hand": (0.5, -0.1, 0.2), "left_hand": (0.5, 0.1, 0.2)},
            each=0.9,
        ),
        True,
    ),
    "sit and twist": (
        to(
            SEAT | {"twist": 55, "right_hand": (0.3, -0.05, 0.15), "left_hand": (0.3, 0.05, 0.15)},
            SEAT | {"twist": -55, "right_hand": (0.3, -0.05, 0.15), "left_hand": (0.3, 0.05, 0.15)},
        ),
        True,
    ),
    "sit and draw up the knees": (
        to(SEAT, SEAT | {"right_leg": (135, 5, 120), "left_leg": (135, 5, 120)}, each=0.7),
        True,
    ),
    "sit down on the floor": (
        [(0, {}), (0.5, {}), (1.2, {"squat": 60, "lean": 30}), (1.8, SEAT | {"tilt": -20}), (2.4, SEAT)],
        False,
    ),
    "rise from the floor": (
        [(0, SEAT), (0.5, SEAT | {"tilt": -20}), (1.2, {"squat": 60, "lean": 30}), (1.8, {}), (2.3, {})],
        False,
    ),
    "lie back from sitting": ([(0, SEAT), (0.5, SEAT), (1.5, BACK), (2.0, BACK)], False),
    "sit up from lying": ([(0, BACK), (0.5, BACK), (1.5, SEAT), (2.0, SEAT)], False),
    "bend down kneeling": (
        to(
            SHIN | UP,
            SHIN
            | {
                "right_leg": (75, 2, 140),
                "left_leg": (75, 2, 140),
                "tilt": 50,
                "bend": 30,
                "right_hand": (0.2, -0.15, 0.7),
                "left_hand": (0.2, 0.15, 0.7),
            },
            each=1.0,
        ),
        True,
    ),
    "lean back kneeling": (
        to(SHIN, {"right_leg": (5, 2, 92), "left_leg": (5, 2, 92), "bend": -25, "nod": -20}, each=0.9),
        True,
    ),
    "dive down to the floor and up": (
        to(
            {},
            {"squat": 60, "lean": 40, "right_hand": (0.4, -0.2, 0.0), "left_hand": (0.4, 0.2, 0.0)},
            PLANK,
            DIPPED,
            PLANK,
            {"squat": 60, "lean": 40},
            {} | UP | {"lift": 0.12},
            each=0.45,
        ),
        True,
    ),
    "touch toes in turn": (
        to(
            {"lean": 70, "bend": 30, "twist": 40, "right_hand": (0.3, 0.1, 0.5), "left_hand": (-0.1, 0.6, 0.3)},
            {"lean": 70, "bend": 30, "twist": -40, "left_hand": (0.3, -0.1, 0.5), "right_hand": (-0.1, -0.6, 0.3)},
        ),
        True,
    ),
    "lunge to both sides": (
        to(
            {},
            {"right_leg": (20, 38, 60), "left_leg": (0, 20, 0), "lean": 15},
            {},
            {"left_leg": (20, 38, 60), "right_leg": (0, 20, 0), "lean": 15},
        ),
        True,
    ),
    "bend to both sides": (
        to({"side": 38} | {"right_hand": (0.0, 0.1, 0.75)}, {}, {"side": -38} | {"left_hand": (0.0, -0.1, 0.75)}, {}),
        True,
    ),
    "squat again and again": (
        to({}, {"squat": 58, "lean": 28, "right_hand": (0.5, -0.16, 0.25), "left_hand": (0.5, 0.16, 0.25)}, each=0.7),
        True,
    ),
    "lift the knees in turn": (
        to(
            {"right_leg": (80, 0, 90), "left_hand": (0.3, 0.15, 0.25)},
            {},
            {"left_leg": (80, 0, 90), "right_hand": (0.3, -0.15, 0.25)},
            {},
            each=0.35,
        ),
        True,
    ),
    "swing a leg": (to({"right_leg": (60, 0, 5)}, {"right_leg": (-35, 0, 15)}, each=0.5), True),
    "kick back on all fours": (to(FOURS, FOURS | {"right_leg": (-10, 0, 60)}, each=0.6), True),
    "swim on the front": (
        to(
            FRONT | {"right_hand": (-0.1, -0.2, 0.76), "left_leg": (-22, 0, 0)},
            FRONT | {"left_hand": (-0.1, 0.2, 0.76), "right_leg": (-22, 0, 0)},
            each=0.45,
        ),
        True,
    ),
    "hug the knees lying": (
        to(
            BACK,
            BACK
            | {
                "right_leg": (125, 0, 130),
                "left_leg": (125, 0, 130),
                "right_hand": (0.4, -0.1, -0.05),
                "left_hand": (0.4, 0.1, -0.05),
                "bend": 20,
            },
            each=0.9,
        ),
        True,
    ),
    "drop both knees to a side lying": (
        to(
            BACK | BENT,
            BACK | {"right_leg": (55, -40, 95), "left_leg": (55, 45, 95)},
            BACK | BENT,
            BACK | {"right_leg": (55, 45, 95), "left_leg": (55, -40, 95)},
            each=0.7,
        ),
        True,
    ),
}


def exercise(rng, keys, repeats):
    """Somebody alone on the floor, seen from any side, as often as this clip shows it."""
    movement = act(rng, keys)
    if rng.random() < 0.5:
        movement = movement.mirrored()
    # Who lies or sits stays where he is; the feet are what moves.
    movement = Movement(movement.root * [0.15, 0.15, 1], movement.joints, movement.times)
    movement = recut(rng, movement, *timeline(rng, movement.seconds, repeats))
    return Performance([movement.turned(rng.uniform(-np.pi, np.pi))], 0.3)


FLOOR = {name: partial(exercise, keys=keys, repeats=repeats) for name, (keys, repeats) in ROWS.items()}
