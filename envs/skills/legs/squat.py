"""squat: go down and up again, a number of times."""

from __future__ import annotations

from functools import partial

from simonsays.envs.moves.skill import Skill, register_skill
from simonsays.envs.skills.legs.crouch import ground_bend

_HOLD = 0.2  # s


SKILL = register_skill(
    Skill(
        "squat",
        "squat twice",
        partial(ground_bend, hold=_HOLD, stays_down=False),
        takes=("speed", "duration", "count"),
        motions=("crouch",),
        looks_like="crouch",
        cameras=("side",),
    )
)
