"""stand: stand still for a while."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.vocabulary import VerbWords
from simonsays.envs.skills.base import GroundedStep, Skill, Surroundings, register_skill
from simonsays.envs.skills.stop import ground_rest


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    return ground_rest("stand", step)


SKILL = register_skill(
    Skill(
        VerbWords(
            "stand",
            {"en": ("stand", "stand still", "stay", "stand up", "hold still", "stay still")},
            ("duration",),
        ),
        "stand still for 2 seconds",
        _ground,
    )
)
