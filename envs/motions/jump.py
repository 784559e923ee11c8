"""A jump on both feet, and landing standing: its timeline, reference, rewards and settings.

The reference is joint targets as a function of time; a policy acts as a residual on it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar

from simonsays.envs.context import StepContext
from simonsays.envs.motions.base import STILL, TimedMotion, register_motion
from simonsays.envs.motions.bent_legs import BentLegs
from simonsays.envs.rewards import reward
from simonsays.envs.settings import Positive
from simonsays.envs.stage import Stage
from simonsays.sim.state import Vector

# The timeline, s from the first bend of the knees to standing again. All of it.
_DURATION = 1.5
_LEANS = (0.36, 0.50)  # the legs push to the side that is away from where it will land
_PUSHES = (0.42, 0.70)  # the velocity is that of the command: from the push until the feet are to land
_FLIES = (0.52, 0.70)  # both feet should be off the ground
_LANDS = 0.88  # until then the feet go where it will land
_LOOSE = (0.4, 0.8)  # the feet need not touch the ground; helping forces pull along
_MOVES = (0.3, 1.0)  # it need not stand still
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
    (_DURATION, 0.00, 0.00),
)


def profile(time: float) -> tuple[float, float]:
    """Height relative to standing (m) and plantar flexion (rad) at a time (s) of the jump, by straight lines."""
    for (t0, h0, p0), (t1, h1, p1) in pairwise(_KNOTS):
        if time <= t1:
            share = max(0.0, (time - t0) / (t1 - t0))
            return h0 + share * (h1 - h0), p0 + share * (p1 - p0)
    return _KNOTS[-1][1:]


@register_motion
class Jump(TimedMotion):
    """One jump; the command leans the legs into the way that it goes in flight."""

    name = "jump"
    does = "Jumps on both feet and lands standing: a residual on a reference jump"
    duration = _DURATION
    settings: ClassVar[Mapping[str, Any]] = {
        "episode_seconds": 3.0,
        "forward": (-0.25, 0.4),
        "sideways": (-0.1, 0.1),
        "yaw_rate": (0.0, 0.0),
        "standing": 0.4,
        "command_seconds": (60.0, 60.0),
        "reward_weights": {
            "jump_clearance": 60.0,
            "jump_travel": 8.0,
            "alive": 0.2,
            "tilt": -4.0,
            "spin": -0.6,
            "tilt_rate": -0.03,
            "landed_speed": -1.0,
            "landed_contact": 0.4,
            "action_rate": -0.01,
            "action_jerk": -0.003,
            "torque": -1e-5,
            "joint_acceleration": -5e-8,
            "hip_posture": -0.5,
            "leg_posture": -0.1,
            "fall": -12.0,
        },
    }

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._rolls = [stage.layout.place[name] for name in stage.spec.gait.hip_roll]
        hip, knee, _ = self.pitch_joints[0]
        self._bent = BentLegs(stage.spec, self.standing[hip], self.standing[knee])

    def targets(self, time: float, command: Vector) -> list[float]:
        """(J,) rad at a time (s) of the jump; ``command`` (3,) leans the legs into the way that it goes in flight."""
        targets = self.standing.copy()
        rise, flexion = profile(time)
        hip, knee, ankle = self._bent.offsets(self.spec.standing_height + rise)
        # The feet go where it will land, and push to the other side before.
        lands = _FLIES[0] < time < _LANDS
        ahead = -0.4 * command[0] if lands else 0.0
        aside = 0.5 * command[1] * (1.0 if lands else -1.0 if _LEANS[0] < time <= _LEANS[1] else 0.0)
        for roll in self._rolls:
            targets[roll] += aside
        for leg in self.pitch_joints:
            targets[leg[0]] += hip + ahead
            targets[leg[1]] += knee
            targets[leg[2]] += ankle + flexion - ahead
        return targets

    def helped(self, time: float, command: Vector) -> Vector:
        """The command in the air, else it is held where it is."""
        return command if _LOOSE[0] < time < _LOOSE[1] else STILL


def _within(ctx: StepContext, window: tuple[float, float]) -> bool:
    """Whether a jump runs, and is in a window of its time."""
    time = ctx.motion_time
    return ctx.motion == Jump.name and time is not None and window[0] <= time <= window[1]


@reward
def jump_clearance(ctx: StepContext, most: Positive = 0.08) -> float:
    """Height (m) of the lower sole above the ground, at most ``most``, while a jump should fly. >= 0."""
    if not _within(ctx, _FLIES):
        return 0.0
    lowest = min(z - ctx.gradient * x for x, _, z in ctx.state.foot_positions)
    return min(most, max(0.0, lowest - ctx.spec.gait.sole_height))


@reward
def jump_travel(ctx: StepContext, width: Positive = 0.15) -> float:
    """exp(-e^2 / width) of the velocity's error in the plane (m/s) in a jump's push and flight, else 0. In [0, 1]."""
    return math.exp(-ctx.plane_error / width) if _within(ctx, _PUSHES) else 0.0


@reward
def landed_speed(ctx: StepContext, turning: float = 0.3) -> float:
    """Speed (m/s) in the plane plus ``turning`` (m) times the yaw rate (rad/s) outside of jumps' first second. >= 0."""
    return 0.0 if _within(ctx, _MOVES) else ctx.speed(turning)


@reward
def landed_contact(ctx: StepContext) -> float:
    """1 while both feet touch the ground outside of a jump's flight, else 0."""
    return 0.0 if _within(ctx, _LOOSE) else float(all(ctx.state.foot_contacts))
