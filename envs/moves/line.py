"""Going along a straight line, for the skills that walk, run and step: amounts, pace and what is measured of them."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Step
from simonsays.envs.language.render import render_step
from simonsays.envs.moves.behavior import Settled, SkillContext, SkillOutput
from simonsays.envs.moves.skill import GroundedStep, GroundingError
from simonsays.envs.moves.steering import Command, Point, axis, clip, hold_heading, seen_from, to_heading

SPEED_FACTORS = {"slow": 0.6, "normal": 1.0, "fast": 1.4}
SLOWEST = 0.1  # m/s: slower commands mean to stand
FASTEST = {"forward": 1.2, "backward": 0.4, "left": 0.3, "right": 0.3}  # m/s, what the robot can
TOLERANCE = 0.15  # m, of a distance
DRIFT = 0.25  # m, off the line
STEP = 0.05  # m, that a foot goes in a step, and forward or backward comes down ahead of the other by
_ANEW = 0.15  # m, as STEP, of one that is told to stand: less closes the feet
PACE_TOLERANCE, PACE_SLACK = 0.2, 0.05  # a share, and m/s, of the speed in the middle of the way
_NEAR = 0.05  # m, where it stops to look whether it has arrived
_FARTHEST, _LONGEST, _MOST = 50.0, 120.0, 200
_SPEED_UP, _SLOW_DOWN = 0.8, 1.0  # m/s^2
_MIDDLE = 1.5  # s, the shortest middle whose speed is judged
_SHOWN = 3.0  # s at a said speed, at least, where nothing is said of how far
_ENDS = ((0.2, 0.2), (0.16, 0.12))  # m/s, ahead and sideways: of a last step, and more of each that is still to come
_BACKWARD = 1  # steps, more or less, backward: it feels its way
_AIRBORNE = 0.08  # s, at least, between lifting a foot and its touchdown


@dataclass(frozen=True)
class Pace:
    """How fast: the speed that is wanted (m/s), and whether it has to be reached."""

    speed: float
    note: str = ""
    """what is to be told where the robot cannot do what was said"""
    least: float = 0.0
    """m/s, that the mean over the middle must exceed"""
    said: bool = False

    def missed(self, mean: float) -> str:
        """What is wrong with a mean speed (m/s) over the middle, or nothing."""
        if mean < self.least:
            return f"went at {mean:.2f} m/s, not faster than {self.least:.2f} m/s"
        if self.said and abs(mean - self.speed) > PACE_TOLERANCE * self.speed + PACE_SLACK:
            return f"went at {mean:.2f} m/s, not {self.speed:.2f} m/s"
        return ""


def pace(
    normal: Mapping[str, float],
    direction: str,
    said: str | float | None,
    least: float = 0.0,
    most: Mapping[str, float] = FASTEST,
) -> Pace:
    """The pace for a direction and a said speed: slow, normal, fast, m/s or None; what is too much is cut.

    Args:
        normal: m/s by direction. least: m/s that it must exceed unless a lower speed is said. most: as ``normal``.
    """
    if not isinstance(said, int | float):
        speed = min(normal[direction] * SPEED_FACTORS[said or "normal"], most[direction])
        return Pace(speed, least=min(least, 0.8 * speed), said=said is not None)
    speed = max(SLOWEST, min(float(said), most[direction]))
    note = ""
    if speed != said:
        note = f" (at {speed:g} m/s, as {'fast' if speed < said else 'slowly'} as it can)"
    return Pace(speed, note, min(least, 0.8 * speed), said=True)


@dataclass
class Travelled:
    """How far it has come."""

    time: float = 0.0
    """s"""
    along: float = 0.0
    """m"""
    across: float = 0.0
    """m, to the left of the way"""
    steps: int = 0
    """touchdowns of feet that went along the way"""


class Amount(ABC):
    """How far to go."""

    again = False
    """it goes on where it has come to rest in the wrong place"""
    short = False
    """it leaves no time to speed up, nor to come back to the line slowly"""

    @abstractmethod
    def speed(self, way: Travelled, pace: float) -> float:
        """m/s along the way that is right now at a pace (m/s); zero: come to rest."""

    def missed(self, way: Travelled) -> str:
        """What is wrong with where it came to rest, or nothing."""
        return ""

    @abstractmethod
    def nominal(self, pace: float) -> float:
        """s, about."""

    @abstractmethod
    def text(self, direction: str) -> str:
        """How it is judged."""


@dataclass(frozen=True)
class Distance(Amount):
    """A way of so many metres."""

    metres: float
    again = True

    def speed(self, way: Travelled, pace: float) -> float:
        left = self.metres - way.along
        return 0.0 if abs(left) < _NEAR else math.copysign(max(SLOWEST, min(pace, 0.9 * abs(left))), left)

    def missed(self, way: Travelled) -> str:
        off = abs(self.metres - way.along)
        return "" if off <= TOLERANCE else f"came {way.along:.2f} m far, not {self.metres:g} m"

    def nominal(self, pace: float) -> float:
        return self.metres / pace

    def text(self, direction: str) -> str:
        return f"at rest within {TOLERANCE:g} m of {self.metres:g} m {direction}"


@dataclass(frozen=True)
class Duration(Amount):
    """So many seconds, slowing down included."""

    seconds: float

    def speed(self, way: Travelled, pace: float) -> float:
        left = self.seconds - way.time
        return 0.0 if left <= 0 else min(pace, max(0.2, _SLOW_DOWN * left))

    def nominal(self, pace: float) -> float:
        return self.seconds

    def text(self, direction: str) -> str:
        return f"at rest after {self.seconds:g} s, and moved {direction}"


@dataclass(frozen=True)
class Steps(Amount):
    """So many steps: times that a foot is put ahead of the other, or sideways the foot of that side is put out.

    The last ones are slower, so that one more foot put beside the other is enough to come to rest.
    """

    number: int
    direction: str = "forward"
    short = True

    def speed(self, way: Travelled, pace: float) -> float:
        left = self.number - way.steps
        last, drop = _ENDS[self.direction in ("left", "right")]
        return min(pace, last + drop * (left - 1)) if left > 0 else 0.0

    def missed(self, way: Travelled) -> str:
        off = abs(way.steps - self.number)
        right = way.steps and off <= (_BACKWARD if self.direction == "backward" else 0)
        return "" if right else f"made {way.steps} steps, not {self.number}"

    def nominal(self, pace: float) -> float:
        return 0.6 * (self.number + 1)

    def text(self, direction: str) -> str:
        about = ", one more or less" if direction == "backward" else ""
        return f"at rest after {self.number} steps {direction}{about}, each by {STEP:g} m or more"


class Line:
    """Follows the line through where it starts, along a unit vector (forward, left) of the heading there."""

    def __init__(self, ahead: Point, pace: Pace, amount: Amount) -> None:
        self._axis, self._pace, self._amount = ahead, pace, amount
        self._origin: tuple[float, float] | None = None
        self._resting: Settled | None = None
        self._way, self._lifted = Travelled(), [0.0, 0.0]
        self._stood: list[float] = []
        self._speed = self._boost = 0.0
        self._middle: list[tuple[float, float]] = []

    def update(self, ctx: SkillContext) -> SkillOutput:
        self._measure(ctx)
        if self._resting is not None:
            if not self._resting.update(ctx):
                return SkillOutput()
            if (missed := self._amount.missed(self._way)) and self._amount.again:
                self._resting = None  # it was carried past its mark, or pushed: go on
                return SkillOutput()
            missed = missed or self._wrong_way() or self._pace.missed(self._mean_speed())
            return SkillOutput(status="failure", reason=missed) if missed else SkillOutput(status="success")
        speed = self._amount.speed(self._way, self._pace.speed)
        if speed == 0.0:
            self._resting = Settled()
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
        now.along = self._along(ctx.position)
        now.across = left * self._axis[0] - forward * self._axis[1]

    def _along(self, place: Point) -> float:
        assert self._origin is not None
        forward, left = seen_from(self._origin, self._yaw, place)
        return forward * self._axis[0] + left * self._axis[1]

    def _command(self, ctx: SkillContext, speed: float) -> Command:
        """Along the line at a speed (m/s), back to it from the side, along the first heading."""
        short = self._amount.short
        self._speed = speed if short else min(speed, self._speed + _SPEED_UP * ctx.dt)
        if self._speed >= self._pace.speed - 1e-6:
            self._middle.append((self._way.time, self._way.along))
        vx, vy = to_heading(ctx.state.base_linear_velocity[:2], self._yaw)
        lag = self._speed - (vx * self._axis[0] + vy * self._axis[1])
        most = 0.0 if short else 0.3 * abs(self._speed)
        self._boost = max(-most, min(most, self._boost + 0.4 * ctx.dt * lag))
        speed = self._speed + self._boost
        sideways = clip(-(2.0 if short else 0.8) * self._way.across, 0.15)
        forward, left = to_heading(
            (speed * self._axis[0] - sideways * self._axis[1], speed * self._axis[1] + sideways * self._axis[0]),
            ctx.state.yaw - self._yaw,
        )
        forward = max(-FASTEST["backward"], min(FASTEST["forward"], forward))
        return forward, clip(left, FASTEST["left"]), hold_heading(ctx.state.yaw, self._yaw)

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


def checked_amounts(step: Step) -> list[Amount]:
    """What a step says of how far: nothing, or one amount.

    Raises:
        GroundingError: several amounts, or one that is too much.
    """
    verb = step.verb.replace("_", " ")
    said: list[Amount] = []
    for value, most, unit, kind in (
        (step.distance_m, _FARTHEST, "m", Distance),
        (step.duration_s, _LONGEST, "s", Duration),
        (step.steps, _MOST, "steps", Steps),
    ):
        if value is not None and value > most:
            raise GroundingError(
                f"{verb!r}: {value:g} {unit} is too much; at most {most:g} {unit}", "impossible_amount"
            )
        if value is not None:
            said.append(kind(value))  # type: ignore[arg-type]
    if len(said) > 1:
        message = f"{verb!r}: say a distance, a number of steps or a time, not several of them"
        raise GroundingError(message, "contradiction")
    return said


def line_direction(step: Step) -> str:
    """The direction of a step.

    Raises:
        GroundingError: it goes around nothing.
    """
    if step.direction == "around":
        message = f"'{step.verb} around' needs a direction: forward, backward, left or right"
        raise GroundingError(message, "contradiction")
    return step.direction or "forward"


def line_step(step: Step, normal: Mapping[str, float], default: Amount, least: float = 0.0) -> GroundedStep:
    """A step along a straight line; ``normal`` m/s by direction, ``least`` the m/s that its middle must exceed.

    Slantwise it is as fast as it can go sideways meanwhile.
    """
    direction, said, most = line_direction(step), "", FASTEST
    ahead = axis(direction, step.side)
    if step.side is not None:
        said = f" to the {step.side}"
        normal, most = (
            {direction: min(table[direction], table[step.side] / abs(ahead[1]))} for table in (normal, most)
        )
        least = min(least, normal[direction])
    chosen = pace(normal, direction, step.speed, least, most)
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
