"""Tests of how one moves: along curves, around things, on the spot, in a manner, hard or gently. From places alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from simonsays.envs.language.instruction import Step
from simonsays.experiments.benchmark.aims import Aim
from simonsays.experiments.benchmark.judge import OK, Finding, amount, first_fault, require
from simonsays.experiments.benchmark.track import Track
from simonsays.sim.state import Array

_CLOSED, _WOUND = 0.45, 40.0  # m and degrees, of a lap: less and more
_LED = 140.0  # degrees more around a thing: on the way to where a lap begins
_ROUND = 0.15  # share of its radius that a circle may be out of round
_CLOSE = 0.3  # m, from the middle of a gap that is gone through
_ROOM = 0.2  # m, at least, between the base and what is gone around
_FILLED = {"circle": (0.86, 1.1), "square": (0.68, 0.86), "triangle": (0.5, 0.68)}
"""4 pi area / length^2 of a lap: 1 of a circle, 0.79 of a square, 0.60 of a triangle"""
_SIZE = (0.15, 0.2)  # m, and share of a size that is told
_SMOOTH = 1.0  # s: the gait's sway cancels
_STAYS, _CADENCE = 0.5, 1.2  # m from its place, and feet lifted a second
_LIFTED = 0.06  # s
_ANY = math.inf
_LOOKS: Mapping[str, Mapping[str, tuple[float, float]]] = MappingProxyType({
    "cautious": {"out": (0.14, _ANY), "swing": (0.0, 0.12)},
    "sneaky": {"low": (0.01, _ANY), "step": (0.15, _ANY), "ahead": (0.1, _ANY)},
    "proud": {"swing": (0.22, _ANY), "step": (0.145, _ANY)},
    "tired": {"low": (0.015, _ANY), "swing": (0.0, 0.14), "hang": (0.22, _ANY)},
    "drunk": {"sway": (0.08, _ANY), "out": (0.09, _ANY)},
    "happy": {"swing": (0.2, _ANY), "ahead": (0.05, _ANY)},
    "robotic": {"swing": (0.0, 0.1), "step": (0.135, _ANY), "low": (-_ANY, 0.02)},
    "elderly": {"low": (0.02, _ANY), "uneven": (0.1, _ANY)},
})  # fmt: skip
"""what is to be seen of a manner of walking, by its name, at least and at most: m (see ``looks``)"""


def went_along(part: Track, step: Step, aim: Aim) -> Finding:
    """The way that was gone has the shape, the sense, the size and the laps that are told."""
    path = step.path
    assert path is not None
    places, laps = _smooth(part), step.count or 1
    if path.shape == "through":
        return _went_through(part, aim)
    lasts = require(part.seconds >= 0.9 * (step.duration_s or 0.0), f"{part.seconds:.1f} s, too short")
    if aim.prop is not None or aim.place is not None:
        return first_fault(lasts, _went_around(part, step, aim, laps))
    if path.shape == "zigzag":
        return first_fault(lasts, _zigzagged(part, step, places))
    if path.shape == "arc":
        return first_fault(lasts, _bent(part, step, places, laps))
    if path.shape == "figure_eight":
        spread, net = math.degrees(float(np.ptp(part.yaw))), math.degrees(abs(float(part.yaw[-1] - part.yaw[0])))
        eight = require(
            spread >= 270.0 and net <= 200.0, f"turned over {spread:.0f} degrees and by {net:.0f}, no eight"
        )
        return first_fault(lasts, _closed(part), eight)
    around = math.degrees(_winding(places, places.mean(axis=0)))
    if step.duration_s is not None or (step.distance_m is not None and path.shape == "circle"):
        return first_fault(
            lasts, require(abs(around) >= 90.0, f"{around:.0f} degrees around"), _sense(around, path.side)
        )
    return first_fault(
        lasts,
        _closed(part),
        amount(abs(around), 360.0 * laps, _WOUND * laps, "degrees around"),
        _sense(around, path.side),
        _filled(places, path.shape, laps),
        _sized(places, step, laps),
    )


def _smooth(part: Track) -> Array:
    """(n, 2) m: places without the gait's sway, from the first to the last."""
    span = min(max(1, round(_SMOOTH / part.dt)), len(part.place))
    inner = [np.convolve(values, np.full(span, 1.0 / span), "valid") for values in part.place.T]
    return np.vstack([part.place[:1], np.stack(inner, axis=1), part.place[-1:]])


def _winding(places: Array, centre: Array) -> float:
    """rad, left positive, around a centre."""
    away = places - centre
    turned = np.unwrap(np.arctan2(away[:, 1], away[:, 0]))
    return float(turned[-1] - turned[0])


def _sense(degrees: float, side: str | None) -> Finding:
    return require(side is None or (degrees > 0.0) == (side == "left"), "went around the other way")


def _closed(part: Track) -> Finding:
    off = math.dist(part.place[0], part.place[-1])
    return require(off <= _CLOSED, f"ended {off:.2f} m from where it began")


def _went_around(part: Track, step: Step, aim: Aim, laps: int) -> Finding:
    assert step.path is not None
    centre = np.array(aim.place) if aim.place is not None else part.props[str(aim.prop)][0, :2]
    around, told = math.degrees(_winding(part.place, centre)), (step.path.angle_deg or 360.0) * laps
    room = float(np.hypot(*(part.place - centre).T).min()) - (part.radius(aim.prop) if aim.prop is not None else 0.0)
    more = _LED if step.duration_s is None else _ANY
    return first_fault(
        require(told - _WOUND <= abs(around) <= told + more, f"{around:.0f} degrees around it, not {told:.0f}"),
        _sense(around, step.path.side),
        require(room >= _ROOM, f"came as near to it as {room:.2f} m"),
    )


def _went_through(part: Track, aim: Aim) -> Finding:
    """In at one side and out at the other; of a gap, close to its middle."""
    if aim.prop is not None:
        centre, through = part.props[aim.prop][0, :2], part.came_through(aim.prop, part.place)
    else:
        centre = np.array(aim.place or (math.nan, math.nan))
        through = bool(np.hypot(*(part.place - centre).T).min() <= _CLOSE)
    before, after = part.place[0] - centre, part.place[-1] - centre
    return first_fault(
        require(through, "did not come through"),
        require(float(before @ after) < 0.0, "ended on the side where it began"),
    )


def _filled(places: Array, shape: str, laps: int) -> Finding:
    """How much of the room that a way of its length could enclose it does enclose."""
    x, y = places.T
    area = 0.5 * abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))) / laps
    share = 4.0 * math.pi * area * laps**2 / _length(places) ** 2
    least, most = _FILLED[shape]
    return require(least <= share <= most, f"no {shape}: it fills {share:.2f} of its way's round")


def _length(places: Array) -> float:
    return float(np.hypot(*np.diff(places, axis=0).T).sum())


def _sized(places: Array, step: Step, laps: int) -> Finding:
    assert step.path is not None
    if step.path.radius_m is not None:
        away = np.hypot(*(places - places.mean(axis=0)).T)
        return first_fault(
            amount(float(away.mean()), step.path.radius_m, _SIZE[0] + _SIZE[1] * step.path.radius_m, "m of radius"),
            require(float(away.std()) <= _ROUND * float(away.mean()) + 0.05, "out of round"),
        )
    if step.distance_m is None:
        return OK
    side = _length(places) / laps / {"square": 4}.get(step.path.shape, 3)
    return amount(side, step.distance_m, _SIZE[0] + _SIZE[1] * step.distance_m, "m a side")


def _bent(part: Track, step: Step, places: Array, laps: int) -> Finding:
    """A part of a circle: by how much it has turned on its way, and how far it went."""
    assert step.path is not None
    turned, length = math.degrees(float(part.yaw[-1] - part.yaw[0])), _length(places)
    told = (step.path.angle_deg or 90.0) * laps
    radius = length / max(abs(math.radians(turned)), 1e-6)
    return first_fault(
        require(abs(turned) >= 20.0, f"turned by {turned:.0f} degrees, no curve"),
        _sense(turned, step.path.side),
        require(length >= 0.5, f"{length:.2f} m, too short"),
        amount(abs(turned), told, 0.5 * _WOUND * laps, "degrees") if not (step.distance_m or step.duration_s) else OK,
        amount(length, step.distance_m, 0.2 + 0.1 * step.distance_m, "m") if step.distance_m else OK,
        amount(radius, step.path.radius_m, 0.1 + 0.25 * step.path.radius_m, "m of radius")
        if step.path.radius_m
        else OK,
    )


def _zigzagged(part: Track, step: Step, places: Array) -> Finding:
    """To one side of the way and to the other, in turn."""
    way = places[-1] - places[0]
    length = float(np.hypot(*way))
    aside = (way[0] * (places - places[0])[:, 1] - way[1] * (places - places[0])[:, 0]) / max(length, 1e-6)
    sides = np.sign(aside)[np.abs(aside) > 0.08]
    changes = int(np.count_nonzero(np.diff(sides)))
    told = step.distance_m
    return first_fault(
        require(changes >= 1 and float(aside.max() - aside.min()) >= 0.25, f"{changes} changes of side, no zigzag"),
        amount(length, told, 0.25 + 0.1 * told, "m") if told else OK,
    )


def stepped_on_the_spot(part: Track, step: Step) -> Finding:
    """Feet that are lifted in turn, in one place."""
    strayed = float(np.hypot(*(part.place - part.place[0]).T).max())
    least = round(_LIFTED / part.dt)
    lifts = sum(_runs(part.contacts[:, foot] == 0, least) for foot in range(2))
    told = step.steps if step.steps is not None else math.floor(_CADENCE * max(0.0, part.seconds - 1.0))
    return first_fault(
        require(strayed <= _STAYS, f"strayed {strayed:.2f} m"),
        require(lifts >= max(2, told), f"{lifts} steps, not {told}"),
        require(part.seconds >= 0.9 * (step.duration_s or 0.0), f"{part.seconds:.1f} s, too short"),
    )


def _runs(holds: Array, least: int) -> int:
    """How often something holds for so many instants."""
    edges = np.flatnonzero(np.diff(holds.astype(int), prepend=0, append=0)).reshape(-1, 2)
    return int(np.count_nonzero(edges[:, 1] - edges[:, 0] >= least))


def looks(part: Track) -> dict[str, float]:
    """m, over the middle of a part: hands beside, ahead of and under their shoulders on average, how far they swing
    forward and back, how far the right one is ahead of the left; how low the base is, how high feet are lifted, and how
    far it sways to its sides."""
    inner = part.part(float(part.time[0]) + 1.2, float(part.time[-1]) - 0.8)
    c, s = np.cos(inner.yaw)[:, None], np.sin(inner.yaw)[:, None]
    away = inner.hands - inner.shoulders
    ahead, left = c * away[:, :, 0] + s * away[:, :, 1], c * away[:, :, 1] - s * away[:, :, 0]
    feet = inner.feet[:, :, 2]
    span = min(max(1, round(3.0 / inner.dt)), len(inner.place))
    steady = np.stack(
        [
            np.convolve(np.pad(v, (span // 2, span - 1 - span // 2), "edge"), np.full(span, 1 / span), "valid")
            for v in inner.place.T
        ]
    )
    x, y = inner.place.T - steady
    low = part.standing - inner.height
    return {
        "out": float((left[:, 0] - left[:, 1]).mean() / 2),
        "ahead": float(ahead.mean()),
        "hang": float(-away[:, :, 2].mean()),
        "swing": float(np.mean([_spread(ahead[:, hand]) for hand in range(2)])),
        "uneven": float((ahead[:, 1] - ahead[:, 0]).mean()),
        "low": float(low.mean()),
        "step": float(np.percentile(feet.max(axis=1) - feet.min(axis=1), 90)),
        "sway": _spread(c[:, 0] * y - s[:, 0] * x),
    }


def _spread(values: Array) -> float:
    low, high = np.percentile(values, (10, 90))
    return float(high - low)


def in_style(part: Track, step: Step) -> Finding:
    """What is to be seen of the manner that is told."""
    if step.style is None:
        return OK
    seen = looks(part)
    wrong = [
        f"{name} {seen[name]:.2f} m"
        for name, (least, most) in _LOOKS[step.style].items()
        if not least <= seen[name] <= most
    ]
    return require(not wrong, f"does not look {step.style}: {', '.join(wrong)}")
