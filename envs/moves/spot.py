"""Stepping on the spot."""

from __future__ import annotations

import math

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.render import render_step
from simonsays.envs.moves.amounts import Duration, Steps, checked_amounts
from simonsays.envs.moves.behavior import SHORTLY, Settled, SkillContext, SkillOutput
from simonsays.envs.moves.skill import GroundedStep, GroundingError
from simonsays.envs.moves.steering import Command, clip, hold_heading, seen_from

STRAYED = 0.3  # m, from where it began
SECONDS = 4.0
"""of stepping, where nothing is said"""
RATE = 1.8  # steps a second, at least
_KEEP_STEPPING = 0.06  # m/s: less would be told to stand
_AIRBORNE = 0.08  # s, at least, that a foot is up in a step


class OnTheSpot:
    """Steps in its place and heading, for so many seconds or steps: feet that were lifted and are down again."""

    def __init__(self, seconds: float, steps: int | None) -> None:
        self._seconds, self._wanted = seconds, steps
        self._resting: Settled | None = None
        self._lifted, self._steps, self._strayed = [0.0, 0.0], 0, 0.0
        self._started: float | None = None

    def update(self, ctx: SkillContext) -> SkillOutput:
        if self._started is None:
            self._started, self._place, self._yaw = ctx.time, ctx.position, ctx.state.yaw
        self._strayed = max(self._strayed, math.dist(ctx.position, self._place))
        if self._resting is not None:
            if not self._resting.update(ctx):
                return SkillOutput()
            missed = self._missed()
            return SkillOutput(status="failure", reason=missed) if missed else SkillOutput(status="success")
        self._count(ctx)
        time = ctx.time - self._started
        over = time >= self._seconds if self._wanted is None else self._steps >= self._wanted
        if over:
            self._resting = Settled(limit=SHORTLY)
            return SkillOutput()
        return SkillOutput(self._command(ctx))

    def _count(self, ctx: SkillContext) -> None:
        for side, down in enumerate(ctx.state.foot_contacts):
            self._steps += bool(down and self._lifted[side] >= _AIRBORNE)
            self._lifted[side] = 0.0 if down else self._lifted[side] + ctx.dt

    def _command(self, ctx: SkillContext) -> Command:
        ahead, left = seen_from(ctx.position, ctx.state.yaw, self._place)
        forward = clip(0.8 * ahead, 0.15)
        forward = math.copysign(max(_KEEP_STEPPING, abs(forward)), forward)
        return forward, clip(0.8 * left, 0.1), hold_heading(ctx.state.yaw, self._yaw)

    def _missed(self) -> str:
        if self._strayed > STRAYED:
            return f"strayed {self._strayed:.2f} m from its place"
        least = math.floor(RATE * (self._seconds - 0.7)) if self._wanted is None else self._wanted
        if self._steps < least:
            return f"made {self._steps} steps, not {least}"
        return ""


def spot_step(step: Step) -> GroundedStep:
    """A step that is made of steps on the spot.

    Raises:
        GroundingError: it is to go somewhere as well, or is too much.
    """
    verb = step.verb
    if step.direction is not None or step.distance_m is not None or step.path is not None or step.object is not None:
        message = f"{verb!r}: say on the spot, or where to, not both"
        raise GroundingError(message, "contradiction")
    if step.speed is not None:
        message = f"{verb!r}: on the spot it has one cadence; leave the speed out"
        raise GroundingError(message, "unsupported_skill")
    amount = (*checked_amounts(step), Duration(SECONDS))[0]
    steps = amount.number if isinstance(amount, Steps) else None
    seconds = amount.seconds if isinstance(amount, Duration) else 0.0
    success = f"{steps} steps" if steps else f"{RATE:g} steps a second for {seconds:g} s"
    return GroundedStep(
        verb,
        render_step(step),
        12.0 + 1.5 * amount.nominal(1.0),
        lambda: OnTheSpot(seconds, steps),
        success + f", and never more than {STRAYED:g} m from where it began",
    )
