"""raise_arm: an arm, or both, up beside the head; it stays up until something else wants it."""

from __future__ import annotations

from collections.abc import Callable

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import Behavior, InOrder, SkillContext
from simonsays.envs.moves.gestures.limbs import Limb, held_by
from simonsays.envs.moves.gestures.roles import ARM
from simonsays.envs.moves.poses import BOTH, MoveArms
from simonsays.envs.moves.skill import (
    GroundedStep,
    Skill,
    Surroundings,
    checked_count,
    held_seconds,
    limbs,
    register_skill,
    said_seconds,
)
from simonsays.envs.skills.gestures.lower_arm import lowering

_UP = Limb((0.22, 0.27, 0.94), fore=(0.14, 0.09, 0.99))
SECONDS = {"slow": 2.4, "normal": 1.3, "fast": 0.8}
HIGH = 0.2  # m, wrist above the shoulder; 0.3 is straight up
_HOLD = 0.3  # s


def is_up(sides: tuple[str, ...]) -> Callable[[SkillContext], bool]:
    """A test whether the hands of some sides, as measured, are high above their shoulders."""

    def test(ctx: SkillContext) -> bool:
        above = {side: ctx.hands[i][2] - ctx.shoulders[i][2] for i, side in enumerate(BOTH)}
        return all(above[side] >= HIGH for side in sides)

    return test


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    seconds, hold = said_seconds(step, SECONDS), held_seconds(step, _HOLD)
    count = checked_count(step, step.count or 1)
    sides = surroundings.arms(step)
    goal = held_by(surroundings.robot, sides, _UP)

    def start() -> Behavior:
        ups = [MoveArms(goal, seconds, is_up(sides), hold=hold) for _ in range(count)]
        downs = [lowering(surroundings.robot, sides, seconds) for _ in range(count - 1 + (step.duration_s is not None))]
        return InOrder(*(move for pair in zip(ups, [*downs, None], strict=False) for move in pair if move is not None))

    text = f"raise {limbs(sides, 'arm')}"
    text += f" {count} times" if count > 1 else f" for {hold:g} seconds" if step.duration_s else ""
    success = f"the hand is at least {HIGH:g} m above the shoulder for {hold:g} s"
    limit = 6.0 + count * (hold + 3.0 * seconds)
    return GroundedStep("raise_arm", text, limit, start, success, arms=sides)


SKILL = register_skill(
    Skill(
        "raise_arm",
        "raise your left arm",
        _ground,
        (ARM,),
        takes=("side", "speed", "duration", "count"),
        legs=False,
        looks_like="wave",
        cameras=("front",),
    )
)
