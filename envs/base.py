"""What the envs of this package share: a stage, settings and actions that are checked, options of a reset."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from numpy.typing import NDArray

from simonsays.assets import InputError, did_you_mean
from simonsays.envs.event_settings import changed
from simonsays.envs.plain import plain
from simonsays.envs.stage import RENDER_MODES, Stage
from simonsays.sim.robot import Robot
from simonsays.sim.state import Reading, RobotState

Seen = TypeVar("Seen")
Action = NDArray[np.floating[Any]]


class StagedEnv(gymnasium.Env[Seen, Action]):
    """An env on a stage, with frozen settings (``config``), some of which can change later."""

    metadata: dict[str, Any] = {"render_modes": list(RENDER_MODES), "render_fps": 50}  # noqa: RUF012
    space_settings: ClassVar[tuple[str, ...]] = ()
    """settings that spaces and the meaning of actions depend on: a policy fits only where they are the same"""
    options: ClassVar[tuple[str, ...]] = ()
    """what a reset's options may fix"""
    config: Any
    dt: float
    """s, one step"""
    _spec: EnvSpec | None = None
    steps_per_episode: int

    @property
    def spec(self) -> EnvSpec | None:
        """What Gymnasium made it of. Its arguments are plain data (envs/plain.py), so that it can be told as JSON."""
        return self._spec

    @spec.setter
    def spec(self, spec: EnvSpec | None) -> None:
        self._spec = spec and replace(spec, kwargs=plain(spec.kwargs))

    def _take(self, stage: Stage) -> None:
        self.stage, self.spec_robot, self.world, self.viewers = stage, stage.spec, stage.world, stage.viewers

    @property
    def robot(self) -> Robot:
        """The robot in the world."""
        return self.stage.robot

    @property
    def reading(self) -> Reading:
        """What was measured after the last control step."""
        return self.stage.reading

    @property
    def state(self) -> RobotState:
        """The same as arrays."""
        return self.stage.reading.arrays()

    def reconfigure(self, **settings: Any) -> None:
        """Change settings of the task between episodes or within one: for a curriculum.

        Raises:
            InputError: an unknown setting, an impossible value, or one of ``space_settings``.
        """
        config = changed(self.config, "environment", settings)
        for name in self.space_settings:
            if getattr(config, name) != getattr(self.config, name):
                raise InputError(f"environment: {name!r} can only be chosen when the environment is made")
        self.config = config
        self._apply_config()

    @abstractmethod
    def _apply_config(self) -> None:
        """Take over what of ``config`` can change later."""

    def _checked_options(self, options: dict[str, Any] | None) -> dict[str, Any]:
        for key in options or {}:
            if key not in self.options:
                raise InputError(f"reset option {key!r}{did_you_mean(key, self.options)}")
        return options or {}

    def _checked_action(self, action: Action, limit: float) -> list[float]:
        """The action, cut to plus or minus ``limit``."""
        values, shape = np.asarray(action, dtype=np.float64), self.action_space.shape
        if values.shape != shape or not math.isfinite(sum(cut := values.tolist())):
            raise ValueError(f"action: needs {shape} finite numbers, got shape {values.shape}")
        return [value if -limit <= value <= limit else math.copysign(limit, value) for value in cut]

    def describe(self) -> dict[str, Any]:
        """The fields of a bundle's policy.json that this env fixes."""
        return {**self.spec_robot.identity(), **self._described(), "control_rate_hz": round(1 / self.dt)}

    @abstractmethod
    def _described(self) -> dict[str, Any]:
        """Observation, action and what else a policy depends on."""

    def render(self) -> Any:
        """(480, 640, 3) uint8 picture of this moment where ``render_mode`` is "rgb_array", else None."""
        return self.stage.render()

    def close(self) -> None:
        """Free the physics client, the pictures and the window; a second call does nothing."""
        self.stage.close()


def described_blocks(widths: Mapping[str, int]) -> list[dict[str, Any]]:
    """Blocks of an observation as policy.json says them."""
    return [{"block": name, "width": width} for name, width in widths.items()]
