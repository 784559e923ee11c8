"""Recorder: collects what a robot does while a simulation runs."""

from __future__ import annotations

import contextlib
import importlib.metadata
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simonsays.assets.notes import documented
from simonsays.sim.engine_choice import engine_versions
from simonsays.sim.recording import FORMAT, Recording
from simonsays.sim.robot import Robot
from simonsays.sim.specs import SceneSpec
from simonsays.sim.state import Array, Reading
from simonsays.sim.world import World


@documented
class Act(NamedTuple):
    """What was done at an instant."""

    motion: str
    """whose policy acted"""
    observation: NDArray[np.float32]
    """(N,) what it saw"""
    action: NDArray[np.float32]
    """(L,)"""
    joint_targets: Sequence[float]
    """(J,) rad, what the PD controllers then followed"""
    to_go: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    """forward m, left m, angle rad: what was left of the step"""


_BASE = ("base_position", "base_orientation", "base_linear_velocity", "base_angular_velocity")
_STATES = ("time", *_BASE, "joint_positions", "joint_velocities", "foot_contacts")
_MEASURED = ("joint_torques", "torque_limit_share", "velocity_reversals")


class Meter:
    """Watches every physics step that a robot makes by ``track``; only reads, so that physics is the same without it.

    Attributes:
        names: (B,) of what can touch: see :attr:`World.bodies`.
    """

    def __init__(self, world: World, robot: Robot) -> None:
        self._world, self._robot = world, robot
        self.names = world.bodies
        self._velocities = np.array(robot.joint_velocities)
        self._begin()

    def _begin(self) -> None:
        self._seen: list[tuple[list[float], list[float]]] = []
        self._forces: dict[tuple[int, int], list[float]] = {}

    def step(self) -> None:
        """Measure the physics step that was just made."""
        self._seen.append(([*self._robot.physics.torques], self._robot.joint_velocities))
        for one, other, newtons in self._world.engine.contacts():
            # Plain floats: of three numbers, arrays take ten times as long.
            pair, sign = ((one, other), 1.0) if one < other else ((other, one), -1.0)
            force = self._forces.setdefault(pair, [0.0, 0.0, 0.0])
            for axis in range(3):
                force[axis] += sign * newtons[axis]

    def take(self) -> tuple[dict[str, Any], dict[tuple[int, int], Array]]:
        """What happened since the last time, zeros where no physics step was made: a Recording's fields, and the mean
        force (3,) N, world, on the first of each two bodies that touched, by their places in ``names``."""
        steps = max(len(self._seen), 1)
        torques, velocities = np.reshape(self._seen, (-1, 2, len(self._velocities))).swapaxes(0, 1)
        turning = np.vstack([self._velocities, velocities])
        limited, reversals = np.abs(torques) >= self._robot.effort, turning[1:] * turning[:-1] < 0
        counted = torques.sum(axis=0) / steps, limited.sum(axis=0) / steps, reversals.sum(axis=0)
        forces = {pair: np.array(force) / steps for pair, force in self._forces.items()}
        self._velocities = turning[-1]
        self._begin()
        return dict(zip(_MEASURED, counted, strict=True)), forces


class RecordingWriter:
    """Collects states while a robot moves in a world, until it is finished or the robot is made anew.

    Args:
        scene: the world's as it was when recording began, where that is another than it was made from.
    """

    def __init__(self, world: World, robot: Robot, scene: SceneSpec | None = None) -> None:
        self._world, self._robot, self._scene = world, robot, scene or world.scene
        self._meter, self._engine = Meter(world, robot), type(world.engine)
        self._kinds = {each.name or each.spec.name: each.spec.name for each in world.robots}
        self._begin()
        robot.after_step = self._meter.step

    def _begin(self) -> None:
        self._states: list[Reading] = []
        self._props: list[tuple[Array, Array]] = []
        self._steps: list[int] = []
        self._acts: list[Act] = []
        self._measured: list[tuple[dict[str, Any], dict[tuple[int, int], Array]]] = []

    def append(self, state: Reading, step_index: int) -> None:
        """One instant: the robot's state, and what the world is like now."""
        self._states.append(state)
        self._props.append(self._world.prop_poses())
        self._steps.append(step_index)
        self._measured.append(self._meter.take())

    def act(self, act: Act) -> None:
        """What was done at the instant that was appended last; to be told of all instants or of none.

        Raises:
            ValueError: it was not told of every instant before.
        """
        if len(self._acts) != len(self._states) - 1:
            raise ValueError(f"{len(self._states)} instants, but {len(self._acts)} acts before this one")
        self._acts.append(act)

    def _acted(self) -> dict[str, Any]:
        """The fields of formats 2 and 3; instants at the end without an act are NaN and empty, and so is
        what a policy did not see that sees less than another."""
        if not self._acts:
            return {}
        missing = len(self._states) - len(self._acts)

        def padded(name: str, dtype: Any) -> Any:
            rows = [getattr(act, name) for act in self._acts]
            found = np.full((len(rows) + missing, max(map(len, rows))), np.nan, dtype=dtype)
            for row, values in zip(found, rows, strict=False):
                row[: len(values)] = values
            return found

        return {
            "joint_targets": padded("joint_targets", np.float64),
            "motion": np.array([*(act.motion for act in self._acts), *[""] * missing], dtype=np.str_),
            "policy_observations": padded("observation", np.float32),
            "policy_actions": padded("action", np.float32),
            "to_go": padded("to_go", np.float64),
        }

    def _contacts(self) -> dict[str, Any]:
        pairs, none = sorted({pair for _, forces in self._measured for pair in forces}), np.zeros(3)
        forces = [[each.get(pair, none) for pair in pairs] for _, each in self._measured]
        return {
            "contact_pairs": np.array([[self._meter.names[i] for i in pair] for pair in pairs], np.str_).reshape(-1, 2),
            "contact_forces": np.array(forces, np.float64).reshape(len(forces), len(pairs), 3),
        }

    def finish(self, meta: Mapping[str, Any]) -> Recording:
        """All that was collected; nothing more is measured. ``meta`` goes beside what the world itself says."""
        with contextlib.suppress(RuntimeError):  # the world may be closed by now
            self._robot.after_step = None
        return self.drain(meta)

    def drain(self, meta: Mapping[str, Any]) -> Recording:
        """As :meth:`finish`, but what comes after it is collected for the next part."""
        columns: dict[str, Any] = {name: np.array([getattr(state, name) for state in self._states]) for name in _STATES}
        columns |= {name: np.array([each[name] for each, _ in self._measured]) for name in _MEASURED}
        count, props = len(self._states), len(self._world.props)
        made = Recording(
            **columns,
            joint_names=np.array(self._robot.joint_names, dtype=np.str_),
            prop_names=np.array(list(self._world.props), dtype=np.str_),
            prop_positions=np.array([places for places, _ in self._props]).reshape(count, props, 3),
            prop_orientations=np.array([turned for _, turned in self._props]).reshape(count, props, 4),
            step_index=np.array(self._steps, dtype=np.int64),
            meta={**self._about(), **meta},
            **self._acted(),
            **self._contacts(),
        )
        self._begin()
        return made

    def _about(self) -> dict[str, Any]:
        scene, robot, engine = self._scene, self._robot.spec.name, self._engine
        versions = {name: importlib.metadata.version(name) for name in ("simonsays", "numpy")}
        return {
            "format": FORMAT,
            "robot": robot,
            **({"robot_name": self._robot.name} if len(self._kinds) > 1 else {}),
            "robots": self._kinds,
            "engine": engine.name,
            "scene_name": scene.name,
            "scene": scene.to_dict(),
            "versions": {"python": sys.version.split()[0], **versions, **engine_versions(engine.name)},
        }
