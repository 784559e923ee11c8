"""turn: left, right or around, by an angle or for a time, or to face a thing or a place; on the spot."""

from __future__ import annotations

import math
from collections.abc import Callable

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import Behavior, InOrder, Settled, SkillContext, SkillOutput
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, called, register_skill
from simonsays.envs.moves.steering import BEARINGS, Point, clip, seen_from
from simonsays.sim.rotations import wrap_angle

TOLERANCE = math.radians(6)
STRAYED = 0.3  # m, from where it began
RATES = {"slow": 0.4, "normal": 0.7, "fast": 1.0}  # rad/s
_FAR, _LONG_RATE = math.radians(120), 1.1  # rad/s of a turn that is as long, where nothing is said of how fast
_SLOWS = 3.0  # rad/s a rad that is left
RATE_TOLERANCE = 0.2  # a share of the rate in the middle of the turn
_NEAR = 0.03  # rad
_SMOOTH, _SETTLES = 0.06, 1.0  # a control step, of what is left: closing feet turn it to and fro; s, for that
_GOOD, _TRIES = math.radians(5), 3  # it corrects what is worse than this, and is content with the tolerance at last
_MIDDLE = math.radians(45)  # the shortest middle whose rate is judged
_TOO_NEAR = 0.15  # m: what stands that near is in no direction
_MOST_DEG, _LONGEST = 1080.0, 60.0


class Turn:
    """Turns by an angle (rad, left positive) that may be more than a full turn, and stays at its place.

    With a prop's name or a place (x, y), world, it turns to face that, the short way. ``duration``: s, after which it
    stops wherever it is, in the direction of ``angle``. ``said``: the rate (rad/s) is judged.
    """

    def __init__(
        self,
        angle: float,
        rate: float = RATES["normal"],
        facing: str | Point | None = None,
        duration: float | None = None,
        said: bool = False,
    ) -> None:
        self._angle, self._turned, self._facing = angle, 0.0, facing
        self._rate, self._duration, self._said = rate, duration, said
        self._last: float | None = None
        self._tries, self._error = 0, 0.0
        self._resting: Settled | None = None
        self._middle: list[tuple[float, float]] = []  # (s, rad), where it began and ended

    def update(self, ctx: SkillContext) -> SkillOutput:
        yaw = ctx.state.yaw
        if self._last is None:
            self._last, self._began = yaw, ctx.time
            self._place = ctx.state.base_position[:2]
            if self._facing is not None and not self._face(ctx):
                return SkillOutput(status="failure", reason="it stands on what it should face")
        self._turned += wrap_angle(yaw - self._last)
        self._last = yaw
        remaining = self._remaining(ctx.time)
        if self._resting is not None:
            self._error += _SMOOTH * (remaining - self._error)
            if not self._resting.update(ctx):
                return SkillOutput()
            self._tries += 1
            near = TOLERANCE if self._tries >= _TRIES else _GOOD
            if self._duration is not None or abs(self._error) <= near:
                reason = self._missed(ctx)
                return SkillOutput(status="failure", reason=reason) if reason else SkillOutput(status="success")
            self._resting = None
        elif abs(remaining) < _NEAR:
            self._resting, self._error = Settled(limit=_SETTLES), remaining
            return SkillOutput()
        rate = math.copysign(min(self._rate, max(0.25, _SLOWS * abs(remaining))), remaining)
        if abs(rate) == self._rate and ctx.time - self._began > 0.7 and self._resting is None:
            self._middle[1:] = [(ctx.time, self._turned)]
        back_x, back_y = seen_from(ctx.position, yaw, self._place)
        return SkillOutput((clip(0.8 * back_x, 0.15), clip(0.8 * back_y, 0.15), rate))

    def _face(self, ctx: SkillContext) -> bool:
        """Find the angle to what is to be faced; False where there is none."""
        assert self._facing is not None
        there = ctx.place_of(self._facing)
        self._angle = ctx.bearing(there)
        return math.dist(there, self._place) >= _TOO_NEAR

    def _remaining(self, time: float) -> float:
        """rad, still to turn."""
        if self._duration is None:
            return self._angle - self._turned
        left = self._duration - (time - self._began)
        return math.copysign(max(0.0, left), self._angle)

    def _missed(self, ctx: SkillContext) -> str:
        """What is wrong with how it turned, or nothing."""
        strayed = math.dist(ctx.state.base_position[:2], self._place)
        if strayed > STRAYED:
            return f"strayed {strayed:.2f} m from its place"
        if self._duration is not None and self._turned * self._angle <= 0.0:
            return "did not turn the way it was told"
        if self._said and self._middle:
            (began, here), (ended, there) = self._middle[0], self._middle[-1]
            rate = abs(there - here) / max(ended - began, 1e-6)
            if abs(there - here) >= _MIDDLE and abs(rate - self._rate) > RATE_TOLERANCE * self._rate:
                return f"turned at {rate:.2f} rad/s, not {self._rate:.2f}"
        return ""


def _rate(step: Step) -> float:
    if isinstance(step.speed, int | float):
        message = "'turn': metres per second are no speed of a turn; say slowly or quickly"
        raise GroundingError(message, "unsupported_skill", suggestions=("slowly", "quickly"))
    return RATES[step.speed or "normal"]


def _success(rate: float, said: bool, end: str) -> str:
    text = f"at rest {end}, within {STRAYED:g} m of where it began"
    return text + (f", at {rate:g} rad/s in the middle, within {RATE_TOLERANCE:.0%}" if said else "")


def said_bearing(step: Step) -> float:
    """rad from straight ahead, left positive: where the direction of a step lies, from where it starts.

    Raises:
        GroundingError: "around" is no such direction.
    """
    direction = step.direction or "forward"
    if direction not in BEARINGS:
        message = f"'{step.verb.replace('_', ' ')} around' has no direction: say forward, left, right or backward"
        raise GroundingError(message, "contradiction")
    return BEARINGS[direction]


def turned_first(
    step: Step, surroundings: Surroundings, behavior: Callable[[], Behavior]
) -> tuple[Callable[[], Behavior], bool, str]:
    """``behavior`` made to face the step's object or direction first, whether that moves the base, and a caption.

    Raises:
        GroundingError: both are said.
    """
    if step.object is None and step.direction in (None, "forward"):
        return behavior, False, ""
    if step.object is None:
        bearing = said_bearing(step)
        return lambda: InOrder(Turn(bearing), behavior()), True, f" {step.direction}"
    if step.direction is not None:
        verb = step.verb.replace("_", " ")
        raise GroundingError(f"{verb!r}: say a direction or an object, not both", "contradiction")
    facing = surroundings.goal if surroundings.target is None else surroundings.target.name
    return (
        lambda: InOrder(Turn(0.0, facing=facing), behavior()),
        True,
        f" to {called(step.object, surroundings.target)}",
    )


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    rate, said = _rate(step), step.speed is not None
    manner = {"slow": " slowly", "fast": " quickly"}.get(str(step.speed), "")
    within = f"within {math.degrees(TOLERANCE):.0f}°"
    if step.object is not None:
        if step.direction is not None or step.angle_deg is not None or step.duration_s is not None:
            raise GroundingError("'turn': say a direction or what to face, not both", "contradiction")
        target, place = surroundings.target, surroundings.goal
        facing, name = place if target is None else target.name, called(step.object, surroundings.target)
        success = _success(rate, said, f"with the heading towards it, {within}")
        return GroundedStep(
            "turn", f"turn to face {name}{manner}", 25.0, lambda: Turn(0.0, rate, facing, None, said), success
        )
    direction = step.direction or "left"
    if direction in ("forward", "backward"):
        raise GroundingError(f"'turn {direction}' is no turn: say left, right or around", "contradiction")
    sign = -1.0 if direction == "right" else 1.0
    if step.duration_s is not None:
        return _for_a_time(step, direction, sign, rate, manner)
    degrees = step.angle_deg or (180.0 if direction == "around" else 90.0)
    if degrees > _MOST_DEG:
        raise GroundingError(f"'turn': {degrees:g} degrees is too much; at most {_MOST_DEG:g}", "impossible_amount")
    angle = math.radians(degrees) * sign
    if not said and abs(angle) >= _FAR:
        rate = _LONG_RATE
    text = f"turn {direction} {degrees:g}°{manner}"
    success = _success(rate, said, f"with the heading turned, {within}")
    return GroundedStep("turn", text, 8.0 + 2.5 * abs(angle) / rate, lambda: Turn(angle, rate, said=said), success)


def _for_a_time(step: Step, direction: str, sign: float, rate: float, manner: str) -> GroundedStep:
    duration = step.duration_s
    if step.angle_deg is not None:
        raise GroundingError("'turn': say an angle or a time, not both", "contradiction")
    assert duration is not None
    if duration > _LONGEST:
        raise GroundingError(f"'turn': {duration:g} s is too long; at most {_LONGEST:g} s", "impossible_amount")
    text = f"turn {direction} for {duration:g} s{manner}"
    success = _success(rate, step.speed is not None, f"after {duration:g} s of turning {direction}")
    return GroundedStep(
        "turn", text, duration + 10.0, lambda: Turn(sign, rate, None, duration, step.speed is not None), success
    )


SKILL = register_skill(
    Skill(
        "turn",
        "turn left 90 degrees",
        _ground,
        takes=("direction", "angle", "object", "speed", "duration"),
        goal="heading",
        faces=True,
        cameras=("orbit",),
    )
)
