"""A script for the table: who goes where, when, holding what. Times run 0 to 1, places are in metres."""

from dataclasses import dataclass, field

import numpy as np

from . import props
from .motion import follow
from .rotation import Z, compose, turn
from .tools import SHAPES

LEFT, RIGHT, AWAY, NEAR = np.array([-1.0, 0, 0]), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), np.array([0, -1.0, 0])
UP = np.array([0.0, 0, 1.0])


@dataclass
class Reach:
    """One tool's way: keys (time, point [3]) and (time, name of the fingers' shape), and how the hand is turned."""

    path: list
    shape: list
    manner: str = "above"  # "above", "point" or "raised" (open towards the viewer)
    facing: np.ndarray | None = None  # where the palm pushes
    solid: float = 0.0  # how wide it is to things that it meets and pushes; 0: air
    swing: list | None = None  # keys (time, angle) about the palm's normal
    hidden: bool = False  # nothing is to be seen of it

    def shape_at(self, time):
        return follow([(start, SHAPES[name]) for start, name in self.shape], time)


@dataclass
class Hold:
    """A thing follows a tool from `start` to `end`, turned by keys (time, angle) about `axis` on the way."""

    thing: int
    reach: int
    start: float
    end: float
    offset: np.ndarray
    turns: list | None = None
    axis: np.ndarray = field(default_factory=lambda: Z)
    throw: float = 0.0  # share of the tool's speed that it keeps when let go

    def rotation(self, time, rest):
        return compose(turn(self.axis, follow(self.turns, time)), rest) if self.turns else rest


@dataclass
class Script:
    """Things with their places (centre [3], rotation [4]), tools, what they hold, and kicks."""

    things: list = field(default_factory=list)
    places: list = field(default_factory=list)
    reaches: list = field(default_factory=list)
    holds: list = field(default_factory=list)
    kicks: list = field(default_factory=list)  # (time, thing, velocity [3] in m/s, spin [3] in rad/s)
    span: float = 0.5  # radius of the room that the action needs
    centre: tuple = (0.0, 0.0, 0.14)
    pace: float = 1.0  # its length as a share of other scripts
    hand_needed: bool = False  # means nothing without a tool to be seen

    def backwards(self):
        """The same script run from its end; only for scripts in which nothing moves but what is held."""
        for hold in self.holds:
            path, (_, rotation) = self.reaches[hold.reach].path, self.places[hold.thing]
            self.places[hold.thing] = (follow(path, hold.end) + hold.offset, rotation)
            hold.start, hold.end = 1 - hold.end, 1 - hold.start
            hold.turns = hold.turns and [(1 - time, angle) for time, angle in hold.turns[::-1]]
        for reach in self.reaches:
            reach.path = [(1 - time, point) for time, point in reach.path[::-1]]
            reach.shape = [(1 - time, name) for time, name in reach.shape[::-1]]
            reach.swing = reach.swing and [(1 - time, angle) for time, angle in reach.swing[::-1]]
        return self


class Writer:
    """Writes a script with this clip's dice: jittered places and moments, things of this look."""

    def __init__(self, rng, look):
        self.rng, self.look, self.script, self.colours = rng, look, Script(), []

    def thing(self, place, kinds=None, lift=0.0, tilt=0.3, fixed=False):
        """Stands a thing at `place` (x, y), `lift` above the table, turned by up to `tilt` radians: its number."""
        thing = props.choose(self.rng, kinds or self.look.things, self.look, self.colours or [np.zeros(3)])
        if fixed:
            thing.mass = 0.0
        self.colours.append(thing.colour)
        self.script.things.append(thing)
        self.script.places.append(
            (np.array([place[0], place[1], thing.half[2] + lift]), turn(Z, self.rng.uniform(-tilt, tilt)))
        )
        return len(self.script.things) - 1

    def half(self, number):
        return self.script.things[number].half

    def centre(self, number):
        return self.script.places[number][0]

    def spot(self, x=0.0, y=0.0, spread=0.05):
        """A place [3] on the table near (x, y)."""
        return np.array([x, y, 0]) + self.rng.uniform(-spread, spread, 3) * [1, 1, 0]

    def moments(self, *times, spread=0.035):
        """Those moments, each a little earlier or later, still in order."""
        return sorted(time + self.rng.uniform(-spread, spread) for time in times)

    def either(self):
        """LEFT or RIGHT, where it makes no difference to the action."""
        return LEFT if self.rng.random() < 0.5 else RIGHT

    def carry(self, number, keys, come=True, leave=True, turns=None, axis=Z, throw=0.0, hidden=False):
        """A tool comes, leads a thing along keys (time, centre [3]) and leaves, unless told otherwise."""
        top = min(0.6 * self.half(number)[2], 0.08) * UP
        path = [(time, centre + top) for time, centre in keys]
        shape = [(0, "grasp")]
        start, end = keys[0][0], keys[-1][0]
        if come:
            aside = self.rng.uniform([-0.2, -0.1, 0.18], [0.2, 0.15, 0.28])
            path = [(0, path[0][1] + aside), (0.8 * start, path[0][1]), *path]
            shape = [(0, "flat"), (0.75 * start, "flat"), (start, "grasp")]
        if leave:
            aside = self.rng.uniform([-0.2, -0.1, 0.18], [0.2, 0.15, 0.28])
            path += [(end + 0.04, path[-1][1]), (1, path[-1][1] + aside)]
            shape += [(end, "grasp"), (end + 0.06, "flat")]
        self.script.reaches.append(Reach(path, shape, hidden=hidden))
        self.script.holds.append(
            Hold(
                number,
                len(self.script.reaches) - 1,
                start if come else -1.0,
                end if leave else 2.0,
                -top,
                turns,
                axis,
                throw,
            )
        )

    def shove(self, start, end, way, times, height=0.08, leave=0.1, width=0.14):
        """A tool pushes along the table from point `start` to `end` [3], its palm facing `way`, between two times."""
        lift = height * UP
        rest = start - 0.2 * way + 2 * lift
        self.script.reaches.append(
            Reach(
                [
                    (0, rest),
                    (0.7 * times[0], start - 0.06 * way + lift),
                    (times[0], start + lift),
                    (times[1], end + lift),
                    (1, end - leave * way + lift),
                ],
                [(0, "flat")],
                facing=np.asarray(way, float),
                solid=width,
            )
        )
