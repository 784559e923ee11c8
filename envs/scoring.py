"""Scoring: what an env's steps are worth, when an episode ends, and whether the command was followed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from numbers import Real

import numpy as np

from simonsays.assets import InputError
from simonsays.envs.config import LocomotionConfig
from simonsays.envs.context import StepContext
from simonsays.envs.rewards import REWARDS
from simonsays.envs.terminations import TERMINATIONS


class Scoring:
    """Reward terms and terminations of a configuration, and the errors of an episode."""

    def configure(self, config: LocomotionConfig) -> None:
        """Take over a configuration, within an episode perhaps."""
        weights = {name: weight * config.reward_scale for name, weight in config.reward_weights.items() if weight}
        params = config.reward_params
        self._terms = [
            (name, partial(REWARDS[name], **params[name]) if params.get(name) else REWARDS[name], weight)
            for name, weight in weights.items()
        ]
        self._ends = [partial(TERMINATIONS[name], **changes) for name, changes in config.terminations.items()]

    def begin(self) -> None:
        """Begin an episode."""
        self._steps, self._plane_error, self._yaw_error = 0, 0.0, 0.0

    def rewards(self, ctx: StepContext) -> dict[str, float]:
        """Each term's share of the reward."""
        return {name: weight * term(ctx) for name, term, weight in self._terms}

    def total(self, terms: Mapping[str, float]) -> float:
        """The reward; InputError names the terms if it is not finite."""
        total = sum(terms.values())
        if not math.isfinite(total):
            wrong = ", ".join(f"{name} = {value}" for name, value in terms.items() if not math.isfinite(value))
            raise InputError(f"reward terms at control step {self._steps}: not finite: {wrong or total}")
        return total

    def check(self, ctx: StepContext) -> None:
        """Refuse a reward that gives no finite number, an end that is no truth value: InputError names it."""
        for name, term, _ in self._terms:
            value = term(ctx)
            if not isinstance(value, Real) or not math.isfinite(value):
                raise InputError(f"reward term {name!r}: gives {value!r}, not a finite number")
        for end in self._ends:
            if not isinstance(value := end(ctx), bool | np.bool_):
                raise InputError(f"termination {end.func.__name__!r}: gives {value!r}, not True or False")

    def ended(self, ctx: StepContext) -> bool:
        """Whether the episode ends for a reason of the task."""
        return any(ends(ctx) for ends in self._ends)

    def followed(self, ctx: StepContext) -> bool:
        """Take a step into account; whether the command has been followed, on average, up to it."""
        (forward, sideways, yaw), (x, y, z) = ctx.command, ctx.filtered_velocity
        self._steps += 1
        self._plane_error += math.hypot(x - forward, y - sideways)
        self._yaw_error += abs(z - yaw)
        return self._plane_error / self._steps < 0.2 and self._yaw_error / self._steps < 0.3
