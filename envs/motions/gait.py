"""The reference gait: a clock, and joint targets as a function of its phase and of the command.

A policy acts as a residual on these targets. The reference strides as the command says (envs/motions/pattern.py), on
nearly straight legs with flat soles, sways over the foot that is down and swings the arms; it does not balance.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simonsays.envs.motions import pattern
from simonsays.envs.motions.base import Motion, Reference, Wish, register_motion
from simonsays.envs.motions.bent_legs import BentLegs, lean
from simonsays.envs.motions.pattern import pace
from simonsays.envs.stage import Stage
from simonsays.sim.specs import GaitSpec
from simonsays.sim.state import Vector

STANDING = 0.01  # a command whose absolute values sum to no more than this means: stand still
_START_SPEED = 0.25  # m/s: a standing robot that moves this fast, or
_START_TILT = 0.15  # leans this far (sine), starts to step by itself
_STOP_SPEED = 0.15  # m/s, filtered: a robot told to stand stops stepping below this, at the end of a swing
_HEIGHT_SPEED = 0.4  # m/s, at most, of the wanted height of the base
_LEAD = 0.05  # periods, of both feet down before the first swing: time to lean over the foot that stays
_PUSH_SPEED = 0.55  # m/s, from which on a foot pushes off in full
_NARROW_SPEED = 0.3  # m/s, ahead or back, from which on the feet are as close as the gait has them
_FROM_STAND = 0.4  # share of episodes with a command to move that begin standing
_MOST_ARM = 0.45  # rad, of arm swing
_LENGTHWISE = (0.83, 0.6)  # weights of the forward speed, now and filtered, in whether the gait starts and stops


class GaitClock(NamedTuple):
    """Phase (0 to 1), whether the gait runs, and periods since it began; :meth:`advance` returns the next one."""

    phase: float
    stepping: bool
    begun: float = 0.5
    """no more than 0.5: a first step is over"""

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
            if walking or disturbed:
                return GaitClock((_first_phase(self.phase, command) - _LEAD) % 1.0, True, -_LEAD)
            return self
        share = dt / period
        phase, begun = self.phase + share, min(0.5, self.begun + share)
        swing_ended = begun > 0.25 and int(phase * 2) != int(self.phase * 2)
        if swing_ended and not walking and mean_speed < _STOP_SPEED:
            return GaitClock(0.5 if phase < 1 else 0.0, False)
        return GaitClock(phase % 1.0, True, begun)


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


def approached(height: float, wanted: float, dt: float) -> float:
    """m, the height a control step (s) later, on its way to the wanted one at no more than 0.4 m/s."""
    step = _HEIGHT_SPEED * dt
    return height + max(-step, min(step, wanted - height))


def random_clock(rng: np.random.Generator, command: Vector) -> GaitClock:
    """A clock that stands where the command does, and two times in five where it does not; else at a random phase."""
    if is_moving(command) and rng.random() >= _FROM_STAND:
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
        self._frontal = [
            [place[pair[side]] for pair in (gait.hip_roll, gait.hip_yaw, gait.ankle_roll, gait.arm_swing)]
            for side in (0, 1)
        ]
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
        clock = GaitClock(before.phase, before.running, before.begun)
        if not self.stage.still:
            period = pace(self.spec.gait, wish.command).period
            clock = clock.advance(dt, period, wish.command, speed, mean_speed, math.hypot(gx, gy))
        return self._reference(clock, wish.command, approached(before.height, wanted, dt))

    def _reference(self, clock: GaitClock, command: Vector, height: float) -> Reference:
        targets = self.targets(clock, command, height)
        phase, running, begun = clock
        start = 2.0 * max(0.0, begun)  # help that pulls at once pulls it over
        velocity = (start * command[0], start * command[1], start * command[2])
        return Reference(targets, phase, running, height, lean(self.spec, height), velocity=velocity, begun=begun)

    def may_begin(self, before: Reference) -> bool:
        """Nobody asks for it: it is what goes on while nothing else does."""
        return False

    def done(self, wish: Wish, reference: Reference) -> bool:
        """It never is."""
        return False

    def targets(self, clock: GaitClock, command: Vector, height: float) -> list[float]:
        """(J,) rad: the standing pose at a height (m) of the base, plus stride, swing and sway in the gait."""
        targets = self.standing.copy()
        down = self._bent.offsets(height)
        for leg in self.pitch_joints:
            for place, offset in zip(leg, down, strict=True):
                targets[place] += offset
        if clock.stepping:
            for side in (0, 1):
                places = (*self.pitch_joints[side], *self._frontal[side])
                for place, offset in zip(places, stride(self.spec.gait, side, clock, command), strict=True):
                    targets[place] += offset
        return targets


def stride(gait: GaitSpec, side: int, clock: GaitClock, command: Vector) -> tuple[float, ...]:
    """rad, of a leg (0 left, 1 right) beside standing: hip, knee, ankle pitch, hip roll and yaw, ankle roll, arm.

    The sole stays parallel to the ground but where it pushes off.
    """
    period, duty, run = pace(gait, command)
    reach, bend, dip, push = pattern.leg(clock.phase, side, duty, clock.begun)
    (forward, sideways, yaw), left = command, 1.0 - 2.0 * side
    start = min(1.0, max(0.0, 2.0 * clock.begun))
    travel = 0.5 * duty * period  # s, that half the way of a foot on the ground takes
    ahead = travel * (forward - left * gait.hip_width * yaw) / gait.leg_length
    lift = bend * (gait.lift + run * (gait.run_lift - gait.lift)) + dip * run * gait.run_dip
    closer = left * gait.closer * min(1.0, abs(forward) / _NARROW_SPEED) * max(0.0, 1.0 - 10.0 * abs(sideways))
    angle = 2 * math.pi * clock.phase
    sway = gait.sway * min(1.0, period / gait.idle_period) ** 2 * math.sin(angle)  # less in a quick step
    aside = reach * travel * sideways + start * (sway - closer)
    push *= (gait.push + run * (gait.run_push - gait.push)) * min(1.0, max(0.0, forward) / _PUSH_SPEED)
    roll, hip = aside / gait.leg_length, -reach * ahead
    arm = -left * start * math.cos(angle) * max(-_MOST_ARM, min(_MOST_ARM, travel * forward / gait.leg_length))
    onward = hip * (gait.roll_over if hip > 0 else gait.heel) * (1.0 - min(1.0, bend))
    return hip - lift, 2 * lift, push + onward - hip - lift, roll, reach * travel * yaw, -roll, arm
