"""Robot: a spec that stands in a World, every name resolved to an index once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.engines.bullet import plain_numbers, pybullet, silenced
from simonsays.sim.rotations import conjugate, matrix_from_quaternion, multiply, rotation_rows
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Array, Reading, RobotState

CONTACT_FORCE = 5.0  # N, a foot pressed harder than this is in contact


def _chain(link: int, parents: Sequence[int]) -> set[int]:
    """A link and those that it hangs on, up to the base."""
    return {link, *_chain(parents[link], parents)} if link >= 0 else set()


class Robot:
    """A robot in a world, driven by joint torques.

    Attributes:
        spec: what it was made from.
        body: PyBullet's body id, in ``client``.
        joint_names, joint_ids: (J,) in the order of ``spec.joints``, the order of every (J,) array.
        lower, upper: (J,) rad, position limits of the URDF.
        effort: (J,) N m, largest torque.
        trunk: places of the joints between the base and the torso: they carry the arms.
        after_step: called after each physics step of :meth:`track`, if there is something: a recorder measures then.
    """

    def __init__(self, client: int, spec: RobotSpec, *, visuals: bool = False) -> None:
        spec.validate()
        self.client, self.spec = client, spec
        flags = pybullet.URDF_MAINTAIN_LINK_ORDER | pybullet.URDF_USE_INERTIA_FROM_FILE
        if not visuals:
            flags |= pybullet.URDF_IGNORE_VISUAL_SHAPES
        with silenced(), plain_numbers():
            try:
                self.body: int = pybullet.loadURDF(
                    str(spec.urdf), [0, 0, spec.base_height], flags=flags, physicsClientId=client
                )
            except pybullet.error as error:
                raise InputError(f"{spec.urdf}: PyBullet cannot load it: {error}") from error
        self._resolve_names()
        self._prepare_dynamics()
        # Bullet's base pose is that of the centre of mass and its principal axes; ours is the link's own frame.
        info = pybullet.getDynamicsInfo(self.body, -1, physicsClientId=client)
        self._torso = self._links[spec.torso]
        masses = [
            pybullet.getDynamicsInfo(self.body, link, physicsClientId=client)[0]
            for link in range(-1, len(self._links) - 1)
        ]
        self._arm_shares: Array = np.array([masses[link + 1] for link in self._arms]) / sum(masses)
        self._torso_mass: float = masses[self._torso + 1]
        self._base_com: tuple[float, float, float] = info[3]
        self._base_axes, self._base_axes_inverse = info[4], conjugate(info[4])
        self.joint_torques: list[float] = [0.0] * len(self.joint_ids)
        self._legs = [self.joint_names.index(name) for name in spec.leg_joints]
        self._gains = [
            (joint.kp, joint.kd, limit) for joint, limit in zip(spec.joints, self.effort.tolist(), strict=True)
        ]
        self.default_positions: Array = np.array([joint.default for joint in spec.joints])
        self._joints: Sequence[tuple[float, ...]] = ()
        self.after_step: Callable[[], None] | None = None
        self.read_joints()

    def _resolve_names(self) -> None:
        count = pybullet.getNumJoints(self.body, physicsClientId=self.client)
        infos = [pybullet.getJointInfo(self.body, i, physicsClientId=self.client) for i in range(count)]
        by_name = {info[1].decode(): info for info in infos}
        self._links = {info[12].decode(): info[0] for info in infos}
        self._links[self.spec.base] = -1
        ours = [by_name[joint.name] for joint in self.spec.joints]
        self.joint_names = tuple(joint.name for joint in self.spec.joints)
        self.joint_ids: list[int] = [info[0] for info in ours]
        self.lower: Array = np.array([info[8] for info in ours])
        self.upper: Array = np.array([info[9] for info in ours])
        self.effort: Array = np.array([info[10] for info in ours])
        self.axes: Array = np.array([info[13] for info in ours])
        self._feet = [self._links[name] for name in self.spec.feet]
        parents = [info[16] for info in infos]
        trunk = _chain(self._links[self.spec.torso], parents)
        self.trunk = [i for i, joint in enumerate(self.joint_ids) if joint in trunk]
        arm_joints = {*self.joint_ids} - {by_name[name][0] for name in self.spec.leg_joints} - trunk
        self._arms = [link for link in range(count) if _chain(link, parents) & arm_joints]

    def _prepare_dynamics(self) -> None:
        armature = dict(zip(self.joint_ids, (joint.armature for joint in self.spec.joints), strict=True))
        axes = dict(zip(self.joint_ids, self.axes, strict=True))
        for link in range(-1, len(self._links) - 1):
            change = {"linearDamping": 0.0, "angularDamping": 0.0, "jointDamping": 0.0}
            pybullet.changeDynamics(self.body, link, physicsClientId=self.client, **change)
            if link in armature:
                info = pybullet.getDynamicsInfo(self.body, link, physicsClientId=self.client)
                # Rotor inertia cannot stand in the URDF (Bullet zeroes tensors that break the triangle
                # inequality); a diagonal scaled so that the inertia about the joint's axis grows by it.
                axis2 = (matrix_from_quaternion(np.array(info[4])).T @ axes[link]) ** 2
                inertia = np.array(info[2]) + armature[link] * axis2 / float(axis2 @ axis2)
                pybullet.changeDynamics(
                    self.body, link, localInertiaDiagonal=inertia.tolist(), physicsClientId=self.client
                )
        pybullet.setJointMotorControlArray(
            self.body,
            self.joint_ids,
            pybullet.VELOCITY_CONTROL,
            forces=[0.0] * len(self.joint_ids),
            physicsClientId=self.client,
        )

    def reset(self, position: Sequence[float], orientation: Sequence[float], joint_positions: Sequence[float]) -> None:
        """Put the robot at rest: base position (3,) m and orientation (4,) xyzw, world; joints (J,) rad."""
        self.set_base(position, orientation)
        self.set_base_velocity((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
        for joint, angle in zip(self.joint_ids, joint_positions, strict=True):
            pybullet.resetJointState(self.body, joint, angle, 0.0, physicsClientId=self.client)
        self.joint_torques = [0.0] * len(self.joint_ids)
        self.read_joints()

    def set_base(self, position: Sequence[float], orientation: Sequence[float]) -> None:
        """Place the base link's frame: position (3,) m and orientation (4,) xyzw, world."""
        centre = np.array(position) + matrix_from_quaternion(orientation) @ np.array(self._base_com)
        pybullet.resetBasePositionAndOrientation(
            self.body, centre.tolist(), multiply(orientation, self._base_axes), physicsClientId=self.client
        )

    def set_base_velocity(self, linear: Sequence[float], angular: Sequence[float]) -> None:
        """Set the velocity of the base's centre of mass: linear (3,) m/s and angular (3,) rad/s, world."""
        pybullet.resetBaseVelocity(self.body, list(linear), list(angular), physicsClientId=self.client)

    def base_velocity(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Linear (3,) m/s and angular (3,) rad/s velocity of the base's centre of mass, world."""
        linear, angular = pybullet.getBaseVelocity(self.body, physicsClientId=self.client)
        return linear, angular

    def base_pose(self) -> tuple[tuple[float, float, float], tuple[float, float, float, float]]:
        """Centre of mass (3,) m, world, and orientation (4,) xyzw of the base link's frame."""
        centre, axes = pybullet.getBasePositionAndOrientation(self.body, physicsClientId=self.client)
        return centre, multiply(axes, self._base_axes_inverse)

    def read_joints(self) -> tuple[Array, Array]:
        """Joint positions (J,) rad and velocities (J,) rad/s, read in one call."""
        self._joints = pybullet.getJointStates(self.body, self.joint_ids, physicsClientId=self.client)
        return np.array([joint[0] for joint in self._joints]), np.array([joint[1] for joint in self._joints])

    @property
    def joint_velocities(self) -> list[float]:
        """(J,) rad/s, as last read."""
        return [joint[1] for joint in self._joints]

    @property
    def link_names(self) -> list[str]:
        """(L + 1,) in Bullet's order, the base first."""
        return sorted(self._links, key=self._links.__getitem__)

    def apply_pd(self, targets: Sequence[float]) -> None:
        """Torques kp (target - position) - kd velocity, cut at the effort limits, for the next physics step.

        Uses the joint positions and velocities of the last :meth:`read_joints`. ``targets``: (J,) rad.
        """
        # On plain floats: for some twenty joints that takes a third of the time of NumPy's calls.
        self.joint_torques = [
            limit if (t := kp * (target - q) - kd * v) > limit else -limit if t < -limit else t
            for target, (q, v, _, _), (kp, kd, limit) in zip(targets, self._joints, self._gains, strict=True)
        ]
        pybullet.setJointMotorControlArray(
            self.body, self.joint_ids, pybullet.TORQUE_CONTROL, forces=self.joint_torques, physicsClientId=self.client
        )

    def track(self, targets: Sequence[float], steps: int, before_step: Callable[[], None] | None = None) -> float:
        """Follow joint targets (J,) rad by torque PD for some physics steps of the client; reads the joints after.

        ``before_step`` is called before each physics step. Returns the squared torques of the legs, N^2 m^2,
        summed, mean over the steps.
        """
        client, body, joints, legs, total = self.client, self.body, self.joint_ids, self._legs, 0.0
        after_step = self.after_step
        for _ in range(steps):
            self.apply_pd(targets)
            if before_step is not None:
                before_step()
            pybullet.stepSimulation(physicsClientId=client)
            self._joints = pybullet.getJointStates(body, joints, physicsClientId=client)
            if after_step is not None:
                after_step()
            torques = self.joint_torques
            total += sum([(t := torques[i]) * t for i in legs])
        return total / steps

    def push(self, force: Sequence[float], torque: Sequence[float], position: Sequence[float]) -> None:
        """An external force (N) at a position (m) and a torque (N m) on the base for the next step, world."""
        frame = pybullet.WORLD_FRAME
        pybullet.applyExternalForce(self.body, -1, list(force), list(position), frame, physicsClientId=self.client)
        pybullet.applyExternalTorque(self.body, -1, list(torque), frame, physicsClientId=self.client)

    def link_positions(self, names: Sequence[str]) -> Array:
        """(n, 3) m, world: origins of the named links' frames."""
        links = [self._links[name] for name in names]
        states = pybullet.getLinkStates(self.body, links, computeForwardKinematics=1, physicsClientId=self.client)
        return np.array([link[4] for link in states])

    def link_pose(self, name: str) -> tuple[Array, Array]:
        """Centre of mass (3,) m and orientation (4,) xyzw of a named link's frame, world."""
        state = pybullet.getLinkState(
            self.body, self._links[name], computeForwardKinematics=1, physicsClientId=self.client
        )
        return np.array(state[0]), np.array(state[5])

    def arm_lever(self) -> float:
        """m: how far ahead of the base the arms' centre of mass is, times their share of the mass (heading frame, x).

        As much as the arms move it, they move the centre of mass of the whole robot.
        """
        if not self._arms:
            return 0.0
        states = pybullet.getLinkStates(self.body, self._arms, computeForwardKinematics=1, physicsClientId=self.client)
        base, orientation = self.base_pose()
        rows = rotation_rows(orientation)
        x, y = rows[0][0], rows[1][0]
        ahead = (np.array([link[0][:2] for link in states]) - base[:2]) @ (x, y)
        return float(self._arm_shares @ ahead) / math.hypot(x, y)

    def lowest_foot(self) -> float:
        """m, world: height of the lower foot's link."""
        return float(self.link_positions(self.spec.feet)[:, 2].min())

    def _foot_contacts(self) -> tuple[bool, bool]:
        left = right = 0.0
        for point in pybullet.getContactPoints(bodyA=self.body, physicsClientId=self.client):
            if point[3] == self._feet[0]:
                left += point[9]
            elif point[3] == self._feet[1]:
                right += point[9]
        return left > CONTACT_FORCE, right > CONTACT_FORCE

    def state(self, time: float = 0.0) -> RobotState:
        """Everything that is measured now; ``time`` (s) is only written into it."""
        return self.reading(time).arrays()

    def reading(self, time: float = 0.0) -> Reading:
        """As :meth:`state`, in plain floats."""
        (px, py, pz), orientation = self.base_pose()
        (vx, vy, vz), (wx, wy, wz) = self.base_velocity()
        left, right = pybullet.getLinkStates(self.body, self._feet, 1, physicsClientId=self.client)
        # Plain floats: this runs every control step, and small arrays are what costs.
        (ax, bx, cx), (ay, by, cy), (az, bz, cz) = rotation_rows(orientation)
        mx, my, mz = self._base_com
        lx, ly, lz = ax * mx + bx * my + cx * mz, ay * mx + by * my + cy * mz, az * mx + bz * my + cz * mz
        ux, uy, uz = vx - wy * lz + wz * ly, vy - wz * lx + wx * lz, vz - wx * ly + wy * lx
        norm = math.hypot(ax, ay) or 1.0
        return Reading(
            time=time,
            base_position=(px - lx, py - ly, pz - lz),
            base_orientation=orientation,
            base_linear_velocity=(ux, uy, uz),
            base_angular_velocity=(wx, wy, wz),
            joint_positions=[joint[0] for joint in self._joints],
            joint_velocities=self.joint_velocities,
            joint_torques=self.joint_torques,
            foot_contacts=self._foot_contacts(),
            foot_positions=(left[4], right[4]),
            foot_velocities=(left[6], right[6]),
            rotation=((ax, bx, cx), (ay, by, cy), (az, bz, cz)),
            local_linear_velocity=(
                ax * ux + ay * uy + az * uz,
                bx * ux + by * uy + bz * uz,
                cx * ux + cy * uy + cz * uz,
            ),
            local_angular_velocity=(
                ax * wx + ay * wy + az * wz,
                bx * wx + by * wy + bz * wz,
                cx * wx + cy * wy + cz * wz,
            ),
            gravity=(-az, -bz, -cz),
            heading_velocity=((ax * ux + ay * uy) / norm, (ax * uy - ay * ux) / norm, wz),
        )

    @property
    def mass(self) -> float:
        """kg, of all links, with the payload."""
        links = range(-1, pybullet.getNumJoints(self.body, physicsClientId=self.client))
        return float(sum(pybullet.getDynamicsInfo(self.body, i, physicsClientId=self.client)[0] for i in links))

    def push_velocity(self, x: float, y: float) -> None:
        """Change the velocity of the whole robot at once by (x, y) m/s, world: a blow of mass times that in N s."""
        linear, angular = self.base_velocity()
        self.set_base_velocity((linear[0] + x, linear[1] + y, linear[2]), angular)

    def add_payload(self, mass: float) -> None:
        """Make the torso heavier by ``mass`` (kg, may be negative) than the URDF says."""
        pybullet.changeDynamics(self.body, self._torso, mass=self._torso_mass + mass, physicsClientId=self.client)
