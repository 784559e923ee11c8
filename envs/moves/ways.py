"""The way of a step that is no straight line, grounded in a scene: a curve as large as was said, or around a thing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import PathShape, Step
from simonsays.envs.language.render import render_step
from simonsays.envs.moves import curves
from simonsays.envs.moves.amounts import checked_amounts
from simonsays.envs.moves.approach import CLEARANCES, NO_WAY, SOMEBODY, find_way, footprints
from simonsays.envs.moves.behavior import SkillContext
from simonsays.envs.moves.pace import fastest, pace
from simonsays.envs.moves.paths import Footprint, path_length
from simonsays.envs.moves.pursuit import END, FASTEST_BEND, OFF, Pursuit, Route
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Surroundings
from simonsays.envs.moves.steering import Point
from simonsays.sim.specs import PropSpec

SIDE, ZIGZAG, RADIUS, QUARTER = 1.5, 3.0, 1.0, 90.0
"""m, and degrees of an arc, where nothing is said"""
_SIZES = {"radius": (0.6, 5.0), "side": (1.0, 10.0), "length": (1.0, 50.0)}  # m: tighter is a turn on the spot
_TIGHTEST = 0.45
BESIDE = (0.6, 0.8, 1.0, _TIGHTEST, 1.3, 1.6, 2.0)
"""m, from a thing's outermost to the circle around it: the first of them that is free, if need be around what stands
beside it, too"""
SIGNS: Mapping[str | None, tuple[float, ...]] = {"left": (1.0,), "right": (-1.0,), None: (1.0, -1.0)}
"""senses of turning that will do"""
_TURNS = tuple(math.radians(sign * turn) for turn in range(0, 181, 15) for sign in (1, -1))
_DENSE = 0.15  # m, between places where a way must be free


@dataclass(frozen=True)
class Curve:
    """A curve of a size: its points for a sense of turning (1.0 left, -1.0 right), from the origin along x."""

    points: Callable[[float], list[Point]]
    said: str
    """its size, in words"""
    closed: bool = True
    """it ends where it began"""
    radius: float | None = None
    """m, of its bends"""
    crosses: bool = False
    """it goes around no middle"""

    def middle(self, sign: float) -> Point | None:
        """(x, y) m, what it goes around, if anything."""
        if self.crosses:
            return None
        if self.radius is not None:
            return 0.0, sign * self.radius
        corners = self.points(sign)[:-1]
        return sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)


def curve_of(step: Step, speed: float) -> Curve:
    """The curve that a step tells of, at a speed (m/s): where no radius is said, one that it can be walked at.

    Raises:
        GroundingError: a size that is too much or too little, or that such a curve does not have.
    """
    path, told = step.path or PathShape("circle"), step.distance_m
    if step.duration_s is not None and path.shape in ("arc", "zigzag"):  # no end of it before the time is over
        told = max(_SIZES["length"][0], 1.5 * step.duration_s * speed)
    bends = path.shape in ("circle", "arc", "figure_eight")
    if not bends and (path.radius_m or path.angle_deg):
        raise GroundingError(f"{step.verb!r}: a {path.shape} has no radius and no angle; say metres", "contradiction")
    if path.shape == "zigzag":
        length = _checked(step.verb, "length", told or ZIGZAG)
        return Curve(partial(curves.zigzag, length), f"{length:g} m long", closed=False, crosses=True)
    if not bends:
        side = _checked(step.verb, "side", told or SIDE)
        return Curve(partial(curves.polygon, {"square": 4}.get(path.shape, 3), side), f"with sides of {side:g} m")
    radius = _checked(step.verb, "radius", path.radius_m or max(RADIUS, math.ceil(10 * speed / FASTEST_BEND) / 10))
    said = f"with a radius of {radius:g} m"
    if path.shape == "figure_eight":
        if told or path.angle_deg:
            raise GroundingError(f"{step.verb!r}: of a figure of eight say the radius", "contradiction")
        return Curve(partial(curves.figure_eight, radius), said, radius=radius, crosses=True)
    if told and path.angle_deg:
        raise GroundingError(f"{step.verb!r}: say an angle or a distance, not both", "contradiction")
    whole = math.radians(path.angle_deg or (360.0 if path.shape == "circle" else QUARTER))
    angle = _checked(step.verb, "length", told) / radius if told else whole
    return Curve(partial(curves.arc, radius, angle), said, angle >= math.tau - 1e-6 and not told, radius)


def path_step(step: Step, surroundings: Surroundings, normal: Mapping[str, float], least: float = 0.0) -> GroundedStep:
    """A step along a curve, or around its object; ``normal`` and ``least`` as for a line.

    Raises:
        GroundingError: it cannot be done as it was said.
    """
    if step.direction not in (None, "forward"):
        raise GroundingError(f"{step.verb!r}: it goes along curves forward only", "unsupported_skill")
    if step.steps is not None:
        raise GroundingError(f"{step.verb!r}: of a curve say metres, seconds or how often, not steps", "contradiction")
    checked_amounts(step)
    chosen = pace(normal, "forward", step.speed, fastest(surroundings.robot), least)
    around = step.object is not None
    curve = curve_of(step, chosen.speed)
    lay = _around(step, surroundings) if around else partial(_lay, step, curve, surroundings.by_name)
    speed, note = chosen.speed, chosen.note
    if curve.radius is not None and not around and speed > (most := FASTEST_BEND * curve.radius) + 1e-6:
        speed, note = most, f" (at {most:.2g} m/s, as fast as it can in bends so tight)"
    seconds = step.duration_s
    judged = 0.8 * speed if least or step.speed == "fast" else 0.0
    slow = 1.2 * speed + 0.1 if step.speed == "slow" or isinstance(step.speed, float | int) else math.inf
    length = path_length(curve.points(1.0)) if not around else math.tau * 2.0
    success = f"never more than {OFF:g} m off its way"
    success += f", after {seconds:g} s" if seconds else f", at rest within {END:g} m of its end"
    text = render_step(replace(step, count=None, parallel_with_prev=False, approx=False))
    size = "" if around or step.path is None or step.path.radius_m or step.distance_m else f", {curve.said}"
    return GroundedStep(
        step.verb,
        text + size + note,
        20.0 + (seconds or 4.0 * length / speed) + 60.0 * around,
        lambda: Pursuit(lay, speed, seconds, (judged, slow)),
        success,
    )


def _checked(verb: str, what: str, metres: float) -> float:
    least, most = _SIZES[what]
    if not least <= metres <= most:
        message = f"{verb!r}: a {what} of {metres:g} m is impossible; {least:g} to {most:g} m"
        raise GroundingError(message, "impossible_amount")
    return metres


def _laps(points: list[Point], closed: bool, seconds: float | None, speed: float) -> list[Point]:
    """A closed way as often as it takes so long."""
    if seconds is None or not closed:
        return points
    return points + points[1:] * math.ceil(2.0 * seconds * speed / path_length(points))


def _lay(step: Step, curve: Curve, props: Mapping[str, PropSpec], ctx: SkillContext) -> Route | str:
    """The curve from where the robot stands: along its heading, or what is nearest to that and free."""
    assert step.path is not None
    shapes = footprints(props, ctx)
    found: str | None = None
    for turn in _TURNS if curve.closed else _TURNS[:1]:
        for sign in SIGNS[step.path.side]:
            yaw = ctx.state.yaw + turn
            points = curves.laid(_laps(curve.points(sign), curve.closed, step.duration_s, 1.2), ctx.position, yaw)
            hindrance = _hindrance(points, shapes, ctx.position)
            if hindrance is None:
                middle = curve.middle(sign)
                return Route(tuple(points), middle and curves.laid([middle], ctx.position, yaw)[0])
            found = found or hindrance
    return f"the {found} is in the way"


def _hindrance(points: Sequence[Point], shapes: Mapping[str, Footprint], here: Point) -> str | None:
    """The first thing that is nearer to a way than the robot has room; nearer than to ``here``, where it stands so."""
    for name, shape in shapes.items():
        room = min(CLEARANCES[1], shape.clear(here))
        if any(shape.clear(place) < room - 1e-6 for place in (points[0], *_dense(points))):
            return name
    return None


def _dense(points: Sequence[Point]) -> Iterator[Point]:
    for (ax, ay), (bx, by) in pairwise(points):
        count = max(1, math.ceil(math.dist((ax, ay), (bx, by)) / _DENSE))
        yield from ((ax + (bx - ax) * k / count, ay + (by - ay) * k / count) for k in range(1, count + 1))


def _around(step: Step, surroundings: Surroundings) -> Callable[[SkillContext], Route | str]:
    """What lays a circle around the step's object."""
    path, target, place = step.path or PathShape("circle"), surroundings.target, surroundings.goal
    if path.shape not in ("circle", "arc"):
        message = f"{step.verb!r}: only a circle leads around a thing, or a part of one"
        raise GroundingError(message, "unsupported_skill")
    if step.distance_m is not None:
        raise GroundingError(f"{step.verb!r}: of the way around a thing say a radius or an angle", "contradiction")
    if target is not None and target.path:
        raise GroundingError(f"{step.verb!r}: {target.called} moves of its own; follow it instead", "unsupported_skill")
    goal = target.name if target is not None else place
    radius = target.radius if target is not None else SOMEBODY
    assert goal is not None
    if path.radius_m is not None:
        least = radius + _TIGHTEST
        if not least <= path.radius_m <= _SIZES["radius"][1]:
            message = f"{step.verb!r}: a radius of {path.radius_m:g} m around it is impossible; {least:.2g} to 5 m"
            raise GroundingError(message, "impossible_amount")
    radii = [radius + more for more in BESIDE] if path.radius_m is None else [path.radius_m]
    turn = math.radians(path.angle_deg or 360.0)
    return partial(_circle, goal, radii, SIGNS[path.side], turn, step.duration_s, surroundings.by_name)


def _circle(
    goal: str | Point,
    radii: Sequence[float],
    signs: Sequence[float],
    turn: float,
    seconds: float | None,
    props: Mapping[str, PropSpec],
    ctx: SkillContext,
) -> Route | str:
    """A circle around a thing or a place that a straight way touches: the first radius that is free, nearer side."""
    shapes, here, centre = footprints(props, ctx), ctx.position, ctx.place_of(goal)
    others = {name: shape for name, shape in shapes.items() if name != goal}
    found = ""
    for radius in radii:
        routes = []
        for sign in signs:
            angle = _touching(here, centre, radius, sign)
            entry = (centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle))
            ring = _laps(curves.arc(radius, turn, sign), turn >= math.tau, seconds, 1.2)
            circle = curves.laid(ring, entry, angle + sign * math.pi / 2)
            hindrance = _hindrance(circle, others, here)
            lead = find_way(here, [entry], list(shapes.values())) if hindrance is None else None
            if lead is not None:
                routes.append((path_length(lead), Route((*lead[:-1], *circle), centre, len(lead) - 1)))
            found = found or hindrance or ""
        if routes:
            return min(routes, key=lambda route: route[0])[1]
    return f"the {found} is in the way" if found else NO_WAY


def _touching(here: Point, centre: Point, radius: float, sign: float) -> float:
    """rad, seen from a centre: where a straight way from ``here`` touches the circle that it is to go on along."""
    away = math.dist(here, centre)
    angle = math.atan2(here[1] - centre[1], here[0] - centre[0])
    return angle if away <= radius else angle + sign * math.acos(radius / away)
