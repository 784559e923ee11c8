"""A hand-written law for the instruction task's hierarchy: a baseline, and what a policy may be cloned from."""

from __future__ import annotations

import math

from simonsays.envs.instruction.encoding import GESTURES

_TURN_FIRST = 0.7  # rad: with more than this to turn it does not walk


def guided_action(to_go: tuple[float, float, float], wanted: str | None) -> list[float]:
    """(4 + number of GESTURES) in -1 to 1: towards what is left to go (m, m, rad), with the wanted gesture."""
    forward, left, angle = to_go
    share = max(0.0, 1.0 - abs(angle) / _TURN_FIRST)
    logits = [0.8 if gesture == wanted else -0.8 for gesture in GESTURES]
    return [share * _pull(forward), share * _pull(left), _pull(angle), 0.0, *logits]


def _pull(value: float) -> float:
    """Leaves the dead zone at 0.03 m or rad; slower, the less is left."""
    size = abs(value)
    return math.copysign(min(1.0, 7.0 * size, 0.25 + 0.75 * size), value)
