"""cross_arms: one forearm before the other across the chest; they stay there until something else wants the arms."""

from __future__ import annotations

from simonsays.envs.moves.gestures.limbs import Limb
from simonsays.envs.moves.gestures.sequence import Frame, Gesture
from simonsays.envs.moves.skill import register_skill
from simonsays.envs.skills.gestures.posing import gesture_skill

_UPPER = (0.6, 0.6, -1.0)
_BEFORE = Frame(
    (Limb(_UPPER, hand=(0.75, 0.1, -0.1), at="middle"), Limb(_UPPER, hand=(0.52, 0.1, -0.5), at="middle")), 0.8
)
_CROSSED = Frame(
    (Limb(_UPPER, hand=(0.65, -0.3, -0.1), at="middle"), Limb(_UPPER, hand=(0.48, -0.28, -0.5), at="middle")),
    0.6,
    hold=1.0,
)

SKILL = register_skill(
    gesture_skill(
        "cross_arms",
        "cross your arms",
        Gesture(
            "cross both arms",
            "each hand was before the other side of the chest for {hold} s",
            into=(_BEFORE, _CROSSED),
            arms="pair",
            keeps=True,
        ),
        takes=("side",),
        looks_like="stop",
    )
)
