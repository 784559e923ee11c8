"""Arms: where a hand is for given joint angles, and the angles that bring it to a point; read from the URDF."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

import numpy as np

from simonsays.assets.notes import dataclass
from simonsays.sim.rotations import matrix_from_quaternion, quaternion_from_rpy
from simonsays.sim.specs import RobotSpec
from simonsays.sim.specs.urdf import Joint, Link, read_urdf
from simonsays.sim.state import Array

_DAMPING = 0.02  # m, of the least squares: keeps a stretched arm calm
_STRIDE, _TURN = 0.12, 0.3  # m and rad, at most, of one iteration
_EASE = 0.1  # share of the way to the easy pose, each iteration, where the hand does not move by it
_MARGIN, _TWIST = 0.05, 0.7  # rad: joints keep off stops, and elbows from bending the wrong way; the waist's range
_ASIDE, _BENT = 0.3, 0.75  # rad, outwards of the shoulder and of the elbow from straight: where it would rather be
_OUT = 0.7  # rad outwards more for each that the elbow is bent beyond that: a bent one presses on the body
_ALONG = 0.7  # cosine
_TRIED = 201  # angles of an elbow, for the straight one
_SHORT = 0.1  # m: an arm that is shorter is none
_SAG, _MOST_SAG = 0.04, 0.08  # share a control step, and m at most, of the correction for gravity


@dataclass(frozen=True, eq=False)
class _Link:
    """A joint of the chain: turns about an axis in a frame that is fixed in the link before."""

    offset: Array
    terms: tuple[Array, Array, Array]
    """the rotation is terms[0] + sin(angle) terms[1] + (1 - cos(angle)) terms[2] (Rodrigues)"""
    axis: Array


class Arm:
    """The chain of joints from a robot's base to the tip of one hand.

    All points are (3,) m in the base frame: x forward, y left, z up.

    Attributes:
        side: left or right.
        names: the chain's joints from the base on, those of the torso first; the order of every (n,) array.
        own: place in ``names`` where the arm's own joints begin.
        elbow: place of the joint that brings the tip nearest to the shoulder when it bends; None: it has no arm.
        straight: rad, of the elbow where the arm is stretched.
        bends: 1 where a larger angle of the elbow bends it, else -1.
        reach: m, from the shoulder to the tip of the stretched arm; 0 where there is none.
    """

    def __init__(self, spec: RobotSpec, side: str) -> None:
        index = ("left", "right").index(side)
        self.side = side
        urdf = read_urdf(spec.urdf)
        joints = urdf.chain(spec.base, spec.hands[index])
        moving = [joint for joint in joints if joint.moves]
        self.names = tuple(joint.name for joint in moving)
        self.own = len(moving) - sum(joint.moves for joint in urdf.chain(spec.torso, spec.hands[index]))
        self._links = [_link(joint) for joint in joints]
        self._moving = [joint.moves for joint in joints]
        self._tip = _fingertip(urdf.link(spec.hands[index]))
        self.lower, self.upper = np.array([(each.lower + _MARGIN, each.upper - _MARGIN) for each in moving]).T
        self.lower[: self.own] = np.maximum(self.lower[: self.own], -_TWIST)
        self.upper[: self.own] = np.minimum(self.upper[: self.own], _TWIST)
        self.elbow: int | None = None
        self.straight, self.bends, self.reach = 0.0, 1.0, 0.0
        self._roll: int | None = None
        if self.own < len(moving):
            defaults = {joint.name: joint.default for joint in spec.joints}
            self._find_elbow(np.array([defaults.get(name, 0.0) for name in self.names]))

    def _find_elbow(self, hanging: Array) -> None:
        """Which joint is the elbow, where it is straight, and which one leads outwards; from a pose (n,) rad."""

        def far(joint: int, angle: float, pose: Array = hanging) -> float:
            angles = np.where(np.arange(len(hanging)) == joint, angle, pose)
            return float(np.linalg.norm(self.tip(angles) - self.shoulder(angles)))

        def brings(joint: int) -> float:
            return abs(far(joint, self.upper[joint]) - far(joint, self.lower[joint]))

        elbow, zero = max(range(self.own, len(hanging)), key=brings), 0.0 * hanging
        tried = np.linspace(self.lower[elbow], self.upper[elbow], _TRIED).tolist()
        self.elbow, self.straight = elbow, max(tried, key=lambda angle: far(elbow, angle, zero))
        reach = far(elbow, self.straight, zero)
        self.reach = reach if reach >= _SHORT else 0.0
        if self.upper[elbow] - self.straight > self.straight - self.lower[elbow]:
            self.lower[elbow] = max(self.lower[elbow], self.straight - _MARGIN)
        else:
            self.bends, self.upper[elbow] = -1.0, min(self.upper[elbow], self.straight + _MARGIN)
        ahead = [float(axis[0]) for axis in self.forward(zero)[1]]
        out = 1.0 if self.side == "left" else -1.0
        self._roll = next((i for i in range(self.own, elbow) if abs(ahead[i]) > _ALONG), None)
        self._out = 0.0 if self._roll is None else math.copysign(1.0, ahead[self._roll]) * out

    def bent(self, angle: float) -> float:
        """rad of the elbow that is bent so far (rad) from straight."""
        return self.straight + self.bends * angle

    def _at_ease(self, angles: Array) -> Array:
        """(n,) rad: where the chain would rather be at its angles (n,)."""
        easy = np.zeros(len(angles))
        if self.elbow is not None:
            easy[self.elbow] = self.bent(_BENT)
        if self.elbow is not None and self._roll is not None:
            bent = self.bends * (float(angles[self.elbow]) - self.straight)
            easy[self._roll] = self._out * (_ASIDE + _OUT * max(0.0, min(1.0, bent - _BENT)))
        clipped: Array = np.clip(easy, self.lower, self.upper)
        return clipped

    def forward(self, angles: Array) -> tuple[list[Array], list[Array], Array]:
        """Position and axis (3,) of each moving joint, and the tip (3,), for the chain's angles (n,) rad."""
        position, rotation = np.zeros(3), np.eye(3)
        places, axes = list[Array](), list[Array]()
        for link, moving in zip(self._links, self._moving, strict=True):
            position = position + rotation @ link.offset
            fixed, sine, cosine = link.terms
            if not moving:
                rotation = rotation @ fixed
                continue
            places.append(position)
            angle = angles[len(axes)]
            rotation = rotation @ (fixed + np.sin(angle) * sine + (1.0 - np.cos(angle)) * cosine)
            axes.append(rotation @ link.axis)
        return places, axes, position + rotation @ self._tip

    def tip(self, angles: Array) -> Array:
        """Tip of the hand for the chain's angles (n,) rad."""
        return self.forward(angles)[2]

    def places(self, angles: Array) -> Array:
        """(n, 3) m: every joint of the chain for its angles (n,) rad; the last one is the wrist."""
        return np.array(self.forward(angles)[0])

    def shoulder(self, angles: Array) -> Array:
        """First joint of the arm for the chain's angles (n,) rad."""
        return self.forward(angles)[0][self.own]

    def towards(self, target: Array, angles: Array, *, torso: bool = False, iterations: int = 3) -> Array:
        """Angles (n,) rad with the tip nearer to a target (3,) than by ``angles``, within the joints' limits.

        Damped least squares (Nakamura and Hanafusa, 1986), with what is free in the chain drawn to an easy pose.
        From anywhere some 30 iterations are enough; called at every control step, three. ``torso``: its joints
        help; otherwise they stay as they are.
        """
        first = 0 if torso else self.own
        angles = angles.copy()
        angles[first:] = np.clip(angles[first:], self.lower[first:], self.upper[first:])
        for _ in range(iterations):
            places, axes, tip = self.forward(angles)
            error = target - tip
            length = float(np.linalg.norm(error))
            error *= min(1.0, _STRIDE / max(length, 1e-9))
            jacobian = np.cross(np.array(axes[first:]), tip - np.array(places[first:])).T
            inverse = jacobian.T @ np.linalg.inv(jacobian @ jacobian.T + _DAMPING**2 * np.eye(3))
            ease = _EASE * (self._at_ease(angles) - angles)[first:]
            change = inverse @ (error - jacobian @ ease) + ease
            change *= min(1.0, _TURN / max(float(np.abs(change).max()), 1e-9))
            angles[first:] = np.clip(angles[first:] + change, self.lower[first:], self.upper[first:])
        return angles


@cache
def arm(spec: RobotSpec, side: str) -> Arm:
    """The arm of a side of a robot; read once."""
    return Arm(spec, side)


def own_joints(spec: RobotSpec, side: str) -> tuple[str, ...]:
    """Names of an arm's own joints, from the shoulder on."""
    limb = arm(spec, side)
    return limb.names[limb.own :]


class HandServo:
    """Joint targets that bring the tip of a hand to a target and make up for the arm's weight, step by step."""

    def __init__(self, limb: Arm, *, torso: bool = False) -> None:
        self._arm, self._torso = limb, torso
        self._angles: Array | None = None
        self._sag = np.zeros(3)

    def update(self, measured: Array, target: Array, *, arrived: bool) -> dict[str, float]:
        """Targets (rad) by joint name for the chain's measured angles (n,) and a target (3,), base frame.

        The correction grows once the arm has ``arrived`` where it was sent.
        """
        if self._angles is None:
            self._angles = measured
        if not self._torso:
            self._angles[: self._arm.own] = measured[: self._arm.own]
        if arrived:
            missed = target - self._arm.tip(measured)
            self._sag = np.clip(self._sag + _SAG * missed, -_MOST_SAG, _MOST_SAG)
        self._angles = self._arm.towards(target + self._sag, self._angles, torso=self._torso)
        first = 0 if self._torso else self._arm.own
        return dict(zip(self._arm.names[first:], self._angles[first:].tolist(), strict=True))


def measured_angles(limb: Arm, positions: Mapping[str, float]) -> Array:
    """(n,) rad, the chain's joints out of all joint positions by name."""
    return np.array([positions[name] for name in limb.names])


def _link(joint: Joint) -> _Link:
    fixed = matrix_from_quaternion(quaternion_from_rpy(*joint.origin.rpy))
    axis = np.array(joint.axis)
    cross = np.cross(axis, np.eye(3)).T
    return _Link(np.array(joint.origin.xyz), (fixed, fixed @ cross, fixed @ cross @ cross), axis)


def _fingertip(hand: Link) -> Array:
    """(3,) m, in the hand's frame: the far end of its collision shape; its origin if it has none."""
    for shape in hand.collisions:
        if shape.kind in ("capsule", "cylinder", "sphere"):
            radius, length = shape.size[0], shape.size[-1] if len(shape.size) > 1 else 0.0
            size = length / 2 + radius * (shape.kind != "cylinder")
            middle = np.array(shape.origin.xyz)
            return middle * (1.0 + size / max(float(np.linalg.norm(middle)), 1e-9))
    return np.zeros(3)
