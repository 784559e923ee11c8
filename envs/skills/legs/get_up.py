"""get_up: rise from the ground, wherever it lies; a robot that stands has done it at once."""

from __future__ import annotations

from dataclasses import replace

from simonsays.envs.language.instruction import Step
from simonsays.envs.motions.get_up import GetUp
from simonsays.envs.moves.behavior import InOrder, SkillContext, SkillOutput
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, register_skill
from simonsays.envs.skills.legs.crouch import RATES, Heights, height_over_soles
from simonsays.envs.skills.legs.stop import Rest, Upright
from simonsays.sim.specs import RobotSpec

_LIMIT = 25.0  # s: it may begin twice anew
_LOW, _TILTED = 0.5, 0.65  # of standing height, and cosine: it lies


class Rise:
    """Gets up where it lies; done at once where it does not, crouching too. ``lies``: it may still."""

    def __init__(self, robot: RobotSpec) -> None:
        self._low, self._sole, self.lies = _LOW * robot.standing_height, robot.gait.sole_height, True

    def update(self, ctx: SkillContext) -> SkillOutput:
        low = height_over_soles(ctx, self._sole) < self._low
        self.lies = ctx.motion == GetUp.name or low or ctx.state.rotation[2][2] < _TILTED
        return SkillOutput(motion=GetUp.name) if self.lies else SkillOutput(status="success")


def up_first(step: GroundedStep, robot: RobotSpec) -> GroundedStep:
    """A step that begins with getting up, where it lies and the robot can."""
    if robot.rising is None:
        return step
    start = step.start
    return replace(step, start=lambda: InOrder(Rise(robot), start()), rises=True, time_limit=step.time_limit + _LIMIT)


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    robot = surroundings.robot
    if robot.rising is None:
        raise GroundingError(f"{robot.title} cannot get up: it does not know how")
    if step.speed is not None:
        raise GroundingError("'get up': it goes at one speed; leave it out")
    upright = Upright(Heights.of(robot), RATES["normal"])
    success = f"upright at rest on both feet, the base above {upright.heights.up:g} m"
    return up_first(GroundedStep("get_up", "get up", 10.0, lambda: Rest(0.3, upright), success), robot)


SKILL = register_skill(
    Skill(
        "get_up",
        "get up from the floor",
        _ground,
        takes=(),
        motions=(GetUp.name,),
        at_rest=True,
        raises=True,
        looks_like="stand",
        cameras=("side",),
    )
)
