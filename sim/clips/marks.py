"""Where a robot's limbs are, by the roles that its spec names: what a figure's limbs are compared with."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.notes import documented
from simonsays.sim.clips.figure import POINTS, SIDES, Figure, JointAngles, rotations
from simonsays.sim.kinematics import Poses, Tree
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Array


@documented
class Mark(NamedTuple):
    """A point that is fixed in a link."""

    link: int
    """its place in the tree"""
    offset: Array
    """(3,) m, in the link's frame"""


class Marks:
    """Points of limbs and frames of links of one robot.

    Attributes:
        tree: of its links.
        points: [side][point] a Mark, in the order of ``SIDES`` and ``POINTS``.
        frames: links whose turning is compared: pelvis, torso, left and right foot. upright: (4, 3, 3) their frames in
            the standing pose, in which all of them count as upright.
        leg: m, of a stretched leg.

    Raises:
        InputError: an arm has no joint that bends it.
    """

    def __init__(self, spec: RobotSpec) -> None:
        self.spec, self.tree = spec, Tree(spec)
        self._standing = self.tree.poses(self.tree.standing[None])
        tree, place = self.tree, self.tree.place
        self.points = [[*self._leg(side), *self._arm(side)] for side in (0, 1)]
        self.frames = [place[spec.base], place[spec.torso], *(place[foot] for foot in spec.feet)]
        self.upright = self._standing.rotation[0, self.frames]
        still = self.positions(self._standing)[0]
        joints = still[:, [POINTS.index(name) for name in ("hip", "knee", "ankle")]]
        self.leg = float(np.linalg.norm(np.diff(joints, axis=1), axis=-1).sum(axis=1).mean())
        self.trunk = tree.trunk(spec.torso)

    def _moved_by(self, joint: str) -> int:
        return self.tree.joint_links[self.tree.joints.index(joint)]

    def _centre(self, first: int, then: Array) -> Mark:
        """Where a limb turns: the point of its first joint's axis, in the link that bears it, nearest to its next."""
        tree, pose = self.tree, self._standing
        joint = tree.joint_links.index(first)
        axis, origin = tree.axes(pose)[0, joint], pose.position[0, first]
        return self._fixed(tree.parents[first], origin + axis * (axis @ (then - origin)))

    def _fixed(self, link: int, point: Array) -> Mark:
        """A point of the standing pose, in a link's frame."""
        pose = self._standing
        return Mark(link, pose.rotation[0, link].T @ (point - pose.position[0, link]))

    def _leg(self, side: int) -> list[Mark]:
        gait, pose = self.spec.gait, self._standing
        knee, foot = self._moved_by(gait.knee[side]), self.tree.place[self.spec.feet[side]]
        hip = self._centre(self._moved_by(gait.hip_pitch[side]), pose.position[0, knee])
        return [hip, Mark(knee, np.zeros(3)), Mark(foot, np.zeros(3))]

    def _arm(self, side: int) -> list[Mark]:
        """Shoulder, elbow and the end of the forearm: the elbow is the joint that brings the hand nearest to the
        shoulder."""
        tree, spec = self.tree, self.spec
        hand = tree.place[spec.hands[side]]
        own = [joint for joint in tree.trunk(spec.hands[side]) if joint not in tree.trunk(spec.torso)]
        if len(own) < 2:
            raise InputError(f"robot {spec.name!r}, field hands: {spec.hands[side]!r}: no arm of two joints bears it")
        bent = np.repeat(tree.standing[None], 2 * len(own), axis=0)
        for i, joint in enumerate(own):
            bent[2 * i, joint], bent[2 * i + 1, joint] = tree.lower[joint], tree.upper[joint]
        poses, first = tree.poses(bent), tree.joint_links[own[0]]
        tip = tree.centre[hand] if tree.mass[hand] else _middle(spec, spec.hands[side])
        place = poses.position[:, hand] + poses.rotation[:, hand] @ tip
        reach = np.linalg.norm(place - poses.position[:, first], axis=1).reshape(-1, 2)
        elbow = tree.joint_links[own[int(np.argmax(np.ptp(reach[1:], axis=1))) + 1]]
        shoulder = self._centre(first, self._standing.position[0, elbow])
        return [shoulder, Mark(elbow, np.zeros(3)), Mark(hand, tip)]

    def positions(self, poses: Poses) -> Array:
        """(N, 2, 6, 3) m, in the base's frame: the points of both sides."""
        found = [
            [poses.position[:, mark.link] + poses.rotation[:, mark.link] @ mark.offset for mark in side]
            for side in self.points
        ]
        return np.moveaxis(np.array(found), 2, 0)

    def turned(self, poses: Poses) -> Array:
        """(N, 4, 3, 3) of pelvis, torso, left and right foot, in the base's frame; upright in the standing pose."""
        found: Array = poses.rotation[:, self.frames] @ self.upright.transpose(0, 2, 1)
        return found

    def figure(self, clip: JointAngles, angles: Array) -> Figure:
        """What the robot looks like with angles (T, J) of all its joints; its base is upright if nothing is said."""
        poses, count = self.tree.poses(angles), len(angles)
        base = np.broadcast_to(np.eye(3), (count, 3, 3))
        if clip.base_orientation is not None:
            base = rotations(clip.base_orientation)
        points = np.einsum("tab,tspb->tspa", base, self.positions(poses))
        if clip.base_position is not None:
            points += clip.base_position[:, None, None]
        pelvis, chest, *feet = np.moveaxis(base[:, None] @ self.turned(poses), 1, 0)
        return Figure(clip.source, clip.time, points, pelvis, chest, np.stack(feet, axis=1), clip.loops).facing_ahead()


def _middle(spec: RobotSpec, link: str) -> Array:
    """(3,) m, where the shapes of a link are that weighs nothing."""
    from simonsays.sim.specs.urdf import read_urdf

    body = read_urdf(spec.urdf).link(link)
    shapes = body.collisions or body.visuals
    return np.mean([shape.origin.xyz for shape in shapes], axis=0) if shapes else np.zeros(3)


__all__ = ["SIDES", "Mark", "Marks"]
