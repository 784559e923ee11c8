"""The reference gait: a clock, and joint targets as a function of its phase and of the command.

A policy acts as a residual on these targets. The reference steps in place, leans its legs into the commanded
stride and yaws the hips into the commanded turn; it does not balance.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simonsays.envs.motions.base import Motion, Reference, Wish, register_motion
from simonsays.envs.motions.bent_legs import BentLegs, lean
from simonsays.envs.stage import Stage
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Vector

STANDING = 0.05  # a command whose absolute values sum to no more than this means: stand still
_START_SPEED = 0.25  # m/s: a standing robot that moves this fast, or
_START_TILT = 0.15  # leans this far (sine), starts to step by itself
_STOP_SPEED = 0.15  # m/s, filtered: a robot told to stand stops stepping below this, at the end of a swing
_HEIGHT_SPEED = 0.4  # m/s, at most, of the wanted height of the base
_LENGTHWISE = (0.83, 0.6)  # weights of the forward speed, now and filtered, in whether the gait starts and stops


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


def gait_period(spec: RobotSpec, command: Vector) -> float:
    """s for a left and a right step: shorter when it is to be fast."""
    gait = spec.gait
    share = 2.0 * math.hypot(command[0], command[1]) / gait.fast_speed - 1.0
    return gait.period - (gait.period - gait.fast_period) * min(1.0, max(0.0, share))


def approached(height: float, wanted: float, dt: float) -> float:
    """m, the height a control step (s) later, on its way to the wanted one at no more than 0.4 m/s."""
    step = _HEIGHT_SPEED * dt
    return height + max(-step, min(step, wanted - height))


def random_clock(rng: np.random.Generator, command: Vector) -> GaitClock:
    """A clock at a random phase if the command asks for motion, else standing."""
    if is_moving(command):
        return GaitClock(float(rng.uniform()), True)
    return GaitClock(float(rng.integers(2)) / 2, False)


@register_motion
class Gait(Motion):
    """Walking, turning and standing, as the command says."""

    name = "gait"
    does = "Follows a command ({command}): a residual on a reference gait"
    travels = True
    busy = False

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        gait, place = stage.spec.gait, stage.layout.place
        self._stride = [
            (place[gait.hip_pitch[side]], place[gait.hip_roll[side]], place[gait.hip_yaw[side]]) for side in (0, 1)
        ]
        self._arms = [place[name] for name in gait.arm_swing]
        hip, knee, _ = self.pitch_joints[0]
        self._bent = BentLegs(stage.spec, self.standing[hip], self.standing[knee], gait.crouch_sag)

    def start(self, wish: Wish, rng: np.random.Generator) -> Reference:
        """At a random phase where the command asks for motion, at the height that is wanted."""
        clock = GaitClock(0.0, False) if self.stage.still else random_clock(rng, wish.command)
        return self._reference(clock, wish.command, wish.height)

    def advance(self, wish: Wish, before: Reference) -> Reference:
        """The clock goes on, and the legs with it."""
        dt, reading = self.stage.dt, self.stage.reading
        fx, fy, _ = self.stage.velocity
        gx, gy, _ = reading.gravity
        gx -= math.sin(before.lean)
        # Along its feet it can stop from more than across them.
        hx, hy, _ = reading.heading_velocity
        speed, mean_speed = math.hypot(_LENGTHWISE[0] * hx, hy), math.hypot(_LENGTHWISE[1] * fx, fy)
        wanted = self.spec.standing_height if before.running else wish.height
        clock = GaitClock(before.phase, before.running)
        if not self.stage.still:
            period = gait_period(self.spec, wish.command)
            clock = clock.advance(dt, period, wish.command, speed, mean_speed, math.hypot(gx, gy))
        return self._reference(clock, wish.command, approached(before.height, wanted, dt))

    def _reference(self, clock: GaitClock, command: Vector, height: float) -> Reference:
        targets = self.targets(clock, command, height)
        return Reference(targets, *clock, height, lean(self.spec, height), velocity=command)

    def may_begin(self, before: Reference) -> bool:
        """Nobody asks for it: it is what goes on while nothing else does."""
        return False

    def done(self, wish: Wish, reference: Reference) -> bool:
        """It never is."""
        return False

    def targets(self, clock: GaitClock, command: Vector, height: float) -> list[float]:
        """(J,) rad: the standing pose at a height (m) of the base, plus swing, stride and arm swing in the gait."""
        targets = self.standing.copy()
        down = self._bent.offsets(height)
        for leg in self.pitch_joints:
            for place, offset in zip(leg, down, strict=True):
                targets[place] += offset
        if not clock.stepping:
            return targets
        angle = 2 * math.pi * clock.phase
        sine, cosine = math.sin(angle), math.cos(angle)
        forward, sideways, yaw = command
        quarter = gait_period(self.spec, command) / 4
        stride, lift = quarter / self.spec.gait.leg_length, self.spec.gait.lift
        for side, sign in ((0, 1.0), (1, -1.0)):
            bend = lift * max(sign * sine, 0.0)
            hip, knee, ankle = self.pitch_joints[side]
            targets[hip] -= bend
            targets[knee] += 2 * bend
            targets[ankle] -= bend
            pitch, roll, hip_yaw = self._stride[side]
            targets[pitch] += sign * stride * forward * cosine
            targets[roll] -= sign * stride * sideways * cosine
            targets[hip_yaw] -= sign * quarter * yaw * cosine
            targets[self._arms[side]] += sign * 0.3 * sine * min(1.0, 1.5 * forward)
        return targets
