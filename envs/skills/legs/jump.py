"""jump: both feet off the ground, on the spot or a little way, and land standing."""

from __future__ import annotations

import math

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.render import render_step
from simonsays.envs.moves.behavior import Settled, SkillContext, SkillOutput
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, register_skill
from simonsays.envs.moves.steering import AXES, STILL, Command, seen_from

CLEARANCE = 0.03  # m, both soles at the same time
TOLERANCE = 0.15  # m
_SPEEDS = {"forward": 0.4, "backward": 0.25}  # m/s in flight
_FARTHEST, _MOST = 1.0, 40  # m, jumps
_SMALLEST = 0.02  # m that a jump with a direction must go


class Jump:
    """One jump; with a distance as many as it takes, in one direction of the first heading."""

    def __init__(self, sole_height: float, direction: str | None, distance: float, in_place: bool = False) -> None:
        self._sole, self._distance, self._in_place = sole_height, distance, in_place
        self._axis = AXES[direction] if direction else None
        self._speed = _SPEEDS[direction] if direction else 0.0
        self._origin: tuple[float, float] | None = None
        self._still = Settled()
        self._begun = False
        self._highest, self._jumps = 0.0, 0

    def update(self, ctx: SkillContext) -> SkillOutput:
        if self._origin is None:
            self._origin, self._yaw = ctx.position, ctx.state.yaw
        forward, left = seen_from(self._origin, self._yaw, ctx.position)
        along = forward * self._axis[0] + left * self._axis[1] if self._axis else 0.0
        if ctx.motion == "jump":
            self._begun = True
            self._highest = max(self._highest, min(z for _, _, z in ctx.state.foot_positions) - self._sole)
            return SkillOutput(self._command(along))
        if not self._still.update(ctx):
            return SkillOutput()
        if not self._begun:
            self._jumps += 1
            return SkillOutput(self._command(along), motion="jump")
        return self._judge(along, math.hypot(forward, left))

    def _judge(self, along: float, moved: float) -> SkillOutput:
        if self._highest < CLEARANCE:
            reason = f"the feet rose {100 * self._highest:.1f} cm together, not {100 * CLEARANCE:g}"
            return SkillOutput(status="failure", reason=reason)
        if self._distance - along > TOLERANCE and self._jumps < _MOST:
            self._begun, self._still, self._highest = False, Settled(), 0.0
            return SkillOutput()
        if self._in_place and moved > TOLERANCE:
            return SkillOutput(status="failure", reason=f"it went {moved:.2f} m from its place")
        if self._axis and along < _SMALLEST:
            return SkillOutput(status="failure", reason=f"it went {100 * along:.0f} cm, not the way it was told")
        if self._distance and abs(along - self._distance) > TOLERANCE:
            return SkillOutput(status="failure", reason=f"it went {along:.2f} m, not {self._distance:g} m")
        return SkillOutput(status="success")

    def _command(self, along: float) -> Command:
        if self._axis is None:
            return STILL
        left = self._distance - along if self._distance else 1.0
        speed = self._speed * min(1.0, max(0.3, left / 0.2))
        return (speed * self._axis[0], speed * self._axis[1], 0.0)


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    if step.direction not in (None, *_SPEEDS):
        said = f"'jump {step.direction}'"
        raise GroundingError(f"{said}: it jumps forward and backward only; say to turn before or after it")
    if step.in_place and (step.direction or step.distance_m):
        raise GroundingError("'jump': say on the spot, or where to, not both", "contradiction")
    if step.effort == "gentle":
        message = "I cannot jump gently: I have one jump, which is always as high"
        raise GroundingError(message, "unsupported_skill", suggestions=("jump",))
    distance = step.distance_m or 0.0
    if distance > _FARTHEST:
        raise GroundingError(f"'jump': {distance:g} m is too far; at most {_FARTHEST:g} m", "impossible_amount")
    direction = step.direction or ("forward" if distance else None)
    text = render_step(Step("jump", direction, distance_m=distance or None, in_place=step.in_place))
    if step.effort == "full":
        text += f" as high as it can: its one jump, both soles {100 * CLEARANCE:g} cm up or more"
    success = f"both soles {100 * CLEARANCE:g} cm off the ground at once, and standing after it"
    if distance:
        success += f", {distance:g} m {direction} in all, to within {TOLERANCE:g} m"
    elif direction:
        success += f", moved {direction}"
    elif step.in_place:
        success += f", within {TOLERANCE:g} m of where it began"
    sole = surroundings.robot.gait.sole_height
    limit = 10.0 + (4.0 * distance / 0.05 if distance else 0.0)
    return GroundedStep("jump", text, limit, lambda: Jump(sole, direction, distance, step.in_place), success)


SKILL = register_skill(
    Skill(
        "jump",
        "jump",
        _ground,
        takes=("direction", "distance", "in_place", "effort"),
        motions=("jump",),
        straight=(0.3, 0.3),
        cameras=("side",),
    )
)
