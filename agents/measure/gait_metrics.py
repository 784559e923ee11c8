"""What a gait is like, from what was measured of it: pure functions of arrays, and detectors with stated thresholds.

For flat ground. ``contacts``: (T, 2) bool, left and right foot on the ground; ``feet``: (T, 2, 3) m, world, origins of
the feet's links; ``base``: (T, 3) m, world; ``dt``: s between rows. A figure that is not defined, such as a step's
duration where there were no steps, is None.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simonsays.assets.notes import dataclass
from simonsays.sim.state import Array

Contacts = NDArray[np.bool_]

GRAVITY = 9.81  # m/s^2
_BLIP = 0.04  # s, a contact or a gap that is shorter is the contact solver's, not the gait's
_FLAT = 0.015  # m, a foot's link this near to its lowest place has the whole sole down

TOGETHER = 0.06  # s, feet that touch down within it land together
HOPPING_FLIGHT = 0.15  # share of time with no foot down; a walk has none
HOPPING_TOGETHER = 0.3  # share of touchdowns that are together with the other foot's
LIMPING_DURATION = 0.8  # symmetry of step durations
LIMPING_LENGTH = 0.7  # symmetry of step lengths
STILL_SHARE = 0.25  # of the commanded speed
SHUFFLING_LIFT = 0.015  # m, median lift of a foot's link in a swing


def without_blips(contacts: Contacts, dt: float) -> Contacts:
    """Contacts in which runs (of contact or of none) shorter than 0.04 s take the value of what was before them."""
    clean = contacts.copy()
    shortest = round(_BLIP / dt)
    for foot in range(clean.shape[1]):
        column = clean[:, foot]
        for start, end in pairwise((np.flatnonzero(np.diff(column)) + 1).tolist()):
            if end - start < shortest:
                column[start:end] = column[start - 1]
    return clean


def touchdowns(contacts: Contacts) -> tuple[list[int], list[int]]:
    """Rows at which the left and the right foot came down."""
    left, right = (np.flatnonzero(contacts[1:, i] & ~contacts[:-1, i]) + 1 for i in (0, 1))
    return left.tolist(), right.tolist()


def duty_factor(contacts: Contacts) -> float:
    """Share of the time that a foot is down, mean of both: above 0.5 a walk, below it a run (Alexander, 1989)."""
    return float(contacts.mean())


def flight_share(contacts: Contacts) -> float:
    """Share of the time with no foot down."""
    return float((~contacts.any(axis=1)).mean())


def cadence(contacts: Contacts, dt: float) -> float:
    """Steps a second."""
    return sum(map(len, touchdowns(contacts))) / (len(contacts) * dt)


def together_share(contacts: Contacts, dt: float) -> float | None:
    """Share of touchdowns that come within 0.06 s of one of the other foot."""
    left, right = touchdowns(contacts)
    near = round(TOGETHER / dt)
    landings = [any(abs(a - b) <= near for b in right) for a in left]
    landings += [any(abs(a - b) <= near for b in left) for a in right]
    return float(np.mean(landings)) if landings else None


def step_durations(contacts: Contacts, dt: float) -> tuple[list[float], list[float]]:
    """s, of left and right steps: from the other foot's touchdown to this foot's, where the feet take turns."""
    left, right = touchdowns(contacts)
    order = sorted([(row, 0) for row in left] + [(row, 1) for row in right])
    found: tuple[list[float], list[float]] = ([], [])
    for (before, other), (row, foot) in pairwise(order):
        if foot != other:
            found[foot].append((row - before) * dt)
    return found


def step_lengths(contacts: Contacts, feet: Array, base: Array) -> tuple[list[float], list[float]]:
    """m, of left and right steps: how far ahead of the other foot, along the way walked, a foot comes down."""
    way = base[-1, :2] - base[0, :2]
    length = float(np.hypot(*way))
    if not length:
        return [], []
    left, right = (
        [float((feet[row, foot, :2] - feet[row, 1 - foot, :2]) @ way / length) for row in rows]
        for foot, rows in enumerate(touchdowns(contacts))
    )
    return left, right


def step_length(contacts: Contacts, feet: Array, base: Array) -> float | None:
    """m, mean of all steps."""
    left, right = step_lengths(contacts, feet, base)
    return float(np.mean(left + right)) if left or right else None


def bearing_knee(contacts: Contacts, knees: Array) -> float | None:
    """rad, median of the knees whose foot alone is down; ``knees``: (T, 2), left and right, 0 is straight."""
    alone = contacts & ~contacts[:, ::-1]
    return float(np.median(knees[alone])) if alone.any() else None


def symmetry(left: list[float], right: list[float]) -> float | None:
    """1 - |left - right| / mean, of the means of both sides, not below 0: 1 is the same on both sides.

    One minus the symmetry index of Robinson, Herzog and Nigg (J. Manip. Physiol. Ther. 10, 1987). 0 where only one
    side has any, three at least.
    """
    if not left or not right:
        return 0.0 if max(len(left), len(right)) >= 3 else None
    a, b = float(np.mean(left)), float(np.mean(right))
    middle = (a + b) / 2
    return max(0.0, 1 - abs(a - b) / middle) if middle > 0 else 0.0


def foot_slip(contacts: Contacts, feet: Array, base: Array) -> float | None:
    """m that feet slid in the plane, with the whole sole down, for each metre that the base went."""
    way = path_length(base)
    if not way:
        return None
    flat = contacts & (feet[:, :, 2] < feet[:, :, 2].min(axis=0) + _FLAT)
    moved = np.linalg.norm(np.diff(feet[:, :, :2], axis=0), axis=2)
    return float(moved[flat[1:] & flat[:-1]].sum() / way)


def path_length(base: Array) -> float:
    """m that the base went in the plane: the straight way between its first and last place."""
    return float(np.hypot(*(base[-1, :2] - base[0, :2])))


def cost_of_transport(torques: Array, velocities: Array, base: Array, mass: float, dt: float) -> float | None:
    """Mechanical cost of transport: sum of |torque * joint velocity| dt over m g d; no unit.

    ``torques``: (T, J) N m, ``velocities``: (T, J) rad/s, of all joints, ``mass``: kg. As c_mt of Collins, Ruina,
    Tedrake and Wisse (Science 307, 2005), but braking costs here as much as driving: no joint gives energy back.
    """
    way = path_length(base)
    return float(np.abs(torques * velocities).sum() * dt / (mass * GRAVITY * way)) if way else None


def swing_lift(contacts: Contacts, feet: Array) -> float | None:
    """m, median over swings of how high a foot's link rises above its lowest place."""
    lifts = []
    for foot in (0, 1):
        column, height = contacts[:, foot], feet[:, foot, 2] - feet[:, foot, 2].min()
        edges = np.flatnonzero(np.diff(column)) + 1
        lifts += [float(height[a:b].max()) for a, b in pairwise(edges) if not column[a]]  # of whole swings
    return float(np.median(lifts)) if lifts else None


@dataclass(frozen=True)
class Gait:
    """Figures of one walk."""

    speed: float
    """m/s, of the base in the plane, first place to last"""
    duty_factor: float
    cadence: float
    """steps a second"""
    step_length: float | None
    """m"""
    bearing_knee: float | None
    """rad"""
    flight_share: float
    together_share: float | None
    duration_symmetry: float | None
    length_symmetry: float | None
    swing_lift: float | None
    """m"""
    foot_slip: float | None
    """m a metre"""
    cost_of_transport: float | None


def measure(
    contacts: Contacts,
    feet: Array,
    base: Array,
    knees: Array,
    torques: Array,
    velocities: Array,
    mass: float,
    dt: float,
) -> Gait:
    """All figures of a walk in one direction; see the functions for each."""
    contacts = without_blips(contacts, dt)
    return Gait(
        speed=path_length(base) / (len(base) * dt),
        duty_factor=duty_factor(contacts),
        cadence=cadence(contacts, dt),
        step_length=step_length(contacts, feet, base),
        bearing_knee=bearing_knee(contacts, knees),
        flight_share=flight_share(contacts),
        together_share=together_share(contacts, dt),
        duration_symmetry=symmetry(*step_durations(contacts, dt)),
        length_symmetry=symmetry(*step_lengths(contacts, feet, base)),
        swing_lift=swing_lift(contacts, feet),
        foot_slip=foot_slip(contacts, feet, base),
        cost_of_transport=cost_of_transport(torques, velocities, base, mass, dt),
    )


FLAWS = ("hopping", "limping", "standing still", "shuffling")


def flaws(gait: Gait, commanded: float) -> tuple[str, ...]:
    """Which of FLAWS a walk has that was commanded to go at a speed (m/s)."""
    if gait.speed < STILL_SHARE * commanded:
        return ("standing still",)
    found = {
        "hopping": gait.flight_share > HOPPING_FLIGHT or (gait.together_share or 0.0) > HOPPING_TOGETHER,
        "limping": _below(gait.duration_symmetry, LIMPING_DURATION) or _below(gait.length_symmetry, LIMPING_LENGTH),
        "shuffling": gait.swing_lift is None or gait.swing_lift < SHUFFLING_LIFT,
    }
    return tuple(name for name in FLAWS if found.get(name))


def _below(value: float | None, limit: float) -> bool:
    """Whether a figure is there and below a limit."""
    return value is not None and value < limit
