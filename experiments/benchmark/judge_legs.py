"""Tests of what the legs do: walking, turning, going to things, resting, crouching, jumping."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.steering import AXES, Point, axis
from simonsays.experiments.benchmark.aims import Aim
from simonsays.experiments.benchmark.judge import OK, Finding, amount, counted, first_fault, require
from simonsays.experiments.benchmark.track import Track
from simonsays.experiments.benchmark.ways import in_style, looks, stepped_on_the_spot, went_along
from simonsays.sim.state import Array

_DISTANCE = (0.2, 0.05)  # m, and share of the distance
_STRAY = (0.35, 0.15)  # m, and share of the distance, aside
_LEAST = 0.25  # m, where no amount is said
_HEADING, _ANGLE, _FACING = 25.0, 12.0, 22.0  # degrees: kept, turned, faced
_LIFTED = 0.06  # s off the ground, at least, between two touchdowns
_GONE = (
    0.08,
    0.05,
)  # m, ahead or back, and sideways, that the base goes in a step: less feels its way or closes the feet
_SPARE_STEPS = 2  # more steps than told: half of one to begin with, and one to come to rest
_NEAR, _AT_PLACE, _BEHIND = 0.6, 0.4, 1.2  # m: at a prop's surface, on a place, and following
_SLOW, _FAST, _RUNS = 0.5, 0.5, 0.6  # m/s, forward: at most, at least, at least
_SPEED = 0.3  # share of a speed that is told in m/s
_DRIFT, _REST = 0.4, 0.2  # m and m/s
_HIGH = 0.18  # m, that a foot is lifted by in marching
_LOW, _UP = 0.06, 0.04  # m under the standing height: crouched, and standing again
_FLAT, _ON_THE_BACK = 0.3, 0.85  # of standing height, and the sine of how far the front looks up
_FLIGHT, _RISE = 0.04, 0.025  # s with both feet in the air, and m that the lower one rises


def walked(part: Track, step: Step, aim: Aim) -> Finding:
    """A straight line by distance, time or touchdowns, heading kept; or a curve, or on the spot; in a manner."""
    if step.in_place:
        return first_fault(stepped_on_the_spot(part, step), in_style(part, step))
    if step.path is not None:
        return first_fault(went_along(part, step, aim), speed(part, step), in_style(part, step))
    ahead, aside = part.moved
    x, y = axis(step.direction, step.side)
    along, across = ahead * x + aside * y, aside * x - ahead * y
    told = step.distance_m or 0.0
    kept = abs(math.degrees(part.yaw[-1] - part.yaw[0]))
    return first_fault(
        amount(along, told, _DISTANCE[0] + _DISTANCE[1] * told, "m") if told else _anyway(part, step, along),
        require(abs(across) <= _STRAY[0] + _STRAY[1] * abs(along), f"{abs(across):.2f} m aside"),
        require(kept <= _HEADING, f"turned by {kept:.0f} degrees"),
        speed(part, step),
        in_style(part, step),
    )


def _anyway(part: Track, step: Step, along: float) -> Finding:
    if step.steps is not None:
        made = steps_made(part, step.direction or "forward")
        found = require(along > 0.0, "did not move the way it was told")
        spare = made - step.steps
        return found if 0 <= spare <= _SPARE_STEPS else Finding(f"{made} steps, not {step.steps}", spare > 0)
    if step.duration_s is not None:
        return first_fault(
            lasted(part, step.duration_s), require(along > 0.05 * step.duration_s, "did not move the way it was told")
        )
    return require(along >= _LEAST, f"{along:.2f} m, too short")


def speed(part: Track, step: Step) -> Finding:
    """The speed that is told, forward alone: sideways and backward this robot knows but one."""
    if step.direction not in (None, "forward") or step.speed in (None, "normal"):
        return OK
    reached = float(part.speed().max())
    if not isinstance(step.speed, str):
        told = float(step.speed or 0.0)
        return amount(reached, told, _SPEED * told, "m/s")
    slow = step.speed == "slow"
    return require(reached <= _SLOW if slow else reached >= _FAST, f"{reached:.2f} m/s is not {step.speed}")


def ran(part: Track, step: Step, aim: Aim) -> Finding:
    """As walking, and forward faster than a walk."""
    if step.path is None and (aim.prop is not None or aim.place is not None):
        return went(part, step, aim)
    slow = step.direction not in (None, "forward") or step.speed == "slow" or (step.distance_m or 2.0) < 1.0
    reached = float(part.speed().max())
    return first_fault(walked(part, step, aim), require(slow or reached >= _RUNS, f"{reached:.2f} m/s is no running"))


def marched(part: Track, step: Step, aim: Aim) -> Finding:
    """As walking, with feet that are lifted high."""
    high = looks(part)["step"]
    return first_fault(walked(part, step, aim), require(high >= _HIGH, f"feet lifted by {high:.2f} m, too low"))


def patrolled(part: Track, step: Step, aim: Aim) -> Finding:
    """At the one end and at the other in turn, as often as told, and back at the first in the end."""
    far = [_away(part, *end) for end in ((aim.prop, aim.place), (aim.prop2, aim.place2))]
    if aim == Aim():  # from here to somewhere and back
        gone = np.hypot(*(part.place - part.place[0]).T)
        far = [gone, float(gone.max()) - gone]
        if step.distance_m is not None and abs(float(gone.max()) - step.distance_m) > 0.3:
            return Finding(f"{float(gone.max()):.2f} m away, not {step.distance_m:.2f} m")
        if float(gone.max()) < 1.0:
            return Finding(f"came {float(gone.max()):.2f} m away")
    visits = [end for end in np.where(far[0] <= _NEAR, 1, np.where(far[1] <= _NEAR, 2, 0)).tolist() if end]
    legs = 1 + sum(a != b for a, b in pairwise(visits)) if visits else 0
    told = 1 + 2 * step.count if step.count is not None else max(3, legs - (legs + 1) % 2)
    back = require(bool(visits) and visits[-1] == 1, "did not come back")
    return first_fault(back, Finding(f"{legs} ends visited, not {told}", legs > told) if legs != told else OK)


def _away(part: Track, prop: str | None, place: Point | None) -> Array:
    """(T,) m, from the base to a prop's surface or a place."""
    if prop is not None:
        return part.gap(prop)
    return np.asarray(np.hypot(*(part.place - np.array(place or (math.nan, math.nan))).T))


def steps_made(part: Track, direction: str) -> int:
    """How often a foot, sideways that of the side, came down after the base had gone on since the last time."""
    x, y = AXES[direction]
    least, gone = round(_LIFTED / part.dt), _GONE[y != 0]
    feet = [0 if y > 0 else 1] if y else [0, 1]
    off, count, last = dict.fromkeys(feet, 0), 0, 0.0
    for place, touching in zip(part.place, part.contacts, strict=True):
        ahead, aside = part.ahead(place - part.place[0])
        for foot in feet:
            if touching[foot] and off[foot] >= least and ahead * x + aside * y - last >= gone:
                count, last = count + 1, ahead * x + aside * y
            off[foot] = 0 if touching[foot] else off[foot] + 1
    return count


def turned(part: Track, step: Step, aim: Aim) -> Finding:
    """By an angle, unwrapped; or to face a prop; on the spot."""
    stayed = require(math.hypot(*part.moved) <= 0.6, "left its place")
    if aim.prop is not None or aim.place is not None:
        return first_fault(faces(part, aim), stayed)
    degrees = math.degrees(part.yaw[-1] - part.yaw[0])
    around = step.direction == "around"
    told = step.angle_deg or (180.0 if around else 90.0)
    if step.direction == "right":
        degrees = -degrees
    elif around or step.direction is None:
        degrees = abs(degrees)
    return first_fault(amount(degrees, told, _ANGLE, "degrees"), stayed)


def faces(part: Track, aim: Aim, limit: float = _FACING) -> Finding:
    """Whether the base is turned to what is aimed at, in the end."""
    goal = np.array(aim.place) if aim.place is not None else part.props[str(aim.prop)][:, :2]
    off = abs(math.degrees(part.bearing_of(goal, part.yaw)[-1]))
    return require(off <= limit, f"{off:.0f} degrees from facing it")


def went(part: Track, step: Step, aim: Aim) -> Finding:
    """In front of a prop, facing it; or on a place."""
    if aim.place is not None:
        off = math.dist(part.place[-1], aim.place)
        return require(off <= _AT_PLACE, f"{off:.2f} m from the place")
    if aim.prop is None:
        return Finding("no aim")
    gap = float(part.gap(aim.prop)[-1])
    return first_fault(require(gap <= _NEAR, f"{gap:.2f} m from it"), faces(part, aim), speed(part, step))


def followed(part: Track, step: Step, aim: Aim) -> Finding:
    """Behind a prop, or near whoever watches, in the end, facing it."""
    if aim == Aim():
        return Finding("no aim")
    gap = float(_away(part, aim.prop, aim.place)[-1])
    return first_fault(
        require(gap <= _BEHIND, f"{gap:.2f} m from it"), faces(part, aim, 35.0), lasted(part, step.duration_s)
    )


def lasted(part: Track, seconds: float | None) -> Finding:
    """As long as told, at least."""
    return require(part.seconds >= 0.9 * (seconds or 0.0), f"{part.seconds:.1f} s, too short")


def rested(part: Track, step: Step, aim: Aim) -> Finding:
    """Nearly where it was, slow in the end, for the time that is told."""
    drift = math.hypot(*part.moved)
    slow = float(part.part(part.time[-1] - 0.3, part.time[-1]).speed()[-1])
    return first_fault(
        require(drift <= _DRIFT, f"drifted by {drift:.2f} m"),
        require(slow <= _REST, f"still moves at {slow:.2f} m/s"),
        lasted(part, step.duration_s),
    )


def stood(part: Track, step: Step, aim: Aim) -> Finding:
    """At rest, and upright in the end."""
    low = part.standing - float(part.height[-1])
    return first_fault(rested(part, step, aim), require(low <= _LOW, f"{low:.2f} m too low"))


def crouched(part: Track, step: Step, aim: Aim) -> Finding:
    """Low in the end, or for the time that is told."""
    low = part.standing - part.height >= _LOW
    if step.duration_s is not None:
        held = float(low.sum()) * part.dt
        return require(held >= 0.9 * step.duration_s, f"low for {held:.1f} s")
    return require(bool(low[-1]), f"{part.standing - float(part.height[-1]):.2f} m lower than standing")


def lay(part: Track, step: Step, aim: Aim) -> Finding:
    """On the back in the end, slow, and for the time that is told."""
    low = (part.height <= _FLAT * part.standing) & (part.supine >= _ON_THE_BACK)
    held = float(low.sum()) * part.dt
    slow = float(part.part(part.time[-1] - 0.3, part.time[-1]).speed()[-1])
    return first_fault(
        require(bool(low[-1]), f"the base at {float(part.height[-1]):.2f} m, not on the back"),
        require(slow <= _REST, f"still moves at {slow:.2f} m/s"),
        require(held >= 0.9 * (step.duration_s or 0.0), f"lay for {held:.1f} s"),
    )


def squatted(part: Track, step: Step, aim: Aim) -> Finding:
    """Down and up again, as often as told."""
    return counted(dips(part.standing - part.height, _LOW, _UP), step.count, "squats")


def dips(values: Array, high: float, low: float) -> int:
    """How often values rose above ``high`` and then fell below ``low``."""
    count, above = 0, False
    for value in values:
        if value >= high:
            above = True
        elif above and value <= low:
            count, above = count + 1, False
    return count


def jumped(part: Track, step: Step, aim: Aim) -> Finding:
    """Both feet in the air, as often as told, and the way that is told; on one foot where a side is.

    A way that is told may take several jumps.
    """
    flights, told = _flights(part), (step.distance_m or 0.0) * (step.count or 1)
    often = require(len(flights) >= (step.count or 1), f"{len(flights)} jumps, too few")
    found = [often if told else counted(len(flights), step.count, "jumps")]
    if step.side in ("left", "right") and flights:
        between = slice(flights[0][0], flights[-1][1])
        other = float(part.contacts[between, 1 if step.side == "left" else 0].mean())
        found.append(require(other <= 0.2, "used the other foot"))
    direction = step.direction or ("forward" if told else None)
    if direction in AXES:
        (ahead, aside), (x, y) = part.moved, AXES[direction]
        along = ahead * x + aside * y
        found.append(
            amount(along, told, 0.2 + 0.1 * told, "m") if told else require(along > 0.05, "jumped on the spot")
        )
    if step.in_place:
        found.append(require(math.hypot(*part.moved) <= 0.25 * (step.count or 1), "left its place"))
    return first_fault(*found)


def _flights(part: Track) -> list[tuple[int, int]]:
    """First and last + 1 instant of each flight."""
    air, feet = part.contacts.sum(axis=1) == 0, part.feet[:, :, 2].min(axis=1)
    runs = np.flatnonzero(np.diff(air, prepend=False, append=False)).reshape(-1, 2)
    low = float(np.median(feet))
    return [(i, j) for i, j in runs.tolist() if (j - i) * part.dt >= _FLIGHT and float(feet[i:j].max()) - low >= _RISE]


TESTS = {
    "walk": walked,
    "run": ran,
    "march": marched,
    "patrol": patrolled,
    "step": walked,
    "turn": turned,
    "go_to": went,
    "follow": followed,
    "stop": rested,
    "stand": stood,
    "get_up": stood,
    "lie_down": lay,
    "crouch": crouched,
    "squat": squatted,
    "jump": jumped,
}
