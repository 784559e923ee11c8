"""PyBullet behind the engine's interface."""

from __future__ import annotations

import contextlib
import math
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.engines import register_engine
from simonsays.sim.engines.base import Body, Engine
from simonsays.sim.engines.bullet_shapes import bumps, create_prop, nothing, open_window
from simonsays.sim.engines.capabilities import COMMON, Capability, Support
from simonsays.sim.engines.native import plain_numbers, pybullet, silenced
from simonsays.sim.engines.quantities import GRAVITY, BaseState, Contact, Feet, Member, Torques
from simonsays.sim.engines.rotors import spread_rotors
from simonsays.sim.kinematics import Tree
from simonsays.sim.rotations import conjugate, matrix_from_quaternion, multiply, quaternion_from_rpy, rotation_rows
from simonsays.sim.specs import RobotSpec, SceneSpec
from simonsays.sim.state import Array, Vector

_MOST_LINKS = 128  # of its shared memory, MAX_DEGREE_OF_FREEDOM; the base among them
SOLVER_ITERATIONS = 20  # enough for feet on the ground under torque control
_LOAD = pybullet.URDF_MAINTAIN_LINK_ORDER | pybullet.URDF_USE_INERTIA_FROM_FILE | pybullet.URDF_USE_SELF_COLLISION


class BulletBody(Body):
    """A robot in Bullet.

    Attributes:
        id: PyBullet's, of the body in its client.
    """

    engine: BulletEngine

    def __init__(self, engine: BulletEngine, spec: RobotSpec, tree: Tree) -> None:
        super().__init__(engine, spec, tree)
        self._client = client = engine.client
        flags = _LOAD if engine.visuals else _LOAD | pybullet.URDF_IGNORE_VISUAL_SHAPES
        if len(tree.links) > _MOST_LINKS:
            raise InputError(
                f"{spec.urdf}: {len(tree.links)} links; PyBullet simulates at most {_MOST_LINKS}: take out frames that "
                "nothing hangs on (`simon robot new` does), or use the engine mujoco"
            )
        _check_order(tree)
        with silenced(), plain_numbers():
            try:
                self.id: int = pybullet.loadURDF(
                    str(spec.urdf), [0, 0, spec.base_height], flags=flags, physicsClientId=client
                )
            except pybullet.error as error:
                raise InputError(f"{spec.urdf}: PyBullet cannot load it: {error}") from error
        infos = [pybullet.getJointInfo(self.id, i, physicsClientId=client) for i in range(len(tree.links) - 1)]
        joints, links = ({info[at].decode(): info[0] for info in infos} for at in (1, 12))
        self.joint_ids: list[int] = [joints[name] for name in tree.joints]
        self.links: list[int] = [links.get(name, -1) for name in tree.links]
        """Bullet's index of each link, by its place"""
        self._feet = [self.links[tree.place[name]] for name in spec.feet]
        dynamics = [pybullet.getDynamicsInfo(self.id, link, physicsClientId=client) for link in self.links]
        # Bullet's base pose is that of the centre of mass and its principal axes; ours is the link's own frame.
        self._base_com: Vector = dynamics[0][3]
        self._base_axes, self._base_axes_inverse = dynamics[0][4], conjugate(dynamics[0][4])
        self._inertias: Array = np.array([info[2] for info in dynamics])  # principal
        self._inertias[tree.mass == 0] = 0.0  # where a link has no <inertial>, Bullet takes 1 kg and 1 kg m^2
        self._frames = tuple(info[4] for info in dynamics)
        # Gains make no difference to the fit.
        bare = tuple(replace(joint, kp=0.0, kd=0.0) for joint in spec.joints)
        self._rotors = spread(replace(spec, joints=bare), self._frames)
        self._set: list[tuple[float, ...]] = [()] * len(self.links)
        for link in self.links:
            change = {"linearDamping": 0.0, "angularDamping": 0.0, "jointDamping": 0.0}
            pybullet.changeDynamics(self.id, link, physicsClientId=client, **change)
        self._stepped = False
        self._set_inertias()
        self._set_friction()
        self.read()

    def _diagonals(self) -> Array:
        """(L, 3) kg m^2 about each link's principal axes, rotors spread over them."""
        shares = self.masses() / np.where(self.tree.mass > 0, self.tree.mass, 1.0)
        found = self._inertias * shares[:, None]
        found[self.tree.joint_links] += self.dynamics.armature * self._rotors
        return found

    def _set_inertias(self) -> None:
        for place, (mass, diagonal) in enumerate(zip(self.masses().tolist(), self._diagonals().tolist(), strict=True)):
            if self._set[place] != (mass, *diagonal):
                self._set[place] = (mass, *diagonal)
                # Given a mass alone, Bullet would work the inertia out anew, from the collision shape.
                for change in ({"mass": mass}, {"localInertiaDiagonal": diagonal}):
                    pybullet.changeDynamics(self.id, self.links[place], physicsClientId=self._client, **change)

    def _set_friction(self) -> None:
        now, client = self.dynamics, self._client
        for link in self.joint_ids:
            pybullet.changeDynamics(self.id, link, jointDamping=now.joint_damping, physicsClientId=client)
        # A motor for velocity 0 that is as strong as this: what Bullet has for dry friction. At 0 it is switched off.
        forces = [now.friction_loss] * len(self.joint_ids)
        pybullet.setJointMotorControlArray(
            self.id, self.joint_ids, pybullet.VELOCITY_CONTROL, forces=forces, physicsClientId=client
        )

    @property
    def positions(self) -> list[float]:
        return [joint[0] for joint in self._joints]

    @property
    def velocities(self) -> list[float]:
        return [joint[1] for joint in self._joints]

    def _pd(self, targets: Torques) -> Torques:
        # On plain floats: Bullet's are, and for some twenty joints that takes a third of the time of NumPy's calls.
        return [
            limit if (t := kp * (target - now[0]) - kd * now[1]) > limit else -limit if t < -limit else t
            for target, now, (kp, kd, limit) in zip(targets, self._joints, self._gains, strict=True)
        ]

    def read(self) -> None:
        self._joints = pybullet.getJointStates(self.id, self.joint_ids, physicsClientId=self._client)

    def _apply(self, torques: Torques) -> None:
        self._stepped = True
        pybullet.setJointMotorControlArray(
            self.id, self.joint_ids, pybullet.TORQUE_CONTROL, forces=torques, physicsClientId=self._client
        )
        for place, (force, torque) in self.forces.items():
            link, frame, client = self.links[place], pybullet.WORLD_FRAME, self._client
            at = self._centre(link)
            pybullet.applyExternalForce(self.id, link, force, at, frame, physicsClientId=client)
            pybullet.applyExternalTorque(self.id, link, torque, frame, physicsClientId=client)

    def _centre(self, link: int) -> Vector:
        if link < 0:
            place: Vector = pybullet.getBasePositionAndOrientation(self.id, physicsClientId=self._client)[0]
        else:
            place = pybullet.getLinkState(self.id, link, 0, 1, physicsClientId=self._client)[0]
        return place

    def place(self, position: Sequence[float], orientation: Sequence[float], angles: Sequence[float]) -> None:
        client = self._client
        centre = np.array(position) + matrix_from_quaternion(orientation) @ np.array(self._base_com)
        turned = multiply(orientation, self._base_axes)
        pybullet.resetBasePositionAndOrientation(self.id, centre.tolist(), turned, physicsClientId=client)
        pybullet.resetBaseVelocity(self.id, [0.0] * 3, [0.0] * 3, physicsClientId=client)
        for joint, angle in zip(self.joint_ids, angles, strict=True):
            pybullet.resetJointState(self.id, joint, angle, 0.0, physicsClientId=client)
        self._stepped = False  # Bullet still tells of contacts of before
        self.rest()
        self.read()

    def set_base_velocity(self, linear: Sequence[float], angular: Sequence[float]) -> None:
        (ax, bx, cx), (ay, by, cy), (az, bz, cz) = self.base().rows
        x, y, z = self._base_com
        lever = np.array([ax * x + bx * y + cx * z, ay * x + by * y + cy * z, az * x + bz * y + cz * z])
        centre = np.array(linear) + np.cross(angular, lever)
        pybullet.resetBaseVelocity(self.id, centre.tolist(), list(angular), physicsClientId=self._client)

    def base(self) -> BaseState:
        (px, py, pz), axes = pybullet.getBasePositionAndOrientation(self.id, physicsClientId=self._client)
        (vx, vy, vz), (wx, wy, wz) = pybullet.getBaseVelocity(self.id, physicsClientId=self._client)
        orientation = multiply(axes, self._base_axes_inverse)
        rows = (ax, bx, cx), (ay, by, cy), (az, bz, cz) = rotation_rows(orientation)
        # Plain floats: this runs every control step, and small arrays are what costs.
        mx, my, mz = self._base_com
        lx, ly, lz = ax * mx + bx * my + cx * mz, ay * mx + by * my + cy * mz, az * mx + bz * my + cz * mz
        linear = (vx - wy * lz + wz * ly, vy - wz * lx + wx * lz, vz - wx * ly + wy * lx)
        return BaseState((px - lx, py - ly, pz - lz), orientation, rows, linear, (wx, wy, wz))

    def feet(self) -> Feet:
        client, (first, second) = self._client, self._feet
        left, right = pybullet.getLinkStates(self.id, self._feet, 1, 1, physicsClientId=client)
        pressed, other = 0.0, 0.0
        for point in pybullet.getContactPoints(bodyA=self.id, physicsClientId=client) if self._stepped else ():
            if point[3] == first:
                pressed += point[9]
            elif point[3] == second:
                other += point[9]
        return Feet((left[4], right[4]), (left[6], right[6]), (pressed, other))

    def _states(self, links: Sequence[int]) -> list[tuple[Any, ...]]:
        """Of links by their places, as getLinkState has them: 0 and 1 centre of mass, 4 and 5 the frame."""
        base = self.base()
        own = (self._centre(-1), (), (), (), base.position, base.orientation)
        return [
            own if place == 0 else pybullet.getLinkState(self.id, self.links[place], 0, 1, physicsClientId=self._client)
            for place in links
        ]

    def link_poses(self, links: Sequence[int]) -> tuple[Array, Array]:
        states = self._states(links)
        return np.array([state[4] for state in states]), np.array([state[5] for state in states])

    def centres(self, links: Sequence[int]) -> Array:
        return np.array([state[0] for state in self._states(links)])

    def depths(self) -> dict[tuple[int, int], float]:
        pybullet.performCollisionDetection(physicsClientId=self._client)
        place = {link: i for i, link in enumerate(self.links)}
        found: dict[tuple[int, int], float] = {}
        for point in pybullet.getContactPoints(self.id, self.id, physicsClientId=self._client):
            one, other = sorted((place[point[3]], place[point[4]]))
            if point[8] < 0:
                found[one, other] = max(found.get((one, other), 0.0), -point[8])
        return found

    def keep_apart(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Let pairs of links, by their places, never touch."""
        for one, other in pairs:
            pybullet.setCollisionFilterPair(
                self.id, self.id, self.links[one], self.links[other], 0, physicsClientId=self._client
            )

    def mass_matrix(self, angles: Array) -> Array:
        poses = self.tree.poses(angles)
        frames = poses.rotation @ np.array([matrix_from_quaternion(frame) for frame in self._frames])
        turning = frames.swapaxes(2, 3) @ self.tree.turning(poses)
        own = self.dynamics.armature * self._rotors
        spread = turning[:, self.tree.joint_links]
        rotors: Array = np.einsum("nlai,la,nlaj->nij", spread, own, spread, optimize=True)
        return self.tree.mass_matrix(poses, self.masses()) + rotors


def _check_order(tree: Tree) -> None:
    """Refuse what ends the process within PyBullet, which keeps the file's order of links: InputError."""
    seen = set[str]()
    for link in tree.urdf.links:
        above = tree.urdf.above.get(link.name)
        if above is not None and above.parent not in seen:
            raise InputError(
                f"{tree.urdf.file}: link {link.name!r} stands before its parent {above.parent!r}, which PyBullet does "
                "not survive: put parents first (`simon robot new` does), or use the engine mujoco"
            )
        seen.add(link.name)


@lru_cache(maxsize=16)
def spread(spec: RobotSpec, frames: tuple[tuple[float, ...], ...]) -> Array:
    """(J, 3) kg m^2: what stands for each joint's rotor about the principal axes of its link."""
    return spread_rotors(Tree(spec), np.array([matrix_from_quaternion(frame) for frame in frames]), spec)


@register_engine
class BulletEngine(Engine):
    """A physics client of PyBullet.

    Attributes:
        client: PyBullet's id of it.
    """

    name, title, package = "bullet", "PyBullet", "pybullet"
    capabilities: ClassVar[Mapping[str, Capability]] = COMMON | {
        "rotors": Capability(Support.APPROXIMATE, "inertia spread over the links; see `rotor_errors` of a robot"),
        "reset": Capability(Support.EXACT, "exact: the world is built anew; fast: the solver's caches carry over"),
        "contact friction": Capability(Support.EXACT, "the product of both bodies' coefficients"),
        "joint friction": Capability(Support.APPROXIMATE, "a motor for velocity zero, in the solver"),
        "pictures": Capability(Support.EXACT, "TinyRenderer and EGL"),
        "mjcf": Capability(Support.UNSUPPORTED, "give the robot a URDF, or use the engine mujoco"),
    }

    def __init__(self, dt: float, *, visuals: bool = False, window: bool = False) -> None:
        super().__init__(dt)
        self.visuals, self._window = visuals or window, window
        self.client: int = open_window() if window else pybullet.connect(pybullet.DIRECT)
        self._give_back = weakref.finalize(self, _disconnect, self.client)
        self.props: list[int] = []
        """PyBullet's ids, in the scene's order"""

    def _build(self, scene: SceneSpec, heights: Sequence[float]) -> None:
        client = self.client
        pybullet.resetSimulation(physicsClientId=client)
        pybullet.setGravity(0, 0, -GRAVITY, physicsClientId=client)
        pybullet.setPhysicsEngineParameter(
            fixedTimeStep=self.dt,
            numSolverIterations=SOLVER_ITERATIONS,
            deterministicOverlappingPairs=1,
            physicsClientId=client,
        )
        ground, slope = scene.ground, math.radians(scene.ground.slope_deg)
        normal = [-math.sin(slope), 0.0, math.cos(slope)]
        if ground.roughness:
            shape, place = bumps(client, ground), [ground.roughness / 2 * along for along in normal]
            turned = quaternion_from_rpy(0, -slope, 0).tolist()
        else:
            shape = pybullet.createCollisionShape(pybullet.GEOM_PLANE, planeNormal=normal, physicsClientId=client)
            place, turned = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]
        visual = -1 if self._window else nothing(client)
        self.ground: int = pybullet.createMultiBody(0, shape, visual, place, turned, physicsClientId=client)
        self.set_friction(ground.friction)
        self.props = [
            create_prop(client, spec, [*spec.centre[:2], z], self.visuals)
            for spec, z in zip(scene.props, heights, strict=True)
        ]

    def _add_robots(self, members: Sequence[Member]) -> list[Body]:
        made = [BulletBody(self, member.spec, member.tree) for member in members]
        for body, member in zip(made, members, strict=True):
            body.keep_apart(member.apart)
        robots = [(body.id, link) for body in made for link in body.links]
        bodies = [*robots, *((prop, -1) for prop in self.props), (self.ground, -1)]
        self._places = {body: i for i, body in enumerate(bodies)}
        return [*made]

    def step(self) -> None:
        pybullet.stepSimulation(physicsClientId=self.client)

    def set_friction(self, friction: float) -> None:
        pybullet.changeDynamics(self.ground, -1, lateralFriction=friction, physicsClientId=self.client)

    def prop_poses(self) -> tuple[Array, Array]:
        poses = [pybullet.getBasePositionAndOrientation(prop, physicsClientId=self.client) for prop in self.props]
        positions = np.array([pose[0] for pose in poses]).reshape(-1, 3)
        return positions, np.array([pose[1] for pose in poses]).reshape(-1, 4)

    def prop_velocity(self, place: int) -> Vector:
        linear: Vector = pybullet.getBaseVelocity(self.props[place], physicsClientId=self.client)[0]
        return linear

    def place_prop(self, place: int, position: Sequence[float], orientation: Sequence[float]) -> None:
        pybullet.resetBasePositionAndOrientation(
            self.props[place], list(position), list(orientation), physicsClientId=self.client
        )

    def contacts(self) -> Iterator[Contact]:
        for point in pybullet.getContactPoints(physicsClientId=self.client):
            one, other = self._places.get(point[1:4:2]), self._places.get(point[2:5:2])
            if one is None or other is None or point[9] <= 0:  # nothing presses
                continue
            # The normal, then friction along two lines.
            (nx, ny, nz), (ux, uy, uz), (vx, vy, vz) = point[7], point[11], point[13]
            n, u, v = point[9], point[10], point[12]
            yield one, other, (n * nx + u * ux + v * vx, n * ny + u * uy + v * vy, n * nz + u * uz + v * vz)

    def _free(self) -> None:
        self._give_back()


def _disconnect(client: int) -> None:
    with contextlib.suppress(pybullet.error):
        pybullet.disconnect(physicsClientId=client)
