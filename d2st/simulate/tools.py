"""What moves things on the table: a hand, a gripper, or nothing to be seen.

A tool is placed by the point it acts with (the grasp, the fingertip or the palm), the direction its fingers
point in and the direction its palm faces; `shape` [8] is one of SHAPES or lies between two of them.
"""

import numpy as np

from . import meshes
from .rotation import Y, compose, frame, rotate, towards, turn

# What fingers can do: curl of thumb, index, middle, ring and little finger (0 stretched, 1 folded),
# and the point the hand then acts with, from its wrist.
SHAPES = {
    name: np.array(numbers)
    for name, numbers in {
        "grasp": (0.45, 0.5, 0.5, 0.5, 0.5, 0.25, 0.0, -0.085),
        "point": (0.9, 0.02, 1.0, 1.0, 1.0, 0.34, 0.05, 0.0),
        "flat": (0.15, 0.08, 0.05, 0.05, 0.08, 0.18, 0.0, -0.035),
        "fist": (1.0, 1.0, 1.0, 1.0, 1.0, 0.23, 0.0, -0.03),
        "open": (0.0, 0.0, 0.0, 0.0, 0.0, 0.23, 0.0, -0.03),
        "two": (1.0, 0.0, 0.0, 1.0, 1.0, 0.23, 0.0, -0.03),
    }.items()
}
FINGERS = ((0.172, 0.056, 0.078), (0.18, 0.019, 0.088), (0.176, -0.018, 0.082), (0.163, -0.053, 0.066))

UNTURNED = turn(Y, 0.0)


class Hand:
    """A right (or left) hand with a forearm in a sleeve, about twice life size like all on the table."""

    def __init__(self, world, skin, sleeve, sleeve_texture=None, left=False, size=1.0):
        self.world, self.side, self.size = world, -1.0 if left else 1.0, size
        self.palm = self._part(meshes.pebble(0.2, 0.155, 0.06, 0.6), skin)
        self.fingers = [
            (
                self._part(meshes.limb(0.021, 0.0185, 0.9 * length), skin),
                self._part(meshes.limb(0.0185, 0.0155, 0.8 * length), skin),
            )
            for _, _, length in FINGERS
        ]
        self.thumb = (
            self._part(meshes.limb(0.027, 0.022, 0.075), skin),
            self._part(meshes.limb(0.022, 0.018, 0.065), skin),
        )
        self.arm = self._part(meshes.limb(0.048, 0.06, 0.3), skin)
        cuff = meshes.lathe([(0.0, 0.13), (0.068, 0.13), (0.072, 0.14), (0.08, 0.5), (0.09, 1.2)])
        self.sleeve = self._part(cuff, sleeve, sleeve_texture)

    def _part(self, mesh, colour, texture=None):
        return self.world.add(mesh.scaled(self.size), colour, texture)

    def place(self, point, fingers, palm, shape, shoulder):
        """Puts the acting point at `point` [3], fingers and palm facing as given; the arm reaches to `shoulder`."""
        rotation = frame(fingers, -np.asarray(palm, float))
        anchor = shape[5:] * self.size * [1, self.side, 1]
        wrist = np.asarray(point, float) - rotate(rotation, anchor)
        put = self._from(wrist, rotation)
        put(self.palm, (0.09, 0, 0), turn(Y, 0.0))
        curls = shape[:5]
        for (x, y, length), bones, curl in zip(FINGERS, self.fingers, curls[1:], strict=True):
            self._bend(put, bones, (x, y, 0.0), turn(Y, np.pi / 2), length * 0.9, curl * 1.45, curl * 1.75)
        base = compose(turn((0, 0, 1), 0.75 - 0.75 * curls[0]), turn(Y, np.pi / 2 + 0.25 + 0.55 * curls[0]))
        self._bend(put, self.thumb, (0.06, 0.065, -0.015), base, 0.075, 0.1 + 0.25 * curls[0], 0.15 + 0.7 * curls[0])
        reach = towards(np.asarray(shoulder, float) - wrist)
        self.world.place(self.arm, wrist, reach)
        self.world.place(self.sleeve, wrist, reach)

    def _from(self, wrist, rotation):
        """A function that places a body relative to the wrist, mirrored for a left hand."""

        def put(body, offset, local):
            offset = np.asarray(offset, float) * self.size
            if self.side < 0:
                offset, local = offset * [1, -1, 1], np.asarray(local) * [-1, 1, -1, 1]
            self.world.place(body, wrist + rotate(rotation, offset), compose(rotation, local))

        return put

    def _bend(self, put, bones, base, rotation, length, first, second):
        """Places the two bones of a finger, bent by two angles in radians towards the palm."""
        base = np.asarray(base, float)
        near = compose(rotation, turn(Y, first))
        put(bones[0], base, near)
        put(bones[1], base + rotate(near, (0, 0, length)), compose(near, turn(Y, second)))


class Gripper:
    """Two parallel fingers on a column."""

    def __init__(self, world, metal, finger, size=1.0):
        self.world, self.size = world, size
        self.body = world.add(meshes.pebble(0.16, 0.24, 0.12, 0.25).scaled(size), colour=metal)
        self.neck = world.add(meshes.cylinder(0.055, 0.14).scaled(size), colour=finger)
        self.fingers = [world.add(meshes.box(0.2, 0.035, 0.07).scaled(size), colour=finger) for _ in range(2)]
        self._build(metal)

    def _build(self, metal):
        self.column = self.world.add(meshes.limb(0.075, 0.085, 1.6).scaled(self.size), colour=metal)

    def place(self, point, fingers, palm, shape, shoulder):
        """Puts the point between the fingertips at `point` [3]; `palm` is the way across the two fingers."""
        rotation = frame(fingers, -np.asarray(palm, float))

        def put(body, offset, local=UNTURNED):
            self.world.place(body, point + rotate(rotation, np.array(offset) * self.size), compose(rotation, local))

        for body, side in zip(self.fingers, (-1, 1), strict=True):
            put(body, (-0.07, side * (0.02 + 0.11 * (1 - shape[1:5].mean())), 0))
        put(self.body, (-0.22, 0, 0))
        put(self.neck, (-0.35, 0, 0), turn(Y, np.pi / 2))
        self._hold_up(
            point + rotate(rotation, np.array([-0.42, 0, 0]) * self.size), rotation, np.asarray(shoulder, float)
        )

    def _hold_up(self, wrist, rotation, shoulder):
        self.world.place(self.column, wrist, towards(shoulder * [0.4, 0.4, 0] + [0, 0, 2.4] - wrist))


class Arm(Gripper):
    """The gripper on an industrial arm with seven joints that stands on the table."""

    def _build(self, metal):
        self.arm = None

    def _hold_up(self, wrist, rotation, shoulder):
        if self.arm is None:
            foot = wrist * [1, 1, 0] + 0.6 * (shoulder - wrist) * [1, 1, 0]
            self.arm = self.world.add_arm(foot, 1.45)
        self.world.bend_arm(self.arm, wrist, compose(rotation, turn(Y, np.pi / 2)))


class Nothing:
    """Things move by themselves."""

    def place(self, point, fingers, palm, shape, shoulder):
        pass
