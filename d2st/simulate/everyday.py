"""Everyday movements, posed: name -> keys (seconds, pose) for a body that faces forward."""

import numpy as np

UP_RIGHT, UP_LEFT = (0.03, -0.2, 0.75), (0.03, 0.2, 0.75)
OUT_RIGHT, OUT_LEFT = (0.0, -0.7, 0.25), (0.0, 0.7, 0.25)
AHEAD_RIGHT, AHEAD_LEFT = (0.5, -0.16, 0.22), (0.5, 0.16, 0.22)
LOW_RIGHT, LOW_LEFT = (0.28, -0.12, -0.12), (0.28, 0.12, -0.12)
SITTING = {
    "squat": 0,
    "right_leg": (88, 4, 88),
    "left_leg": (88, 4, 88),
    "right_hand": (0.3, -0.14, -0.12),
    "left_hand": (0.3, 0.14, -0.12),
}
KNEELING = {"right_leg": (5, 2, 92), "left_leg": (5, 2, 92)}
STOOPED = {
    "lean": 60,
    "bend": 28,
    "squat": 42,
    "nod": -15,
    "right_hand": (0.46, -0.13, 0.06),
    "left_hand": (0.46, 0.13, 0.06),
}
CARRYING = {"right_hand": (0.3, -0.13, 0.02), "left_hand": (0.3, 0.13, 0.02)}


def change(before, after, seconds=1.0, still=0.35):
    """From one pose to another."""
    return [(0, before), (still, before), (still + seconds, after), (2 * still + seconds, after)]


def visit(*poses, each=0.5, still=0.25):
    """From standing through those poses and back."""
    return (
        [(0, {}), (still, {})]
        + [(still + each * (i + 1), angles) for i, angles in enumerate(poses)]
        + [(still + each * (len(poses) + 1), {}), (2 * still + each * (len(poses) + 1), {})]
    )


def beat(first, second, count=3, each=0.28, start=0.4):
    """From standing to and fro between two poses, and back to standing."""
    keys = [(0, {})] + [(start + each * i, (first, second)[i % 2]) for i in range(2 * count)]
    return keys + [(2 * start + each * (2 * count - 1), {})]


def hold(angles, come=0.5, stay=0.8):
    """Into a pose, stay in it, and back."""
    return [
        (0, {}),
        (0.2, {}),
        (0.2 + come, angles),
        (0.2 + come + stay, angles),
        (0.2 + 2 * come + stay, {}),
        (0.4 + 2 * come + stay, {}),
    ]


def wheel(sense, count=2):
    """Both arms round and round beside the body."""
    keys: list[tuple[float, dict]] = [(0, {})]
    for i in range(8 * count + 1):
        angle = sense * i * np.pi / 4 - np.pi / 2
        x, z = 0.48 * np.cos(angle), 0.24 + 0.48 * np.sin(angle)
        keys.append((0.4 + 0.13 * i, {"right_hand": (x, -0.28, z), "left_hand": (x, 0.28, z)}))
    return keys + [(keys[-1][0] + 0.4, {})]


def reversed_keys(keys):
    end = keys[-1][0]
    return [(end - time, angles) for time, angles in keys[::-1]]


KEYS = {
    "raise the right arm": change({}, {"right_hand": UP_RIGHT}),
    "raise both arms": change({}, {"right_hand": UP_RIGHT, "left_hand": UP_LEFT}),
    "spread the arms": change(
        {"right_hand": AHEAD_RIGHT, "left_hand": AHEAD_LEFT}, {"right_hand": OUT_RIGHT, "left_hand": OUT_LEFT}
    ),
    "fold the arms": change({}, {"right_hand": (0.2, 0.12, 0.12), "left_hand": (0.24, -0.12, 0.07)}),
    "wave with one hand": beat({"right_hand": (0.12, -0.42, 0.58)}, {"right_hand": (0.12, -0.1, 0.66)}),
    "wave with both arms": beat(
        {"right_hand": (0.05, -0.45, 0.58), "left_hand": (0.05, 0.45, 0.58)},
        {"right_hand": (0.05, -0.03, 0.73), "left_hand": (0.05, 0.03, 0.73)},
    ),
    "clap": beat(
        {"right_hand": (0.36, -0.22, 0.2), "left_hand": (0.36, 0.22, 0.2)},
        {"right_hand": (0.38, -0.03, 0.2), "left_hand": (0.38, 0.03, 0.2)},
        4,
        0.2,
    ),
    "clap overhead": beat(
        {"right_hand": OUT_RIGHT, "left_hand": OUT_LEFT},
        {"right_hand": (0.05, -0.03, 0.76), "left_hand": (0.05, 0.03, 0.76)},
        3,
        0.3,
    ),
    "point to the right": hold({"right_hand": OUT_RIGHT, "shake": -50}),
    "point forward": hold({"right_hand": (0.52, -0.1, 0.3)}),
    "point up": hold({"right_hand": (0.12, -0.2, 0.77), "nod": -35}),
    "bow": visit({"lean": 55, "bend": 20, "nod": 15}, {"lean": 57, "bend": 20, "nod": 15}, each=0.6),
    "touch the toes": visit(
        {"lean": 85, "bend": 45, "right_hand": (0.36, -0.1, 0.54), "left_hand": (0.36, 0.1, 0.54)}, each=0.9
    ),
    "squat": visit({"squat": 55, "lean": 25, "right_hand": AHEAD_RIGHT, "left_hand": AHEAD_LEFT}, each=0.8),
    "sit down": change({}, SITTING, 1.1),
    "kneel down": [
        (0, {}),
        (0.3, {}),
        (0.9, {"right_leg": (5, 2, 92), "left_leg": (80, 2, 82), "lean": 8}),
        (1.5, KNEELING),
        (1.9, KNEELING),
    ],
    "pick up": [(0, {}), (0.25, {}), (1.0, STOOPED), (1.25, STOOPED), (2.0, CARRYING), (2.3, CARRYING)],
    "lift overhead": change(CARRYING, {"right_hand": (0.1, -0.13, 0.7), "left_hand": (0.1, 0.13, 0.7), "nod": -15}),
    "bend to the right": visit(
        {"side": -40, "cock": -15, "left_hand": (0.05, -0.05, 0.74)}, {"side": -42, "left_hand": (0.05, -0.05, 0.74)}
    ),
    "twist to and fro": beat(
        {"twist": 60, "shake": 25, "right_hand": (0.35, 0.02, 0.15), "left_hand": (0.25, 0.2, 0.15)},
        {"twist": -60, "shake": -25, "right_hand": (0.25, -0.2, 0.15), "left_hand": (0.35, -0.02, 0.15)},
        2,
        0.5,
    ),
    "salute": hold({"right_hand": (0.16, -0.13, 0.42)}),
    "drink": [
        (0, {}),
        (0.2, {}),
        (0.8, {"right_hand": (0.2, -0.06, 0.33)}),
        (1.1, {"right_hand": (0.17, -0.04, 0.38), "nod": -30}),
        (1.6, {"right_hand": (0.17, -0.04, 0.38), "nod": -30}),
        (2.1, {}),
        (2.3, {}),
    ],
    "take a phone call": hold({"right_hand": (0.03, -0.14, 0.41), "cock": -12}, stay=1.2),
    "put hands on hips": change({}, {"right_hand": (0.02, -0.24, -0.14), "left_hand": (0.02, 0.24, -0.14)}, 0.7),
    "throw": [
        (0, {}),
        (0.25, {}),
        (0.8, {"right_hand": (-0.25, -0.35, 0.5), "twist": -35, "left_hand": AHEAD_LEFT, "right_leg": (-12, 0, 5)}),
        (1.05, {"right_hand": (0.45, -0.05, 0.4), "twist": 30, "bend": 15}),
        (1.25, {"right_hand": (0.3, 0.15, -0.1), "twist": 40, "bend": 25, "left_leg": (15, 0, 5)}),
        (1.8, {}),
        (2.0, {}),
    ],
    "push forward": visit(
        {"right_hand": (0.15, -0.18, 0.18), "left_hand": (0.15, 0.18, 0.18)},
        {"right_hand": AHEAD_RIGHT, "left_hand": AHEAD_LEFT, "lean": 14},
        {"right_hand": AHEAD_RIGHT, "left_hand": AHEAD_LEFT, "lean": 14},
    ),
    "beckon": beat({"right_hand": (0.45, -0.14, 0.2)}, {"right_hand": (0.2, -0.14, 0.36)}, 3, 0.3),
    "circle the arms forwards": wheel(-1),
    "circle the arms backwards": wheel(1),
    "jumping jack": [(0, {})]
    + [
        (
            0.2 + 0.3 * i,
            ({}, {"right_hand": UP_RIGHT, "left_hand": UP_LEFT, "right_leg": (0, 24, 0), "left_leg": (0, 24, 0)})[
                i % 2
            ],
        )
        for i in range(7)
    ],
    "hop on one leg": [(0, {})]
    + [
        (
            0.25 + 0.22 * i,
            {
                "right_leg": (20, 0, 95),
                "squat": (8, 0)[i % 2],
                "lift": (0.0, 0.13)[i % 2],
                "right_hand": (0.1, -0.5, 0.1),
                "left_hand": (0.1, 0.5, 0.1),
            },
        )
        for i in range(9)
    ],
    "raise a knee": hold(
        {"right_leg": (95, 0, 95), "right_hand": (0.1, -0.55, 0.15), "left_hand": (0.1, 0.55, 0.15)}, 0.5, 0.7
    ),
    "march on the spot": [(0, {})]
    + [
        (
            0.3 * i + 0.3,
            (
                {"right_leg": (75, 0, 75), "left_hand": (0.32, 0.16, 0.1)},
                {"left_leg": (75, 0, 75), "right_hand": (0.32, -0.16, 0.1)},
            )[i % 2],
        )
        for i in range(7)
    ]
    + [(2.5, {})],
    "lunge": visit(
        {"right_leg": (62, 0, 62), "left_leg": (-28, 0, 30)},
        {"right_leg": (64, 0, 64), "left_leg": (-28, 0, 30)},
        each=0.65,
    ),
    "kick forward": [
        (0, {}),
        (0.3, {}),
        (0.65, {"right_leg": (-25, 0, 60), "left_hand": AHEAD_LEFT}),
        (0.9, {"right_leg": (85, 0, 8), "lean": -8, "right_hand": (-0.1, -0.4, 0.1)}),
        (1.3, {}),
        (1.5, {}),
    ],
    "golf swing": [
        (0, {}),
        (0.4, {"lean": 25, "right_hand": LOW_RIGHT, "left_hand": (0.28, -0.05, -0.12)}),
        (1.1, {"lean": 20, "twist": -65, "right_hand": (0.05, -0.3, 0.6), "left_hand": (0.1, -0.25, 0.58)}),
        (1.4, {"lean": 25, "right_hand": LOW_RIGHT, "left_hand": (0.28, -0.05, -0.12)}),
        (1.75, {"lean": 8, "twist": 75, "right_hand": (0.1, 0.25, 0.58), "left_hand": (0.05, 0.3, 0.6)}),
        (2.2, {"lean": 8, "twist": 75, "right_hand": (0.1, 0.25, 0.58), "left_hand": (0.05, 0.3, 0.6)}),
    ],
    "stretch": hold(
        {"right_hand": (0.0, -0.06, 0.78), "left_hand": (0.0, 0.06, 0.78), "bend": -18, "nod": -25}, 0.7, 0.6
    ),
    "turn round to the left": [(0, {}), (0.3, {})]
    + [
        (
            0.3 + 0.3 * (i + 1),
            {"heading": 45 * (i + 1), ("left_leg", "right_leg")[i % 2]: (20, 0, 35) if i < 3 else (0, 0, 0)},
        )
        for i in range(4)
    ]
    + [(1.8, {"heading": 180})],
    "climb": beat(
        {"right_hand": UP_RIGHT, "left_hand": (0.3, 0.18, 0.15), "left_leg": (60, 0, 70)},
        {"left_hand": UP_LEFT, "right_hand": (0.3, -0.18, 0.15), "right_leg": (60, 0, 70)},
        3,
        0.4,
    ),
}
# Each is another movement run from its end.
REVERSED = {
    "lower the right arm": "raise the right arm",
    "lower both arms": "raise both arms",
    "close the arms": "spread the arms",
    "unfold the arms": "fold the arms",
    "stand up": "sit down",
    "rise from the knees": "kneel down",
    "put down on the floor": "pick up",
    "take down": "lift overhead",
    "take hands off hips": "put hands on hips",
}
# Each is another movement with left and right changed over.
MIRRORED = {
    "raise the left arm": "raise the right arm",
    "lower the left arm": "lower the right arm",
    "point to the left": "point to the right",
    "bend to the left": "bend to the right",
    "turn round to the right": "turn round to the left",
}
