"""The pattern of the reference gait: what each leg does at a phase of it, as pure functions without a state.

A foot that is down moves back under the hip as fast as the robot is to go, so that it does not slide; a foot that is up
comes forward and meets the ground at that same speed. The phase of a leg is 0.25 in the middle of its swing.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from simonsays.sim.specs import GaitSpec
from simonsays.sim.state import Vector

_SIDEWAYS = 3.5  # a sideways step is as wide as the hips let it be: 0.3 m/s needs the period of 1.05 m/s ahead
_PEAK = 0.35  # how much earlier than mid-swing the knee bends most: the toes are clear soon, and the foot lands softly
_PUSH, _EARLY = 0.12, 0.05  # periods: half of the time in which a foot pushes off, and its middle before it leaves


class Pace(NamedTuple):
    """How fast legs go round at a command."""

    period: float
    """s for a left and a right step"""
    duty: float
    """share of it that a foot is down: above 0.5 a walk, below it a run"""
    run: float
    """0 walks, 1 runs"""


def pace(gait: GaitSpec, command: Vector) -> Pace:
    """The pace at a command (3,): above walking speed steps grow longer and quicker alike, as people's do."""
    forward, sideways, _ = command
    speed = max(gait.walk_speed, math.hypot(forward, _SIDEWAYS * sideways))
    slow = gait.idle_period + (gait.period - gait.idle_period) * min(1.0, abs(forward) / gait.walk_speed)
    run = min(1.0, max(0.0, (forward - gait.walks_below) / (gait.runs_above - gait.walks_below)))
    brisk = min(1.0, max(0.0, (speed - gait.walk_speed) / (gait.walks_below - gait.walk_speed)))
    duty = gait.duty + brisk * (gait.brisk_duty - gait.duty) + run * (gait.run_duty - gait.brisk_duty)
    return Pace(slow * math.sqrt(gait.walk_speed / speed), duty, run)


def _centred(phase: float, side: int) -> float:
    """-0.5 to 0.5, periods from the middle of a leg's swing; ``side``: 0 left, 1 right."""
    return (phase + 0.5 * side + 0.25) % 1.0 - 0.5


def swing(phase: float, side: int, duty: float) -> float:
    """1 in the middle of a leg's swing, 0 where it begins and ends, negative while the foot is down."""
    share = _centred(phase, side) / (0.5 * (1.0 - duty))
    return 1.0 - share * share


class Leg(NamedTuple):
    """What a leg does at a phase."""

    reach: float
    """1 where the foot comes down in front, -1 where it leaves the ground behind; slightly more within a swing"""
    bend: float
    """0 while the foot is down, to about 1"""
    dip: float
    """0 where the foot comes down and leaves, 1 in between: how much a running leg yields"""
    push: float
    """0 to 1, around the moment that the foot leaves"""


def leg(phase: float, side: int, duty: float, begun: float) -> Leg:
    """A leg at a phase; ``begun``: periods since the gait began, in whose first half legs start from side by side."""
    centred, half = _centred(phase, side), 0.5 * (1.0 - duty)
    share, start = centred / half, min(1.0, max(0.0, 2.0 * begun))
    push = max(0.0, 1.0 - ((centred + half + _EARLY) / _PUSH) ** 2) ** 2 * start
    if abs(share) < 1.0:  # a cubic whose ends have the speed of the ground
        bend = (1.0 - share * share) * (1.0 - _PEAK * share)
        return Leg(start * share * (1.0 - 0.5 / duty * (share * share - 1.0)), bend, 0.0, push)
    stance = (centred - math.copysign(0.5, centred)) / (0.5 * duty)
    pushes_off = start < 1.0 and (round(2.0 * (phase - begun)) + side) % 2 == 1
    # The leg that stays behind in a first step speeds up evenly to that of the walk.
    reach = -0.5 / duty * start * start if pushes_off else -start * stance
    return Leg(reach, 0.0, 1.0 - stance * stance, push)
