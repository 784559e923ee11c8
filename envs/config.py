"""Locomotion: follow a velocity command (forward, sideways, yaw rate) without falling."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from simonsays.assets import InputError, did_you_mean
from simonsays.envs.event_settings import WithEvents, changed, configured
from simonsays.envs.motions.base import DEFAULT, MOTIONS
from simonsays.envs.observations import BLOCKS
from simonsays.envs.rewards import REWARDS
from simonsays.envs.settings import Range, Share
from simonsays.envs.terminations import TERMINATIONS
from simonsays.envs.terms import check_parameters
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Vector

DEFAULT_BLOCKS = (
    "leg_odometry",
    "drift_error",
    "base_angular_velocity",
    "gravity",
    "command",
    "height_command",
    "gait_phase",
    "leg_positions",
    "leg_velocities",
    "upper_positions",
    "upper_velocities",
    "last_action",
)

DEFAULT_WEIGHTS = {
    "track_velocity": 0.5,
    "track_mean_velocity": 1.0,
    "track_mean_yaw_rate": 1.2,
    "track_height": 0.8,
    "alive": 0.2,
    "contact_schedule": 0.3,
    "foot_height": -20.0,
    "foot_slip": -0.15,
    "tilt": -2.0,
    "base_height": -60.0,
    "vertical_velocity": -0.5,
    "tilt_rate": -0.03,
    "action_rate": -0.012,
    "action_jerk": -0.004,
    "torque": -2e-5,
    "joint_acceleration": -1e-7,
    "hip_posture": -0.3,
    "leg_posture": -0.15,
    "standing_speed": -1.0,
    "fall": -12.0,
}


class LocomotionConfig(WithEvents):
    """What the task draws, rewards and ends. The defaults are the protocol that a policy is evaluated by."""

    blocks: tuple[str, ...] = DEFAULT_BLOCKS
    history: int = Field(1, ge=1)
    """observations that are given at a time, the newest last; at an episode's start all of them are the first"""
    privileged: tuple[str, ...] = ()
    """blocks, without noise, that a critic may see and an actor may not: the observation is then a dict"""
    reward_weights: dict[str, float] = Field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    reward_params: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """parameters of reward terms that differ from the terms' own, as ``{track_velocity = {width = 0.3}}``"""
    terminations: dict[str, dict[str, Any]] = Field(default={"fall": {}})
    """what ends an episode, each with the parameters that differ from its own"""
    motion: str = DEFAULT
    """what the legs are to do (envs/motions), which the env id of a recipe says; one that runs for a time, as a jump,
    runs once, soon after the start"""
    reference: Literal["gait", "standing"] = "gait"
    """what actions are added to: the reference gait, or the standing pose alone, without a phase"""
    reward_scale: float = 0.25
    action_scale: float = 0.25
    """rad of joint target for one unit of action"""
    action_limit: float = 3.0
    episode_seconds: float = Field(20.0, gt=0)

    forward: Range = (-0.4, 1.2)
    """m/s"""
    sideways: Range = (-0.3, 0.3)
    """m/s"""
    yaw_rate: Range = (-0.8, 0.8)
    """rad/s"""
    standing: Share = 0.1
    """share of commands that say stand still"""
    turning: Share = 0.0
    """share of commands that turn on the spot, with a yaw rate up to 1.25 times the range"""
    slow: Share = 0.0
    """share of commands that are slow: a drawn one times 0 to 0.25"""
    crouching: Share = 0.0
    """share of commands with a base height drawn from ``height``; a crouch stands still"""
    height: Range = (0.50, 0.74)
    """m, of the base above the ground"""
    command_seconds: Range = (5.0, 5.0)
    """s, a new command is drawn after a time drawn from this"""

    sensor_noise: float = Field(0.0, ge=0)
    """factor on the noise of the observation blocks"""
    assistance: Share = 0.0
    """factor on the helping forces (see envs/assistance.py); every figure reported is with 0"""

    @model_validator(mode="after")
    def _names_exist(self) -> LocomotionConfig:
        for field, names, known in (
            ("reward_weights", self.reward_weights, REWARDS),
            ("blocks", self.blocks, BLOCKS),
            ("privileged", self.privileged, BLOCKS),
        ):
            for name in names:
                if name not in known:
                    raise ValueError(f"{field}: unknown name {name!r}{did_you_mean(name, known)}")
        check_parameters(REWARDS, "reward_params", self.reward_params)
        check_parameters(TERMINATIONS, "terminations", self.terminations)
        return self


def make_config(where: str, settings: dict[str, Any]) -> LocomotionConfig:
    """A configuration from plain values; ``motion`` brings defaults of its own.

    Raises:
        InputError: an unknown key, or an impossible value; the message begins with ``where``.
    """
    motion = settings.get("motion", DEFAULT)
    if motion not in MOTIONS:
        raise InputError(f"{where}: motion: no motion {motion!r}{did_you_mean(str(motion), MOTIONS)}")
    own: dict[str, Any] = {"motion": motion}
    for kind in reversed(MOTIONS[motion].__mro__):
        own |= vars(kind).get("settings", {})
    return changed(configured(LocomotionConfig, f"motion {motion!r}", own), where, settings)


def draw_height(config: LocomotionConfig, rng: np.random.Generator) -> float | None:
    """m, a height of the base, or None for standing height."""
    return float(rng.uniform(*config.height)) if config.crouching and rng.random() < config.crouching else None


def draw_command(config: LocomotionConfig, rng: np.random.Generator) -> Vector:
    """(3,) forward m/s, sideways m/s, yaw rate rad/s."""
    kind = rng.random()
    if kind < config.standing:
        return (0.0, 0.0, 0.0)
    if kind < config.standing + config.turning:
        return (0.0, 0.0, 1.25 * rng.uniform(*config.yaw_rate))
    share = 0.25 * rng.random() if kind > 1.0 - config.slow else 1.0
    ranges = (config.forward, config.sideways, config.yaw_rate)
    forward, sideways, yaw = (share * float(rng.uniform(*each)) for each in ranges)
    return forward, sideways, yaw


def checked_command(values: Any) -> Vector:
    """(3,) of a command that was given.

    Raises:
        InputError: not three finite numbers.
    """
    try:
        command = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        command = np.full(1, np.nan)
    if command.shape != (3,) or not np.isfinite(command).all():
        raise InputError(f"command: needs [forward m/s, sideways m/s, yaw rate rad/s], not {values!r}")
    forward, sideways, yaw = command.tolist()
    return forward, sideways, yaw


def checked_height(height: Any, spec: RobotSpec) -> float | None:
    """m, of a height of the base that was given, if any was.

    Raises:
        InputError: the robot cannot be so low or so high.
    """
    lowest, standing = spec.gait.lowest, spec.standing_height
    if height is None:
        return None
    if lowest is None:
        raise InputError(f"height: {spec.title} cannot crouch")
    if not isinstance(height, int | float) or not lowest <= height <= standing:
        raise InputError(f"height: {lowest:g} to {standing:g} m, not {height!r}")
    return float(height)
