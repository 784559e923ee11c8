"""The pattern of the reference gait: a clock, and what each leg does at a phase of it. Pure functions, no state.

They calculate through a :class:`Maths`: on floats in an env, and as nodes of a graph in an export to ONNX
(experiments/exchange/deployment.py), so that what is deployed is what was trained.

A foot that is down moves back under the hip as fast as the robot is to go, so that it does not slide; a foot that is up
comes forward and meets the ground at that same speed. The phase of a leg is 0.25 in the middle of its swing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from simonsays.assets.notes import documented
from simonsays.sim.specs import GaitSpec

Number = Any
"""of a Maths: takes ``+ - * /``, and ``< <= >`` with numbers"""


@documented
class Maths(NamedTuple):
    """A namespace of numbers."""

    sin: Callable[[Number], Number]
    cos: Callable[[Number], Number]
    sqrt: Callable[[Number], Number]
    floor: Callable[[Number], Number]
    least: Callable[[Number, Number], Number]
    """the smaller of two"""
    most: Callable[[Number, Number], Number]
    where: Callable[[Number, Number, Number], Number]
    """the second number where the first is true, else the third: both are calculated"""
    both: Callable[[Number, Number], Number]
    """whether two truths hold"""
    either: Callable[[Number, Number], Number]
    contrary: Callable[[Number], Number]


FLOATS = Maths(
    math.sin,
    math.cos,
    math.sqrt,
    math.floor,
    min,
    max,
    lambda truth, one, other: one if truth else other,
    lambda one, other: one and other,
    lambda one, other: one or other,
    lambda truth: not truth,
)

_START_TILT = 0.15  # sine: a standing robot that leans more steps by itself
_LENGTHWISE = (0.83, 0.6)  # weights of the forward speed in these: along its feet it can stop from more than across
_MOST_ARM = 0.45  # rad, of arm swing
_SIDEWAYS = 3.5  # a sideways step is as wide as the hips let it be: it needs the period of 3.5 times the speed ahead
_PEAK = 0.35  # how much earlier than mid-swing the knee bends most: the toes are clear soon, and the foot lands softly
_BRISK = 0.12  # by which the quickest walk's period is shorter: what goes wrong in a step grows with its time
_LIGHT = 0.08  # by which the period of a run is longer again: quicker legs go faster than told, and fall
_PUSH, _EARLY = 0.12, 0.05  # periods: half of the time in which a foot pushes off, and its middle before it leaves


@documented
class Pace(NamedTuple):
    """How fast legs go round at a command."""

    period: Number
    """s for a left and a right step"""
    duty: Number
    """share of it that a foot is down: above 0.5 a walk, below it a run"""
    run: Number
    """0 walks, 1 runs"""


def pace(m: Maths, gait: GaitSpec, forward: Number, sideways: Number) -> Pace:
    """The pace at a command, m/s: above walking speed steps grow longer and quicker alike, as people's do, and in a run
    longer alone.
    """
    across = _SIDEWAYS * sideways
    speed = m.most(gait.walk_speed, m.sqrt(forward * forward + across * across))
    ahead = m.most(forward, 0.0 - forward)
    slow = gait.idle_period + (gait.period - gait.idle_period) * m.least(1.0, ahead / gait.walk_speed)
    run = m.least(1.0, m.most(0.0, (forward - gait.walks_below) / (gait.runs_above - gait.walks_below)))
    brisk = m.least(1.0, m.most(0.0, (speed - gait.walk_speed) / (gait.walks_below - gait.walk_speed)))
    duty = gait.duty + brisk * (gait.brisk_duty - gait.duty) + run * (gait.run_duty - gait.brisk_duty)
    quick = m.sqrt(gait.walk_speed / m.least(speed, gait.runs_above))
    return Pace(slow * quick * (1.0 - _BRISK * brisk + _LIGHT * run), duty, run)


@documented
class GaitClock(NamedTuple):
    """Where a gait is; :func:`ticked` gives the next one."""

    phase: Number
    """0 to 1"""
    stepping: Number
    """whether the gait runs; False while it stands"""
    begun: Number = 0.5
    """periods since it began, no more than 0.5: a first step is over"""
    forward: Number = 0.0
    """m/s, of the base over the foot that is down, lately"""
    sideways: Number = 0.0
    ahead: Number = 0.0
    """m/s, as ``aside``, and ``around`` in rad/s: the command as it is followed, on its way to what is told"""
    aside: Number = 0.0
    around: Number = 0.0

    @property
    def follows(self) -> tuple[Number, Number, Number]:
        """(3,) the command as it is followed."""
        return self.ahead, self.aside, self.around


def following(m: Maths, gait: GaitSpec, clock: GaitClock, command: Any, dt: float) -> GaitClock:
    """The clock, what it follows ``dt`` seconds nearer to a command (3,): a body has to be sped up and slowed down."""
    found = []
    for now, told, rate in zip(clock.follows, command, gait.acceleration, strict=True):
        found.append(now + m.most(-rate * dt, m.least(rate * dt, told - now)))
    return clock._replace(ahead=found[0], aside=found[1], around=found[2])


def over_feet(m: Maths, clock: GaitClock, odometry: Any, duty: Number) -> tuple[Number, Number]:
    """m/s, forward and sideways, base frame: how fast the base moves over the foot that is down.

    While it stands that is the one over which it moves more slowly: the other may still be coming down.

    ``odometry``: of the left and the right foot, as RobotState.leg_odometry has it: joints and a gyroscope tell it.
    Nothing here needs the velocity of the base, which no robot measures.
    """
    (ax, ay), (bx, by) = odometry
    slower = ax * ax + ay * ay < bx * bx + by * by
    left_up, right_up = (m.both(clock.stepping, _up(m, clock, side, duty)) for side in (0, 1))
    left = m.either(right_up, m.both(m.contrary(left_up), slower))
    return m.where(left, ax, bx), m.where(left, ay, by)


def _up(m: Maths, clock: GaitClock, side: int, duty: Number) -> Number:
    """Whether a foot should be up."""
    share = _centred(m, clock.phase, side) / (0.5 * (1.0 - duty))
    return share * share < 1.0


def ticked(
    m: Maths,
    gait: GaitSpec,
    clock: GaitClock,
    dt: float,
    now: Pace,
    command: Any,
    moves: tuple[Number, Number],
    tilt: Any,
) -> GaitClock:
    """The clock ``dt`` seconds later, at a command (3,).

    ``moves``: m/s, as :func:`over_feet` has it; ``tilt``: sines of the base's pitch and roll, a wanted lean left out.

    Told to stand, the robot finishes its swing and goes on stepping until it is slow; both feet are then down and the
    reference is the standing pose, so the hand-over is smooth.
    """
    forward, sideways, yaw = command
    ahead, aside, around = (m.most(value, 0.0 - value) for value in (forward, sideways, yaw))
    walking = ahead + aside + around > gait.still
    # Sideways it begins with the foot on that side, otherwise where it ended.
    # Pushed, with the one on the side that it is pushed to: the legs cannot cross.
    pushed = m.both(m.contrary(walking), moves[1] * moves[1] > moves[0] * moves[0])
    side = m.where(pushed, moves[1], sideways) > 0.0
    chosen = m.either(pushed, aside > m.most(ahead, gait.still))
    lead = m.where(pushed, 0.0, gait.lead)
    first = m.where(chosen, m.where(side, 0.0, 0.5), clock.phase) - lead
    speed = _length(m, _LENGTHWISE[0] * moves[0], moves[1])
    wakes = m.either(walking, m.either(speed > gait.start_speed, _length(m, *tilt) > _START_TILT))
    share, fresh = dt / now.period * _hurry(m, gait, clock, now, moves[1]), dt / gait.lately
    x, y = clock.forward + fresh * (moves[0] - clock.forward), clock.sideways + fresh * (moves[1] - clock.sideways)
    phase, begun = clock.phase + share, m.least(0.5, clock.begun + share)
    ended = m.both(begun > 0.25, m.floor(phase * 2.0) > m.floor(clock.phase * 2.0))
    slow = m.both(_length(m, _LENGTHWISE[1] * x, y) < gait.stop_speed, m.contrary(walking))
    stops = m.both(ended, slow)
    goes_on = m.where(stops, m.where(phase < 1.0, 0.5, 0.0), phase - m.floor(phase))
    stepping = m.either(m.both(clock.stepping, m.contrary(stops)), m.both(m.contrary(clock.stepping), wakes))
    return GaitClock(
        m.where(clock.stepping, goes_on, m.where(wakes, first - m.floor(first), clock.phase)),
        stepping,
        m.where(clock.stepping, m.where(stops, 0.5, begun), m.where(wakes, 0.0 - lead, 0.5)),
        x,
        y,
        *(m.where(stepping, value, 0.0) for value in clock.follows),  # from a stand it begins anew
    )


def _hurry(m: Maths, gait: GaitSpec, clock: GaitClock, now: Pace, aside: Number) -> Number:
    """How many times as fast the legs go round, the base moving ``aside`` (m/s) over the foot that is down.

    Legs cannot cross. What is pushed over that foot must have the other one down before it can step out, and then
    step out soon.
    """
    drifts = aside - clock.aside
    left_up, right_up = (_up(m, clock, side, now.duty) for side in (0, 1))
    over = m.either(m.both(right_up, drifts > gait.catch_speed), m.both(left_up, drifts < -gait.catch_speed))
    away = drifts * drifts > gait.catch_speed * gait.catch_speed
    forward = m.most(clock.ahead, 0.0 - clock.ahead)
    slow = m.least(1.0, m.most(0.0, (gait.walks_below - forward) / (gait.walks_below - gait.walk_speed)))
    return 1.0 + slow * (m.where(over, gait.catch[0], m.where(away, gait.catch[1], 1.0)) - 1.0)


def _length(m: Maths, x: Number, y: Number) -> Number:
    return m.sqrt(x * x + y * y)


def _centred(m: Maths, phase: Number, side: int) -> Number:
    """-0.5 to 0.5, periods from the middle of a leg's swing; ``side``: 0 left, 1 right."""
    turned = phase + (0.5 * side + 0.25)
    return turned - m.floor(turned) - 0.5


def swing(phase: float, side: int, duty: float) -> float:
    """1 in the middle of a leg's swing, 0 where it begins and ends, negative while the foot is down."""
    share: float = _centred(FLOATS, phase, side) / (0.5 * (1.0 - duty))
    return 1.0 - share * share


@documented
class Leg(NamedTuple):
    """What a leg does at a phase."""

    reach: Number
    """1 where the foot comes down in front, -1 where it leaves the ground behind; slightly more within a swing"""
    bend: Number
    """0 while the foot is down, to about 1"""
    dip: Number
    """0 where the foot comes down and leaves, 1 in between: how much a running leg yields"""
    push: Number
    """0 to 1, around the moment that the foot leaves"""


def leg(m: Maths, phase: Number, side: int, duty: Number, begun: Number) -> Leg:
    """A leg at a phase; ``begun``: periods since the gait began, in whose first half legs start from side by side."""
    centred, half = _centred(m, phase, side), 0.5 * (1.0 - duty)
    share, start = centred / half, m.least(1.0, m.most(0.0, 2.0 * begun))
    late = (centred + half + _EARLY) / _PUSH
    pushes = m.most(0.0, 1.0 - late * late)
    square = share * share
    up = square < 1.0
    stance = (centred - m.where(centred < 0.0, -0.5, 0.5)) / (0.5 * duty)
    # The leg that stays behind in a first step speeds up evenly to that of the walk.
    half_periods = m.floor(2.0 * (phase - begun) + 0.5) + side
    odd = half_periods - 2.0 * m.floor(0.5 * half_periods) > 0.5
    stays = m.both(start < 1.0, odd)
    reach = m.where(
        up,
        start * share * (1.0 - 0.5 / duty * (square - 1.0)),  # a cubic whose ends have the speed of the ground
        m.where(stays, -0.5 / duty * start * start, 0.0 - start * stance),
    )
    bend = m.where(up, (1.0 - square) * (1.0 - _PEAK * share), 0.0)
    return Leg(reach, bend, m.where(up, 0.0, 1.0 - stance * stance), pushes * pushes * start)


def strides(m: Maths, gait: GaitSpec, clock: GaitClock, command: Any, now: Pace) -> list[tuple[Number, ...]]:
    """rad, of the left and the right leg beside standing: hip, knee, ankle pitch, hip roll, yaw, ankle roll, arm.

    The sole stays parallel to the ground but where it comes down, rolls over and pushes off.
    """
    (forward, sideways, yaw), run = command, now.run
    start = m.least(1.0, m.most(0.0, 2.0 * clock.begun))
    travel = 0.5 * now.duty * now.period  # s, that half the way of a foot on the ground takes
    a_speed = gait.overdrive * travel / gait.leg_length  # rad of hip a m/s
    lifts, dips = gait.lift + run * (gait.run_lift - gait.lift), run * gait.run_dip
    angle, slow = 2 * math.pi * clock.phase, m.least(1.0, now.period / gait.idle_period)
    sway = gait.sway * slow * slow * m.sin(angle)
    pushes = (gait.push + run * (gait.run_push - gait.push)) * m.least(1.0, m.most(0.0, forward) / gait.walk_speed)
    swings = m.most(-_MOST_ARM, m.least(_MOST_ARM, travel * forward / gait.leg_length)) * (start * m.cos(angle))
    found = []
    for side, left in ((0, 1.0), (1, -1.0)):
        reach, bend, dip, push = leg(m, clock.phase, side, now.duty, clock.begun)
        lift = bend * lifts + dip * dips
        hip = (left * gait.hip_width * yaw - forward) * (reach * a_speed)
        rolls = hip * m.where(hip > 0.0, gait.roll_over, gait.heel) * (1.0 - m.least(1.0, bend))
        roll = reach * a_speed * sideways + start * (sway + left * gait.wider) / gait.leg_length
        ankle = push * pushes + rolls - hip - lift
        found.append((hip - lift, 2.0 * lift, ankle, roll, reach * travel * yaw, 0.0 - roll, -left * swings))
    return found
