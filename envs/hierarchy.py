"""What lies between a task and the robot: an action becomes a command, which a low-level policy carries out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from simonsays.envs.config import Range, Share
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.policy.policy import Policy, acting, load_policy

COMMAND = 3
_STAND = (0.0, 0.0, 0.0)
_RESIDUAL = 3.0  # the largest residual action of the legs, as in HumanoidEnv
_FOREVER = 1e6  # s: the task ends episodes, not the locomotion beneath

WORLD = ("friction", "payload", "push_speed", "push_seconds", "sensor_noise", "latency")


class HierarchyConfig(BaseModel):
    """How a task's actions move the robot, and the world that it stands in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    control: Literal["command", "joints"] = "command"
    """what an action is: a command to the low-level policy, or a command and the legs' residuals, at 50 Hz"""
    low_level: str = "g1-locomotion"
    """a policy bundle, by name or path"""
    hold_seconds: float = Field(default=0.2, ge=0.02)
    """s, for which the low-level policy follows one action"""
    forward: Range = (-0.3, 0.7)
    """m/s, at actions of -1 and 1; 0 is always to stand"""
    sideways: Range = (-0.2, 0.2)
    """m/s"""
    yaw_rate: Range = (-0.7, 0.7)
    """rad/s"""
    friction: Range | None = None
    """these are the fields of the same name of LocomotionConfig"""
    payload: Range | None = None
    push_speed: Annotated[float, Field(ge=0)] = 0.0
    push_seconds: Annotated[float, Field(gt=0)] = 4.0
    sensor_noise: Annotated[float, Field(ge=0)] = 0.0
    latency: Share = 0.0


def scale_command(action: NDArray[Any], config: HierarchyConfig) -> NDArray[np.float64]:
    """(3,) forward m/s, sideways m/s, yaw rate rad/s for an action (3,) in [-1, 1]; zero stays zero."""
    low, high = np.transpose([config.forward, config.sideways, config.yaw_rate])
    cut = np.clip(np.asarray(action, dtype=np.float64), -1.0, 1.0)
    scaled: NDArray[np.float64] = np.where(cut < 0, -cut * low, cut * high)
    return scaled


class Walker:
    """A HumanoidEnv and what moves its legs.

    Args:
        robot, scene, render_mode, reset_mode: as HumanoidEnv has them.

    Raises:
        InputError: no such low-level policy, or one that does not fit the robot.
    """

    def __init__(self, config: HierarchyConfig, **arguments: Any) -> None:
        world = {name: getattr(config, name) for name in WORLD}
        self.env = HumanoidEnv(episode_seconds=_FOREVER, reward_weights={}, **world, **arguments)
        self._policy: Policy | None = None
        if config.control == "command":
            self._policy = load_policy(config.low_level)
            self._policy.check(self.env)
        self._act = acting(self._policy)
        self.configure(config)
        self.observation = self.env.set_command(_STAND)

    def configure(self, config: HierarchyConfig) -> None:
        """Take over what of a configuration can change later."""
        self._config = config
        self.hold = max(1, round(config.hold_seconds / self.env.dt)) if self._policy else 1
        self.env.reconfigure(**{name: getattr(config, name) for name in WORLD})

    @property
    def action_size(self) -> int:
        """3, or with the legs' residuals 3 + L."""
        return COMMAND if self._policy else COMMAND + self.env.layout.leg_count

    @property
    def dt(self) -> float:
        """s, one action."""
        return self.hold * self.env.dt

    def reset(self, seed: int, scene: Any) -> None:
        """Stand at the start of a scene, of the default one if None."""
        self.observation, _ = self.env.reset(seed=seed, options={"command": _STAND, "scene": scene})
        self._act = acting(self._policy)

    def move(self, action: NDArray[Any]) -> bool:
        """Carry out an action (``action_size``,) in [-1, 1]; whether the robot fell."""
        self.observation = self.env.set_command(scale_command(action[:COMMAND], self._config))
        for _ in range(self.hold):
            if self._policy is not None:
                legs = self._act(self.observation)
            else:
                legs = _RESIDUAL * np.clip(action[COMMAND:], -1.0, 1.0)
            self.observation, _, fell, _, _ = self.env.step(legs)
            if fell:
                return True
        return False
