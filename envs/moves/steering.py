"""Directions and commands: what every law that steers the base is written with."""

from __future__ import annotations

import math

from simonsays.sim.rotations import wrap_angle

Point = tuple[float, float]
"""x and y, m"""
Command = tuple[float, float, float]
"""forward m/s, sideways m/s (left positive), yaw rate rad/s, in the robot's heading frame"""

STILL: Command = (0.0, 0.0, 0.0)
BEARINGS = {"forward": 0.0, "left": math.pi / 2, "right": -math.pi / 2, "backward": math.pi}
"""rad, left positive, of a direction, seen from where it is said"""
AXES = {"forward": (1.0, 0.0), "backward": (-1.0, 0.0), "left": (0.0, 1.0), "right": (0.0, -1.0)}
"""(forward, left), the unit vector of a direction"""
_BRAKE = 0.5  # m/s^2, before a bend; the gait itself slows down by 0.6 (GaitSpec.acceleration)
_SLOWS, _CLOSES = 0.6, (0.02, 0.25)  # m/s^2; m, and s: of what is slow already, to close the feet
STEERS = 0.3
"""m/s, down to which one who is to stand still holds its line"""
_SLANT = math.sqrt(0.5)


def axis(direction: str | None, side: str | None = None) -> tuple[float, float]:
    """(forward, left), the unit vector of a direction, forward where none is said; slantwise where a side is, too."""
    forward, left = AXES.get(direction or "forward", AXES["forward"])
    return (forward, left) if side is None else (_SLANT * forward, _SLANT * AXES[side][1])


def clip(value: float, limit: float) -> float:
    """``value`` cut to plus or minus ``limit``."""
    return max(-limit, min(limit, value))


def braking(left: float) -> float:
    """m/s, from which it comes to rest within ``left`` m."""
    return math.sqrt(2.0 * _BRAKE * max(0.0, left))


def coasting(speed: float) -> float:
    """m that it still goes once it is told to stand at a speed (m/s) ahead.

    Measured with the G1, 84 stops from 0.12 to 1.7 m/s at all phases of the gait: right to 3 cm (one in six: 4 cm).
    """
    at_rest, seconds = _CLOSES
    return max(speed * speed / (2.0 * _SLOWS), at_rest + seconds * abs(speed))


def peak(way: float) -> float:
    """m/s that it can reach on so many m, from a stand to a stand."""
    return math.sqrt(_SLOWS * way)


def to_heading(vector: tuple[float, float], yaw: float) -> tuple[float, float]:
    """A vector (x, y) of the world in the frame of a heading ``yaw`` (rad): (forward, left)."""
    c, s = math.cos(yaw), math.sin(yaw)
    return c * vector[0] + s * vector[1], c * vector[1] - s * vector[0]


def seen_from(position: tuple[float, float], yaw: float, place: tuple[float, float]) -> tuple[float, float]:
    """A place (x, y) m of the world as (forward, left) m from a position with a heading ``yaw`` (rad)."""
    return to_heading((place[0] - position[0], place[1] - position[1]), yaw)


def hold_heading(yaw: float, wanted: float) -> float:
    """Yaw rate (rad/s) that keeps a heading."""
    return clip(1.5 * wrap_angle(wanted - yaw), 0.6)


def turning_rate(bearing: float, most: float = 0.8) -> float:
    """rad/s, towards a bearing (rad)."""
    return math.copysign(max(0.15, min(most, 1.6 * abs(bearing))), bearing)
