"""The actions of people: each takes the clip's dice and gives a performance."""

from functools import partial

import numpy as np

from . import meshes, textures
from .everyday import KEYS, MIRRORED, REVERSED, reversed_keys
from .people import Extra, Performance
from .poses import act
from .skeleton import Movement, capture, facing

RIGHT, LEFT, TOWARDS, AWAY = 0.0, np.pi, -np.pi / 2, np.pi / 2  # headings on the stage
EITHER_SIDE = np.array([RIGHT, LEFT])
OBJECT = ("pick up", "put down on the floor", "lift overhead", "take down")


def centred(movement):
    """The movement with the middle of its way in the middle of the stage."""
    low, high = movement.root.min(0), movement.root.max(0)
    return movement.turned(0.0, -(low + high) / 2 * [1, 1, 0])


def at_pace(rng, movement, start=0.0, stop=1.0):
    """A part of the movement, faster or slower."""
    moments = np.linspace(start, stop, max(24, int(movement.seconds * 40))) * movement.seconds
    part = movement.at(moments)
    return Movement(part.root, part.joints, (part.times - part.times[0]) / rng.uniform(0.8, 1.25))


def headed(rng, movement, heading, follow, mirror=True):
    """A performance of one person who heads that way, give or take; sometimes with left and right changed over."""
    if mirror and rng.random() < 0.5:
        movement = movement.mirrored()
    return Performance([centred(movement.turned(heading + rng.uniform(-0.35, 0.35)))], follow)


def captured(rng, name, backwards=False, headings=EITHER_SIDE, part=(0.0, 1.0), follow=0.6):
    """A motion capture, forwards or backwards."""
    movement = at_pace(rng, capture(name), *part)
    if backwards:
        movement = movement.backwards()
    return headed(rng, movement, rng.choice(headings), follow)


def stride(rng, name, seconds=2.2):
    """Walking or running straight along x for about that long."""
    cycle = capture(name)
    count = int(np.ceil(1.4 * seconds / cycle.seconds)) + 1
    movement, start = cycle.repeated(count), rng.uniform(0, cycle.seconds)
    return at_pace(
        rng,
        Movement(movement.root, movement.joints, movement.times),
        start / movement.seconds,
        (start + seconds) / movement.seconds,
    )


def travel(rng, name, heading, backwards=False):
    """Walking or running across the stage; the camera goes along a little."""
    movement = stride(rng, name, 1.0 if name == "run" else 2.2)
    if backwards:
        movement = movement.backwards()
    return headed(rng, movement, heading if np.isscalar(heading) else rng.choice(heading), rng.uniform(0.2, 0.6))


def bent(movement, headings):
    """The same stride along a way that turns: `headings` [N] in radians at every frame."""
    steps = np.diff(movement.root, axis=0, prepend=movement.root[:1])
    cosine, sine = np.cos(headings), np.sin(headings)
    steps = np.stack(
        [steps[:, 0] * cosine - steps[:, 1] * sine, steps[:, 0] * sine + steps[:, 1] * cosine, steps[:, 2]], -1
    )
    turned = movement.turned(headings)
    return Movement(np.cumsum(steps, axis=0) + [0, 0, 1] * movement.root[:1], turned.joints, movement.times)


def walk_round(rng, sense):
    """Walking round in a circle: sense +1 anticlockwise from above."""
    movement = stride(rng, "walk", 4.2)
    around = sense * np.linspace(0, 2 * np.pi * rng.uniform(0.9, 1.1), len(movement.times))
    return Performance([centred(bent(movement, rng.uniform(-np.pi, np.pi) + around))], 0.1)


def walk_back(rng):
    """Walking off, turning round and coming back."""
    movement = stride(rng, "walk", 3.6)
    turning = np.pi * np.clip((np.linspace(0, 1, len(movement.times)) - 0.42) / 0.16, 0, 1) * rng.choice([-1, 1])
    return Performance([centred(bent(movement, rng.choice(EITHER_SIDE) + rng.uniform(-0.4, 0.4) + turning))], 0.1)


def on_the_spot(rng, name):
    """Walking or running without getting anywhere."""
    movement = capture(name).in_place().repeated(3 if name == "run" else 2)
    return headed(rng, at_pace(rng, movement), rng.uniform(-np.pi, np.pi), 0.0)


def everyday(rng, name, heading=TOWARDS, spread=0.75):
    """A posed movement, facing the viewer more or less; with a chair or a box where it needs one."""
    base = MIRRORED.get(name, name)
    keys = reversed_keys(KEYS[REVERSED[base]]) if base in REVERSED else KEYS[base]
    movement = act(rng, keys)
    one_sided = name in MIRRORED or name in MIRRORED.values() or "round to" in name
    if name in MIRRORED or (not one_sided and rng.random() < 0.5):
        movement = movement.mirrored()
    movement = movement.turned(heading + rng.uniform(-spread, spread))
    performance = Performance([movement], 0.0)
    if base in ("sit down", "stand up"):
        performance.extras = chair(rng, movement)
    if base in OBJECT:
        # The box is taken and put down at the moment when the hands are lowest.
        held = {"pick up": (0, 0.48, 1), "put down on the floor": (0, 0, 0.52)}.get(base, (0, 0, 1))
        edge = rng.uniform(0.22, 0.3)
        box = meshes.box(edge, edge, rng.uniform(0.18, 0.28))
        performance.extras = [Extra(box, textures.colour(rng), holders=(held,))]
    return performance


def chair(rng, movement):
    """A chair behind a person who sits down at the end, or gets up: its seat and back."""
    heading = facing(movement.joints[0, 0])
    seated = movement.root[np.argmin(movement.root[:, 2])]
    colour, high, wide = textures.colour(rng, (0.1, 0.8), (0.3, 0.9)), seated[2] - 0.12, rng.uniform(0.42, 0.55)
    back = seated + 0.26 * np.array([-np.cos(heading), -np.sin(heading), 0])
    return [
        Extra(meshes.box(wide, wide, high), colour, (*seated[:2], high / 2), heading),
        Extra(meshes.box(0.06, wide, 0.5), colour * 0.8, (*back[:2], high + 0.24), heading),
    ]


def step_aside(rng, way):
    """Two steps sideways, to the viewer's left (-1) or right (+1), facing the viewer."""
    open_: dict = {"left_leg": (0, 16, 0), "right_leg": (0, 16, 0), "squat": 4}
    closed: dict = {}
    movement = act(
        rng, [(0, closed), (0.3, closed), (0.6, open_), (0.95, closed), (1.3, open_), (1.65, closed), (1.9, closed)]
    )
    share = np.clip((movement.times / movement.seconds - 0.15) / 0.72, 0, 1)
    place = np.stack([way * rng.uniform(0.8, 1.1) * share, 0 * share, 0 * share], -1)
    return Performance([centred(movement.turned(TOWARDS + rng.uniform(-0.3, 0.3), place))], 0.0)


def both(rng, legs, arms):
    """The legs of one movement with the upper body of another."""
    lower = stride(rng, legs, 2.4 if legs == "walk" else 1.3) if legs in ("walk", "run") else act(rng, KEYS[legs])
    upper = capture(arms) if arms not in KEYS else act(rng, KEYS[arms])
    heading = rng.choice(EITHER_SIDE) if legs in ("walk", "run") else TOWARDS + rng.uniform(-0.5, 0.5)
    return headed(rng, lower.with_upper_body(upper), heading, 0.8)


def in_turn(rng, first, second):
    """One movement, then another."""
    parts = []
    for name in (first, second):
        if name in KEYS:
            movement = at_pace(rng, act(rng, KEYS[name]))
        else:
            movement = stride(rng, name, 1.4) if name in ("walk", "run") else at_pace(rng, capture(name))
        parts.append(movement)
    return headed(
        rng, parts[0].then(parts[1]), rng.uniform(-2.2, 0.3) if first in KEYS else rng.choice(EITHER_SIDE), 0.75
    )


ALONE = {name: partial(everyday, name=name) for name in [*KEYS, *REVERSED, *MIRRORED]} | {
    "walk left": partial(travel, name="walk", heading=LEFT),
    "walk right": partial(travel, name="walk", heading=RIGHT),
    "walk towards the camera": partial(travel, name="walk", heading=TOWARDS),
    "walk away": partial(travel, name="walk", heading=AWAY),
    "walk backwards": partial(travel, name="walk", heading=EITHER_SIDE, backwards=True),
    "run left": partial(travel, name="run", heading=LEFT),
    "run right": partial(travel, name="run", heading=RIGHT),
    "run towards the camera": partial(travel, name="run", heading=TOWARDS),
    "run away": partial(travel, name="run", heading=AWAY),
    "walk in a circle clockwise": partial(walk_round, sense=-1),
    "walk in a circle anticlockwise": partial(walk_round, sense=1),
    "walk off and come back": walk_back,
    "walk on the spot": partial(on_the_spot, name="walk"),
    "run on the spot": partial(on_the_spot, name="run"),
    "step left": partial(step_aside, way=-1),
    "step right": partial(step_aside, way=1),
    "jump": partial(captured, name="jump"),
    "jump backwards": partial(captured, name="jump", backwards=True),
    "kick": partial(captured, name="kick", headings=(-1.2, -0.4, 0.2)),
    "punch": partial(captured, name="punch", headings=(-1.2, -0.5, 0.2)),
    "spin kick": partial(captured, name="spinkick", headings=(-1.2, -0.4, 0.2)),
    "cartwheel": partial(captured, name="cartwheel", headings=(TOWARDS, AWAY)),
    "crawl": partial(captured, name="crawl", headings=(-1.57, 1.57)),
    "crawl backwards": partial(captured, name="crawl", headings=(-1.57, 1.57), backwards=True),
    "roll forwards": partial(captured, name="roll"),
    "roll backwards": partial(captured, name="roll", backwards=True),
    "backflip": partial(captured, name="backflip"),
    "front flip": partial(captured, name="backflip", backwards=True),
    "dance": partial(captured, name="dance_a", headings=(-2.2, -1.6, -0.9)),
    "sway": partial(captured, name="dance_b", headings=(-2.2, -1.6, -0.9)),
    "leap and spin": partial(captured, name="spin", headings=(-1.57, 1.57), part=(0.0, 0.7)),
    "get up from the back": partial(captured, name="getup_faceup", headings=(-2.6, -0.5)),
    "lie down on the back": partial(captured, name="getup_faceup", headings=(-2.6, -0.5), backwards=True),
    "get up from the front": partial(captured, name="getup_facedown", headings=(-2.6, -0.5)),
    "lie down on the front": partial(captured, name="getup_facedown", headings=(-2.6, -0.5), backwards=True),
    "walk and wave": partial(both, legs="walk", arms="wave with both arms"),
    "walk and clap": partial(both, legs="walk", arms="clap"),
    "walk with raised arms": partial(both, legs="walk", arms="stretch"),
    "run and punch": partial(both, legs="run", arms="punch"),
    "squat and clap": partial(both, legs="squat", arms="clap"),
    "march and dance": partial(both, legs="march on the spot", arms="dance_a"),
    "lunge and wave": partial(both, legs="lunge", arms="wave with one hand"),
    "squat then wave": partial(in_turn, first="squat", second="wave with both arms"),
    "wave then squat": partial(in_turn, first="wave with both arms", second="squat"),
    "walk then roll": partial(in_turn, first="walk", second="roll"),
    "roll then walk": partial(in_turn, first="roll", second="walk"),
    "jump then bow": partial(in_turn, first="jump", second="bow"),
    "bow then jump": partial(in_turn, first="bow", second="jump"),
    "kick then punch": partial(in_turn, first="kick", second="punch"),
    "punch then kick": partial(in_turn, first="punch", second="kick"),
}
