"""salute: a hand to the brow, kept there; to somebody if one is named."""

from __future__ import annotations

from simonsays.envs.moves.gestures.limbs import Limb
from simonsays.envs.moves.gestures.sequence import Frame, Gesture
from simonsays.envs.moves.skill import register_skill
from simonsays.envs.skills.gestures.posing import gesture_skill

_OUT = Limb((0.3, 1.0, -0.2), fore=(0.6, 0.6, 0.7))
_BROW = Limb((0.2, 1.0, 0.1), hand=(0.3, 0.22, 0.12), at="head")

SKILL = register_skill(
    gesture_skill(
        "salute",
        "salute",
        Gesture(
            "salute with {hands}",
            "the hand was at the brow for {hold} s",
            into=(Frame((_OUT,), 0.7), Frame((_BROW,), 0.4, hold=1.5)),
            out=(Frame((_OUT,), 0.5),),
            arms="one",
        ),
        takes=("side", "object"),
        looks_like="wave",
    )
)
