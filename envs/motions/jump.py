"""The reference of a jump on both feet: joint targets as a function of time. A policy acts as a residual on it."""

from __future__ import annotations

from itertools import pairwise

from simonsays.envs.motions.gait import Crouch
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Array, Vector

DURATION = 1.5  # s, from the first bend of the knees to standing again
FLIGHT = (0.52, 0.70)  # s, when both feet should be off the ground
# Time (s), base height relative to standing (m) that the legs' angles make, and plantar flexion (rad).
_KNOTS = (
    (0.00, 0.00, 0.00),
    (0.30, -0.11, 0.00),
    (0.36, -0.11, 0.00),
    (0.48, 0.00, 0.20),
    (0.52, 0.00, 0.20),
    (0.60, -0.06, 0.00),
    (0.68, -0.04, 0.00),
    (0.74, -0.04, 0.00),
    (0.92, -0.10, 0.00),
    (1.30, 0.00, 0.00),
    (DURATION, 0.00, 0.00),
)


def profile(time: float) -> tuple[float, float]:
    """Height relative to standing (m) and plantar flexion (rad) at a time (s) of the jump, by straight lines."""
    for (t0, h0, p0), (t1, h1, p1) in pairwise(_KNOTS):
        if time <= t1:
            share = max(0.0, (time - t0) / (t1 - t0))
            return h0 + share * (h1 - h0), p0 + share * (p1 - p0)
    return _KNOTS[-1][1:]


def in_flight(time: float) -> bool:
    """Whether both feet should be off the ground at a time (s) of the jump."""
    return FLIGHT[0] <= time <= FLIGHT[1]


class JumpReference:
    """Joint targets of a jump of one robot; resolves the joints' places once."""

    def __init__(self, spec: RobotSpec, joint_names: tuple[str, ...], standing: Array) -> None:
        place = {name: i for i, name in enumerate(joint_names)}
        gait = spec.gait
        self._spec, self._standing = spec, standing.tolist()
        self._legs = [
            (place[gait.hip_pitch[side]], place[gait.knee[side]], place[gait.ankle_pitch[side]]) for side in (0, 1)
        ]
        self._rolls = [place[name] for name in gait.hip_roll]
        hip, knee, _ = self._legs[0]
        self._crouch = Crouch(spec, self._standing[hip], self._standing[knee])

    def targets(self, time: float, command: Vector) -> list[float]:
        """(J,) rad at a time (s) of the jump; ``command`` (3,) leans the legs into the way that it goes in flight."""
        targets: list[float] = self._standing.copy()
        rise, flexion = profile(time)
        hip, knee, ankle = self._crouch.offsets(self._spec.standing_height + rise)
        # The feet go where it will land, and push to the other side before.
        ahead = -0.4 * command[0] if FLIGHT[0] < time < 0.88 else 0.0
        aside = 0.5 * command[1] * (1.0 if FLIGHT[0] < time < 0.88 else -1.0 if 0.36 < time <= 0.5 else 0.0)
        for roll in self._rolls:
            targets[roll] += aside
        for leg in self._legs:
            targets[leg[0]] += hip + ahead
            targets[leg[1]] += knee
            targets[leg[2]] += ankle + flexion - ahead
        return targets
