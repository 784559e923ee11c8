"""bow: the torso forward and up again, for robots whose waist pitches; to an object if one is said."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.skill import GroundedStep, Skill, Surroundings, held_seconds, register_skill, said_seconds
from simonsays.envs.skills.gestures.nod import Dip
from simonsays.envs.skills.legs.turn import turned_first

WAIST = "waist_pitch_joint"
_DOWN = 0.6  # rad
_SECONDS = {"slow": 2.0, "normal": 1.2, "fast": 0.8}  # down; as long up
_HOLD = 0.5  # s


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    seconds, hold = said_seconds(step, _SECONDS), held_seconds(step, _HOLD)
    start, legs, where = turned_first(step, surroundings, lambda: Dip(WAIST, _DOWN, 1, seconds, hold))
    success = f"the waist pitched forward by {_DOWN:g} rad for {hold:g} s and came up again"
    return GroundedStep("bow", f"bow{where}", 10.0 + 2 * seconds + hold + 15.0 * legs, start, success, legs)


SKILL = register_skill(
    Skill("bow", "bow", _ground, (WAIST,), takes=("speed", "object", "duration"), legs=False, cameras=("side",))
)
