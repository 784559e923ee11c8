"""The contract of a motion of the legs: what HumanoidEnv, its policy, plans and cards rely on."""

from __future__ import annotations

from typing import Any

import numpy as np

from simonsays.envs.env import HumanoidEnv
from simonsays.envs.motions.base import MOTIONS
from simonsays.testing._holding import accepted, holds


def check_motion(name: str, *, robot: str = "g1", steps: int = 250) -> None:
    """Check a motion by its name, in an env of its own whose robot gets no help from a policy.

    It says what it does, and names only motions that there are. Its settings are accepted. For ``steps`` control steps
    of 0.02 s its reference has a finite target for each joint within its limits (0.1 rad beyond are let pass), a phase
    of 0 to 1 and a finite height; equal seeds give equal references, whatever an env has done before.

    Raises:
        AssertionError: something does not hold; the message says what.
    """
    holds(name in MOTIONS, f"no motion {name!r}: mark its class with @register_motion")
    kind = MOTIONS[name]
    holds(kind.name == name, f"motion {name!r}: registered as {kind.name!r}")
    holds(getattr(kind, "does", ""), f"motion {name!r}: say what its policy does in the class attribute 'does'")
    for attribute in ("home", "served_by", "measured_as"):
        other = getattr(kind, attribute)
        holds(other is None or other in MOTIONS, f"motion {name!r}, {attribute}: there is no motion {other!r}")
    with accepted(f"motion {name!r}, settings"):
        first, second = HumanoidEnv(robot, motion=name), HumanoidEnv(robot, motion=name)
    try:
        holds(first.trained_motion == name, f"motion {name!r}: its env trains {first.trained_motion!r}")
        _references(first, 7, steps)
        before, after = _references(first, 3, steps), _references(second, 3, steps)
        equal = np.array_equal(np.array(before), np.array(after))
        told = "keep what lasts from step to step in the Reference, and draw from the generator that start is given"
        holds(equal, f"motion {name!r}: seed 3 gives other references after another episode than in a new env: {told}")
    finally:
        first.close()
        second.close()


def _references(env: Any, seed: int, steps: int) -> list[list[float]]:
    """(T, J) rad, the references of an episode, each checked; a fall begins another."""
    lower, upper = env.robot.lower, env.robot.upper
    seen: list[list[float]] = []
    env.reset(seed=seed)
    for step in range(steps):
        raised, over = None, False
        try:
            _, _, terminated, truncated, _ = env.step(np.zeros(env.action_space.shape, np.float32))
            over = terminated or truncated
        except Exception as error:  # of a reference that is none, which is told first
            raised = error
        reference, where = env.legs.reference, f"motion {env.trained_motion!r}, step {step}: Reference"
        targets, names = np.array(reference.targets), env.robot.joint_names
        holds(targets.shape == (len(names),), f"{where}.targets has shape {targets.shape}, not ({len(names)},)")
        holds(np.isfinite(targets).all(), f"{where}.targets: {targets}")
        beyond = [names[i] for i in np.nonzero((targets < lower - 0.1) | (targets > upper + 0.1))[0]]
        holds(not beyond, f"{where}.targets: beyond the limits of {', '.join(beyond)}")
        holds(0.0 <= reference.phase <= 1.0, f"{where}.phase is {reference.phase}, not 0 to 1")
        holds(np.isfinite(reference.height), f"{where}.height is {reference.height}")
        seen.append(list(reference.targets))
        if raised is not None:
            raise AssertionError(f"{where}: the env's step raises {type(raised).__name__}: {raised}") from raised
        if over:
            env.reset()
    return seen
