"""When an episode ends for a reason of the task: pure functions."""

from __future__ import annotations

from simonsays.sim.spec import RobotSpec
from simonsays.sim.state import Reading

_LOWEST = 0.72  # of the standing height
_STEEPEST = -0.65  # z of gravity in the base frame: about 49 degrees of tilt


def fallen(state: Reading, spec: RobotSpec) -> bool:
    """Whether the base is below 72% of its standing height or tilted by more than 49 degrees."""
    return state.base_position[2] < _LOWEST * spec.base_height or -state.rotation[2][2] > _STEEPEST
