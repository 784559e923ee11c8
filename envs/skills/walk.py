"""walk: a distance, a number of steps or a time in a straight line, forward, backward or sideways."""

from __future__ import annotations

import math

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.render import render_step
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
    hold_heading,
    register_skill,
    to_heading,
)

_AXES = {"forward": (1.0, 0.0), "backward": (-1.0, 0.0), "left": (0.0, 1.0), "right": (0.0, -1.0)}
_SPEEDS = {"forward": 0.55, "backward": 0.25, "left": 0.2, "right": 0.2}  # m/s, normal
_FACTORS = {"slow": 0.6, "normal": 1.0, "fast": 1.4}
_FASTEST = {"forward": 0.75, "backward": 0.28, "left": 0.24, "right": 0.24}
_DEFAULT_DISTANCE = 1.0  # m, when nothing is said
_FARTHEST, _LONGEST, _MOST = 50.0, 120.0, 200
TOLERANCE = 0.15  # m
_NEAR = 0.05  # m, where it stops to look whether it has arrived


def walking_speed(direction: str, said: str | float | None) -> float:
    """m/s for a direction and a said speed: slow, normal, fast, m/s or None."""
    speed = said if isinstance(said, float | int) else _SPEEDS[direction] * _FACTORS[said or "normal"]
    return min(float(speed), _FASTEST[direction])


class Walk:
    """Follows the line through the start along the first heading, by distance, time or counted steps."""

    def __init__(self, direction: str, speed: float, distance: float, duration: float, steps: int) -> None:
        self._axis, self._speed = _AXES[direction], speed
        self._distance, self._duration, self._wanted_steps = distance, duration, steps
        self._origin: tuple[float, float] | None = None
        self._resting: Settled | None = None
        self._arrived = False

    def _begin(self, ctx: SkillContext) -> None:
        self._origin = ctx.state.base_position[:2]
        self._yaw, self._started = ctx.state.yaw, ctx.time
        self._contacts, self._steps = ctx.state.foot_contacts, 0

    def update(self, ctx: SkillContext) -> SkillOutput:
        if self._origin is None:
            self._begin(ctx)
        assert self._origin is not None
        self._count_steps(ctx)
        x, y, _ = ctx.state.base_position
        forward, left = to_heading((x - self._origin[0], y - self._origin[1]), self._yaw)
        along = forward * self._axis[0] + left * self._axis[1]
        across = left * self._axis[0] - forward * self._axis[1]
        if self._resting is not None:
            return self._rest(ctx, along)
        if self._is_there(ctx, along):
            self._resting = Settled()
            return SkillOutput()
        speed = self._speed
        if self._distance:
            remaining = self._distance - along
            speed = math.copysign(max(0.1, min(speed, 0.9 * abs(remaining))), remaining)
        sideways = clip(-0.8 * across, 0.15)
        error = ctx.state.yaw - self._yaw
        vx, vy = to_heading(
            (
                speed * self._axis[0] - sideways * self._axis[1],
                speed * self._axis[1] + sideways * self._axis[0],
            ),
            error,
        )
        return SkillOutput((vx, vy, hold_heading(ctx.state.yaw, self._yaw)))

    def _count_steps(self, ctx: SkillContext) -> None:
        contacts = ctx.state.foot_contacts
        self._steps += sum(now and not before for now, before in zip(contacts, self._contacts, strict=True))
        self._contacts = contacts

    def _is_there(self, ctx: SkillContext, along: float) -> bool:
        if self._distance:
            return abs(self._distance - along) < _NEAR
        if self._wanted_steps:
            return self._steps >= self._wanted_steps
        return ctx.time - self._started >= self._duration

    def _rest(self, ctx: SkillContext, along: float) -> SkillOutput:
        assert self._resting is not None
        if not self._resting.update(ctx):
            return SkillOutput()
        if self._distance and abs(self._distance - along) > TOLERANCE:
            self._resting = None  # it was carried past its mark, or pushed: walk on
            return SkillOutput()
        if not self._distance and along <= 0.0:
            return SkillOutput(status="failure", reason="did not move the way it was told")
        return SkillOutput(status="success")


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    if step.direction == "around":
        raise GroundingError("'walk around' needs a direction: forward, backward, left or right")
    said = [s for s in (step.distance_m, step.duration_s, step.steps) if s is not None]
    if len(said) > 1:
        raise GroundingError(
            "'walk': say a distance, a number of steps or a time, not several of them", "contradiction"
        )
    for value, most, unit in (
        (step.distance_m, _FARTHEST, "m"),
        (step.duration_s, _LONGEST, "s"),
        (step.steps, _MOST, "steps"),
    ):
        if value is not None and value > most:
            raise GroundingError(f"'walk': {value:g} {unit} is too much; at most {most:g} {unit}", "impossible_amount")
    direction = step.direction or "forward"
    distance = step.distance_m or (0.0 if said else _DEFAULT_DISTANCE)
    duration, steps = step.duration_s or 0.0, step.steps or 0
    speed = walking_speed(direction, step.speed)
    nominal = distance / speed + duration + steps * 0.36
    return GroundedStep(
        "walk",
        render_step(Step("walk", direction, distance_m=distance or None, steps=step.steps, duration_s=step.duration_s)),
        10.0 + 2.5 * nominal,
        lambda: Walk(direction, speed, distance, duration, steps),
        _success(distance, duration, steps, direction),
    )


def _success(distance: float, duration: float, steps: int, direction: str) -> str:
    if distance:
        return f"at rest within {TOLERANCE:g} m of {distance:g} m {direction}"
    amount = f"{steps} touchdowns of the feet" if steps else f"{duration:g} s of walking"
    return f"at rest after {amount}, and moved {direction}"


SKILL = register_skill(
    Skill(
        verb_words(
            "walk",
            "direction distance steps speed",
            "walk|go|move|march|stroll|head|stride|travel|advance|proceed|back up|back away|back off|reverse|retreat|"
            "strafe|amble|saunter|wander|mosey|plod|trudge|pace|tread|trek|hike|parade|scoot|shuffle|shift|sidle|inch|"
            "(go for|take|have) a (walk|stroll|wander|little walk)|go walking|(carry|press|push|keep) on|keep going|"
            "walk (on|along)|move (on|along)",
            "走|走路|行走|移动|前进|后退|倒退|倒车|走动|步行|退",
            with_object="go_to",
            fixed={
                "advance": {"direction": "forward"},
                "back up": {"direction": "backward"},
                "back away": {"direction": "backward"},
                "back off": {"direction": "backward"},
                "reverse": {"direction": "backward"},
                "retreat": {"direction": "backward"},
                "前进": {"direction": "forward"},
                "后退": {"direction": "backward"},
                "退": {"direction": "backward"},
                "倒退": {"direction": "backward"},
                "倒车": {"direction": "backward"},
            },
        ),
        "walk forward two metres",
        _ground,
        takes=("direction", "distance", "steps", "duration", "speed"),
    )
)
