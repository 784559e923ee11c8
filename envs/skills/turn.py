"""turn: left, right or around, by an angle, on the spot."""

from __future__ import annotations

import math
from collections.abc import Callable

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.vocabulary import verb_words
from simonsays.envs.skills.base import (
    GroundedStep,
    GroundingError,
    InOrder,
    Motion,
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
_SUCCESS = f"at rest with the heading turned, to within {math.degrees(TOLERANCE):.0f}°"
_MOST_DEG = 1080.0
_AROUND = ("转身", "掉头", "掉个头", "调头", "转个身", "转过身", "转过身去", "转过身来", "转过来", "转过去")


class Turn:
    """Turns by an angle (rad, left positive) that may be more than a full turn, and stays at its place.

    With a prop's name it turns to face that, the short way.
    """

    def __init__(self, angle: float, facing: str | None = None) -> None:
        self._angle, self._turned, self._facing = angle, 0.0, facing
        self._last: float | None = None
        self._resting: Settled | None = None

    def update(self, ctx: SkillContext) -> SkillOutput:
        yaw = ctx.state.yaw
        if self._last is None:
            self._last = yaw
            self._place = ctx.state.base_position[:2]
            if self._facing is not None:
                dx, dy = (a - b for a, b in zip(ctx.props[self._facing][:2].tolist(), self._place, strict=True))
                self._angle = wrap_angle(math.atan2(dy, dx) - yaw)
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


_DIRECTIONS = {"forward": 0.0, "left": 90.0, "right": -90.0, "backward": 180.0}
_NOWHERE = "'{verb} around' has no direction: say forward, left, right or backward"


def said_bearing(step: Step) -> float:
    """rad from straight ahead, left positive: where the direction of a step lies, from where it starts.

    Raises:
        GroundingError: "around" is no such direction.
    """
    direction = step.direction or "forward"
    if direction not in _DIRECTIONS:
        raise GroundingError(_NOWHERE.format(verb=step.verb.replace("_", " ")), "contradiction")
    return math.radians(_DIRECTIONS[direction])


def turned_first(
    step: Step, surroundings: Surroundings, motion: Callable[[], Motion]
) -> tuple[Callable[[], Motion], bool, str]:
    """``motion`` made to face the step's object or direction first, whether that moves the base, and a caption.

    Raises:
        GroundingError: both are said, or a place is meant, which has no side to face.
    """
    if step.object is None and step.direction in (None, "forward"):
        return motion, False, ""
    if step.object is None:
        bearing = said_bearing(step)
        return lambda: InOrder(Turn(bearing), motion()), True, f" {step.direction}"
    if step.direction is not None:
        verb = step.verb.replace("_", " ")
        raise GroundingError(f"{verb!r}: say a direction or an object, not both", "contradiction")
    target = surroundings.target
    if target is None:
        raise GroundingError(f"{step.verb.replace('_', ' ')!r} needs an object of the scene", "no_such_object")
    return lambda: InOrder(Turn(0.0, target.name), motion()), True, f" to the {target.name}"


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    target = surroundings.target
    if target is not None:
        if step.direction is not None or step.angle_deg is not None:
            raise GroundingError("'turn': say a direction or what to face, not both", "contradiction")
        return GroundedStep("turn", f"turn to face the {target.name}", 20.0, lambda: Turn(0.0, target.name), _SUCCESS)
    if step.object is not None:
        raise GroundingError("'turn to face' needs an object of the scene", "no_such_object")
    direction = step.direction or "left"
    if direction in ("forward", "backward"):
        raise GroundingError(f"'turn {direction}' is no turn: say left, right or around", "contradiction")
    degrees = step.angle_deg or (180.0 if direction == "around" else 90.0)
    if degrees > _MOST_DEG:
        raise GroundingError(f"'turn': {degrees:g} degrees is too much; at most {_MOST_DEG:g}", "impossible_amount")
    angle = math.radians(degrees) * (-1.0 if direction == "right" else 1.0)
    text = f"turn {direction} {degrees:g}°"
    return GroundedStep("turn", text, 8.0 + 2.5 * abs(angle) / 0.7, lambda: Turn(angle), _SUCCESS)


SKILL = register_skill(
    Skill(
        verb_words(
            "turn",
            "direction angle object speed",
            "turn|rotate|spin|pivot|swivel|turn to face|face|about turn|about face|swing|bear|revolve|wheel|whirl",
            "转|转身|转动|旋转|转向|左转|右转|掉头|掉个头|调头|面向|面对|朝向|面朝|转个身|转过身|转过身去|"
            "转过身来|转过来|转过去",
            fixed={
                "左转": {"direction": "left"},
                "右转": {"direction": "right"},
                **{phrase: {"direction": "around"} for phrase in (*_AROUND, "about turn", "about face")},
            },
        ),
        "turn left 90 degrees",
        _ground,
        takes=("direction", "angle", "object"),
    )
)
