"""run: as walk, faster, with a smooth start and stop."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.amounts import Distance
from simonsays.envs.moves.line import line_direction
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, register_skill
from simonsays.envs.moves.travel import TAKES, travel_step
from simonsays.envs.skills.legs.walk import NORMAL as WALKING

NORMAL = {"forward": 1.0, "backward": 0.36, "left": 0.28, "right": 0.28}
"""m/s by direction"""
_FASTER = 1.1  # than walking, at least


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    if step.in_place:
        message = "'run': it has no flight phase, so that on the spot it would only march; say march on the spot"
        raise GroundingError(message, "unsupported_skill", suggestions=("march on the spot",))
    least = _FASTER * WALKING[line_direction(step)]
    return travel_step(step, surroundings, NORMAL, Distance(3.0), least)


SKILL = register_skill(
    Skill(
        "run",
        "run forward four metres",
        _ground,
        takes=TAKES,
        goal="line",
        straight=(2.0, 0.9),
        looks_like="walk",
        cameras=("follow", "side"),
    )
)
