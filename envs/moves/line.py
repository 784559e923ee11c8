"""Going along a straight line, for the skills that walk, run and step, and what is measured of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.render import render_step
from simonsays.envs.moves.amounts import STEP, Amount, Distance, Steps, Travelled, checked_amounts
from simonsays.envs.moves.behavior import SHORTLY, Settled, SkillContext, SkillOutput
from simonsays.envs.moves.pace import PACE_TOLERANCE, Pace, pace
from simonsays.envs.moves.skill import GroundedStep, GroundingError
from simonsays.envs.moves.steering import STEERS, Command, Point, axis, clip, hold_heading, seen_from, to_heading

DRIFT = 0.25  # m, off the line
_STRIDES = 13 / 24  # of the fastest ahead, of steps that are counted: 0.3 m each of 0.6 m of leg
_ANEW = 0.15  # m, as STEP, of one that is told to stand: less closes the feet
_SPEED_UP = 0.6  # m/s^2, as the gait does
_AT_ONCE = 1.625  # of the fastest backward, of counted steps: it speeds up from there, as no run begins from a stand
_CATCHES_UP = 1.1  # of the speed, at most: what is told to make up for a lag
_MIDDLE = 1.5  # s, the shortest middle whose speed is judged
_SHOWN = 3.0  # s at a said speed, at least, where nothing is said of how far
_AIRBORNE = 0.08  # s, at least, between lifting a foot and its touchdown


class Line:
    """Follows the line through where it starts, along a unit vector (forward, left) of the heading there."""

    def __init__(self, ahead: Point, pace: Pace, amount: Amount) -> None:
        self._axis, self._pace, self._amount = ahead, pace, amount
        self._origin: tuple[float, float] | None = None
        self._resting: Settled | None = None
        self._way, self._lifted = Travelled(), [0.0, 0.0]
        self._stood: list[float] = []
        self._stopping = False
        self._speed = self._boost = 0.0
        self._middle: list[tuple[float, float]] = []

    def update(self, ctx: SkillContext) -> SkillOutput:
        self._measure(ctx)
        if self._resting is not None:
            if not self._resting.update(ctx):
                return SkillOutput()
            if (missed := self._amount.missed(self._way)) and self._amount.again:
                self._resting, self._stopping, self._speed = None, False, 0.0  # it was pushed, say: go on
                return SkillOutput()
            missed = missed or self._wrong_way() or self._pace.missed(self._mean_speed())
            return SkillOutput(status="failure", reason=missed) if missed else SkillOutput(status="success")
        speed = 0.0 if self._stopping else self._amount.speed(self._way, self._pace.speed)
        self._stopping = speed == 0.0
        if self._stopping and (self._amount.short or self._way.going <= STEERS):
            self._resting = Settled(limit=SHORTLY)
            return SkillOutput()
        return SkillOutput(self._command(ctx, speed))

    def _measure(self, ctx: SkillContext) -> None:
        if self._origin is None:
            self._origin, self._yaw, self._started = ctx.position, ctx.state.yaw, ctx.time
        forward, left = seen_from(self._origin, self._yaw, ctx.position)
        now = self._way
        feet = [self._along(place[:2]) for place in ctx.state.foot_positions]
        self._stood = self._stood or feet
        for side, down in enumerate(ctx.state.foot_contacts):
            if down and self._lifted[side] >= _AIRBORNE:  # a foot that bounces counts once
                ahead = feet[side] - feet[1 - side] if self._axis[0] else self._axis[1] * (1.0, -1.0)[side]
                least = STEP if self._resting is None else _ANEW
                now.steps += min(ahead, feet[side] - self._stood[side]) >= least
            if down:
                self._stood[side] = feet[side]
            self._lifted[side] = 0.0 if down else self._lifted[side] + ctx.dt
        now.time = ctx.time - self._started
        now.along, now.going = self._along(ctx.position), self._axis[0] * ctx.follows[0]
        now.across = left * self._axis[0] - forward * self._axis[1]

    def _along(self, place: Point) -> float:
        assert self._origin is not None
        forward, left = seen_from(self._origin, self._yaw, place)
        return forward * self._axis[0] + left * self._axis[1]

    def _command(self, ctx: SkillContext, speed: float) -> Command:
        """Along the line at a speed (m/s), back to it from the side, along the first heading."""
        short, limits = self._amount.short, self._pace.limits
        at_once = _AT_ONCE * limits["backward"] if short else 0.0
        self._speed = min(speed, max(self._speed, at_once) + _SPEED_UP * ctx.dt)
        if self._speed >= self._pace.speed - 1e-6:
            self._middle.append((self._way.time, self._way.along))
        vx, vy = to_heading(ctx.state.base_linear_velocity[:2], self._yaw)
        lag = self._speed - (vx * self._axis[0] + vy * self._axis[1])
        boost = 0.0 if short else 0.3 * abs(self._speed)
        self._boost = max(-boost, min(boost, self._boost + 0.4 * ctx.dt * lag))
        speed = self._speed + self._boost
        sideways = clip(-(2.0 if short else 0.8) * self._way.across, 0.15)
        forward, left = to_heading(
            (speed * self._axis[0] - sideways * self._axis[1], speed * self._axis[1] + sideways * self._axis[0]),
            ctx.state.yaw - self._yaw,
        )
        most = max(limits["forward"], _CATCHES_UP * self._pace.speed)
        forward = max(-limits["backward"], min(most, forward))
        return forward, clip(left, limits["left"]), hold_heading(ctx.state.yaw, self._yaw)

    def _mean_speed(self) -> float:
        """m/s over the middle of the way; the wanted one where the middle is too short to tell."""
        if not self._middle or self._middle[-1][0] - self._middle[0][0] < _MIDDLE:
            return self._pace.speed
        (began, here), (ended, there) = self._middle[len(self._middle) // 3], self._middle[-1]
        return (there - here) / (ended - began)

    def _wrong_way(self) -> str:
        if self._way.along <= 0.0:
            return "did not move the way it was told"
        off = abs(self._way.across)
        return f"came {off:.2f} m off its line" if off > DRIFT else ""


def line_direction(step: Step) -> str:
    """The direction of a step.

    Raises:
        GroundingError: it goes around nothing.
    """
    if step.direction == "around":
        message = f"'{step.verb} around' needs a direction: forward, backward, left or right"
        raise GroundingError(message, "contradiction")
    return step.direction or "forward"


def line_step(
    step: Step,
    normal: Mapping[str, float],
    default: Amount,
    most: Mapping[str, float],
    least: float = 0.0,
) -> GroundedStep:
    """A step along a straight line; ``normal`` and at ``most`` so many m/s by direction, ``least`` the m/s that its
    middle must exceed.

    Slantwise it is as fast as it can go sideways meanwhile.
    """
    direction, said, strides = line_direction(step), "", round(_STRIDES * most["forward"], 4)
    ahead = axis(direction, step.side)
    if step.side is not None:
        said = f" to the {step.side}"
        normal, most = (
            {**table, direction: min(table[direction], table[step.side] / abs(ahead[1]))} for table in (normal, most)
        )
        least = min(least, normal[direction])
    if step.steps is not None and step.style is None and direction == "forward":
        normal = {**normal, direction: max(normal[direction], strides)}
    chosen = pace(normal, direction, step.speed, most, least)
    if isinstance(default, Distance) and chosen.said:
        default = Distance(max(default.metres, _SHOWN * chosen.speed))
    amount = (*checked_amounts(step), default)[0]
    if isinstance(amount, Steps):
        amount = replace(amount, direction=direction)
    metres = amount.metres if isinstance(amount, Distance) else None
    steps = amount.number if isinstance(amount, Steps) else None
    told = replace(step, direction=direction, distance_m=metres, steps=steps)
    success = amount.text(direction + said)
    if chosen.said or chosen.least:
        success += f", at {chosen.speed:.2f} m/s in the middle, within {PACE_TOLERANCE:.0%}"
    return GroundedStep(
        step.verb,
        render_step(replace(told, count=None, parallel_with_prev=False, approx=False)) + chosen.note,
        10.0 + 2.5 * amount.nominal(chosen.speed),
        lambda: Line(ahead, chosen, amount),
        success + f", within {DRIFT:g} m of the line",
        meant=told,
    )
