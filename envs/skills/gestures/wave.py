"""wave: raise an arm, swing the hand from side to side, lower it again; alone, while walking, or to an object."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from types import MappingProxyType

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.arms import arm
from simonsays.envs.moves.behavior import Settled, SkillContext, SkillOutput
from simonsays.envs.moves.gestures.limbs import Limb, elbow_of, held
from simonsays.envs.moves.gestures.roles import ARM, joint_of
from simonsays.envs.moves.poses import rest, smooth, times
from simonsays.envs.moves.skill import (
    GroundedStep,
    GroundingError,
    Skill,
    Surroundings,
    limbs,
    register_skill,
    said_count,
    said_seconds,
)
from simonsays.envs.moves.steering import to_heading
from simonsays.envs.skills.legs.turn import turned_first
from simonsays.sim.specs import RobotSpec

_RAISED = Limb((0.0, 0.9, 0.43), fore=(0.0, -0.38, 0.92))
_SWING = 0.5  # rad, that the elbow is stretched at the outer end of a swing
_RAISE = 1.0  # s
_PERIODS = {"slow": 1.4, "normal": 0.9, "fast": 0.65}  # s, one swing to both sides
_DEFAULT_COUNT = 3


@dataclass(frozen=True)
class Manner:
    """How it is waved: s, one swing to both sides; how wide, as a share of the usual; and what is measured of it."""

    period: float
    width: float = 1.0
    twist: float = 0.0
    """rad, of the waist along with the hand"""
    jerks: bool = False
    """the hand stops at the ends of a swing"""
    wide: tuple[float, float] = (0.0, math.inf)
    """m, from one end of a swing to the other, at least and at most"""
    rests: float = 0.0
    """share of the time, at least, in which the hand rests"""


MANNERS: Mapping[str, Manner] = MappingProxyType({
    "happy": Manner(0.7, 1.8, twist=0.15, wide=(0.2, math.inf)),
    "proud": Manner(1.4, 1.8, wide=(0.2, math.inf)),
    "tired": Manner(1.8, 0.6, wide=(0.0, 0.14)),
    "robotic": Manner(1.4, jerks=True, rests=0.3),
})  # fmt: skip
"""by the style of an Instruction; of the others nothing can be told from a wave"""
_RESTING = 0.1  # m/s
_JERK = 0.2  # power of a sine that is nearly square
_SWUNG = 0.03  # m, the hand must pass this far to both sides of its middle


def arm_targets(
    robot: RobotSpec, side: str, raised: float, swing: float, down: Mapping[str, float]
) -> dict[str, float]:
    """Targets (rad) of one arm: ``raised`` 0 to 1 between ``down`` and up, ``swing`` -1 to 1."""
    limb, goal = arm(robot, side), dict(held(robot, side, _RAISED))
    goal[limb.names[elbow_of(limb)]] -= limb.bends * swing * _SWING
    return {name: down[name] + raised * (angle - down[name]) for name, angle in goal.items()}


class Wave:
    """Counts a swing each time the hand, as measured, has been on both sides of its middle.

    It waits until the robot stands, unless ``moving`` says that the legs do something else meanwhile.
    """

    def __init__(
        self, robot: RobotSpec, sides: tuple[str, ...], count: int, manner: Manner, moving: bool = False
    ) -> None:
        self._robot, self._sides, self._count, self._period = robot, sides, count, manner.period
        self._manner, self._down = manner, rest(robot, sides)
        self._waist = joint_of(robot, "waist_yaw") if manner.twist else None
        self._still = Settled(limit=0.0) if moving else Settled()
        self._started: float | None = None
        self._lateral: list[list[float]] = [[] for _ in sides]
        self._below = False

    def update(self, ctx: SkillContext) -> SkillOutput:
        if self._started is None:
            if not self._still.update(ctx):
                return SkillOutput()
            self._started = ctx.time
            self._first = {name: ctx.joint(name) for name in self._down}
        time = ctx.time - self._started
        waved = _RAISE + self._count * self._period
        raised = smooth(time / _RAISE) if time < waved else 1.0 - smooth((time - waved) / _RAISE)
        swinging = _RAISE <= time < waved
        swing = math.sin(2 * math.pi * (time - _RAISE) / self._period) if swinging else 0.0
        if swinging:
            self._measure(ctx)
        manner = self._manner
        swing = manner.width * (math.copysign(abs(swing) ** _JERK, swing) if manner.jerks else swing)
        targets: dict[str, float] = {}
        for side in self._sides:
            targets |= arm_targets(self._robot, side, raised, swing, self._first if time < _RAISE else self._down)
        if self._waist:
            targets |= self._waist.to(manner.twist * swing)
        if time >= waved + _RAISE:
            return self._judge(targets, ctx.dt)
        return SkillOutput(joint_targets=targets)

    def _measure(self, ctx: SkillContext) -> None:
        for i, side in enumerate(self._sides):
            index = 0 if side == "left" else 1
            x, y, z = (ctx.hands[index] - ctx.shoulders[index]).tolist()
            self._lateral[i].append(to_heading((x, y), ctx.state.yaw)[1])
            self._below = self._below or z <= 0.0

    def _judge(self, targets: dict[str, float], dt: float) -> SkillOutput:
        if self._below:
            return SkillOutput(status="failure", reason="the hand came below the shoulder", joint_targets=targets)
        swings = min(count_swings(lateral) for lateral in self._lateral)
        if swings < self._count:
            reason = f"the hand swung {swings} times, not {self._count}"
            return SkillOutput(status="failure", reason=reason, joint_targets=targets)
        wide, (least, most) = min(max(way) - min(way) for way in self._lateral), self._manner.wide
        if not least <= wide <= most:
            reason = f"the hand swung over {wide:.2f} m, not {least:g} m or more" + (
                f" and {most:g} m or less" if most < math.inf else ""
            )
            return SkillOutput(status="failure", reason=reason)
        rested = min(rests(way, dt) for way in self._lateral)
        if rested < self._manner.rests:
            reason = f"the hand rested for {rested:.0%} of the time, not {self._manner.rests:.0%}"
            return SkillOutput(status="failure", reason=reason)
        return SkillOutput(status="success")


def rests(lateral: list[float], dt: float) -> float:
    """The share of the time in which a hand's lateral position (m) hardly changes; ``dt``: s between two."""
    return sum(abs(b - a) < _RESTING * dt for a, b in pairwise(lateral)) / max(1, len(lateral) - 1)


def count_swings(lateral: list[float]) -> int:
    """Full swings in a hand's lateral positions (m): passes to one side and to the other of the middle."""
    middle = (max(lateral) + min(lateral)) / 2
    sides = [1 if y > middle + _SWUNG else -1 if y < middle - _SWUNG else 0 for y in lateral]
    passed = [side for side in sides if side]
    changes = sum(a != b for a, b in pairwise(passed))
    return (changes + 1) // 2


def _manner(step: Step) -> Manner:
    if step.style is None:
        return Manner(said_seconds(step, _PERIODS))
    if step.speed is not None:
        raise GroundingError("'wave': say in which manner or how fast, not both", "contradiction")
    if step.style not in MANNERS:
        can = ", ".join(MANNERS)
        message = f"'wave': of a wave that is {step.style} nothing else is to be seen; it can be {can}"
        raise GroundingError(message, "unsupported_skill", suggestions=tuple(MANNERS))
    return MANNERS[step.style]


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    manner = _manner(step)
    count = said_count(step, manner.period, _DEFAULT_COUNT)
    sides = surroundings.arms(step)
    wave = partial(Wave, surroundings.robot, sides, count, manner, surroundings.parallel)
    start, legs, where = turned_first(step, surroundings, wave)
    text = f"wave {limbs(sides, 'hand')} {times(count)}{where}"
    text += f", {step.style}" if step.style else ""
    limit = 10.0 + 2.0 * (2 * _RAISE + count * manner.period) + (15.0 if legs else 0.0)
    success = f"the hand stayed above the shoulder and swung {count} times by more than {_SWUNG:g} m to both sides"
    least, most = manner.wide
    success += f", over {least:g} m or more" if least else f", over {most:g} m or less" if most < math.inf else ""
    success += f", resting for {manner.rests:.0%} of the time" if manner.rests else ""
    return GroundedStep("wave", text, limit, start, success, legs, arms=sides)


SKILL = register_skill(
    Skill(
        "wave",
        "wave your left hand twice",
        _ground,
        (ARM,),
        takes=("side", "count", "duration", "speed", "object", "direction", "style"),
        legs=False,
        stays=True,
        cameras=("front",),
    )
)
