"""Skills: ONE module each, found by being here. A skill is words, a command law, a success test and a time limit."""

from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.envs.moves.skill import GroundingError, Skill, register_skill, skills

__all__ = ["GroundingError", "Skill", "SkillContext", "SkillOutput", "register_skill", "skills"]
