"""``simon bench engines``: engines against each other, and the env's own share, side by side in one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from functools import partial
from typing import Any

import numpy as np

from simonsays.envs.env import HumanoidEnv
from simonsays.envs.policy.choice import chosen
from simonsays.envs.policy.policy import load_policy
from simonsays.sim.engine_choice import engine_versions, need_engine
from simonsays.sim.engines.base import Body
from simonsays.sim.robot import Robot

BLOCK = 50
"""control steps a measurement"""
FASTER, OWN_US = 1.8, 60.0
"""what is aimed at: MuJoCo over Bullet, of env steps a second; the env's own microseconds a control step"""
_COMMAND = {"command": [0.4, 0.0, 0.2]}


class _Side:
    """An engine with four envs that go the same way: one finds it, one steps, and of two only the robot moves.

    Attributes:
        step, moved, physics: s a control step, a median for each round: of the env; of the robot's physics and
            reading; of the physics alone, as often as the PD acts.
        own: s, of the env step less what its robot takes.
        falls: rounds in which the robot fell.
    """

    def __init__(self, engine: str, stack: ExitStack) -> None:
        need_engine(engine)
        self.engine, self.falls = engine, 0
        self.envs = [stack.enter_context(closing(HumanoidEnv(engine=engine))) for _ in range(4)]
        self.step, self.moved, self.physics, self.own = [list[float]() for _ in range(4)]

    def measure(self, policy: Any, seed: int) -> None:
        """A round. What is measured takes turns at each control step: what else this machine does falls on all."""
        actions, targets = self._way(policy, seed)
        _, env, moved, loop = self.envs
        for each in (env, moved, loop):
            each.reset(seed=seed, options=_COMMAND)
        robot, body, substeps = moved.robot, loop.robot.physics, env.stage.substeps
        times = np.empty((len(actions), 3))
        for i, (action, target) in enumerate(zip(actions, targets, strict=True)):
            calls = (
                partial(env.step, action),
                partial(_move, robot, target, substeps),
                partial(_follow, body, target, substeps),
            )
            for turn in range(3):
                place = (turn + i) % 3
                times[i, place] = _seconds(calls[place])
        for kept, column in zip((self.step, self.moved, self.physics), times.T, strict=True):
            kept.append(float(np.median(column)))
        self.own.append(float(np.median(times[:, 0] - times[:, 1])))

    def _way(self, policy: Any, seed: int) -> tuple[list[Any], list[Sequence[float]]]:
        """Actions and joint targets of a walk, which is not measured."""
        source = self.envs[0]
        observation, _ = source.reset(seed=seed, options=_COMMAND)
        actions, targets, fell = [], list[Sequence[float]](), False
        for _ in range(BLOCK):
            actions.append(policy.predict(observation, deterministic=True)[0])
            observation, _, ended, _, _ = source.step(actions[-1])
            targets.append(list(source.last_targets))
            fell |= ended
        self.falls += fell
        return actions, targets

    def told(self) -> dict[str, Any]:
        """Its figures."""
        substeps = self.envs[0].stage.substeps
        return {
            "version": " ".join(engine_versions(self.engine).values()),
            "env_steps_per_second": 1 / float(np.median(self.step)),
            "physics_steps_per_second": substeps / float(np.median(self.physics)),
            "step_us": float(np.median(self.step)) * 1e6,
            "own_us": float(np.median(self.own)) * 1e6,
            "own_us_quartiles": (np.quantile(self.own, [0.25, 0.75]) * 1e6).tolist(),
            "falls": self.falls,
        }


def _seconds(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _follow(body: Body, targets: Sequence[float], substeps: int) -> None:
    body.follow(targets)
    body.engine.track(substeps)


def _move(robot: Robot, targets: Sequence[float], substeps: int) -> None:
    robot.track(targets, substeps)
    robot.reading()


def bench_engines(
    engines: Sequence[str] = ("mujoco", "bullet"),
    rounds: int = 40,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Rounds of a second's walk in each engine in turn; ratios of the first engine over each other one.

    Returns:
        ``engines``: by name, env steps and physics steps a second, microseconds of an env step and of it the env's
        own share, and the rounds in which the robot fell; ``ratios``: by the other's name, ``env`` and ``physics``
        with quartiles over the rounds; ``bars``: what is aimed at.

    Raises:
        InputError: no such engine, or its package is missing.
    """
    policy = load_policy(str(chosen()[1]))
    with ExitStack() as stack:
        sides = [_Side(engine, stack) for engine in engines]
        for i in range(rounds):
            for side in sides if i % 2 else sides[::-1]:
                side.measure(policy, i)
            if progress is not None:
                progress(i + 1, rounds)
        found = {side.engine: side.told() for side in sides}
    first, *others = sides
    ratios = {
        other.engine: {"env": _ratio(other.step, first.step), "physics": _ratio(other.physics, first.physics)}
        for other in others
    }
    bars = {"faster": FASTER, "own_us": OWN_US}
    return {"engines": found, "first": first.engine, "ratios": ratios, "rounds": rounds, "bars": bars}


def _ratio(slow: Sequence[float], fast: Sequence[float]) -> dict[str, Any]:
    pairs = [a / b for a, b in zip(slow, fast, strict=True)]
    return {"value": float(np.median(pairs)), "quartiles": np.quantile(pairs, [0.25, 0.75]).tolist()}
