"""Tests of what arms and waist do: waving, raising, pointing, reaching, punching, looking."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.steering import BEARINGS
from simonsays.experiments.benchmark.aims import Aim
from simonsays.experiments.benchmark.judge import Finding, counted, first_fault, require
from simonsays.experiments.benchmark.track import Track
from simonsays.sim.rotations import wrap_angle
from simonsays.sim.state import Array

Flags = NDArray[np.bool_]
SIDES = {"left": (0,), "right": (1,), "both": (0, 1)}
_SWING = 0.03  # m, to both sides of the middle
_HELD = 0.2  # s, that a pose must be held
_BELOW = 0.1  # m under the shoulder: an arm that is down
_TOWARDS = 45.0  # degrees, of a greeting
_AIMED = 25.0  # degrees, of a pointing arm or a look
_OUT = 0.22  # m, from shoulder to hand (seen from above for a side): an arm that points
_TOUCH = 0.3  # m, from the wrist to a prop's surface: the length of a hand and a little
_FORCES: Mapping[str, tuple[float, float]] = {
    "gentle": (0.0, 0.7),
    "full": (0.75, math.inf),
}  # m/s, of a fist from its shoulder
_STROKE, _STRIKE = 0.12, 0.6  # m and m/s: a punch
_SIDEWARD = 20.0  # degrees: a look to a side


def raised(part: Track, hand: int) -> Array:
    """(T,) m: a hand above its shoulder."""
    return np.asarray(part.hands[:, hand, 2] - part.shoulders[:, hand, 2])


def swings(part: Track, hand: int) -> int:
    """Full swings of a hand while it is above the shoulder."""
    up = raised(part, hand) > 0.0
    if not up.any():
        return 0
    away, yaw = (part.hands[:, hand] - part.shoulders[:, hand])[up], part.yaw[up]
    across = np.cos(yaw) * away[:, 1] - np.sin(yaw) * away[:, 0]  # m, to the left in the heading frame
    across = across - (across.max() + across.min()) / 2
    sides = np.sign(across)[np.abs(across) > _SWING]
    return (int(np.count_nonzero(np.diff(sides))) + 1) // 2


def waved(part: Track, step: Step, aim: Aim) -> Finding:
    """The hand that is told swings above its shoulder, as often as told; the other one does not."""
    counts = [swings(part, hand) for hand in range(2)]
    hands = SIDES.get(step.side or "", (int(counts[1] >= counts[0]),))
    done = min(counts[hand] for hand in hands)
    # Raising and lowering the arm may look like half a swing each.
    wanted = step.count if step.count is None or not step.count <= done <= step.count + 1 else done
    found = [counted(done, wanted, "swings")]
    found += [require(counts[hand] == 0, "waved the other hand too") for hand in range(2) if hand not in hands]
    if step.duration_s is not None:
        up = float((raised(part, hands[0]) > 0.0).sum()) * part.dt
        found.append(require(up >= 0.7 * step.duration_s, f"waved for {up:.1f} s"))
    if aim.prop is not None:
        off = float(np.abs(np.degrees(part.bearing_of(part.props[aim.prop][:, :2], part.torso_yaw))).min())
        found.append(require(off <= _TOWARDS, f"{off:.0f} degrees from facing it"))
    return first_fault(*found)


def lifted(part: Track, step: Step, aim: Aim) -> Finding:
    """The hand is above its shoulder in the end; the other one is not, where a side is told."""
    up = [bool(raised(part, hand)[-1] > 0.0) for hand in range(2)]
    if step.side is None:
        return require(any(up), "no hand is up")
    before = [bool(raised(part, hand)[0] > 0.0) for hand in range(2)]
    hands = SIDES[step.side]
    return first_fault(
        *(require(up[hand], f"the {_name(hand)} hand is not up") for hand in hands),
        *(require(before[hand] or not up[hand], "raised the other hand") for hand in range(2) if hand not in hands),
    )


def lowered(part: Track, step: Step, aim: Aim) -> Finding:
    """The hand is well below its shoulder in the end."""
    down = [bool(raised(part, hand)[-1] < -_BELOW) for hand in range(2)]
    hands = SIDES.get(step.side or "both", (0, 1))
    return first_fault(*(require(down[hand], f"the {_name(hand)} hand is not down") for hand in hands))


def pointed(part: Track, step: Step, aim: Aim) -> Finding:
    """An arm that is stretched out aims at the prop, or the way that is told, for a moment."""
    best = max(longest(_aims(part, hand, step, aim)) * part.dt for hand in _either(step))
    return require(best >= max(_HELD, 0.7 * (step.duration_s or 0.0)), f"pointed for {best:.1f} s")


def _aims(part: Track, hand: int, step: Step, aim: Aim) -> Flags:
    """(T,) whether an arm is stretched out and aims where it should: at a prop in space, to a side seen from above."""
    shoulder = part.shoulders[:, hand]
    arm = part.hands[:, hand] - shoulder
    if aim.prop is not None:
        goal = part.props[aim.prop][:, :3] - shoulder
        lengths = np.linalg.norm(arm, axis=1) * np.linalg.norm(goal, axis=1)
        off = np.degrees(np.arccos(np.clip((arm * goal).sum(axis=1) / lengths, -1.0, 1.0)))
        return np.asarray((off <= _AIMED) & (np.linalg.norm(arm, axis=1) >= _OUT))
    # The robot may turn itself to the side that it points to, or be on its way and point to its own side.
    way = np.arctan2(arm[:, 1], arm[:, 0]) - BEARINGS.get(step.direction or "forward", math.pi)
    off = np.minimum(np.abs(wrap_angle(way - part.yaw[0])), np.abs(wrap_angle(way - part.yaw)))
    return np.asarray((np.degrees(off) <= _AIMED) & (np.hypot(arm[:, 0], arm[:, 1]) >= _OUT))


def reached(part: Track, step: Step, aim: Aim) -> Finding:
    """A hand comes close to the prop's surface; without a prop, far from its shoulder."""
    if aim.prop is None:
        out = max(float(extension(part, hand).max()) for hand in _either(step))
        return require(out >= _OUT, f"the hand came out {out:.2f} m")
    near = min(float(to_surface(part, aim.prop, hand).min()) for hand in _either(step))
    return require(near <= _TOUCH, f"the hand came as near as {near:.2f} m")


def to_surface(part: Track, prop: str, hand: int) -> Array:
    """(T,) m: from a hand to the upright cylinder around a prop."""
    away = part.hands[:, hand] - part.props[prop]
    aside = np.maximum(np.hypot(away[:, 0], away[:, 1]) - part.radius(prop), 0.0)
    return np.asarray(np.hypot(aside, np.maximum(np.abs(away[:, 2]) - part.extent(prop) / 2, 0.0)))


def extension(part: Track, hand: int) -> Array:
    """(T,) m: a hand in front of its shoulder, along the torso's heading."""
    away = part.hands[:, hand] - part.shoulders[:, hand]
    return np.asarray(np.cos(part.torso_yaw) * away[:, 0] + np.sin(part.torso_yaw) * away[:, 1])


def punched(part: Track, step: Step, aim: Aim) -> Finding:
    """Quick strokes forward of the fist that is told, as many as told."""
    strokes = [_strokes(extension(part, hand), part.dt) for hand in range(2)]
    if step.side is None:
        found = [counted(sum(strokes), step.count, "punches")]
    else:
        found = [counted(strokes[hand], step.count, "punches") for hand in SIDES[step.side]]
        others = [hand for hand in range(2) if hand not in SIDES[step.side]]
        found += [require(strokes[hand] == 0, "used the other fist too") for hand in others]
    if aim.prop is not None:
        near = min(float(to_surface(part, aim.prop, hand).min()) for hand in _either(step))
        found.append(require(near <= _TOUCH, f"the fist came as near as {near:.2f} m"))
    quickest = max(float(np.gradient(extension(part, hand), part.dt).max()) for hand in _either(step))
    if step.effort is not None and step.effort in _FORCES:
        least, most = _FORCES[step.effort]
        found.append(require(least <= quickest <= most, f"the fist came at {quickest:.2f} m/s, not {step.effort}"))
    return first_fault(*found)


def _strokes(out: Array, dt: float) -> int:
    """How often a fist went out by ``_STROKE`` from where it had been drawn back to, fast enough."""
    count, lowest, highest, going = 0, float(out[0]), float(out[0]), False
    quick = np.gradient(out, dt) if len(out) > 1 else np.zeros(1)
    for value, rate in zip(out.tolist(), quick.tolist(), strict=True):
        if not going:
            lowest = min(lowest, value)
            if value - lowest >= _STROKE and rate >= _STRIKE:
                count, going, highest = count + 1, True, value
            elif rate <= 0:
                lowest = value
        else:
            highest = max(highest, value)
            if highest - value >= _STROKE:
                going, lowest = False, value
    return count


def looked(part: Track, step: Step, aim: Aim) -> Finding:
    """The torso, which carries the head, is turned to what is looked at for a moment."""
    if aim.prop is not None:
        off = np.abs(np.degrees(part.bearing_of(part.props[aim.prop][:, :2], part.torso_yaw)))
        best = longest(off <= _AIMED) * part.dt
        return require(best >= _HELD, f"as near as {off.min():.0f} degrees to facing it")
    turned = np.degrees(part.torso_yaw - part.yaw[0])
    if step.direction in ("left", "right"):
        reached = float(turned.max()) if step.direction == "left" else -float(turned.min())
        return require(reached >= _SIDEWARD, f"turned by {reached:.0f} degrees")
    if step.direction in ("around", "backward"):
        spread = float(turned.max() - turned.min())
        return require(spread >= 2 * _SIDEWARD, f"looked over {spread:.0f} degrees")
    return require(abs(float(turned[-1])) <= _SIDEWARD, "does not look ahead")


def _either(step: Step) -> tuple[int, ...]:
    return SIDES.get(step.side or "both", (0, 1))


def _name(hand: int) -> str:
    return ("left", "right")[hand]


def longest(holds: Flags) -> int:
    """The longest run of instants at which something holds."""
    return max((len([*run]) for so, run in groupby(holds.tolist()) if so), default=0)


TESTS = {
    "wave": waved,
    "raise_arm": lifted,
    "lower_arm": lowered,
    "point": pointed,
    "reach": reached,
    "punch": punched,
    "look": looked,
}
