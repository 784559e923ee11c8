"""Of check_engine: how a robot's body moves, and what is read of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from simonsays.sim.engines import ENGINES
from simonsays.sim.engines.capabilities import Support
from simonsays.sim.engines.quantities import GRAVITY
from simonsays.sim.engines.rotors import with_rotors
from simonsays.sim.kinematics import Tree, effective_inertia
from simonsays.sim.robot import Robot
from simonsays.sim.robots import get_robot
from simonsays.sim.rotations import matrix_from_quaternion, multiply, quaternion_from_rpy
from simonsays.sim.specs import PD_RATE_HZ, RobotSpec, SceneSpec
from simonsays.sim.state import Array
from simonsays.sim.world import World
from simonsays.testing._holding import holds

DT = 1 / PD_RATE_HZ
HIGH = [0.0, 0.0, 5.0]
TILTED: list[float] = quaternion_from_rpy(0.4, -0.3, 2.0).tolist()
UPRIGHT = [0.0, 0.0, 0.0, 1.0]


@contextmanager
def standing(
    engine: str, scene: SceneSpec | None = None, spec: RobotSpec | None = None
) -> Iterator[tuple[World, Robot]]:
    """A world with a robot, closed at the end."""
    with World(scene, engine=engine) as world:
        yield world, world.spawn(spec or get_robot("g1"))


def limp(armature: bool) -> RobotSpec:
    """G1 whose targets are torques: kp 1, no kd; with rotors or without."""
    spec = get_robot("g1")
    joints = [replace(j, kp=1.0, kd=0.0, armature=j.armature if armature else 0.0) for j in spec.joints]
    return replace(spec, joints=tuple(joints))


def close(found: object, wanted: object, within: float, message: str) -> None:
    """Arrays that differ by no more than that anywhere; NaN and infinity never do."""
    apart = np.abs(np.asarray(found, float) - np.asarray(wanted, float))
    holds(bool((apart <= within).all()), f"{message}: off by {apart.max(initial=0.0):.3g}, more than {within:g}")


def turn(robot: Robot, torques: Sequence[float]) -> None:
    """A physics step of a limp robot under these torques (J,) N m."""
    robot.track([q + torque for q, torque in zip(robot.joint_positions, torques, strict=True)], 1)


def centre_of_mass(robot: Robot) -> Array:
    """(3,) m, world."""
    centres, masses = robot.physics.centres(range(len(robot.tree.links))), robot.physics.masses()
    found: Array = masses @ centres / masses.sum()
    return found


def responses(robot: Robot, angles: Array, joint: int, torque: float = 0.1) -> Array:
    """(6 + J,) change of velocities in a step, base frame, of a limp robot at rest to a torque on one joint."""
    torques = [0.0] * len(angles)
    torques[joint] = torque
    robot.reset(HIGH, TILTED, angles.tolist())
    turn(robot, torques)
    base = robot.physics.base()
    rows = matrix_from_quaternion(TILTED)
    linear = np.add(base.linear, [0.0, 0.0, GRAVITY * DT])
    return np.concatenate([linear @ rows, np.array(base.angular) @ rows, robot.joint_velocities]) / (torque * DT)


def clear_poses(robot: Robot, count: int, seed: int = 1) -> Array:
    """(count, J) rad: the standing pose and others of Robot.rotor_errors, where no links are in each other."""
    found = []
    for angles in robot.tree.sampled(200, seed=seed):
        robot.reset(HIGH, UPRIGHT, angles.tolist())
        if not robot.physics.depths():
            found.append(angles)
        if len(found) == count:
            break
    return np.array(found)


def _check_pd(engine: str) -> None:
    with standing(engine) as (_, robot):
        joints, targets = robot.spec.joints, robot.default_positions + np.linspace(-1.2, 1.2, len(robot.upper))
        robot.reset(HIGH, TILTED, robot.default_positions.tolist())
        wanted: list[Array] = []

        def before() -> None:
            q, v = np.array(robot.joint_positions), np.array(robot.joint_velocities)
            torques = np.array([j.kp for j in joints]) * (targets - q) - np.array([j.kd for j in joints]) * v
            wanted.append(np.clip(torques, -robot.effort, robot.effort))

        applied: list[Array] = []
        robot.after_step = lambda: applied.append(np.array(robot.physics.torques))
        robot.track(targets.tolist(), 12, before)
        message = f"engine {engine!r}: torques of a step are not kp (target - q) - kd v, cut at the effort limits"
        close(applied, wanted, 1e-9, message)
        holds((np.abs(wanted) == robot.effort).any(), "no torque of this check reached its limit")
        message = f"engine {engine!r}: Robot.joint_torques is not the mean over the physics steps"
        close(robot.joint_torques, np.mean(wanted, axis=0), 1e-9, message)


def _check_fall(engine: str) -> None:
    with standing(engine) as (_, robot):
        angles, steps = robot.default_positions, 100
        robot.reset(HIGH, TILTED, angles.tolist())
        robot.track(angles.tolist(), steps)
        base = robot.physics.base()
        wanted = [0.0, 0.0, HIGH[2] - GRAVITY * DT * DT * steps * (steps + 1) / 2]
        close(base.position, wanted, 1e-6, f"engine {engine!r}: a free fall of {steps} steps ends elsewhere")
        close(base.linear, [0.0, 0.0, -GRAVITY * DT * steps], 1e-6, f"engine {engine!r}: speed of a free fall")
        close(base.orientation, TILTED, 1e-6, f"engine {engine!r}: a robot at rest turns while it falls")
        close(robot.joint_positions, angles, 1e-6, f"engine {engine!r}: joints at their targets move while it falls")


def _check_forward_dynamics(engine: str) -> None:
    with standing(engine, spec=limp(armature=False)) as (_, robot):
        poses = clear_poses(robot, 4)
        inverse = np.linalg.inv(robot.tree.mass_matrix(robot.tree.poses(poses)))
        for angles, wanted in zip(poses, inverse, strict=True):
            for joint, name in enumerate(robot.joint_names):
                column = wanted[:, 6 + joint]
                message = f"engine {engine!r}: a torque on {name} moves the robot otherwise than its mass matrix says"
                close(
                    responses(robot, angles, joint) / np.abs(column).max(), column / np.abs(column).max(), 1e-3, message
                )


def _check_rotors(engine: str) -> None:
    with standing(engine, spec=limp(armature=True)) as (_, robot):
        poses, names = clear_poses(robot, 6), robot.joint_names
        felt = np.array([[1 / responses(robot, angles, j)[6 + j] for j in range(len(names))] for angles in poses])
        armature = np.array([joint.armature for joint in robot.spec.joints])
        mass = with_rotors(robot.tree.mass_matrix(robot.tree.poses(poses)), armature)
        ratio, published = felt / effective_inertia(mass), np.array([robot.rotor_errors[name] for name in names])
        own = felt / effective_inertia(robot.physics.mass_matrix(poses))
        close(own, 1.0, 0.01, f"engine {engine!r}: joints do not feel the inertia that Body.mass_matrix tells")
        message = f"engine {engine!r}: inertia of joints over M + diag(armature)"
        if ENGINES[engine].capabilities["rotors"].support is Support.EXACT:
            close(ratio, 1.0, 0.01, message)
            close(published, 1.0, 0.01, f"engine {engine!r}: Robot.rotor_errors of exact rotors")
        else:
            close(ratio[0], published[:, 0], 0.01, f"{message}, standing, is not what Robot.rotor_errors tells")
            inside = (ratio >= published[:, 1] - 0.01) & (ratio <= published[:, 2] + 0.01)
            holds(inside.all(), f"{message} is outside the least and most of Robot.rotor_errors: {ratio[~inside]}")


class _Moved(NamedTuple):
    """Links, world."""

    rotation: Array
    """(L, 3, 3)"""
    position: Array
    """(L, 3) m, origins"""
    centre: Array
    """(L, 3) m"""


def _links(tree: Tree, position: ArrayLike, orientation: Sequence[float], angles: ArrayLike) -> _Moved:
    """Links of a robot whose base is there, world."""
    poses, rows = tree.poses(np.array([angles])), matrix_from_quaternion(orientation)
    rotation, origins = rows @ poses.rotation[0], np.array(position) + poses.position[0] @ rows.T
    return _Moved(rotation, origins, origins + np.einsum("lab,lb->la", rotation, tree.centre))


def _check_base(engine: str) -> None:
    linear, angular = (0.3, -0.4, 0.2), (0.5, 1.0, -2.0)
    with World(engine=engine, physics_dt=1 / 2000) as world:
        robot = world.spawn(get_robot("g1"))
        angles = robot.default_positions + 0.1
        robot.reset([1.0, -2.0, 3.0], TILTED, angles.tolist())
        robot.set_base_velocity(linear, angular)
        base, where = robot.physics.base(), f"engine {engine!r}: read back after it was set:"
        close(base.position, [1.0, -2.0, 3.0], 1e-9, f"{where} the base's position")
        close(base.orientation, TILTED, 1e-9, f"{where} the base's orientation")
        close(base.rows, matrix_from_quaternion(TILTED), 1e-9, f"{where} the rows of the base's rotation")
        close(base.linear, linear, 1e-9, f"{where} the base's linear velocity")
        close(base.angular, angular, 1e-9, f"{where} the base's angular velocity")
        close(robot.joint_positions, angles, 1e-9, f"{where} joint positions")
        close(robot.joint_velocities, 0.0, 1e-9, f"{where} joint velocities")
        robot.track(angles.tolist(), 1)
        after, where = robot.physics.base(), f"engine {engine!r}: is not the difference of positions over a step:"
        rate = (np.array(after.position) - base.position) / world.physics_dt
        close(rate, after.linear, 0.01, f"{where} the base's linear velocity")
        spin = (np.array(after.rows) - base.rows) @ np.array(base.rows).T / world.physics_dt
        close([spin[2, 1], spin[0, 2], spin[1, 0]], after.angular, 0.01, f"{where} the base's angular velocity")
        rates = (np.array(robot.joint_positions) - angles) / world.physics_dt
        close(rates, robot.joint_velocities, 1e-6, f"{where} joint velocities")


def _check_fresh(engine: str) -> None:
    with standing(engine) as (_, robot):
        tree, feet = robot.tree, [robot.tree.place[name] for name in robot.spec.feet]
        robot.reset(HIGH, TILTED, robot.default_positions.tolist())
        robot.set_base_velocity((1.0, 0.0, 0.5), (0.0, 3.0, 1.0))
        robot.track((robot.default_positions + 0.4).tolist(), 7)
        seen, tiny = robot.reading(), 1e-6
        where = f"engine {engine!r}: after a step, from base and joint angles of that moment:"
        now = _links(tree, seen.base_position, seen.base_orientation, seen.joint_positions)
        close(seen.foot_positions, now.position[feet], 1e-6, f"{where} foot positions")
        spin = np.array(seen.base_angular_velocity) * tiny / 2
        later = _links(
            tree,
            np.array(seen.base_position) + tiny * np.array(seen.base_linear_velocity),
            multiply([*spin.tolist(), 1.0], seen.base_orientation),
            np.array(seen.joint_positions) + tiny * np.array(seen.joint_velocities),
        )
        speeds = (later.centre - now.centre)[feet] / tiny
        close(seen.foot_velocities, speeds, 1e-3, f"{where} velocities of the feet's centres of mass")
        origins, turns = robot.link_poses(tree.links)
        close(origins, now.position, 1e-6, f"{where} Robot.link_poses, origins")
        rotations = [matrix_from_quaternion(each) for each in turns.tolist()]
        close(rotations, now.rotation, 1e-6, f"{where} Robot.link_poses, orientations")
        close(robot.link_centres(tree.links), now.centre, 1e-6, f"{where} Robot.link_centres")


def _check_forces(engine: str) -> None:
    with standing(engine) as (_, robot):
        targets, steps, force = robot.default_positions.tolist(), 40, np.array([60.0, -20.0, 30.0])
        hung = force - [0.0, 0.0, robot.mass * GRAVITY]
        for link in (None, robot.spec.torso, robot.spec.hands[0]):
            robot.reset(HIGH, TILTED, targets)
            start = centre_of_mass(robot)
            robot.push(force.tolist(), link=link)
            robot.track(targets, steps)
            wanted = start + hung / robot.mass * DT * DT * steps * (steps + 1) / 2
            where = f"engine {engine!r}: a force on {link or 'the base'}"
            close(centre_of_mass(robot), wanted, 2e-3, f"{where} does not move the whole by force over mass")
            robot.push((0.0, 0.0, 0.0), link=link)
            before = centre_of_mass(robot)
            robot.track(targets, 1)
            speed = (centre_of_mass(robot) - before) / DT
            wanted = hung / robot.mass * DT * steps - [0.0, 0.0, GRAVITY * DT]
            close(speed, wanted, 0.02, f"{where} still acts after it was taken away, or did not last until then")
        robot.reset(HIGH, UPRIGHT, targets)
        holds(not robot.physics.forces, f"engine {engine!r}: forces last beyond a reset")
        robot.push((0.0, 0.0, 0.0), (0.0, 0.0, 8.0))
        start = centre_of_mass(robot)
        robot.track(targets, steps)
        fallen = start - [0.0, 0.0, GRAVITY * DT * DT * steps * (steps + 1) / 2]
        close(centre_of_mass(robot), fallen, 2e-3, f"engine {engine!r}: a torque moves the centre of mass")
        turning = robot.physics.base().angular[2]
        holds(0.2 < turning < 20, f"engine {engine!r}: 8 N m about z for 0.2 s turn the base at {turning:.2f} rad/s")


CHECKS = (_check_pd, _check_fall, _check_forward_dynamics, _check_rotors, _check_base, _check_fresh, _check_forces)
