"""crouch: go down, stay so for a while, and remain down until the next step with the legs."""

from __future__ import annotations

import math
from functools import partial

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import Settled, SkillContext, SkillOutput
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, register_skill
from simonsays.envs.moves.steering import Command, to_heading
from simonsays.sim.specs import RobotSpec

_LOW, _DOWN, _UP = 0.685, 0.736, 0.9135  # of the standing height: what is told; lower is down; higher is up
RATES = {"slow": 0.08, "normal": 0.2, "fast": 0.4}  # m/s, of the base
_SLOWEST, _FASTEST = 0.04, 0.4  # m/s
RATE_SHARES = (0.5, 1.6)
"""least and most share of the said rate that the mean rate of going down may be"""
_HOLD, _LONGEST, _MOST = 1.0, 120.0, 50
_SPLIT = 0.08  # m, of the feet from standing side by side: too much to go down
_MARCH: Command = (0.06, 0.0, 0.0)
_MARCH_SECONDS = 0.8
_LATE = 4.0  # s, to get down or up, beside the time that the rate takes


@dataclass(frozen=True)
class Heights:
    """How high a robot is: m, of the base above the soles."""

    low: float
    """that is told of one that crouches"""
    down: float
    """lower is down"""
    up: float
    """higher is up"""
    standing: float
    sole: float
    """m, a foot link's origin above the ground"""
    apart: float
    """m, from one foot to the other, side by side"""

    @classmethod
    def of(cls, robot: RobotSpec) -> Heights:
        """By its standing height."""
        standing, gait = robot.standing_height, robot.gait
        low, down, up = (round(share * standing, 2) for share in (_LOW, _DOWN, _UP))
        return cls(low, down, up, standing, gait.sole_height, round(2 * gait.hip_width, 2))


@dataclass(frozen=True)
class Bend:
    """How to bend the knees: how often, how long at the bottom (s), how fast (m/s), and whether to stay down."""

    count: int
    hold: float
    rate: float
    said: bool
    """the rate is judged"""
    stays_down: bool
    heights: Heights

    @property
    def time_limit(self) -> float:
        """s, for all of it."""
        return 8.0 + self.count * (self.hold + 2 * (_LATE + self.seconds))

    @property
    def seconds(self) -> float:
        """s, that going down takes, or up."""
        return (self.heights.standing - self.heights.low) / self.rate


def height_over_soles(ctx: SkillContext, sole: float) -> float:
    """m, of the base above the lower foot's sole, whatever the ground."""
    return ctx.state.base_position[2] - min(foot[2] for foot in ctx.state.foot_positions) + sole


def split_of_feet(ctx: SkillContext, apart: float) -> float:
    """m, how far the feet are from standing side by side, ``apart`` m from each other."""
    (lx, ly, _), (rx, ry, _) = ctx.state.foot_positions
    ahead, aside = to_heading((lx - rx, ly - ry), ctx.state.yaw)
    return math.hypot(ahead, aside - apart)


class SquareUp:
    """Comes to rest, and marches on the spot until the feet stand side by side: split feet carry no deep crouch."""

    def __init__(self, apart: float) -> None:
        self._apart = apart
        self._still, self._marches, self._march_until = Settled(), 2, 0.0

    def update(self, ctx: SkillContext) -> SkillOutput | None:
        """What it wants at this control step; None: the feet stand."""
        if ctx.time < self._march_until:
            return SkillOutput(_MARCH)
        if not self._still.update(ctx):
            return SkillOutput()
        if self._marches and split_of_feet(ctx, self._apart) > _SPLIT:
            self._marches, self._march_until, self._still = self._marches - 1, ctx.time + _MARCH_SECONDS, Settled()
            return SkillOutput(_MARCH)
        return None


class Knees:
    """Goes down and up; each time down is measured to be down for the whole hold, each time up to be up."""

    def __init__(self, bend: Bend) -> None:
        self._bend, self._heights, self._feet = bend, bend.heights, SquareUp(bend.heights.apart)
        self._left = bend.count
        self._phase = "settle"
        self._held = 0.0
        self._target = bend.heights.standing

    def update(self, ctx: SkillContext) -> SkillOutput:
        bend, at = self._bend, self._heights
        height = height_over_soles(ctx, at.sole)
        if self._phase == "settle":
            self._target = min(at.standing, max(at.low, height))
            if height > at.down and (march := self._feet.update(ctx)) is not None:
                return march
            self._enter("down", ctx, height)
        if self._phase == "up":
            return self._rise(ctx, height)
        self._target = max(at.low, self._target - bend.rate * ctx.dt)
        if self._phase == "down" and height <= at.down:
            if bend.said and (reason := self._wrong_rate(ctx.time, height)):
                return SkillOutput(height=at.low, status="failure", reason=reason)
            self._phase, self._held = "hold", 0.0
        elif self._phase == "down" and ctx.time - self._since > _LATE + bend.seconds:
            return SkillOutput(
                height=at.low, status="failure", reason=f"got down to {height:.2f} m, not to {at.down:g} m"
            )
        if self._phase == "hold":
            return self._stay(ctx, height)
        return SkillOutput(height=self._target)

    def _enter(self, phase: str, ctx: SkillContext, height: float) -> None:
        self._phase, self._since, self._from = phase, ctx.time, height

    def _stay(self, ctx: SkillContext, height: float) -> SkillOutput:
        if height > self._heights.down + 0.02:
            return SkillOutput(
                height=self._heights.low, status="failure", reason=f"came up to {height:.2f} m too early"
            )
        self._held += ctx.dt
        if self._held < self._bend.hold:
            return SkillOutput(height=self._target)
        self._left -= 1
        if self._left == 0 and self._bend.stays_down:
            return SkillOutput(height=self._heights.low, status="success")
        self._enter("up", ctx, height)
        return SkillOutput(height=self._target)

    def _rise(self, ctx: SkillContext, height: float) -> SkillOutput:
        bend, at = self._bend, self._heights
        self._target = min(at.standing, self._target + bend.rate * ctx.dt)
        if height >= at.up and self._target == at.standing:
            if self._left == 0:
                return SkillOutput(height=at.standing, status="success")
            self._enter("down", ctx, height)
        elif ctx.time - self._since > _LATE + bend.seconds:
            return SkillOutput(status="failure", reason=f"got up to {height:.2f} m, not to {at.up:g} m")
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
    robot, verb, at = surroundings.robot, step.verb, Heights.of(surroundings.robot)
    if robot.gait.lowest is None or robot.gait.lowest > at.low:
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
    bend = Bend(count, step.duration_s or hold, rate, step.speed is not None, stays_down, at)
    text = verb + (f" {count} times" if count > 1 else "") + note
    text += f" for {step.duration_s:g} s" if step.duration_s else ""
    success = f"the base {count} times below {at.down:g} m for {bend.hold:g} s"
    success += ", where it stays" if stays_down else f", and above {at.up:g} m after each"
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
