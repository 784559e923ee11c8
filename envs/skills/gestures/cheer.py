"""cheer: both arms thrown up, again and again; for somebody if one is named."""

from __future__ import annotations

from simonsays.envs.moves.gestures.limbs import Limb
from simonsays.envs.moves.gestures.sequence import Frame, Gesture
from simonsays.envs.moves.skill import register_skill
from simonsays.envs.skills.gestures.posing import gesture_skill

_UP = Frame((Limb((0.0, 1.0, 0.65), fore=(0.0, 0.3, 1.0)),), 0.5, hold=0.25)
_BENT = Frame((Limb((0.0, 1.0, -0.3), fore=(0.2, 0.2, 1.0)),), 0.4)

SKILL = register_skill(
    gesture_skill(
        "cheer",
        "cheer",
        Gesture(
            "cheer",
            "{count} both arms were bent, the fists beside the head, and stretched up",
            into=(Frame(_BENT.limbs, 0.8),),
            beat=(_UP, _BENT),
            count=3,
        ),
        takes=("object",),
        looks_like="raise_arm",
    )
)
