"""run: as walk, faster, with a smooth start and stop."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.motions.run import Run
from simonsays.envs.moves.amounts import Distance
from simonsays.envs.moves.line import line_direction
from simonsays.envs.moves.pace import Pace, fastest, speeds
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, register_skill
from simonsays.envs.moves.travel import TAKES, travel_step
from simonsays.envs.skills.legs.walk import NORMAL as WALKING
from simonsays.sim.specs import RobotSpec

NORMAL = {"forward": 20 / 11, "backward": 36 / 55, "left": 28 / 55, "right": 28 / 55}
"""shares of the gait's speed, by direction; ahead, of a robot whose policy cannot run: it walks quickly"""
_OVER, _MOST = 2 / 11, 8 / 11  # of that speed, above the one from which on it runs: as usual, and at most
_WAY, _WALKED = 5.0, 3.0  # m, of a run of which nothing else is said: to be as fast, and to stop again
_FASTER = 1.1  # than walking, at least


def _running(robot: RobotSpec, over: float) -> float:
    """Share of the gait's speed, ahead: so far over the one from which on it must run; of one that cannot, walking."""
    return robot.gait.runs_above / robot.gait.walk_speed + over if Run.name in robot.motions else NORMAL["forward"]


def running_pace(robot: RobotSpec) -> Pace:
    """Of one that runs somewhere; a robot whose policy cannot run walks quickly."""
    return Pace(speeds(robot, {"forward": _running(robot, _OVER)})["forward"], limits=fastest(robot))


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    if step.in_place:
        message = "'run': it runs ahead only, and on the spot it would only march; say march on the spot"
        raise GroundingError(message, "unsupported_skill", suggestions=("march on the spot",))
    robot, most = surroundings.robot, fastest(surroundings.robot)
    least, way = _FASTER * speeds(robot, WALKING)[line_direction(step)], _WALKED
    if Run.name in robot.motions:
        most, way = most | speeds(robot, {"forward": _running(robot, _MOST)}), _WAY
    usual = {**NORMAL, "forward": _running(robot, _OVER)}
    return travel_step(step, surroundings, usual, Distance(way), least, most=most)


SKILL = register_skill(
    Skill(
        "run",
        "run forward four metres",
        _ground,
        takes=TAKES,
        goal="line",
        straight=(_WAY, 1.3),
        looks_like="walk",
        cameras=("follow", "side"),
    )
)
