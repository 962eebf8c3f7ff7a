"""Where the camera stands, how it wanders, and the light."""

import numpy as np

from .engine import View
from .motion import drift


def shoot(rng, look, times, centre, reach):
    """One View for each of `times` (seconds) that keeps a ball of radius `reach` about `centre` in the picture.

    At azimuth 0 the camera stands on the negative y side and looks along y: x points right, z up.
    """
    azimuth = np.radians(rng.uniform(*look.azimuth))
    height = np.radians(rng.uniform(*look.height))
    field = rng.uniform(*look.field)
    distance = reach * rng.uniform(*look.room) / np.sin(np.radians(field) / 2)
    away = np.array([np.sin(azimuth) * np.cos(height), -np.cos(azimuth) * np.cos(height), np.sin(height)])
    light = np.array([*rng.uniform(-1.0, 1.0, 2), rng.uniform(0.9, 1.8)])
    light[1] = -abs(light[1]) if rng.random() < look.frontal else light[1]
    warmth = rng.uniform(-0.08, 0.08) * min(look.faults + 0.3, 1)
    sky = rng.uniform(0.55, 0.95, 3)
    first = View(
        tuple(np.asarray(centre) + away * distance),
        tuple(centre),
        field,
        rng.uniform(-0.04, 0.04) * look.faults,
        tuple(light),
        rng.uniform(*look.ambient),
        rng.uniform(*look.diffuse),
        rng.uniform(0.02, 0.2),
        (1 + warmth, 1.0, 1 - warmth),
        bool(rng.random() < look.shadows),
        (tuple(sky), tuple(0.5 + 0.5 * sky)),
    )
    eyes = first.eye + drift(rng, times, distance * look.pan * rng.random(), (3.0, 9.0))
    targets = first.target + drift(rng, times, 0.25 * distance * look.pan * rng.random(), (3.0, 9.0))
    targets = targets + drift(rng, times, distance * look.shake * rng.random(), (0.15, 0.6))
    return [first.moved(eye=tuple(eye), target=tuple(target)) for eye, target in zip(eyes, targets, strict=True)]
