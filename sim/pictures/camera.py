"""Camera: where a picture is taken from."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simonsays.assets.notes import dataclass
from simonsays.sim.state import Array

Picture = NDArray[np.uint8]


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

    def view_matrix(self) -> Array:
        """(16,) world to camera, column by column, as OpenGL and Bullet have it."""
        view = np.eye(4)
        view[:3, :3] = self.axes()
        view[:3, 3] = -self.axes() @ self.eye()
        return view.T.reshape(-1)
