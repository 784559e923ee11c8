"""How an arm is held, as directions and places on the body, and the joint angles that hold a robot's arm so."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal

import numpy as np

from simonsays.assets.notes import dataclass
from simonsays.envs.moves.arms import Arm, arm, own_joints
from simonsays.envs.moves.behavior import SkillContext
from simonsays.envs.moves.poses import BOTH, rest
from simonsays.sim.rotations import matrix_from_quaternion, quaternion_from_rpy
from simonsays.sim.solids import middle
from simonsays.sim.specs import RobotSpec
from simonsays.sim.specs.urdf import Urdf, read_urdf
from simonsays.sim.state import Array

Vector = tuple[float, float, float]
Landmark = Literal["shoulder", "middle", "head", "hip"]
_FREE = 0.3  # weight of the upper arm's direction where the hand has its place: what is left over decides
_REST = 0.03  # a rad, of joints that nothing is said of, from rest
_FAR = 0.005  # a rad squared, of all from rest, where there are several ways to hold an arm so
_DAMPING, _ITERATIONS, _SETTLED = 1e-3, 40, 1e-5


@dataclass(frozen=True)
class Limb:
    """How an arm is held. Vectors are forward, outward (from the middle of the body to the arm's side) and up.

    The upper arm points in a direction, and the forearm in another one; or the tip of the hand is at a place.
    """

    upper: Vector
    """direction from the shoulder to the elbow"""
    fore: Vector | None = None
    """direction from the elbow to the tip of the hand"""
    hand: Vector | None = None
    """the tip's place, in lengths of the stretched arm from ``at``"""
    at: Landmark = "shoulder"
    """the shoulder; the middle between both shoulders; of the head; the hip's joint of the arm's side"""


@dataclass(frozen=True, eq=False)
class Posture:
    """Where an arm is: (3,) m, in the base's frame with the torso's own joints at zero."""

    shoulder: Array
    elbow: Array
    tip: Array


def posture(robot: RobotSpec, side: str, angles: Mapping[str, float]) -> Posture:
    """Where an arm is for the angles (rad) of its own joints by name."""
    limb = arm(robot, side)
    return _posture(limb, elbow_of(limb), np.array([angles[name] for name in limb.names[limb.own :]]))


def measured(ctx: SkillContext, robot: RobotSpec, side: str) -> Posture:
    """Where an arm is now, by its measured joints."""
    return posture(robot, side, {name: ctx.joint(name) for name in own_joints(robot, side)})


def _posture(limb: Arm, elbow: int, angles: Array) -> Posture:
    places, _, tip = limb.forward(np.concatenate([np.zeros(limb.own), angles]))
    return Posture(places[limb.own], places[elbow], tip)


def elbow_of(limb: Arm) -> int:
    """Place of the elbow in an arm's chain; every arm that there is has one."""
    assert limb.elbow is not None
    return limb.elbow


@cache
def landmarks(robot: RobotSpec, side: str) -> Mapping[Landmark, Array]:
    """(3,) m, in the base's frame: the places on a standing body that hands are told from."""
    urdf = read_urdf(robot.urdf)
    hip = next(joint.child for joint in urdf.joints if joint.name == robot.gait.hip_pitch[BOTH.index(side)])
    shoulders = [arm(robot, each).shoulder(np.zeros(len(arm(robot, each).names))) for each in BOTH]
    return {
        "shoulder": shoulders[BOTH.index(side)],
        "middle": np.mean(shoulders, axis=0),
        "head": _placed(urdf, robot.base, robot.head, middle(robot, robot.head)),
        "hip": _placed(urdf, robot.base, hip, np.zeros(3)),
    }


def _placed(urdf: Urdf, base: str, link: str, point: Array) -> Array:
    """A point (3,) m of a link's frame in the base's, with all joints at zero."""
    for joint in reversed(urdf.chain(base, link)):
        point = matrix_from_quaternion(quaternion_from_rpy(*joint.origin.rpy)) @ point + joint.origin.xyz
    return np.asarray(point)


def missed(robot: RobotSpec, side: str, limb: Limb, seen: Posture) -> float:
    """How far an arm is from how it is to be held, in lengths of the stretched arm: the hand, or the elbow where the
    limb tells of directions alone and that is farther off."""
    upper, lower = _wanted(robot, side, limb)
    off = [seen.tip - lower]
    if limb.fore is not None:
        elbow = seen.shoulder + float(np.linalg.norm(seen.elbow - seen.shoulder)) * upper
        off = [seen.elbow - elbow, seen.tip - elbow - float(np.linalg.norm(seen.tip - seen.elbow)) * lower]
    return max(float(np.linalg.norm(each)) for each in off) / arm(robot, side).reach


def _unit(vector: Array) -> Array:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9))


@cache
def _wanted(robot: RobotSpec, side: str, limb: Limb) -> tuple[Array, Array]:
    """The upper arm's direction, and the forearm's or the tip's place (m), in the base's frame."""
    out = np.array([1.0, 1.0 if side == "left" else -1.0, 1.0])
    upper = _unit(np.array(limb.upper) * out)
    if limb.fore is not None:
        return upper, _unit(np.array(limb.fore) * out)
    assert limb.hand is not None
    return upper, landmarks(robot, side)[limb.at] + np.array(limb.hand) * out * arm(robot, side).reach


@cache
def held(robot: RobotSpec, side: str, limb: Limb) -> Mapping[str, float]:
    """rad by joint name: an arm's own joints, within their limits, as near as they come to holding it so.

    Levenberg and Marquardt's damped least squares, from a few beginnings, for an arm has several ways to be held so: of
    those that are as good, the one nearest to rest. ``missed`` tells how near it is.
    """
    chain = arm(robot, side)
    lower, upper = chain.lower[chain.own :], chain.upper[chain.own :]
    hanging = np.array(list(rest(robot, (side,)).values()))
    best, least = hanging, math.inf
    for start in (hanging, 0.0 * hanging, 0.5 * (hanging + upper), 0.5 * (hanging + lower)):
        found, cost = _least(_Fit(robot, side, limb), np.clip(start, lower, upper), lower, upper)
        cost += _FAR * float(np.square(found - hanging).sum())
        if cost < least:
            best, least = found, cost
    return dict(zip(chain.names[chain.own :], best.tolist(), strict=True))


def held_by(robot: RobotSpec, sides: Iterable[str], limb: Limb) -> dict[str, float]:
    """rad by joint name: the arms of some sides held so."""
    return {name: angle for side in sides for name, angle in held(robot, side, limb).items()}


class _Fit:
    """Residuals of an arm that is to be held so, and how they change with its own joints."""

    def __init__(self, robot: RobotSpec, side: str, limb: Limb) -> None:
        self._arm, self._elbow = arm(robot, side), elbow_of(arm(robot, side))
        self._rest = np.array(list(rest(robot, (side,)).values()))
        self._wanted, self._placed = _wanted(robot, side, limb), limb.hand is not None

    def __call__(self, angles: Array) -> tuple[Array, Array]:
        """(m,) residuals, and their derivatives (m, n)."""
        chain = self._arm
        places, axes, tip = chain.forward(np.concatenate([np.zeros(chain.own), angles]))
        elbow = places[self._elbow]
        turning, origins = np.array(axes[chain.own :]), np.array(places[chain.own :])
        moved = np.cross(turning, tip - origins).T
        bent = np.cross(turning, elbow - origins).T * (np.arange(chain.own, len(places)) < self._elbow)
        upper, upper_change = _turned(elbow - places[chain.own], bent)
        if self._placed:
            lower, change = (tip - self._wanted[1]) / chain.reach, moved / chain.reach
            upper, upper_change = _FREE * (upper - self._wanted[0]), _FREE * upper_change
        else:
            lower, change = _turned(tip - elbow, moved - bent)
            upper, lower = upper - self._wanted[0], lower - self._wanted[1]
        eased = _REST * (angles - self._rest)
        return np.concatenate([upper, lower, eased]), np.vstack([upper_change, change, _REST * np.eye(len(angles))])


def _turned(vector: Array, change: Array) -> tuple[Array, Array]:
    """The direction of a vector (3,), and how it changes where the vector changes so (3, n)."""
    unit = _unit(vector)
    across = np.eye(3) - np.outer(unit, unit)
    return unit, across @ change / max(float(np.linalg.norm(vector)), 1e-9)


def _least(fit: _Fit, angles: Array, lower: Array, upper: Array) -> tuple[Array, float]:
    """Angles (n,) within limits from which no step makes the residuals less, and the sum of their squares."""
    damping, (now, jacobian) = _DAMPING, fit(angles)
    for _ in range(_ITERATIONS):
        step = np.linalg.solve(jacobian.T @ jacobian + damping * np.eye(len(angles)), -jacobian.T @ now)
        tried = np.clip(angles + step, lower, upper)
        after, there = fit(tried)
        gained = float(now @ now - after @ after)
        if gained > 0.0:
            angles, now, jacobian, damping = tried, after, there, damping / 3.0
        else:
            damping *= 4.0
        if abs(gained) < _SETTLED:
            break
    return angles, float(now @ now)
