"""A motion of one's own in one file, with its reward, env and protocol, as another package has it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from simonsays.agents.measure.protocols import Figure, Protocol, register_protocols, share_of
from simonsays.agents.measure.rollout import run
from simonsays.envs import register_env
from simonsays.envs.context import StepContext
from simonsays.envs.motions.base import TimedMotion, register_motion
from simonsays.envs.rewards import reward
from simonsays.envs.stage import Stage
from simonsays.sim.state import Vector


@register_motion
class Sway(TimedMotion):
    """The trunk turns from side to side, twice."""

    name = "sway"
    does = "Sways its trunk"
    duration = 2.0
    served_by = "gait"
    settings: ClassVar[Mapping[str, Any]] = {
        "episode_seconds": 3.0,
        "standing": 1.0,
        "reward_weights": {"alive": 0.2, "swayed": 1.0, "tilt": -2.0, "fall": -12.0},
    }

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._waist = stage.layout.place["waist_yaw_joint"]

    def targets(self, time: float, command: Vector) -> list[float]:
        targets = self.standing.copy()
        targets[self._waist] = 0.5 * math.sin(2 * math.pi * time)
        return targets


@reward
def swayed(ctx: StepContext) -> float:
    """1 while it sways."""
    return float(ctx.motion == Sway.name and ctx.motion_time is not None)


def sway_episode(env: Any, policy: Any, seed: int) -> dict[str, Any]:
    observation, _ = env.reset(seed=seed)
    place, angles = env.joint_places["waist_yaw_joint"], []
    trace = run(env, policy, observation, env.steps_per_episode, lambda _: angles.append(env.last_targets[place]))
    return {"fell": trace.fell, "swayed": float(np.ptp(angles)) > 0.8}


register_env("G1-Sway-v0", motion="sway")
register_protocols(
    "sway", Protocol("sway", "sways once", sway_episode, (Figure("swayed", "sways", "%", share_of("swayed")),))
)
