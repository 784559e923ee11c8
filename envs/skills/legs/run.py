"""run: as walk, faster, with a smooth start and stop."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.motions.run import Run
from simonsays.envs.moves.amounts import Distance
from simonsays.envs.moves.line import line_direction
from simonsays.envs.moves.pace import FASTEST
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Skill, Surroundings, register_skill
from simonsays.envs.moves.travel import TAKES, travel_step
from simonsays.envs.skills.legs.walk import NORMAL as WALKING
from simonsays.sim.specs import RobotSpec

NORMAL = {"forward": 1.0, "backward": 0.36, "left": 0.28, "right": 0.28}
"""m/s by direction; ahead, that of a robot whose policy cannot run: it walks quickly"""
_OVER, _MOST = 0.1, 0.4  # m/s above the speed from which on it runs: as usual, and at most
_WAY, _WALKED = 5.0, 3.0  # m, of a run of which nothing else is said: to be as fast, and to stop again
_FASTER = 1.1  # than walking, at least


def running(robot: RobotSpec, over: float = _OVER) -> float:
    """m/s ahead of a robot that runs ``over`` m/s faster than it must; one whose policy cannot run walks quickly."""
    return robot.gait.runs_above + over if Run.name in robot.motions else NORMAL["forward"]


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    if step.in_place:
        message = "'run': it runs ahead only, and on the spot it would only march; say march on the spot"
        raise GroundingError(message, "unsupported_skill", suggestions=("march on the spot",))
    robot, least = surroundings.robot, _FASTER * WALKING[line_direction(step)]
    way = _WAY if Run.name in robot.motions else _WALKED
    most = {**FASTEST, "forward": running(robot, _MOST) if Run.name in robot.motions else FASTEST["forward"]}
    return travel_step(step, surroundings, {**NORMAL, "forward": running(robot)}, Distance(way), least, most=most)


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
