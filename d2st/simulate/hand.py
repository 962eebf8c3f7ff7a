"""One hand near the camera: palm, five fingers of three bones, forearm, sleeve. Life size, in metres.

A hand is placed by its palm's middle, the direction its fingers point in and the direction its palm faces.
"""

import numpy as np

from . import meshes
from .rotation import Y, Z, compose, frame, rotate, towards, turn

# Where each finger starts on the palm (forward, to the thumb's side), the lengths of its bones, how thick it is,
# and how far it turns to the side when the fingers spread (radians).
FINGERS = (
    ((0.046, 0.030), (0.043, 0.026, 0.021), 0.0095, 0.24),
    ((0.050, 0.010), (0.047, 0.030, 0.022), 0.0100, 0.07),
    ((0.047, -0.011), (0.043, 0.028, 0.022), 0.0094, -0.10),
    ((0.040, -0.030), (0.034, 0.021, 0.019), 0.0082, -0.30),
)
THUMB = ((-0.030, 0.026, -0.008), (0.042, 0.034, 0.027), 0.0125)
BENDS = (1.35, 1.65, 1.0)  # radians of a finger's three joints when it is folded

# Folding of thumb, index, middle, ring and little finger (0 stretched, 1 folded), then how far the thumb lies across
# the palm (0 beside the hand, 1 before the palm) and how far the fingers spread.
SHAPES = {
    name: np.array(numbers, float)
    for name, numbers in {
        "flat": (0.1, 0.0, 0.0, 0.0, 0.0, 0.15, 0.05),
        "open": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
        "loose": (0.25, 0.2, 0.25, 0.3, 0.35, 0.3, 0.3),
        "fist": (0.75, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0),
        "claw": (0.4, 0.45, 0.45, 0.45, 0.45, 0.45, 0.7),
        "bowl": (0.2, 0.3, 0.3, 0.3, 0.3, 0.3, 0.0),
        "hook": (0.6, 0.6, 1.0, 1.0, 1.0, 1.0, 0.0),
        "one": (0.75, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0),
        "two": (0.75, 0.0, 0.0, 1.0, 1.0, 1.0, 0.8),
        "three": (0.75, 0.0, 0.0, 0.0, 1.0, 1.0, 0.6),
        "four": (0.75, 0.0, 0.0, 0.0, 0.0, 1.0, 0.7),
        "closed two": (0.75, 0.0, 0.0, 1.0, 1.0, 1.0, -0.3),
        "thumb": (0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0),
        "thumb and one": (0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.2),
        "thumb and little": (0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.5),
        "horns": (0.75, 0.0, 1.0, 1.0, 0.0, 1.0, 0.4),
        "little": (0.75, 1.0, 1.0, 1.0, 0.0, 1.0, 0.0),
        "pinch": (0.3, 0.42, 0.75, 0.85, 0.9, 0.75, 0.0),
        "pinch open": (0.0, 0.1, 0.75, 0.85, 0.9, 0.45, 0.1),
        "ring": (0.35, 0.48, 0.12, 0.05, 0.0, 0.8, 0.5),
        "beak": (0.25, 0.4, 0.4, 0.4, 0.4, 0.85, -0.2),
        "beak open": (0.0, 0.12, 0.12, 0.12, 0.12, 0.7, 0.0),
        "snap": (0.35, 0.2, 0.55, 0.9, 0.95, 0.9, 0.0),
        "snapped": (0.2, 0.1, 1.0, 0.95, 0.95, 0.3, 0.0),
        "bent": (0.2, 0.5, 0.5, 0.5, 0.5, 0.3, 0.0),
    }.items()
}


class NearHand:
    """A right (or left) hand of a skin and a sleeve, each (colour, texture or None); `bare` metres of arm show."""

    def __init__(self, world, skin, sleeve, left=False, size=1.0, bare=0.1, girth=1.0):
        self.world, self.size, self.side = world, size, -1.0 if left else 1.0
        self.skin = skin
        self.palm = self._part(meshes.pebble(0.105, 0.084 * girth, 0.030, 0.55, 9, 14), skin)
        self.heel = self._part(meshes.pebble(0.058, 0.036, 0.034, 0.9, 7, 10), skin)
        self.fingers = [self._finger(bones, thick * girth) for _, bones, thick, _ in FINGERS]
        self.thumb = self._finger(THUMB[1], THUMB[2] * girth)
        self.arm = self._part(meshes.limb(0.026 * girth, 0.036 * girth, 0.27, 10), skin)
        cuff = [(0.02, bare), (0.042, bare), (0.044, bare + 0.01), (0.056, bare + 0.25), (0.07, bare + 0.7)]
        self.sleeve = self._part(meshes.lathe(cuff, 12), sleeve)

    def _finger(self, bones, thick):
        taper = (1.0, 0.93, 0.86, 0.78)
        return [
            self._part(meshes.limb(taper[i] * thick, taper[i + 1] * thick, length, 8), self.skin)
            for i, length in enumerate(bones)
        ]

    def _part(self, mesh, dress):
        return self.world.add(mesh.scaled(self.size), *dress)

    def place(self, middle, fingers, palm, shape, elbow):
        """Puts the palm's middle at `middle` [3], the arm reaching to `elbow` [3]; `shape` [7] is as in SHAPES."""
        rotation = frame(fingers, -np.asarray(palm, float))
        middle = np.asarray(middle, float)

        def put(body, offset, local):
            offset = np.asarray(offset, float) * self.size
            if self.side < 0:
                offset, local = offset * [1, -1, 1], np.asarray(local) * [-1, 1, -1, 1]
            self.world.place(body, middle + rotate(rotation, offset), compose(rotation, local))

        put(self.palm, (0, 0, 0), turn(Y, 0.0))
        across, spread = shape[5], shape[6]
        put(self.heel, (-0.018, 0.026, -0.010), turn(Z, 0.5))
        for (base, bones, _, fan), parts, fold in zip(FINGERS, self.fingers, shape[1:5], strict=True):
            start = compose(turn(Z, fan * spread), turn(Y, np.pi / 2))
            self._bend(put, parts, (*base, 0.0), start, bones, [bend * fold + 0.04 for bend in BENDS])
        # The thumb swings from beside the palm to before it, and turns its pad to the fingers on the way.
        aside = compose(turn(Z, 0.95 - 0.75 * across), turn(Y, np.pi / 2 + 0.15 + 0.75 * across))
        bends = [0.15 * across, 0.1 + 0.75 * shape[0], 0.1 + 0.9 * shape[0]]
        self._bend(put, self.thumb, THUMB[0], aside, THUMB[1], bends, turn(Z, -0.9 * across))
        wrist = middle + rotate(rotation, np.array([-0.048, 0, 0]) * self.size)
        reach = towards(np.asarray(elbow, float) - wrist)
        for body in (self.arm, self.sleeve):
            self.world.place(body, wrist, reach)

    @staticmethod
    def _bend(put, parts, base, rotation, bones, bends, twist=None):
        """Places a finger's bones from `base`, each bent further towards the palm (radians)."""
        base = np.asarray(base, float)
        for number, (part, length, bend) in enumerate(zip(parts, bones, bends, strict=True)):
            axis = compose(rotation, twist) if twist is not None and number == 1 else rotation
            rotation = compose(axis, turn(Y, bend))
            put(part, base, rotation)
            base = base + rotate(rotation, (0, 0, length))
