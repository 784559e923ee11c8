"""Tests of what is done to props: kicking and pushing."""

from __future__ import annotations

import math

import numpy as np

from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.steering import BEARINGS
from simonsays.experiments.benchmark.aims import Aim
from simonsays.experiments.benchmark.judge import OK, Finding, amount, counted, first_fault, require
from simonsays.experiments.benchmark.track import Track
from simonsays.sim.rotations import wrap_angle

_KICKED, _PUSHED = 0.15, 0.1  # m, that a prop moves at least
_HEAVY_KICKED = 0.03  # m, of what does not roll
_TOUCHED = 0.01  # m, that a prop has moved when it was touched first
_FASTER, _AT_ONCE, _APART = 0.2, 0.1, 0.6  # m/s within s: a kick; s between two
_SOFT, _HARD = 1.2, 1.5  # m, that a ball goes when it is kicked gently, and hard
_WAY = 45.0  # degrees
_NEARER = 0.2  # m, at least, to what it is moved to
_SWING = (0.2, 0.08)  # m, forward and up, of a foot that kicks the air


def kicked(part: Track, step: Step, aim: Aim) -> Finding:
    """The prop moves, by the foot that is told, towards what is told; without a prop a foot swings."""
    if aim.prop is None:
        return _swung(part, step)
    shape = part.prop(aim.prop).shape
    if shape == "ball" and aim.prop2 is not None and part.prop(aim.prop2).gate is not None:
        scored = part.came_through(aim.prop2, part.props[aim.prop][:, :2])
        return first_fault(require(scored, f"it did not go through the {aim.prop2}"), _by_foot(part, step, aim.prop))
    return first_fault(
        _displaced(part, aim.prop, _KICKED if shape == "ball" and step.effort != "gentle" else _HEAVY_KICKED),
        counted(kicks(part, aim.prop), step.count, "kicks") if step.count is not None else OK,
        _by_foot(part, step, aim.prop),
        _towards(part, step, aim),
        _hard(part, step, aim.prop),
    )


def _hard(part: Track, step: Step, prop: str) -> Finding:
    """How far it went for how hard it was to be kicked."""
    far = float(np.hypot(*(part.props[prop][:, :2] - part.props[prop][0, :2]).T).max())
    if step.effort == "gentle":
        return require(far <= _SOFT, f"it went {far:.2f} m, not gently")
    return require(step.effort != "full" or far >= _HARD, f"it went {far:.2f} m, which is not hard")


def kicks(part: Track, prop: str) -> int:
    """How often a prop was sped up at once."""
    way = np.hypot(*np.diff(part.props[prop][:, :2], axis=0).T) / part.dt
    span, count, quiet = max(1, round(_AT_ONCE / part.dt)), 0, 0
    for i in range(span, len(way)):
        quiet -= 1
        if quiet <= 0 and way[i] - way[i - span] >= _FASTER:
            count, quiet = count + 1, round(_APART / part.dt)
    return count


def pushed(part: Track, step: Step, aim: Aim) -> Finding:
    """The prop moves as far as told, the way that is told."""
    if aim.prop is None:
        return Finding("no aim")
    told = step.distance_m
    way = part.props[aim.prop][-1, :2] - part.props[aim.prop][0, :2]
    return first_fault(
        _displaced(part, aim.prop, _PUSHED),
        amount(float(np.hypot(*way)), told, 0.1 + 0.3 * told, "m") if told is not None else OK,
        _towards(part, step, aim),
    )


def _displaced(part: Track, prop: str, least: float) -> Finding:
    places = part.props[prop]
    moved = float(np.hypot(*(places[:, :2] - places[0, :2]).T).max())
    return require(moved >= least, f"the {prop} moved by {moved:.2f} m")


def _towards(part: Track, step: Step, aim: Aim) -> Finding:
    """Where the prop went: to another prop, or as seen from where the step began.

    Left is left of the robot's heading or of its sight of the prop: people mean either.
    """
    places = part.props[str(aim.prop)][:, :2]
    way = places[-1] - places[0]
    if aim.prop2 is not None or aim.place2 is not None:
        goal = part.props[aim.prop2][0, :2] if aim.prop2 is not None else np.array(aim.place2)
        nearer = math.dist(places[0], goal) - float(np.hypot(*(places - goal).T).min())
        return require(nearer >= _NEARER, f"it came {nearer:.2f} m nearer to {aim.prop2 or 'the place'}")
    if step.direction not in BEARINGS:
        return OK
    sight = places[0] - part.place[0]
    went = math.atan2(way[1], way[0]) - BEARINGS[step.direction]
    fronts = np.array([math.atan2(sight[1], sight[0]), part.yaw[0]])
    off = float(np.abs(np.degrees(wrap_angle(went - fronts))).min())
    return require(off <= _WAY, f"it went {off:.0f} degrees from {step.direction}")


def _by_foot(part: Track, step: Step, prop: str) -> Finding:
    if step.side not in ("left", "right"):
        return OK
    places = part.props[prop]
    touched = int(np.argmax(np.hypot(*(places[:, :2] - places[0, :2]).T) > _TOUCHED))
    away = [math.dist(part.feet[touched, foot, :2], places[touched, :2]) for foot in range(2)]
    return require((away[0] < away[1]) == (step.side == "left"), "kicked with the other foot")


def _swung(part: Track, step: Step) -> Finding:
    """A foot swings forward and up."""
    for foot in {"left": (0,), "right": (1,)}.get(step.side or "", (0, 1)):
        away = part.feet[:, foot, :2] - part.place
        ahead = np.cos(part.yaw) * away[:, 0] + np.sin(part.yaw) * away[:, 1]
        above = part.feet[:, foot, 2] - part.feet[:, :, 2].min()
        if ((ahead >= _SWING[0]) & (above >= _SWING[1])).any():
            return OK
    return Finding("no foot swung forward")


TESTS = {"kick": kicked, "push": pushed}
