"""HumanoidEnv: the only environment class; a robot, a task and residual joint control as a Gymnasium env."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from simonsays.assets import InputError, did_you_mean
from simonsays.envs.assistance import assist
from simonsays.envs.context import JointLayout, StepContext
from simonsays.envs.gait import ReferenceGait, random_clock
from simonsays.envs.observations import ObservationLayout, get_blocks
from simonsays.envs.rewards import REWARDS
from simonsays.envs.tasks.locomotion import draw_command, make_config
from simonsays.envs.terminations import fallen
from simonsays.sim.robot import Robot
from simonsays.sim.robots import get_robot
from simonsays.sim.spec import RobotSpec, SceneSpec, load_scene, scene_from_dict
from simonsays.sim.state import Array, Reading, RobotState, Vector
from simonsays.sim.world import World

PHYSICS_DT = 1 / 200
SUBSTEPS = 4
_FILTER = 0.06  # a control step, of the velocity that tracking is judged by
_YAW_FILTER = 0.12
_ARM_SPEED, _ARM_SECONDS = 3.0, 1.0  # rad/s and s to a new goal, of arms that move on their own in training

Observation = NDArray[np.float32]


class HumanoidEnv(gymnasium.Env[Observation, NDArray[np.floating[Any]]]):
    """A humanoid that is told a velocity.

    Action: Box (L,), a residual on the reference gait's targets of the legs' joints, ``action_scale`` rad a unit;
    torque PD follows the targets at 200 Hz, actions come at 50 Hz.

    Observation: Box (N,) float32, the named blocks of the task in order (``observation_layout.widths``).

    Reward: the weighted terms of the task; ``info["reward_terms"]`` has each term's share.

    Termination: the robot has fallen. Truncation: ``episode_seconds`` are over.

    Args:
        robot: name of a robot, or a spec.
        reset_mode: "exact" builds the physics world anew at every reset, so that equal seeds give equal
            trajectories, bit for bit; "fast" reuses it, for training: the solver's caches then carry over.
        scene: where the robot stands unless a reset's options say otherwise.
        render_mode: None or "rgb_array".
        settings: fields of the task's configuration (tasks/locomotion.py).

    Raises:
        InputError: an unknown robot, scene, setting or render mode.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 50}  # noqa: RUF012

    def __init__(
        self,
        robot: str | RobotSpec = "g1",
        *,
        reset_mode: Literal["exact", "fast"] = "exact",
        scene: SceneSpec | Mapping[str, Any] | str | Path | None = None,
        render_mode: str | None = None,
        **settings: Any,
    ) -> None:
        if render_mode not in (None, "rgb_array"):
            raise InputError(f"render_mode {render_mode!r}: use None or 'rgb_array'")
        if reset_mode not in ("exact", "fast"):
            raise InputError(f"reset_mode {reset_mode!r}: use 'exact' or 'fast'")
        self.spec_robot = get_robot(robot) if isinstance(robot, str) else robot
        self.config = make_config("environment", settings)
        self.render_mode, self.reset_mode = render_mode, reset_mode
        self.dt = PHYSICS_DT * SUBSTEPS
        self._default_scene = _scene(scene) if scene is not None else SceneSpec()
        self.world = World(self._default_scene, physics_dt=PHYSICS_DT)
        self.robot: Robot = self.world.spawn(self.spec_robot)
        self._resolve()
        self._renderer: Any = None
        self._apply_config()
        self._start((0.0, 0.0, 0.0))

    def _resolve(self) -> None:
        robot = self.robot
        self.layout = JointLayout.of(self.spec_robot, robot.joint_names, robot.axes)
        self._gait = ReferenceGait(self.spec_robot, robot.joint_names, robot.default_positions)
        self.observation_layout = ObservationLayout(get_blocks(self.config.blocks), self.layout)
        bound = self.observation_layout.bound
        self.observation_space = spaces.Box(-bound, bound, dtype=np.float32)
        limit, size = self.config.action_limit, self.layout.leg_count
        self.action_space = spaces.Box(-limit, limit, (size,), dtype=np.float32)
        self._standing: list[float] = robot.default_positions.tolist()
        self._joint_place = {name: i for i, name in enumerate(robot.joint_names)}

    def reconfigure(self, **settings: Any) -> None:
        """Change settings of the task between episodes or within one: for a curriculum.

        Raises:
            InputError: an unknown setting, or an impossible value.
        """
        self.config = make_config("environment", {**self.config.model_dump(), **settings})
        self._apply_config()

    def _apply_config(self) -> None:
        config = self.config
        self.assistance = config.assistance
        self.steps_per_episode = round(config.episode_seconds / self.dt)
        self._push_chance = self.dt / config.push_seconds if config.push_speed > 0 else 0.0
        self._terms = [
            (name, REWARDS[name], weight * config.reward_scale)
            for name, weight in config.reward_weights.items()
            if weight
        ]

    @property
    def mirror(self) -> dict[str, list[float]]:
        """Places and signs of the mirror image of observations and actions."""
        return {
            "observation": list(self.observation_layout.mirror),
            "observation_sign": self.observation_layout.mirror_sign,
            "action": self.layout.mirror.tolist(),
            "action_sign": self.layout.mirror_sign.tolist(),
        }

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode.

        ``options`` fixes what would be drawn: ``"command"`` (3,) for the whole episode, and ``"scene"`` (a
        SceneSpec, a table, a name or a file), whose ground's friction is then kept.

        Raises:
            InputError: an unknown option or an impossible value.
        """
        super().reset(seed=seed)
        options = options or {}
        for key in options:
            if key not in ("command", "scene"):
                raise InputError(f"reset option {key!r}{did_you_mean(key, ('command', 'scene'))}")
        fixed = options.get("command")
        command = draw_command(self.config, self.np_random) if fixed is None else _command(fixed)
        self._prepare_world(_scene(options["scene"]) if options.get("scene") is not None else None)
        self._start(command)
        self._command_left = math.inf if fixed is not None else float(self._draw_command_steps())
        return self._observe(), {"command": self._command_array.copy(), "is_success": False, "reward_terms": {}}

    def _prepare_world(self, scene: SceneSpec | None) -> None:
        target = scene or self._default_scene
        if self.reset_mode == "exact" or target != self.world.scene:
            self.world.scene = target
            self.world.reset()
            self.robot = self.world.spawn(self.spec_robot)
        else:
            self.world.reset_props()
        rng, config = self.np_random, self.config
        if config.friction is not None and scene is None:
            self.world.set_friction(float(rng.uniform(*config.friction)))
        if config.payload is not None:
            self.robot.add_payload(float(rng.uniform(*config.payload)))

    def _start(self, command: Vector) -> None:
        rng, config, robot = self.np_random, self.config, self.robot
        self._set_command(command)
        self._clock = random_clock(rng, command)
        self._reference = self._gait.targets(self._clock, command)
        noise = rng.normal(0.0, config.joint_noise, len(robot.joint_ids)) if config.joint_noise else 0.0
        position, orientation = self.world.start_pose(self.spec_robot.base_height)
        robot.reset(position, orientation, np.clip(np.add(self._reference, noise), robot.lower, robot.upper).tolist())
        position[2] -= robot.lowest_foot() - self.spec_robot.gait.sole_height - _ground_under(self.world)
        robot.reset(position, orientation, robot.read_joints()[0].tolist())
        if config.initial_velocity:
            yaw, speed = math.radians(self.world.scene.robot_yaw_deg), float(rng.random() * command[0])
            robot.set_base_velocity((speed * math.cos(yaw), speed * math.sin(yaw), 0.0), (0.0, 0.0, 0.0))
        self._steps = 0
        self._command_left = math.inf
        self._overrides: dict[int, float] = {}
        self._arm_goal: Array | None = None
        self._arm_now = robot.default_positions[self.layout.upper]
        self._plane_error = self._yaw_error = 0.0
        self._actions = [[0.0] * self.layout.leg_count] * 3
        self.reading: Reading = robot.reading()
        self._filtered = self.reading.heading_velocity
        self._yaw_rate = self._filtered[2]
        self._context = self._make_context(self.reading, 0.0)

    @property
    def state(self) -> RobotState:
        """The robot's state now, as arrays."""
        return self.reading.arrays()

    def _set_command(self, command: Vector) -> None:
        self.command = command
        self._command_array = np.array(command)

    def _make_context(self, previous: Reading, torque_squared: float) -> StepContext:
        return StepContext(
            spec=self.spec_robot,
            layout=self.layout,
            state=self.reading,
            previous_state=previous,
            action=self._actions[0],
            previous_action=self._actions[1],
            earlier_action=self._actions[2],
            command=self.command,
            filtered_velocity=self._filtered,
            standing=self._standing,
            reference=self._reference,
            phase=self._clock.phase,
            stepping=self._clock.stepping,
            torque_squared=torque_squared,
            dt=self.dt,
        )

    def set_command(self, command: Any, joint_targets: Mapping[str, float] | None = None) -> Observation:
        """Tell the robot a new command (3,), kept until the next call, and return the observation with it.

        ``joint_targets``: rad, by joint name, for joints that the policy does not move (waist, arms); the
        reference gait keeps the others.

        Raises:
            InputError: a command that is not three finite numbers, or a joint that is unknown or the policy's.
        """
        self._set_command(_command(command))
        self._command_left = math.inf
        overrides = {}
        for name, target in (joint_targets or {}).items():
            place = self._joint_place.get(name)
            if place is None or place not in self.layout.upper:
                free = [self.robot.joint_names[i] for i in self.layout.upper]
                raise InputError(f"joint_targets: {name!r} cannot be set{did_you_mean(name, free)}")
            overrides[place] = float(target)
        self._overrides = overrides
        self._context = replace(self._context, command=self.command)
        return self._observe()

    def step(self, action: NDArray[np.floating[Any]]) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """One control step of 0.02 s; see the class for what it returns.

        Raises:
            ValueError: the action has the wrong shape or is not finite.
        """
        self._actions = [self._checked(action), *self._actions[:2]]
        self._advance_gait()
        targets, scale = self._reference.copy(), self.config.action_scale
        for place, residual in zip(self.layout.legs, self._actions[0], strict=True):
            targets[place] += scale * residual
        self._move_arms(targets)
        self.last_targets = targets
        torque_squared = self.robot.track(targets, SUBSTEPS, self._assist if self.assistance > 0 else None)
        self._steps += 1
        if self._push_chance and self.np_random.random() < self._push_chance:
            self._push()
        previous, self.reading = self.reading, self.robot.reading(self._steps * self.dt)
        self._filter(*self.reading.heading_velocity)
        ctx = self._context = self._make_context(previous, torque_squared)
        terms = {name: weight * term(ctx) for name, term, weight in self._terms}
        terminated = fallen(self.reading, self.spec_robot)
        truncated = self._steps >= self.steps_per_episode
        info = {
            "is_success": self._is_success(terminated, truncated),
            "reward_terms": terms,
            "command": self._command_array.copy(),
        }
        self._command_left -= 1
        if self._command_left <= 0:
            self._new_command()
        return self._observe(), sum(terms.values()), terminated, truncated and not terminated, info

    def _checked(self, action: NDArray[np.floating[Any]]) -> list[float]:
        count, limit = self.layout.leg_count, self.config.action_limit
        values = np.asarray(action, dtype=np.float64)
        if values.shape != (count,) or not math.isfinite(sum(cut := values.tolist())):
            raise ValueError(f"action: needs {count} finite numbers, got shape {values.shape}")
        return [value if -limit <= value <= limit else math.copysign(limit, value) for value in cut]

    def _advance_gait(self) -> None:
        vx, vy, _ = self.reading.base_linear_velocity
        fx, fy, _ = self._filtered
        gx, gy, _ = self.reading.rotation[2]
        speed, mean_speed, tilt = math.hypot(vx, vy), math.hypot(fx, fy), math.hypot(gx, gy)
        period = self.spec_robot.gait.period
        self._clock = self._clock.advance(self.dt, period, self.command, speed, mean_speed, tilt)
        self._reference = self._gait.targets(self._clock, self.command)

    def _move_arms(self, targets: list[float]) -> None:
        if self._arm_goal is not None:
            if self.np_random.random() < self.dt / _ARM_SECONDS:
                self._arm_goal = self._draw_arm_goal()
            step = _ARM_SPEED * self.dt
            self._arm_now = self._arm_now + np.clip(self._arm_goal - self._arm_now, -step, step)
            for place, target in zip(self.layout.upper, self._arm_now.tolist(), strict=True):
                targets[place] = target
        for place, target in self._overrides.items():
            targets[place] = target

    def _assist(self) -> None:
        assist(self.robot, self.assistance, self.command, self._yaw_rate)

    def _filter(self, forward: float, sideways: float, yaw: float) -> None:
        f, s, y = self._filtered
        self._filtered = (f + _FILTER * (forward - f), s + _FILTER * (sideways - s), y + _FILTER * (yaw - y))
        self._yaw_rate += _YAW_FILTER * (yaw - self._yaw_rate)

    def _push(self) -> None:
        linear, angular = self.robot.base_velocity()
        x, y = self.np_random.normal(0.0, self.config.push_speed, 2).tolist()
        self.robot.set_base_velocity((linear[0] + x, linear[1] + y, linear[2]), angular)

    def _draw_command_steps(self) -> int:
        return round(float(self.np_random.uniform(*self.config.command_seconds)) / self.dt)

    def _new_command(self) -> None:
        rng = self.np_random
        self._set_command(draw_command(self.config, rng))
        self._command_left = self._draw_command_steps()
        self._context = replace(self._context, command=self.command)
        if self.config.arm_motion:
            self._arm_goal = self._draw_arm_goal() if rng.random() < self.config.arm_motion else None

    def _draw_arm_goal(self) -> Array:
        upper, robot = self.layout.upper, self.robot
        goal = robot.default_positions[upper] + self.np_random.normal(0, 1.0, len(upper))
        goal[0] *= 0.3  # the waist carries the torso: a third of the arms' range
        return np.clip(goal, robot.lower[upper], robot.upper[upper])

    def _is_success(self, terminated: bool, truncated: bool) -> bool:
        forward, sideways, yaw = self.command
        x, y, z = self._filtered
        self._plane_error += math.hypot(x - forward, y - sideways)
        self._yaw_error += abs(z - yaw)
        if terminated or not truncated:
            return False
        return self._plane_error / self._steps < 0.2 and self._yaw_error / self._steps < 0.3

    def _observe(self) -> Observation:
        return self.observation_layout.observe(self._context)

    def render(self) -> Any:
        """(H, W, 3) uint8 picture of this moment where ``render_mode`` is "rgb_array", else None."""
        if self.render_mode is None:
            return None
        if self._renderer is None:
            from simonsays.sim.camera import LiveView

            self._renderer = LiveView(self.spec_robot)
        return self._renderer.picture(self.world, self.reading)

    def close(self) -> None:
        """Free the physics client and the renderer; a second call does nothing."""
        self.world.close()
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None


def _ground_under(world: World) -> float:
    return math.tan(math.radians(world.scene.ground.slope_deg)) * world.scene.robot_position[0]


def _scene(scene: SceneSpec | Mapping[str, Any] | str | Path) -> SceneSpec:
    if isinstance(scene, SceneSpec):
        return scene
    return scene_from_dict(scene) if isinstance(scene, Mapping) else load_scene(scene)


def _command(values: Any) -> Vector:
    try:
        command = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        command = np.full(1, np.nan)
    if command.shape != (3,) or not np.isfinite(command).all():
        raise InputError(f"command: needs [forward m/s, sideways m/s, yaw rate rad/s], not {values!r}")
    forward, sideways, yaw = command.tolist()
    return forward, sideways, yaw
