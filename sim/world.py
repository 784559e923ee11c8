"""World: owns one physics client with the ground, the props and the robots in it."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.engines.bullet import pybullet, silenced
from simonsays.sim.robot import Robot
from simonsays.sim.rotations import quaternion_from_rpy
from simonsays.sim.specs import COLORS, PD_RATE_HZ, GroundSpec, PropSpec, RobotSpec, SceneSpec
from simonsays.sim.state import Array

GRAVITY = 9.81
SOLVER_ITERATIONS = 20  # enough for feet on the ground under torque control


@dataclass(frozen=True)
class Prop:
    """A prop that stands in a world: its spec and PyBullet's body id."""

    spec: PropSpec
    body: int


class World:
    """A physics client of its own; worlds never disturb each other. Close it, or use it in ``with``.

    Args:
        scene: what stands in it.
        physics_dt: s, one physics step.
        visuals: load visual meshes (for pictures); physics is the same without them, and loads faster.
        window: show it in PyBullet's own window; see sim/pictures/live_view.py, which checks that there can be one.
    """

    def __init__(
        self,
        scene: SceneSpec | None = None,
        *,
        physics_dt: float = 1 / PD_RATE_HZ,
        visuals: bool = False,
        window: bool = False,
    ):
        self.scene = scene or SceneSpec()
        self.physics_dt, self.visuals, self.window = physics_dt, visuals or window, window
        self.client: int = _open_window() if window else pybullet.connect(pybullet.DIRECT)
        self._closed = False
        self._build()

    def _build(self) -> None:
        client = self.client
        pybullet.setGravity(0, 0, -GRAVITY, physicsClientId=client)
        pybullet.setPhysicsEngineParameter(
            fixedTimeStep=self.physics_dt,
            numSolverIterations=SOLVER_ITERATIONS,
            deterministicOverlappingPairs=1,
            physicsClientId=client,
        )
        ground = self.scene.ground
        slope = math.radians(ground.slope_deg)
        if ground.roughness:
            plane, place = _bumps(client, ground), [0.0, 0.0, ground.roughness / 2]
            turned = quaternion_from_rpy(0, -slope, 0).tolist()
        else:
            normal = [-math.sin(slope), 0.0, math.cos(slope)]
            plane = pybullet.createCollisionShape(pybullet.GEOM_PLANE, planeNormal=normal, physicsClientId=client)
            place, turned = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]
        visual = -1 if self.window else _nothing(client)
        self.ground: int = pybullet.createMultiBody(0, plane, visual, place, turned, physicsClientId=client)
        self.set_friction(self.scene.ground.friction)
        self._time = 0.0
        self.props: dict[str, Prop] = {
            spec.name: Prop(spec, _create_prop(client, spec, self._centre(spec))) for spec in self.scene.props
        }

    def spawn(self, spec: RobotSpec) -> Robot:
        """Add a robot, standing in its default pose at the scene's start.

        Raises:
            InputError: the spec names something that its URDF does not have, the URDF cannot be loaded, or the scene is
                for another robot or for several.
        """
        self.scene.check_robot(spec.name)
        robot = Robot(self.client, spec, visuals=self.visuals)
        position, orientation = self.start_pose(spec.base_height)
        robot.reset(position, orientation, robot.default_positions.tolist())
        return robot

    def start_pose(self, height: float) -> tuple[list[float], list[float]]:
        """Base position (3,) m and orientation (4,) xyzw, world, of a robot at the scene's start."""
        x, y = self.scene.robot_position
        orientation = quaternion_from_rpy(0, 0, math.radians(self.scene.robot_yaw_deg))
        return [x, y, height + self.ground_height(x)], orientation.tolist()

    def ground_height(self, x: float) -> float:
        """m, world: height of the ground's plane at ``x`` m, its bumps left out."""
        return self.scene.ground.gradient * x

    def _centre(self, spec: PropSpec) -> list[float]:
        x, y, z = spec.centre
        return [x, y, z + self.ground_height(x)]

    def reset(self) -> None:
        """Build the world anew, exactly as a fresh one: robots are gone, spawn them again."""
        pybullet.resetSimulation(physicsClientId=self.client)
        self._build()

    def reset_props(self) -> None:
        """Put every prop back where the scene has it, at rest."""
        self._time = 0.0
        yaws = [math.radians(prop.spec.yaw_deg) for prop in self.props.values()]
        centres = np.array([self._centre(prop.spec) for prop in self.props.values()])
        self.set_prop_poses(centres, np.array([quaternion_from_rpy(0, 0, yaw) for yaw in yaws]))

    def move_props(self, dt: float) -> None:
        """Carry the props that have a path along it for ``dt`` s; nothing pushes them off it."""
        self._time += dt
        for prop in self.props.values():
            if prop.spec.path:
                x, y = prop.spec.place_at(self._time)
                z = prop.spec.centre[2] + self.ground_height(x)
                turned = quaternion_from_rpy(0, 0, math.radians(prop.spec.yaw_deg)).tolist()
                pybullet.resetBasePositionAndOrientation(prop.body, [x, y, z], turned, physicsClientId=self.client)

    def step(self) -> None:
        """One physics step of ``physics_dt``."""
        pybullet.stepSimulation(physicsClientId=self.client)

    def set_friction(self, friction: float) -> None:
        """Set the ground's coefficient of friction; Bullet multiplies it with the other body's (feet: 1)."""
        pybullet.changeDynamics(self.ground, -1, lateralFriction=friction, physicsClientId=self.client)

    def prop_poses(self) -> tuple[Array, Array]:
        """Positions (P, 3) m and orientations (P, 4) xyzw, world, in the order of ``props``."""
        poses = [
            pybullet.getBasePositionAndOrientation(prop.body, physicsClientId=self.client)
            for prop in self.props.values()
        ]
        positions = np.array([pose[0] for pose in poses]).reshape(-1, 3)
        return positions, np.array([pose[1] for pose in poses]).reshape(-1, 4)

    def prop_positions(self) -> Array:
        """(P, 3) m, world."""
        return self.prop_poses()[0]

    def set_prop_poses(self, positions: Array, orientations: Array) -> None:
        """Place the props: (P, 3) m and (P, 4) xyzw, world, in the order of ``props``."""
        for prop, position, orientation in zip(self.props.values(), positions, orientations, strict=True):
            pybullet.resetBasePositionAndOrientation(
                prop.body, position.tolist(), orientation.tolist(), physicsClientId=self.client
            )

    def close(self) -> None:
        """Disconnect from the physics client; a second call does nothing."""
        if not self._closed:
            self._closed = True
            pybullet.disconnect(physicsClientId=self.client)

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open_window() -> int:
    """A physics client with a window of its own.

    Raises:
        InputError: this process has such a window already; Bullet allows one.
    """
    client = -1
    with silenced(), contextlib.suppress(pybullet.error):
        client = pybullet.connect(pybullet.GUI)
    if client < 0:
        raise InputError("PyBullet opens one window a process: close the env that has it first")
    return client


def _nothing(client: int) -> int:
    """A visual shape for the ground that is not seen: pictures draw their own floor, Bullet would draw tiles."""
    shape: int = pybullet.createVisualShape(
        pybullet.GEOM_BOX,
        halfExtents=[1e-3] * 3,
        visualFramePosition=[0, 0, -5],
        rgbaColor=[0, 0, 0, 0],
        physicsClientId=client,
    )
    return shape


BUMP_SPACING, _BUMPS = 0.25, 241  # m, and how many a side: 60 m of uneven ground


def bump_heights(ground: GroundSpec) -> Array:
    """(241, 241) m above the ground's plane, rows along y, ``BUMP_SPACING`` m apart, the origin in the middle."""
    heights = np.random.default_rng(int(ground.seed)).uniform(0.0, ground.roughness, (_BUMPS, _BUMPS))
    heights[0, 0], heights[-1, -1] = 0.0, ground.roughness  # Bullet centres the shape between its extremes
    return heights


def _bumps(client: int, ground: GroundSpec) -> int:
    """Collision shape of uneven ground: heights (m) drawn evenly from 0 to ``roughness``."""
    shape: int = pybullet.createCollisionShape(
        pybullet.GEOM_HEIGHTFIELD,
        meshScale=[BUMP_SPACING, BUMP_SPACING, 1.0],
        heightfieldTextureScaling=_BUMPS,
        heightfieldData=bump_heights(ground).ravel().tolist(),
        numHeightfieldRows=_BUMPS,
        numHeightfieldColumns=_BUMPS,
        physicsClientId=client,
    )
    return shape


def _create_prop(client: int, spec: PropSpec, centre: list[float]) -> int:
    x, y, z = spec.extents
    if spec.shape == "box":
        collision = {"shapeType": pybullet.GEOM_BOX, "halfExtents": [x / 2, y / 2, z / 2]}
        visual = {"shapeType": pybullet.GEOM_MESH, **box_mesh(x / 2, y / 2, z / 2)}
    else:
        if spec.shape == "ball":
            collision = {"shapeType": pybullet.GEOM_SPHERE, "radius": x / 2}
        elif spec.shape == "pillar":
            collision = {"shapeType": pybullet.GEOM_CYLINDER, "radius": x / 2, "height": z}
        else:  # Bullet has no cone primitive: the convex hull of its outline
            hull = _turned(_PROFILES["cone"], x / 2, z / 2, sides=16)["vertices"]
            collision = {"shapeType": pybullet.GEOM_MESH, "vertices": hull}
        visual = {"shapeType": pybullet.GEOM_MESH, **_turned(_PROFILES[spec.shape], x / 2, z / 2)}
    body: int = pybullet.createMultiBody(
        spec.weight,
        pybullet.createCollisionShape(physicsClientId=client, **collision),
        pybullet.createVisualShape(rgbaColor=COLORS[spec.color], physicsClientId=client, **visual),
        centre,
        quaternion_from_rpy(0, 0, math.radians(spec.yaw_deg)).tolist(),
        physicsClientId=client,
    )
    rolling = 0.003 if spec.shape == "ball" else 0.0
    pybullet.changeDynamics(
        body, -1, lateralFriction=0.8, rollingFriction=rolling, spinningFriction=rolling, physicsClientId=client
    )
    return body


def box_mesh(x: float, y: float, z: float) -> dict[str, Any]:
    """Vertices, normals and triangle indices of a box of these half extents (m), four vertices a side."""
    vertices: list[list[float]] = []
    normals: list[list[float]] = []
    indices: list[int] = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            normal = [0.0, 0.0, 0.0]
            normal[axis] = sign
            first = len(vertices)
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                corner = [0.0, 0.0, 0.0]
                corner[axis], corner[(axis + 1) % 3], corner[(axis + 2) % 3] = sign, sign * a, b
                vertices.append([corner[0] * x, corner[1] * y, corner[2] * z])
                normals.append(normal)
            indices += [first, first + 1, first + 2, first, first + 2, first + 3]
    return {"vertices": vertices, "normals": normals, "indices": indices}


# Outlines from bottom to top: radius and height, both -1 to 1 of the half extents, and the normal's two parts.
_PROFILES = {
    "ball": tuple((math.sin(a), -math.cos(a)) * 2 for a in (math.pi * i / 20 for i in range(21))),
    "pillar": ((0, -1, 0, -1), (1, -1, 0, -1), (1, -1, 1, 0), (1, 1, 1, 0), (1, 1, 0, 1), (0, 1, 0, 1)),
    "cone": ((0, -1, 0, -1), (1, -1, 0, -1), (1, -1, 0.95, 0.31), (0.06, 1, 0.95, 0.31), (0, 1, 0, 1)),
}


def _turned(profile: tuple[tuple[float, ...], ...], radius: float, half: float, sides: int = 40) -> dict[str, Any]:
    """Vertices, normals and triangle indices of an outline turned about the z axis."""
    vertices, normals, indices = [], [], []
    for i in range(sides + 1):
        c, s = math.cos(2 * math.pi * i / sides), math.sin(2 * math.pi * i / sides)
        for r, z, out, up in profile:
            vertices.append([radius * r * c, radius * r * s, half * z])
            normals.append([out * c, out * s, up])
    n = len(profile)
    for i in range(sides):
        for j in range(n - 1):
            a, b = i * n + j, (i + 1) * n + j
            indices += [a, b, b + 1, a, b + 1, a + 1]
    return {"vertices": vertices, "normals": normals, "indices": indices}
