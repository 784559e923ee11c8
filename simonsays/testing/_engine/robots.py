"""Of check_engine: several robots in one world are driven each by itself, touch, and are exact again after a reset."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from simonsays.sim.engines.base import Dynamics
from simonsays.sim.recorder import Meter
from simonsays.sim.robot import Robot
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import PropSpec, RobotStart, SceneSpec
from simonsays.sim.state import Array
from simonsays.sim.world import World
from simonsays.testing._holding import holds

_KINDS = ("g1",) * 3  # whose links have the same names


@contextmanager
def _together(engine: str, apart: float) -> Iterator[tuple[World, tuple[Robot, ...]]]:
    """A world of three robots in a row along x, so many metres apart, and a ball beside them."""
    starts = [RobotStart(f"robot {i}", kind, (apart * i, 0.0)) for i, kind in enumerate(_KINDS)]
    scene = SceneSpec(
        props=(PropSpec("ball", "red", (0.0, 3.0)),), robot_name="robot 0", robot=_KINDS[0], others=tuple(starts[1:])
    )
    with World(scene, engine=engine) as world:
        yield world, world.spawn_all([get_robot(kind) for kind in _KINDS])


def _run(world: World, robots: tuple[Robot, ...], steps: int = 12) -> Array:
    """(steps, ...) positions of joints and bases after each control step in which each robot follows its own noise."""
    rng, seen = np.random.default_rng(4), []
    for _ in range(steps):
        for robot in robots:
            noise = rng.normal(0.0, 0.1, len(robot.joint_names))
            robot.follow((robot.default_positions + noise).tolist())
        world.track(4)
        seen.append(np.concatenate([[*each.joint_positions, *each.reading().base_position] for each in robots]))
    return np.array(seen)


def _check_own(engine: str) -> None:
    """What is done to one is done to it alone."""
    where = f"engine {engine!r}, of three robots in a world"
    with _together(engine, apart=5.0) as (world, robots):
        masses = [robot.mass for robot in robots]
        _, second, third = robots
        third.dynamics = Dynamics(added_mass={third.spec.torso: 2.0})
        second.dynamics = Dynamics(stiffness=0.9)
        wanted = [masses[0], masses[1], masses[2] + 2.0]
        found = [robot.mass for robot in robots]
        holds(np.allclose(found, wanted, atol=1e-6), f"{where}: the third carries 2 kg: {found}, not {wanted} kg")
        second.reset([5.0, 0.0, 3.0], [0.0, 0.0, 0.0, 1.0], second.default_positions.tolist())
        third.push((0.0, 60.0, 0.0))
        world.track(30)
        for robot in robots:
            robot.tracked()
        feet = [robot.reading().foot_contacts for robot in robots]
        holds(feet[0] == (True, True) and feet[1] == (False, False), f"{where}: feet that touch: {feet}")
        aside = [float(robot.reading().base_position[1]) for robot in robots]
        holds(abs(aside[0]) < 0.005 and aside[2] > 0.02, f"{where}: the third was pushed to the left: {aside} m")
        torques = [np.abs(robot.joint_torques).max() for robot in robots]
        holds(min(torques[0], torques[2]) > 1.0 and torques[1] < 5.0, f"{where}: one is in the air: {torques} N m")


def _check_touch(engine: str) -> None:
    """One that falls against another moves it, and both feel it alike."""
    where = f"engine {engine!r}, a robot that falls against another"
    with _together(engine, apart=0.45) as (world, robots):
        meter = Meter(world, robots[0])
        robots[0].after_step = meter.step
        robots[0].push_velocity(1.2, 0.0)
        world.track(60)
        _, forces = meter.take()
        pairs = {tuple(meter.names[place].split("/")[0] for place in pair): force for pair, force in forces.items()}
        pressed = {pair: float(np.linalg.norm(force)) for pair, force in pairs.items() if pair[1] != "ground"}
        holds(pressed.get(("robot 0", "robot 1"), 0.0) > 1.0, f"{where}: no contact is told of: {pressed}")
        moved = float(robots[1].reading().base_position[0]) - 0.45
    with _together(engine, apart=0.45) as (world, robots):
        world.track(60)
        still = float(robots[1].reading().base_position[0]) - 0.45
    holds(moved > still + 0.01, f"{where}: the other moves by {moved:.3f} m, and by {still:.3f} m if nobody falls")


def _check_again(engine: str) -> None:
    with _together(engine, apart=0.6) as (world, robots):
        first = _run(world, robots)
        holds(np.isfinite(first).all(), f"engine {engine!r}: three robots in a world have numbers that are none")
        world.reset()
        again = _run(world, world.spawn_all([get_robot(kind) for kind in _KINDS]))
        holds(np.array_equal(first, again), f"engine {engine!r}: a world of three robots, reset, is not as a fresh one")


CHECKS = (_check_own, _check_touch, _check_again)
