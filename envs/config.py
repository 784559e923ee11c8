"""Locomotion: follow a velocity command (forward, sideways, yaw rate) without falling."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from simonsays.assets import InputError, did_you_mean
from simonsays.envs.motions.base import DEFAULT, MOTIONS
from simonsays.envs.observations import BLOCKS
from simonsays.envs.rewards import REWARDS
from simonsays.envs.settings import checked
from simonsays.sim.specs import SceneSpec
from simonsays.sim.state import Vector

Range = tuple[float, float]
Share = Annotated[float, Field(ge=0, le=1)]

DEFAULT_BLOCKS = (
    "base_linear_velocity",
    "base_angular_velocity",
    "gravity",
    "command",
    "height_command",
    "gait_phase",
    "leg_positions",
    "leg_velocities",
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


class LocomotionConfig(BaseModel):
    """What the task draws, rewards and ends. The defaults are the protocol that a policy is evaluated by."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    blocks: tuple[str, ...] = DEFAULT_BLOCKS
    history: int = Field(1, ge=1)
    """observations that are given at a time, the newest last; at an episode's start all of them are the first"""
    privileged: tuple[str, ...] = ()
    """blocks, without noise, that a critic may see and an actor may not: the observation is then a dict"""
    reward_weights: dict[str, float] = Field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    motion: str = DEFAULT
    """what the legs are to do (envs/motions); one that runs for a time, as a jump, runs once, soon after the start"""
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
    crouching: Share = 0.0
    """share of commands with a base height drawn from ``height``; a crouch stands still"""
    height: Range = (0.50, 0.74)
    """m, of the base above the ground"""
    command_seconds: Range = (5.0, 5.0)
    """s, a new command is drawn after a time drawn from this"""

    friction: Range | None = (0.5, 1.25)
    """of the ground, drawn at each reset; None: the scene's"""
    slope_deg: Range | None = None
    """of the ground, drawn with a new ground; None: the scene's"""
    roughness: Range | None = None
    """m, drawn with a new ground (see GroundSpec); None: the scene's"""
    flat: Share = 0.5
    """share of new grounds that are the scene's all the same"""
    new_ground: Share = 1.0
    """share of resets that draw a new ground and heading, where slope or roughness is to be drawn"""
    payload: Range | None = None
    """kg added to the torso, drawn at each reset"""
    sensor_noise: float = Field(0.0, ge=0)
    """factor on the noise of the observation blocks"""
    latency: Share = 0.0
    """share of episodes in which joint targets arrive late"""
    latency_steps: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] = (1, 1)
    """control steps that a late episode's targets are late by, drawn at each reset: fewest, most"""
    push_speed: float = Field(0.0, ge=0)
    """m/s, standard deviation along x and y of a sudden change of the base's velocity; 0: no pushes"""
    push_seconds: float = Field(4.0, gt=0)
    """s, mean time between pushes"""
    arm_motion: Share = 0.0
    """share of commands during which waist and arms move to random targets of their own"""
    joint_noise: float = Field(0.03, ge=0)
    """rad, standard deviation of the joints about the reference at reset"""
    initial_velocity: bool = False
    """start with a random part of the commanded velocity"""
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
        fewest, most = self.latency_steps
        if fewest > most:
            raise ValueError(f"latency_steps: fewest {fewest} is more than most {most}")
        return self


def make_config(where: str, settings: dict[str, Any]) -> LocomotionConfig:
    """A configuration from plain values; ``motion`` brings defaults of its own.

    Raises:
        InputError: an unknown key, or an impossible value; the message begins with ``where``.
    """
    motion = settings.get("motion", DEFAULT)
    if motion not in MOTIONS:
        raise InputError(f"{where}: motion: no motion {motion!r}{did_you_mean(str(motion), MOTIONS)}")
    return checked(LocomotionConfig, where, {**MOTIONS[motion].settings, **settings})


def draw_height(config: LocomotionConfig, rng: np.random.Generator) -> float | None:
    """m, a height of the base, or None for standing height."""
    return float(rng.uniform(*config.height)) if config.crouching and rng.random() < config.crouching else None


def draw_latency(config: LocomotionConfig, rng: np.random.Generator) -> int:
    """Control steps by which this episode's joint targets arrive late; mostly 0."""
    if not config.latency or rng.random() >= config.latency:
        return 0
    fewest, most = config.latency_steps
    return int(rng.integers(fewest, most, endpoint=True))


def draw_ground(config: LocomotionConfig, scene: SceneSpec, rng: np.random.Generator) -> SceneSpec:
    """The scene with another ground and heading."""
    yaw = float(rng.uniform(-180.0, 180.0))
    if rng.random() < config.flat:
        return replace(scene, robot_yaw_deg=yaw)
    ground = scene.ground
    if config.slope_deg is not None:
        ground = replace(ground, slope_deg=float(rng.uniform(*config.slope_deg)))
    if config.roughness is not None and rng.random() < 0.5:
        ground = replace(ground, roughness=float(rng.uniform(*config.roughness)), seed=int(rng.integers(1 << 31)))
    return replace(scene, robot_yaw_deg=yaw, ground=ground)


def draw_command(config: LocomotionConfig, rng: np.random.Generator) -> Vector:
    """(3,) forward m/s, sideways m/s, yaw rate rad/s."""
    kind = rng.random()
    if kind < config.standing:
        return (0.0, 0.0, 0.0)
    if kind < config.standing + config.turning:
        return (0.0, 0.0, 1.25 * rng.uniform(*config.yaw_rate))
    return (rng.uniform(*config.forward), rng.uniform(*config.sideways), rng.uniform(*config.yaw_rate))
