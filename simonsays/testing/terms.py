"""The contracts of terms: rewards, terminations, observation blocks and events."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from numbers import Real
from typing import Any

import numpy as np

from simonsays.assets.registry import Registry, Thing
from simonsays.envs.context import StepContext
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.events import EVENTS, hooks
from simonsays.envs.observations import BLOCKS, ObservationBlock
from simonsays.envs.rewards import REWARDS
from simonsays.envs.terminations import TERMINATIONS
from simonsays.envs.terms import called, check_parameters, first_line, named
from simonsays.testing._holding import accepted, holds
from simonsays.testing.envs import trajectory_hash

_MIRRORED = 4  # control steps for which two robots that do the same, mirrored, are alike


def check_reward(name: str, *, robot: str = "g1", motion: str = "gait", steps: int = 100, **parameters: Any) -> None:
    """Check a reward term by its name, with its ``parameters``, in an env whose robot is moved at random.

    It says in its docstring what it is. In each of ``steps`` control steps it gives one finite number, and the same
    when it is asked again: it is a pure function.

    Raises:
        AssertionError: something does not hold; the message says what.
    """
    _check_function(REWARDS, name, robot, motion, steps, parameters)


def check_termination(
    name: str, *, robot: str = "g1", motion: str = "gait", steps: int = 100, **parameters: Any
) -> None:
    """Check what may end an episode by its name, as :func:`check_reward`: True or False, and not at the start.

    Raises:
        AssertionError: something does not hold; the message says what.
    """
    _check_function(TERMINATIONS, name, robot, motion, steps, parameters)


def check_block(name: str, *, robot: str = "g1", motion: str = "gait", steps: int = 100) -> None:
    """Check an observation block by its name.

    It says in its docstring what it is. In each of ``steps`` control steps it gives as many finite numbers as it says,
    and the same when it is asked again. What it shows of a robot that moves as in a mirror is the mirror image of
    what it shows of the other.

    Raises:
        AssertionError: something does not hold; the message says what.
    """
    block, what = _known(BLOCKS, name), f"observation block {name!r}"
    holds(first_line(block.function), f"{what}: say in its docstring what it shows")
    for ctx in _moving(robot, motion, steps):
        with accepted(named(BLOCKS.kind, name, ctx.step)):
            block.check(ctx)
        same = np.array_equal(block.function(ctx), block.function(ctx))
        holds(same, f"{named(BLOCKS.kind, name, ctx.step)}: gives other numbers when asked again: make it pure")
    one, other = _shown(block, robot, mirrored=False), _shown(block, robot, mirrored=True)
    apart, size = np.abs(one - other).max(axis=0), np.abs(one).max()
    wrong = np.nonzero(apart > 0.3 * size + 1e-6)[0].tolist()
    holds(not wrong, f"{what}, mirror: of a robot that moves as in a mirror, numbers {wrong} are not the mirror image")


def check_event(name: str, *, robot: str = "g1", steps: int = 60, **parameters: Any) -> None:
    """Check an event by its name, with ``parameters`` with which it happens.

    It says in its docstring what it is, takes the parameters, happens, and does something at one of its moments.
    Episodes with it run for ``steps`` control steps of finite observations and rewards. Equal seeds give equal ones, in
    an env after others as well as in a new one: all its draws come from ``now.rng``, and what it remembers of an
    episode stands in ``now.memory``.

    Raises:
        AssertionError: something does not hold; the message says what.
    """
    kind, what = _known(EVENTS, name), f"event {name!r}"
    holds("__doc__" in vars(kind) and first_line(kind), f"{what}: say in its docstring what happens")
    with accepted(what):
        first, other = (HumanoidEnv(robot, events={name: parameters}) for _ in range(2))
    event = first.config.events[name]
    holds(event.active, f"{what}: with {parameters} it does not happen: give check_event parameters with which it does")
    holds(any(hooks({name: event}).values()), f"{what}: it has none of the methods on_... of an Event")
    try:
        with accepted(what):
            _run(first, steps, what)
            before, again = trajectory_hash(first, 3, steps), trajectory_hash(first, 3, steps)
            new = trajectory_hash(other, 3, steps)
        told = "draw from now.rng alone, and keep what lasts within an episode in now.memory"
        holds(before == again == new, f"{what}: seed 3 gives another trajectory after other episodes: {told}")
    finally:
        first.close()
        other.close()


def _known(registry: Registry[Thing], name: str) -> Thing:
    holds(name in registry, f"no {registry.kind} {name!r}: is the module imported that registers it?")
    return registry[name]


def _check_function(
    registry: Registry[Any], name: str, robot: str, motion: str, steps: int, parameters: dict[str, Any]
) -> None:
    term, what = _known(registry, name), f"{registry.kind} {name!r}"
    holds(first_line(term), f"{what}: say in its docstring what it is")
    with accepted(what):
        check_parameters(registry, "parameters", {name: parameters})
    for ctx in _moving(robot, motion, steps):
        where = named(registry.kind, name, ctx.step)
        with accepted("contract"):
            value, again = (called(where, partial(term, **parameters), ctx) for _ in range(2))
        if registry is REWARDS:
            holds(isinstance(value, Real) and math.isfinite(value), f"{where}: gives {value!r}, not a finite number")
        else:
            holds(isinstance(value, bool | np.bool_), f"{where}: gives {value!r}, not True or False")
            holds(ctx.step or not value, f"{where}: the episode is over before it begins")
        holds(value == again, f"{where}: gives {value!r}, and {again!r} when asked again: make it a pure function")


def _moving(robot: str, motion: str, steps: int) -> Iterator[StepContext]:
    """Control steps of a robot that is moved at random; a fall begins another episode."""
    env, rng = HumanoidEnv(robot, motion=motion, reward_weights={}), np.random.default_rng(0)
    try:
        env.reset(seed=0)
        for _ in range(steps):
            yield env._context
            if env.step(rng.normal(0.0, 0.4, env.layout.leg_count))[2]:
                env.reset()
    finally:
        env.close()


def _shown(block: ObservationBlock, robot: str, mirrored: bool) -> Any:
    """(T, N) what a block shows of a robot that stands and moves its legs, or the mirror image of the mirrored one."""
    env, rng = HumanoidEnv(robot, joint_noise=0.0, friction=None, reward_weights={}), np.random.default_rng(1)
    place, sign = (np.array(env.mirror[key]) for key in ("action", "action_sign"))
    places, signs = block.mirrored(env.layout)
    env.reset(seed=0, options={"command": [0.0, 0.0, 0.0]})
    rows = []
    for _ in range(_MIRRORED):
        action = rng.normal(0.0, 0.2, place.shape)  # so little that it does not begin to step
        env.step(action[place] * sign if mirrored else action)
        seen = np.asarray(block.function(env._context), np.float64)
        rows.append(seen[places] * signs if mirrored else seen)
    env.close()
    return np.array(rows)


def _run(env: HumanoidEnv, steps: int, what: str) -> None:
    for seed in range(3):
        env.reset(seed=seed)
        for step in range(steps):
            if env.step(np.zeros(env.layout.leg_count, np.float32))[2]:
                break
            holds(np.isfinite(env.reading.base_position).all(), f"{what}, step {step}: the robot is nowhere")
