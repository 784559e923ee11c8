"""flex: upper arms out, fists up, as who shows their muscles, bent once more and kept."""

from __future__ import annotations

from simonsays.envs.moves.gestures.limbs import Limb
from simonsays.envs.moves.gestures.sequence import Frame, Gesture
from simonsays.envs.moves.skill import register_skill
from simonsays.envs.skills.gestures.posing import gesture_skill

_UPPER = (0.0, 1.0, 0.1)
_OPEN = Limb(_UPPER, fore=(0.1, 0.5, 1.0))
_TIGHT = Limb(_UPPER, fore=(0.1, -0.35, 1.0))

SKILL = register_skill(
    gesture_skill(
        "flex",
        "flex your muscles",
        Gesture(
            "flex {arms}",
            "the upper arm was level to its side, and the fist came over it {count}",
            into=(Frame((_OPEN,), 0.9),),
            beat=(Frame((_TIGHT,), 0.4, hold=0.6), Frame((_OPEN,), 0.4)),
            count=2,
        ),
        takes=("side",),
        looks_like="raise_arm",
    )
)
