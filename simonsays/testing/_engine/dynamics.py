"""Of check_engine: each field of Dynamics does what it says, and nothing once it is taken back."""

from __future__ import annotations

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.engines.base import Dynamics
from simonsays.sim.engines.rotors import with_rotors
from simonsays.sim.kinematics import effective_inertia
from simonsays.sim.robot import Robot
from simonsays.sim.state import Array
from simonsays.testing._engine.body import DT, HIGH, TILTED, close, limp, responses, standing, turn
from simonsays.testing._holding import holds


def _motion(robot: Robot) -> tuple[Array, Array]:
    """Joint angles (T, J) after each step of a fall with moving joints, and torques (T, J)."""
    targets, angles = (robot.default_positions + 0.3).tolist(), []
    robot.reset(HIGH, TILTED, robot.default_positions.tolist())
    robot.after_step = lambda: angles.append(robot.joint_positions)
    robot.track(targets, 30)
    robot.after_step = None
    return np.array(angles), np.array(robot.physics.applied)


def _check_nothing(engine: str) -> None:
    """What adds nothing changes nothing, bit for bit; and all of it is undone."""
    with standing(engine) as (_, robot):
        torso, poses = robot.spec.torso, robot.tree.sampled(3)
        (angles, _), mass, weight = _motion(robot), robot.physics.mass_matrix(poses), robot.mass
        changes = {
            "added_mass of 0 kg": Dynamics(added_mass={torso: 0.0}),
            "Dynamics() after much else": Dynamics(),
        }
        much = Dynamics({torso: 3.0}, 0.8, 1.2, 1.5, 0.3, 0.5, 2)
        for what, dynamics in changes.items():
            where = f"engine {engine!r}: {what} leaves a change"
            robot.dynamics = dynamics
            holds(np.array_equal(robot.physics.mass_matrix(poses), mass), f"{where} of the mass matrix")
            holds(robot.mass == weight, f"{where} of the mass")
            holds(np.array_equal(_motion(robot)[0], angles), f"{where} of how the robot moves")
            robot.dynamics = much
            holds(not np.array_equal(_motion(robot)[0], angles), f"engine {engine!r}: Dynamics changes nothing at all")
        for name, kilos in (("no_such_link", 1.0), (torso, -0.95 * robot.tree.mass[robot.tree.place[torso]])):
            try:
                robot.dynamics = Dynamics(added_mass={name: float(kilos)})
            except InputError:
                continue
            raise AssertionError(f"engine {engine!r}: added_mass of {kilos} kg on {name!r} is taken; raise InputError")


def _felt(robot: Robot, angles: Array, joints: list[int]) -> Array:
    return np.array([1 / responses(robot, angles, j)[6 + j] for j in joints])


def _check_masses(engine: str) -> None:
    with standing(engine, spec=limp(armature=True)) as (_, robot):
        tree, torso, angles = robot.tree, robot.spec.torso, robot.default_positions
        joints, before, weight = list(range(len(angles))), robot.physics.mass_matrix(angles[None]), robot.mass
        felt = _felt(robot, angles, joints)
        robot.dynamics = Dynamics(added_mass={torso: 2.0})
        where = f"engine {engine!r}: 2 kg on {torso}"
        close(robot.mass, weight + 2.0, 1e-9, f"{where}, Robot.mass")
        masses = tree.mass.copy()
        masses[tree.place[torso]] += 2.0
        poses = tree.poses(angles[None])
        wanted = before + tree.mass_matrix(poses, masses) - tree.mass_matrix(poses)
        close(robot.physics.mass_matrix(angles[None]), wanted, 1e-6, f"{where}, with its inertia in proportion")
        close(_felt(robot, angles, joints) / effective_inertia(wanted)[0], 1.0, 0.01, f"{where}, felt by the joints")
        robot.dynamics = Dynamics(armature=2.0)
        armature = np.array([joint.armature for joint in robot.spec.joints])
        more = effective_inertia(with_rotors(tree.mass_matrix(poses), 2 * armature))[0]
        once = effective_inertia(with_rotors(tree.mass_matrix(poses), armature))[0]
        ratio = _felt(robot, angles, joints) / felt / (more / once)
        close(ratio, 1.0, 0.25, f"engine {engine!r}: twice the armature, felt by the joints")


def _check_gains(engine: str) -> None:
    with standing(engine) as (_, robot):
        angles, plain = _motion(robot)
        robot.dynamics = Dynamics(stiffness=0.5)
        weaker = _motion(robot)[1]
        free = np.abs(plain[0]) < robot.effort
        message = f"engine {engine!r}: half the stiffness does not halve the first torques"
        close(weaker[0][free], 0.5 * plain[0][free], 1e-9, message)
        robot.dynamics = Dynamics(damping_gain=0.0)
        undamped, torques = _motion(robot)
        kp = np.array([joint.kp for joint in robot.spec.joints])
        wanted = np.clip(kp * (robot.default_positions + 0.3 - undamped[:-1]), -robot.effort, robot.effort)
        close(torques[1:], wanted, 1e-9, f"engine {engine!r}: without damping_gain torques are not kp (target - q)")
        robot.dynamics = Dynamics(torque_delay=1)
        late, torques = _motion(robot)
        where = f"engine {engine!r}: torque_delay=1"
        holds((torques[0] == 0).all(), f"{where}: the first step has torques already")
        close(late[0], robot.default_positions, 1e-6, f"{where}: joints move in the first step")
        close(torques[1], plain[0], 1e-9, f"{where}: the torques of the second step are not those of the first")
        close(late[1], angles[0], 1e-6, f"{where}: the second step does not move joints as the first would")


def _check_joint_friction(engine: str) -> None:
    with standing(engine, spec=limp(armature=True)) as (_, robot):
        joint = robot.joint_names.index("left_wrist_roll_joint")
        inertia = float(effective_inertia(robot.physics.mass_matrix(robot.default_positions[None]))[0, joint])

        def spun(torque: float, dynamics: Dynamics, kick: float = 0.0) -> float:
            """rad/s of a joint after a step with a kick and 20 with a torque, N m."""
            robot.dynamics = dynamics
            robot.reset(HIGH, TILTED, robot.default_positions.tolist())
            for step in range(21):
                torques = [0.0] * len(robot.joint_names)
                torques[joint] = kick if step == 0 else torque
                turn(robot, torques)
            return robot.joint_velocities[joint]

        where, kick = f"engine {engine!r}", 2 * inertia / DT  # to 2 rad/s
        free = spun(0.0, Dynamics(), kick)
        holds(1.5 < free < 2.5, f"{where}: a free joint that was turned at 2 rad/s turns at {free:.2f} after 0.1 s")
        damping = inertia / 0.1
        damped = spun(0.0, Dynamics(joint_damping=damping), kick)
        message = f"{where}: joint_damping brings a joint from {free:.2f} to {damped:.2f} rad/s in its time constant"
        holds(0.25 * free < damped < 0.5 * free, message)
        loss = 10 * inertia  # stops 2 rad/s in 0.2 s
        stopped = spun(0.0, Dynamics(friction_loss=2 * loss), kick)
        holds(abs(stopped) < 0.05 * free, f"{where}: friction_loss that stops a joint leaves {stopped:.3f} rad/s")
        held = spun(0.7 * loss, Dynamics(friction_loss=loss))
        holds(abs(held) < 0.02, f"{where}: a joint turns at {held:.3f} rad/s under 0.7 of its friction_loss")
        moved, wanted = spun(2 * loss, Dynamics(friction_loss=loss)), loss * 20 * DT / inertia
        close(moved, wanted, 0.4 * wanted, f"{where}: speed of a joint under twice its friction_loss")


CHECKS = (_check_nothing, _check_masses, _check_gains, _check_joint_friction)
