"""stretch: both arms up as far as they go, then out to the sides, each kept for a while."""

from __future__ import annotations

from simonsays.envs.moves.gestures.limbs import Limb
from simonsays.envs.moves.gestures.sequence import Frame, Gesture
from simonsays.envs.moves.skill import register_skill
from simonsays.envs.skills.gestures.posing import gesture_skill

_SIDES = Limb((0.0, 1.0, 0.0), fore=(0.0, 1.0, 0.0))
_UP = Limb((0.1, 0.35, 1.0), fore=(0.05, 0.25, 1.0))

SKILL = register_skill(
    gesture_skill(
        "stretch",
        "stretch",
        Gesture(
            "stretch both arms",
            "{count} both arms were straight out to the sides, and straight up, for 1 s each",
            beat=(Frame((_SIDES,), 1.0, hold=1.0), Frame((_UP,), 1.0, hold=1.0), Frame((_SIDES,), 1.0)),
        ),
        takes=("speed",),
        looks_like="raise_arm",
    )
)
