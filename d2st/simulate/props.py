"""Things that stand on the table or lie in a hand."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import meshes, textures
from .engine import data_folder

MODELS = {
    "mug": ("objects/mug.obj", "cylinder"),
    "duck": ("duck.obj", "hull"),
    "teddy": ("teddy2_VHACD_CHs.obj", "hull"),
    "lego": ("lego/lego.obj", "box"),
}


@dataclass
class Prop:
    """A mesh that stands on z = 0 when its centre is at half[2]; half sizes [3] in metres."""

    mesh: meshes.Mesh
    solid: str
    colour: np.ndarray
    picture: np.ndarray | None = None  # texture, uint8 [H, W, 3]
    mass: float = 0.3
    body: int | None = None  # once it is in a world

    @property
    def half(self):
        low, high = self.mesh.bounds
        return (high - low) / 2

    def enter(self, world, position, rotation):
        """Puts the thing into a world."""
        texture = None if self.picture is None else world.texture(self.picture)
        self.body = world.add(
            self.mesh,
            self.colour if texture is None else (1, 1, 1),
            texture,
            position,
            rotation,
            mass=self.mass,
            solid=self.solid,
        )


def centred(mesh):
    """The mesh moved so that its bounds lie evenly about the origin."""
    return meshes.Mesh(mesh.vertices - mesh.bounds.mean(0), mesh.normals, mesh.coordinates, mesh.faces)


def bottle(rng, s, a, b, c):
    r, h = 0.06 * a, 0.3 * c
    outline = [
        (0, 0), (r - 0.001, 0), (r, 0.002), (r, 0.55 * h), (0.8 * r, 0.68 * h), (0.36 * r, 0.8 * h),
        (0.36 * r, 0.93 * h), (0.42 * r, 0.935 * h), (0.42 * r, h), (0, h),
    ]  # fmt: skip
    return centred(meshes.lathe(outline)), "cylinder"


def cup(rng, s, a, b, c):
    r = 0.085 * a
    return meshes.vessel(r, 0.19 * c, r * rng.uniform(1.0, 1.25)), "cylinder"


# Mesh and solidity of a thing, by its size s and its sides a, b and c.
FORMS: dict[str, Callable] = {
    "bottle": bottle,
    "cup": cup,
    "block": lambda rng, s, a, b, c: (meshes.box(0.15 * a, 0.15 * b, 0.16 * c), "box"),
    "soap": lambda rng, s, a, b, c: (meshes.pebble(0.17 * a, 0.15 * b, 0.13 * c, rng.uniform(0.25, 0.6)), "box"),
    "book": lambda rng, s, a, b, c: (meshes.box(0.26 * a, 0.18 * b, 0.055 * c), "box"),
    "brick": lambda rng, s, a, b, c: (meshes.box(0.2 * a, 0.14 * b, 0.1 * c), "box"),
    "can": lambda rng, s, a, b, c: (meshes.cylinder(0.075 * a, 0.2 * c), "cylinder"),
    "puck": lambda rng, s, a, b, c: (meshes.cylinder(0.09 * a, 0.07 * c), "cylinder"),
    "carton": lambda rng, s, a, b, c: (meshes.box(0.12 * a, 0.12 * b, 0.25 * c), "box"),
    "ball": lambda rng, s, a, b, c: (meshes.ball(0.085 * s, 13, 20), "ball"),
    "marble": lambda rng, s, a, b, c: (meshes.ball(0.045 * s), "ball"),
    "pellet": lambda rng, s, a, b, c: (meshes.pebble(0.07 * a, 0.07 * b, 0.06 * c, 0.6), "box"),
    "lump": lambda rng, s, a, b, c: (meshes.cylinder(0.04 * a, 0.06 * c), "cylinder"),
    "screen": lambda rng, s, a, b, c: (meshes.box(0.4 * a, 0.05, 0.34 * c), "box"),
    "platform": lambda rng, s, a, b, c: (meshes.box(0.42 * a, 0.36 * b, 0.16 * c), "box"),
    "ramp": lambda rng, s, a, b, c: (meshes.box(0.6, 0.26 * b, 0.03), "box"),
    "cone": lambda rng, s, a, b, c: (
        centred(meshes.lathe([(0, 0), (0.085 * a, 0), (0.086 * a, 0.004), (0.015, 0.2 * c), (0, 0.204 * c)])),
        "cylinder",
    ),
    "ring": lambda rng, s, a, b, c: (meshes.ring(0.08 * a, 0.026 * c), "cylinder"),
    "bowl": lambda rng, s, a, b, c: (meshes.vessel(0.13 * s, 0.15 * c, 0.18 * s, 0.05), "shell"),
    "pot": lambda rng, s, a, b, c: (meshes.vessel(0.15 * s, 0.2 * c, 0.165 * s, 0.05), "shell"),
}


def shape(rng, kind):
    """Mesh and solidity of one thing of that kind; the sizes vary by about a quarter."""
    s = rng.uniform(0.9, 1.3)
    a, b, c = s * rng.uniform(0.9, 1.15, 3)
    if kind in FORMS:
        return FORMS[kind](rng, s, a, b, c)
    number = int(rng.integers(1000))
    path, solid = MODELS.get(kind, (f"random_urdfs/{number:03d}/{number:03d}.obj", "hull"))
    mesh = meshes.read(data_folder() / path)
    if kind in ("duck", "lego"):
        mesh = mesh.upright()
    low, high = mesh.bounds
    return centred(mesh.scaled(0.2 * s / (high - low).max())), solid


def choose(rng, kinds, look, avoid=()):
    """A thing of one of `kinds`, in a colour that stands out from the colours in `avoid`."""
    kind = str(rng.choice(kinds))
    mesh, solid = shape(rng, kind)
    first = (
        textures.contrasting(rng, avoid, saturation=look.saturation, value=look.value)
        if avoid
        else textures.colour(rng)
    )
    picture = None
    if rng.random() < look.patterned and kind != "duck":
        second = (
            np.clip(first * rng.uniform(0.4, 0.7), 0, 1)
            if rng.random() < 0.5
            else textures.colour(rng, (0, 0.6), (0.6, 1))
        )
        picture = textures.paint(rng, str(rng.choice(look.prop_patterns)), first, second)
    return Prop(mesh, solid, first, picture)
