"""run: as walk, faster, with a smooth start and stop."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.vocabulary import verb_words
from simonsays.envs.moves.line import Distance, line_direction, line_step
from simonsays.envs.moves.skill import GroundedStep, Skill, Surroundings, register_skill
from simonsays.envs.skills.legs.walk import NORMAL as WALKING

_NORMAL = {"forward": 1.0, "backward": 0.36, "left": 0.28, "right": 0.28}  # m/s
_FASTER = 1.1  # than walking, at least
_DEFAULT = Distance(3.0)


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    least = _FASTER * WALKING[line_direction(step)]
    return line_step(step, _NORMAL, _DEFAULT, least)


SKILL = register_skill(
    Skill(
        verb_words(
            "run",
            "direction distance steps speed",
            "run|jog|sprint|dash|trot|rush|race|hurry|hustle|scurry|bolt|scamper|gallop|leg it|book it|"
            "go for a (run|jog)|go (running|jogging)",
            "跑|跑步|奔跑|慢跑|小跑|冲刺",
            with_object="go_to",
        ),
        "run forward four metres",
        _ground,
        takes=("direction", "distance", "steps", "duration", "speed"),
    )
)
