"""A clip as a robot does it: joint angles and base at even instants, and what was lost on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simonsays.assets.notes import dataclass
from simonsays.sim.recording import FORMAT, Recording
from simonsays.sim.state import Array


@dataclass(frozen=True)
class Loss:
    """What a robot's joint or limb does not do of a clip."""

    part: str
    what: str
    """clipped: beyond the joint's limit; slowed: faster than joints go; off: of a limb, from its
    direction; away: of a foot, from its place"""
    most: float
    """rad, or m of a foot"""
    mean: float
    share: float
    """of the instants, in which it is so by more than 0.01"""


@dataclass(frozen=True, eq=False)
class MotionReference:
    """T instants of a robot with J joints, world frame, from over the origin ahead along x."""

    robot: str
    source: str
    """the clip's file"""
    hz: float
    joint_names: tuple[str, ...]
    joint_positions: Array
    """(T, J) rad, within limits"""
    base_position: Array
    """(T, 3) m"""
    base_orientation: Array
    """(T, 4) quaternion xyzw"""
    foot_down: NDArray[np.bool_]
    """(T, 2) left, right: it is to be on the ground"""
    figure: Array
    """(T, 2, 6, 3) m: the clip's limbs (sim/clips/figure.py), at the robot's size"""
    loops: bool
    """the first instant comes again after the last one"""
    losses: tuple[Loss, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """s, of the whole, or of a loop's round."""
        return (len(self.joint_positions) - (not self.loops)) / self.hz

    def told(self) -> dict[str, Any]:
        """What is said of it, as plain data."""
        return {
            "source": self.source,
            "loops": self.loops,
            "seconds": self.seconds,
            "notes": list(self.notes),
            "losses": [vars(each) for each in self.losses],
        }

    def recording(self) -> Recording:
        """As a recording, in which nothing has a weight: torques are 0; ``meta["clip"]`` has :meth:`told`."""
        count, joints = self.joint_positions.shape
        time: Array = np.arange(count) / self.hz
        step, nothing = 1.0 / self.hz, np.zeros((count, 0))
        turned = self.base_orientation
        spin = 2.0 * self.hz * _spin(turned)
        meta = {"format": FORMAT, "robot": self.robot, "clip": self.told(), "steps": [], "engine": "none"}
        return Recording(
            time=time,
            base_position=self.base_position,
            base_orientation=turned,
            base_linear_velocity=np.gradient(self.base_position, step, axis=0),
            base_angular_velocity=spin,
            joint_names=np.array(self.joint_names),
            joint_positions=self.joint_positions,
            joint_velocities=np.gradient(self.joint_positions, step, axis=0),
            joint_torques=np.zeros((count, joints)),
            foot_contacts=self.foot_down,
            prop_names=np.array([], dtype="<U1"),
            prop_positions=nothing[..., None].repeat(3, axis=-1),
            prop_orientations=nothing[..., None].repeat(4, axis=-1),
            step_index=np.zeros(count, dtype=np.int64),
            meta=meta,
            joint_targets=self.joint_positions,
        )


def _spin(turns: Array) -> Array:
    """(T, 3) vector part of the quaternion from each instant to the next, world; the last as the one before."""
    before, after = turns[:-1], turns[1:]
    x, y, z, w = (-before[:, 0], -before[:, 1], -before[:, 2], before[:, 3])
    ax, ay, az, aw = after.T
    vector = (aw * x + ax * w + ay * z - az * y, aw * y - ax * z + ay * w + az * x, aw * z + ax * y - ay * x + az * w)
    found = np.stack(vector, axis=1)
    return np.concatenate([found, found[-1:]])
