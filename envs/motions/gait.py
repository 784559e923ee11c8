"""The reference gait: a clock, and joint targets as a function of its phase and of the command.

A policy acts as a residual on these targets. The reference strides as the command says (envs/motions/pattern.py), on
nearly straight legs with flat soles, sways over the foot that is down and swings the arms; it does not balance.
"""

from __future__ import annotations

import math

import numpy as np

from simonsays.envs.motions.base import STANDS, Motion, Reference, Wish, register_motion
from simonsays.envs.motions.bent_legs import BentLegs, lean
from simonsays.envs.motions.pattern import (
    FLOATS,
    GaitClock,
    Pace,
    following,
    over_feet,
    pace,
    strides,
    swing,
    ticked,
)
from simonsays.envs.stage import Stage
from simonsays.sim.specs import GaitSpec
from simonsays.sim.state import Vector

_HEIGHT_SPEED = 0.4  # m/s, at most, of the wanted height of the base
_FROM_STAND = 0.4  # share of episodes with a command to move that begin standing


def approached(height: float, wanted: float, dt: float) -> float:
    """m, the height a control step (s) later, on its way to the wanted one at no more than 0.4 m/s."""
    step = _HEIGHT_SPEED * dt
    return height + max(-step, min(step, wanted - height))


def random_clock(rng: np.random.Generator, command: Vector, share: float, gait: GaitSpec) -> GaitClock:
    """A clock that stands where the command does; else at a random phase, or standing, too.

    ``share``: of the command, that it follows already. A stride that the body is not as fast as fells it.
    """
    moves = sum(map(abs, command)) > gait.still
    if moves and rng.random() >= _FROM_STAND:
        follows = [share * value for value in command]
        return GaitClock(float(rng.uniform()), True, 0.5, *follows[:2], *follows)
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
        frontal = (gait.hip_roll, gait.hip_yaw, gait.ankle_roll, gait.arm_swing)
        others = [[pair and place[pair[side]] for pair in frontal] for side in (0, 1)]
        self._places = [(*pitches, *rest) for pitches, rest in zip(self.pitch_joints, others, strict=True)]
        hip, knee, _ = self.pitch_joints[0]
        self._bent = BentLegs(stage.spec, self.standing[hip], self.standing[knee], gait.crouch_sag)

    def start(self, wish: Wish, rng: np.random.Generator) -> Reference:
        """At a random phase where the command asks for motion, at the height that is wanted."""
        stage, gait = self.stage, self.spec.gait
        clock = GaitClock(0.0, False) if stage.still else random_clock(rng, wish.command, stage.going, gait)
        return self._reference(clock, wish.height)

    def advance(self, wish: Wish, before: Reference) -> Reference:
        """The clock goes on, and the legs with it."""
        dt, (reading, command) = self.stage.dt, (self.stage.reading, wish.command)
        wanted = self.spec.standing_height if before.running else wish.height
        clock = GaitClock(before.phase, before.running, before.begun, *before.drift, *before.follows)
        clock = following(FLOATS, self.spec.gait, clock, command, dt)
        now = pace(FLOATS, self.spec.gait, clock.ahead, clock.aside)
        if not self.stage.still:
            left, right = reading.leg_odometry
            moves = over_feet(FLOATS, clock, (left[:2], right[:2]), now.duty)
            x, y, _ = reading.gravity
            tilt = (x - math.sin(before.lean), y)
            clock = ticked(FLOATS, self.spec.gait, clock, dt, now, command, moves, tilt)
        return self._reference(clock, approached(before.height, wanted, dt), now)

    def _reference(self, clock: GaitClock, height: float, now: Pace | None = None) -> Reference:
        command = clock.follows
        now = now or pace(FLOATS, self.spec.gait, command[0], command[1])
        targets = self.targets(clock, command, height, now)
        start = 2.0 * max(0.0, clock.begun)  # help that pulls at once pulls it over
        swings = (swing(clock.phase, 0, now.duty), swing(clock.phase, 1, now.duty)) if clock.stepping else STANDS
        return Reference(
            targets,
            clock.phase,
            clock.stepping,
            height,
            lean(self.spec, height),
            velocity=(start * command[0], start * command[1], start * command[2]),
            begun=clock.begun,
            drift=(clock.forward, clock.sideways),
            follows=command,
            swing=swings,
        )

    def may_begin(self, before: Reference) -> bool:
        """Nobody asks for it: it is what goes on while nothing else does."""
        return False

    def done(self, wish: Wish, reference: Reference) -> bool:
        """It never is."""
        return False

    def targets(self, clock: GaitClock, command: Vector, height: float, now: Pace) -> list[float]:
        """(J,) rad: the standing pose at a height (m) of the base, plus stride, swing and sway in the gait."""
        targets = self.standing.copy()
        if height != self.spec.standing_height:
            down = self._bent.offsets(height)
            for leg in self.pitch_joints:
                for place, offset in zip(leg, down, strict=True):
                    targets[place] += offset
        if clock.stepping:
            offsets = strides(FLOATS, self.spec.gait, clock, command, now)
            for places, own in zip(self._places, offsets, strict=True):
                for joint, offset in zip(places, own, strict=True):
                    if joint is not None:  # some ankles do not roll
                        targets[joint] += offset
        return targets
