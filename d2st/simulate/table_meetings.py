"""Actions on the table with several things: each takes the clip's dice and look and writes a script."""

from functools import partial

import numpy as np

from .motion import stroke
from .rotation import X, Y, turn
from .script import LEFT, RIGHT, UP, Reach, Writer

FLAT = ("block", "brick", "book", "can", "puck", "soap")


def arc(start, end, height, times):
    """Keys from `start` to `end` [3] in a bow of that height between two times."""
    share = np.linspace(0, 1, 13)[:, None]
    points = start + share * (end - start) + np.sin(np.pi * share) * height * UP
    begin, end = times
    return stroke(points, begin, end, per_point=1)


def apart(rng, look, backwards=False):
    """Two things move apart; backwards they come together."""
    w = Writer(rng, look)
    for way in (RIGHT, LEFT):
        start = w.spot(spread=0.02)
        number = w.thing(start, tilt=0.1)
        near = w.centre(number) + (w.half(number)[0] + 0.01) * way
        a, b = w.moments(0.2, 0.8, spread=0.02)
        w.script.places[number] = (near, w.script.places[number][1])
        w.carry(number, [(a, near), (b, near + rng.uniform(0.24, 0.3) * way)])
    w.script.span = 0.52
    return w.script.backwards() if backwards else w.script


def swap(rng, look):
    """Two things change places, one in front of the other."""
    w = Writer(rng, look)
    sense = 1 if rng.random() < 0.5 else -1
    numbers = [w.thing(w.spot(side * 0.26, spread=0.03)) for side in (1, -1)]
    ends = [w.centre(number) for number in numbers]
    a, b = w.moments(0.16, 0.85, spread=0.02)
    for number, begin, end, side in zip(numbers, ends, ends[::-1], (1, -1), strict=True):
        share = np.linspace(0, 1, 13)[:, None]
        end = end * [1, 1, 0] + begin * [0, 0, 1]
        points = begin + share * (end - begin) + np.sin(np.pi * share) * np.array([0, side * sense * 0.2, 0])
        w.carry(number, stroke(points, a, b, per_point=1))
    w.script.span = 0.52
    return w.script


def pass_by(rng, look, depth):
    """A thing passes another: in front of it (depth -1), behind it (+1) or over it (0)."""
    w = Writer(rng, look)
    way = w.either()
    other = w.thing(w.spot(spread=0.03), ("carton", "can", "block", "brick") if depth <= 0 else ("carton",))
    start = w.spot(0, depth * 0.2, 0.02) - rng.uniform(0.3, 0.36) * way
    number = w.thing(start)
    times = w.moments(0.15, 0.87)
    end = w.centre(number) + rng.uniform(0.6, 0.7) * way
    height = 0 if depth else 2 * w.half(other)[2] + 0.12
    w.carry(number, arc(w.centre(number), end, height, times))
    w.script.span, w.script.centre = 0.52, (0, 0, 0.14 if depth else 0.22)
    return w.script


def collide(rng, look):
    """A thing is sent into another, which gives way."""
    w = Writer(rng, look)
    way = w.either()
    target = w.thing(w.spot() + 0.06 * way, ("can", "carton", "block", "ball", "bottle"))
    start = w.centre(target) * [1, 1, 0] - 0.42 * way
    number = w.thing(start, ("ball", "puck", "brick"))
    half, a = w.half(number), float(rng.uniform(0.2, 0.3))
    speed = rng.uniform(1.3, 1.6) * (1.0 if w.script.things[number].solid == "ball" else 1.6)
    w.script.things[target].mass = 0.12
    touch = w.centre(number) - (half[0] + 0.02) * way
    w.script.reaches = [
        Reach(
            [(0, touch - 0.2 * way), (a, touch), (a + 0.08, touch + 0.05 * way), (1, touch - 0.1 * way)],
            [(0, "flat")],
            facing=way,
        )
    ]
    w.script.kicks = [(a, number, speed * way, np.zeros(3))]
    w.script.pace = 0.7
    return w.script


def stack(rng, look, backwards=False):
    """A thing is put on top of another; backwards it is taken off."""
    w = Writer(rng, look)
    side = w.either()
    under = w.thing(w.spot(spread=0.04) - 0.12 * side, FLAT[:3], tilt=0.15, fixed=True)
    number = w.thing(w.spot(spread=0.03) + rng.uniform(0.24, 0.32) * side, FLAT, tilt=0.15)
    on = w.centre(under) * [1, 1, 0] + (2 * w.half(under)[2] + w.half(number)[2]) * UP
    a, b, c = w.moments(0.2, 0.7, 0.8)
    w.carry(number, [*arc(w.centre(number), on + 0.05 * UP, 0.16, (a, b)), (c, on)])
    w.script.span, w.script.centre = 0.48, (0, 0, 0.2)
    return w.script.backwards() if backwards else w.script


def beside(rng, look):
    """A thing is brought through the air and put next to another."""
    w = Writer(rng, look)
    side = w.either()
    other = w.thing(w.spot(spread=0.04) - 0.1 * side, tilt=0.15, fixed=True)
    number = w.thing(w.spot(spread=0.03) + 0.42 * side, tilt=0.15)
    gap = w.half(other)[0] + w.half(number)[0] + 0.03
    end = w.centre(other) * [1, 1, 0] + gap * side + w.half(number)[2] * UP
    a, b = w.moments(0.18, 0.8)
    w.carry(number, arc(w.centre(number), end, 0.14, (a, b)))
    w.script.span, w.script.centre = 0.5, (0, 0, 0.18)
    return w.script


def put_in(rng, look, backwards=False):
    """A thing is put into a bowl; backwards it is taken out."""
    w = Writer(rng, look)
    side = w.either()
    bowl = w.thing(w.spot(spread=0.04) - 0.14 * side, ("bowl", "pot"), fixed=True)
    number = w.thing(w.spot(spread=0.03) + rng.uniform(0.26, 0.32) * side, ("ball", "lego", "block", "soap", "duck"))
    rim = w.centre(bowl) + (w.half(bowl)[2] + w.half(number)[2] + 0.05) * UP
    inside = w.centre(bowl) * [1, 1, 0] + (w.half(number)[2] + 0.02) * UP
    a, b, c = w.moments(0.2, 0.62, 0.8)
    w.carry(number, [*arc(w.centre(number), rim, 0.12, (a, b)), (c, inside)])
    w.script.span, w.script.centre = 0.5, (0, 0, 0.2)
    return w.script.backwards() if backwards else w.script


def cover(rng, look, backwards=False):
    """A cup is put over a thing; backwards it is taken off."""
    w = Writer(rng, look)
    side = w.either()
    w.thing(w.spot(spread=0.04) - 0.1 * side, ("marble", "pellet"), fixed=True)
    cup = w.thing(w.spot(spread=0.03) + rng.uniform(0.26, 0.32) * side, ("cup", "pot"), fixed=True)
    w.script.things[cup].solid = None
    w.script.places[cup] = (w.centre(cup), turn(X, np.pi))
    over = w.centre(0) * [1, 1, 0] + w.half(cup)[2] * UP
    a, b, c = w.moments(0.2, 0.6, 0.8)
    w.carry(cup, [*arc(w.centre(cup), over + 0.2 * UP, 0.06, (a, b)), (c, over)])
    w.script.span, w.script.centre = 0.5, (0, 0, 0.2)
    return w.script.backwards() if backwards else w.script


def hide(rng, look, backwards=False):
    """A thing goes behind a screen; backwards it comes out again."""
    w = Writer(rng, look)
    side = w.either()
    w.thing(w.spot(-0.14 * side[0], -0.04, 0.02), ("screen",), tilt=0.08, fixed=True)
    start = w.spot(0, 0.12, 0.03) + rng.uniform(0.3, 0.36) * side
    number = w.thing(start)
    end = w.centre(number) - 0.46 * side + [0, 0.05, 0]
    w.carry(number, [(t, p) for t, p in zip(w.moments(0.18, 0.82), (w.centre(number), end), strict=True)])
    w.script.span = 0.5
    return w.script.backwards() if backwards else w.script


def push_off(rng, look):
    """A thing is pushed over the edge of a platform and falls."""
    w = Writer(rng, look)
    way = w.either()
    base = w.thing(w.spot(spread=0.02) - 0.16 * way, ("platform",), tilt=0.0, fixed=True)
    top, edge = 2 * w.half(base)[2], w.half(base)[0]
    start = w.centre(base) * [1, 1, 0] + 0.02 * way
    number = w.thing(start, ("block", "soap", "can", "mug", "lego", "brick", "duck"), lift=top, tilt=0.0)
    gap = w.half(number)[0] + 0.01
    w.shove(start - gap * way, start + (edge + 0.03) * way, way, w.moments(0.25, 0.7), top + 0.06)
    w.script.span, w.script.centre = 0.5, (0, 0, 0.2)
    return w.script


def roll_down(rng, look):
    """A ball rolls down a ramp."""
    w = Writer(rng, look)
    way, slope = w.either(), rng.uniform(0.3, 0.42)
    ramp = w.thing(w.spot(spread=0.02) - 0.1 * way, ("ramp",), tilt=0.0, fixed=True)
    half = w.half(ramp)
    height = half[0] * np.sin(slope)
    w.script.places[ramp] = (w.centre(ramp) * [1, 1, 0] + height * UP, turn(Y, slope * way[0]))
    number = w.thing((0, 0), ("ball",))
    top = (
        w.centre(ramp)
        - 0.8 * half[0] * np.cos(slope) * way
        + (0.8 * height + half[2] + 1.05 * w.half(number)[2] / np.cos(slope)) * UP
    )
    w.script.places[number] = (top, w.script.places[number][1])
    w.carry(number, [(0, top), (float(rng.uniform(0.2, 0.3)), top)], come=False)
    w.script.pace = 0.55
    w.script.span, w.script.centre = 0.5, (0, 0, 0.2)
    return w.script


def knock_down(rng, look):
    """A hand strikes a tower, which falls."""
    w = Writer(rng, look)
    way, start = w.either(), w.spot()
    lift = 0.0
    for _ in range(3):
        number = w.thing(start, ("block", "can", "carton"), lift=lift, tilt=0.1)
        lift += 2 * w.half(number)[2]
    gap = w.half(0)[0] + 0.12
    w.shove(
        start - gap * way,
        start + 0.16 * way,
        way,
        w.moments(0.34, 0.52, spread=0.03),
        rng.uniform(0.5, 0.7) * lift,
        leave=0.25,
    )
    w.script.pace = 0.8
    w.script.span, w.script.centre = 0.56, (0, 0, 0.3)
    return w.script


def pour(rng, look):
    """A cup is tilted and what is in it falls out."""
    w = Writer(rng, look)
    way = w.either()
    cup = w.thing(w.spot() - 0.12 * way, ("cup",), tilt=0.0, fixed=True)
    w.script.things[cup].solid = None
    high = w.centre(cup) + rng.uniform(0.22, 0.28) * UP
    a, b = w.moments(0.12, 0.55)
    w.carry(
        cup, [(0, high), (1, high + 0.02 * UP)], come=False, leave=False, turns=[(a, 0.0), (b, 2.1 * way[0])], axis=Y
    )
    mouth = high + w.half(cup)[2] * 1.2 * (0.86 * way - 0.5 * UP)
    for late in np.arange(4) * 0.05:
        drop = w.thing(high, ("pellet", "lump"))
        inside = high + rng.uniform(-0.02, 0.02, 3) - 0.3 * w.half(cup)[2] * UP
        w.script.places[drop] = (inside, w.script.places[drop][1])
        w.carry(
            drop, [(0, inside), (b - 0.2 + late, inside), (b - 0.05 + late, mouth)], come=False, throw=0.5, hidden=True
        )
    w.script.span, w.script.centre = 0.46, (0, 0, 0.22)
    return w.script


def sweep(rng, look):
    """A hand sweeps several small things aside."""
    w = Writer(rng, look)
    way = w.either()
    for row, column in rng.permutation([(i, j) for i in range(3) for j in range(2)])[: int(rng.integers(4, 7))]:
        w.thing(w.spot(0.14 * column - 0.1, 0.12 * row - 0.12, 0.015), ("marble", "pellet", "lump"))
    w.shove(
        w.spot(spread=0.02) - 0.32 * way, w.spot(spread=0.02) + 0.3 * way, way, w.moments(0.3, 0.75), 0.05, width=0.44
    )
    return w.script


MEETINGS = {
    "move apart": apart,
    "bring together": partial(apart, backwards=True),
    "swap": swap,
    "pass in front": partial(pass_by, depth=-1),
    "pass behind": partial(pass_by, depth=1),
    "pass over": partial(pass_by, depth=0),
    "collide": collide,
    "stack": stack,
    "unstack": partial(stack, backwards=True),
    "put beside": beside,
    "put in": put_in,
    "take out": partial(put_in, backwards=True),
    "cover": cover,
    "uncover": partial(cover, backwards=True),
    "hide behind": hide,
    "come out from behind": partial(hide, backwards=True),
    "push off the edge": push_off,
    "roll down a ramp": roll_down,
    "knock down a tower": knock_down,
    "pour out": pour,
    "sweep aside": sweep,
}
