"""Rotations as quaternions (x, y, z, w), the order the physics engine uses.

Every function takes arrays with any leading dimensions: quaternions [..., 4], vectors [..., 3].
"""

import numpy as np

IDENTITY = np.array([0.0, 0.0, 0.0, 1.0])
X, Y, Z = np.eye(3)


def turn(axis, angle):
    """Quaternion [..., 4] of a turn about `axis` [3] by `angle` radians [...] (right-handed)."""
    half = np.asarray(angle, float)[..., None] / 2
    axis = np.asarray(axis, float) / np.linalg.norm(axis)
    return np.concatenate([axis * np.sin(half), np.cos(half)], axis=-1)


def parts(array):
    """The numbers of the last axis, each [...]; far quicker than numpy.moveaxis on a single quaternion."""
    return [array[..., i] for i in range(array.shape[-1])]


def cross(a, b):
    """The cross product of vectors [..., 3]; far quicker than numpy.cross on a single one."""
    (ax, ay, az), (bx, by, bz) = parts(a), parts(b)
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


def compose(*rotations):
    """The product of quaternions [..., 4]: the last one turns first."""
    product = np.asarray(rotations[0], float)
    for other in rotations[1:]:
        ax, ay, az, aw = parts(product)
        bx, by, bz, bw = parts(np.asarray(other, float))
        product = np.stack(
            [
                aw * bx + ax * bw + ay * bz - az * by,
                aw * by - ax * bz + ay * bw + az * bx,
                aw * bz + ax * by - ay * bx + az * bw,
                aw * bw - ax * bx - ay * by - az * bz,
            ],
            axis=-1,
        )
    return product


def inverse(rotation):
    """The turn that undoes `rotation` [..., 4]."""
    return np.asarray(rotation, float) * [-1, -1, -1, 1]


def rotate(rotation, vector):
    """`vector` [..., 3] turned by `rotation` [..., 4]."""
    rotation, vector = np.asarray(rotation, float), np.asarray(vector, float)
    axis, w = rotation[..., :3], rotation[..., 3:]
    side = 2 * cross(axis, vector)
    return vector + w * side + cross(axis, side)


def blend(start, end, share):
    """The rotation that lies `share` (0 to 1, [...]) of the way from `start` to `end` [..., 4]."""
    start, end = np.broadcast_arrays(np.asarray(start, float), np.asarray(end, float))
    share = np.asarray(share, float)[..., None]
    end = np.where((start * end).sum(-1, keepdims=True) < 0, -end, end)
    cosine = np.clip((start * end).sum(-1, keepdims=True), -1, 1)
    angle = np.arccos(cosine)
    scale = np.maximum(np.sin(angle), 1e-6)
    near = angle < 1e-3
    mixed = (
        np.where(near, 1 - share, np.sin((1 - share) * angle) / scale) * start
        + np.where(near, share, np.sin(share * angle) / scale) * end
    )
    return mixed / np.linalg.norm(mixed, axis=-1, keepdims=True)


def from_matrix(matrix):
    """Quaternion [4] of a rotation matrix [3, 3]."""
    # The largest of the four squared components is safe to divide by.
    m = np.asarray(matrix, float)
    trace = np.trace(m)
    squares = np.array([1 + 2 * m[0, 0] - trace, 1 + 2 * m[1, 1] - trace, 1 + 2 * m[2, 2] - trace, 1 + trace])
    largest = int(squares.argmax())
    rows = np.array(
        [
            [squares[0], m[0, 1] + m[1, 0], m[0, 2] + m[2, 0], m[2, 1] - m[1, 2]],
            [m[0, 1] + m[1, 0], squares[1], m[1, 2] + m[2, 1], m[0, 2] - m[2, 0]],
            [m[0, 2] + m[2, 0], m[1, 2] + m[2, 1], squares[2], m[1, 0] - m[0, 1]],
            [m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1], squares[3]],
        ]
    )
    return rows[largest] / np.linalg.norm(rows[largest])


def frame(forward, up):
    """The rotation [4] that takes x to `forward` and z as near to `up` as it can."""
    x = np.asarray(forward, float) / np.linalg.norm(forward)
    up = np.asarray(up, float)
    y = np.cross(up, x)
    if np.linalg.norm(y) < 1e-6:
        y = np.cross(X if abs(x[0]) < 0.9 else Y, x)
    y /= np.linalg.norm(y)
    return from_matrix(np.stack([x, y, np.cross(x, y)], axis=1))


def towards(direction):
    """The shortest turn [..., 4] that takes z to `direction` [..., 3]."""
    direction = np.asarray(direction, float)
    direction = direction / np.linalg.norm(direction, axis=-1, keepdims=True)
    x, y, z = parts(direction)
    flipped = z < -0.999999
    quaternion = np.stack([-y, x, np.zeros_like(x), 1 + z], axis=-1)
    quaternion = np.where(flipped[..., None], [1.0, 0.0, 0.0, 0.0], quaternion)
    return quaternion / np.linalg.norm(quaternion, axis=-1, keepdims=True)
