"""walk: a distance, a number of steps or a time in a straight line, forward, backward or sideways."""

from __future__ import annotations

from simonsays.envs.moves.line import Distance, line_step
from simonsays.envs.moves.skill import Skill, register_skill

NORMAL = {"forward": 0.55, "backward": 0.25, "left": 0.2, "right": 0.2}
"""m/s by direction"""


SKILL = register_skill(
    Skill(
        "walk",
        "walk forward two metres",
        lambda step, _: line_step(step, NORMAL, Distance(1.0)),
        takes=("direction", "distance", "steps", "duration", "speed"),
        goal="line",
        straight=(1.0, 0.5),
        cameras=("follow", "side"),
    )
)
