"""People to look at: bones dressed in meshes."""

import numpy as np

from . import meshes, textures
from .rotation import X, Y, compose, rotate, turn
from .skeleton import INDEX, JOINTS, SOLE

# bone: joint it hangs from, joint it ends at, radius at the start and at the end, garment
LIMBS = (
    ("right hip", "right knee", 0.082, 0.06, "trousers"),
    ("right knee", "right ankle", 0.06, 0.042, "shins"),
    ("left hip", "left knee", 0.082, 0.06, "trousers"),
    ("left knee", "left ankle", 0.06, 0.042, "shins"),
    ("right shoulder", "right elbow", 0.056, 0.044, "sleeves"),
    ("right elbow", "right wrist", 0.042, 0.032, "forearms"),
    ("left shoulder", "left elbow", 0.056, 0.044, "sleeves"),
    ("left elbow", "left wrist", 0.042, 0.032, "forearms"),
)
DOWN = turn(X, np.pi)  # meshes of limbs grow up z, limbs hang

UNTURNED = turn(X, 0.0)


class Body:
    """One dressed person with proportions of its own."""

    def __init__(self, world, rng, look):
        self.world, self.parts = world, []
        self.style = str(rng.choice(look.bodies))
        girth = {"slim": 0.82, "broad": 1.25, "stick": 0.55}.get(self.style, 1.0) * rng.uniform(0.92, 1.1)
        self.scale = np.ones(len(JOINTS))
        legs, arms, trunk, width = rng.uniform(0.92, 1.08, 4)
        for joint, name in enumerate(JOINTS):
            part = name.split()[-1]
            self.scale[joint] = {
                "knee": legs,
                "ankle": legs,
                "elbow": arms,
                "wrist": arms,
                "chest": trunk,
                "neck": trunk,
            }.get(part, width)
        self.legs = legs
        self._dress(rng, look)
        self._build(girth)

    def _dress(self, rng, look):
        skin = textures.colour(rng, (0.3, 0.6), (0.35, 1.0), (0.03, 0.09))
        shirt = textures.colour(rng, look.saturation, look.value)
        trousers = textures.contrasting(rng, [shirt], saturation=(0.1, 0.8), value=(0.2, 0.8))
        picture = (
            textures.paint(rng, str(rng.choice(look.prop_patterns)), shirt, shirt * 0.6)
            if rng.random() < look.patterned
            else None
        )
        cloth = (shirt, None) if picture is None else ((1, 1, 1), self.world.texture(picture))
        bare, legs = (skin, None), (trousers, None)
        self.garment = {
            "skin": bare,
            "shirt": cloth,
            "trousers": legs,
            "shins": bare if rng.random() < 0.3 else legs,
            "sleeves": bare if rng.random() < 0.15 else cloth,
            "forearms": bare if rng.random() < 0.5 else cloth,
            "shoes": (textures.colour(rng, (0, 0.8), (0.1, 0.95)), None),
            "eyes": ((0.08, 0.07, 0.07), None),
            "hair": (textures.colour(rng, (0.2, 0.7), (0.08, 0.6), (0.03, 0.12)), None),
        }
        self.long_hair = rng.random() < 0.4

    def _build(self, girth):
        chest, root = INDEX["chest"], INDEX["root"]
        blocky = self.style == "blocky"
        square = 0.2 if blocky else 0.7

        def blob(joint, garment, x, y, z, at, squareness=square):
            self._part(joint, garment, meshes.pebble(x, y, z, squareness), at)

        blob(root, "trousers", 0.24 * girth, 0.31 * girth, 0.24, (0, 0, 0.02))
        blob(root, "shirt", 0.2 * girth, 0.27 * girth, 0.32, (0, 0, 0.15))
        blob(chest, "shirt", 0.24 * girth, 0.36 * girth, 0.34, (-0.01, 0, 0.12))
        self._part(INDEX["neck"], "skin", meshes.limb(0.05 * girth**0.5, 0.048, 0.1), (0, 0, -0.02))
        blob(INDEX["neck"], "skin", 0.19, 0.165, 0.235, (0.015, 0, 0.165), 0.25 if blocky else 0.85)
        blob(INDEX["neck"], "hair", 0.2, 0.18, 0.2, (-0.018, 0, 0.2), 0.25 if blocky else 0.85)
        blob(INDEX["neck"], "skin", 0.035, 0.03, 0.04, (0.115, 0, 0.15), 0.9)
        for side in (-0.035, 0.035):
            self._part(INDEX["neck"], "eyes", meshes.ball(0.013, 5, 8), (0.108 if not blocky else 0.11, side, 0.185))
        if self.long_hair:
            blob(INDEX["neck"], "hair", 0.09, 0.17, 0.26, (-0.075, 0, 0.1))
        for start, end, first, last, garment in LIMBS:
            joint, stop = INDEX[start], INDEX[end]
            length = {"knee": 0.422, "ankle": 0.41, "elbow": 0.275, "wrist": 0.259}[end.split()[1]] * self.scale[stop]
            if blocky:
                self._part(
                    joint, garment, meshes.box(1.8 * first * girth, 1.8 * first * girth, length), (0, 0, -length / 2)
                )
            else:
                self._part(joint, garment, meshes.limb(first * girth, last * girth, length), (0, 0, 0), DOWN)
        for name in ("right ", "left "):
            blob(INDEX[name + "ankle"], "shoes", 0.25, 0.095, 0.1, (0.055, 0, -0.02))
            blob(INDEX[name + "wrist"], "skin", 0.06, 0.09, 0.13, (0, 0, -0.06))
            self._part(
                INDEX[name + "wrist"],
                "skin",
                meshes.limb(0.018, 0.014, 0.06),
                (0.015, 0.035 if name == "right " else -0.035, -0.03),
                turn(Y, 2.4),
            )

    def _part(self, joint, garment, mesh, offset, rotation=UNTURNED):
        colour, texture = self.garment[garment]
        self.parts.append((self.world.add(mesh, colour, texture), joint, np.asarray(offset, float), rotation))

    def place(self, places, turns):
        """Puts the body into joint positions [15, 3] and bone rotations [15, 4]."""
        for body, joint, offset, rotation in self.parts:
            self.world.place(body, places[joint] + rotate(turns[joint], offset), compose(turns[joint], rotation))


def grounded(places, height):
    """Joint positions [N, 15, 3] lifted or lowered to stand: feet of other legs reach the ground when `height`,
    the lowest point of each frame [N] for the captured body, says that they did."""
    lowest = places[..., 2].min(axis=1)
    return places + np.stack([0 * lowest, 0 * lowest, height - lowest], -1)[:, None]


def clearance(places):
    """How far the lowest joint is above the ground, [N], at least the sole's thickness."""
    return np.maximum(places[..., 2].min(axis=1), SOLE)
