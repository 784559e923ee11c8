"""Figures of the reference gait: joints by role, and lengths, times and speeds that follow from the leg."""

from __future__ import annotations

import math
from dataclasses import fields

from simonsays.assets.notes import dataclass

COMPUTED = math.nan
"""of a field that is not told: it follows from the leg's length"""
_GRAVITY = 9.81  # m/s^2
# Bodies of another size move alike at equal Froude numbers v^2 / (g L) (Alexander, Int. J. Robotics Research 3(2),
# 1984): lengths as L, times as sqrt(L / g), speeds as sqrt(g L). The shares are those of a humanoid that learned to
# walk with them, to two digits.
_LENGTHS = {"crouch_leg": 1.0, "wider": 0.047, "sway": 0.063, "foot_lift": 0.126, "sag": 0.0016}
_TIMES = {"period": 3.73, "idle_period": 2.75, "lately": 1.3}
_SPEEDS = {
    "walk_speed": 0.22,
    "walks_below": 0.52,
    "runs_above": 0.64,
    "catch_speed": 0.12,
    "start_speed": 0.1,
    "stop_speed": 0.06,
}
_ACCELERATION = (0.061, 0.051, 0.13)  # of g, of g, and of g / L


@dataclass(frozen=True)
class GaitSpec:
    """Figures of the reference gait (see envs/motions/gait.py): joints by role, each (left, right).

    Those in m, s and m/s that are not told are computed from ``leg_length``.
    """

    hip_pitch: tuple[str, str]
    hip_roll: tuple[str, str]
    hip_yaw: tuple[str, str]
    knee: tuple[str, str]
    ankle_pitch: tuple[str, str]
    leg_length: float
    """m, hip to ankle, turns a stride into a hip angle"""
    hip_width: float
    """m, from the middle to a foot"""
    lift: float
    """rad, hip and ankle pitch of a swing leg; its knee bends by twice that"""
    sole_height: float
    """m, foot link's origin above the ground when standing"""
    period: float = COMPUTED
    """s for a left and a right step at ``walk_speed``"""
    idle_period: float = COMPUTED
    """s, of steps in place, sideways and on the spot: short, to stop and to catch itself soon"""
    arm_swing: tuple[str, str] | None = None
    """None: it has no arms to swing"""
    ankle_roll: tuple[str, str] | None = None
    """None: its ankles turn about one axis alone, and its soles tilt as its legs sway"""
    acceleration: tuple[float, float, float] = (COMPUTED, COMPUTED, COMPUTED)
    """m/s^2 ahead and aside, rad/s^2: how fast the command that is followed comes to be the one that is told"""
    still: float = 0.01
    """a command whose absolute values sum to no more than this means: stand still"""
    start_speed: float = COMPUTED
    """m/s: a standing robot that moves faster over its feet steps by itself"""
    stop_speed: float = COMPUTED
    """m/s, lately: a robot told to stand stops stepping below this, at the end of a swing"""
    lately: float = COMPUTED
    """s, time constant of the speed that the gait's own sway is left out of"""
    lead: float = 0.05
    """periods, of both feet down before the first swing: time to lean over the foot that stays"""
    walk_speed: float = COMPUTED
    """m/s, above which steps come quicker, and a foot pushes off in full"""
    duty: float = 0.55
    """share of the period that a foot is down in the reference, up to ``walk_speed``; under the robot's weight both are
    down for longer"""
    brisk_duty: float = 0.5
    """``duty`` of the quickest walk"""
    overdrive: float = 0.9
    """length of the reference's strides over the way that they are for: feet that come down too far ahead brake"""
    push: float = 0.15
    """rad, ankle pitch with which a foot leaves the ground"""
    roll_over: float = 1.2
    """rad of plantar flexion a rad that a leg is behind: the weight goes on to the toes, as over a round foot"""
    heel: float = 1.0
    """rad of dorsiflexion a rad that a leg is ahead: it comes down on the heel"""
    wider: float = COMPUTED
    """m, by which each foot steps farther out than it stands: with a foot held 1 cm nearer instead, a G1 that is pushed
    sideways over the foot that is down falls three times as often (docs/training.md)"""
    catch_speed: float = COMPUTED
    """m/s, sideways over the foot that is down, beside what is told: from this on it catches itself"""
    catch: tuple[float, float] = (4.0, 1.5)
    """how many times as quick its steps then are, at up to ``walk_speed``: while the foot is up that has to be down
    first, and while the one is that steps out (docs/training.md)"""
    sway: float = COMPUTED
    """m to each side, of the base over the feet"""
    walks_below: float = COMPUTED
    """m/s, up to which it walks"""
    runs_above: float = COMPUTED
    """m/s, from which on it runs"""
    run_duty: float = 0.35
    """``duty`` of a run; below 0.5 both feet are up at times"""
    run_lift: float = 0.7
    """rad, ``lift`` of a run"""
    run_dip: float = 0.08
    """rad, as ``lift``, of a leg that carries a running robot"""
    run_push: float = 0.6
    """rad, ``push`` of a run"""
    lowest: float | None = None
    """m, the lowest height of the base that a crouch is trained for; None: it cannot crouch"""
    crouch_lean: float = 0.0
    """rad, forward pitch of the base at the lowest height: keeps the centre of mass over the feet"""
    crouch_shift: float = 0.0
    """m, how far the hip moves forward (negative: back) over the ankle at the lowest height"""
    crouch_leg: float = COMPUTED
    """m, thigh and shin together, for the angles of a crouch"""
    crouch_sag: float = 0.0
    """m, how far the base sinks under its weight at the lowest height, which the reference adds to what is wanted"""
    foot_lift: float = COMPUTED
    """m, height of a swinging foot that is rewarded"""
    sag: float = COMPUTED
    """m, by which the base is below the unloaded pose when it stands: on legs this straight, 3 mm bend the knees by
    another 5 degrees"""

    def __post_init__(self) -> None:
        """Compute what is not told."""
        length = self.leg_length
        if not 0.0 < length < math.inf:
            return  # it is refused elsewhere, with the robot's name
        time, speed = math.sqrt(length / _GRAVITY), math.sqrt(length * _GRAVITY)
        for unit, shares in ((length, _LENGTHS), (time, _TIMES), (speed, _SPEEDS)):
            for name, share in shares.items():
                if math.isnan(getattr(self, name)):
                    object.__setattr__(self, name, round(share * unit, 4))
        if math.isnan(sum(self.acceleration)):
            units = zip(_ACCELERATION, (_GRAVITY, _GRAVITY, _GRAVITY / length), strict=True)
            object.__setattr__(self, "acceleration", tuple(round(share * unit, 4) for share, unit in units))

    def roles(self) -> dict[str, tuple[str, str]]:
        """The joints, left and right, of each role that the robot has, by the field's name."""
        told = {each.name: getattr(self, each.name) for each in fields(self) if "tuple[str" in str(each.type)}
        return {name: pair for name, pair in told.items() if pair is not None}


def step_period(leg_length: float) -> float:
    """s for a left and a right step, of legs so long (m), where the spec does not tell it."""
    return _TIMES["period"] * math.sqrt(leg_length / _GRAVITY)
