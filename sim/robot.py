"""Robot: a spec that stands in a World, every name resolved to an index once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from simonsays.sim.engines.base import Body, Dynamics
from simonsays.sim.engines.owning import Owned
from simonsays.sim.engines.rotors import rotor_errors
from simonsays.sim.state import Array, Reading, RobotState, Vector

CONTACT_FORCE = 5.0  # N, a foot pressed harder than this is in contact


class Robot(Owned):
    """A robot in a world, driven by joint torques.

    Attributes:
        spec: what it was made from.
        name: what the scene calls it; empty where it has no name.
        physics: it in its world's engine.
        tree: its links and joints, and where they are in any pose.
        joint_names: (J,) in the order of ``spec.joints``, the order of every (J,) array.
        lower, upper: (J,) rad, position limits of the URDF.
        effort: (J,) N m, largest torque.
        trunk: places of the joints between the base and the torso: they carry the arms.
        joint_torques: (J,) N m, mean over the physics steps of the last :meth:`track`.
    """

    def __init__(self, physics: Body, name: str = "") -> None:
        self.name, self.physics, self.spec, self.tree = name, physics, physics.spec, physics.tree
        spec, tree = self.spec, self.tree
        self.joint_names, self.default_positions = tree.joints, tree.standing
        self.lower, self.upper, self.effort = tree.lower, tree.upper, tree.effort
        self.trunk = tree.trunk(spec.torso)
        self._legs = [tree.joints.index(name) for name in spec.leg_joints]
        others = {*range(len(tree.joints))} - {*self._legs} - {*self.trunk}
        self._arms = tree.hanging(sorted(others)) if others else []
        self._shares = tree.mass / tree.mass.sum()
        self._arm_shares = self._shares[self._arms]
        self.joint_torques: list[float] = [0.0] * len(tree.joints)

    def reset(self, position: Sequence[float], orientation: Sequence[float], joint_positions: Sequence[float]) -> None:
        """Put the robot at rest: base position (3,) m and orientation (4,) xyzw, world; joints (J,) rad."""
        self.physics.place(position, orientation, joint_positions)
        self.joint_torques = [0.0] * len(self.joint_names)

    def set_base_velocity(self, linear: Sequence[float], angular: Sequence[float]) -> None:
        """Set the velocity of the base link: linear (3,) m/s of its frame's origin, angular (3,) rad/s, world."""
        self.physics.set_base_velocity(linear, angular)

    @property
    def joint_positions(self) -> list[float]:
        """(J,) rad, now."""
        return self.physics.positions

    @property
    def joint_velocities(self) -> list[float]:
        """(J,) rad/s, now."""
        return self.physics.velocities

    @property
    def link_names(self) -> tuple[str, ...]:
        """(L,) the base first."""
        return self.tree.links

    @property
    def after_step(self) -> Callable[[], None] | None:
        """Called after each physics step of a ``track``, if there is something: a recorder measures then."""
        return self.physics.after_step

    @after_step.setter
    def after_step(self, call: Callable[[], None] | None) -> None:
        self.physics.after_step = call
        self.physics.engine.measure()

    @property
    def body(self) -> int:
        """PyBullet's id of it. Raises AttributeError where another engine simulates it."""
        number: int = self.physics.id  # type: ignore[attr-defined]
        return number

    def track(self, targets: Sequence[float], steps: int, before_step: Callable[[], None] | None = None) -> float:
        """Follow joint targets (J,) rad by torque PD for some physics steps of the world.

        Other robots of the world go on following theirs. ``before_step`` is called before each physics step. Returns
        what :meth:`tracked` does.
        """
        self.follow(targets)
        self.physics.engine.track(steps, before_step)
        return self.tracked()

    def follow(self, targets: Sequence[float]) -> None:
        """Follow joint targets (J,) rad from now on: in what the world, or another robot, tracks."""
        self.physics.follow(targets)

    def tracked(self) -> float:
        """Take over the torques of the world's last ``track``.

        Returns the squared torques of the legs, N^2 m^2, summed, mean over its physics steps.
        """
        applied = np.array(self.physics.applied)
        self.joint_torques = (np.add.reduce(applied) / len(applied)).tolist()
        legs = applied[:, self._legs].ravel()
        return float(legs @ legs) / len(applied)

    def push(self, force: Sequence[float], torque: Sequence[float] = (0.0, 0.0, 0.0), link: str | None = None) -> None:
        """A force (N) at a link's centre of mass and a torque (N m), world, from now on, the base's if none is named.

        They stay until another push on that link; zeros take them away.
        """
        place = 0 if link is None else self.tree.place[link]
        if any(force) or any(torque):
            (a, b, c), (d, e, f) = force, torque
            self.physics.forces[place] = (a, b, c), (d, e, f)
        else:
            self.physics.forces.pop(place, None)

    def push_velocity(self, x: float, y: float) -> None:
        """Change the velocity of the whole robot at once by (x, y) m/s, world: a blow of mass times that in N s."""
        base = self.physics.base()
        (vx, vy, vz), angular = base.linear, base.angular
        self.physics.set_base_velocity((vx + x, vy + y, vz), angular)

    def link_positions(self, names: Sequence[str]) -> Array:
        """(n, 3) m, world: origins of the named links' frames."""
        return self.link_poses(names)[0]

    def link_poses(self, names: Sequence[str]) -> tuple[Array, Array]:
        """Frames of the named links: origins (n, 3) m and orientations (n, 4) xyzw, world."""
        return self.physics.link_poses([self.tree.place[name] for name in names])

    def link_centres(self, names: Sequence[str]) -> Array:
        """(n, 3) m, world: centres of mass of the named links."""
        return self.physics.centres([self.tree.place[name] for name in names])

    def arm_lever(self) -> float:
        """m: how far ahead of the base the arms' centre of mass is, times their share of the mass (heading frame, x).

        As much as the arms move it, they move the centre of mass of the whole robot.
        """
        if not self._arms:
            return 0.0
        base = self.physics.base()
        x, y = base.rows[0][0], base.rows[1][0]
        ahead = (self.physics.centres(self._arms)[:, :2] - base.position[:2]) @ (x, y)
        return float(self._arm_shares @ ahead) / math.hypot(x, y)

    def lead(self) -> tuple[float, float]:
        """m: how far ahead and to the left of the middle between the feet the centre of mass is (heading frame)."""
        x, y = (row[0] for row in self.physics.base().rows[:2])
        centre = self._shares @ self.physics.centres(range(len(self._shares)))[:, :2]
        dx, dy = (centre - self.link_positions(self.spec.feet)[:, :2].mean(axis=0)).tolist()
        norm = math.hypot(x, y) or 1.0
        return (dx * x + dy * y) / norm, (dy * x - dx * y) / norm

    def lowest_foot(self) -> float:
        """m, world: height of the lower foot's link."""
        return float(self.link_positions(self.spec.feet)[:, 2].min())

    def state(self, time: float = 0.0) -> RobotState:
        """Everything that is measured now; ``time`` (s) is only written into it."""
        return self.reading(time).arrays()

    def reading(self, time: float = 0.0) -> Reading:
        """As :meth:`state`, in plain floats."""
        physics = self.physics
        position, orientation, rows, (ux, uy, uz), (wx, wy, wz) = physics.base()
        feet = physics.feet()
        # Plain floats: this runs every control step, and small arrays are what costs.
        (ax, bx, cx), (ay, by, cy), (az, bz, cz) = rows
        norm = math.hypot(ax, ay) or 1.0

        def over(x: float, y: float, z: float) -> Vector:
            dx, dy, dz = ux - x, uy - y, uz - z
            return ax * dx + ay * dy + az * dz, bx * dx + by * dy + bz * dz, cx * dx + cy * dy + cz * dz

        left, right = feet.forces
        return Reading(
            time=time,
            base_position=position,
            base_orientation=orientation,
            base_linear_velocity=(ux, uy, uz),
            base_angular_velocity=(wx, wy, wz),
            joint_positions=physics.positions,
            joint_velocities=physics.velocities,
            joint_torques=self.joint_torques,
            foot_contacts=(left > CONTACT_FORCE, right > CONTACT_FORCE),
            foot_positions=feet.positions,
            foot_velocities=feet.velocities,
            leg_odometry=(over(*feet.velocities[0]), over(*feet.velocities[1])),
            rotation=rows,
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
        """kg, of all links as they are now."""
        return float(np.sum(self.physics.masses()))

    @property
    def dynamics(self) -> Dynamics:
        """How the robot differs from what its files say."""
        return self.physics.dynamics

    @dynamics.setter
    def dynamics(self, dynamics: Dynamics) -> None:
        self.physics.change(dynamics)

    @property
    def rotor_errors(self) -> dict[str, tuple[float, float, float]]:
        """By joint: effective inertia over the true one, standing, and the least and most over the range of motion."""
        return rotor_errors(self.physics)
