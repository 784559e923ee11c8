"""Where links are and what they weigh against, from a URDF alone: for many poses at once, without any engine.

The base link's frame is the world's here; what is asked does not depend on where the robot stands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.notes import documented
from simonsays.sim.rotations import matrix_from_quaternion, quaternion_from_rpy
from simonsays.sim.specs import JointSpec
from simonsays.sim.specs.urdf import Joint, Link, Origin, read_urdf
from simonsays.sim.state import Array


@documented
class Poses(NamedTuple):
    """Links in N poses, in the base link's frame."""

    rotation: Array
    """(N, L, 3, 3) link frame to base frame"""
    position: Array
    """(N, L, 3) m, origins of the links' frames"""


class Jointed(Protocol):
    """A RobotSpec, or what is to become one."""

    @property
    def urdf(self) -> Path:
        """The file."""

    @property
    def joints(self) -> tuple[JointSpec, ...]:
        """All that move."""


class Tree:
    """The links of a robot as arrays, the base first; joints in the order of its spec.

    Attributes:
        links, joints: names (L,), (J,).
        place: of each link among the links, by name.
        mass: (L,) kg; links without ``<inertial>`` weigh nothing.
        centre: (L, 3) m, centres of mass, in the links' frames.
        inertia: (L, 3, 3) kg m^2, about the centre of mass, in the links' frames.
        lower, upper, effort: (J,) rad, rad, N m.
        joint_links: (J,) place of the link that each joint moves.
        parents: (L,) place of the link that each hangs on, -1 for the base.
    """

    def __init__(self, spec: Jointed) -> None:
        urdf = read_urdf(spec.urdf)
        self.urdf, above = urdf, urdf.above
        ordered: list[Link] = [urdf.root]  # parents before children, whatever the file's order
        for link in ordered:
            ordered += [urdf.link(joint.child) for joint in urdf.joints if joint.parent == link.name]
        self.links, self.joints = tuple(link.name for link in ordered), tuple(joint.name for joint in spec.joints)
        self.place = {name: i for i, name in enumerate(self.links)}
        self.parents = [self.place[above[name].parent] if name in above else -1 for name in self.links]
        self._above: list[Joint | None] = [above.get(name) for name in self.links]
        self._joint_at = [self.joints.index(each.name) if each and each.moves else -1 for each in self._above]
        self.joint_links = [self._joint_at.index(j) for j in range(len(self.joints))]
        moved = [above[self.links[place]] for place in self.joint_links]
        self.lower, self.upper, self.effort = np.array([(j.lower, j.upper, j.effort) for j in moved]).T
        bodies = [_body(link) for link in ordered]
        self.mass, self.centre, self.inertia = (np.array(column) for column in zip(*bodies, strict=True))
        self.standing: Array = np.array([joint.default for joint in spec.joints])

    @cached_property
    def _ancestors(self) -> Array:
        """(L, J) whether a joint moves a link."""
        moves = np.zeros((len(self.links), len(self.joints)), dtype=bool)
        for link, parent in enumerate(self.parents):
            if parent >= 0:
                moves[link] = moves[parent]
            if self._joint_at[link] >= 0:
                moves[link, self._joint_at[link]] = True
        return moves

    def above(self, link: int) -> Joint | None:
        """The joint that a link hangs on; the base hangs on none."""
        return self._above[link]

    def carries(self, link: int) -> bool:
        """Whether anything that hangs on a link has a mass."""
        below = [link]
        for i, parent in enumerate(self.parents):
            if parent in below:
                below.append(i)
        return any(self.mass[i] > 0 for i in below)

    def moves(self, link: int) -> bool:
        """Whether a link hangs on a joint that moves."""
        return self._joint_at[link] >= 0

    def bearer(self, link: str) -> str:
        """The link that bears what is put on a link: itself, or where it weighs nothing, what it is fixed to."""
        place = self.place[link]
        while self.mass[place] == 0 and not self.moves(place) and self.parents[place] >= 0:
            place = self.parents[place]
        return self.links[place]

    def hanging(self, joints: Sequence[int]) -> list[int]:
        """Places of the links that any of some joints move."""
        return np.flatnonzero(self._ancestors[:, list(joints)].any(axis=1)).tolist()

    def trunk(self, link: str) -> list[int]:
        """Joints between the base and a link."""
        return np.flatnonzero(self._ancestors[self.place[link]]).tolist()

    def poses(self, angles: Array) -> Poses:
        """Where the links are; ``angles`` (N, J) rad."""
        count = len(angles)
        rotation, position = np.empty((count, len(self.links), 3, 3)), np.zeros((count, len(self.links), 3))
        rotation[:, 0] = np.eye(3)
        for link, joint in enumerate(self._above[1:], start=1):
            assert joint is not None
            parent, turned = self.parents[link], _matrix(joint.origin)
            at = self._joint_at[link]
            own = turned if at < 0 else turned @ turns(joint.axis, angles[:, at])
            rotation[:, link] = rotation[:, parent] @ own
            position[:, link] = position[:, parent] + rotation[:, parent] @ np.array(joint.origin.xyz)
        return Poses(rotation, position)

    @cached_property
    def own_axes(self) -> Array:
        """(J, 3) the joints' axes, of length 1, in the frames of the links that they move."""
        own: Array = np.array([_unit(joint.axis) for joint in (self._above[i] for i in self.joint_links) if joint])
        return own

    def axes(self, poses: Poses) -> Array:
        """(N, J, 3) the joints' axes in the base link's frame."""
        found: Array = np.einsum("njab,jb->nja", poses.rotation[:, self.joint_links], self.own_axes)
        return found

    def turning(self, poses: Poses) -> Array:
        """(N, L, 3, 6 + J) angular velocity of the links for each velocity of the base (linear, angular), and joint."""
        count, links, joints = len(poses.position), len(self.links), len(self.joints)
        found = np.zeros((count, links, 3, 6 + joints))
        found[:, :, range(3), range(3, 6)] = 1.0
        found[:, :, :, 6:] = np.where(
            self._ancestors[None, :, None, :], self.axes(poses).transpose(0, 2, 1)[:, None], 0.0
        )
        return found

    def mass_matrix(self, poses: Poses, mass: Array | None = None) -> Array:
        """(N, 6 + J, 6 + J) kg, kg m, kg m^2: of the base's linear and angular velocity and the joints', no rotors.

        ``mass``: (L,) kg, where links weigh something else than the URDF says, their inertia in proportion.
        """
        mass = self.mass if mass is None else mass
        shares = mass / np.where(self.mass > 0, self.mass, 1.0)
        turning = self.turning(poses)
        centres = poses.position + np.einsum("nlab,lb->nla", poses.rotation, self.centre)
        hinges = poses.position[:, self.joint_links]
        moving = np.zeros_like(turning)
        moving[:, :, range(3), range(3)] = 1.0
        moving[..., 3:6] = np.cross(np.eye(3), centres[:, :, None, :]).swapaxes(2, 3)
        arms = centres[:, :, None, :] - hinges[:, None]
        speeds = np.cross(self.axes(poses)[:, None], arms)  # (N, L, J, 3)
        moving[..., 6:] = np.where(self._ancestors[None, :, None, :], speeds.swapaxes(2, 3), 0.0)
        tensor = poses.rotation @ (shares[:, None, None] * self.inertia) @ poses.rotation.swapaxes(2, 3)
        heavy: Array = np.einsum("l,nlai,nlaj->nij", mass, moving, moving, optimize=True)
        turned: Array = np.einsum("nlai,nlaj->nij", turning, tensor @ turning, optimize=True)
        return heavy + turned

    def sampled(self, count: int, seed: int = 0) -> Array:
        """(count, J) rad: the standing pose, then poses drawn evenly from the joints' ranges."""
        drawn = np.random.default_rng(seed).uniform(self.lower, self.upper, (count, len(self.joints)))
        drawn[0] = self.standing
        return drawn


def damping_eigenvalues(mass: Array, damping: Array, dt: float) -> Array:
    """(N,) largest eigenvalue of dt M^-1 Kd: a PD that acts every ``dt`` s is stable where it stays below 2.

    An explicit damper takes dt kd v / m off a velocity at each step: at 1 all of it, from 2 on it comes back larger
    (Baumgarte's and any explicit Euler's bound). ``mass`` (N, 6 + J, 6 + J) with rotors, ``damping`` (J,) N m s/rad.
    """
    root = np.sqrt(damping)
    inverse = np.linalg.inv(mass)[:, 6:, 6:]
    found: Array = np.linalg.eigvalsh(dt * root[:, None] * inverse * root)[:, -1]
    return found


def effective_inertia(mass: Array) -> Array:
    """(N, J) kg m^2: what a joint's torque turns while all other joints and the base are free."""
    return 1.0 / np.diagonal(np.linalg.inv(mass), axis1=1, axis2=2)[:, 6:]


@documented
class Mirror(NamedTuple):
    """The mirror image of joints, left for right."""

    place: list[int]
    """(J,) of the joint on the other side; of a joint in the middle its own"""
    sign: Array
    """(J,) -1 where the angle changes sign"""


def mirror(tree: Tree) -> Mirror:
    """The mirror image of each joint, from where joints and axes are in the standing pose.

    Reflected in the plane y = 0 of the base, a joint's axis, which reflects as a rotation does (x and z change sign),
    must lie along its partner's; of several the one whose frame is nearest.

    Raises:
        InputError: a joint has no partner; the message says which.
    """
    poses = tree.poses(tree.standing[None])
    spots, axes = poses.position[0, tree.joint_links], tree.axes(poses)[0]
    flip = np.array([1.0, -1.0, 1.0])
    between = (spots * flip)[:, None] - spots[None]
    apart = np.linalg.norm(between, axis=-1)
    # Where on its own axis a joint's frame is makes no difference: of a waist it may be at one end of the shaft.
    beside = np.linalg.norm(between - np.einsum("ija,ja->ij", between, axes)[..., None] * axes[None], axis=-1)
    along = -(axes * flip) @ axes.T
    place, sign = [], []
    for joint, name in enumerate(tree.joints):
        # Joints that share a spot (a ball joint of three) differ in their axes.
        fits = np.flatnonzero((beside[joint] < _MIRROR_SPOT) & (np.abs(along[joint]) > _MIRROR_AXIS))
        if not len(fits):
            raise InputError(f"{tree.urdf.file}: joint {name!r} has no mirror image on the other side")
        best = int(fits[np.argmin(apart[joint, fits] - np.abs(along[joint, fits]))])
        place.append(best)
        sign.append(math.copysign(1.0, along[joint, best]))
    return Mirror(place, np.array(sign))


_MIRROR_SPOT, _MIRROR_AXIS = 0.01, 0.8  # m and cosine: CAD's left and right differ by less, distinct joints by more


def _body(link: Link) -> tuple[float, Array, Array]:
    own = link.inertial
    if own is None:
        return 0.0, np.zeros(3), np.zeros((3, 3))
    xx, xy, xz, yy, yz, zz = own.inertia
    turned = _matrix(own.origin)
    return own.mass, np.array(own.origin.xyz), turned @ np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]) @ turned.T


def _matrix(origin: Origin) -> Array:
    return matrix_from_quaternion(quaternion_from_rpy(*origin.rpy))


def _unit(axis: Sequence[float]) -> Array:
    return np.array(axis) / math.hypot(*axis)


def skew(axis: Sequence[float]) -> Array:
    """(3, 3) the cross product with an axis, made of length 1."""
    x, y, z = _unit(axis)
    return np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])


def turns(axis: Sequence[float], angles: Array) -> Array:
    """(N, 3, 3) rotations about an axis by angles (N,) rad (Rodrigues' formula)."""
    cross = skew(axis)
    sine, cosine = np.sin(angles)[:, None, None], np.cos(angles)[:, None, None]
    found: Array = np.eye(3) + sine * cross + (1 - cosine) * (cross @ cross)
    return found
