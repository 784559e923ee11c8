"""What walking, running and marching share: a line, a curve or the spot, in a manner."""

from __future__ import annotations

from collections.abc import Mapping

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.amounts import Amount, Distance
from simonsays.envs.moves.gates import through_step
from simonsays.envs.moves.line import line_step
from simonsays.envs.moves.pace import fastest, speeds
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Surroundings
from simonsays.envs.moves.spot import spot_step
from simonsays.envs.moves.styles import PLAIN, Style, in_style, style_of
from simonsays.envs.moves.ways import path_step

TAKES = ("direction", "distance", "steps", "duration", "speed", "side", "path", "object", "in_place", "style")
"""slots of a verb that walks along lines and curves, on the spot, and in a manner"""
_SHOWN = 3.0  # m, in a manner, where nothing is said of how far


def travel_step(
    step: Step,
    surroundings: Surroundings,
    normal: Mapping[str, float],
    default: Amount,
    least: float = 0.0,
    manner: Style = PLAIN,
    most: Mapping[str, float] | None = None,
) -> GroundedStep:
    """A step along a line, a curve or on the spot.

    Args:
        normal: by direction, as shares of the speed that the robot's gait is for. default: how far along a line, if
            nothing is said. least: m/s, that it must exceed. manner: where no other is said. most: m/s by direction
            along a line; None: as it walks.

    Raises:
        GroundingError: it cannot be done as it was said.
    """
    style = style_of(step, manner, runs=least > 0.0)
    paced = speeds(surroundings.robot, {direction: style.share * share for direction, share in normal.items()})
    if step.style is not None and isinstance(default, Distance):
        default = Distance(max(_SHOWN, default.metres))
    if step.in_place:
        made = spot_step(step)
    elif step.path is not None and step.path.shape == "through":
        made = through_step(step, surroundings, paced, least)
    elif step.path is not None:
        made = path_step(step, surroundings, paced, least)
    elif step.object is not None:
        message = f"{step.verb!r}: say how it goes about it: around it, or to it"
        raise GroundingError(message, "unsupported_skill")
    else:
        made = line_step(step, paced, default, most or fastest(surroundings.robot), least)
    return in_style(made, style, surroundings.robot)
