"""patrol: back and forth between two things or places, or to a place ahead and back."""

from __future__ import annotations

import math

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.amounts import Distance, checked_amounts
from simonsays.envs.moves.approach import check_reachable
from simonsays.envs.moves.behavior import Behavior, InOrder
from simonsays.envs.moves.line import Line
from simonsays.envs.moves.pace import Pace, fastest, pace, speeds
from simonsays.envs.moves.poses import times
from simonsays.envs.moves.skill import (
    GroundedStep,
    GroundingError,
    Skill,
    Surroundings,
    called,
    checked_count,
    register_skill,
)
from simonsays.envs.moves.steering import Point, axis
from simonsays.envs.skills.legs.go_to import GAP, GoTo, GoToPlace
from simonsays.envs.skills.legs.run import running_pace
from simonsays.envs.skills.legs.turn import RATES, Turn
from simonsays.envs.skills.legs.walk import NORMAL
from simonsays.sim.specs import PropSpec

TIMES, AHEAD = 2, 2.0
"""times back and forth, and m of a way to nothing, where nothing is said"""


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    count = checked_count(step, step.count or TIMES)
    robot, usual = surroundings.robot, speeds(surroundings.robot, NORMAL)
    chosen = running_pace(robot) if step.speed == "fast" else pace(usual, "forward", step.speed, fastest(robot))
    first, second = surroundings.target or surroundings.goal, surroundings.target2 or surroundings.goal2
    if first is None and second is None:
        return _shuttle(step, count, chosen)
    if first is None or second is None or first == second:
        raise GroundingError("'patrol': between what? Name two things of the scene", "no_such_object")
    if step.distance_m is not None:
        raise GroundingError("'patrol': say between what, or how far, not both", "contradiction")
    names = called(step.object, surroundings.target), called(step.object2, surroundings.target2)
    for end, name in zip((first, second), names, strict=True):
        check_reachable(surroundings, end, GAP, name)
    props = surroundings.by_name

    def go(end: PropSpec | Point) -> Behavior:
        return GoTo(end.name, props, chosen.speed) if isinstance(end, PropSpec) else GoToPlace(end, props, chosen.speed)

    here, (one, other) = surroundings.robot_position, (_place(first), _place(second))
    way = math.dist(here, one) + 2.0 * count * (math.dist(one, other) + 2.0)
    return GroundedStep(
        "patrol",
        f"go back and forth between {names[0]} and {names[1]} {times(count)}{chosen.note}",
        40.0 + 10.0 * count + 3.0 * way / chosen.speed,
        lambda: InOrder(go(first), *(go(end) for _ in range(count) for end in (second, first))),
        f"at {names[0]}, then {times(count)} at {names[1]} and at {names[0]} again, each as by go to",
    )


def _place(end: PropSpec | Point) -> Point:
    return (end.position[0], end.position[1]) if isinstance(end, PropSpec) else end


def _shuttle(step: Step, count: int, chosen: Pace) -> GroundedStep:
    """To a place ahead and back, turning around at both ends."""
    checked_amounts(step)
    metres = step.distance_m or AHEAD

    def way() -> tuple[Behavior, ...]:
        return Line(axis("forward"), chosen, Distance(metres)), Turn(math.pi, RATES["fast"])

    return GroundedStep(
        "patrol",
        f"go {metres:g} m back and forth {times(count)}{chosen.note}",
        10.0 + count * (30.0 + 5.0 * metres / chosen.speed),
        lambda: InOrder(*(behavior for _ in range(2 * count) for behavior in way())),
        f"{times(count)} {metres:g} m ahead, turned around and back, each as by walk and turn",
    )


SKILL = register_skill(
    Skill(
        "patrol",
        "patrol between the red ball and the blue box",
        _ground,
        takes=("object", "object2", "count", "speed", "distance"),
        walks_up=True,
        cameras=("orbit", "follow"),
    )
)
