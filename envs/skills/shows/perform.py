"""perform: a performance, a script of sentences, done one after the other."""

from __future__ import annotations

from simonsays.assets import InputError
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.performances import load_performance
from simonsays.envs.moves.skill import GroundingError, Part, Skill, Surroundings, register_skill

_USUAL = "show"


def _ground(step: Step, surroundings: Surroundings) -> tuple[Part, ...]:
    try:
        return load_performance(step.name or _USUAL).parts()
    except InputError as error:
        raise GroundingError(str(error), "unsupported_skill") from error


SKILL = register_skill(Skill("perform", "warm up", _ground, takes=("name",), cameras=("director", "front")))
