"""The reference gait: a clock, and joint targets as a function of its phase and of the command.

A policy acts as a residual on these targets. The reference steps in place, leans its legs into the commanded
stride and yaws the hips into the commanded turn; it does not balance.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from simonsays.sim.spec import RobotSpec
from simonsays.sim.state import Array, Vector

STANDING = 0.05  # a command whose absolute values sum to no more than this means: stand still
_START_SPEED = 0.25  # m/s: a standing robot that moves this fast, or
_START_TILT = 0.15  # leans this far (sine), starts to step by itself
_STOP_SPEED = 0.15  # m/s, filtered: a robot told to stand stops stepping below this, at the end of a swing


class GaitClock(NamedTuple):
    """Phase (0 to 1) and whether the gait runs; :meth:`advance` returns the next one."""

    phase: float
    stepping: bool

    def advance(
        self, dt: float, period: float, command: Vector, speed: float, mean_speed: float, tilt: float
    ) -> GaitClock:
        """The clock ``dt`` seconds later.

        Told to stand, the robot finishes its swing and goes on stepping until it is slow; both feet are then
        down and the reference is the standing pose, so the hand-over is smooth. ``speed`` and ``mean_speed``:
        m/s in the plane, now and low-pass filtered; ``tilt``: sine of the base's tilt.
        """
        walking = is_moving(command)
        if not self.stepping:
            disturbed = speed > _START_SPEED or tilt > _START_TILT
            return GaitClock(self.phase, True) if walking or disturbed else self
        phase = self.phase + dt / period
        swing_ended = int(phase * 2) != int(self.phase * 2)
        if swing_ended and not walking and mean_speed < _STOP_SPEED:
            return GaitClock(0.5 if phase < 1 else 0.0, False)
        return GaitClock(phase % 1.0, True)


def is_moving(command: Vector) -> bool:
    """Whether a command (3,) asks for motion."""
    x, y, yaw = command
    return abs(x) + abs(y) + abs(yaw) > STANDING


class ReferenceGait:
    """Joint targets of the reference gait of one robot; resolves the joints' places once."""

    def __init__(self, spec: RobotSpec, joint_names: tuple[str, ...], standing: Array) -> None:
        self._gait = spec.gait
        self._standing: list[float] = standing.tolist()
        place = {name: i for i, name in enumerate(joint_names)}
        gait = spec.gait
        self._swing = [
            (place[gait.hip_pitch[side]], place[gait.knee[side]], place[gait.ankle_pitch[side]]) for side in (0, 1)
        ]
        self._stride = [
            (place[gait.hip_pitch[side]], place[gait.hip_roll[side]], place[gait.hip_yaw[side]]) for side in (0, 1)
        ]
        self._arms = [place[name] for name in gait.arm_swing]

    def targets(self, clock: GaitClock, command: Vector) -> list[float]:
        """(J,) rad: the standing pose, plus swing, stride and arm swing while the gait runs."""
        targets = self._standing.copy()
        if not clock.stepping:
            return targets
        angle = 2 * math.pi * clock.phase
        sine, cosine = math.sin(angle), math.cos(angle)
        forward, sideways, yaw = command
        quarter = self._gait.period / 4
        stride = quarter / self._gait.leg_length
        lift = self._gait.lift
        for side, sign in ((0, 1.0), (1, -1.0)):
            bend = lift * max(sign * sine, 0.0)
            hip, knee, ankle = self._swing[side]
            targets[hip] -= bend
            targets[knee] += 2 * bend
            targets[ankle] -= bend
            pitch, roll, hip_yaw = self._stride[side]
            targets[pitch] += sign * stride * forward * cosine
            targets[roll] -= sign * stride * sideways * cosine
            targets[hip_yaw] -= sign * quarter * yaw * cosine
            targets[self._arms[side]] += sign * 0.3 * sine * min(1.0, 1.5 * forward)
        return targets


def random_clock(rng: np.random.Generator, command: Vector) -> GaitClock:
    """A clock at a random phase if the command asks for motion, else standing."""
    if is_moving(command):
        return GaitClock(float(rng.uniform()), True)
    return GaitClock(float(rng.integers(2)) / 2, False)
