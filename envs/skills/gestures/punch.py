"""punch: a fist shoots forward at shoulder height and back, as often as is said, with one hand or both in turn."""

from __future__ import annotations

from functools import partial

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import Behavior, InOrder, SkillContext, SkillOutput
from simonsays.envs.moves.poses import BOTH, Glide, arm_joints, pose, rest, times
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
from simonsays.envs.skills.legs.go_to import walk_up
from simonsays.envs.skills.legs.turn import turned_first
from simonsays.sim.specs import RobotSpec

# rad, of the left arm
_GUARD = {"shoulder_pitch": 0.25, "shoulder_roll": 0.15, "shoulder_yaw": 0.0, "elbow": -0.1}
_HIT = {"shoulder_pitch": -1.57, "shoulder_roll": 0.17, "shoulder_yaw": 0.0, "elbow": 1.4}
OUT, BACK = 0.22, 0.16  # m, wrist ahead of the shoulder: out, and back again
LEVEL = 0.12  # m, between wrist and shoulder when it is out
_SECONDS = {"slow": 0.9, "normal": 0.5, "fast": 0.3}  # out; as long back
_STAND_OFF = 0.55  # m, from a thing's surface to the base: a fist's breadth more than the arm reaches
_GUARD_SECONDS, _LATE = 0.7, 0.3


class Punch:
    """Counts a punch each time the wrist, as measured, has been out at shoulder height and is back again."""

    def __init__(self, robot: RobotSpec, sides: tuple[str, ...], count: int, seconds: float) -> None:
        self._robot, self._sides, self._count, self._seconds = robot, sides, count, seconds
        self._guard = pose(sides, _GUARD)
        self._glide, self._goal = Glide(_GUARD_SECONDS), self._guard
        self._thrown = self._landed = 0
        self._phase = "guard"
        self._out = False
        self._waited = 0.0

    def update(self, ctx: SkillContext) -> SkillOutput:
        targets = self._glide.update(ctx, self._goal)
        side = self._sides[self._thrown % len(self._sides)]
        i = BOTH.index(side)
        x, y, z = (ctx.hands[i] - ctx.shoulders[i]).tolist()
        ahead, level = to_heading((x, y), ctx.state.yaw)[0], abs(z)  # m, of the wrist from the shoulder
        self._out = self._out or (self._phase == "out" and ahead >= OUT and level <= LEVEL)
        if self._glide.done:
            self._waited += ctx.dt
            if self._phase == "down":
                return self._judge()
            lags = (self._phase == "out" and not self._out) or (self._phase == "back" and ahead > BACK)
            if not lags or self._waited > _LATE:
                self._next(side)
        return SkillOutput(joint_targets=targets)

    def _next(self, side: str) -> None:
        self._waited = 0.0
        self._landed += self._phase == "back" and self._out
        self._thrown += self._phase == "back"
        if self._phase in ("guard", "back") and self._thrown < self._count:
            self._phase, self._out = "out", False
            hitting = self._sides[self._thrown % len(self._sides)]
            self._goal, self._glide = {**self._guard, **pose((hitting,), _HIT)}, Glide(self._seconds)
        elif self._phase == "out":
            self._phase, self._goal, self._glide = "back", self._guard, Glide(self._seconds)
        else:
            self._phase, self._goal, self._glide = "down", rest(self._robot, self._sides), Glide(_GUARD_SECONDS)

    def _judge(self) -> SkillOutput:
        if self._landed == self._count:
            return SkillOutput(status="success")
        return SkillOutput(status="failure", reason=f"the fist shot out {self._landed} times, not {self._count}")


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    seconds, sides = said_seconds(step, _SECONDS), surroundings.arms(step)
    count = said_count(step, 2 * seconds, least=len(sides))
    punch = partial(Punch, surroundings.robot, sides, count, seconds)
    start, legs, where = turned_first(step, surroundings, punch)
    limit = 10.0 + count * (2 * seconds + 2 * _LATE + 0.8) + 15.0 * legs
    target = surroundings.target
    if target is not None:
        go, seconds_there = walk_up(target, surroundings, _STAND_OFF)
        where = f" towards the {target.name}"
        limit += seconds_there

        def start() -> Behavior:
            return InOrder(go(), punch())

    text = f"punch with {limbs(sides, 'hand')} {times(count)}{where}"
    success = f"{count} times the wrist was {OUT:g} m ahead of the shoulder, within {LEVEL:g} m of its height, and back"
    return GroundedStep("punch", text, limit, start, success, legs, arms=sides)


SKILL = register_skill(
    Skill(
        "punch",
        "punch twice with your right hand",
        _ground,
        arm_joints(*BOTH),
        takes=("side", "direction", "object", "speed", "count", "duration"),
        legs=False,
        walks_up=True,
        cameras=("front",),
    )
)
