"""crouch: go down, stay so for a while, and remain down until the next step with the legs."""

from __future__ import annotations

import math
from functools import partial

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import Settled, SkillContext, SkillOutput
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, register_skill
from simonsays.envs.moves.steering import Command, to_heading

LOW = 0.54  # m, the height of the base that is told
DOWN, UP = 0.58, 0.72
"""m, of the base above the soles: lower than the one is down, higher than the other is up"""
RATES = {"slow": 0.08, "normal": 0.2, "fast": 0.4}  # m/s, of the base
_SLOWEST, _FASTEST = 0.04, 0.4  # m/s
RATE_SHARES = (0.5, 1.6)
"""least and most share of the said rate that the mean rate of going down may be"""
_HOLD, _LONGEST, _MOST = 1.0, 120.0, 50
_APART, _SPLIT = 0.24, 0.08  # m, the feet from each other, and how far off that is too much to go down
_MARCH: Command = (0.06, 0.0, 0.0)
_MARCH_SECONDS = 0.8
_LATE = 4.0  # s, to get down or up, beside the time that the rate takes


@dataclass(frozen=True)
class Bend:
    """How to bend the knees: how often, how long at the bottom (s), how fast (m/s), and whether to stay down."""

    count: int
    hold: float
    rate: float
    said: bool
    """the rate is judged"""
    stays_down: bool
    sole: float
    """m, a foot link's origin above the ground"""
    standing: float
    """m, the height of the base of the standing robot"""

    @property
    def time_limit(self) -> float:
        """s, for all of it."""
        return 8.0 + self.count * (self.hold + 2 * (_LATE + (self.standing - LOW) / self.rate))


def height_over_soles(ctx: SkillContext, sole: float) -> float:
    """m, of the base above the lower foot's sole, whatever the ground."""
    return ctx.state.base_position[2] - min(foot[2] for foot in ctx.state.foot_positions) + sole


def split_of_feet(ctx: SkillContext) -> float:
    """m, how far the feet are from standing side by side, ``_APART`` from each other."""
    (lx, ly, _), (rx, ry, _) = ctx.state.foot_positions
    ahead, aside = to_heading((lx - rx, ly - ry), ctx.state.yaw)
    return math.hypot(ahead, aside - _APART)


class SquareUp:
    """Comes to rest, and marches on the spot until the feet stand side by side: split feet carry no deep crouch."""

    def __init__(self) -> None:
        self._still, self._marches, self._march_until = Settled(), 2, 0.0

    def update(self, ctx: SkillContext) -> SkillOutput | None:
        """What it wants at this control step; None: the feet stand."""
        if ctx.time < self._march_until:
            return SkillOutput(_MARCH)
        if not self._still.update(ctx):
            return SkillOutput()
        if self._marches and split_of_feet(ctx) > _SPLIT:
            self._marches, self._march_until, self._still = self._marches - 1, ctx.time + _MARCH_SECONDS, Settled()
            return SkillOutput(_MARCH)
        return None


class Knees:
    """Goes down and up; each time down is measured below DOWN for the whole hold, each time up above UP."""

    def __init__(self, bend: Bend) -> None:
        self._bend, self._feet = bend, SquareUp()
        self._left = bend.count
        self._phase = "settle"
        self._held = 0.0
        self._target = bend.standing

    def update(self, ctx: SkillContext) -> SkillOutput:
        bend, height = self._bend, height_over_soles(ctx, self._bend.sole)
        if self._phase == "settle":
            self._target = min(bend.standing, max(LOW, height))
            if height > DOWN and (march := self._feet.update(ctx)) is not None:
                return march
            self._enter("down", ctx, height)
        if self._phase == "up":
            return self._rise(ctx, height)
        self._target = max(LOW, self._target - bend.rate * ctx.dt)
        if self._phase == "down" and height <= DOWN:
            if bend.said and (reason := self._wrong_rate(ctx.time, height)):
                return SkillOutput(height=LOW, status="failure", reason=reason)
            self._phase, self._held = "hold", 0.0
        elif self._phase == "down" and ctx.time - self._since > _LATE + (bend.standing - LOW) / bend.rate:
            return SkillOutput(height=LOW, status="failure", reason=f"got down to {height:.2f} m, not to {DOWN:g} m")
        if self._phase == "hold":
            return self._stay(ctx, height)
        return SkillOutput(height=self._target)

    def _enter(self, phase: str, ctx: SkillContext, height: float) -> None:
        self._phase, self._since, self._from = phase, ctx.time, height

    def _stay(self, ctx: SkillContext, height: float) -> SkillOutput:
        if height > DOWN + 0.02:
            return SkillOutput(height=LOW, status="failure", reason=f"came up to {height:.2f} m too early")
        self._held += ctx.dt
        if self._held < self._bend.hold:
            return SkillOutput(height=self._target)
        self._left -= 1
        if self._left == 0 and self._bend.stays_down:
            return SkillOutput(height=LOW, status="success")
        self._enter("up", ctx, height)
        return SkillOutput(height=self._target)

    def _rise(self, ctx: SkillContext, height: float) -> SkillOutput:
        bend = self._bend
        self._target = min(bend.standing, self._target + bend.rate * ctx.dt)
        if height >= UP and self._target == bend.standing:
            if self._left == 0:
                return SkillOutput(height=bend.standing, status="success")
            self._enter("down", ctx, height)
        elif ctx.time - self._since > _LATE + (bend.standing - LOW) / bend.rate:
            return SkillOutput(status="failure", reason=f"got up to {height:.2f} m, not to {UP:g} m")
        return SkillOutput(height=self._target)

    def _wrong_rate(self, time: float, height: float) -> str:
        way = self._from - height
        if way < 0.1:
            return ""  # it was down already
        rate = way / max(time - self._since, 1e-6)
        least, most = (share * self._bend.rate for share in RATE_SHARES)
        return "" if least <= rate <= most else f"went down at {rate:.2f} m/s, not {self._bend.rate:.2f} m/s"


def ground_bend(step: Step, surroundings: Surroundings, *, hold: float, stays_down: bool) -> GroundedStep:
    """A step that bends the knees; ``hold`` s at the bottom if none is said.

    Raises:
        GroundingError: the robot cannot crouch, or it is too often or too long.
    """
    robot, verb = surroundings.robot, step.verb
    if robot.gait.lowest is None or robot.gait.lowest > LOW:
        raise GroundingError(f"{robot.title} cannot {verb}: its legs are not trained for it")
    count = step.count or 1
    for value, most, unit in ((count, _MOST, "times"), (step.duration_s or hold, _LONGEST, "s")):
        if value > most:
            raise GroundingError(f"{verb!r}: {value:g} {unit} is too much; at most {most:g}", "impossible_amount")
    note, rate = "", RATES.get(str(step.speed or "normal"), 0.0)
    if isinstance(step.speed, int | float):
        rate = max(_SLOWEST, min(_FASTEST, float(step.speed)))
        note = f" at {rate:g} m/s" + ("" if rate == step.speed else ", as near as it can")
    elif step.speed is not None:
        note = {"slow": " slowly", "fast": " quickly"}.get(step.speed, "")
    bend = Bend(
        count, step.duration_s or hold, rate, step.speed is not None, stays_down,
        robot.gait.sole_height, robot.standing_height,
    )  # fmt: skip
    text = verb + (f" {count} times" if count > 1 else "") + note
    text += f" for {step.duration_s:g} s" if step.duration_s else ""
    success = f"the base {count} times below {DOWN:g} m for {bend.hold:g} s"
    success += ", where it stays" if stays_down else f", and above {UP:g} m after each"
    if bend.said:
        success += f", down at {rate:g} m/s within {RATE_SHARES[0]:g} to {RATE_SHARES[1]:g} times that"
    return GroundedStep(verb, text, bend.time_limit, partial(Knees, bend), success)


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    return ground_bend(step, surroundings, hold=_HOLD, stays_down=(step.count or 1) == 1)


SKILL = register_skill(
    Skill(
        "crouch",
        "crouch for two seconds",
        _ground,
        takes=("speed", "duration", "count"),
        motions=("crouch",),
        cameras=("side",),
    )
)
