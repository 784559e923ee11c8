"""Camera: where a picture is taken from."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simonsays.assets.notes import dataclass
from simonsays.sim.state import Array

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Frame:
    """The form of a picture, and what of it words cover."""

    aspect: float = 16 / 9
    """width over height"""
    top: float = 0.0
    """share of the height that words take above"""
    bottom: float = 0.0
    """share of the height that words take below"""
    right: float = 0.0
    """share of the width that another picture takes at the right"""
    until: float = math.inf
    """s on the recording's clock: from then on there are no words above"""


@dataclass(frozen=True)
class Camera:
    """A camera that looks at ``target`` from ``distance`` m at ``yaw_deg``, ``pitch_deg`` (world frame)."""

    target: tuple[float, float, float]
    distance: float = 2.6
    yaw_deg: float = 0.0
    """0 looks along +y, 90 along -x: Bullet's convention"""
    pitch_deg: float = -14.0
    fov_deg: float = 45.0
    near: float = 0.05
    """m along its axis: what is nearer is not seen"""

    def axes(self) -> Array:
        """(3, 3) unit vectors, world: to the right of the picture, up in it, and back to the camera."""
        yaw, pitch = math.radians(self.yaw_deg), math.radians(self.pitch_deg)
        (cy, sy), (cp, sp) = (math.cos(yaw), math.sin(yaw)), (math.cos(pitch), math.sin(pitch))
        return np.array([[cy, sy, 0.0], [sy * sp, -cy * sp, cp], [sy * cp, -cy * cp, -sp]])

    def eye(self) -> Array:
        """(3,) m, world: where the camera is."""
        return np.asarray(np.array(self.target) + self.distance * self.axes()[2])

    def project(self, points: Array, aspect: float) -> tuple[Array, Array]:
        """Where points (..., 3) m, world, are in a picture of width over height ``aspect``: (..., 2) shares of its
        width and height, from its left upper corner; and their depths (...,) m, behind the camera negative."""
        right, up, ahead = np.moveaxis((points - self.eye()) @ self.axes().T * [1.0, 1.0, -1.0], -1, 0)
        reach = math.tan(math.radians(self.fov_deg) / 2) * np.maximum(ahead, 1e-6)
        return np.stack([(right / (reach * aspect) + 1) / 2, (1 - up / reach) / 2], axis=-1), ahead

    def view_matrix(self) -> Array:
        """(16,) world to camera, column by column, as OpenGL and Bullet have it."""
        view = np.eye(4)
        view[:3, :3] = self.axes()
        view[:3, 3] = -self.axes() @ self.eye()
        return view.T.reshape(-1)
