"""The stage: people act on it, furniture stands about, a camera films them.

x points to the viewer's right, y away from the viewer, z up; the floor is z = 0, sizes are life size.
"""

from dataclasses import dataclass, field

import numpy as np

from . import camera, meshes, textures
from .bodies import Body, clearance, grounded
from .photographs import cutting
from .poses import act
from .rotation import IDENTITY, X, Z, turn
from .skeleton import INDEX, Movement, stand

TRUNK = [joint for name, joint in INDEX.items() if name.split()[-1] not in ("knee", "ankle")]


@dataclass
class Performance:
    """What everybody does, already placed and turned on the stage, and for how long."""

    movements: list[Movement]
    follow: float = 0.5  # share of the travel that the camera goes along with
    extras: list = field(default_factory=list)  # Extra things on the stage
    upper: bool = False  # the camera comes near, and legs do not matter

    @property
    def seconds(self):
        return max(movement.seconds for movement in self.movements)


@dataclass
class Extra:
    """A thing on the stage. It stands at `place` [3] turned by `heading`, or `holders` have it in their hands.

    Holders are (person, from, to) with shares of the clip; before and after that the thing lies on the floor.
    """

    mesh: meshes.Mesh
    colour: tuple
    place: tuple = (0, 0, 0)
    heading: float = 0.0
    holders: tuple = ()

    def way(self, cast, share):
        """Its places [N, 3] at shares [N] of the clip, the cast being where it is."""
        if not self.holders:
            return np.broadcast_to(self.place, (len(share), 3))
        way = np.full((len(share), 3), np.nan)
        for person, start, end in self.holders:
            joints = cast[person].places
            hands = (joints[:, INDEX["right wrist"]] + joints[:, INDEX["left wrist"]]) / 2 - [0, 0, 0.08]
            held = (share >= start) & (share <= end)
            way[held] = hands[held]
        held = np.flatnonzero(~np.isnan(way[:, 0]))
        way = np.stack([np.interp(np.arange(len(share)), held, line[held]) for line in way.T], -1)  # thrown
        way[: held[0]], way[held[-1] + 1 :] = way[held[0]] * [1, 1, 0], way[held[-1]] * [1, 1, 0]
        return np.maximum(way, [-np.inf, -np.inf, -self.mesh.bounds[0, 2]])


@dataclass
class Actor:
    """A body with the joint positions [N, 15, 3] and bone rotations [N, 15, 4] of its clip."""

    body: Body
    places: np.ndarray
    turns: np.ndarray


def cast_for(world, movement, rng, look, times):
    """An actor who makes a movement; whatever its limbs, its feet reach the ground when those of the original do."""
    body, moment = Body(world, rng, look), movement.at(times)
    height = clearance(stand(moment)[0])
    places, turns = stand(moment, body.scale)
    return Actor(body, grounded(places, height), turns)


def onlooker(span, rng):
    """The movement of somebody who stands behind the action and does nothing."""
    place = (rng.uniform(-1, 1) * (span + 0.5), span + rng.uniform(0.5, 2.0), 0)
    return act(rng, [(0, {}), (5, {})]).turned(rng.uniform(-np.pi, np.pi), place)


def furnish(world, rng, look, span):
    """A floor, a wall far enough behind, and things that stand about outside `span` metres from the middle."""
    floor, wall = textures.colour(rng, *look.floor), textures.colour(rng, *look.wall)
    for _ in range(int(rng.integers(look.clutter[0], look.clutter[1] + 1))):
        x, y, z = rng.uniform(0.25, 1.0, 3) * [1, 1, 1.6]
        mesh = meshes.box(x, y, z) if rng.random() < 0.6 else meshes.cylinder(x / 2, z, x / 2 * rng.uniform(0.6, 1))
        angle, away = rng.uniform(0.15, np.pi - 0.15), span + rng.uniform(0.6, 2.5)
        place = (away * np.cos(angle), away * np.sin(angle), z / 2)
        world.add(mesh, textures.colour(rng, *look.furniture), None, place, turn(Z, rng.uniform(0, 3)))
    # No larger than the camera can see: the engine takes its time over every pixel that they cover.
    behind, front = span + rng.uniform(1.0, 5.0), span + 6.0
    floor_plate = meshes.plate(24, behind + front, rng.uniform(3, 9))
    wall_plate = meshes.plate(24, 7, rng.uniform(3, 9))
    middle = (0, (behind - front) / 2, 0)
    pave(world, rng, floor_plate, floor, look.ground_patterns, look, middle, IDENTITY, look.grounds)
    upright = turn(X, np.pi / 2)
    pave(world, rng, wall_plate, wall, look.wall_patterns, look, (0, behind, 3.5), upright, look.photographs)


def pave(world, rng, plate, colour, patterns, look, place, rotation, photographs=()):
    """Adds a plate in a pattern of that colour and a lighter or darker one, or with a photograph."""
    if photographs and rng.random() < look.photographed:
        picture = cutting(rng, str(rng.choice(photographs)))
        plate = plate.papered()
    else:
        second = np.clip(colour * rng.uniform(*look.contrast), 0, 1)
        picture = textures.paint(rng, str(rng.choice(patterns)), colour, second)
    world.add(plate, texture=world.texture(picture), position=place, rotation=rotation)


def framing(cast, follow, joints=slice(None)):
    """Where the camera has to look, its travel [N, 3] with the people, and the radius that it has to see."""
    every = np.concatenate([actor.places[:, joints] for actor in cast], axis=1)  # [N, people * joints, 3]
    middle = every.mean(axis=1)
    centre = middle.mean(axis=0)
    track = np.clip(follow, 0, 1) * (middle - centre) * [1, 1, 0.3]
    x, y, z = np.abs(every - (centre + track)[:, None]).reshape(-1, 3).max(axis=0)
    return centre, track, max(np.hypot(x, 0.4 * y), 1.12 * z + 0.17) + 0.14


def film(world, performance, rng, look, times):
    """Yields a View for each of `times` (seconds), everybody being in their places by then."""
    cast = [cast_for(world, movement, rng, look, times) for movement in performance.movements]
    span = max(np.abs(actor.places[..., :2]).max() for actor in cast)
    idle = [onlooker(span, rng) for _ in range(int(rng.choice(look.bystanders)))]
    everybody = cast + [cast_for(world, movement, rng, look, times) for movement in idle]
    things = [
        (world.add(extra.mesh, extra.colour), extra, extra.way(cast, times / performance.seconds))
        for extra in performance.extras
    ]
    centre, track, reach = framing(cast, performance.follow, TRUNK if performance.upper else slice(None))
    furnish(world, rng, look, span)
    for index, view in enumerate(camera.shoot(rng, look, times, centre, reach)):
        for actor in everybody:
            actor.body.place(actor.places[index], actor.turns[index])
        for body, extra, way in things:
            world.place(body, way[index], turn(Z, extra.heading))
        yield view.moved(eye=tuple(view.eye + track[index]), target=tuple(view.target + track[index]))
