"""nod: the head down and up again, for robots with a neck; to an object if one is said."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.envs.moves.gestures.roles import joint_of
from simonsays.envs.moves.poses import Glide, times
from simonsays.envs.moves.skill import GroundedStep, Skill, Surroundings, register_skill, said_count, said_seconds
from simonsays.envs.skills.legs.turn import turned_first

_DOWN = 0.4  # rad
_SECONDS = {"slow": 0.8, "normal": 0.45, "fast": 0.3}  # down; as long up
_USUAL = 2
_SHARE = 0.8  # of the way, as measured, that counts


class Dip:
    """Moves one joint to an angle (rad) and back, some times; counts how often it was there and back, as measured."""

    def __init__(self, joint: str, angle: float, count: int, seconds: float, hold: float = 0.0) -> None:
        self._joint, self._angle, self._left, self._seconds = joint, angle, count, seconds
        self._hold, self._glide, self._down, self._stayed = hold, Glide(seconds), True, 0.0

    def update(self, ctx: SkillContext) -> SkillOutput:
        goal = self._angle if self._down else 0.0
        targets = self._glide.update(ctx, {self._joint: goal})
        there = abs(ctx.joint(self._joint) - goal) <= (1.0 - _SHARE) * abs(self._angle)
        self._stayed = self._stayed + ctx.dt if there and self._glide.done else 0.0
        if not there or not self._glide.done or (self._down and self._stayed < self._hold):
            return SkillOutput(joint_targets=targets)
        self._left -= not self._down
        self._down, self._glide, self._stayed = not self._down, Glide(self._seconds), 0.0
        return SkillOutput(status="success") if self._left == 0 else SkillOutput(joint_targets=targets)


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    seconds = said_seconds(step, _SECONDS)
    count = said_count(step, 2 * seconds, _USUAL)
    neck = joint_of(surroundings.robot, "neck_pitch")
    assert neck is not None  # who has none is refused before
    start, legs, where = turned_first(step, surroundings, lambda: Dip(neck.name, neck.sign * _DOWN, count, seconds))
    limit = 10.0 + count * (2 * seconds + 1.0) + 15.0 * legs
    success = f"the neck went down by {_SHARE * _DOWN:.2f} rad and up again {count} times"
    return GroundedStep("nod", f"nod {times(count)}{where}", limit, start, success, legs)


SKILL = register_skill(
    Skill(
        "nod",
        "nod twice",
        _ground,
        ("neck_pitch",),
        takes=("speed", "object", "count", "duration"),
        legs=False,
        cameras=("close-up",),
    )
)
