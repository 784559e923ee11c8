"""stand: stand up, if it lies or crouches, and stand still for a while."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, register_skill
from simonsays.envs.skills.legs.crouch import RATES, Heights
from simonsays.envs.skills.legs.get_up import up_first
from simonsays.envs.skills.legs.stop import Upright, ground_rest


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    said, robot = step.speed or "normal", surroundings.robot
    if not isinstance(said, str):
        message = "'stand': say slowly or quickly, not metres per second"
        raise GroundingError(message, "unsupported_skill", suggestions=("slowly", "quickly"))
    upright = Upright(Heights.of(robot), RATES[said])
    manner = {"slow": ", rising slowly", "fast": ", rising quickly"}.get(said, "")
    return up_first(ground_rest(step, f"stand still{manner}", upright), robot)


SKILL = register_skill(
    Skill("stand", "stand still for 2 seconds", _ground, takes=("duration", "speed"), at_rest=True, looks_like="stop")
)
