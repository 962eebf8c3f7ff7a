"""What two hands do with each other near the camera: wash, wring, clap, build, measure, count.

The first hand is the one on the viewer's right; its fingers mostly point up and to the left.
"""

import numpy as np

from .hand_motion import Deed, Pose
from .one_hand import AWAY, DOWN, UP, VIEWER, change, cycle

# Palms together, fingertips up; each hand's palm faces the other.
IN, OUT = (-1.0, 0, 0), (1.0, 0, 0)
FIRST, SECOND = Pose((0.018, 0, 0), UP, IN), Pose((-0.018, 0, 0), UP, OUT)
SLANT, TNALS = (-0.7, -0.1, 0.7), (0.7, -0.1, 0.7)
OVER = Pose((0.01, 0, 0.03), (-0.9, -0.3, 0.2), DOWN)  # flat, from the right, its palm down
UNDER = Pose((-0.01, 0, -0.005), (0.9, -0.3, 0.2), UP)  # flat, from the left, its palm up
FLAT = Pose((-0.01, 0, -0.005), (0.9, -0.3, 0.2), DOWN)  # flat, from the left, its back up


def at(pose, x=0.0, y=0.0, z=0.0):
    """The same pose, moved."""
    return pose.but(at=tuple(np.add(pose.at, (x, y, z))))


def still(pose):
    return ((0, pose), (1, pose))


def both(first, second, seconds=0.7, **how):
    """Each hand through its poses and back, evenly."""
    return Deed(cycle(*first), cycle(*second), seconds=seconds, **how)


def rub(first, second, way, seconds=0.6, **how):
    """The first hand to and fro along `way` (metres [3]) on the other, which gives a little."""
    way = np.array(way) / 2
    return both((at(first, *way), at(first, *-way)), (at(second, *-0.4 * way), at(second, *0.4 * way)), seconds, **how)


def turning(pose, radius, sense=1, plane=(0, 2), count=9, start=0.0):
    """Keys of a hand that goes round in a circle, `sense` +1 clockwise as the viewer sees it."""
    keys = []
    for i in range(count + 1):
        angle = sense * 2 * np.pi * i / count + start
        step = np.zeros(3)
        step[plane[0]], step[plane[1]] = radius * np.sin(angle), radius * np.cos(angle)
        keys.append((i / count, at(pose, *step)))
    return tuple(keys)


def rolling(sense):
    """The hands round each other, each before its owner."""
    first = turning(Pose((0.03, 0, 0), (-1, -0.1, 0), VIEWER, "fist"), 0.06, sense, (1, 2))
    second = turning(Pose((-0.03, 0, 0), (1, -0.1, 0), VIEWER, "fist"), 0.06, sense, (1, 2), start=np.pi)
    return Deed(first, second, seconds=0.7, sided=True)


def apart(pose, other, near, far, up=0.0):
    """Two hands from `near` to `far` metres about the middle, and keys for the way back."""
    first = (at(pose, near, 0, -up / 2), at(pose, far, 0, up / 2))
    second = (at(other, -near, 0, up / 2), at(other, -far, 0, -up / 2))
    return change(*first), change(*second)


def parting(pose, other, near, far, back=False, seconds=1.0):
    first, second = apart(pose, other, near, far)
    if back:
        first, second = (tuple((1 - time, key) for time, key in keys[::-1]) for keys in (first, second))
    return Deed(first, second, seconds=seconds, repeats=False, span=0.22)


LACED, DECAL = Pose((0.03, 0, 0), SLANT, IN, "open"), Pose((-0.03, 0, 0), TNALS, OUT, "open")
CUPPED, DEPPUC = Pose((0.045, 0, 0), SLANT, (-0.7, 0, 0.7), "bowl"), Pose((-0.045, 0, 0), TNALS, (0.7, 0, 0.7), "bowl")
FISTS = (
    Pose((0.0, 0, 0.045), (-0.9, -0.4, 0), (0, -0.2, -1), "fist"),
    Pose((0, 0, -0.045), (0.9, -0.4, 0), (0, -0.2, -1), "fist"),
)
GRIP = OVER.but(shape="bowl")
ACROSS = Pose((0.06, 0, 0), (-1, 0, 0.1), AWAY, "flat"), Pose((-0.06, 0, 0), (1, 0, 0.1), VIEWER, "flat")
DEEDS = {
    # washing
    "rub palm on palm": rub(OVER, UNDER, (0.09, 0, 0)),
    "rub palms in circles": Deed(turning(OVER, 0.035, plane=(0, 1)), still(UNDER), seconds=0.7),
    "rub the back of a hand": rub(OVER, FLAT, (0.09, 0, 0)),
    "rub between the fingers": rub(LACED, DECAL, (0.035, 0, 0.035)),
    "rub between the fingers from behind": rub(OVER.but(shape="open"), FLAT.but(shape="open"), (0.05, 0, 0)),
    "hook the fingers and rub": rub(
        Pose((0.02, 0, 0.02), (-1, 0, 0.2), VIEWER, "fist"),
        Pose((-0.02, 0, -0.02), (1, 0, 0.2), AWAY, "fist"),
        (0.05, 0, 0),
    ),
    "turn a thumb in the fist": Deed(
        cycle(
            Pose((0.03, 0, 0.05), (-0.9, -0.5, 0.3), (0, -0.3, -1), "fist"),
            Pose((0.03, 0, 0.05), (-0.9, 0.2, 0.3), (0.2, -1, -0.3), "fist"),
        ),
        still(Pose((-0.05, 0, -0.03), (0.7, -0.6, 0.1), (0.6, 0.6, 0), "thumb")),
        seconds=0.6,
    ),
    "turn the fingertips in the palm": Deed(
        turning(Pose((0.03, 0, 0.085), (-0.5, 0, -1), (-0.8, 0, 0.5), "beak"), 0.02, plane=(0, 1)),
        still(UNDER),
        seconds=0.6,
    ),
    "rub the wrist": rub(GRIP, at(FLAT, 0.09, 0, 0), (0.05, 0, 0)),
    "wring the hands": both(
        (GRIP, GRIP.but(palm=(0, -0.9, -0.5))),
        (UNDER.but(shape="bowl"), UNDER.but(shape="bowl", palm=(0, 0.9, 0.5))),
        0.8,
    ),
    "press soap out": both(
        (at(OVER, 0, 0, 0.08), at(OVER, 0, 0, 0.02)), (at(UNDER.but(shape="bowl"), 0, 0, -0.06),) * 2, 0.9
    ),
    "shake the hands dry": both(
        (
            Pose((0.07, 0, 0.03), (0, -0.6, 0.4), DOWN, "loose"),
            Pose((0.07, -0.03, -0.04), (0, -0.6, -0.8), (0, 0.6, -0.8), "open"),
        ),
        (
            Pose((-0.07, 0, 0.03), (0, -0.6, 0.4), DOWN, "loose"),
            Pose((-0.07, -0.03, -0.04), (0, -0.6, -0.8), (0, 0.6, -0.8), "open"),
        ),
        0.4,
    ),
    "rub the nails on the palm": rub(
        Pose((0.03, 0, 0.05), (-0.9, -0.3, -0.3), (-0.2, 0, -1), "claw"), UNDER, (0.06, 0, 0), 0.5
    ),
    "stroke along the forearm": rub(GRIP, at(FLAT, 0.12, 0, -0.02), (0.17, 0, 0), 1.0, span=0.22),
    "rinse under water": both(
        (at(CUPPED, 0, 0, 0.02), at(CUPPED.but(palm=(-0.9, 0, -0.3)), 0, 0, -0.02)),
        (at(DEPPUC, 0, 0, -0.02), at(DEPPUC.but(palm=(0.9, 0, -0.3)), 0, 0, 0.02)),
        1.1,
    ),
    # with each other
    "clap the hands": both((at(FIRST, 0.07), FIRST), (at(SECOND, -0.07), SECOND), 0.5),
    "slap the back of a hand": both((at(OVER, 0, 0, 0.12), OVER), (FLAT, FLAT), 0.7),
    "beat the fist into the palm": both(
        (Pose((0.03, 0, 0.13), (-0.9, -0.4, 0), DOWN, "fist"), Pose((0.0, 0, 0.035), (-0.9, -0.4, 0), DOWN, "fist")),
        (UNDER, UNDER),
        0.7,
    ),
    "stack the fists": Deed(
        (
            (0, FISTS[0]),
            (0.25, at(FISTS[0], 0.07, 0, 0)),
            (0.5, at(FISTS[0], 0.07, 0, -0.05)),
            (0.75, FISTS[1].but(fingers=(-0.9, -0.4, 0))),
            (1, FISTS[0]),
        ),
        still(FISTS[1]),
        seconds=1.3,
    ),
    "knock fists together": both(
        (Pose((0.11, 0, 0), (-1, -0.1, 0), VIEWER, "fist"), Pose((0.05, 0, 0), (-1, -0.1, 0), VIEWER, "fist")),
        (Pose((-0.11, 0, 0), (1, -0.1, 0), VIEWER, "fist"), Pose((-0.05, 0, 0), (1, -0.1, 0), VIEWER, "fist")),
        0.7,
    ),
    "lay the hands together": Deed(
        change(at(FIRST, 0.1), FIRST), change(at(SECOND, -0.1), SECOND), seconds=1.0, repeats=False
    ),
    "take the hands apart": Deed(
        change(FIRST, at(FIRST, 0.1)), change(SECOND, at(SECOND, -0.1)), seconds=1.0, repeats=False
    ),
    "fold the hands": Deed(
        change(at(LACED, 0.1), LACED.but(at=(0.03, 0, 0), shape="bent")),
        change(at(DECAL, -0.1), DECAL.but(shape="bent")),
        repeats=False,
    ),
    "unfold the hands": Deed(
        change(LACED.but(at=(0.03, 0, 0), shape="bent"), at(LACED, 0.1)),
        change(DECAL.but(shape="bent"), at(DECAL, -0.1)),
        repeats=False,
    ),
    "roll the fists forwards": rolling(1),
    "roll the fists backwards": rolling(-1),
    "cross the wrists": Deed(
        change(Pose((0.1, 0, 0), UP, VIEWER, "flat"), Pose((-0.04, -0.03, 0.02), (-0.6, 0, 0.8), VIEWER, "flat")),
        change(Pose((-0.1, 0, 0), UP, VIEWER, "flat"), Pose((0.04, 0.01, 0.02), (0.6, 0, 0.8), VIEWER, "flat")),
        repeats=False,
    ),
    "uncross the wrists": Deed(
        change(Pose((-0.04, -0.03, 0.02), (-0.6, 0, 0.8), VIEWER, "flat"), Pose((0.1, 0, 0), UP, VIEWER, "flat")),
        change(Pose((0.04, 0.01, 0.02), (0.6, 0, 0.8), VIEWER, "flat"), Pose((-0.1, 0, 0), UP, VIEWER, "flat")),
        repeats=False,
    ),
    "make a T": Deed(
        change(Pose((0.1, 0, 0.1), (-0.9, 0, 0.1), DOWN), Pose((0.01, 0, 0.075), (-1, 0, 0), DOWN)),
        change(Pose((-0.1, 0, -0.06), UP, OUT), Pose((0, 0, -0.035), UP, OUT)),
        repeats=False,
    ),
    "make a roof": Deed(
        change(Pose((0.12, 0, -0.04), UP, IN), Pose((0.055, 0, 0), (-0.65, 0, 0.75), (-0.75, 0, -0.65))),
        change(Pose((-0.12, 0, -0.04), UP, OUT), Pose((-0.055, 0, 0), (0.65, 0, 0.75), (0.75, 0, -0.65))),
        repeats=False,
    ),
    "open the hands like a book": Deed(
        change(FIRST, Pose((0.05, 0, 0), (0.3, 0, 1), VIEWER)),
        change(SECOND, Pose((-0.05, 0, 0), (-0.3, 0, 1), VIEWER)),
        repeats=False,
        seen_from=("front",),
    ),
    "close the hands like a book": Deed(
        change(Pose((0.05, 0, 0), (0.3, 0, 1), VIEWER), FIRST),
        change(Pose((-0.05, 0, 0), (-0.3, 0, 1), VIEWER), SECOND),
        repeats=False,
        seen_from=("front",),
    ),
    "show a length growing": parting(FIRST, SECOND, 0.02, 0.15),
    "show a length shrinking": parting(FIRST, SECOND, 0.02, 0.15, back=True),
    "tear apart": Deed(
        change(
            Pose((0.03, 0, 0), (-0.7, -0.6, 0.2), DOWN, "pinch"),
            Pose((0.09, 0.04, 0.04), (-0.7, -0.6, 0.2), DOWN, "pinch"),
        ),
        change(
            Pose((-0.03, 0, 0), (0.7, -0.6, 0.2), DOWN, "pinch"),
            Pose((-0.09, -0.04, -0.04), (0.7, -0.6, 0.2), DOWN, "pinch"),
        ),
        repeats=False,
        seconds=0.7,
    ),
    "twist a lid": Deed(
        cycle(
            Pose((0, 0, 0.06), (-0.7, -0.7, -0.2), DOWN, "claw"), Pose((0, 0, 0.06), (-0.1, -1.0, -0.2), DOWN, "claw")
        ),
        still(Pose((-0.01, 0, -0.07), (0.7, -0.6, 0), (0.6, -0.7, 0), "bowl")),
        seconds=0.8,
    ),
    "pull on a rope": Deed(
        cycle(
            Pose((0, -0.1, 0.05), (-0.9, -0.1, 0), DOWN, "fist"),
            Pose((0.02, 0.1, -0.05), (-0.9, -0.1, 0), DOWN, "fist"),
        ),
        cycle(
            Pose((0, 0.1, -0.05), (0.9, -0.1, 0), DOWN, "fist"), Pose((-0.02, -0.1, 0.05), (0.9, -0.1, 0), DOWN, "fist")
        ),
        seconds=1.0,
    ),
    "drum with both hands": both(
        (Pose((0.09, 0, 0.06), (-0.1, -0.9, 0.2), DOWN), Pose((0.09, 0, -0.04), (-0.1, -0.9, 0), DOWN)),
        (Pose((-0.09, 0, -0.04), (0.1, -0.9, 0), DOWN), Pose((-0.09, 0, 0.06), (0.1, -0.9, 0.2), DOWN)),
        0.5,
    ),
    "milk": both(
        (Pose((0.06, 0, 0.06), (-0.2, -0.9, 0), IN, "fist"), Pose((0.06, 0, -0.06), (-0.2, -0.9, 0), IN, "fist")),
        (Pose((-0.06, 0, -0.06), (0.2, -0.9, 0), OUT, "fist"), Pose((-0.06, 0, 0.06), (0.2, -0.9, 0), OUT, "fist")),
        0.9,
    ),
    "count on the fingers": Deed(
        tuple(
            (
                i / 7,
                Pose((0.075, -0.02, 0.0 + 0.02 * i), (-0.9, -0.2, 0.2), (0, 0, -1), "pinch" if i % 2 else "pinch open"),
            )
            for i in range(8)
        ),
        (
            (0, Pose((-0.05, 0, 0), (0.3, -0.1, 1), VIEWER, "fist")),
            (0.3, Pose((-0.05, 0, 0), (0.3, -0.1, 1), VIEWER, "two")),
            (0.65, Pose((-0.05, 0, 0), (0.3, -0.1, 1), VIEWER, "four")),
            (1, Pose((-0.05, 0, 0), (0.3, -0.1, 1), VIEWER, "open")),
        ),
        seconds=2.4,
        repeats=False,
    ),
    "tap the wrist": both(
        (
            Pose((0.06, 0, 0.1), (-0.9, 0, -0.4), (-0.4, 0, -0.9), "one"),
            Pose((0.05, 0, 0.05), (-0.9, 0, -0.4), (-0.4, 0, -0.9), "one"),
        ),
        (at(FLAT.but(shape="fist"), 0.06, 0, -0.04),) * 2,
        0.5,
    ),
    "draw the hand across the other": Deed(
        change(at(OVER, -0.08, 0, 0), at(OVER, 0.12, 0, 0.02)), still(UNDER), seconds=0.8, repeats=False
    ),
    "pinch the other hand": both(
        (
            Pose((0.05, 0, 0.06), (-0.8, -0.1, -0.6), (-0.5, 0, -0.8), "pinch open"),
            Pose((0.05, 0, 0.05), (-0.8, -0.1, -0.6), (-0.5, 0, -0.8), "pinch"),
        ),
        (FLAT, FLAT),
        0.7,
    ),
    "interlock the thumbs and flap": both(
        (
            ACROSS[0].but(at=(0.05, 0, 0), fingers=(0.9, 0, 0.5), palm=AWAY, shape="flat"),
            ACROSS[0].but(at=(0.05, 0, 0), fingers=(0.9, -0.2, -0.1), palm=AWAY, shape="bent"),
        ),
        (
            ACROSS[1].but(at=(-0.05, 0, 0), fingers=(-0.9, 0, 0.5), palm=AWAY, shape="flat"),
            ACROSS[1].but(at=(-0.05, 0, 0), fingers=(-0.9, -0.2, -0.1), palm=AWAY, shape="bent"),
        ),
        0.8,
    ),
    "climb hand over hand": Deed(
        turning(Pose((0.01, 0, 0), (-0.9, -0.3, 0), DOWN, "fist"), 0.07, 1, (1, 2)),
        turning(Pose((-0.01, 0, 0), (0.9, -0.3, 0), DOWN, "fist"), 0.07, 1, (1, 2), start=np.pi),
        seconds=1.1,
    ),
}
