"""The sweeps of ``simon robustness``: conditions that are made worse one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from simonsays.assets.notes import dataclass
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


def _with(name: str, **fixed: Any) -> Callable[[float], Conditions]:
    """Conditions of which one has the value of a sweep."""
    return lambda value: Conditions(**{**fixed, name: value})


def _late(steps: float) -> Conditions:
    late = round(steps)
    return Conditions(settings={"latency": 1.0, "latency_steps": (late, late)} if late else {})


_SLOPES, _ACROSS = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0), (90.0, -90.0)
_PUSHES, _FRICTIONS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4), (0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5)
_PAYLOADS, _HEIGHTS = (-4.0, -2.0, 0.0, 2.0, 4.0, 6.0), (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
_FEW = (0.0, 1.0, 2.0, 3.0, 4.0)
_ALL = (
    Sweep("push", "push from a random direction", "m/s", _PUSHES, _with("push"), second=("N s", lambda mass: mass)),
    Sweep("friction", "friction of the ground", "", _FRICTIONS, _with("friction"), nominal=1.0),
    Sweep("payload", "mass added to the torso", "kg", _PAYLOADS, lambda v: Conditions(settings={"payload": (v, v)})),
    Sweep("latency", "latency of joint targets", "control steps of 20 ms", _FEW, _late),
    Sweep("slope_up", "slope, walking up", "degrees", _SLOPES, _with("slope_deg")),
    Sweep("slope_down", "slope, walking down", "degrees", _SLOPES, _with("slope_deg", heading_deg=(180.0,))),
    Sweep("slope_across", "slope, walking across", "degrees", _SLOPES, _with("slope_deg", heading_deg=_ACROSS)),
    Sweep("bumps", "height of bumps", "cm", _HEIGHTS, lambda v: Conditions(bumps=v / 100)),
    Sweep("noise", "factor on the sensor noise", "", _FEW, lambda v: Conditions(settings={"sensor_noise": v})),
)
SWEEPS: dict[str, Sweep] = {sweep.name: sweep for sweep in _ALL}
