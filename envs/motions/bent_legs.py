"""Legs that bend: the angles that lower the base over flat feet, and how far it leans and moves back."""

from __future__ import annotations

import math

from simonsays.sim.specs import RobotSpec


def lean(spec: RobotSpec, height: float) -> float:
    """rad, forward pitch of the base in a crouch with the base at ``height`` m."""
    return spec.gait.crouch_lean * _depth(spec, height)


def crouch_retreat(spec: RobotSpec, height: float) -> float:
    """m that the base moves back over the feet in a crouch with the base at ``height`` m."""
    return -spec.gait.crouch_shift * _depth(spec, height)


def _depth(spec: RobotSpec, height: float) -> float:
    """How deep a crouch is: 0 standing, 1 at the lowest height that is trained for."""
    lowest = spec.gait.lowest
    return 0.0 if lowest is None else (spec.standing_height - height) / (spec.standing_height - lowest)


class BentLegs:
    """Leg angles that lower the base and keep the centre of mass over the feet: two-link kinematics, flat feet.

    ``hip``, ``knee``: rad, standing; ``sag``: m, what the legs yield under the weight at the lowest height.
    """

    def __init__(self, spec: RobotSpec, hip: float, knee: float, sag: float = 0.0) -> None:
        self._spec, self._link, self._sag = spec, spec.gait.crouch_leg / 2, sag
        thigh, shin = -hip, knee + hip  # rad from the vertical, forward and backward
        self._up = self._link * (math.cos(thigh) + math.cos(shin))
        self._ahead = self._link * (math.sin(shin) - math.sin(thigh))
        self._standing = self._solve(self._up, self._ahead)

    def _solve(self, up: float, ahead: float) -> tuple[float, float]:
        """Hip pitch of an upright base and knee (rad) that put the hip ``up`` over and ``ahead`` of the ankle (m)."""
        knee = 2 * math.acos(min(1.0, math.hypot(up, ahead) / (2 * self._link)))
        return math.atan2(ahead, up) - knee / 2, knee

    def offsets(self, height: float) -> tuple[float, float, float]:
        """Hip pitch, knee and ankle pitch (rad) to add to the standing pose for a base ``height`` m high."""
        depth = max(0.0, _depth(self._spec, height))  # above standing height the legs stretch, without a lean
        if height == self._spec.standing_height:
            return 0.0, 0.0, 0.0
        gait = self._spec.gait
        up = self._up - (self._spec.standing_height - height) + self._sag * math.sqrt(depth)
        hip, knee = self._solve(up, self._ahead + depth * gait.crouch_shift)
        hip, knee = hip - self._standing[0], knee - self._standing[1]
        return hip - depth * gait.crouch_lean, knee, -hip - knee
