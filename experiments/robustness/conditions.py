"""The sweeps of ``simon robustness``: conditions that are made worse one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simonsays.sim.specs import GroundSpec, SceneSpec


@dataclass(frozen=True)
class Conditions:
    """What an episode is run under; the defaults are the nominal ones: flat, friction 1, nothing else."""

    friction: float = 1.0
    slope_deg: float = 0.0
    heading_deg: tuple[float, ...] = (0.0,)
    """of the walk, the slope rises towards 0; episodes take turns"""
    bumps: float = 0.0
    """m"""
    push: float = 0.0
    """m/s"""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """of the env"""

    def scene(self, seed: int) -> SceneSpec:
        """The scene of an episode: bumps and heading go by its seed."""
        ground = GroundSpec(self.friction, self.slope_deg, self.bumps, seed)
        return SceneSpec(robot_yaw_deg=self.heading_deg[seed % len(self.heading_deg)], ground=ground)


@dataclass(frozen=True)
class Sweep:
    """One condition over rising values; ``nominal`` is the value that all other sweeps have."""

    name: str
    title: str
    unit: str
    values: tuple[float, ...]
    under: Callable[[float], Conditions]
    nominal: float = 0.0
    second: tuple[str, Callable[[float], float]] | None = None
    """another unit for the same values, and its factor, of the robot's mass (kg)"""


def _late(steps: float) -> Conditions:
    late = round(steps)
    return Conditions(settings={"latency": 1.0, "latency_steps": (late, late)} if late else {})


_SLOPES = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0)

SWEEPS: dict[str, Sweep] = {
    sweep.name: sweep
    for sweep in (
        Sweep(
            "push",
            "push from a random direction",
            "m/s",
            (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4),
            lambda v: Conditions(push=v),
            second=("N s", lambda mass: mass),
        ),
        Sweep(
            "friction",
            "friction of the ground",
            "",
            (0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5),
            lambda v: Conditions(friction=v),
            nominal=1.0,
        ),
        Sweep(
            "payload",
            "mass added to the torso",
            "kg",
            (-4.0, -2.0, 0.0, 2.0, 4.0, 6.0),
            lambda v: Conditions(settings={"payload": (v, v)}),
        ),
        Sweep("latency", "latency of joint targets", "control steps of 20 ms", (0.0, 1.0, 2.0, 3.0, 4.0), _late),
        Sweep("slope_up", "slope, walking up", "degrees", _SLOPES, lambda v: Conditions(slope_deg=v)),
        Sweep(
            "slope_down",
            "slope, walking down",
            "degrees",
            _SLOPES,
            lambda v: Conditions(slope_deg=v, heading_deg=(180.0,)),
        ),
        Sweep(
            "slope_across",
            "slope, walking across",
            "degrees",
            _SLOPES,
            lambda v: Conditions(slope_deg=v, heading_deg=(90.0, -90.0)),
        ),
        Sweep(
            "bumps", "height of bumps", "cm", (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0), lambda v: Conditions(bumps=v / 100)
        ),
        Sweep(
            "noise",
            "factor on the sensor noise",
            "",
            (0.0, 1.0, 2.0, 3.0, 4.0),
            lambda v: Conditions(settings={"sensor_noise": v}),
        ),
    )
}
