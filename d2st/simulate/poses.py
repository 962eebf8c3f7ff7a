"""Movements posed by hand: a pose is a dict of angles and hand places, a movement a list of (seconds, pose).

Angles are in degrees. `lean` tips the trunk forward at the hips over standing legs, `bend`, `side` and `twist` bend
it in the back (forward, to the left, to the left), `nod`, `shake` and `cock` turn the head (down, to the left, to
the left shoulder), `squat` bends both legs, `right_leg` and `left_leg` are (forward, outward, knee), `heading` turns
the whole body to the left, `tilt` tips it forward. `right_hand` and `left_hand` are places in metres from the middle
of the back: (forward, left, up). `lift` is how high the feet are above the ground, in metres.
"""

import numpy as np

from .motion import soften
from .rotation import IDENTITY, X, Y, Z, blend, compose, frame, inverse, rotate, turn
from .skeleton import INDEX, JOINTS, OFFSET, SOLE, Movement, stand

RATE = 30  # poses a second
UPPER_ARM, FOREARM = 0.275, 0.259


def reach(hand, side):
    """Rotation of the shoulder and bend of the elbow (radians) that bring the wrist to `hand` [3].

    `side` is -1 for the right arm and 1 for the left. The elbow hangs outward and down.
    """
    way = np.asarray(hand, float) - OFFSET[INDEX["left shoulder" if side > 0 else "right shoulder"]]
    far = np.clip(np.linalg.norm(way), 0.08, 0.995 * (UPPER_ARM + FOREARM))
    bend = np.pi - np.arccos(np.clip((UPPER_ARM**2 + FOREARM**2 - far**2) / (2 * UPPER_ARM * FOREARM), -1, 1))
    elbow = np.array([0, 0, -UPPER_ARM])
    wrist = elbow + rotate(turn(-Y, bend), np.array([0, 0, -FOREARM]))
    outward = np.array([-0.5, 0.6 * side, -0.8])
    return compose(frame(way, outward), inverse(frame(wrist, elbow))), bend


def pose(
    lean=0,
    bend=0,
    side=0,
    twist=0,
    nod=0,
    shake=0,
    cock=0,
    squat=0,
    heading=0,
    tilt=0,
    lift=0,
    right_hand=None,
    left_hand=None,
    right_leg=(0, 0, 0),
    left_leg=(0, 0, 0),
):
    """Joint rotations [15, 4] of a pose, see above."""
    joints = np.tile(IDENTITY, (len(JOINTS), 1))
    degrees = np.radians
    joints[INDEX["root"]] = compose(turn(Z, degrees(heading)), turn(Y, degrees(lean + tilt)))
    joints[INDEX["chest"]] = compose(turn(Z, degrees(twist)), turn(X, degrees(-side)), turn(Y, degrees(bend)))
    joints[INDEX["neck"]] = compose(turn(Z, degrees(shake)), turn(X, degrees(-cock)), turn(Y, degrees(nod)))
    for name, sign, hand, leg in (("right", -1, right_hand, right_leg), ("left", 1, left_hand, left_leg)):
        if hand is None:
            shoulder, elbow = compose(turn(X, degrees(7 * sign)), turn(-Y, degrees(4))), degrees(14)
        else:
            shoulder, elbow = reach(hand, sign)
        joints[INDEX[f"{name} shoulder"]], joints[INDEX[f"{name} elbow"]] = shoulder, turn(-Y, elbow)
        forward, outward, knee = leg
        joints[INDEX[f"{name} hip"]] = compose(
            turn(X, degrees(sign * (outward + 3))), turn(-Y, degrees(lean + squat + forward))
        )
        joints[INDEX[f"{name} knee"]] = turn(-Y, degrees(-2 * squat - knee))
        joints[INDEX[f"{name} ankle"]] = compose(
            turn(-Y, degrees(squat + knee - forward)), turn(X, degrees(-sign * (outward + 3)))
        )
    return joints


def vary(rng, keys):
    """The same movement as another person would make it: other sizes, places and speeds."""
    share: dict = {}
    shift: dict = {}
    pace = rng.uniform(0.85, 1.3)
    varied = []
    for time, angles in keys:
        new = {}
        for name, value in angles.items():
            if name.endswith("hand") and value is not None:
                new[name] = np.asarray(value) + shift.setdefault(name, rng.normal(0, 0.03, 3))
            elif name in ("heading", "lift"):
                new[name] = value
            elif value is not None:
                new[name] = np.asarray(value) * share.setdefault(name, rng.uniform(0.85, 1.12))
        varied.append((time * pace, new))
    return varied


def act(rng, keys):
    """The movement through keys [(seconds, pose)], soft at every key, feet on the ground, never quite still."""
    keys = vary(rng, keys)
    times = np.arange(0, keys[-1][0] + 1 / RATE, 1 / RATE)
    poses = np.stack([pose(**angles) for _, angles in keys])
    moments = np.array([time for time, _ in keys])
    after = np.clip(np.searchsorted(moments, times, side="right"), 1, len(keys) - 1)
    share = soften((times - moments[after - 1]) / (moments[after] - moments[after - 1]))
    joints = blend(poses[after - 1], poses[after], share[:, None] * np.ones(len(JOINTS)))
    sway = 0.03 * np.sin(
        2 * np.pi * times[:, None] / rng.uniform(1.5, 4, len(JOINTS)) + rng.uniform(0, 6.28, len(JOINTS))
    )
    sway[
        :, [INDEX[name] for name in JOINTS if "hip" in name or "knee" in name or "ankle" in name or name == "root"]
    ] = 0
    joints = compose(joints, turn(rng.normal(size=3), sway))
    lifts = np.array([angles.get("lift", 0) for _, angles in keys])
    lift = lifts[after - 1] + share * (lifts[after] - lifts[after - 1])
    return planted(Movement(np.zeros((len(times), 3)), joints, times), lift)


def planted(movement, lift):
    """Moves the root so that the feet keep their place and the lowest point is `lift` [N] above the ground."""
    places, _ = stand(movement)
    feet = (places[:, INDEX["right ankle"]] + places[:, INDEX["left ankle"]]) / 2
    feet[:, 2] = places[..., 2].min(axis=1) - SOLE - lift
    return Movement(movement.root - feet, movement.joints, movement.times)
