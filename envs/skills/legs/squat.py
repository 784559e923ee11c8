"""squat: go down and up again, a number of times."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.skill import GroundedStep, Skill, Surroundings, register_skill
from simonsays.envs.skills.legs.crouch import ground_bend

_HOLD = 0.2  # s


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    return ground_bend(step, surroundings, hold=_HOLD, stays_down=False)


SKILL = register_skill(
    Skill(
        "squat",
        "squat twice",
        _ground,
        takes=("speed", "duration", "count"),
        motions=("crouch",),
        looks_like="crouch",
        cameras=("side",),
    )
)
