"""Actions on the table with one thing: each takes the clip's dice and look and writes a script."""

from functools import partial

import numpy as np

from .motion import stroke
from .rotation import Y
from .script import AWAY, LEFT, NEAR, RIGHT, UP, Reach, Writer

BOXES = ("block", "brick", "carton", "book")


def push(rng, look, way):
    """A hand pushes a thing `way`."""
    w = Writer(rng, look)
    far = rng.uniform(0.2, 0.28)
    start = w.spot() - far * way
    number = w.thing(start, tilt=0.0)
    half = w.half(number)
    gap = (abs(half @ way) if w.script.things[number].solid == "box" else half[:2].max()) + 0.01
    w.shove(
        start - gap * way, start + (2 * far - gap) * way, way, w.moments(0.22, 0.88), min(0.75 * half[2] + 0.03, 0.12)
    )
    w.script.span = 0.5
    return w.script


def slide_and_back(rng, look, way):
    """A hand leads a thing `way` and back to where it was."""
    w = Writer(rng, look)
    start = w.spot() - rng.uniform(0.2, 0.28) * way
    number = w.thing(start)
    there = w.centre(number) + rng.uniform(0.45, 0.6) * way
    a, b, c = w.moments(0.15, 0.5, 0.87)
    w.carry(number, [(a, w.centre(number)), (b, there), (c, w.centre(number))])
    w.script.span = 0.54
    return w.script


def lift(rng, look, backwards=False):
    """A hand takes a thing and lifts it; backwards it puts a thing down."""
    w = Writer(rng, look)
    number = w.thing(w.spot(spread=0.12))
    a, b = w.moments(0.25, 0.85)
    high = w.centre(number) + rng.uniform([-0.06, -0.06, 0.26], [0.06, 0.06, 0.36])
    w.carry(number, [(a, w.centre(number)), (b, high)], leave=False)
    w.script.span, w.script.centre = 0.48, (0, 0, 0.29)
    return w.script.backwards() if backwards else w.script


def drop(rng, look):
    """A thing held up high falls."""
    w = Writer(rng, look)
    number = w.thing(w.spot())
    high = w.centre(number) + rng.uniform(0.32, 0.42) * UP
    a = float(rng.uniform(0.35, 0.5))
    w.carry(number, [(0, high + rng.uniform(-0.06, 0.02, 3)), (a, high)], come=False)
    w.script.pace = 0.6
    w.script.span, w.script.centre = 0.5, (0, 0, 0.29)
    return w.script


def toss(rng, look):
    """A hand throws a thing up and it falls back."""
    w = Writer(rng, look)
    number = w.thing(w.spot(), ("ball", "block", "soap", "lego", "can", "duck"))
    low = w.centre(number) + 0.05 * UP
    a = float(rng.uniform(0.2, 0.3))
    w.carry(number, [(0, low), (a, low + 0.1 * UP)], come=False)
    w.script.kicks = [(a + 0.01, number, rng.uniform(2.3, 2.8) * UP, rng.uniform(-5, 5, 3))]
    w.script.pace = 0.5
    w.script.span, w.script.centre = 0.46, (0, 0, 0.28)
    return w.script


def roll(rng, look, way):
    """A ball rolls `way`, sent off by a hand."""
    w = Writer(rng, look)
    start = w.spot() - rng.uniform(0.28, 0.34) * way
    number = w.thing(start, ("ball",))
    radius, a, speed = w.half(number)[2], float(rng.uniform(0.18, 0.26)), rng.uniform(0.36, 0.48)
    touch = w.centre(number) - (radius + 0.02) * way
    w.script.reaches = [
        Reach(
            [
                (0, touch - 0.16 * way),
                (a - 0.06, touch - 0.05 * way),
                (a, touch),
                (a + 0.12, touch - 0.05 * way),
                (1, touch - 0.15 * way + 0.05 * UP),
            ],
            [(0, "flat")],
            facing=way,
        )
    ]
    w.script.kicks = [(a, number, speed * way, np.cross(UP, speed * way) / radius)]
    return w.script


def spin(rng, look, sense):
    """A thing spins where it stands: sense +1 clockwise, -1 anticlockwise, seen from above."""
    w = Writer(rng, look)
    number = w.thing(w.spot(), ("book", "brick", "mug", "carton", "oddity", "lego", "duck"))
    centre, a = w.centre(number), float(rng.uniform(0.12, 0.22))
    angle, times = -sense * rng.uniform(1.2, 2.2) * 2 * np.pi, np.linspace(a, 0.95, 12)
    turns = [(t, angle * (1 - (1 - (t - a) / (0.95 - a)) ** 2)) for t in times]
    edge = centre + [0, -w.half(number)[1], 0]
    w.carry(number, [(0, centre), (1, centre)], come=False, leave=False, turns=turns, hidden=True)
    flick = -sense * 0.14 * RIGHT
    w.script.reaches.append(
        Reach(
            [
                (0, edge - flick + 0.05 * UP),
                (a, edge),
                (a + 0.1, edge + flick),
                (a + 0.25, edge + 3 * flick + 0.15 * UP),
                (1, edge + 6 * flick + 0.3 * UP),
            ],
            [(0, "flat")],
            manner="point",
        )
    )
    w.script.span = 0.36
    return w.script


def tip_over(rng, look):
    """A finger pushes a tall thing until it falls."""
    w = Writer(rng, look)
    way, start = w.either(), w.spot()
    number = w.thing(start, ("carton", "bottle"), tilt=0.0)
    half = w.half(number)
    touch = start - (half[0] + 0.005) * way
    w.shove(touch, touch + 2.4 * half[0] * way, way, w.moments(0.3, 0.65), 1.8 * half[2], leave=0.3)
    w.script.pace = 0.8
    w.script.span = 0.42
    return w.script


def set_upright(rng, look):
    """A hand takes a thing that lies and stands it up."""
    w = Writer(rng, look)
    way, start = w.either(), w.spot()
    number = w.thing(start, ("carton", "bottle", "can"), tilt=0.0)
    half, angle = w.half(number), np.pi / 2 * way[0]
    a, b, c, d = w.moments(0.22, 0.5, 0.72, 0.82)
    lying = start + [0, 0, half[0]]
    up = start + (half[2] + 0.06) * UP
    w.script.places[number] = (lying, w.script.places[number][1])
    w.carry(
        number,
        [(a, lying), (b, up), (c, up), (d, start + half[2] * UP)],
        turns=[(a, angle), (b, angle * 0.2), (c, 0.0)],
        axis=Y,
    )
    w.script.span = 0.42
    return w.script


def turn_upside_down(rng, look):
    """A hand lifts a thing, turns it upside down and puts it back."""
    w = Writer(rng, look)
    number = w.thing(w.spot(), ("mug", "cup", "cone", "bottle", "duck", "teddy"))
    centre, high = w.centre(number), w.centre(number) + rng.uniform(0.2, 0.3) * UP
    a, b, c, d = w.moments(0.18, 0.38, 0.65, 0.84)
    w.carry(
        number,
        [(a, centre), (b, high), (c, high), (d, centre)],
        turns=[(b - 0.05, 0.0), (c, np.pi * w.either()[0])],
        axis=Y,
    )
    w.script.span, w.script.centre = 0.44, (0, 0, 0.22)
    return w.script


def circle(rng, look, sense):
    """A hand leads a thing round in a circle on the table: sense +1 clockwise from above."""
    w = Writer(rng, look)
    middle, radius, begin = w.spot(spread=0.03), rng.uniform(0.22, 0.3), rng.uniform(0, 2 * np.pi)
    angles = begin - sense * np.linspace(0, 2 * np.pi * rng.uniform(1.0, 1.3), 40)
    ring = middle + radius * np.stack([np.cos(angles), np.sin(angles), 0 * angles], -1)
    number = w.thing(ring[0])
    w.carry(number, stroke(ring + [0, 0, w.half(number)[2]], *w.moments(0.14, 0.86)))
    return w.script


def wander(rng, look, way, hop):
    """A thing goes `way` in hops, or in a zigzag over the table."""
    w = Writer(rng, look)
    x = np.linspace(-1, 1, 49) * way[0] * rng.uniform(0.3, 0.36)
    count = rng.integers(3, 5)
    bumps = (
        np.abs(np.sin(np.linspace(0, np.pi * count, 49)))
        if hop
        else np.abs((np.linspace(0, count, 49) + 0.5) % 2 - 1) * 2 - 1
    )
    size = rng.uniform(0.12, 0.18)
    way_points = np.stack([x, 0 * x if hop else size * bumps, size * bumps if hop else 0 * x], -1) + w.spot(spread=0.03)
    number = w.thing(way_points[0])
    begin, end = w.moments(0.14, 0.88)
    w.carry(number, stroke(way_points + [0, 0, w.half(number)[2]], begin, end, per_point=1))
    return w.script


def bring_in(rng, look, backwards=False):
    """A hand brings a thing in and leaves it; backwards it takes a thing away."""
    w = Writer(rng, look)
    number = w.thing(w.spot(spread=0.1))
    centre, outside = w.centre(number), w.either() * rng.uniform(1.0, 1.2) + rng.uniform(0.05, 0.3) * UP
    a, b = w.moments(0.55, 0.68)
    w.carry(number, [(0, centre + outside), (a, centre + 0.06 * UP), (b, centre)], come=False)
    w.script.reaches[0].path[-1] = (1, centre + 0.9 * outside + 0.1 * UP)
    w.script.span = 0.42
    return w.script.backwards() if backwards else w.script


def approach(rng, look, backwards=False):
    """A thing comes up to the camera; backwards it goes away from it."""
    w = Writer(rng, look)
    number = w.thing(w.spot(0, 0.35))
    a, b = w.moments(0.2, 0.85)
    w.carry(number, [(a, w.centre(number)), (b, w.spot(0, -0.55) + rng.uniform(0.35, 0.5) * UP)], leave=False)
    w.script.span, w.script.centre = 0.44, (0, 0.1, 0.22)
    return w.script.backwards() if backwards else w.script


def shake(rng, look, along, count, size):
    """A thing held up goes to and fro along a direction."""
    w = Writer(rng, look)
    number = w.thing(w.spot())
    middle = w.centre(number) + rng.uniform(0.16, 0.26) * UP
    times = np.linspace(0.08, 0.95, 2 * int(rng.integers(count, count + 3)))
    keys = [(0, middle)] + [(t, middle + size * rng.uniform(0.8, 1.2) * along * (-1) ** i) for i, t in enumerate(times)]
    w.carry(number, keys, come=False, leave=False)
    w.script.span, w.script.centre = 0.4, (0, 0, 0.26)
    return w.script


def rock(rng, look):
    """A thing held up tilts from side to side."""
    w = Writer(rng, look)
    number = w.thing(w.spot(), ("bottle", "carton", "mug", "book", "teddy", "brick", "cone"))
    middle = w.centre(number) + rng.uniform(0.14, 0.24) * UP
    times = np.linspace(0.05, 0.95, 2 * int(rng.integers(2, 4)))
    turns = [(0, 0.0)] + [(t, rng.uniform(0.6, 0.9) * (-1) ** i) for i, t in enumerate(times)]
    w.carry(number, [(0, middle), (1, middle + 0.02 * UP)], come=False, leave=False, turns=turns, axis=Y)
    w.script.span, w.script.centre = 0.38, (0, 0, 0.24)
    return w.script


def poke(rng, look):
    """A finger touches a thing, twice perhaps, and nothing happens."""
    w = Writer(rng, look)
    way, start = w.either(), w.spot()
    number = w.thing(start, fixed=True)
    touch = start - (w.half(number)[0] + 0.01) * way + w.half(number)[2] * UP
    back = touch - rng.uniform(0.12, 0.2) * way + 0.03 * UP
    times = w.moments(0.3, 0.45, 0.62, 0.75) if rng.random() < 0.5 else w.moments(0.42, 0.58)
    keys = [(t, touch if i % 2 == 0 else back) for i, t in enumerate(times)]
    w.script.reaches = [
        Reach(
            [(0, back - 0.12 * way + 0.1 * UP), *keys, (1, back - 0.1 * way + 0.1 * UP)], [(0, "point")], manner="point"
        )
    ]
    w.script.span, w.script.hand_needed = 0.42, True
    return w.script


MOVES = {
    "push left": partial(push, way=LEFT),
    "push right": partial(push, way=RIGHT),
    "push away": partial(push, way=AWAY),
    "pull near": partial(push, way=NEAR),
    "slide left and back": partial(slide_and_back, way=LEFT),
    "slide right and back": partial(slide_and_back, way=RIGHT),
    "lift up": lift,
    "put down": partial(lift, backwards=True),
    "drop": drop,
    "toss up": toss,
    "roll left": partial(roll, way=LEFT),
    "roll right": partial(roll, way=RIGHT),
    "roll away": partial(roll, way=AWAY),
    "roll near": partial(roll, way=NEAR),
    "spin clockwise": partial(spin, sense=1),
    "spin anticlockwise": partial(spin, sense=-1),
    "tip over": tip_over,
    "set upright": set_upright,
    "turn upside down": turn_upside_down,
    "circle clockwise": partial(circle, sense=1),
    "circle anticlockwise": partial(circle, sense=-1),
    "hop left": partial(wander, way=LEFT, hop=True),
    "hop right": partial(wander, way=RIGHT, hop=True),
    "zigzag left": partial(wander, way=LEFT, hop=False),
    "zigzag right": partial(wander, way=RIGHT, hop=False),
    "bring in": bring_in,
    "take away": partial(bring_in, backwards=True),
    "approach the camera": approach,
    "leave the camera": partial(approach, backwards=True),
    "shake": partial(shake, along=RIGHT, count=4, size=0.07),
    "bob up and down": partial(shake, along=UP, count=2, size=0.11),
    "rock from side to side": rock,
    "poke": poke,
}
