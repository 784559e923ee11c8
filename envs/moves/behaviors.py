"""Parts of the behaviors of skills: one after another, and coming to rest."""

from __future__ import annotations

import math
from dataclasses import replace

from simonsays.envs.moves.skill import Behavior, SkillContext, SkillOutput


class InOrder:
    """One behavior after another; it fails with the first that fails."""

    def __init__(self, *behaviors: Behavior) -> None:
        self._behaviors = list(behaviors)

    def update(self, ctx: SkillContext) -> SkillOutput:
        output = self._behaviors[0].update(ctx)
        if output.status != "success" or len(self._behaviors) == 1:
            return output
        del self._behaviors[0]
        return replace(output, status="running")


class Settled:
    """Tells when the robot has come to rest: slow for ``hold`` seconds, or ``limit`` seconds over."""

    def __init__(self, hold: float = 0.4, limit: float = 2.5) -> None:
        self._hold, self._limit = hold, limit
        self._slow = self._total = 0.0

    def update(self, ctx: SkillContext) -> bool:
        """One control step at rest."""
        x, y, _ = ctx.state.base_linear_velocity
        slow = math.hypot(x, y) < 0.12 and abs(ctx.state.base_angular_velocity[2]) < 0.3
        self._slow = self._slow + ctx.dt if slow else 0.0
        self._total += ctx.dt
        return self._slow >= self._hold or self._total >= self._limit
