"""The physics engine, and the only file that knows it: bodies, pictures, time."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from ..errors import D2STError
from .rotation import IDENTITY

STEP = 1 / 240  # seconds of physics a step


def bullet():
    """The `pybullet` module, or a sentence on how to get it."""
    try:
        import pybullet
    except ImportError:
        raise D2STError(
            "The simulator needs the physics engine pybullet, which is not installed. "
            "Install it with: pip install pybullet==3.2.7"
        ) from None
    return pybullet


def data_folder():
    """The folder of models and captures that comes with the engine."""
    bullet()
    import pybullet_data

    return Path(pybullet_data.getDataPath())


@dataclass(frozen=True)
class View:
    """A camera (metres, field of view in degrees, roll in radians) and a light (where it comes from, shares of 1)."""

    eye: tuple
    target: tuple
    field: float = 45.0
    roll: float = 0.0
    light: tuple = (0.4, -0.5, 1.0)
    ambient: float = 0.55
    diffuse: float = 0.5
    specular: float = 0.1
    tint: tuple = (1.0, 1.0, 1.0)
    shadow: bool = True
    sky: tuple = ((0.75, 0.8, 0.9), (0.95, 0.95, 0.95))  # colour above and below, where nothing stands

    def moved(self, **changes):
        return replace(self, **changes)


class World:
    """One simulated world. Use it in a `with` block: it holds an engine of its own."""

    def __init__(self, gravity=9.8):
        self.p = bullet()
        self.client = self.p.connect(self.p.DIRECT)
        self.p.setGravity(0, 0, -gravity, physicsClientId=self.client)
        self.p.setTimeStep(STEP, physicsClientId=self.client)
        self.p.setAdditionalSearchPath(str(data_folder()), physicsClientId=self.client)
        self._folder = tempfile.TemporaryDirectory()
        self._textures = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.p.disconnect(physicsClientId=self.client)
        self._folder.cleanup()

    def texture(self, picture):
        """A texture from a picture uint8 [H, W, 3]."""
        self._textures += 1
        path = f"{self._folder.name}/{self._textures}.png"
        cv2.imwrite(path, picture[..., ::-1])
        return self.p.loadTexture(path, physicsClientId=self.client)

    def add(self, mesh, colour=(1, 1, 1), texture=None, position=(0, 0, 0), rotation=IDENTITY, mass=0.0, solid=None):
        """A body of that mesh. `solid` says what it is to the physics: None (air), "box", "ball", "cylinder",
        "hull" or "shell" (hollow, for bodies that never move by themselves)."""
        shape = self.p.createVisualShape(
            self.p.GEOM_MESH,
            vertices=mesh.vertices.tolist(),
            indices=mesh.faces.ravel().tolist(),
            normals=mesh.normals.tolist(),
            uvs=mesh.coordinates.tolist(),
            rgbaColor=[*colour, 1],
            physicsClientId=self.client,
        )
        body = self.p.createMultiBody(
            mass, self._solid(mesh, solid), shape, list(position), list(rotation), physicsClientId=self.client
        )
        if texture is not None:
            self.p.changeVisualShape(body, -1, textureUniqueId=texture, physicsClientId=self.client)
        if solid is not None:
            self.p.changeDynamics(
                body,
                -1,
                lateralFriction=0.7,
                rollingFriction=0.0005,
                spinningFriction=0.002,
                restitution=0.25,
                angularDamping=0.1,
                physicsClientId=self.client,
            )
        return body

    def add_unseen(self, mesh, solid, position=(0, 0, -9)):
        """A body that pushes others and is never drawn."""
        # Without a picture of its own a body is drawn as its solid shape, so it gets one too small to see.
        speck = self.p.createVisualShape(self.p.GEOM_BOX, halfExtents=[1e-5] * 3, physicsClientId=self.client)
        body = self.p.createMultiBody(0, self._solid(mesh, solid), speck, list(position), physicsClientId=self.client)
        self.p.changeDynamics(body, -1, lateralFriction=1.0, restitution=0.25, physicsClientId=self.client)
        return body

    def add_arm(self, foot, scale):
        """An industrial arm with its foot at that place, for show: it meets nothing."""
        arm = self.p.loadURDF(
            "kuka_iiwa/model.urdf", list(foot), useFixedBase=True, globalScaling=scale, physicsClientId=self.client
        )
        for link in range(-1, self.p.getNumJoints(arm, physicsClientId=self.client)):
            self.p.setCollisionFilterGroupMask(arm, link, 0, 0, physicsClientId=self.client)
        for joint, angle in enumerate((0.0, 0.5, 0.0, -1.4, 0.0, 1.2, 0.0)):
            self.p.resetJointState(arm, joint, angle, physicsClientId=self.client)
        return arm

    def bend_arm(self, arm, wrist, rotation):
        """Bends an arm so that its flange comes to `wrist` [3], turned by `rotation` [4]."""
        angles = self.p.calculateInverseKinematics(
            arm,
            6,
            list(wrist),
            list(rotation),
            maxNumIterations=60,
            residualThreshold=1e-4,
            physicsClientId=self.client,
        )
        for joint, angle in enumerate(angles):
            self.p.resetJointState(arm, joint, angle, physicsClientId=self.client)

    def _solid(self, mesh, solid):
        if solid is None:
            return -1
        (x, y, z), p = (mesh.bounds[1] - mesh.bounds[0]), self.p
        if solid == "box":
            shape = dict(shapeType=p.GEOM_BOX, halfExtents=[x / 2, y / 2, z / 2])
        elif solid == "ball":
            shape = dict(shapeType=p.GEOM_SPHERE, radius=z / 2)
        elif solid == "cylinder":
            shape = dict(shapeType=p.GEOM_CYLINDER, radius=x / 2, height=z)
        elif solid == "hull":
            shape = dict(shapeType=p.GEOM_MESH, vertices=mesh.vertices.tolist())
        else:
            shape = dict(
                shapeType=p.GEOM_MESH,
                vertices=mesh.vertices.tolist(),
                indices=mesh.faces.ravel().tolist(),
                flags=p.GEOM_FORCE_CONCAVE_TRIMESH,
            )
        return p.createCollisionShape(**shape, physicsClientId=self.client)

    def place(self, body, position, rotation=IDENTITY):
        """Puts a body somewhere at once, at rest."""
        self.p.resetBasePositionAndOrientation(body, list(position), list(rotation), physicsClientId=self.client)

    def pose(self, body):
        """Position [3] and rotation [4] of a body."""
        position, rotation = self.p.getBasePositionAndOrientation(body, physicsClientId=self.client)
        return np.array(position), np.array(rotation)

    def push_off(self, body, velocity, spin=(0, 0, 0)):
        """Sends a body off at `velocity` (m/s) and `spin` (rad/s)."""
        self.p.resetBaseVelocity(body, list(velocity), list(spin), physicsClientId=self.client)

    def step(self):
        """Lets STEP seconds pass."""
        self.p.stepSimulation(physicsClientId=self.client)

    def draw(self, view, size):
        """What the camera sees: uint8 RGB [size, size, 3]."""
        p, eye, target = self.p, np.array(view.eye, float), np.array(view.target, float)
        look = (target - eye) / np.linalg.norm(target - eye)
        side = np.cross(look, [0, 0, 1.0])
        side /= np.linalg.norm(side) + 1e-9
        up = np.cross(side, look) * np.cos(view.roll) + side * np.sin(view.roll)
        distance = float(np.linalg.norm(target - eye))
        # The engine finds shadows by a fixed tolerance on a depth that the near plane shifts: it has to stay tiny.
        near, far = 0.01, 12 * distance
        _, _, colour, _, body = p.getCameraImage(
            size,
            size,
            p.computeViewMatrix(eye.tolist(), target.tolist(), up.tolist()),
            p.computeProjectionMatrixFOV(view.field, 1.0, near, far),
            lightDirection=list(view.light),
            lightColor=list(view.tint),
            lightDistance=2 * distance,
            shadow=int(view.shadow),
            lightAmbientCoeff=view.ambient,
            lightDiffuseCoeff=view.diffuse,
            lightSpecularCoeff=view.specular,
            renderer=p.ER_TINY_RENDERER,
            physicsClientId=self.client,
        )
        picture = np.reshape(colour, (size, size, 4))[..., :3].astype(np.uint8)
        empty = np.reshape(body, (size, size)) < 0
        if empty.any():
            above, below = np.array(view.sky, float)
            share = np.linspace(0, 1, size)[:, None, None]
            sky = ((above * (1 - share) + below * share) * 255).astype(np.uint8)
            picture = np.where(empty[..., None], np.broadcast_to(sky, picture.shape), picture)
        return picture
