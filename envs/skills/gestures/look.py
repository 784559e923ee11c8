"""look: the torso faces a direction or a thing; the base turns only where the waist does not reach."""

from __future__ import annotations

import math

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.behavior import Behavior, InOrder, SkillContext, SkillOutput
from simonsays.envs.moves.gestures.roles import Turning, joint_of
from simonsays.envs.moves.poses import Glide, Held
from simonsays.envs.moves.skill import (
    GroundedStep,
    GroundingError,
    Skill,
    Surroundings,
    called,
    held_seconds,
    register_skill,
)
from simonsays.envs.moves.steering import Point, clip
from simonsays.sim.rotations import wrap_angle

TOLERANCE = math.radians(10)
_REACH = math.radians(70)  # of the waist alone
_TURNED = math.radians(45)  # where the waist does the rest, once the base turns
_ASIDE_DEG = 60.0  # "look left"
_SECONDS, _HOLD = 0.9, 0.7


@dataclass(frozen=True)
class Gaze:
    """What is looked at: a prop by its name, a place (x, y) m, world, or an angle (rad) from straight ahead."""

    goal: str | Point | float
    turns: bool
    """the base may turn for it"""
    height: float = 0.0
    """m, of a place above the ground, where it matters"""

    def bearing(self, ctx: SkillContext, first_yaw: float) -> float:
        """rad, left positive, from straight ahead of the base, now."""
        if isinstance(self.goal, float):
            # Where the base goes its own way, left is left of wherever it is heading.
            return wrap_angle(first_yaw + self.goal - ctx.state.yaw) if self.turns else self.goal
        return ctx.bearing(ctx.place_of(self.goal))


class Look:
    """Faces what is looked at for ``hold`` s without a break, then the waist goes back to the middle."""

    def __init__(self, waist: Turning, gaze: Gaze, hold: float) -> None:
        self._waist, self._gaze, self._hold, self._held = waist, gaze, hold, Held()
        self._there, self._back = Glide(_SECONDS), Glide(_SECONDS)
        self._first_yaw: float | None = None
        self._turning = self._seen = False

    def update(self, ctx: SkillContext) -> SkillOutput:
        if self._seen:
            targets = self._back.update(ctx, self._waist.to(0.0))
            return SkillOutput(
                joint_targets={} if self._back.done else targets, status="success" if self._back.done else "running"
            )
        if self._first_yaw is None:
            self._first_yaw = ctx.state.yaw
        bearing = self._gaze.bearing(ctx, self._first_yaw)
        if self._gaze.turns:
            self._turning = abs(bearing) > (_TURNED if self._turning else _REACH)
        rate = math.copysign(0.6, bearing) if self._turning else 0.0
        # Straight behind is left and right at once: while the base turns, the waist leads the way.
        targets = self._there.update(ctx, self._waist.to(clip(bearing, _REACH)))
        faces = abs(wrap_angle(bearing - self._waist.sign * ctx.joint(self._waist.name))) <= TOLERANCE
        self._seen = self._held.update(faces and not self._turning, ctx.dt) >= self._hold
        return SkillOutput((0.0, 0.0, rate), joint_targets=targets)


def _angles(step: Step) -> list[float]:
    """rad from straight ahead: where to look, one after the other."""
    if step.direction == "around":
        if step.angle_deg is not None:
            raise GroundingError("'look around': leave the angle out, or say left or right", "contradiction")
        return [math.radians(_ASIDE_DEG), -math.radians(_ASIDE_DEG)]
    if step.direction is None and step.angle_deg is None:
        raise GroundingError("'look' needs something to look at, or a direction: left, right, around, behind you")
    if step.direction in ("forward", "backward"):
        if step.angle_deg is not None:
            raise GroundingError(f"'look {step.direction}' has no angle: say left or right", "contradiction")
        return [math.pi if step.direction == "backward" else 0.0]
    degrees = step.angle_deg or _ASIDE_DEG
    if degrees > 180:
        raise GroundingError(f"'look': {degrees:g} degrees is too much; at most 180", "impossible_amount")
    return [math.radians(degrees) * (-1.0 if step.direction == "right" else 1.0)]


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    hold, free = held_seconds(step, _HOLD), not surroundings.legs_taken
    waist = joint_of(surroundings.robot, "waist_yaw")
    assert waist is not None  # who has none is refused before
    if step.object is not None:
        if step.direction is not None or step.angle_deg is not None:
            raise GroundingError("'look': say a direction or what to look at, not both", "contradiction")
        goal = surroundings.goal if surroundings.target is None else surroundings.target.name
        assert goal is not None
        gazes = [Gaze(goal, free)]
        text = f"look at {called(step.object, surroundings.target)}"
    else:
        angles = _angles(step)
        gazes = [Gaze(angle, free and abs(angle) > _REACH) for angle in angles]
        if not free and max(map(abs, angles)) > _REACH:
            message = f"'look': the waist alone turns {math.degrees(_REACH):.0f}°, and the legs do something else"
            raise GroundingError(message, "contradiction")
        text = f"look {step.direction or 'left'}" + (f" {step.angle_deg:g}°" if step.angle_deg else "")

    def start() -> Behavior:
        return InOrder(*(Look(waist, gaze, hold) for gaze in gazes))

    success = f"the torso faces it, to within {math.degrees(TOLERANCE):.0f}°, for {hold:g} s"
    limit = 15.0 + len(gazes) * (hold + 2 * _SECONDS)
    return GroundedStep("look", text, limit, start, success, legs=any(gaze.turns for gaze in gazes))


SKILL = register_skill(
    Skill(
        "look",
        "look at the red ball",
        _ground,
        ("waist_yaw",),
        takes=("direction", "object", "angle", "duration"),
        legs=False,
        stays=True,
        faces=True,
        looks_like="turn",
        cameras=("close-up",),
    )
)
