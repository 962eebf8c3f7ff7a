"""A body's bones, its poses over time, and where every joint then is.

The body faces x, its left is y, up is z. A pose of all zeros stands upright with hanging arms.
Lengths are in metres for a person about 1.6 m tall.
"""

import json
from dataclasses import dataclass

import numpy as np

from .engine import data_folder
from .motion import soften
from .rotation import IDENTITY, Y, Z, blend, compose, rotate, turn

JOINTS = (
    "root",
    "chest",
    "neck",
    "right hip",
    "right knee",
    "right ankle",
    "right shoulder",
    "right elbow",
    "right wrist",
    "left hip",
    "left knee",
    "left ankle",
    "left shoulder",
    "left elbow",
    "left wrist",
)
INDEX = {name: number for number, name in enumerate(JOINTS)}
PARENT = np.array([-1, 0, 1, 0, 3, 4, 1, 6, 7, 0, 9, 10, 1, 12, 13])
# Where each joint sits in its parent's frame.
OFFSET = np.array(
    [
        (0, 0, 0),
        (0, 0, 0.236),
        (0, 0, 0.224),
        (0, -0.085, 0),
        (0, 0, -0.422),
        (0, 0, -0.41),
        (-0.024, -0.183, 0.2435),
        (0, 0, -0.275),
        (0, 0, -0.259),
        (0, 0.085, 0),
        (0, 0, -0.422),
        (0, 0, -0.41),
        (-0.024, 0.183, 0.2435),
        (0, 0, -0.275),
        (0, 0, -0.259),
    ]
)
SWAP = np.array([0, 1, 2, 9, 10, 11, 12, 13, 14, 3, 4, 5, 6, 7, 8])
UPPER = np.array([1, 2, 6, 7, 8, 12, 13, 14])
LEGS = np.array([0, 3, 4, 5, 9, 10, 11])
SOLE = 0.06  # from the ankle down to the ground


@dataclass(frozen=True)
class Movement:
    """Frames of one body: place of the root [N, 3], rotations of the joints [N, 15, 4], moments in seconds [N]."""

    root: np.ndarray
    joints: np.ndarray
    times: np.ndarray

    @property
    def seconds(self):
        return float(self.times[-1])

    def at(self, times):
        """The movement at other moments (seconds, [M]); it stands still before its start and after its end."""
        times = np.clip(times, self.times[0], self.times[-1])
        after = np.clip(np.searchsorted(self.times, times, side="right"), 1, len(self.times) - 1)
        before = after - 1
        share = (times - self.times[before]) / (self.times[after] - self.times[before])
        root = self.root[before] + (self.root[after] - self.root[before]) * share[:, None]
        return Movement(root, blend(self.joints[before], self.joints[after], share[:, None]), np.asarray(times, float))

    def backwards(self):
        return Movement(self.root[::-1], self.joints[::-1], self.times[-1] - self.times[::-1])

    def mirrored(self):
        """Left and right changed places."""
        return Movement(self.root * [1, -1, 1], self.joints[:, SWAP] * [-1, 1, -1, 1], self.times)

    def turned(self, heading, place=(0, 0, 0)):
        """Turned about the vertical by `heading` radians ([N] or one) and moved by `place` ([N, 3] or one)."""
        heading = np.broadcast_to(heading, len(self.times))
        joints = self.joints.copy()
        joints[:, 0] = compose(turn(Z, heading), joints[:, 0])
        return Movement(rotate(turn(Z, heading), self.root) + place, joints, self.times)

    def repeated(self, count):
        """The same stride again and again, each from where the last one ended."""
        stride = (self.root[-1] - self.root[0]) * [1, 1, 0]
        root = np.concatenate([self.root[1:] + stride * i for i in range(count)])
        joints = np.concatenate([self.joints[1:]] * count)
        times = np.concatenate([self.times[1:] + self.seconds * i for i in range(count)])
        return Movement(
            np.concatenate([self.root[:1], root]),
            np.concatenate([self.joints[:1], joints]),
            np.concatenate([[0], times]),
        )

    def in_place(self):
        """Without the travel along the ground that is common to all frames."""
        share = (self.times / self.seconds)[:, None]
        return Movement(self.root - share * (self.root[-1] - self.root[0]) * [1, 1, 0], self.joints, self.times)

    def then(self, other, seconds=0.3):
        """This movement, then the other from where it ended, with `seconds` to change over."""
        heading = facing(self.joints[-1, 0]) - facing(other.joints[0, 0])
        other = other.turned(heading)
        other = Movement(other.root + (self.root[-1] - other.root[0]) * [1, 1, 0], other.joints, other.times)
        share = soften(np.linspace(0, 1, 8))[1:-1]
        root = self.root[-1] + share[:, None] * (other.root[0] - self.root[-1])
        joints = blend(self.joints[-1], other.joints[0], share[:, None] * np.ones(len(JOINTS)))
        times = self.seconds + np.linspace(0, seconds, 8)[1:-1]
        return Movement(
            np.concatenate([self.root, root, other.root]),
            np.concatenate([self.joints, joints, other.joints]),
            np.concatenate([self.times, times, self.seconds + seconds + other.times]),
        )

    def with_upper_body(self, other):
        """These legs with the chest, head and arms of another movement."""
        joints = self.joints.copy()
        joints[:, UPPER] = other.at(np.linspace(0, other.seconds, len(self.times))).joints[:, UPPER]
        return Movement(self.root, joints, self.times)


def facing(rotation):
    """The heading in radians of a body whose root is turned by `rotation` [..., 4]."""
    ahead = rotate(rotation, np.array([1.0, 0, 0]))
    return np.arctan2(ahead[..., 1], ahead[..., 0])


def stand(movement, scale=None):
    """Joint positions [N, 15, 3] and bone rotations [N, 15, 4] in the world; `scale` [15] stretches the bones."""
    offset = OFFSET if scale is None else OFFSET * np.asarray(scale)[:, None]
    count = len(movement.times)
    places, turns = np.zeros((count, len(JOINTS), 3)), np.zeros((count, len(JOINTS), 4))
    places[:, 0], turns[:, 0] = movement.root, movement.joints[:, 0]
    for joint in range(1, len(JOINTS)):
        parent = PARENT[joint]
        places[:, joint] = places[:, parent] + rotate(turns[:, parent], offset[joint])
        turns[:, joint] = compose(turns[:, parent], movement.joints[:, joint])
    return places, turns


def capture(name):
    """The motion capture of that name ("walk", "kick", ...), starting above the origin and heading along x."""
    frames = np.array(json.loads((data_folder() / f"data/motions/humanoid3d_{name}.txt").read_text())["Frames"])
    times = np.concatenate([[0], np.cumsum(frames[:-1, 0])])

    def turned_up(quaternion):  # (w, x, y, z) with y up to (x, y, z, w) with z up
        w, x, y, z = np.moveaxis(quaternion, -1, 0)
        return np.stack([x, -z, y, w], -1)

    joints = np.tile(IDENTITY, (len(frames), len(JOINTS), 1))
    column = 4
    for name in (
        "root",
        "chest",
        "neck",
        "right hip",
        "right knee",
        "right ankle",
        "right shoulder",
        "right elbow",
        "left hip",
        "left knee",
        "left ankle",
        "left shoulder",
        "left elbow",
    ):
        if "knee" in name or "elbow" in name:
            joints[:, INDEX[name]] = turn(-Y, frames[:, column])
            column += 1
        else:
            joints[:, INDEX[name]] = turned_up(frames[:, column : column + 4])
            column += 4
    root = frames[:, 1:4][:, [0, 2, 1]] * [1, -1, 1]
    movement = Movement(root, joints / np.linalg.norm(joints, axis=-1, keepdims=True), times)
    travel = movement.root[-1] - movement.root[0]
    far = np.hypot(*travel[:2]) > 0.8 * max(1e-6, np.ptp(movement.root[:, :2], axis=0).max())
    heading = np.arctan2(travel[1], travel[0]) if far and name in ("walk", "run") else facing(joints[0, 0])
    return movement.turned(-heading, 0.0)
