"""The reference gait: a clock, and joint targets as a function of its phase and of the command.

A policy acts as a residual on these targets. The reference steps in place, leans its legs into the commanded
stride and yaws the hips into the commanded turn; it does not balance.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simonsays.sim.specs import RobotSpec
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
            return GaitClock(_first_phase(self.phase, command), True) if walking or disturbed else self
        phase = self.phase + dt / period
        swing_ended = int(phase * 2) != int(self.phase * 2)
        if swing_ended and not walking and mean_speed < _STOP_SPEED:
            return GaitClock(0.5 if phase < 1 else 0.0, False)
        return GaitClock(phase % 1.0, True)


def _first_phase(phase: float, command: Vector) -> float:
    """Where the gait begins: sideways with the foot on that side, otherwise where it ended."""
    forward, sideways, _ = command
    if abs(sideways) <= max(abs(forward), STANDING):
        return phase
    return 0.0 if sideways > 0 else 0.5


def is_moving(command: Vector) -> bool:
    """Whether a command (3,) asks for motion."""
    x, y, yaw = command
    return abs(x) + abs(y) + abs(yaw) > STANDING


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


class Crouch:
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


def gait_period(spec: RobotSpec, command: Vector) -> float:
    """s for a left and a right step: shorter when it is to be fast."""
    gait = spec.gait
    share = 2.0 * math.hypot(command[0], command[1]) / gait.fast_speed - 1.0
    return gait.period - (gait.period - gait.fast_period) * min(1.0, max(0.0, share))


class ReferenceGait:
    """Joint targets of the reference gait of one robot; resolves the joints' places once."""

    def __init__(self, spec: RobotSpec, joint_names: tuple[str, ...], standing: Array) -> None:
        self._spec, self._gait = spec, spec.gait
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
        hip, knee, _ = self._swing[0]
        self._crouch = Crouch(spec, self._standing[hip], self._standing[knee], gait.crouch_sag)

    def targets(self, clock: GaitClock, command: Vector, height: float) -> list[float]:
        """(J,) rad: the standing pose at a height (m) of the base, plus swing, stride and arm swing in the gait."""
        targets = self._standing.copy()
        down = self._crouch.offsets(height)
        for leg in self._swing:
            for place, offset in zip(leg, down, strict=True):
                targets[place] += offset
        if not clock.stepping:
            return targets
        angle = 2 * math.pi * clock.phase
        sine, cosine = math.sin(angle), math.cos(angle)
        forward, sideways, yaw = command
        quarter = gait_period(self._spec, command) / 4
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
