"""Ways through: a door, a goal, or the gap between two things; and whether something went through."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import Step
from simonsays.envs.language.render import render_step
from simonsays.envs.moves.approach import CLEARANCES, NO_WAY, find_way, footprints
from simonsays.envs.moves.behavior import Behavior, SkillContext, SkillOutput
from simonsays.envs.moves.pace import fastest, pace
from simonsays.envs.moves.paths import line_distance
from simonsays.envs.moves.pursuit import END, OFF, Pursuit, Route
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Surroundings
from simonsays.envs.moves.steering import Point
from simonsays.sim.specs import PropSpec

_BEFORE, _BEHIND = 0.7, (0.9, 0.7, 0.5)  # m, before its middle, and behind it: the first of them that is free
_NARROWEST = 2 * CLEARANCES[1]


@dataclass(frozen=True)
class Mouth:
    """What one goes through: between two points (x, y) m, world."""

    left: Point
    right: Point

    @property
    def middle(self) -> Point:
        """(x, y) m, world."""
        return (self.left[0] + self.right[0]) / 2, (self.left[1] + self.right[1]) / 2

    @property
    def width(self) -> float:
        """m."""
        return math.dist(self.left, self.right)

    @property
    def axis(self) -> Point:
        """Unit vector of the way through it."""
        (ax, ay), (bx, by) = self.left, self.right
        return (ay - by) / self.width, (bx - ax) / self.width

    def side(self, point: Point) -> float:
        """m, that a point is beyond it along its axis; negative: before it."""
        (x, y), (u, v) = self.middle, self.axis
        return (point[0] - x) * u + (point[1] - y) * v

    def crossed(self, before: Point, now: Point) -> bool:
        """Whether one went through it from one point to the next, either way."""
        a, b = self.side(before), self.side(now)
        if a * b > 0.0 or a == b:
            return False
        share = a / (a - b)
        place = (before[0] + share * (now[0] - before[0]), before[1] + share * (now[1] - before[1]))
        return math.dist(place, self.middle) <= self.width / 2


def mouth(prop: PropSpec, place: Point | None = None) -> Mouth | None:
    """That of a prop that one goes through, where the scene has it or at a place; None: it is none."""
    if prop.gate is None:
        return None
    (x, y), yaw = place or (prop.position[0], prop.position[1]), math.radians(prop.yaw_deg)
    aside = (-0.5 * prop.gate * math.sin(yaw), 0.5 * prop.gate * math.cos(yaw))
    return Mouth((x + aside[0], y + aside[1]), (x - aside[0], y - aside[1]))


def gap(one: PropSpec, other: PropSpec, places: tuple[Point, Point]) -> Mouth:
    """The gap between two things that are at these places: between the points of them that face each other."""
    (ax, ay), (bx, by) = places
    away = math.dist(*places) or 1.0
    near, far = min(one.radius / away, 0.5), max(1.0 - other.radius / away, 0.5)
    return Mouth(*((ax + share * (bx - ax), ay + share * (by - ay)) for share in (near, far)))


class Through:
    """Goes along a way, and must have come through a mouth on it."""

    def __init__(self, inner: Behavior, found: Mouth) -> None:
        self._inner, self._mouth = inner, found
        self._before: Point | None = None
        self._through = False

    def update(self, ctx: SkillContext) -> SkillOutput:
        before, self._before = self._before or ctx.position, ctx.position
        self._through = self._through or self._mouth.crossed(before, ctx.position)
        output = self._inner.update(ctx)
        if output.status == "success" and not self._through:
            return SkillOutput(status="failure", reason="did not come through")
        return output


def through_step(step: Step, surroundings: Surroundings, normal: Mapping[str, float], least: float) -> GroundedStep:
    """A step through a gate, or between two things; ``normal`` and ``least`` as for a line.

    Raises:
        GroundingError: there is no way through it, or it is too narrow.
    """
    path, target, marks = step.path, surroundings.target, surroundings.marks
    for slot in ("direction", "distance_m", "steps", "duration_s"):
        if getattr(step, slot) is not None:
            message = f"{step.verb!r}: of a way through something say neither how far nor which way"
            raise GroundingError(message, "contradiction")
    if path is not None and (path.side or path.angle_deg or path.radius_m):
        raise GroundingError(f"{step.verb!r}: a way through something is straight", "contradiction")
    if target is None and len(marks) < 2:
        message = f"{step.verb!r}: name what it is to go through, a door, a goal or two things"
        raise GroundingError(message, "no_such_object")
    found = mouth(target) if target is not None else None
    if target is None:
        one, other = marks
        found = gap(one, other, ((one.position[0], one.position[1]), (other.position[0], other.position[1])))
    if found is None:
        raise GroundingError(f"{step.verb!r}: nothing leads through the {target and target.name}", "unsupported_skill")
    if found.width < _NARROWEST:
        message = f"{step.verb!r}: it is {found.width:.2f} m wide, and I need {_NARROWEST:g} m"
        raise GroundingError(message, "impossible_amount")
    chosen = pace(normal, "forward", step.speed, fastest(surroundings.robot), least)
    props = surroundings.by_name
    slow = 1.2 * chosen.speed + 0.1 if step.speed == "slow" or isinstance(step.speed, float | int) else math.inf
    lay, judged = partial(_lay, found, props), (0.8 * chosen.speed if step.speed == "fast" else 0.0, slow)
    length = math.dist(found.middle, surroundings.robot_position) + 4.0
    return GroundedStep(
        step.verb,
        render_step(Step(step.verb, object=step.object, path=step.path, speed=step.speed, style=step.style))
        + chosen.note,
        30.0 + 4.0 * length / chosen.speed,
        lambda: Through(Pursuit(lay, chosen.speed, None, judged), found),
        f"it came through, between what stands there; never more than {OFF:g} m off its way, at rest within {END:g} m "
        "of its end",
    )


def _lay(found: Mouth, props: Mapping[str, PropSpec], ctx: SkillContext) -> Route | str:
    """To a point before it, through its middle, and on as far as is free."""
    shapes, here, (x, y), (u, v) = footprints(props, ctx), ctx.position, found.middle, found.axis
    sign = -1.0 if found.side(here) > 0.0 else 1.0
    entry = (x - sign * _BEFORE * u, y - sign * _BEFORE * v)
    lead = find_way(here, [entry], list(shapes.values()))
    if lead is None:
        return NO_WAY
    for more in _BEHIND:
        end = (x + sign * more * u, y + sign * more * v)
        if all(line_distance(shape, entry, end) >= CLEARANCES[1] - 0.02 for shape in shapes.values()):
            return Route((*lead, end))
    return "what stands behind it leaves no room"
