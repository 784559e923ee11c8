"""Of check_engine: worlds are exact again after a reset, leave each other alone, and end where they should."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.sim.engines.base import Dynamics
from simonsays.sim.recorder import RecordingWriter
from simonsays.sim.robot import Robot
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import GroundSpec, PropSpec, SceneSpec
from simonsays.sim.state import Array, Reading
from simonsays.sim.world import World
from simonsays.testing._engine.body import close
from simonsays.testing._holding import holds

_SHAPES = ("ball", "box", "cone", "pillar", "cone", "ball")
PLAYGROUND = SceneSpec(
    ground=GroundSpec(slope_deg=2.0),
    props=tuple(PropSpec(s, "red", (0.5 + i / 2, 0.4), name=f"prop {i}", mass=1.0) for i, s in enumerate(_SHAPES)),
)


_READ = [field.name for field in fields(Reading)]


def _moments(world: World, robot: Robot, seed: int = 1) -> Iterator[Array]:
    """All that is read after each of 40 control steps with noise on the targets, pushes, and a change of friction."""
    rng, numbers = np.random.default_rng(seed), len(robot.joint_names)
    for step in range(40):
        robot.push(rng.normal(0.0, 30.0, 3).tolist(), link=robot.spec.torso)
        if step == 20:
            robot.push_velocity(0.4, 0.2)
            world.set_friction(0.6)
        world.move_props(0.02)
        robot.track((robot.default_positions + rng.normal(0.0, 0.2, numbers)).tolist(), 4)
        reading = robot.reading()
        read = [np.ravel(np.array(getattr(reading, name), float)) for name in _READ]
        yield np.concatenate([*read, world.prop_positions().ravel()])


def _run(world: World) -> Array:
    return np.array([*_moments(world, world.spawn(get_robot("g1")))])


def _check_resets(engine: str) -> None:
    with World(PLAYGROUND, engine=engine) as world:
        first = _run(world)
    holds(np.isfinite(first).all(), f"engine {engine!r}: an episode with noise and pushes has numbers that are none")
    with World(PLAYGROUND, engine=engine) as world:
        same = np.array_equal(_run(world), first)
        holds(same, f"engine {engine!r}: two fresh worlds with the same noise and pushes end otherwise")
        other = SceneSpec(ground=GroundSpec(roughness=0.02), props=PLAYGROUND.props[:1])
        with World(other, engine=engine) as stranger:
            _run(stranger)
        for how in ("", ", once more"):
            world.reset()
            message = f"engine {engine!r}: a world that was reset{how} is not exactly as a fresh one"
            holds(np.array_equal(_run(world), first), message)
        scene, world.scene = world.scene, other
        world.reset()
        _run(world)
        world.scene = scene
        world.reset()
        message = f"engine {engine!r}: a world that had another scene is not exactly as a fresh one"
        holds(np.array_equal(_run(world), first), message)


def _check_fast_reset(engine: str) -> None:
    """The robot is put back into the same world: it starts as a fresh one, and goes on nearly so."""
    with World(PLAYGROUND, engine=engine) as world:
        robot = world.spawn(get_robot("g1"))
        start, names = robot.reading(), ("base_position", "base_orientation", "joint_positions", "foot_positions")
        targets = robot.default_positions.tolist()
        robot.track(targets, 40)
        wanted = robot.reading()
        for _ in _moments(world, robot):
            robot.dynamics = Dynamics(stiffness=0.9, torque_delay=1)
        robot.dynamics = Dynamics()
        world.set_friction(PLAYGROUND.ground.friction)
        world.reset_props()
        robot.reset(*world.start_pose(robot.spec.base_height), targets)
        again, where = robot.reading(), f"engine {engine!r}: after Robot.reset in the same world"
        for name in names:
            close(getattr(again, name), getattr(start, name), 1e-9, f"{where}, {name}")
        for name in ("base_linear_velocity", "base_angular_velocity", "joint_velocities", "joint_torques"):
            close(getattr(again, name), 0.0, 1e-9, f"{where}, {name}")
        holds(not any(again.foot_contacts), f"{where}: feet feel contacts of before")
        robot.track(targets, 40)
        after = robot.reading()
        for name in names:
            close(getattr(after, name), getattr(wanted, name), 5e-3, f"{where} and 0.2 s, {name}")


def _check_strangers(engine: str) -> None:
    def made(seed: int) -> Iterator[Array]:
        with World(PLAYGROUND, engine=engine) as world:
            yield from _moments(world, world.spawn(get_robot("g1")), seed)

    alone = [np.array([*made(seed)]) for seed in (1, 2)]
    pairs = [*zip(made(1), made(2), strict=True)]
    for seed, wanted in enumerate(alone):
        together = np.array([pair[seed] for pair in pairs])
        holds(np.array_equal(together, wanted), f"engine {engine!r}: two worlds that step in turn disturb each other")
    found: dict[int, Array] = {}

    def work(seed: int) -> None:
        found[seed] = np.array([*made(seed)])

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, wanted in enumerate(alone, start=1):
        same = seed in found and np.array_equal(found[seed], wanted)
        holds(same, f"engine {engine!r}: two worlds in two threads disturb each other")


def _check_forgotten(engine: str) -> None:
    """A world that nobody holds is gone, at once, or once Python has collected; any number of them may be."""

    def forget(recorded: bool) -> weakref.ref[Any]:
        world = World(PLAYGROUND, engine=engine)
        robot = world.spawn(get_robot("g1"))
        writer = RecordingWriter(world, robot) if recorded else None
        robot.track(robot.default_positions.tolist(), 4)
        holds(writer is None or robot.after_step is not None, "the writer does not listen")
        return weakref.ref(world.engine)

    gc.disable()
    try:
        message = f"engine {engine!r}: a forgotten world is still there: something holds it in a circle"
        holds(forget(recorded=False)() is None, message)
    finally:
        gc.enable()
    recorded = forget(recorded=True)
    gc.collect()
    holds(recorded() is None, f"engine {engine!r}: a forgotten world that was recorded is never collected")
    try:
        for _ in range(1100):
            World(engine=engine).step()
    except Exception as error:
        raise AssertionError(f"engine {engine!r}: 1,100 forgotten worlds: {type(error).__name__}: {error}") from error


def _resident() -> float:
    """KiB of this process, 0 where that is not to be read."""
    file = Path("/proc/self/statm")
    return int(file.read_text().split()[1]) * 4.0 if file.is_file() else 0.0


def _growth(call: Callable[[], None], count: int, most: float) -> float:
    """KiB a call after a warm-up; what is more than ``most`` is tried twice again: others may take memory meanwhile."""
    for _ in range(count // 2):
        call()
    grown = np.inf
    for _ in range(3):
        gc.collect()
        before = _resident()
        for _ in range(count):
            call()
        gc.collect()
        grown = min(grown, (_resident() - before) / count)
        if grown < most:
            break
    return grown


def _check_memory(engine: str, most: float = 4.0) -> None:
    spec = get_robot("g1")

    def episode(world: World) -> None:
        robot = world.spawn(spec)
        robot.track(robot.default_positions.tolist(), 4)

    with World(PLAYGROUND, engine=engine) as kept:

        def again() -> None:
            kept.reset()
            episode(kept)

        grown = _growth(again, 60, most)
        holds(grown < most, f"engine {engine!r}: a reset of a world with props leaks {grown:.1f} KiB")

    def anew() -> None:
        with World(PLAYGROUND, engine=engine) as world:
            episode(world)

    grown = _growth(anew, 40, most)
    holds(grown < most, f"engine {engine!r}: a world that was closed leaves {grown:.1f} KiB")


CHECKS = (_check_resets, _check_fast_reset, _check_strangers, _check_forgotten, _check_memory)
