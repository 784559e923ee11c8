"""Tests of gestures: clapping, saluting, cheering, arms at the hips or crossed, hands held out, bows, dances.

Hands are the wrists here, told from their shoulders: ahead and outward along the torso's heading, and up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simonsays.envs.language.instruction import Step
from simonsays.experiments.benchmark.aims import Aim
from simonsays.experiments.benchmark.judge import Finding, Test, counted, first_fault, require
from simonsays.experiments.benchmark.judge_arms import SIDES, Flags, longest
from simonsays.experiments.benchmark.track import Track
from simonsays.sim.state import Array

_TOWARDS = 45.0  # degrees, of a greeting
_SHARE = 0.7  # of a duration that is told
_TOGETHER, _APART = 0.28, 0.33  # m, between the wrists: hands that meet, a hand's length before each, and that part
_DOWN = -0.2  # m, from the shoulder: an arm that hangs
_LEAN, _BACK = 0.08, 0.05  # m, of the shoulders ahead of the pelvis: a bow, and upright again
_PLACE, _SWEEP, _WINDOW = 0.8, 0.15, 5.0  # m, m and s: a dance stays there, and its hands move so far in so long
_RESTS, _STILL = 0.3, 0.12  # share of the time, and m/s: a robotic dance


class Arm(NamedTuple):
    """(T,) m, of a wrist from its shoulder."""

    ahead: Array
    out: Array
    up: Array


def arm_of(part: Track, hand: int) -> Arm:
    """Where a wrist is, seen from its shoulder."""
    away = part.hands[:, hand] - part.shoulders[:, hand]
    c, s = np.cos(part.torso_yaw), np.sin(part.torso_yaw)
    left = c * away[:, 1] - s * away[:, 0]
    return Arm(c * away[:, 0] + s * away[:, 1], left if hand == 0 else -left, away[:, 2])


def cycles(values: Array, low: float, high: float) -> int:
    """How often values come above ``high`` after they have been below ``low``."""
    count, below = 0, False
    for value in values.tolist():
        if value < low:
            below = True
        elif value > high and below:
            count, below = count + 1, False
    return count


def strokes(values: Array, least: float) -> int:
    """How often values rise by ``least`` from where they had fallen to by as much."""
    count, lowest, highest, rising = 0, np.inf, -np.inf, False
    for value in values.tolist():
        lowest, highest = min(lowest, value), max(highest, value)
        if not rising and value - lowest >= least:
            count, rising, highest = count + 1, True, value
        elif rising and highest - value >= least:
            rising, lowest = False, value
    return count


def _faces(part: Track, aim: Aim) -> Finding:
    """Whoever is named is faced."""
    goal = None if aim.prop is None else part.props[aim.prop][:, :2]
    goal = goal if goal is not None or aim.place is None else np.array(aim.place)
    if goal is None:
        return Finding()
    off = float(np.abs(np.degrees(part.bearing_of(goal, part.torso_yaw)))[len(part.time) // 2 :].min())
    return require(off <= _TOWARDS, f"{off:.0f} degrees from facing it")


def posed(seconds: float, is_so: Callable[[Arm], Flags], what: str, usual: tuple[int, ...] | None = None) -> Test:
    """A test that the arms that are told, or the usual ones, or else one of them, are held so for a time."""

    def test(part: Track, step: Step, aim: Aim) -> Finding:
        holds = [is_so(arm_of(part, hand)) for hand in range(2)]
        hands = SIDES.get(step.side or "", usual)
        kept = [longest(each) * part.dt for each in holds]
        best = longest(np.logical_and.reduce([holds[hand] for hand in hands])) * part.dt if hands else max(kept)
        wanted = max(seconds, _SHARE * (step.duration_s or 0.0))
        other = [hand for hand in range(2) if hands and hand not in hands and kept[hand] >= wanted]
        return first_fault(
            require(best >= wanted, f"{what} for {best:.1f} s"),
            require(not other, "the other arm, too"),
            _faces(part, aim),
        )

    return test


def clapped(part: Track, step: Step, aim: Aim) -> Finding:
    """Both hands meet before the body and part, as often as told."""
    gap = np.linalg.norm(part.hands[:, 0] - part.hands[:, 1], axis=1)
    ahead = np.minimum(arm_of(part, 0).ahead, arm_of(part, 1).ahead) > 0.08
    meets = cycles(-np.where(ahead, gap, _APART + 0.1), -_APART, -_TOGETHER)
    return first_fault(counted(meets, step.count, "claps"), _lasted(part, step), _faces(part, aim))


def _lasted(part: Track, step: Step) -> Finding:
    wanted = _SHARE * (step.duration_s or 0.0)
    return require(part.seconds >= wanted, f"it took {part.seconds:.1f} s")


def cheered(part: Track, step: Step, aim: Aim) -> Finding:
    """Both hands go high above the shoulders together, as often as told."""
    up = np.minimum(arm_of(part, 0).up, arm_of(part, 1).up)
    return first_fault(counted(cycles(up, 0.16, 0.2), step.count, "times up"), _lasted(part, step), _faces(part, aim))


def shaken(part: Track, step: Step, aim: Aim) -> Finding:
    """A hand is held out ahead, below the shoulder, and goes up and down there as often as told."""
    out = posed(1.0, lambda arm: (arm.ahead > 0.12) & (arm.up > -0.26) & (arm.up < -0.03), "held out")
    shakes = []
    for hand in SIDES.get(step.side or "both", (0, 1)):
        arm = arm_of(part, hand)
        shakes.append(strokes(arm.up[arm.ahead > 0.12], 0.015))
    shaken = step.count is not None or max(shakes) > 1  # to hold it out is one already
    return first_fault(
        out(part, step, aim),
        require(shaken, "it was not shaken"),
        counted(max(shakes), step.count, "shakes"),
        _lasted(part, step),
    )


def conducted(part: Track, step: Step, aim: Aim) -> Finding:
    """A hand before the body goes up and down, and from side to side, as often as told."""
    bars = []
    for hand in SIDES.get(step.side or "both", (0, 1)):
        arm = arm_of(part, hand)
        before = arm.ahead > 0.1
        wide = before.any() and float(np.ptp(arm.out[before])) > 0.06
        bars.append(cycles(arm.up[before], -0.12, -0.06) if wide else 0)
    done = min(bars) if step.side == "both" else max(bars)
    return first_fault(counted(done, step.count, "bars"), _lasted(part, step))


def stretched(part: Track, step: Step, aim: Aim) -> Finding:
    """Both arms are straight out to the sides, and straight up, as often as told."""
    arms = [arm_of(part, hand) for hand in range(2)]
    out, up = (np.minimum(getattr(arms[0], name), getattr(arms[1], name)) for name in ("out", "up"))
    times = cycles(up, 0.1, 0.24)
    return first_fault(
        require(float(out.max()) > 0.28, "the arms were not out to the sides"),
        counted(times, step.count, "times up"),
        _lasted(part, step),
    )


def flexed(part: Track, step: Step, aim: Aim) -> Finding:
    """The fist goes in over the raised elbow, and out, as often as told."""
    hands = SIDES.get(step.side or "both", (0, 1))
    bent = []
    for hand in hands:
        arm = arm_of(part, hand)
        bent.append(cycles(-arm.out[arm.up > 0.08], -0.25, -0.22))
    others = [hand for hand in range(2) if hand not in hands and float(arm_of(part, hand).up.max()) > _DOWN + 0.1]
    return first_fault(
        counted(min(bent), step.count, "times"), require(not others, "the other arm, too"), _lasted(part, step)
    )


def bowed(part: Track, step: Step, aim: Aim) -> Finding:
    """The shoulders come ahead of the pelvis, stay there for a moment, and go back."""
    away = part.shoulders.mean(axis=1)[:, :2] - part.place
    lean = np.cos(part.yaw) * away[:, 0] + np.sin(part.yaw) * away[:, 1]
    lean = lean - lean[0]
    kept = longest(lean > _LEAN) * part.dt
    wanted = max(0.3, _SHARE * (step.duration_s or 0.0))
    return first_fault(
        require(kept >= wanted, f"leaned forward for {kept:.1f} s"),
        require(float(lean[-1]) < _BACK, "did not come up"),
        _faces(part, aim),
    )


def danced(part: Track, step: Step, aim: Aim) -> Finding:
    """Hands that do not stop moving, for as long as told, and a body that stays in its place; by jerks, if robotic."""
    wanted = _SHARE * (step.duration_s or 4.0)
    far = float(np.hypot(*(part.place - part.place[0]).T).max())
    width = max(2, round(_WINDOW / part.dt))
    starts = range(0, max(1, len(part.time) - width), max(1, width // 2))
    sweeps = [max(float(np.ptp(part.hands[i : i + width, hand, 2])) for hand in range(2)) for i in starts]
    speed = np.linalg.norm(np.gradient(part.hands - part.shoulders, part.dt, axis=0), axis=2).max(axis=1)
    rests = float((speed < _STILL).mean())
    return first_fault(
        require(part.seconds >= wanted, f"danced for {part.seconds:.1f} s"),
        require(far <= _PLACE, f"went {far:.2f} m from its place"),
        require(min(sweeps) >= _SWEEP, f"the hands moved by {min(sweeps):.2f} m in {_WINDOW:g} s"),
        require(step.style != "robotic" or rests >= _RESTS, f"rested for {rests:.0%} of the time"),
    )


TESTS: dict[str, Test] = {
    "clap": clapped,
    "cheer": cheered,
    "salute": posed(
        0.7,
        lambda arm: (arm.up > 0.05) & (arm.out < 0.2) & (arm.ahead > 0.05) & (arm.ahead < 0.19),
        "the hand at the brow",
    ),
    "hands_on_hips": posed(
        0.5,
        lambda arm: (arm.out > 0.12) & (np.abs(arm.ahead) < 0.1) & (arm.up > -0.25) & (arm.up < -0.08),
        "the hands at the hips",
        (0, 1),
    ),
    "cross_arms": posed(
        0.5, lambda arm: (arm.out < 0.0) & (arm.ahead > 0.1) & (arm.up < 0.0), "the hands across the chest", (0, 1)
    ),
    "high_five": posed(1.0, lambda arm: (arm.ahead > 0.15) & (arm.up > -0.02), "the hand was up"),
    "shake_hands": shaken,
    "conduct": conducted,
    "stretch": stretched,
    "flex": flexed,
    "bow": bowed,
    "dance": danced,
}
