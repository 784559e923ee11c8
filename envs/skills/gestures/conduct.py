"""conduct: a hand, or both, beats time before the body: down, in, out and up."""

from __future__ import annotations

from simonsays.envs.moves.gestures.limbs import Limb
from simonsays.envs.moves.gestures.sequence import Frame, Gesture
from simonsays.envs.moves.skill import register_skill
from simonsays.envs.skills.gestures.posing import gesture_skill

_UPPER = (0.5, 0.5, -0.8)
_BEATS = ((0.65, 0.1, -0.3), (0.65, -0.1, 0.0), (0.6, 0.5, 0.0), (0.6, 0.1, 0.35))
_BAR = tuple(Frame((Limb(_UPPER, hand=place),), 0.5) for place in _BEATS)

SKILL = register_skill(
    gesture_skill(
        "conduct",
        "conduct",
        Gesture(
            "conduct with {hands}",
            "{count} the hand was down, inward, outward and up before the body",
            into=(Frame(_BAR[-1].limbs, 0.9),),
            beat=_BAR,
            count=3,
            arms="one",
        ),
        takes=("side", "speed"),
        looks_like="wave",
    )
)
