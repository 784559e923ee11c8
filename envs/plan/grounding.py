"""Which thing of a scene is meant: an ObjectRef to a prop or a place, as the robot sees it from where it starts.

And where the goal of a plan's current step lies and what is left to go: for captions and rings, not for policies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from simonsays.envs.instruction.odometry import Odometry, ToGo, seen, to_go
from simonsays.envs.language.instruction import PLACE, ROBOT, START, THING, VIEWER, ObjectRef, Step
from simonsays.envs.language.render import render_object
from simonsays.envs.moves.approach import is_beside
from simonsays.envs.moves.behavior import SkillContext
from simonsays.envs.moves.skill import GroundedStep, GroundingError, goal_of, skills
from simonsays.envs.moves.steering import Point, axis, seen_from
from simonsays.sim.specs import PropSpec, SceneSpec

Goal = tuple[float, float, float]
"""x, y m, world, and the radius (m) of a ring around it"""
NONE_LEFT: ToGo = (math.nan, math.nan, math.nan)
_AROUND = 0.15  # m, from a thing's footprint to the ring
_PLACE = 0.25  # m, radius of the ring on a place


def marked_thing(step: GroundedStep) -> PropSpec | None:
    """The prop that a step's goal marks: what it is about, or what something else is to be brought to."""
    return _marked(step)[0]


def _marked(step: GroundedStep) -> tuple[PropSpec | None, Point | None]:
    said = step.meant or step.said
    if said is None or _is_towards(said):
        return None, None
    moves = skills()[said.verb].moves and (step.target2, step.goal2) != (None, None)
    return (step.target2, step.goal2) if moves else (step.target, step.goal)


def find_goal(step: GroundedStep, ctx: SkillContext) -> Goal | None:
    """The goal of a step that begins now: where a thing is to come, the thing or the place that the step is about, or
    the end of its line."""
    thing, place = _marked(step)
    if thing is not None:
        return *ctx.place_of(thing.name), thing.radius + _AROUND
    if place is not None:
        return *place, _PLACE
    said = step.meant or step.said
    if said is not None and goal_of(said) == "line" and said.distance_m is not None:
        ahead, aside = (said.distance_m * part for part in axis(said.direction, said.side))
        (x, y), yaw = ctx.position, ctx.state.yaw
        c, s = math.cos(yaw), math.sin(yaw)
        return x + c * ahead - s * aside, y + s * ahead + c * aside, _PLACE
    return None


def _is_towards(said: Step) -> bool:
    """So many metres towards a thing: it ends on the way."""
    beside = said.object is not None and is_beside(said.object)
    return goal_of(said) == "object" and said.distance_m is not None and not beside


class GoalDistance:
    """Follows a plan's run, control step by control step; to be asked before the runner moves on."""

    def __init__(self) -> None:
        self._followed: tuple[int, GroundedStep] | None = None

    def update(self, current: tuple[int, GroundedStep] | None, ctx: SkillContext) -> ToGo:
        """What is left now: forward m, left m, angle rad in the robot's heading frame; NaN where nothing is to go.

        A turn has an angle alone, a walk a distance alone, and what goes on by number of steps or time has neither.
        ``current``: place in the plan and the step that moves the base, as :attr:`PlanRunner.moving` has it.
        """
        before, self._followed = self._followed, current
        if current is None:
            return NONE_LEFT
        place, step = current
        if before is None or before[0] != place or before[1] is not step:
            self._odometry, self._whole = Odometry.begin(ctx.state), math.nan
        else:
            self._odometry = self._odometry.advance(ctx.state)
        return self._left(step, ctx)

    def _left(self, step: GroundedStep, ctx: SkillContext) -> ToGo:
        said = step.meant or step.said
        if said is None or said.duration_s is not None or said.steps is not None:
            return NONE_LEFT
        forward, left, angle = to_go(said, seen(step.target or step.goal, ctx), self._odometry)
        goal = goal_of(said)
        if goal is None:
            return NONE_LEFT
        if goal == "heading":
            return math.nan, math.nan, angle
        if goal == "line":
            return forward, left, math.nan
        if _is_towards(said) and said.distance_m is not None:
            length = math.hypot(forward, left)
            self._whole = length if math.isnan(self._whole) else self._whole
            share = max(0.0, said.distance_m - (self._whole - length)) / max(length, 1e-6)
            forward, left = share * forward, share * left
        return forward, left, angle


_NEXT_TO = 1.0  # m between the surfaces of things that are next to each other
_BETWEEN = 0.5  # m, at most, from the line between two things
_BESIDE = 0.75  # m from a thing's surface to the place left of it, behind it, and so on
_ALIKE = 1.05  # a thing is big or small if its extents differ by more than this factor from the others'


def find_object(ref: ObjectRef, scene: SceneSpec) -> PropSpec:
    """The prop that is meant, seen from the robot's start; "a ball" is the nearest one.

    Raises:
        GroundingError: no_such_object, or ambiguous_object for "the ..." where several fit; the message lists them.
    """
    found = find_all(ref, scene)
    if not found:
        raise _missing(ref, scene)
    if len(found) > 1 and ref.definite:
        named = tuple(render_object(described(prop, scene)) for prop in found)
        message = f"'{render_object(ref)}': which? There are {len(found)}: {', '.join(named)}."
        nearest = render_object(replace(ref, rank="nearest", size=None))
        raise GroundingError(message, "ambiguous_object", ref.span, (nearest, *named))
    return found[0]


def find_all(ref: ObjectRef, scene: SceneSpec) -> list[PropSpec]:
    """All props that may be meant, the nearest to the robot's start first.

    Raises:
        GroundingError: as :func:`find_object`, for the things that it is told by.
    """
    kind = [prop for prop in scene.props if _is_meant(ref, prop)]
    found = [prop for prop in kind if ref.location is None or _lies(prop, ref.location, scene)]
    if ref.relation is not None and found:
        found = _related(ref, found, scene)
    found.sort(key=lambda prop: math.dist(prop.position[:2], scene.robot_position))
    if ref.size is not None and len(found) > 1:
        found = _sized(found, ref.size)
    if isinstance(ref.rank, int):
        found = found[ref.rank - 1 : ref.rank]
    elif ref.rank is not None:
        found = found[:1] if ref.rank == "nearest" else found[-1:]
    return found


def _is_meant(ref: ObjectRef, prop: PropSpec) -> bool:
    """Whether a prop is of the kind and the colour that are said; a robot is meant by its name alone."""
    if ROBOT in (ref.type, prop.kind):
        return (ref.type, ref.name) == (prop.kind, prop.name) and ref.color is None
    return ref.type in (THING, prop.kind) and ref.color in (None, prop.color)


def find_place(ref: ObjectRef, scene: SceneSpec, beside: float | None = None) -> Point:
    """Where a place is (x, y) m, world: the start, whoever watches, or what is left of, behind, between things.

    ``beside``: m, from the thing's surface to a place left of it, behind it, and so on; 0.75 m if it is not said.

    Raises:
        GroundingError: as :func:`find_object`, for the things that it is told by.
    """
    if ref.type == VIEWER:
        return scene.viewer_position
    if ref.type == START or ref.object is None:
        return scene.robot_position[0], scene.robot_position[1]
    thing = find_object(ref.object, scene)
    x, y = thing.position[:2]
    if ref.relation == "between" and ref.object2 is not None:
        other = find_object(ref.object2, scene).position
        return (x + other[0]) / 2, (y + other[1]) / 2
    ahead_x, ahead_y = _ahead(thing, scene)
    away = thing.radius + (_BESIDE if beside is None else beside)
    side_x, side_y = {
        "left_of": (-ahead_y, ahead_x),
        "right_of": (ahead_y, -ahead_x),
        "behind": (ahead_x, ahead_y),
    }.get(ref.relation or "", (-ahead_x, -ahead_y))
    return x + away * side_x, y + away * side_y


def find_marks(ref: ObjectRef | None, scene: SceneSpec) -> tuple[PropSpec, ...]:
    """The things that a place is told by, two where it lies between them; see :func:`find_object`."""
    if ref is None or ref.type != PLACE:
        return ()
    return tuple(find_object(each, scene) for each in (ref.object, ref.object2) if each is not None)


def find(ref: ObjectRef | None, scene: SceneSpec, beside: float | None = None) -> tuple[PropSpec | None, Point | None]:
    """The prop that is meant, or the place; see :func:`find_object` and :func:`find_place`."""
    if ref is None:
        return None, None
    if ref.type == VIEWER and scene.person is not None:
        return scene.person, None
    return (None, find_place(ref, scene, beside)) if is_place(ref) else (find_object(ref, scene), None)


def is_place(ref: ObjectRef) -> bool:
    """Whether a place is meant and not a thing."""
    return ref.type in (START, PLACE, VIEWER)


def _missing(ref: ObjectRef, scene: SceneSpec) -> GroundingError:
    near = sorted(scene.props, key=lambda prop: math.dist(prop.position[:2], scene.robot_position))
    named = tuple(render_object(described(prop, scene)) for prop in near)
    message = f"'{render_object(ref)}' is not here. There is {', '.join(named) or 'nothing'}."
    alike = tuple(
        one for one, prop in zip(named, near, strict=True) if ref.type == prop.kind or ref.color == prop.color
    )
    return GroundingError(message, "no_such_object", ref.span, alike or named)


_SIDES = (None, "left", "right", "front", "behind")


def described(prop: PropSpec, scene: SceneSpec) -> ObjectRef:
    """A prop in words by which no other is meant: by its colour, its place, its size, or as the n-th nearest."""
    if prop.kind == ROBOT:
        return ObjectRef(ROBOT, name=prop.name)
    plain = ObjectRef(prop.shape, prop.color)
    tried = [replace(plain, location=place) for place in _SIDES]
    tried += [replace(plain, size=size) for size in ("big", "small")]
    tried += [replace(plain, rank=n) for n in range(1, len(scene.props) + 1)]
    return next((ref for ref in tried if find_all(ref, scene) == [prop]), plain)


def _ahead(prop: PropSpec, scene: SceneSpec) -> Point:
    """Unit vector from the robot's start to a prop: where the robot looks when it looks at it."""
    dx, dy = (a - b for a, b in zip(prop.position[:2], scene.robot_position, strict=True))
    length = math.hypot(dx, dy)
    if length < 1e-6:
        yaw = math.radians(scene.robot_yaw_deg)
        return math.cos(yaw), math.sin(yaw)
    return dx / length, dy / length


def _lies(prop: PropSpec, location: str, scene: SceneSpec) -> bool:
    x, y = prop.position[:2]
    forward, left = seen_from(scene.robot_position, math.radians(scene.robot_yaw_deg), (x, y))
    return {"left": left > 0, "right": left < 0, "front": forward > 0, "behind": forward < 0}[location]


def _related(ref: ObjectRef, found: Sequence[PropSpec], scene: SceneSpec) -> list[PropSpec]:
    assert ref.object is not None
    anchor = find_object(ref.object, scene)
    others = [prop for prop in found if prop is not anchor]
    if ref.relation == "between" and ref.object2 is not None:
        end = find_object(ref.object2, scene)
        return [prop for prop in others if prop is not end and _is_between(prop, anchor, end)]
    if ref.relation in ("on_top_of", "inside", "under"):
        return [prop for prop in others if _lies_at(prop, anchor, str(ref.relation))]
    if ref.relation == "next_to":
        return [prop for prop in others if gap(prop, anchor) <= _NEXT_TO]
    ahead_x, ahead_y = _ahead(anchor, scene)

    def fits(prop: PropSpec) -> bool:
        dx, dy = (a - b for a, b in zip(prop.position[:2], anchor.position[:2], strict=True))
        along, left = dx * ahead_x + dy * ahead_y, dy * ahead_x - dx * ahead_y
        value = {"left_of": left, "right_of": -left, "behind": along, "in_front_of": -along}[str(ref.relation)]
        return value > 0 and value >= 0.5 * math.hypot(dx, dy)

    return [prop for prop in others if fits(prop)]


def _lies_at(prop: PropSpec, anchor: PropSpec, relation: str) -> bool:
    """Whether a prop's middle is over the other's footprint, and higher or lower than its middle."""
    over = math.dist(prop.position[:2], anchor.position[:2]) <= anchor.radius
    higher = prop.position[2] > anchor.position[2]
    return over and {"on_top_of": higher, "under": not higher, "inside": True}[relation]


def gap(a: PropSpec, b: PropSpec) -> float:
    """m, between the surfaces of two props, seen from above."""
    return math.dist(a.position[:2], b.position[:2]) - a.radius - b.radius


def _is_between(prop: PropSpec, start: PropSpec, end: PropSpec) -> bool:
    (ax, ay), (bx, by), (x, y) = start.position[:2], end.position[:2], prop.position[:2]
    length = math.hypot(bx - ax, by - ay) or 1e-9
    along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length
    across = abs((y - ay) * (bx - ax) - (x - ax) * (by - ay)) / length
    return 0 < along < length and across <= _BETWEEN


def _sized(found: list[PropSpec], size: str) -> list[PropSpec]:
    """The biggest or the smallest; all of them where they do not differ."""
    volumes = [math.prod(prop.extents) for prop in found]
    most = max(volumes) if size == "big" else min(volumes)
    return [prop for prop, own in zip(found, volumes, strict=True) if max(own, most) <= _ALIKE * min(own, most)]
