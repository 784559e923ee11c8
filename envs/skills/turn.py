"""turn: left, right or around, by an angle, on the spot."""

from __future__ import annotations

import math

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.vocabulary import verb_words
from simonsays.envs.skills.base import (
    GroundedStep,
    GroundingError,
    Settled,
    Skill,
    SkillContext,
    SkillOutput,
    Surroundings,
    clip,
    register_skill,
    to_heading,
)
from simonsays.sim.rotations import wrap_angle

TOLERANCE = math.radians(6)
_NEAR = math.radians(2)
_MOST_DEG = 1080.0
_AROUND = ("转身", "掉头", "掉个头", "调头", "转个身", "转过身", "转过身去", "转过身来", "转过来", "转过去")


class Turn:
    """Turns by an angle (rad, left positive) that may be more than a full turn, and stays at its place."""

    def __init__(self, angle: float) -> None:
        self._angle, self._turned = angle, 0.0
        self._last: float | None = None
        self._resting: Settled | None = None

    def update(self, ctx: SkillContext) -> SkillOutput:
        yaw = ctx.state.yaw
        if self._last is None:
            self._last = yaw
            self._place = ctx.state.base_position[:2]
        self._turned += wrap_angle(yaw - self._last)
        self._last = yaw
        remaining = self._angle - self._turned
        if self._resting is not None:
            if not self._resting.update(ctx):
                return SkillOutput()
            if abs(remaining) <= TOLERANCE:
                return SkillOutput(status="success")
            self._resting = None
        elif abs(remaining) < _NEAR:
            self._resting = Settled()
            return SkillOutput()
        rate = math.copysign(min(0.8, max(0.25, 1.5 * abs(remaining))), remaining)
        x, y, _ = ctx.state.base_position
        back_x, back_y = to_heading((self._place[0] - x, self._place[1] - y), yaw)
        return SkillOutput((clip(0.8 * back_x, 0.15), clip(0.8 * back_y, 0.15), rate))


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    direction = step.direction or "left"
    if direction in ("forward", "backward"):
        raise GroundingError(f"'turn {direction}' is no turn: say left, right or around")
    degrees = step.angle_deg or (180.0 if direction == "around" else 90.0)
    if degrees > _MOST_DEG:
        raise GroundingError(f"'turn': {degrees:g} degrees is too much; at most {_MOST_DEG:g}")
    angle = math.radians(degrees) * (-1.0 if direction == "right" else 1.0)
    text = f"turn {direction} {degrees:g}°"
    return GroundedStep("turn", text, 8.0 + 2.5 * abs(angle) / 0.7, lambda: Turn(angle))


SKILL = register_skill(
    Skill(
        verb_words(
            "turn",
            "direction angle object speed",
            "turn|rotate|spin|pivot|swivel|turn to face|face",
            "转|转身|转动|旋转|转向|左转|右转|掉头|掉个头|调头|面向|面对|朝向|转个身|转过身|转过身去|转过身来|转过来|转过去|转个圈",
            fixed={
                "左转": {"direction": "left"},
                "右转": {"direction": "right"},
                **{phrase: {"direction": "around"} for phrase in _AROUND},
            },
        ),
        "turn left 90 degrees",
        _ground,
    )
)
