"""clap: both hands meet before the chest and part again; to somebody if one is named."""

from __future__ import annotations

from simonsays.envs.moves.gestures.limbs import Limb
from simonsays.envs.moves.gestures.sequence import Frame, Gesture
from simonsays.envs.moves.skill import register_skill
from simonsays.envs.skills.gestures.posing import gesture_skill

_UPPER = (0.5, 0.5, -1.0)
_APART = Frame((Limb(_UPPER, hand=(0.6, 0.32, -0.25), at="middle"),), 0.22)
_TOGETHER = Frame((Limb(_UPPER, hand=(0.62, 0.06, -0.25), at="middle"),), 0.22)

SKILL = register_skill(
    gesture_skill(
        "clap",
        "clap three times",
        Gesture(
            "clap",
            "{count} both hands were at their meeting place before the chest, and apart again",
            into=(Frame(_APART.limbs, 0.8),),
            beat=(_TOGETHER, _APART),
            count=4,
            arms="pair",
        ),
        takes=("speed", "object"),
        touching=("hands",),
    )
)
