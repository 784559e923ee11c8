"""When an episode ends for a reason of the task: pure functions of a StepContext that return a bool.

To add one, write a function and mark it with ``@termination``; a recipe lists them, as ``[env.terminations.fall]``,
with the parameters that differ from the defaults.
"""

from __future__ import annotations

from collections.abc import Callable

from simonsays.assets.registry import Registry
from simonsays.envs.context import StepContext
from simonsays.envs.terms import register_term
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Reading

_LOWEST = 0.5  # of the standing height; the deepest crouch is at 0.64
_UPRIGHT = 0.65  # cosine of the base's tilt: about 49 degrees

Termination = Callable[..., bool]
TERMINATIONS: Registry[Termination] = Registry("termination")


def termination(term: Termination) -> Termination:
    """Register a term under its function's name."""
    return register_term(TERMINATIONS, term)


def fallen(
    state: Reading, spec: RobotSpec, gradient: float = 0.0, lowest: float = _LOWEST, upright: float = _UPRIGHT
) -> bool:
    """Whether the base is low or tilted: below half of its standing height, or by more than 49 degrees.

    ``gradient``: rise (m) of the ground for each metre along +x. ``lowest``: share of the standing height;
    ``upright``: cosine of the tilt.
    """
    x, _, z = state.base_position
    return z - gradient * x < lowest * spec.base_height or state.rotation[2][2] < upright


@termination
def fall(ctx: StepContext, lowest: float = _LOWEST, upright: float = _UPRIGHT) -> bool:
    """The base is low (share of its standing height) or tilted (cosine): the robot has fallen."""
    return fallen(ctx.state, ctx.spec, ctx.gradient, lowest, upright)
