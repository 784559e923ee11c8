"""bow: the torso forward and up again, by a waist that pitches, or by the hips; to an object if one is said."""

from __future__ import annotations

import math
from functools import partial

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Step
from simonsays.envs.motions.base import motion_bundles
from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.envs.moves.gestures.roles import joint_of
from simonsays.envs.moves.poses import Held, smooth
from simonsays.envs.moves.skill import (
    GroundedStep,
    GroundingError,
    Skill,
    Surroundings,
    held_seconds,
    register_skill,
    said_seconds,
)
from simonsays.envs.skills.gestures.nod import Dip
from simonsays.envs.skills.legs.crouch import Heights, SquareUp
from simonsays.envs.skills.legs.turn import turned_first
from simonsays.sim.specs import RobotSpec

_DOWN = 0.6  # rad
_SECONDS = {"slow": 2.0, "normal": 1.2, "fast": 0.8}  # down; as long up
_HOLD = 0.5  # s
_HIPS, _LOWERED = 0.3, 0.58  # rad, and share of the way to its lowest: what keeps the weight over the feet
_BOWED, _UPRIGHT = 0.28, 0.06  # rad, of the base
_SLOWER = 1.3  # times as long as a waist takes
_LATE = 3.0  # s


@dataclass(frozen=True)
class Hips:
    """How to bow by the hips: the joints, how low the base comes (m), and how long it takes down and is held (s)."""

    joints: tuple[str, str]
    standing: float
    low: float
    seconds: float
    hold: float
    apart: float
    """m, from one foot to the other"""


class HipBow:
    """Bends the hips over bent knees until the base is measured to lean, for the whole hold, and comes up again."""

    def __init__(self, hips: Hips) -> None:
        self._hips, self._feet, self._held = hips, SquareUp(hips.apart), Held()
        self._began: float | None = None
        self._share, self._up, self._deepest = 0.0, False, 0.0

    def update(self, ctx: SkillContext) -> SkillOutput:
        hips, lean = self._hips, -math.asin(ctx.state.rotation[2][0])
        if self._began is None:
            if (march := self._feet.update(ctx)) is not None:
                return march
            self._began = ctx.time
        step = ctx.dt / hips.seconds
        self._share = max(0.0, self._share - step) if self._up else min(1.0, self._share + step)
        self._deepest = max(self._deepest, lean)
        self._up = self._up or self._held.update(lean >= _BOWED, ctx.dt) >= hips.hold
        if self._up and self._share == 0.0 and lean <= _UPRIGHT:
            return SkillOutput(height=hips.standing, status="success")
        if ctx.time - self._began > 2.0 * hips.seconds + hips.hold + _LATE:
            reason = f"the body leaned forward by {self._deepest:.2f} rad, not {_BOWED:g}, or did not come up"
            return SkillOutput(height=hips.standing, status="failure", reason=reason)
        way = smooth(self._share)
        return SkillOutput(
            height=hips.standing + way * (hips.low - hips.standing),
            leg_offsets=dict.fromkeys(hips.joints, -_HIPS * way),
        )


def _hips(robot: RobotSpec, seconds: float, hold: float) -> Hips:
    """How a robot without such a waist bows.

    Raises:
        GroundingError: it has not learned to bend its legs.
    """
    if robot.gait.lowest is None or "crouch" not in motion_bundles(robot):
        message = "I cannot bow: I have no waist that pitches, and have not learned to bend my legs"
        raise GroundingError(message, "unsupported_skill")
    low = robot.standing_height - _LOWERED * (robot.standing_height - robot.gait.lowest)
    apart = Heights.of(robot).apart
    return Hips(robot.gait.hip_pitch, robot.standing_height, low, _SLOWER * seconds, hold, apart)


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    robot = surroundings.robot
    seconds, hold = said_seconds(step, _SECONDS), held_seconds(step, _HOLD)
    waist = joint_of(robot, "waist_pitch")
    if waist is not None:
        dip = partial(Dip, waist.name, waist.sign * _DOWN, 1, seconds, hold)
        start, legs, where = turned_first(step, surroundings, dip)
        success = f"the waist pitched forward by {_DOWN:g} rad for {hold:g} s and came up again"
    else:
        start, _, where = turned_first(step, surroundings, partial(HipBow, _hips(robot, seconds, hold)))
        legs, success = True, f"the body leaned forward by {_BOWED:g} rad for {hold:g} s and came up again"
    limit = 15.0 + 2 * _SLOWER * seconds + hold + 15.0 * legs
    return GroundedStep("bow", f"bow{where}", limit, start, success, legs)


SKILL = register_skill(
    Skill("bow", "bow", _ground, takes=("speed", "object", "duration"), legs=False, cameras=("side",))
)
