"""step: a number of steps in a direction, each a foot that is put forward."""

from __future__ import annotations

from dataclasses import replace

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.amounts import Steps
from simonsays.envs.moves.line import line_step
from simonsays.envs.moves.skill import GroundedStep, Skill, Surroundings, register_skill

_NORMAL = {"forward": 0.65, "backward": 0.35, "left": 0.3, "right": 0.3}  # m/s: a few steps must tell where they go


def _ground(step: Step, surroundings: Surroundings) -> GroundedStep:
    if step.count is not None and step.distance_m is None and step.duration_s is None:
        step = replace(step, steps=(step.steps or 1) * step.count, count=None)
    return line_step(step, _NORMAL, Steps(1))


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
