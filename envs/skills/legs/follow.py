"""follow: keep a distance behind a thing that moves, or stay near one that does not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import VIEWER, Step
from simonsays.envs.moves.approach import SOMEBODY, Guide, check_reachable, footprints, ring
from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.envs.moves.pace import fastest, pace, speeds
from simonsays.envs.moves.paths import Footprint
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, called, register_skill
from simonsays.envs.moves.steering import Point, turning_rate
from simonsays.sim.specs import PropSpec

GAP = 0.8
"""m, from the thing's surface to the base, if none is said"""
BAND = 0.35
"""m, more or less"""
SHARE = 0.9
"""of the time after it has caught up, that it must be within the band"""
_NORMAL = {"forward": 15 / 11}  # of GaitSpec.walk_speed, at most
_LONGEST = 30.0  # s, if nothing is said and the thing does not stop before
_NEAREST, _FARTHEST, _MOST = 0.3, 10.0, 120.0  # m, m, s
_STILL, _STOPPED = 0.05, 1.5  # m/s, and s below it after which a thing has stopped
_TOO_FAST = 0.25  # m/s, above a said speed
_SMOOTH = 0.04  # a control step, of velocities


@dataclass(frozen=True)
class Chase:
    """Whom to follow, how near (m from its surface), how fast at most (m/s), and for how long (s)."""

    name: str | Point
    """of the prop, or where somebody stands at first, (x, y) m, world"""
    gap: float
    speed: float
    said: bool
    """the speed is judged"""
    duration: float | None
    """None: until it has stopped, or 30 s"""
    back: float
    """m/s, at most, backward"""


class Follow:
    """Walks after a prop; counts the time in the band once it has caught up."""

    def __init__(self, chase: Chase, props: Mapping[str, PropSpec]) -> None:
        self._chase, self._props = chase, props
        self._guide = Guide(chase.speed, props)
        self._place: tuple[float, float] | None = None
        self._velocity, self._own, self._fastest = (0.0, 0.0), 0.0, 0.0
        self._still = self._since = self._within = 0.0
        self._caught = False

    def update(self, ctx: SkillContext) -> SkillOutput:
        shapes, name = footprints(self._props, ctx), self._chase.name
        target = shapes[name] if isinstance(name, str) else Footprint(ctx.viewer or name, rounding=SOMEBODY)
        self._measure(ctx, target.centre)
        here = ctx.position
        excess = target.distance(here) - self._chase.gap
        self._caught = self._caught or abs(excess) <= BAND / 2
        if self._caught:
            self._since += ctx.dt
            self._within += ctx.dt * (abs(excess) <= BAND)
            if self._over():
                return self._judge(excess)
        others = [shape for shape in shapes.values() if shape is not target]
        if excess > BAND:
            goals = ring(target, self._chase.gap, here, others)
            speed = self._along(target.centre, here) + 0.9 * excess
            return self._guide.walk(ctx, goals, list(shapes.values()), min(self._chase.speed, max(0.15, speed)))
        return SkillOutput(self._keep(ctx, target.centre, excess))

    def _measure(self, ctx: SkillContext, place: tuple[float, float]) -> None:
        """Filtered velocity of the prop (m/s, world) and speed of the robot."""
        before = self._place or place
        moved = ((place[0] - before[0]) / ctx.dt, (place[1] - before[1]) / ctx.dt)
        vx, vy = self._velocity
        self._velocity = vx + _SMOOTH * (moved[0] - vx), vy + _SMOOTH * (moved[1] - vy)
        self._place = place
        self._still = self._still + ctx.dt if math.hypot(*self._velocity) < _STILL else 0.0
        self._own += _SMOOTH * (math.hypot(*ctx.state.base_linear_velocity[:2]) - self._own)
        self._fastest = max(self._fastest, self._own)

    def _along(self, place: tuple[float, float], here: tuple[float, float]) -> float:
        """m/s, at which the prop moves away from the robot."""
        away = math.dist(place, here) or 1.0
        return (self._velocity[0] * (place[0] - here[0]) + self._velocity[1] * (place[1] - here[1])) / away

    def _keep(self, ctx: SkillContext, place: tuple[float, float], excess: float) -> tuple[float, float, float]:
        """Within the band: as fast as the prop goes away, facing it."""
        bearing = ctx.bearing(place)
        along = self._along(place, ctx.position)
        wanted = along + 0.9 * excess
        if abs(wanted) < 0.12 and abs(along) < _STILL:
            wanted = 0.0
        rate = turning_rate(bearing) if abs(bearing) > math.radians(6) else 0.0
        speed = max(-self._chase.back, min(self._chase.speed, wanted))
        return (speed * max(0.0, math.cos(bearing)), 0.0, rate)

    def _over(self) -> bool:
        if self._chase.duration is not None:
            return self._since >= self._chase.duration
        return self._since >= _LONGEST or (self._still >= _STOPPED and self._since >= _STOPPED)

    def _judge(self, excess: float) -> SkillOutput:
        share = self._within / self._since
        reason = ""
        if abs(excess) > BAND:
            reason = f"ended {self._chase.gap + excess:.2f} m from it, not {self._chase.gap:g} m"
        elif share < SHARE:
            reason = f"was near it for {share:.0%} of the time"
        elif self._chase.said and self._fastest > self._chase.speed + _TOO_FAST:
            reason = f"went at {self._fastest:.2f} m/s, not at most {self._chase.speed:.2f} m/s"
        return SkillOutput(status="failure", reason=reason) if reason else SkillOutput(status="success")


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    target, goal = surroundings.target, surroundings.goal
    if target is None and (goal is None or step.object is None or step.object.type != VIEWER):
        raise GroundingError("'follow' needs an object of the scene", "no_such_object")
    gap, duration = step.distance_m or GAP, step.duration_s
    if not _NEAREST <= gap <= _FARTHEST:
        message = f"'follow': {gap:g} m is impossible; {_NEAREST:g} to {_FARTHEST:g} m"
        raise GroundingError(message, "impossible_amount")
    if duration is not None and duration > _MOST:
        raise GroundingError(f"'follow': {duration:g} s is too long; at most {_MOST:g} s", "impossible_amount")
    limits = fastest(surroundings.robot)
    chosen = pace(speeds(surroundings.robot, _NORMAL), "forward", step.speed, limits)
    said, whom = called(step.object, surroundings.target), target or goal
    assert whom is not None
    check_reachable(surroundings, whom, gap, said)
    props = surroundings.by_name
    text = f"follow {said}" + (f" {gap:g} m behind it" if step.distance_m else "")
    text += {"slow": " slowly", "fast": " quickly"}.get(str(step.speed), "")
    text += (f" for {duration:g} s" if duration else "") + chosen.note
    until = f"{duration:g} s long" if duration else f"until it has stopped, or {_LONGEST:g} s"
    success = (
        f"{gap:g} m from its surface, {BAND:g} m more or less, for {SHARE:.0%} of the time after it has caught up, "
        f"{until}, and at the end"
    )
    if chosen.said:
        success += f"; no faster than {chosen.speed:g} m/s, {_TOO_FAST:g} m/s more or less"
    place = whom.position[:2] if isinstance(whom, PropSpec) else whom
    distance = math.dist(place, surroundings.robot_position)
    limit = 25.0 + 3.0 * (distance + 6.0) / chosen.speed + (duration or _LONGEST)
    named = whom.name if isinstance(whom, PropSpec) else whom
    chase = Chase(named, gap, chosen.speed, chosen.said, duration, limits["backward"])
    return GroundedStep("follow", text, limit, partial(Follow, chase, props), success, tracks=target is None)


SKILL = register_skill(
    Skill(
        "follow",
        "follow the red ball",
        _ground,
        takes=("object", "speed", "distance", "duration"),
        walks_up=True,
        looks_like="go_to",
        cameras=("follow", "side"),
    )
)
