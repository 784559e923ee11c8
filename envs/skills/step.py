"""step: a number of steps in a direction, counted by the feet's touchdowns."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.vocabulary import verb_words
from simonsays.envs.skills.base import GroundedStep, Skill, Surroundings, register_skill
from simonsays.envs.skills.line import Steps, line_step

_NORMAL = {"forward": 0.4, "backward": 0.25, "left": 0.22, "right": 0.22}  # m/s
_DEFAULT = Steps(1)


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    return line_step(step, _NORMAL, _DEFAULT)


SKILL = register_skill(
    Skill(
        verb_words(
            "step",
            "steps direction distance side speed",
            "step|sidestep|side step|side steps|side stepping|"
            "(take|takes|taking|took) (a |)(side step|sidestep|side steps|sidesteps)",
            "迈|迈步|跨|踏步|挪",
            limb="leg",
            with_object="go_to",
        ),
        "take three steps forward",
        _ground,
        takes=("steps", "direction", "distance", "duration", "speed"),
    )
)
