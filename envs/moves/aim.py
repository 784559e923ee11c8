"""Which way a thing is to be moved, whether it can be, and where the robot stands to do it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from simonsays.envs.language.instruction import ROBOT, Step
from simonsays.envs.moves.behavior import SkillContext
from simonsays.envs.moves.paths import footprint, line_distance
from simonsays.envs.moves.skill import GroundingError, Surroundings
from simonsays.envs.moves.steering import BEARINGS, Point, seen_from
from simonsays.sim.specs import PropSpec

_ROOM = 0.36  # m, from another thing's surface to the base where it stands
_LANE = 0.03  # m, between the surfaces of the thing on its way and another
_TRIES = tuple(math.radians(sign * turn) for turn in range(0, 181, 15) for sign in (1, -1))


@dataclass(frozen=True)
class Aim:
    """Towards a thing (its name) or a place, or in a direction; neither: away from the robot.

    Left, right and backward are seen from the robot as it stands when the step begins.
    """

    direction: str | None = None
    towards: str | Point | None = None

    @property
    def free(self) -> bool:
        """Any direction will do, the robot's way to the thing first: it faces where the thing goes."""
        return self.towards is None and self.direction in (None, "forward")

    def goal(self, ctx: SkillContext) -> Point | None:
        """(x, y) m of what it is aimed at now, if that is a thing or a place."""
        return None if self.towards is None else ctx.place_of(self.towards)


@dataclass(frozen=True)
class Way:
    """The straight way of a thing from where it is: (x, y) m, world, and rad."""

    start: Point
    yaw: float

    def point(self, distance: float) -> Point:
        """(x, y) m, ``distance`` along the way; negative: behind the thing."""
        return self.start[0] + distance * math.cos(self.yaw), self.start[1] + distance * math.sin(self.yaw)

    def measure(self, place: Point) -> tuple[float, float]:
        """(along, to the left) m: where a place is on the way."""
        return seen_from(self.start, self.yaw, place)


def choose_way(
    ctx: SkillContext, thing: str, aim: Aim, distance: float, stand_off: float, props: Mapping[str, PropSpec]
) -> Way | str:
    """The way on which a thing goes ``distance`` m with the robot ``stand_off`` m behind it, or what is in the way.

    Where any direction will do, it is the free one nearest to the robot's own way to the thing.
    """
    start, goal, here = ctx.place_of(thing), aim.goal(ctx), ctx.position
    away = math.atan2(start[1] - here[1], start[0] - here[0])
    if goal is not None:
        yaw = math.atan2(goal[1] - start[1], goal[0] - start[0])
        distance = math.dist(start, goal)
    else:
        yaw = away if aim.free else ctx.state.yaw + BEARINGS[str(aim.direction)]
    ways = [Way(start, yaw + turn) for turn in (_TRIES if aim.free else (0.0,))]
    hindrances = [_hindrance(ctx, way, thing, aim.towards, distance, stand_off, props) for way in ways]
    for way, hindrance in zip(ways, hindrances, strict=True):
        if hindrance is None:
            return way
    return str(hindrances[0])


def _hindrance(
    ctx: SkillContext,
    way: Way,
    thing: str,
    towards: str | Point | None,
    distance: float,
    stand_off: float,
    props: Mapping[str, PropSpec],
) -> str | None:
    for name, prop in props.items():
        if name == thing:
            continue
        shape = footprint(prop, ctx.place_of(name))
        if line_distance(shape, way.point(-stand_off), way.start) < _ROOM:
            return name
        if name != towards and line_distance(shape, way.start, way.point(distance)) < props[thing].radius + _LANE:
            return name
    return None


def grounded_aim(step: Step, surroundings: Surroundings) -> tuple[PropSpec, Aim]:
    """The thing that a step moves, and where to.

    Raises:
        GroundingError: no thing is said, or it is a place; or it is to go towards itself, around, or both in a
            direction and to something.
    """
    thing, verb = surroundings.target, step.verb
    if thing is None:
        raise GroundingError(f"{verb!r} needs a thing of the scene: a ball, a box or a cone", "no_such_object")
    if step.direction == "around":
        raise GroundingError(f"{verb!r} needs a direction: forward, backward, left or right")
    towards = surroundings.target2.name if surroundings.target2 is not None else surroundings.goal2
    if towards is not None and step.direction is not None:
        message = f"{verb!r}: say a direction or where to, not both"
        raise GroundingError(message, "contradiction")
    if towards == thing.name:
        raise GroundingError(f"{verb!r}: the {thing.name} cannot go to itself", "contradiction")
    return thing, Aim(step.direction, towards)


def check_mass(verb: str, thing: PropSpec, most: float) -> None:
    """Refuse what stands fast, or weighs more than ``most`` kg.

    Raises:
        GroundingError: see above.
    """
    mass = thing.weight
    if thing.kind == ROBOT:
        raise GroundingError(f"I cannot {verb} {thing.called}: nobody is to be hurt", "impossible_amount")
    if mass == 0:
        raise GroundingError(f"I cannot {verb} the {thing.name}: it is fixed to the ground", "impossible_amount")
    if mass > most:
        message = f"I cannot {verb} the {thing.name}: it weighs {mass:g} kg; at most {most:g} kg"
        raise GroundingError(message, "impossible_amount")


def gap_between(ctx: SkillContext, one: PropSpec, other: PropSpec) -> float:
    """m, between the circles round the footprints of two props now; negative: they overlap."""
    return math.dist(ctx.place_of(one.name), ctx.place_of(other.name)) - one.radius - other.radius


def said_way(aim: Aim, distance: float | None) -> str:
    """Where a thing is to go, in words: " 2 m to the left"."""
    if isinstance(aim.towards, str):
        where = f" towards the {aim.towards}"
    elif aim.towards is not None:
        where = f" towards ({aim.towards[0]:.2f}, {aim.towards[1]:.2f})"
    else:
        words = {None: "", "left": " to the left", "right": " to the right"}
        where = words.get(aim.direction, f" {aim.direction}")
    return (f" {distance:g} m" if distance is not None else "") + where
