"""Figures that somebody draws in the air with an arm, facing the viewer; other things that arms do again and again."""

from functools import partial

import numpy as np

from .cut import recut, timeline
from .everyday import beat
from .figures import CLOSED, TRACED
from .motion import stroke
from .people import Performance
from .people_actions import TOWARDS
from .poses import act


def performed(rng, keys, repeats, sided, spread=0.5):
    """Somebody who faces the viewer moves through keys, as often as this clip shows it."""
    movement = act(rng, keys)
    if not sided and rng.random() < 0.5:
        movement = movement.mirrored()
    movement = recut(rng, movement, *timeline(rng, movement.seconds, repeats))
    heading = TOWARDS + rng.uniform(-spread, spread)
    return Performance([movement.turned(heading)], 0.0, upper=bool(rng.random() < 0.6))


def traced(rng, figure):
    """An arm draws a figure; the viewer's right is on the left of who draws."""
    side = rng.choice([-1, 1])
    name = "right_hand" if side < 0 else "left_hand"
    points = np.array(TRACED[figure], float) * rng.uniform(0.2, 0.27, 2)
    where = [(0.36, 0.14 * side + right, 0.3 + up) for right, up in points]
    keys = [(time, {name: place}) for time, place in stroke(where, 0.0, 1.6, per_point=3)]
    if figure not in CLOSED or rng.random() < 0.5:  # the arm comes up before, and falls after
        keys = [(0, {}), *((time + 0.5, angles) for time, angles in keys), (2.6, {})]
        return performed(rng, keys, False, True, 0.35)
    return performed(rng, keys, True, True, 0.35)


def still(angles):
    return [(0, {}), (0.4, angles), (1.2, angles), (1.6, {})]


NEAR, FAR = (0.2, -0.16, 0.2), (0.52, -0.12, 0.28)
WIDE = {"right_hand": (0.15, -0.6, 0.25), "left_hand": (0.15, 0.6, 0.25)}
CROSSED = {"right_hand": (0.3, 0.16, 0.2), "left_hand": (0.33, -0.16, 0.24)}
# Keys, whether it repeats.
ARMS = {
    "cross the arms before the chest": (still(CROSSED), True),
    "swing the arms open and crossed": (beat(WIDE, CROSSED, 2, 0.35), True),
    "pull down with both arms": (
        beat(
            {"right_hand": (0.2, -0.25, 0.75), "left_hand": (0.2, 0.25, 0.75)},
            {"right_hand": (0.2, -0.3, 0.3), "left_hand": (0.2, 0.3, 0.3)},
            2,
            0.45,
        ),
        True,
    ),
    "press up with both arms": (
        beat(
            {"right_hand": (0.1, -0.26, 0.3), "left_hand": (0.1, 0.26, 0.3)},
            {"right_hand": (0.08, -0.2, 0.76), "left_hand": (0.08, 0.2, 0.76)},
            2,
            0.45,
        ),
        True,
    ),
    "row with both arms": (
        beat(
            {"right_hand": (0.52, -0.15, 0.15), "left_hand": (0.52, 0.15, 0.15)},
            {"right_hand": (0.12, -0.28, 0.1), "left_hand": (0.12, 0.28, 0.1)},
            2,
            0.45,
        ),
        True,
    ),
    "curl the arms": (
        beat(
            {"right_hand": (0.1, -0.22, -0.2), "left_hand": (0.1, 0.22, -0.2)},
            {"right_hand": (0.2, -0.2, 0.25), "left_hand": (0.2, 0.2, 0.25)},
            2,
            0.45,
        ),
        True,
    ),
    "raise the arms to the sides": (
        beat({}, {"right_hand": (0, -0.7, 0.27), "left_hand": (0, 0.7, 0.27)}, 2, 0.5),
        True,
    ),
    "raise the arms to the front": (
        beat({}, {"right_hand": (0.52, -0.18, 0.27), "left_hand": (0.52, 0.18, 0.27)}, 2, 0.5),
        True,
    ),
    "knock at a door": (beat({"right_hand": (0.3, -0.12, 0.32)}, {"right_hand": (0.42, -0.1, 0.3)}, 3, 0.2), True),
    "catch": (
        [
            (0, {}),
            (0.5, {"right_hand": (0.5, -0.1, 0.25), "left_hand": (0.5, 0.1, 0.25)}),
            (0.7, {"right_hand": (0.22, -0.08, 0.1), "left_hand": (0.22, 0.08, 0.1)}),
            (1.3, {"right_hand": (0.22, -0.08, 0.1), "left_hand": (0.22, 0.08, 0.1)}),
        ],
        False,
    ),
    "bowl a ball": (
        [
            (0, {}),
            (0.5, {"right_hand": (-0.4, -0.25, 0.1), "lean": 20, "left_leg": (30, 0, 30)}),
            (0.9, {"right_hand": (0.45, -0.1, 0.0), "lean": 35, "left_leg": (45, 0, 45)}),
            (1.2, {"right_hand": (0.4, 0.0, 0.5), "lean": 15}),
            (1.7, {}),
        ],
        False,
    ),
    "serve at tennis": (
        [
            (0, {}),
            (0.5, {"left_hand": (0.2, 0.15, 0.75), "right_hand": (-0.25, -0.3, 0.4), "nod": -25}),
            (0.8, {"right_hand": (0.1, -0.15, 0.78), "nod": -25}),
            (1.1, {"right_hand": (0.35, 0.2, -0.05), "bend": 25, "twist": 30}),
            (1.7, {}),
        ],
        False,
    ),
    "bat": (
        [
            (0, {"right_hand": (0.05, -0.35, 0.4), "left_hand": (0.15, -0.25, 0.36), "twist": -35}),
            (0.5, {"right_hand": (0.05, -0.35, 0.4), "left_hand": (0.15, -0.25, 0.36), "twist": -45}),
            (0.8, {"right_hand": (0.5, 0.0, 0.2), "left_hand": (0.5, 0.06, 0.2)}),
            (1.0, {"right_hand": (0.2, 0.4, 0.35), "left_hand": (0.15, 0.45, 0.35), "twist": 50}),
            (1.5, {"right_hand": (0.2, 0.4, 0.35), "left_hand": (0.15, 0.45, 0.35), "twist": 50}),
        ],
        False,
    ),
    "shoot at a basket": (
        [
            (0, {}),
            (0.5, {"right_hand": (0.25, -0.08, 0.3), "left_hand": (0.25, 0.08, 0.3), "squat": 20}),
            (0.9, {"right_hand": (0.25, -0.1, 0.74), "left_hand": (0.2, 0.12, 0.68)}),
            (1.2, {"right_hand": (0.35, -0.1, 0.66), "left_hand": (0.2, 0.14, 0.6)}),
            (1.7, {}),
        ],
        False,
    ),
    "wipe a window": (beat({"right_hand": (0.42, -0.4, 0.4)}, {"right_hand": (0.42, 0.1, 0.4)}, 3, 0.35), True),
    "saw": (beat({"right_hand": (0.15, -0.2, 0.0)}, {"right_hand": (0.45, -0.15, -0.05), "bend": 10}, 3, 0.3), True),
    "hammer": (beat({"right_hand": (0.2, -0.2, 0.5)}, {"right_hand": (0.42, -0.1, 0.05)}, 3, 0.3), True),
    "scratch the head": (
        beat({"right_hand": (0.06, -0.16, 0.55), "cock": -8}, {"right_hand": (0.02, -0.12, 0.6), "cock": -8}, 3, 0.2),
        True,
    ),
    "wipe the face": (beat({"right_hand": (0.17, -0.12, 0.4)}, {"right_hand": (0.17, 0.05, 0.42)}, 2, 0.3), True),
    "cover the ears": (still({"right_hand": (0.0, -0.16, 0.4), "left_hand": (0.0, 0.16, 0.4)}), True),
    "cough": (
        beat(
            {"right_hand": (0.2, 0.0, 0.33), "bend": 5},
            {"right_hand": (0.19, 0.0, 0.33), "bend": 25, "nod": 20},
            2,
            0.3,
        ),
        True,
    ),
    "put on a hat": (still({"right_hand": (0.05, -0.12, 0.6), "left_hand": (0.05, 0.12, 0.6)}), True),
    "look at a watch": (still({"left_hand": (0.28, -0.05, 0.25), "nod": 25}), True),
    "shrug": (still({"right_hand": (0.25, -0.45, 0.1), "left_hand": (0.25, 0.45, 0.1), "cock": 10}), True),
    "nod": (beat({"nod": 25}, {"nod": -8}, 3, 0.25), True),
    "shake the head": (beat({"shake": 35}, {"shake": -35}, 3, 0.25), True),
    "flap the arms": (
        beat(
            {"right_hand": (0, -0.6, 0.5), "left_hand": (0, 0.6, 0.5)},
            {"right_hand": (0, -0.5, 0.0), "left_hand": (0, 0.5, 0.0)},
            3,
            0.3,
        ),
        True,
    ),
    "swim": (
        [(0, {"right_hand": (0.5, -0.15, 0.35)})]
        + [
            (
                0.3 * i,
                {
                    "right_hand": (0.35 * np.cos(i * np.pi / 3) + 0.1, -0.25, 0.3 + 0.35 * np.sin(i * np.pi / 3)),
                    "left_hand": (
                        0.35 * np.cos((i + 3) * np.pi / 3) + 0.1,
                        0.25,
                        0.3 + 0.35 * np.sin((i + 3) * np.pi / 3),
                    ),
                },
            )
            for i in range(7)
        ][1:],
        True,
    ),
}
ARM_STROKES = {f"trace {name} with an arm": partial(traced, figure=name) for name in TRACED} | {
    name: partial(performed, keys=keys, repeats=repeats, sided=False) for name, (keys, repeats) in ARMS.items()
}
