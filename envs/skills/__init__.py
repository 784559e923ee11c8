"""Skills: ONE module each, found by being here. A skill is words, a command law, a success test and a time limit."""

from simonsays.envs.moves.skill import (
    GroundingError,
    Skill,
    SkillContext,
    SkillOutput,
    register_skill,
    skills,
)

__all__ = ["GroundingError", "Skill", "SkillContext", "SkillOutput", "register_skill", "skills"]
