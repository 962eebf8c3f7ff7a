"""The table: plays a script (who goes where, when, holding what) with real physics.

x points right, y away from the viewer, z up, the table top is z = 0; sizes are about twice life, times run 0 to 1.
"""

import numpy as np

from . import meshes, props, textures, tools
from .engine import STEP
from .motion import follow
from .rotation import X, Z, rotate, turn
from .script import UP

SHOULDERS = {"right": (1.7, -0.5, 0.75), "left": (-1.7, -0.5, 0.75), "far": (0.3, 1.7, 0.75), "near": (1.25, -1.6, 0.4)}
OTHER_ARM = {"right": "left", "left": "right", "far": "left", "near": "left"}


def reaches_over(side, facing):
    """Whether an arm from that side would have to reach over the thing to push it the way `facing`."""
    return facing is not None and np.array(SHOULDERS[side])[:2] @ np.asarray(facing, float)[:2] > 0.9


def aim(shoulder, point, reach, gripper):
    """Directions (fingers, palm) of a tool whose arm comes from `shoulder` to act at `point`."""
    level = (np.asarray(point) - shoulder) * [1, 1, 0]
    level /= np.linalg.norm(level)
    if gripper:
        return -UP + 0.12 * level, np.cross(UP, level) if reach.facing is None else reach.facing
    if reach.manner == "raised":
        return UP + 0.15 * level, np.array([0, -1.0, 0.1])
    if reach.manner == "point":
        return level - 0.25 * UP, -UP - 0.25 * level
    if reach.facing is None:
        return 0.55 * level - 0.8 * UP, -0.8 * level - 0.55 * UP
    ahead = level @ reach.facing
    if ahead > 0.75:
        return reach.facing, -UP  # the fingertips push
    if ahead < -0.75:
        return -UP + 0.2 * level, reach.facing  # the hand reaches over and pulls
    return level - ahead * reach.facing - 0.25 * UP, reach.facing


class Play:
    """A script on its table, ready to run once; it lasts `seconds`."""

    def __init__(self, world, script, rng, look, seconds):
        self.world, self.script, self.seconds, self.tick = world, script, seconds, STEP / seconds
        for number, (thing, (position, rotation)) in enumerate(zip(script.things, script.places, strict=True)):
            for hold in script.holds:
                rotation = hold.rotation(0, rotation) if hold.thing == number else rotation
            thing.enter(world, position, rotation)
        sides = [
            side for side in look.sides if not any(reaches_over(side, reach.facing) for reach in script.reaches[:1])
        ]
        side = str(rng.choice(sides or look.sides))
        kind = str(rng.choice([tool for tool in look.tools if tool != "nothing" or not script.hand_needed]))
        self.gripper, self.tools, self.shoulders, self.pushers = kind in ("gripper", "arm"), [], [], []
        dress = self._dress(rng, look)
        for reach in script.reaches:
            shoulder = np.array(SHOULDERS[side]) * [1, 1, rng.uniform(0.8, 1.3)]
            # An industrial arm stands at the back, or it would stand in the picture.
            self.shoulders.append(shoulder if kind != "arm" else np.array([0.6 * shoulder[0], 1.5, shoulder[2]]))
            self.tools.append(self._tool("nothing" if reach.hidden else kind, side, rng, dress))
            self.pushers.append(world.add_unseen(meshes.box(0.05, reach.solid, 0.07), "box") if reach.solid else None)
            side = OTHER_ARM[side]

    def _dress(self, rng, look):
        skin = textures.colour(rng, (0.3, 0.55), (0.45, 1.0), (0.03, 0.09))
        sleeve = textures.colour(rng, look.saturation, look.value)
        if rng.random() >= look.patterned:
            return skin, sleeve, None
        return (
            skin,
            (1, 1, 1),
            self.world.texture(textures.paint(rng, str(rng.choice(look.prop_patterns)), sleeve, sleeve * 0.8)),
        )

    def _tool(self, kind, side, rng, dress):
        metal, size = textures.colour(rng, (0.0, 0.5), (0.3, 0.95)), rng.uniform(0.9, 1.1)
        if kind == "hand":
            skin, sleeve, texture = dress
            return tools.Hand(self.world, skin, sleeve, texture, side == "left", size)
        if kind == "gripper":
            return tools.Gripper(self.world, metal, metal * 0.4, size)
        return tools.Arm(self.world, metal, metal * 0.4, size) if kind == "arm" else tools.Nothing()

    def _move(self, time):
        """Brings pushers and held things to where they are at `time`, 0 to 1, and gives the kicks that fall due."""
        script, world = self.script, self.world
        points = [follow(reach.path, time) for reach in script.reaches]
        for reach, point, pusher in zip(script.reaches, points, self.pushers, strict=True):
            if pusher is not None:
                world.place(pusher, point - 0.025 * reach.facing, turn(Z, np.arctan2(reach.facing[1], reach.facing[0])))
        for hold in script.holds:
            body = script.things[hold.thing].body
            if hold.start <= time < hold.end:
                world.place(body, points[hold.reach] + hold.offset, hold.rotation(time, script.places[hold.thing][1]))
            elif hold.end <= time < hold.end + self.tick:
                path = script.reaches[hold.reach].path
                world.push_off(
                    body, hold.throw * (follow(path, hold.end) - follow(path, hold.end - 0.02)) / (0.02 * self.seconds)
                )
        for when, thing, velocity, spin in script.kicks:
            if when <= time < when + self.tick:
                world.push_off(script.things[thing].body, velocity, spin)
        return points

    def _show(self, time, points):
        """Brings the visible tools to where they are at `time`."""
        for tool, reach, shoulder, point in zip(self.tools, self.script.reaches, self.shoulders, points, strict=True):
            middle = np.mean([place for _, place in reach.path], axis=0)
            fingers, palm = aim(shoulder, middle, reach, self.gripper)
            if reach.swing:
                fingers = rotate(turn(palm, follow(reach.swing, time)), fingers)
            tool.place(point, fingers, palm, reach.shape_at(time), shoulder + (point - middle) * 0.5)

    def run(self, times):
        """Yields once at each of `times` (0 to 1, rising) when all is in its place."""
        step, steps = 0, int(self.seconds / STEP)
        for time in times:
            while step < time * steps:
                self._move(step / steps)
                self.world.step()
                step += 1
            self._show(step / steps, self._move(step / steps))
            yield time


def furnish(world, script, rng, look):
    """A table top, a wall behind it and things that stand about."""
    ground, wall = textures.colour(rng, *look.ground), textures.colour(rng, *look.wall)
    for _ in range(int(rng.integers(look.clutter[0], look.clutter[1] + 1))):
        thing = props.choose(rng, look.things, look, avoid=[ground])
        angle, away = rng.uniform(0.1, np.pi - 0.1), script.span + rng.uniform(0.2, 0.6)
        thing.mass = 0.0
        thing.enter(
            world, (away * np.cos(angle), away * np.sin(angle) * 0.9, thing.half[2]), turn(Z, rng.uniform(0, 6.28))
        )
    # The engine takes its time over every pixel that is covered: what lies behind comes last, and as plates.
    width, depth, top = rng.uniform(2.8, 4.0), rng.uniform(2.2, 3.0), np.array([0, 0.2, 0])
    picture = textures.paint(
        rng, str(rng.choice(look.ground_patterns)), ground, np.clip(ground * rng.uniform(*look.contrast), 0, 1)
    )
    world.add(meshes.plate(width, depth, rng.uniform(1, 3)), texture=world.texture(picture), position=top)
    world.add(meshes.plate(width, 0.12), ground * 0.8, position=top - [0, depth / 2, 0.06], rotation=turn(X, np.pi / 2))
    world.add_unseen(meshes.box(width, depth, 0.2), "box", top - [0, 0, 0.1])
    picture = textures.paint(
        rng, str(rng.choice(look.wall_patterns)), wall, np.clip(wall * rng.uniform(0.85, 1.15), 0, 1)
    )
    world.add(
        meshes.plate(14, 7, rng.uniform(3, 9)),
        texture=world.texture(picture),
        position=(0, 0.2 + depth / 2 + rng.uniform(0.3, 3), 2.5),
        rotation=turn(X, np.pi / 2),
    )
