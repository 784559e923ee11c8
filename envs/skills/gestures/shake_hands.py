"""shake_hands: a hand held out at the height of the waist and shaken; near somebody if one is there."""

from __future__ import annotations

from simonsays.envs.moves.gestures.limbs import Limb
from simonsays.envs.moves.gestures.sequence import Frame, Gesture
from simonsays.envs.moves.skill import register_skill
from simonsays.envs.skills.gestures.posing import gesture_skill

_UPPER = (0.6, 0.3, -1.0)
_HIGH = Frame((Limb(_UPPER, hand=(0.75, 0.0, -0.3)),), 0.3)
_LOW = Frame((Limb(_UPPER, hand=(0.75, 0.0, -0.45)),), 0.3)

SKILL = register_skill(
    gesture_skill(
        "shake_hands",
        "shake hands",
        Gesture(
            "hold out {hands} and shake it",
            "the hand was held out ahead, below the shoulder, and went up and down {count}",
            into=(Frame(_LOW.limbs, 0.9, hold=1.0),),
            beat=(_HIGH, _LOW),
            count=3,
            arms="one",
        ),
        takes=("side", "object"),
        walks_up=True,
        looks_like="reach",
    )
)
