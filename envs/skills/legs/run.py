"""run: as walk, faster, with a smooth start and stop."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.motions.run import Run
from simonsays.envs.moves.amounts import Distance
from simonsays.envs.moves.line import line_direction
from simonsays.envs.moves.pace import fastest, speeds
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, register_skill
from simonsays.envs.moves.travel import TAKES, travel_step
from simonsays.envs.skills.legs.walk import NORMAL as WALKING

NORMAL = {"forward": 20 / 11, "backward": 36 / 55, "left": 28 / 55, "right": 28 / 55}
"""shares of the gait's speed, by direction; ahead, of a robot whose policy cannot run: it walks quickly"""
_OVER, _MOST = 2 / 11, 8 / 11  # of that speed, above the one from which on it runs: as usual, and at most
_WAY = 5.0  # m, of a run of which nothing else is said: to be as fast, and to stop again
_FASTER = 1.1  # than walking, at least


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    if step.in_place:
        message = "'run': it runs ahead only, and on the spot it would only march; say march on the spot"
        raise GroundingError(message, "unsupported_skill", suggestions=("march on the spot",))
    robot = surroundings.robot
    least = _FASTER * speeds(robot, WALKING)[line_direction(step)]
    if Run.name not in robot.motions:
        return travel_step(step, surroundings, NORMAL, Distance(3.0), least)
    runs = robot.gait.runs_above / robot.gait.walk_speed
    usual = {**NORMAL, "forward": runs + _OVER}
    most = fastest(robot) | speeds(robot, {"forward": runs + _MOST})
    return travel_step(step, surroundings, usual, Distance(_WAY), least, most=most)


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
