"""What hands do near the camera, as keys, and how one pair of hands does it this time.

Places are as the viewer sees them: x to the right, y into the picture, z up, metres from the picture's middle. Hands
are written as a viewer in front sees them; the wearer of a camera sees the same picture with depth turned about.
"""

from dataclasses import dataclass, replace

import numpy as np

from .cut import LEAST, share_at, timeline
from .hand import SHAPES
from .motion import drift, soften
from .rotation import blend, compose, frame, rotate, turn

SEEN_FROM = ("front", "wearer", "above")


@dataclass(frozen=True)
class Pose:
    """One hand: its palm's middle, where its fingers point, where its palm faces, its shape."""

    at: tuple = (0.0, 0.0, 0.0)
    fingers: tuple = (0.0, 0.0, 1.0)
    palm: tuple = (0.0, -1.0, 0.0)
    shape: str = "flat"

    def but(self, **changes):
        return replace(self, **changes)


@dataclass(frozen=True)
class Deed:
    """Keys (share of the deed, Pose) of the hand on the viewer's right, and of the other where there are two.

    What repeats ends as it begins. What has sides is never shown in a mirror.
    """

    first: tuple
    second: tuple = ()
    seconds: float = 0.8
    repeats: bool = True
    sided: bool = False
    seen_from: tuple = SEEN_FROM
    span: float = 0.17  # metres about the middle that have to be seen

    @property
    def hands(self):
        return [keys for keys in (self.first, self.second) if keys]


@dataclass(frozen=True)
class Way:
    """One hand over the frames: places [N, 3], rotations [N, 4], shapes [N, 7]."""

    places: np.ndarray
    rotations: np.ndarray
    shapes: np.ndarray


def follow_hand(keys, share):
    """The way of one hand through keys (share, Pose)."""
    moments = np.array([moment for moment, _ in keys])
    places = np.array([pose.at for _, pose in keys], float)
    rotations = np.stack([frame(pose.fingers, -np.asarray(pose.palm, float)) for _, pose in keys])
    shapes = np.stack([SHAPES[pose.shape] for _, pose in keys])
    after = np.clip(np.searchsorted(moments, share, side="right"), 1, len(keys) - 1)
    part = np.clip((share - moments[after - 1]) / (moments[after] - moments[after - 1]), 0, 1)
    # Dense keys are a drawn line: it is run along evenly. Few keys are poses: each is softly gone into.
    part = soften(part)[:, None] if len(keys) < 8 else part[:, None]
    return Way(
        places[after - 1] + part * (places[after] - places[after - 1]),
        blend(rotations[after - 1], rotations[after], part[:, 0]),
        shapes[after - 1] + part * (shapes[after] - shapes[after - 1]),
    )


def perform(rng, deed, fps, frames=None):
    """The moments [N] in seconds, and the way of each hand, as this person does it this time."""
    keys, seconds = timeline(rng, deed.seconds, deed.repeats)
    begin, end = keys[0][0], keys[-1][0]
    times = np.linspace(0, seconds, frames or max(LEAST, round(seconds * fps)))
    share = share_at(keys, times)
    away = np.zeros(len(times))
    if rng.random() < 0.5:  # the hands come into the picture, and leave it
        come, leave = rng.uniform(0.25, 0.6, 2)
        away = np.maximum(soften((begin - times) / come), soften((times - end) / leave))
    size, shift = rng.uniform(0.85, 1.2), rng.normal(0, 0.012, 3)
    tilt = turn(rng.normal(size=3), rng.normal(0, 0.12))
    ways = []
    for hand in deed.hands:
        way = follow_hand(hand, share)
        unrest = drift(rng, times, 0.006, (0.8, 3.0))
        places = rotate(tilt, way.places * size) + shift + unrest - away[:, None] * [0, 0, 0.33]
        sway = drift(rng, times, 0.08, (0.9, 3.0))
        turned = np.stack([_swayed(rotation, angles) for rotation, angles in zip(way.rotations, sway, strict=True)])
        shapes = way.shapes + rng.normal(0, 0.04, 7) + 0.4 * np.tile(drift(rng, times, 0.1), (1, 3))[:, :7]
        ways.append(Way(places, turned, np.clip(shapes, -0.4, 1.1)))
    return times, ways


def _swayed(rotation, angles):
    size = float(np.linalg.norm(angles))
    if size < 1e-6:
        return rotation
    return compose(turn(angles, size), rotation)
