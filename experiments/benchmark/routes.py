"""The geometric oracle: whether a point robot with clearance could do an Instruction in a scene, without physics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from simonsays.envs.language.instruction import Instruction, Step
from simonsays.envs.moves.curves import laid
from simonsays.envs.moves.paths import Footprint, distance_to_line, outline, shortest_path
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, skills
from simonsays.envs.moves.steering import BEARINGS, Point, axis
from simonsays.envs.moves.ways import BESIDE, SIGNS, curve_of
from simonsays.experiments.benchmark.aims import Aim
from simonsays.sim.rotations import wrap_angle
from simonsays.sim.specs import PropSpec, SceneSpec

BODY = 0.30  # m, from the base to what it may pass
_AT_PLACE = 0.15  # m, from a place to where the robot can be at it
_STAND_OFF = (BODY, 0.75)  # m, from a prop's surface to where the robot can be at it
_FACED = math.radians(40)
_LIGHT, _AT_FEET = 1.0, 0.6  # kg and m: what is lighter and that near may be run over
_MOVED = 0.5  # m, how far a push goes when nothing is said
_STEP, _WALKS = 0.3, 0.55  # m, a step's length; m/s


@dataclass(frozen=True)
class _Pose:
    x: float
    y: float
    yaw: float

    def ahead(self, distance: float, turn: float = 0.0) -> _Pose:
        yaw = self.yaw + turn
        return _Pose(self.x + distance * math.cos(yaw), self.y + distance * math.sin(yaw), self.yaw)


def obstruction(instruction: Instruction, aims: Sequence[Aim], scene: SceneSpec) -> str:
    """Why the Instruction cannot be done as the scene stands, in words; empty if it can.

    Goals must be reachable with clearance; what is walked straight must be free; what is pushed must have
    room. What was sent away is no obstacle any more. To be told to face what it faces already asks nothing of it.
    """
    props = {prop.name: prop for prop in scene.props}
    pose = start = _Pose(*scene.robot_position, math.radians(scene.robot_yaw_deg))
    for step, aim in zip(instruction.steps, aims, strict=True):
        if pose == start and _skill(step).faces and aim.prop in props:
            x, y = props[aim.prop].position[:2]
            if abs(wrap_angle(math.atan2(y - pose.y, x - pose.x) - pose.yaw)) < _FACED:
                return f"it faces the {aim.prop} from the start"
        try:
            pose = _after(step, aim, pose, props)
        except _Blocked as blocked:
            return str(blocked)
    return ""


class _Blocked(Exception):
    """A way that is not free."""


def _after(step: Step, aim: Aim, pose: _Pose, props: dict[str, PropSpec]) -> _Pose:
    """The pose after a step; ``props`` is changed by what the step moves."""
    skill = _skill(step)
    if step.in_place:
        return pose
    if step.path is not None:
        return _around(step, aim, pose, props) if aim.prop or aim.place else _along(step, pose, props)
    if skill.straight is not None and aim.prop is None and aim.place is None:
        return _straight(step, skill.straight, pose, props)
    if skill.goal == "heading" and aim.prop is None:
        angle = math.radians(step.angle_deg or (180.0 if step.direction == "around" else 90.0))
        return replace(pose, yaw=pose.yaw + (-angle if step.direction == "right" else angle))
    if aim.place is not None:
        return _travel(pose, aim.place, (0.0, _AT_PLACE), props, "the place")
    if aim.prop is None:
        return pose
    prop = props.get(aim.prop)
    if prop is None:  # it was sent away: where to is not known
        return pose
    where = (prop.position[0], prop.position[1])
    facing = math.atan2(where[1] - pose.y, where[0] - pose.x)
    if not skill.walks_up:
        return replace(pose, yaw=facing) if skill.goal == "heading" else pose
    others = {name: other for name, other in props.items() if name != aim.prop}
    band = (prop.radius + _STAND_OFF[0], prop.radius + _STAND_OFF[1])
    there = _travel(pose, where, band, others, f"the {prop.name}")
    if skill.moves == "away":
        del props[aim.prop]
    elif skill.moves == "along":
        props[aim.prop] = _pushed(step, aim, prop, facing, others)
    if aim.place2 is not None and skill.moves is None:
        return _travel(there, aim.place2, (0.0, _AT_PLACE), props, "the other place")
    if aim.prop2 in props and skill.moves is None:
        end = props[str(aim.prop2)]
        band = (end.radius + _STAND_OFF[0], end.radius + _STAND_OFF[1])
        others = {name: other for name, other in props.items() if name != aim.prop2}
        return _travel(there, (end.position[0], end.position[1]), band, others, f"the {end.name}")
    return there


def _along(step: Step, pose: _Pose, props: dict[str, PropSpec]) -> _Pose:
    """A curve that is free, along the heading or turned from it, if it comes back to where it began."""
    curve = curve_of(step, _WALKS)
    for turn in range(0, 360 if curve.closed else 1, 15):
        for sign in SIGNS[step.path.side if step.path else None]:
            way = laid(curve.points(sign), (pose.x, pose.y), pose.yaw + math.radians(turn))
            if all(_near(prop, a, b) >= prop.radius + BODY for prop in props.values() for a, b in pairwise(way)):
                yaw = math.atan2(way[-1][1] - way[-2][1], way[-1][0] - way[-2][0])
                return _Pose(*way[-1], yaw)
    raise _Blocked(f"no room for the way of {step.verb}")


def _around(step: Step, aim: Aim, pose: _Pose, props: dict[str, PropSpec]) -> _Pose:
    """A circle around a thing that is free of others, and a way to it."""
    prop = props.get(aim.prop or "")
    x, y = aim.place or (prop.position[:2] if prop is not None else (pose.x, pose.y))
    own = prop.radius if prop is not None else 0.0
    told = step.path.radius_m if step.path is not None else None
    others = {name: other for name, other in props.items() if name != aim.prop}
    for radius in [told] if told else [own + more for more in BESIDE]:
        if all(abs(math.dist((x, y), other.position[:2]) - radius) >= other.radius + BODY for other in others.values()):
            return _travel(pose, (x, y), (radius - _AT_PLACE, radius + _AT_PLACE), others, "the way around it")
    raise _Blocked(f"no room for the way around the {aim.prop or 'place'}")


def _skill(step: Step) -> Skill:
    """The skill that does a step; what none does yet is taken for something that is done at its object."""
    return skills().get(step.verb) or Skill(step.verb, "", _nobody, walks_up=True)


def _nobody(step: Step, surroundings: Surroundings) -> GroundedStep:
    raise GroundingError(f"no skill does {step.verb!r}")


def _straight(step: Step, usual: tuple[float, float], pose: _Pose, props: dict[str, PropSpec]) -> _Pose:
    default, speed = usual
    length = step.distance_m or (step.steps or 0) * _STEP or (step.duration_s or 0.0) * speed or default
    ahead, left = axis(step.direction, step.side)
    turn = math.atan2(left, ahead)
    for prop in props.values():
        away = math.dist((pose.x, pose.y), prop.position[:2]) - prop.radius
        if 0 < prop.weight < _LIGHT and away < _AT_FEET:
            continue
        end = pose.ahead(length, turn)
        if _near(prop, (pose.x, pose.y), (end.x, end.y)) < prop.radius + min(BODY, max(away - 0.05, 0.0)):
            raise _Blocked(f"the {prop.name} is in the way of {step.verb}")
    return pose.ahead(length, turn)


def _pushed(step: Step, aim: Aim, prop: PropSpec, facing: float, others: dict[str, PropSpec]) -> PropSpec:
    x, y = prop.position[:2]
    heading, length = facing + BEARINGS.get(step.direction or "forward", math.pi), step.distance_m or _MOVED
    if aim.place2 is not None:
        heading = math.atan2(aim.place2[1] - y, aim.place2[0] - x)
        length = math.dist((x, y), aim.place2)
    elif aim.prop2 is not None and aim.prop2 in others:
        goal = others[aim.prop2]
        heading = math.atan2(goal.position[1] - y, goal.position[0] - x)
        length = max(0.0, math.dist((x, y), goal.position[:2]) - goal.radius - prop.radius - 0.3)
    end = (x + length * math.cos(heading), y + length * math.sin(heading))
    for name, other in others.items():
        if name != aim.prop2 and _near(other, (x, y), end) < other.radius + prop.radius + 0.1:
            raise _Blocked(f"the {other.name} is in the way of the {prop.name}")
    return replace(prop, position=end)


def _near(prop: PropSpec, start: Point, end: Point) -> float:
    """m, from a prop's centre to the line from start to end."""
    return distance_to_line((prop.position[0], prop.position[1]), start, end)


def _travel(pose: _Pose, goal: Point, band: tuple[float, float], props: dict[str, PropSpec], called: str) -> _Pose:
    """A place within a band (m) around the goal that can be walked to: straight, or else around things."""
    here, distance = (pose.x, pose.y), math.dist((pose.x, pose.y), goal)
    bearing, middle = math.atan2(goal[1] - pose.y, goal[0] - pose.x), sum(band) / 2
    if distance <= band[1]:
        return replace(pose, yaw=bearing)
    obstacles = [prop for prop in props.values() if math.dist(here, prop.position[:2]) > prop.radius + BODY]
    straight = replace(pose, yaw=bearing).ahead(distance - middle)
    if all(_near(prop, here, (straight.x, straight.y)) >= prop.radius + BODY for prop in obstacles):
        return straight
    circles = [Footprint((prop.position[0], prop.position[1]), rounding=prop.radius) for prop in obstacles]
    ends = [end for end in outline(Footprint(goal), middle) if all(shape.distance(end) >= BODY for shape in circles)]
    path = shortest_path(here, ends, circles, BODY)
    if path is None:
        raise _Blocked(f"no way to {called}")
    x, y = path[-1]
    return _Pose(x, y, math.atan2(goal[1] - y, goal[0] - x))
