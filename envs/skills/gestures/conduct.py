"""conduct: a hand, or both, beats time before the body: down, in, out and up."""

from __future__ import annotations

from simonsays.envs.language.vocabulary import verb_words
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
            both=False,
        ),
        takes=("side", "speed"),
        words=verb_words(
            "conduct",
            "side speed",
            en="conduct|(conduct|direct) (an|the|your) (orchestra|choir|music)|beat time",
            zh="指挥|指挥(乐队|交响乐|乐团|合唱|合唱团)|打拍子",
            near=("wave", "clap"),
        ),
        looks_like="wave",
    )
)
