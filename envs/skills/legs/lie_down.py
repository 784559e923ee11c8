"""lie_down: lie down on the back, and lie there until a later step gets up."""

from __future__ import annotations

from functools import partial

from simonsays.envs.language.instruction import Step
from simonsays.envs.motions.lie_down import LieDown
from simonsays.envs.moves.behavior import Settled, SkillContext, SkillOutput, Status
from simonsays.envs.moves.skill import (
    GroundedStep,
    GroundingError,
    Skill,
    Surroundings,
    held_seconds,
    register_skill,
)
from simonsays.envs.skills.legs.crouch import Heights, SquareUp, height_over_soles
from simonsays.envs.skills.legs.get_up import up_first
from simonsays.sim.specs import RobotSpec

DOWN, FLAT = 0.3, 0.95
"""of standing height, that the base is above the lower sole, at most; cosine of its back to the ground, at least"""
_TAKES = 20.0  # s, at most, for standing square and going down
_HOLD = 0.5  # s, where nothing is said


class Recline:
    """Stands square, lies down, and has lain at rest for ``hold`` s at the end."""

    def __init__(self, robot: RobotSpec, hold: float) -> None:
        self._robot, self._hold = robot, hold
        self._feet, self._still = SquareUp(Heights.of(robot).apart), Settled(limit=float("inf"))
        self._lain, self._begun = 0.0, False

    def update(self, ctx: SkillContext) -> SkillOutput:
        self._begun = self._begun or ctx.motion == LieDown.name
        if not self._begun and (march := self._feet.update(ctx)) is not None:
            return march
        down = height_over_soles(ctx, self._robot.gait.sole_height) <= DOWN * self._robot.standing_height
        rests = self._still.update(ctx) and down and -ctx.state.gravity[0] >= FLAT
        self._lain = self._lain + ctx.dt if rests else 0.0
        done: Status = "success" if self._lain >= self._hold else "running"
        return SkillOutput(motion=LieDown.name, status=done, leave=partial(up_first, robot=self._robot))


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    robot = surroundings.robot
    if robot.rising is None or not robot.rising.down:
        raise GroundingError(f"{robot.title} cannot lie down: it does not know how")
    hold, text = held_seconds(step, _HOLD), "lie down"
    if step.duration_s:
        text += f" for {hold:g} s"
    success = f"on its back at rest for {hold:g} s, the base below {DOWN:g} of its standing height, where it stays"
    return GroundedStep("lie_down", text, _TAKES + hold, partial(Recline, robot, hold), success)


SKILL = register_skill(
    Skill("lie_down", "lie down", _ground, takes=("duration",), motions=(LieDown.name,), cameras=("side",))
)
