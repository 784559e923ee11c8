"""high_five: an open hand ahead at the height of the head, kept there; near somebody if one is there."""

from __future__ import annotations

from simonsays.envs.moves.gestures.limbs import Limb
from simonsays.envs.moves.gestures.sequence import Frame, Gesture
from simonsays.envs.moves.skill import register_skill
from simonsays.envs.skills.gestures.posing import gesture_skill

SKILL = register_skill(
    gesture_skill(
        "high_five",
        "high five",
        Gesture(
            "hold up {hands} for a high five",
            "the hand was ahead at the height of the head for {hold} s",
            into=(Frame((Limb((0.6, 0.6, -0.5), hand=(0.5, 0.2, 0.5)),), 0.9, hold=2.0),),
            arms="one",
        ),
        takes=("side", "object"),
        walks_up=True,
        looks_like="raise_arm",
    )
)
