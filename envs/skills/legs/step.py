"""step: a number of steps in a direction, each a foot that is put forward."""

from __future__ import annotations

from dataclasses import replace

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.amounts import Steps
from simonsays.envs.moves.line import line_step
from simonsays.envs.moves.pace import fastest, speeds
from simonsays.envs.moves.skill import GroundedStep, Skill, Surroundings, register_skill

# of GaitSpec.walk_speed: a few steps must tell where they go
_NORMAL = {"forward": 13 / 11, "backward": 7 / 11, "left": 6 / 11, "right": 6 / 11}


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    if step.count is not None and step.distance_m is None and step.duration_s is None:
        step = replace(step, steps=(step.steps or 1) * step.count, count=None)
    robot = surroundings.robot
    return line_step(step, speeds(robot, _NORMAL), Steps(1), fastest(robot))


SKILL = register_skill(
    Skill(
        "step",
        "take three steps forward",
        _ground,
        takes=("steps", "count", "direction", "distance", "duration", "speed"),
        goal="line",
        straight=(0.3, 0.4),
        looks_like="walk",
        cameras=("follow", "side"),
    )
)
