"""Which thing of a scene is meant: an ObjectRef to a prop or a place, as the robot sees it from where it starts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simonsays.assets import did_you_mean
from simonsays.envs.language.instruction import PLACE, START, THING, VIEWER, ObjectRef
from simonsays.envs.language.render import render_object
from simonsays.envs.moves.skill import GroundingError
from simonsays.envs.moves.steering import Point, seen_from
from simonsays.sim.specs import PropSpec, SceneSpec

_NEXT_TO = 1.0  # m between the surfaces of things that are next to each other
_BETWEEN = 0.5  # m, at most, from the line between two things
_BESIDE = 0.75  # m from a thing's surface to the place left of it, behind it, and so on
_ALIKE = 1.05  # a thing is big or small if its extents differ by more than this factor from the others'


def find_object(ref: ObjectRef, scene: SceneSpec) -> PropSpec:
    """The prop that is meant, seen from the robot's start; "a ball" is the nearest one.

    Raises:
        GroundingError: no_such_object, or ambiguous_object for "the ..." where several fit; the message lists them.
    """
    kind = [prop for prop in scene.props if ref.type in (THING, prop.shape) and ref.color in (None, prop.color)]
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
    if not found:
        raise _missing(ref, scene)
    if len(found) > 1 and ref.definite:
        places = ", ".join(f"the {p.name} at ({p.position[0]:g}, {p.position[1]:g})" for p in found)
        raise GroundingError(
            f"{render_object(ref)!r}: which? There are {len(found)}: {places}. Name its colour or side, or say "
            f"'the nearest {ref.type}'",
            "ambiguous_object",
            ref.span,
            (f"the nearest {ref.type}", *(f"the {prop.name}" for prop in found)),
        )
    return found[0]


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


def find(ref: ObjectRef | None, scene: SceneSpec, beside: float | None = None) -> tuple[PropSpec | None, Point | None]:
    """The prop that is meant, or the place; see :func:`find_object` and :func:`find_place`."""
    if ref is None:
        return None, None
    return (None, find_place(ref, scene, beside)) if is_place(ref) else (find_object(ref, scene), None)


def is_place(ref: ObjectRef) -> bool:
    """Whether a place is meant and not a thing."""
    return ref.type in (START, PLACE, VIEWER)


def _missing(ref: ObjectRef, scene: SceneSpec) -> GroundingError:
    names = ", ".join(f"the {prop.name}" for prop in scene.props) or "nothing"
    hint = did_you_mean(f"{ref.color or ''} {ref.type}".strip(), [prop.name for prop in scene.props])
    there = f"there is {names}" + (hint if "did you mean" in hint else "")
    message = f"{render_object(ref)!r} is not in the scene {scene.name!r}; {there}"
    return GroundingError(message, "no_such_object", ref.span, tuple(f"the {prop.name}" for prop in scene.props))


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
    if ref.relation == "next_to":
        return [prop for prop in others if gap(prop, anchor) <= _NEXT_TO]
    ahead_x, ahead_y = _ahead(anchor, scene)

    def fits(prop: PropSpec) -> bool:
        dx, dy = (a - b for a, b in zip(prop.position[:2], anchor.position[:2], strict=True))
        along, left = dx * ahead_x + dy * ahead_y, dy * ahead_x - dx * ahead_y
        value = {"left_of": left, "right_of": -left, "behind": along, "in_front_of": -along}[str(ref.relation)]
        return value > 0 and value >= 0.5 * math.hypot(dx, dy)

    return [prop for prop in others if fits(prop)]


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
    if size == "big":
        return [prop for prop, volume in zip(found, volumes, strict=True) if volume * _ALIKE >= max(volumes)]
    return [prop for prop, volume in zip(found, volumes, strict=True) if volume <= min(volumes) * _ALIKE]
