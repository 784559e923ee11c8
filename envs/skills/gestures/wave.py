"""wave: raise an arm, swing the hand from side to side, lower it again; alone, while walking, or to an object."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.arms import mirrored
from simonsays.envs.moves.behavior import Settled, SkillContext, SkillOutput
from simonsays.envs.moves.poses import BOTH, arm_joints, rest, smooth, times
from simonsays.envs.moves.skill import (
    GroundedStep,
    Skill,
    Surroundings,
    limbs,
    register_skill,
    said_count,
    said_seconds,
)
from simonsays.envs.moves.steering import to_heading
from simonsays.envs.skills.legs.turn import turned_first

# Joint targets (rad) of the left arm; roll and yaw axes change sign for the right. The upper arm points outward and
# a little up, the forearm up: the hand is 0.17 to 0.19 m above the shoulder.
_RAISED = {"shoulder_pitch": 0.0, "shoulder_roll": 2.0, "shoulder_yaw": 1.57, "elbow": 0.0}
_SWING = {"shoulder_roll": -0.1, "elbow": 0.5}  # rad, added at the outer end of a swing
_RAISE = 1.0  # s
_PERIODS = {"slow": 1.4, "normal": 0.9, "fast": 0.65}  # s, one swing to both sides
_DEFAULT_COUNT = 3
_SWUNG = 0.03  # m, the hand must pass this far to both sides of its middle


def arm_targets(side: str, raised: float, swing: float, down: Mapping[str, float]) -> dict[str, float]:
    """Targets (rad) of one arm: ``raised`` 0 to 1 between ``down`` and up, ``swing`` -1 to 1."""
    targets = {}
    for part, up in _RAISED.items():
        name = f"{side}_{part}_joint"
        goal = mirrored(side, part, up + swing * _SWING.get(part, 0.0))
        targets[name] = down[name] + raised * (goal - down[name])
    return targets


class Wave:
    """Counts a swing each time the hand, as measured, has been on both sides of its middle.

    It waits until the robot stands, unless ``moving`` says that the legs do something else meanwhile.
    """

    def __init__(
        self, sides: tuple[str, ...], count: int, period: float, down: Mapping[str, float], moving: bool = False
    ) -> None:
        self._sides, self._count, self._period, self._down = sides, count, period, down
        self._still = Settled(limit=0.0) if moving else Settled()
        self._started: float | None = None
        self._lateral: list[list[float]] = [[] for _ in sides]
        self._below = False

    def update(self, ctx: SkillContext) -> SkillOutput:
        if self._started is None:
            if not self._still.update(ctx):
                return SkillOutput()
            self._started = ctx.time
            self._first = {name: ctx.joint(name) for name in arm_joints(*self._sides)}
        time = ctx.time - self._started
        waved = _RAISE + self._count * self._period
        raised = smooth(time / _RAISE) if time < waved else 1.0 - smooth((time - waved) / _RAISE)
        swinging = _RAISE <= time < waved
        swing = math.sin(2 * math.pi * (time - _RAISE) / self._period) if swinging else 0.0
        if swinging:
            self._measure(ctx)
        targets: dict[str, float] = {}
        for side in self._sides:
            targets |= arm_targets(side, raised, swing, self._first if time < _RAISE else self._down)
        if time >= waved + _RAISE:
            return self._judge(targets)
        return SkillOutput(joint_targets=targets)

    def _measure(self, ctx: SkillContext) -> None:
        for i, side in enumerate(self._sides):
            index = 0 if side == "left" else 1
            x, y, z = (ctx.hands[index] - ctx.shoulders[index]).tolist()
            self._lateral[i].append(to_heading((x, y), ctx.state.yaw)[1])
            self._below = self._below or z <= 0.0

    def _judge(self, targets: dict[str, float]) -> SkillOutput:
        if self._below:
            return SkillOutput(status="failure", reason="the hand came below the shoulder", joint_targets=targets)
        swings = min(count_swings(lateral) for lateral in self._lateral)
        if swings < self._count:
            reason = f"the hand swung {swings} times, not {self._count}"
            return SkillOutput(status="failure", reason=reason, joint_targets=targets)
        return SkillOutput(status="success")


def count_swings(lateral: list[float]) -> int:
    """Full swings in a hand's lateral positions (m): passes to one side and to the other of the middle."""
    middle = (max(lateral) + min(lateral)) / 2
    sides = [1 if y > middle + _SWUNG else -1 if y < middle - _SWUNG else 0 for y in lateral]
    passed = [side for side in sides if side]
    changes = sum(a != b for a, b in pairwise(passed))
    return (changes + 1) // 2


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    period = said_seconds(step, _PERIODS)
    count = said_count(step, period, _DEFAULT_COUNT)
    sides = surroundings.arms(step)
    down = rest(surroundings.robot, sides)
    moving = surroundings.parallel
    start, legs, where = turned_first(step, surroundings, lambda: Wave(sides, count, period, down, moving))
    text = f"wave {limbs(sides, 'hand')} {times(count)}{where}"
    limit = 10.0 + 2.0 * (2 * _RAISE + count * period) + (15.0 if legs else 0.0)
    success = f"the hand stayed above the shoulder and swung {count} times by more than {_SWUNG:g} m to both sides"
    return GroundedStep("wave", text, limit, start, success, legs, arms=sides)


SKILL = register_skill(
    Skill(
        "wave",
        "wave your left hand twice",
        _ground,
        arm_joints(*BOTH),
        takes=("side", "count", "duration", "speed", "object", "direction"),
        legs=False,
        stays=True,
        cameras=("front",),
    )
)
