"""Camera: where a picture is taken from."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
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

    def eye(self) -> Array:
        """(3,) m, world: where the camera is."""
        yaw, pitch = math.radians(self.yaw_deg), math.radians(self.pitch_deg)
        back = np.array([math.sin(yaw) * math.cos(pitch), -math.cos(yaw) * math.cos(pitch), -math.sin(pitch)])
        return np.array(self.target) + self.distance * back
