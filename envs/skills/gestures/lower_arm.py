"""lower_arm: an arm, or both, back to the resting pose; what held it up is over."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import SkillContext
from simonsays.envs.moves.gestures.roles import ARM
from simonsays.envs.moves.poses import BOTH, MoveArms, rest
from simonsays.envs.moves.skill import GroundedStep, Skill, Surroundings, limbs, register_skill, said_seconds
from simonsays.sim.specs import RobotSpec

_SECONDS = {"slow": 2.4, "normal": 1.3, "fast": 0.8}
LOW = 0.12  # m, wrist below the shoulder
_NEAR = 0.3  # rad, of every joint from rest


def is_down(robot: RobotSpec, sides: tuple[str, ...]) -> Callable[[SkillContext], bool]:
    """A test whether the arms of some sides, as measured, hang at rest."""
    goal = rest(robot, sides)

    def test(ctx: SkillContext) -> bool:
        below = {side: ctx.shoulders[i][2] - ctx.hands[i][2] for i, side in enumerate(BOTH)}
        near = all(abs(ctx.joint(name) - angle) <= _NEAR for name, angle in goal.items())
        return near and all(below[side] >= LOW for side in sides)

    return test


def lowering(robot: RobotSpec, sides: tuple[str, ...], seconds: float) -> MoveArms:
    """Arms come down to rest in some seconds, and are then nobody's."""
    return MoveArms(rest(robot, sides), seconds, is_down(robot, sides), keep=False)


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    seconds = said_seconds(step, _SECONDS)
    free = tuple(side for side in BOTH if side not in surroundings.busy_arms)
    # Without a side, whichever is up: both come down.
    sides = surroundings.arms(step) if step.side or not free else free
    text = f"lower {limbs(sides, 'arm')}"
    success = f"the hand is at least {LOW:g} m below the shoulder and every joint within {_NEAR:g} rad of rest"
    start = partial(lowering, surroundings.robot, sides, seconds)
    return GroundedStep("lower_arm", text, 6.0 + 2.0 * seconds, start, success, arms=sides)


SKILL = register_skill(
    Skill(
        "lower_arm",
        "lower your left arm",
        _ground,
        (ARM,),
        takes=("side", "speed"),
        legs=False,
        at_rest=True,
        looks_like="stop",
        cameras=("front",),
    )
)
