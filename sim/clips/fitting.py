"""Joint angles that hold a robot's limbs as told: damped least squares, of many instants at once, within limits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simonsays.assets.notes import documented
from simonsays.sim.clips.marks import Marks
from simonsays.sim.kinematics import Poses
from simonsays.sim.state import Array

LIMBS = (("thigh", 0, 1), ("shin", 1, 2), ("upper arm", 3, 4), ("forearm", 4, 5))
"""parts whose direction is compared: from a point to another"""
FRAMES = ("pelvis", "torso", "left foot", "right foot")
_ARM = 3  # points from here on are the arms': their directions are the torso's matter, however it is turned
_AT_ONCE, _ITERATIONS, _DAMPING, _SETTLED, _IDLE = 256, 40, 1e-3, 1e-5, 2
_REST = 0.03  # a rad, of all joints from where they would rather be


@documented
class Wanted(NamedTuple):
    """How limbs are to be at T instants, in the base's frame; arms in the torso's."""

    limbs: Array
    """(T, 2, 4, 3) directions, of the left and the right side: ``LIMBS``"""
    torso: Array
    """(T, 3, 3)"""
    feet: Array
    """(T, 2, 3, 3)"""
    rest: Array
    """(T, J) rad, where joints are that nothing is said of"""
    ankles: Array | None = None
    """(T, 2, 3) m, in place of the legs' directions"""

    def part(self, which: slice) -> Wanted:
        """Some of the instants."""
        ankles = None if self.ankles is None else self.ankles[which]
        return Wanted(self.limbs[which], self.torso[which], self.feet[which], self.rest[which], ankles)


def directions(points: Array) -> Array:
    """(T, 2, 4, 3) of the limbs of points (T, 2, 6, 3)."""
    limbs = np.stack([points[:, :, to] - points[:, :, of] for _, of, to in LIMBS], axis=2)
    found: Array = limbs / np.maximum(np.linalg.norm(limbs, axis=-1, keepdims=True), 1e-9)
    return found


class Fit:
    """Residuals of limbs that are to be held so, and how they change with the joints."""

    def __init__(self, marks: Marks, bounded: bool = True) -> None:
        self.marks, tree = marks, marks.tree
        self._own = np.zeros((len(tree.links), len(tree.joints)), dtype=bool)
        for link, name in enumerate(tree.links):
            self._own[link, tree.trunk(name)] = True
        wide: Array = np.full(len(tree.joints), np.pi)
        self.lower: Array
        self.upper: Array
        self.lower, self.upper = (tree.lower, tree.upper) if bounded else (-wide, wide)

    def solve(self, wanted: Wanted, start: Array, iterations: int = _ITERATIONS) -> Array:
        """(T, J) rad, from angles (T, J) on: Levenberg and Marquardt's, each instant by itself."""
        found = np.empty_like(start)
        for begin in range(0, len(start), _AT_ONCE):
            part = slice(begin, begin + _AT_ONCE)
            found[part] = self._solved(wanted.part(part), start[part], iterations)
        return found

    def _solved(self, wanted: Wanted, start: Array, iterations: int) -> Array:
        angles, damping = np.clip(start, self.lower, self.upper), np.full(len(start), _DAMPING)
        now, change = self.residuals(wanted, angles)
        cost, eye, idle = np.square(now).sum(axis=1), np.eye(angles.shape[1]), 0
        for _ in range(iterations):
            # What is at its limit and pulled beyond takes no part in a step.
            pull = -np.einsum("nmj,nm->nj", change, now)
            stuck = (angles <= self.lower) & (pull < 0) | (angles >= self.upper) & (pull > 0)
            free = np.where(stuck[:, None], 0.0, change)
            square = free.transpose(0, 2, 1) @ free + damping[:, None, None] * eye
            step = np.linalg.solve(square, np.where(stuck, 0.0, pull)[..., None])[..., 0]
            tried = np.clip(angles + np.clip(step, -0.5, 0.5), self.lower, self.upper)
            after, there = self.residuals(wanted, tried)
            gained = cost - np.square(after).sum(axis=1)
            better = gained > 0
            angles, now = np.where(better[:, None], tried, angles), np.where(better[:, None], after, now)
            change = np.where(better[:, None, None], there, change)
            cost = cost - np.where(better, gained, 0.0)
            damping = np.where(better, damping / 3.0, np.minimum(damping * 4.0, 1e6))
            idle = idle + 1 if np.where(better, gained, 0.0).max() < _SETTLED else 0
            if idle == _IDLE:
                break
        return angles

    def residuals(self, wanted: Wanted, angles: Array) -> tuple[Array, Array]:
        """(T, m) residuals, and how they change with the joints (T, m, J)."""
        poses = self.marks.tree.poses(angles)
        axes, hinges = self.marks.tree.axes(poses), poses.position[:, self.marks.tree.joint_links]
        points, moved = self._points(poses, axes, hinges)
        turned = self.marks.turned(poses)
        found, changes = list[Array](), list[Array]()

        def add(residual: Array, change: Array, weight: float) -> None:
            found.append(weight * residual)
            changes.append(weight * change)

        for side in (0, 1):
            for i, (_, of, to) in enumerate(LIMBS):
                limb, change = points[side][to] - points[side][of], moved[side][to] - moved[side][of]
                length = np.maximum(np.linalg.norm(limb, axis=-1, keepdims=True), 1e-9)
                unit, goal = limb / length, wanted.limbs[:, side, i]
                change = (change - unit[..., None] * np.einsum("na,naj->nj", unit, change)[:, None]) / length[..., None]
                if of >= _ARM:
                    goal = np.einsum("nab,nb->na", turned[:, 1], goal)
                    change[:, :, self.marks.trunk] = 0.0
                # With a place for the foot, the legs' directions tell no more than where the knee is.
                add(unit - goal, change, 0.1 if wanted.ankles is not None and of < _ARM else 1.0)
            if wanted.ankles is not None:
                add((points[side][2] - wanted.ankles[:, side]) / self.marks.leg, moved[side][2] / self.marks.leg, 10.0)
        for place, goal in ((1, wanted.torso), (2, wanted.feet[:, 0]), (3, wanted.feet[:, 1])):
            own = self._own[self.marks.frames[place]]
            turning = np.where(own[None, :, None], axes, 0.0)
            for column in (0, 2):
                axis = turned[:, place, :, column]
                add(axis - goal[:, :, column], np.cross(turning, axis[:, None]).swapaxes(1, 2), 0.7)
        eased = np.broadcast_to(np.eye(angles.shape[1]), (len(angles), *[angles.shape[1]] * 2))
        add(angles - wanted.rest, eased, _REST)
        return np.concatenate(found, axis=1), np.concatenate(changes, axis=1)

    def _points(self, poses: Poses, axes: Array, hinges: Array) -> tuple[list[list[Array]], list[list[Array]]]:
        """[side][point] (T, 3) m of the limbs' points, and how they change with the joints (T, 3, J)."""
        points, moved = list[list[Array]](), list[list[Array]]()
        for side in self.marks.points:
            here = [poses.position[:, each.link] + poses.rotation[:, each.link] @ each.offset for each in side]
            points.append(here)
            moved.append(
                [
                    np.where(self._own[each.link][:, None], np.cross(axes, at[:, None] - hinges), 0.0).swapaxes(1, 2)
                    for each, at in zip(side, here, strict=True)
                ]
            )
        return points, moved
