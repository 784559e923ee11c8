"""When an episode ends for a reason of the task: pure functions."""

from __future__ import annotations

from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Reading

_LOWEST = 0.5  # of the standing height; the deepest crouch is at 0.64
_STEEPEST = -0.65  # z of gravity in the base frame: about 49 degrees of tilt


def fallen(state: Reading, spec: RobotSpec, gradient: float = 0.0) -> bool:
    """Whether the base is below half of its standing height or tilted by more than 49 degrees.

    ``gradient``: rise (m) of the ground for each metre along +x.
    """
    x, _, z = state.base_position
    return z - gradient * x < _LOWEST * spec.base_height or -state.rotation[2][2] > _STEEPEST
