"""A skill that asks for the motion of sway.py."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.envs.moves.skill import GroundedStep, Skill, Surroundings, register_skill


class SwayOnce:
    """Asks for the motion, and waits for its end."""

    def __init__(self) -> None:
        self._began = False

    def update(self, ctx: SkillContext) -> SkillOutput:
        if ctx.motion == "sway":
            self._began = True
            return SkillOutput(motion="sway")
        return SkillOutput(status="success") if self._began else SkillOutput(motion="sway")


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    return GroundedStep("sway", "sway", 5.0, SwayOnce, "it has swayed")


register_skill(
    Skill(
        "sway",
        "sway",
        _ground,
        takes=("count",),
        motions=("sway",),
        words={"en": "sway|sway from side to side", "zh": "摇摆"},
    )
)
