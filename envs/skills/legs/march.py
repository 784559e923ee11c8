"""march: as walk, with knees that are lifted high and arms that swing along."""

from __future__ import annotations

import math

from simonsays.envs.moves.amounts import Distance
from simonsays.envs.moves.skill import Skill, register_skill
from simonsays.envs.moves.styles import Style
from simonsays.envs.moves.travel import TAKES, travel_step

_NORMAL = {"forward": 9 / 11, "backward": 4 / 11, "left": 4 / 11, "right": 4 / 11}  # of GaitSpec.walk_speed
_MANNER = Style(lift=0.35, swing=0.45, shows={"step": (0.2, math.inf), "swing": (0.2, math.inf)})


SKILL = register_skill(
    Skill(
        "march",
        "march forward two metres",
        lambda step, around: travel_step(step, around, _NORMAL, Distance(2.0), manner=_MANNER),
        takes=tuple(slot for slot in TAKES if slot != "style"),
        goal="line",
        straight=(2.0, 0.4),
        looks_like="walk",
        cameras=("follow", "side"),
    )
)
