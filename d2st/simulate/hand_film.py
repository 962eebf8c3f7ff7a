"""Hands before a camera: what stands behind them, whose they are, how they are filmed."""

import numpy as np

from . import camera, meshes, textures
from .hand import NearHand
from .hand_motion import perform
from .people import pave
from .rotation import IDENTITY, X, Z, rotate, turn

# From where a viewer sees them: the elbow of a hand at the middle (to its side, into the picture, up), and which way
# about depth runs.
ELBOWS = {"front": (0.10, 0.10, -0.30), "wearer": (0.13, -0.14, -0.28), "above": (0.12, -0.06, -0.30)}
DEPTH = {"front": 1.0, "wearer": -1.0, "above": -1.0}


def film(world, deed, rng, look, fps, frames=None):
    """Yields a View for each frame, the hands being in their places by then."""
    times, ways = perform(rng, deed, fps, frames)
    seen_from = str(rng.choice(deed.seen_from))
    depth, mirrored = DEPTH[seen_from], not deed.sided and rng.random() < 0.5
    flip = np.array([-1.0 if mirrored else 1.0, depth, 1.0])
    # The hand on the viewer's right is the left one of who stands before him, and his own right one.
    left = (len(ways) == 2 or rng.random() < 0.5) ^ mirrored ^ (depth < 0)
    skin, cloth = dress(world, rng, look)
    size, bare, girth = rng.uniform(0.9, 1.12), rng.choice([0.02, 0.08, 0.18, 0.5]), rng.uniform(0.88, 1.2)
    hands = [NearHand(world, skin, cloth, side, size, bare, girth) for side in [left, not left][: len(ways)]]
    behind(world, rng, look, seen_from, skin, cloth)
    views = camera.shoot(rng, look.level(), times, (0, 0, -0.01), deed.span * 1.15)
    for index, view in enumerate(views):
        for number, (hand, way) in enumerate(zip(hands, ways, strict=True)):
            middle = way.places[index] * flip
            fingers = rotate(way.rotations[index], np.array([1.0, 0, 0])) * flip
            palm = rotate(way.rotations[index], np.array([0, 0, -1.0])) * flip
            aside = (1 if number == 0 else -1) * flip[0] if len(ways) == 2 else (1 if left == (depth > 0) else -1)
            elbow = np.array(ELBOWS[seen_from]) * [aside, 1, 1]
            natural = middle - 0.3 * fingers
            rest = elbow + 0.6 * middle
            hand.place(middle, fingers, palm, way.shapes[index], 0.55 * rest + 0.45 * natural)
        yield view


def dress(world, rng, look):
    """Skin and sleeves of one person, each a colour and a texture or None."""
    tone = rng.random()  # from dark to fair
    skin = np.array(textures.colour(rng, (0.28, 0.6), (0.3 + 0.55 * tone, 0.45 + 0.55 * tone), (0.02, 0.09)))
    sleeve = textures.colour(rng, look.saturation, look.value)
    if rng.random() >= look.patterned:
        return (skin, None), (sleeve, None)
    picture = textures.paint(rng, str(rng.choice(look.prop_patterns)), sleeve, sleeve * 0.7)
    return (skin, None), ((1, 1, 1), world.texture(picture))


def behind(world, rng, look, seen_from, skin, cloth):
    """What the hands are seen before: a table near behind them, or somebody's chest and a wall."""
    if seen_from == "above":
        far = rng.uniform(0.12, 0.3)
        for _ in range(int(rng.integers(0, 4))):
            lie_about(world, rng, look, far)
    else:
        far = rng.uniform(0.6, 2.5)
        if seen_from == "front" and rng.random() < 0.65:
            chest(world, rng, skin, cloth)
        for _ in range(int(rng.integers(0, 4))):
            lie_about(world, rng, look, far - 0.1, 0.3 * far)
    colour = textures.colour(rng, *(look.ground if seen_from == "above" else look.wall))
    wide = 2.4 + 3.2 * far
    plate = meshes.plate(wide, wide, rng.uniform(2, 6))
    tilt = turn(X, np.pi / 2 + rng.uniform(-0.25, 0.25))
    pave(world, rng, plate, colour, look.wall_patterns, look, (0, far, 0), tilt, look.photographs)


def lie_about(world, rng, look, far, spread=0.2):
    """A thing on the table or before the wall, beside the middle."""
    x, y, z = rng.uniform(0.04, 0.16, 3) * (1 + 2 * spread)
    mesh = meshes.box(x, y, z) if rng.random() < 0.5 else meshes.cylinder(x / 2, z, x / 2 * rng.uniform(0.6, 1))
    angle = rng.uniform(0, 2 * np.pi)
    place = (np.cos(angle) * (0.12 + spread), far - y / 2, np.sin(angle) * (0.12 + spread))
    world.add(mesh, textures.colour(rng, *look.furniture), None, place, turn(Z, rng.uniform(0, 3)))


def chest(world, rng, skin, shirt):
    """Somebody's chest, neck and chin, at arm's length behind the hands."""
    away, high = rng.uniform(0.26, 0.4), rng.uniform(-0.18, 0.02)
    world.add(meshes.pebble(0.40, 0.22, 0.75, 0.5), *shirt, (0, away, high - 0.3), IDENTITY)
    for side in (-1, 1):
        world.add(meshes.limb(0.065, 0.05, 0.28), *shirt, (0.19 * side, away, high), turn(X, np.pi))
    skin = skin[0]
    world.add(meshes.limb(0.055, 0.052, 0.1), skin, None, (0, away + 0.02, high + 0.1), IDENTITY)
    world.add(meshes.pebble(0.17, 0.2, 0.24, 0.85), skin, None, (0, away - 0.02, high + 0.28), IDENTITY)
    world.add(meshes.pebble(0.185, 0.2, 0.2, 0.85), skin * 0.25, None, (0, away + 0.02, high + 0.33), IDENTITY)
