"""run: as walk, faster, with a smooth start and stop."""

from __future__ import annotations

from simonsays.envs.moves.line import Distance, line_direction, line_step
from simonsays.envs.moves.skill import Skill, register_skill
from simonsays.envs.skills.legs.walk import NORMAL as WALKING

_NORMAL = {"forward": 1.0, "backward": 0.36, "left": 0.28, "right": 0.28}  # m/s
_FASTER = 1.1  # than walking, at least


SKILL = register_skill(
    Skill(
        "run",
        "run forward four metres",
        lambda step, _: line_step(step, _NORMAL, Distance(3.0), _FASTER * WALKING[line_direction(step)]),
        takes=("direction", "distance", "steps", "duration", "speed"),
        goal="line",
        straight=(2.0, 0.9),
        looks_like="walk",
        cameras=("follow", "side"),
    )
)
