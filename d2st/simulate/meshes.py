"""Shapes as triangle meshes with normals and texture coordinates, in metres."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Mesh:
    """vertices and normals [V, 3], texture coordinates [V, 2] in 0..1 or beyond (repeats), faces [F, 3]."""

    vertices: np.ndarray
    normals: np.ndarray
    coordinates: np.ndarray
    faces: np.ndarray

    def scaled(self, x, y=None, z=None):
        """The mesh stretched along its axes; one number stretches all three alike."""
        factor = np.array([x, x if y is None else y, x if z is None else z], float)
        normals = self.normals / factor
        normals /= np.linalg.norm(normals, axis=-1, keepdims=True) + 1e-12
        return Mesh(self.vertices * factor, normals, self.coordinates, self.faces)

    def upright(self):
        """The mesh turned from y-up to z-up."""
        vertices, normals = (points[:, [0, 2, 1]] * [1, -1, 1] for points in (self.vertices, self.normals))
        return Mesh(vertices, normals, self.coordinates, self.faces)

    def papered(self):
        """The mesh with its texture once along its shorter edge."""
        once = self.coordinates / self.coordinates.max(0).min()
        return Mesh(self.vertices, self.normals, once, self.faces)

    @property
    def bounds(self):
        """Lowest and highest corner, [2, 3]."""
        return np.stack([self.vertices.min(0), self.vertices.max(0)])


def lathe(profile, sides=16):
    """A profile of (radius, height) points, listed from bottom to top, turned about z."""
    profile = np.asarray(profile, float)
    rows, angles = len(profile), np.linspace(0, 2 * np.pi, sides + 1)
    circle = np.stack([np.cos(angles), np.sin(angles)], -1)  # [sides + 1, 2]
    slope = np.gradient(profile, axis=0)
    outward = np.stack([slope[:, 1], -slope[:, 0]], -1)
    outward /= np.linalg.norm(outward, axis=-1, keepdims=True) + 1e-9

    def around(radius, height):
        flat = radius[:, None, None] * circle
        return np.concatenate([flat, np.broadcast_to(height[:, None, None], (rows, sides + 1, 1))], -1)

    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(profile, axis=0), axis=-1))])
    u, v = np.meshgrid(np.linspace(0, 1, sides + 1), length / length[-1])
    low = (np.arange(rows - 1)[:, None] * (sides + 1) + np.arange(sides)).ravel()
    high = low + sides + 1
    faces = np.concatenate([np.stack([low, low + 1, high + 1], -1), np.stack([low, high + 1, high], -1)])
    return Mesh(
        around(profile[:, 0], profile[:, 1]).reshape(-1, 3),
        around(outward[:, 0], outward[:, 1]).reshape(-1, 3),
        np.stack([u, v], -1).reshape(-1, 2),
        faces,
    )


def ball(radius=1.0, rings=9, sides=16):
    """A ball about the origin."""
    angles = np.linspace(-np.pi / 2, np.pi / 2, rings)
    return lathe(np.stack([radius * np.cos(angles), radius * np.sin(angles)], -1), sides)


def limb(start, end, length, sides=12):
    """A capsule from the origin up z to `length`, with radius `start` below and `end` above."""
    angles = np.linspace(0, np.pi / 2, 5)
    foot = np.stack([start * np.sin(angles), -start * np.cos(angles)], -1)
    head = np.stack([end * np.cos(angles), length + end * np.sin(angles)], -1)
    return lathe(np.concatenate([foot, head]), sides)


def cylinder(radius, height, top=None, sides=20):
    """A standing cylinder about the origin; a `top` radius makes it a cone or a bucket."""
    top = radius if top is None else top
    half, edge = height / 2, 1e-4
    return lathe(
        [
            (0, -half),
            (radius - edge, -half),
            (radius, -half),
            (radius, -half + edge),
            (top, half - edge),
            (top, half),
            (max(top - edge, 0), half),
            (0, half),
        ],
        sides,
    )


def vessel(radius, height, top=None, wall=0.06, sides=24):
    """An open cup about the origin; `wall` is a share of the radius."""
    top = radius if top is None else top
    half, thick, edge = height / 2, wall * radius, 1e-4
    return lathe(
        [
            (0, -half),
            (radius - edge, -half),
            (radius, -half + edge),
            (top, half - thick / 2),
            (top - thick / 2, half),
            (top - thick, half - thick / 2),
            (radius - thick, -half + thick + edge),
            (radius - thick - edge, -half + thick),
            (0, -half + thick),
        ],
        sides,
    )


def ring(radius, thickness, sides=24):
    """A torus lying flat about the origin."""
    angles = np.linspace(0, 2 * np.pi, 11)
    return lathe(
        np.stack([radius - thickness * np.sin(angles), -thickness * np.cos(angles)], -1)[::-1] * [1, -1], sides
    )


def box(x, y, z, repeat=1.0):
    """A box about the origin with edges x, y, z; each face shows the texture `repeat` times."""
    vertices, normals, coordinates = [], [], []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            normal = np.zeros(3)
            normal[axis] = sign
            side = np.eye(3)[(axis + 1) % 3] * sign
            up = np.eye(3)[(axis + 2) % 3]
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                vertices.append(normal + a * side + b * up)
                normals.append(normal)
                coordinates.append([(a + 1) / 2 * repeat, (b + 1) / 2 * repeat])
    quads = np.arange(24).reshape(6, 4)
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return Mesh(np.array(vertices) * np.array([x, y, z]) / 2, np.array(normals), np.array(coordinates), faces)


def pebble(x, y, z, squareness=0.5, rings=11, sides=20):
    """A box with round edges (a superellipsoid) about the origin; squareness 0 is nearly a box, 1 an ellipsoid."""

    def power(value):
        return np.sign(value) * np.abs(value) ** squareness

    latitude = np.linspace(-np.pi / 2, np.pi / 2, rings)[:, None]
    longitude = np.linspace(0, 2 * np.pi, sides + 1)[None]
    unit = np.stack(
        np.broadcast_arrays(
            power(np.cos(latitude)) * power(np.cos(longitude)),
            power(np.cos(latitude)) * power(np.sin(longitude)),
            power(np.sin(latitude)),
        ),
        -1,
    )
    sphere = ball(1.0, rings, sides)
    vertices = unit.reshape(-1, 3) * np.array([x, y, z]) / 2
    sign = np.sign(unit) * np.abs(unit) ** (2 / squareness - 1)
    normals = sign.reshape(-1, 3) / (np.array([x, y, z]) / 2)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True) + 1e-12
    return Mesh(vertices, normals, sphere.coordinates, sphere.faces)


def plate(x, y, repeat=1.0):
    """A flat rectangle about the origin that faces up, the texture repeated along its shorter edge."""
    across = np.array([x, y]) / min(x, y) * repeat
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    vertices = np.concatenate([(corners - 0.5) * [x, y], np.zeros((4, 1))], -1)
    return Mesh(vertices, np.tile([0.0, 0.0, 1.0], (4, 1)), corners * across, np.array([[0, 1, 2], [0, 2, 3]]))


def read(path):
    """The mesh in a Wavefront .obj file, with normals worked out from its faces."""
    points, places, corners = [], [], []
    with open(path) as file:
        for line in file:
            words = line.split()
            if not words:
                continue
            if words[0] == "v":
                points.append([float(word) for word in words[1:4]])
            elif words[0] == "vt":
                places.append([float(word) for word in words[1:3]])
            elif words[0] == "f":
                face = [[int(number or 0) for number in word.split("/")] for word in words[1:]]
                corners += [(face[0], face[i], face[i + 1]) for i in range(1, len(face) - 1)]
    vertices, textures = np.array(points), np.array(places or [[0.0, 0.0]])
    of_point = np.array([[corner[0] - 1 for corner in face] for face in corners])
    of_place = np.array(
        [[corner[1] - 1 if len(corner) > 1 and corner[1] else 0 for corner in face] for face in corners]
    )
    a, b, c = np.moveaxis(vertices[of_point], 1, 0)
    facing = np.cross(b - a, c - a)  # as long as the face is large
    smooth = np.zeros_like(vertices)
    for i in range(3):
        np.add.at(smooth, of_point[:, i], facing)
    flat = facing / (np.linalg.norm(facing, axis=-1, keepdims=True) + 1e-12)
    normals = smooth / (np.linalg.norm(smooth, axis=-1, keepdims=True) + 1e-12)
    normals = normals[of_point]  # [F, 3 corners, 3]
    sharp = (normals * flat[:, None]).sum(-1, keepdims=True) < 0.7
    normals = np.where(sharp, flat[:, None], normals)
    return Mesh(
        vertices[of_point].reshape(-1, 3),
        normals.reshape(-1, 3),
        textures[of_place].reshape(-1, 2),
        np.arange(of_point.size).reshape(-1, 3),
    )
