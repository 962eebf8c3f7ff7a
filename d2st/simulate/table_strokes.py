"""Gestures of the hand and figures drawn in the air: each takes the clip's dice and look and writes a script."""

from functools import partial

import numpy as np

from .motion import stroke
from .script import UP, Reach, Writer

TURN = np.linspace(0, 2 * np.pi, 33)


def arc(start, end, count=17):
    """Points on the unit circle between two angles in degrees, anticlockwise from the right."""
    angles = np.radians(np.linspace(start, end, count))
    return np.stack([np.cos(angles), np.sin(angles)], -1)


# Figures as points (right, up) between -1 and 1, in the order they are drawn, as the viewer sees them.
FIGURES = {
    "swipe left": [(1, 0), (-1, 0)],
    "swipe right": [(-1, 0), (1, 0)],
    "swipe up": [(0, -1), (0, 1)],
    "swipe down": [(0, 1), (0, -1)],
    "draw a circle clockwise": arc(90, -270, 33),
    "draw a circle anticlockwise": arc(90, 450, 33),
    "draw a square clockwise": [(-1, 1), (1, 1), (1, -1), (-1, -1), (-1, 1)],
    "draw a square anticlockwise": [(1, 1), (-1, 1), (-1, -1), (1, -1), (1, 1)],
    "draw a triangle clockwise": [(0, 1), (1, -0.8), (-1, -0.8), (0, 1)],
    "draw a triangle anticlockwise": [(0, 1), (-1, -0.8), (1, -0.8), (0, 1)],
    "draw an L": [(-0.6, 1), (-0.6, -1), (0.7, -1)],
    "draw a V": [(-0.9, 1), (0, -1), (0.9, 1)],
    "draw a Z": [(-0.9, 1), (0.9, 1), (-0.9, -1), (0.9, -1)],
    "draw a cross": [(-0.9, 0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, -0.9)],
    "draw an S": np.concatenate([arc(30, 270) * [0.7, 0.5] + [0, 0.5], arc(90, -150) * [0.7, 0.5] - [0, 0.5]]),
    "draw a figure eight": np.stack([0.6 * np.sin(2 * TURN), np.cos(TURN)], -1),
    "draw a spiral outwards": arc(90, 90 - 900, 60) * np.linspace(0.1, 1, 60)[:, None],
    "draw a spiral inwards": arc(90, 90 - 900, 60)[::-1] * np.linspace(1, 0.1, 60)[:, None],
    "draw a bow to the left": arc(0, 180),
    "draw a bow to the right": arc(180, 0),
    "draw stairs up": [(-1, -1), (-0.3, -1), (-0.3, 0), (0.4, 0), (0.4, 1), (1, 1)],
    "draw stairs down": [(1, 1), (0.4, 1), (0.4, 0), (-0.3, 0), (-0.3, -1), (-1, -1)],
}


def draw(rng, look, figure):
    """A finger, an open hand or a thing in the hand draws a figure in the air."""
    w = Writer(rng, look)
    points = np.array(FIGURES[figure], float) * rng.uniform(0.15, 0.21, 2) @ rotation(rng.uniform(-0.15, 0.15))
    middle = w.spot(spread=0.04) + rng.uniform(0.3, 0.36) * UP
    points = middle + np.stack([points[:, 0], rng.uniform(-0.1, 0.1) * points[:, 1], points[:, 1]], -1)
    path = stroke(points, *w.moments(0.08, 0.92))
    if rng.random() < 0.4:
        w.carry(w.thing(points[0], lift=0.3), path, come=False, leave=False)
    else:
        manner = str(rng.choice(["point", "raised"]))
        w.script.reaches = [
            Reach(path, [(0, "point" if manner == "point" else str(rng.choice(["open", "two"])))], manner=manner)
        ]
        w.script.hand_needed = True
    w.script.span, w.script.centre = 0.44, (0, 0, 0.3)
    return w.script


def rotation(angle):
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def gesture(rng, look, manner, shapes, path=((0, (0, 0, 0)), (1, (0, 0, 0))), swing=None, height=0.24):
    """A hand alone: keys of its fingers (time, name), its way (time, metres [3]) and its swing (time, radians)."""
    w = Writer(rng, look)
    middle = w.spot() + [0, 0, height]
    size = rng.uniform(0.85, 1.2)
    w.script.reaches = [
        Reach(
            [(time, middle + size * np.array(step)) for time, step in path],
            list(shapes),
            manner=manner,
            swing=swing and [(time, size * angle) for time, angle in swing],
        )
    ]
    if rng.random() < 0.5:
        w.thing(w.spot(rng.choice([-0.3, 0.3]), 0.2), fixed=True)
    w.script.span, w.script.centre, w.script.hand_needed = 0.36, (0, 0, 0.26), True
    return w.script


def beats(count, low, high, start=0.05, end=0.95):
    """Keys that go between two values `count` times."""
    times = np.linspace(start, end, 2 * count + 1)
    return [(time, low if number % 2 == 0 else high) for number, time in enumerate(times)]


STROKES = {name: partial(draw, figure=name) for name in FIGURES} | {
    "wave": partial(gesture, manner="raised", shapes=[(0, "open")], swing=beats(3, -0.5, 0.5)),
    "open the hand": partial(gesture, manner="raised", shapes=[(0, "fist"), (0.3, "fist"), (0.65, "open")]),
    "close the hand": partial(gesture, manner="raised", shapes=[(0, "open"), (0.3, "open"), (0.65, "fist")]),
    "open and close the hand": partial(gesture, manner="raised", shapes=beats(3, "open", "fist")),
    "knock on the table": partial(
        gesture, manner="above", height=0.05, shapes=[(0, "fist")], path=beats(3, (0, 0, 0.16), (0, 0, 0))
    ),
    "tap with a finger": partial(
        gesture, manner="point", height=0.02, shapes=[(0, "point")], path=beats(3, (0, 0, 0.14), (0, 0, 0))
    ),
    "stroke the table": partial(
        gesture, manner="above", height=0.03, shapes=[(0, "flat")], path=beats(2, (-0.2, 0, 0), (0.2, 0, 0))
    ),
}
