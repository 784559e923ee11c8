"""walk: a distance, a number of steps or a time in a straight line, forward, backward or sideways."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.line import Distance, line_step
from simonsays.envs.moves.skill import GroundedStep, Skill, Surroundings, register_skill

NORMAL = {"forward": 0.55, "backward": 0.25, "left": 0.2, "right": 0.2}
"""m/s by direction"""
_DEFAULT = Distance(1.0)


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    return line_step(step, NORMAL, _DEFAULT)


SKILL = register_skill(
    Skill(
        "walk",
        "walk forward two metres",
        _ground,
        takes=("direction", "distance", "steps", "duration", "speed"),
        goal="line",
        straight=(1.0, 0.5),
        cameras=("follow", "side"),
    )
)
