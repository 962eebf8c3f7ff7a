"""What one hand does near the camera: signs, calls, presses, turns, and figures drawn in the air."""

import numpy as np

from .figures import CLOSED, TRACED
from .hand_motion import Deed, Pose
from .motion import stroke

UP, DOWN, LEFT, RIGHT = (0, 0, 1.0), (0, 0, -1.0), (-1.0, 0, 0.05), (1.0, 0, 0.05)
VIEWER, AWAY = (0, -1.0, 0), (0, 1.0, 0)
AHEAD = (0.05, -0.9, 0.3)  # to the viewer and a little up

REST = Pose((0, 0.03, -0.06), (0, -0.35, 1.0), VIEWER, "loose")
HAND = Pose()  # upright, its palm to the viewer


def cycle(*poses):
    """Through those poses and back to the first, evenly."""
    return tuple((i / len(poses), pose) for i, pose in enumerate((*poses, poses[0])))


def change(first, last, still=0.2):
    """From one pose to another."""
    return ((0, first), (still, first), (1 - still, last), (1, last))


def show(shape, fingers=UP, palm=VIEWER):
    """A sign comes up, stays, and goes."""
    sign = Pose((0, 0, 0.02), fingers, palm, shape)
    return Deed(((0, REST), (0.28, sign), (0.72, sign), (1, REST)), seconds=1.8)


def again(*poses, seconds=0.7, **how):
    return Deed(cycle(*poses), seconds=seconds, **how)


def once(*poses, seconds=1.0, **how):
    keys = tuple((i / (len(poses) - 1), pose) for i, pose in enumerate(poses))
    return Deed(keys, seconds=seconds, repeats=False, **how)


def tilted(angle, shape="open", at=(0, 0, 0), palm=VIEWER):
    """Upright, tilted in the picture by `angle` degrees to the right."""
    return Pose(at, (np.sin(np.radians(angle)), 0, np.cos(np.radians(angle))), palm, shape)


def rolled(angle, shape, fingers=AHEAD):
    """Fingers as said, rolled by `angle` degrees about them; at 0 the palm faces down."""
    side = np.cross(fingers, DOWN)
    palm = np.cos(np.radians(angle)) * np.array(DOWN) + np.sin(np.radians(angle)) * side
    return Pose((0, 0, 0), fingers, tuple(palm), shape)


def round_about(radius, shape, sense, fingers=UP, palm=VIEWER, flat=False, count=9):
    """Once round a circle as the viewer sees it (`sense` +1 is clockwise), or round a level one."""
    angles = np.linspace(0, 2 * np.pi, count + 1) * sense
    where = [(radius * np.sin(a), radius * np.cos(a) * flat, radius * np.cos(a) * (not flat)) for a in angles]
    return tuple((i / count, Pose(at, fingers, palm, shape)) for i, at in enumerate(where))


def drawn(figure, closed=False):
    """A hand draws a figure in the air, once and again."""
    points = np.array(figure, float) * 0.11
    places = stroke(np.stack([points[:, 0], 0 * points[:, 0], points[:, 1]], -1), 0.0, 1.0, per_point=4)
    return Deed(
        tuple((time, Pose(tuple(place - [0, 0, 0.07]), (0, -0.5, 1.0), VIEWER, "one")) for time, place in places),
        seconds=1.6,
        repeats=closed,
        sided=True,
        span=0.21,
    )


def counted(*shapes):
    """Signs one after another, each for a moment."""
    count = len(shapes)
    keys = []
    for i, shape in enumerate(shapes):
        keys += [(i / count, tilted(0, shape)), ((i + 0.7) / count, tilted(0, shape))]
    return Deed((*keys[:-1], (1.0, keys[-1][1])), seconds=0.75 * count, repeats=False)


CURLED, FIST, POINT = HAND.but(shape="hook"), HAND.but(shape="fist"), HAND.but(shape="one")
PALM_UP = Pose((0, 0, 0), (0, -0.6, 0.8), (0, -0.8, -0.6), "flat")
SIGNS = {
    "show one finger": "one", "show two fingers": "two", "show four fingers": "four", "show an open hand": "open",
    "show a fist": "fist", "show horns": "horns", "show thumb and finger": "thumb and one",
    "show the little finger": "little", "show crossed fingers": "closed two", "show a claw": "claw",
    "show three fingers": "three", "show a ring": "ring", "show thumb and little finger": "thumb and little",
}  # fmt: skip
DEEDS = (
    {name: show(shape) for name, shape in SIGNS.items()}
    | {f"trace {name} with a finger": drawn(points, name in CLOSED) for name, points in TRACED.items()}
    | {
        "open the fist": once(FIST, FIST, HAND.but(shape="open"), HAND.but(shape="open")),
        "close the fist": once(HAND.but(shape="open"), HAND.but(shape="open"), FIST, FIST),
        "open and close the fist": again(FIST, HAND.but(shape="open"), seconds=0.8),
        "count up": counted("fist", "one", "two", "three", "four", "open"),
        "count down": counted("open", "four", "three", "two", "one", "fist"),
        "pinch with two fingers": again(tilted(-30, "pinch"), tilted(-30, "pinch open")),
        "talk with the hand": again(
            Pose((0, 0, 0), LEFT, (0.3, -0.4, -1.0), "beak"),
            Pose((0, 0, 0), LEFT, (0.3, -0.4, -1.0), "beak open"),
            seconds=0.5,
        ),
        "cut with two fingers": again(tilted(-40, "closed two"), tilted(-40, "two"), seconds=0.5),
        "beckon with the hand": again(
            PALM_UP, PALM_UP.but(shape="bent"), PALM_UP.but(shape="fist"), PALM_UP.but(shape="bent")
        ),
        "beckon with one finger": again(PALM_UP.but(shape="one"), PALM_UP.but(shape="hook")),
        "bend and stretch two fingers": again(HAND.but(shape="two"), HAND.but(shape="fist"), seconds=0.6),
        "flutter the fingers": again(
            HAND.but(shape="open"), HAND.but(shape="claw"), HAND.but(shape="loose"), seconds=0.5
        ),
        "shake a finger": again(tilted(-28, "one", (-0.03, 0, 0)), tilted(28, "one", (0.03, 0, 0)), seconds=0.6),
        "nod with a finger": again(POINT, Pose((0, -0.03, -0.03), AHEAD, (0, -0.3, -0.9), "one"), seconds=0.6),
        "thumb up": Deed(
            change(
                Pose((0, 0, -0.16), (0.5, -0.8, 0), (-0.8, -0.5, 0), "fist"),
                Pose((0, 0, 0), (0.5, -0.8, 0), (-0.8, -0.5, 0), "thumb"),
            ),
            repeats=False,
            seconds=1.1,
            sided=True,
        ),
        "thumb down": Deed(
            change(
                Pose((0, 0, 0.14), (0.5, -0.8, 0), (0.8, 0.5, 0), "fist"),
                Pose((0, 0, 0), (0.5, -0.8, 0), (0.8, 0.5, 0), "thumb"),
            ),
            repeats=False,
            seconds=1.1,
            sided=True,
        ),
        "hold up a palm": Deed(
            change(
                Pose((0, 0.1, -0.14), (0, 0.3, 1), (0, -1, 0.3), "loose"),
                Pose((0, -0.06, 0.02), UP, VIEWER, "flat"),
                0.3,
            ),
            repeats=False,
            seconds=1.0,
        ),
        "push with the palm": again(Pose((0, 0.1, 0)), Pose((0, -0.14, 0)), seconds=0.9),
        "pat down": again(Pose((0, 0, 0.07), AHEAD, DOWN), Pose((0, 0, -0.05), AHEAD, DOWN), seconds=0.6),
        "lift up with the palm": again(Pose((0, 0, -0.07), AHEAD, UP), Pose((0, 0, 0.07), AHEAD, UP), seconds=0.9),
        "chop": again(
            Pose((0, 0, 0.09), (0.3, -0.8, 0.7), (1.0, 0.3, 0)),
            Pose((0, -0.03, -0.06), (0.3, -0.9, -0.1), (1.0, 0.3, 0)),
            seconds=0.6,
        ),
        "rock the hand": again(rolled(-35, "open"), rolled(35, "open"), seconds=0.6),
        "turn the palm up": Deed(change(rolled(0, "flat"), rolled(-175, "flat")), repeats=False),
        "turn the palm down": Deed(change(rolled(-175, "flat"), rolled(0, "flat")), repeats=False),
        "turn the hand round": again(
            HAND.but(shape="open"),
            Pose((0, 0, 0), UP, (-1, 0, 0), "open"),
            Pose((0, 0, 0), UP, AWAY, "open"),
            Pose((0, 0, 0), UP, (-1, 0, 0), "open"),
            seconds=1.4,
        ),
        "turn a knob clockwise": Deed(
            ((0, tilted(-50, "claw")), (0.6, tilted(60, "claw")), (1, tilted(60, "claw", (0, 0.1, 0)))),
            repeats=False,
            sided=True,
        ),
        "turn a knob anticlockwise": Deed(
            ((0, tilted(60, "claw")), (0.6, tilted(-50, "claw")), (1, tilted(-50, "claw", (0, 0.1, 0)))),
            repeats=False,
            sided=True,
        ),
        "roll the hand clockwise": Deed(round_about(0.055, "loose", 1), sided=True, seconds=0.9, span=0.19),
        "roll the hand anticlockwise": Deed(round_about(0.055, "loose", -1), sided=True, seconds=0.9, span=0.19),
        "stir": Deed(round_about(0.06, "beak", 1, DOWN, VIEWER, flat=True), seconds=0.8),
        "grasp and pull": once(
            Pose((0, -0.12, 0.02), shape="open"),
            Pose((0, -0.12, 0.02), shape="fist"),
            Pose((0, 0.12, -0.03), shape="fist"),
        ),
        "let go and push": once(
            Pose((0, 0.12, -0.03), shape="fist"),
            Pose((0, -0.12, 0.02), shape="fist"),
            Pose((0, -0.12, 0.02), shape="open"),
        ),
        "grasp and lift": once(
            Pose((0, 0, -0.1), DOWN, VIEWER, "beak open"),
            Pose((0, 0, -0.1), DOWN, VIEWER, "beak"),
            Pose((0, 0, 0.1), DOWN, VIEWER, "beak"),
        ),
        "set down and let go": once(
            Pose((0, 0, 0.1), DOWN, VIEWER, "beak"),
            Pose((0, 0, -0.1), DOWN, VIEWER, "beak"),
            Pose((0, 0, -0.1), DOWN, VIEWER, "beak open"),
        ),
        "snap the fingers": Deed(
            (
                (0, tilted(-10, "snap")),
                (0.5, tilted(-10, "snap")),
                (0.58, tilted(15, "snapped")),
                (0.75, tilted(15, "snapped")),
                (1, tilted(-10, "snap")),
            ),
            seconds=0.7,
        ),
        "flick a finger away": Deed(
            (
                (0, tilted(-60, "pinch")),
                (0.45, tilted(-60, "pinch")),
                (0.55, tilted(-60, "one")),
                (0.8, tilted(-60, "one")),
                (1, tilted(-60, "pinch")),
            ),
            seconds=0.8,
        ),
        "press a button": again(
            Pose((0, 0.08, 0), AHEAD, DOWN, "one"), Pose((0, -0.06, 0), AHEAD, DOWN, "one"), seconds=0.8
        ),
        "knock with the knuckles": again(
            Pose((0, 0.03, 0.03), (0, 0.2, 1), VIEWER, "fist"),
            Pose((0, -0.06, -0.02), (0, -0.8, 0.6), (0, -0.6, -0.8), "fist"),
            seconds=0.45,
        ),
        "shake the fist": again(
            Pose((0, 0.02, 0.05), (0, -0.2, 1), (0.8, -0.5, 0), "fist"),
            Pose((0, -0.05, -0.04), (0, -0.6, 0.8), (0.8, -0.5, 0), "fist"),
            seconds=0.5,
        ),
        "type on keys": again(
            Pose((0, 0, 0.01), AHEAD, DOWN, "bowl"),
            Pose((0.03, 0, -0.01), AHEAD, DOWN, "claw"),
            Pose((-0.02, 0, 0.01), AHEAD, DOWN, "loose"),
            Pose((0, 0, -0.01), AHEAD, DOWN, "claw"),
            seconds=0.6,
        ),
        "throw with the fingers": once(
            Pose((0, 0.06, -0.04), (0, 0.5, 0.8), VIEWER, "beak"),
            Pose((0, -0.06, 0.04), (0, -0.5, 0.8), VIEWER, "open"),
            seconds=0.6,
        ),
        "point a finger to the left": Deed(
            change(REST, Pose((0, 0, 0), LEFT, (0, -1, 0), "one")), repeats=False, sided=True
        ),
        "point a finger to the right": Deed(
            change(REST, Pose((0, 0, 0), RIGHT, (0, -1, 0), "one")), repeats=False, sided=True
        ),
        "point a finger up": Deed(change(REST, POINT), repeats=False),
        "point a finger down": Deed(change(REST, Pose((0, 0, 0), DOWN, VIEWER, "one")), repeats=False),
        "point at the viewer": Deed(
            change(REST, Pose((0, -0.05, 0), (0.05, -1, 0.1), DOWN, "one")), repeats=False, seen_from=("front",)
        ),
        "spread two fingers apart": once(tilted(-30, "pinch"), tilted(-30, "pinch open")),
        "bring two fingers together": once(tilted(-30, "pinch open"), tilted(-30, "pinch")),
        "write": again(
            Pose((-0.03, 0, 0), (-0.4, -0.6, -0.4), (-0.5, 0.2, -0.8), "pinch"),
            Pose((0, 0, 0.015), (-0.4, -0.6, -0.4), (-0.5, 0.2, -0.8), "pinch"),
            Pose((0.03, 0, -0.01), (-0.4, -0.6, -0.4), (-0.5, 0.2, -0.8), "pinch"),
            seconds=0.9,
        ),
        "wave the hand": again(tilted(-28, "open"), tilted(28, "open"), seconds=0.6),
        "wave with the fingers": again(HAND.but(shape="flat"), HAND.but(shape="bent"), seconds=0.6),
    }
)
