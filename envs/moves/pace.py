"""How fast: what was said, what is usual, and what the robot can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from simonsays.assets.notes import dataclass
from simonsays.sim.specs import RobotSpec

SPEED_FACTORS = {"slow": 0.6, "normal": 1.0, "fast": 1.4}
SLOWEST = 0.1  # m/s: slower commands mean to stand
_FASTEST = {"forward": 24 / 11, "backward": 8 / 11, "left": 6 / 11, "right": 6 / 11}
PACE_TOLERANCE, PACE_SLACK = 0.2, 0.05  # a share, and m/s, of the speed in the middle of the way


@dataclass(frozen=True)
class Pace:
    """How fast: the speed that is wanted (m/s), and whether it has to be reached."""

    speed: float
    note: str = ""
    """what is to be told where the robot cannot do what was said"""
    least: float = 0.0
    """m/s, that the mean over the middle must exceed"""
    said: bool = False
    limits: Mapping[str, float] = field(default_factory=dict, compare=False)
    """m/s by direction, that nothing is to be told more than"""

    def missed(self, mean: float) -> str:
        """What is wrong with a mean speed (m/s) over the middle, or nothing."""
        if mean < self.least:
            return f"went at {mean:.2f} m/s, not faster than {self.least:.2f} m/s"
        if self.said and abs(mean - self.speed) > PACE_TOLERANCE * self.speed + PACE_SLACK:
            return f"went at {mean:.2f} m/s, not {self.speed:.2f} m/s"
        return ""


def speeds(robot: RobotSpec, shares: Mapping[str, float]) -> dict[str, float]:
    """m/s by direction, out of shares of the speed that a robot's gait is for."""
    return {direction: round(share * robot.gait.walk_speed, 4) for direction, share in shares.items()}


def fastest(robot: RobotSpec) -> dict[str, float]:
    """m/s by direction, that a robot is told to walk at most."""
    return speeds(robot, _FASTEST)


def pace(
    normal: Mapping[str, float],
    direction: str,
    said: str | float | None,
    most: Mapping[str, float],
    least: float = 0.0,
) -> Pace:
    """The pace for a direction and a said speed: slow, normal, fast, m/s or None; what is too much is cut.

    Args:
        normal: m/s by direction. most: as ``normal``. least: m/s that it must exceed unless a lower speed is said.
    """
    if not isinstance(said, int | float):
        speed = min(normal[direction] * SPEED_FACTORS[said or "normal"], most[direction])
        return Pace(speed, least=min(least, 0.8 * speed), said=said is not None, limits=most)
    speed = max(SLOWEST, min(float(said), most[direction]))
    note = ""
    if speed != said:
        note = f" (at {speed:g} m/s, as {'fast' if speed < said else 'slowly'} as it can)"
    return Pace(speed, note, min(least, 0.8 * speed), said=True, limits=most)
