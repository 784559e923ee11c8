"""punch: a fist shoots forward at shoulder height and back, as often as is said, with one hand or both in turn."""

from __future__ import annotations

from functools import partial

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import Behavior, InOrder, SkillContext, SkillOutput
from simonsays.envs.moves.gestures.limbs import Limb, held_by
from simonsays.envs.moves.gestures.roles import ARM, joint_of
from simonsays.envs.moves.poses import BOTH, Glide, in_base, rest, times
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
from simonsays.envs.skills.legs.go_to import walk_up
from simonsays.envs.skills.legs.turn import turned_first
from simonsays.sim.specs import RobotSpec

_GUARD = Limb((-0.17, 0.37, -0.91), fore=(0.98, 0.07, -0.18))
_HIT = Limb((0.99, 0.09, 0.11), fore=(0.99, -0.13, 0.1))
OUT, BACK = 0.22, 0.16  # m, wrist ahead of the shoulder: out, and back again
LEVEL = 0.12  # m, between wrist and shoulder when it is out
_SECONDS = {"slow": 0.9, "normal": 0.5, "fast": 0.3}  # out; as long back
_GENTLE, _TWIST = 1.4, 0.6  # s, as ``_SECONDS``; rad, of the waist that is thrown into a hard punch
HARD, SOFT = 0.98, 0.6
"""m/s, of the wrist ahead of the base: a hard punch is faster, a gentle one slower"""
_STAND_OFF = 0.55  # m, from a thing's surface to the base: a fist's breadth more than the arm reaches
_GUARD_SECONDS, _LATE = 0.7, 0.3


class Punch:
    """Counts a punch each time the wrist, as measured, has been out at shoulder height and is back again."""

    def __init__(
        self, robot: RobotSpec, sides: tuple[str, ...], count: int, seconds: float, effort: str | None = None
    ) -> None:
        self._robot, self._sides, self._count, self._seconds, self._effort = robot, sides, count, seconds, effort
        self._speeds, self._ahead = list[float](), 0.0
        self._guard = held_by(robot, sides, _GUARD)
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
        self._measure(ctx, i)
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

    def _measure(self, ctx: SkillContext, hand: int) -> None:
        """How fast the fist has come out at most, each time."""
        before, self._ahead = self._ahead, float(in_base(ctx.state, ctx.hands[hand])[0])
        if self._phase == "out":
            self._speeds[-1] = max(self._speeds[-1], (self._ahead - before) / ctx.dt)

    def _next(self, side: str) -> None:
        self._waited = 0.0
        self._landed += self._phase == "back" and self._out
        self._thrown += self._phase == "back"
        if self._phase in ("guard", "back") and self._thrown < self._count:
            self._phase, self._out = "out", False
            self._speeds.append(0.0)
            hitting = self._sides[self._thrown % len(self._sides)]
            waist = joint_of(self._robot, "waist_yaw") if self._effort == "full" else None
            twist = waist.to(_TWIST if hitting == "right" else -_TWIST) if waist else {}
            hit = held_by(self._robot, (hitting,), _HIT)
            self._goal, self._glide = {**self._guard, **hit, **twist}, Glide(self._seconds)
        elif self._phase == "out":
            self._phase, self._goal, self._glide = "back", self._guard, Glide(self._seconds)
        else:
            self._phase, self._goal, self._glide = "down", rest(self._robot, self._sides), Glide(_GUARD_SECONDS)

    def _judge(self) -> SkillOutput:
        slowest, fastest = min(self._speeds), max(self._speeds)
        if self._effort == "full" and slowest < HARD:
            return SkillOutput(status="failure", reason=f"the fist came at {slowest:.2f} m/s, not {HARD:g} m/s")
        if self._effort == "gentle" and fastest > SOFT:
            return SkillOutput(status="failure", reason=f"the fist came at {fastest:.2f} m/s, not {SOFT:g} m/s or less")
        if self._landed == self._count:
            return SkillOutput(status="success")
        return SkillOutput(status="failure", reason=f"the fist shot out {self._landed} times, not {self._count}")


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    if step.effort is not None and step.speed is not None:
        raise GroundingError("'punch': say how hard or how fast, not both", "contradiction")
    seconds = _GENTLE if step.effort == "gentle" else said_seconds(step, _SECONDS)
    sides = surroundings.arms(step)
    count = said_count(step, 2 * seconds, least=len(sides))
    punch = partial(Punch, surroundings.robot, sides, count, seconds, step.effort)
    start, legs, where = turned_first(step, surroundings, punch)
    limit = 10.0 + count * (2 * seconds + 2 * _LATE + 0.8) + 15.0 * legs
    target = surroundings.target
    if target is not None:
        go, seconds_there = walk_up(target, surroundings, _STAND_OFF)
        where = f" towards {target.called}"
        limit += seconds_there

        def start() -> Behavior:
            return InOrder(go(), punch())

    manner = {"gentle": " gently", "full": " hard"}.get(str(step.effort), "")
    text = f"punch{manner} with {limbs(sides, 'hand')} {times(count)}{where}"
    success = f"{count} times the wrist was {OUT:g} m ahead of the shoulder, within {LEVEL:g} m of its height, and back"
    success += {"full": f", at {HARD:g} m/s", "gentle": f", at no more than {SOFT:g} m/s"}.get(str(step.effort), "")
    return GroundedStep("punch", text, limit, start, success, legs, arms=sides)


SKILL = register_skill(
    Skill(
        "punch",
        "punch twice with your right hand",
        _ground,
        (ARM,),
        takes=("side", "direction", "object", "speed", "effort", "count", "duration"),
        legs=False,
        walks_up=True,
        cameras=("front",),
    )
)
