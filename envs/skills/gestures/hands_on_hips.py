"""hands_on_hips: both hands at the hips, elbows out; they stay there until something else wants the arms."""

from __future__ import annotations

from simonsays.envs.moves.gestures.limbs import Limb
from simonsays.envs.moves.gestures.sequence import Frame, Gesture
from simonsays.envs.moves.skill import register_skill
from simonsays.envs.skills.gestures.posing import gesture_skill

_OUT = Limb((0.0, 1.0, -0.7), fore=(0.4, 0.2, -1.0))
_HIPS = Limb((-0.3, 1.0, -0.5), hand=(0.12, 0.26, 0.32), at="hip")

SKILL = register_skill(
    gesture_skill(
        "hands_on_hips",
        "put your hands on your hips",
        Gesture(
            "put {hands} on the hips",
            "the hands were at the hips, the elbows out, for {hold} s",
            into=(Frame((_OUT,), 0.7), Frame((_HIPS,), 0.5, hold=1.0)),
            keeps=True,
        ),
        takes=("side",),
        looks_like="stop",
    )
)
