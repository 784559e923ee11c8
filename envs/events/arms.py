"""Arms with a will of their own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import numpy as np

from simonsays.assets import InputError
from simonsays.envs.events.base import Event, Short, register_event
from simonsays.envs.settings import Share
from simonsays.envs.stage import Stage
from simonsays.sim.engines.checks import clear
from simonsays.sim.kinematics import Tree
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Array

_SPEED, _SECONDS = (1.0, 6.0), (0.4, 2.0)  # rad/s, s to a new goal on average
_DRAWN = 1000  # poses, of which some 600 are clear of a G1's body


@dataclass
class _Wandering:
    at: Array
    """(U,) rad, of waist and arms"""
    goal: Array | None = None
    speed: float = 0.0
    """rad/s"""
    seconds: float = 1.0
    """s to a new goal, on average"""


@register_event("arms")
class Arms(Event):
    """Waist and arms that move to random targets of their own."""

    share: Annotated[Share, Short("arm_motion")] = 0.0
    """of commands during which they do"""

    def on_command(self, now: Stage) -> None:
        arms = now.memory.setdefault(self.name, _Wandering(now.robot.default_positions[now.layout.upper]))
        arms.goal = self._goal(now, arms) if now.rng.random() < self.share else None

    def on_targets(self, now: Stage, targets: list[float]) -> None:
        arms = now.memory.get(self.name)
        if arms is None or arms.goal is None:
            return
        if now.rng.random() < now.dt / arms.seconds:
            arms.goal = self._goal(now, arms)
        step = arms.speed * now.dt
        arms.at = arms.at + np.clip(arms.goal - arms.at, -step, step)
        for place, target in zip(now.layout.upper, arms.at.tolist(), strict=True):
            targets[place] = target

    def _goal(self, now: Stage, arms: _Wandering) -> Array:
        """Some joints near the resting pose, the others anywhere in their range, clear of the body; at a speed."""
        rng, poses = now.rng, arm_poses(now.spec, now.world.engine.name, now.world.engine.dt)
        arms.speed, arms.seconds = float(rng.uniform(*_SPEED)), float(rng.uniform(*_SECONDS))
        goal: Array = poses[int(rng.integers(len(poses)))]
        return goal


@lru_cache(maxsize=8)
def arm_poses(spec: RobotSpec, engine: str, dt: float) -> Array:
    """(N, U) rad: poses of waist and arms in which, the legs standing, no link is in another; drawn once."""
    tree, rng = Tree(spec), np.random.default_rng(0)
    upper = [i for i, name in enumerate(tree.joints) if name not in spec.leg_joints]
    lower, highest = 0.95 * tree.lower[upper], 0.95 * tree.upper[upper]
    near = tree.standing[upper] + rng.normal(0, 0.8, (_DRAWN, len(upper)))
    anywhere = rng.random((_DRAWN, len(upper))) < rng.uniform(0.2, 1.0, (_DRAWN, 1))
    angles = np.tile(tree.standing, (_DRAWN, 1))
    angles[:, upper] = np.clip(np.where(anywhere, rng.uniform(lower, highest, near.shape), near), lower, highest)
    found: Array = angles[clear(spec, engine, dt, angles)][:, upper]
    if not len(found):
        raise InputError(f"robot {spec.name!r}: of {_DRAWN} poses of its arms none is clear of its body")
    return found
