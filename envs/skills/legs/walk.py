"""walk: a distance, a number of steps or a time in a straight line, forward, backward or sideways."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.vocabulary import verb_words
from simonsays.envs.moves.line import Distance, line_step
from simonsays.envs.moves.skill import GroundedStep, Skill, Surroundings, register_skill

NORMAL = {"forward": 0.55, "backward": 0.25, "left": 0.2, "right": 0.2}
"""m/s by direction"""
_DEFAULT = Distance(1.0)


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    return line_step(step, NORMAL, _DEFAULT)


SKILL = register_skill(
    Skill(
        verb_words(
            "walk",
            "direction distance steps speed",
            "walk|go|move|march|stroll|head|stride|travel|advance|proceed|back up|back away|back off|reverse|retreat|"
            "strafe|amble|saunter|wander|mosey|plod|trudge|pace|tread|trek|hike|parade|scoot|shuffle|shift|sidle|inch|"
            "(go for|take|have) a (walk|stroll|wander|little walk)|go walking|(carry|press|push|keep) on|keep going|"
            "walk (on|along)|move (on|along)",
            "走|走路|行走|移动|前进|后退|倒退|倒车|走动|步行|退",
            with_object="go_to",
            fixed={
                "advance": {"direction": "forward"},
                "back up": {"direction": "backward"},
                "back away": {"direction": "backward"},
                "back off": {"direction": "backward"},
                "reverse": {"direction": "backward"},
                "retreat": {"direction": "backward"},
                "前进": {"direction": "forward"},
                "后退": {"direction": "backward"},
                "退": {"direction": "backward"},
                "倒退": {"direction": "backward"},
                "倒车": {"direction": "backward"},
            },
        ),
        "walk forward two metres",
        _ground,
        takes=("direction", "distance", "steps", "duration", "speed"),
    )
)
