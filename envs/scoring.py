"""Scoring: what an env's steps are worth, when an episode ends, and whether the command was followed."""

from __future__ import annotations

import math
from functools import partial
from numbers import Real

import numpy as np

from simonsays.assets import InputError
from simonsays.envs.config import LocomotionConfig
from simonsays.envs.context import StepContext
from simonsays.envs.rewards import REWARDS
from simonsays.envs.terminations import TERMINATIONS
from simonsays.envs.terms import called, named

_TRUTH = {bool, np.bool_}


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

    def judge(self, ctx: StepContext) -> tuple[dict[str, float], float, bool]:
        """Each term's share of the reward, the reward, and whether the episode ends; InputError as :meth:`check`."""
        try:
            terms = {name: weight * term(ctx) for name, term, weight in self._terms}
            given = [ends(ctx) for ends in self._ends]
            if math.isfinite(total := sum(terms.values())) and _TRUTH.issuperset(map(type, given)):
                return terms, total, any(given)
            raise InputError(f"reward at control step {ctx.step}: {total}: its terms are {terms}")
        except Exception:
            self.check(ctx)  # says which
            raise

    def check(self, ctx: StepContext) -> None:
        """Refuse what raises, a reward that gives no finite number, an end that is no truth value: InputError."""
        for name, term, _ in self._terms:
            value = called(where := named("reward term", name, ctx.step), term, ctx)
            if not isinstance(value, Real) or not math.isfinite(value):
                raise InputError(f"{where}: gives {value!r}, not a finite number")
        for end in self._ends:
            value = called(where := named("termination", end.func.__name__, ctx.step), end, ctx)
            if type(value) not in _TRUTH:
                raise InputError(f"{where}: gives {value!r}, not True or False")

    def followed(self, ctx: StepContext) -> bool:
        """Take a step into account; whether the command has been followed, on average, up to it."""
        (forward, sideways, yaw), (x, y, z) = ctx.command, ctx.filtered_velocity
        self._steps += 1
        self._plane_error += math.hypot(x - forward, y - sideways)
        self._yaw_error += abs(z - yaw)
        return self._plane_error / self._steps < 0.2 and self._yaw_error / self._steps < 0.3
