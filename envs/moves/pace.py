"""How fast: what was said, what is usual, and what the robot can."""

from __future__ import annotations

from collections.abc import Mapping

from simonsays.assets.notes import dataclass

SPEED_FACTORS = {"slow": 0.6, "normal": 1.0, "fast": 1.4}
SLOWEST = 0.1  # m/s: slower commands mean to stand
FASTEST = {"forward": 1.2, "backward": 0.4, "left": 0.3, "right": 0.3}  # m/s, what the robot can
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

    def missed(self, mean: float) -> str:
        """What is wrong with a mean speed (m/s) over the middle, or nothing."""
        if mean < self.least:
            return f"went at {mean:.2f} m/s, not faster than {self.least:.2f} m/s"
        if self.said and abs(mean - self.speed) > PACE_TOLERANCE * self.speed + PACE_SLACK:
            return f"went at {mean:.2f} m/s, not {self.speed:.2f} m/s"
        return ""


def pace(
    normal: Mapping[str, float],
    direction: str,
    said: str | float | None,
    least: float = 0.0,
    most: Mapping[str, float] = FASTEST,
) -> Pace:
    """The pace for a direction and a said speed: slow, normal, fast, m/s or None; what is too much is cut.

    Args:
        normal: m/s by direction. least: m/s that it must exceed unless a lower speed is said. most: as ``normal``.
    """
    if not isinstance(said, int | float):
        speed = min(normal[direction] * SPEED_FACTORS[said or "normal"], most[direction])
        return Pace(speed, least=min(least, 0.8 * speed), said=said is not None)
    speed = max(SLOWEST, min(float(said), most[direction]))
    note = ""
    if speed != said:
        note = f" (at {speed:g} m/s, as {'fast' if speed < said else 'slowly'} as it can)"
    return Pace(speed, note, min(least, 0.8 * speed), said=True)
