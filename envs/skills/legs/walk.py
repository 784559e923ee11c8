"""walk: a distance, a number of steps or a time in a straight line, along a curve, around a thing, or on the spot."""

from __future__ import annotations

from simonsays.envs.moves.amounts import Distance
from simonsays.envs.moves.skill import Skill, register_skill
from simonsays.envs.moves.travel import TAKES, travel_step

NORMAL = {"forward": 1.0, "backward": 5 / 11, "left": 4 / 11, "right": 4 / 11}
"""shares of the speed that the gait is for (GaitSpec.walk_speed), by direction"""


SKILL = register_skill(
    Skill(
        "walk",
        "walk forward two metres",
        lambda step, around: travel_step(step, around, NORMAL, Distance(1.0)),
        takes=TAKES,
        goal="line",
        straight=(1.0, 0.5),
        cameras=("follow", "side"),
    )
)
