"""HumanoidEnv: the only environment class; a robot, a task and residual joint control as a Gymnasium env."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from simonsays.assets import InputError, did_you_mean
from simonsays.envs.assistance import assist
from simonsays.envs.config import draw_command, draw_ground, draw_height, draw_latency, make_config
from simonsays.envs.context import Episode, JointLayout, StepContext
from simonsays.envs.legs import Legs
from simonsays.envs.motions.base import Body, TimedMotion
from simonsays.envs.observations import ObservationLayout, get_blocks
from simonsays.envs.policy.features import PRIVILEGED
from simonsays.envs.rewards import REWARDS
from simonsays.envs.terminations import fallen
from simonsays.sim.pictures.live_view import LiveView, Window
from simonsays.sim.robot import Robot
from simonsays.sim.robots import get_robot
from simonsays.sim.rotations import multiply, quaternion_from_rpy
from simonsays.sim.specs import RobotSpec, SceneSpec, load_scene, scene_from_dict
from simonsays.sim.state import Array, Reading, RobotState, Vector
from simonsays.sim.world import World

PHYSICS_DT = 1 / 200
SUBSTEPS = 4
_FILTER = 0.06  # a control step, of the velocity that tracking is judged by
_YAW_FILTER = 0.12
_ARM_SPEED, _ARM_SECONDS = (1.0, 6.0), (0.4, 2.0)  # rad/s, s to a new goal on average: arms that move on their own
# rad/s, at most, of arm targets, and of those of the trunk: thrown about faster, it makes the walk fall ten times as
# often.
_ARM_SPEED_LIMIT, _TRUNK_SPEED_LIMIT = 6.0, 1.5

_OPTIONS = ("command", "height", "scene")

Observation = Any
"""(N,) float32; a dict of such arrays where there are privileged blocks"""


class HumanoidEnv(gymnasium.Env[Observation, NDArray[np.floating[Any]]]):
    """A humanoid that is told a velocity.

    Action: Box (L,), a residual on the reference gait's targets of the legs' joints, ``action_scale`` rad a unit;
    torque PD follows the targets at 200 Hz, actions come at 50 Hz.

    Observation: Box (N,) float32, the named blocks of the task in order (``observation_layout.widths``); the last
    ``history`` of them, the newest last, where that is more than 1. With ``privileged`` blocks a Dict of that as
    "observation" and of those as "privileged".

    Reward: the weighted terms of the task; ``info["reward_terms"]`` has each term's share.

    Termination: the robot has fallen. Truncation: ``episode_seconds`` are over.

    Args:
        robot: name of a robot, or a spec.
        reset_mode: "exact" builds the physics world anew at every reset, so that equal seeds give equal
            trajectories, bit for bit; "fast" reuses it, for training: the solver's caches then carry over.
        scene: where the robot stands unless a reset's options say otherwise.
        render_mode: None; "rgb_array", pictures from :meth:`render`; or "human", PyBullet's window, in real time.
        settings: fields of the task's configuration (tasks/locomotion.py).

    Raises:
        InputError: an unknown robot, scene, setting or render mode, or "human" where there is no display.
    """

    metadata: dict[str, Any] = {"render_modes": ["human", "rgb_array"], "render_fps": 50}  # noqa: RUF012
    make_config = staticmethod(make_config)
    space_settings: ClassVar[tuple[str, ...]] = ("blocks", "history", "privileged", "reference")
    """settings that observations and joint targets depend on"""

    def __init__(
        self,
        robot: str | RobotSpec = "g1",
        *,
        reset_mode: Literal["exact", "fast"] = "exact",
        scene: SceneSpec | Mapping[str, Any] | str | Path | None = None,
        render_mode: str | None = None,
        **settings: Any,
    ) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise InputError(f"render_mode {render_mode!r}: use None, 'rgb_array' or 'human'")
        if reset_mode not in ("exact", "fast"):
            raise InputError(f"reset_mode {reset_mode!r}: use 'exact' or 'fast'")
        self.spec_robot = get_robot(robot) if isinstance(robot, str) else robot
        self.config = make_config("environment", settings)
        self.render_mode, self.reset_mode = render_mode, reset_mode
        self.dt = PHYSICS_DT * SUBSTEPS
        self._picture: LiveView | None = None
        self.viewers: list[Any] = [Window(self.spec_robot)] if render_mode == "human" else []
        """``show(world, reading)`` of each is called after a reset and after every control step"""
        self._default_scene = self._ground_scene = _scene(scene) if scene is not None else SceneSpec()
        self.world = World(self._default_scene, physics_dt=PHYSICS_DT)
        self.robot: Robot = self.world.spawn(self.spec_robot)
        self._resolve()
        self._friction, self._payload = self._default_scene.ground.friction, 0.0
        self._apply_config()
        self._start((0.0, 0.0, 0.0), None)

    def _resolve(self) -> None:
        robot = self.robot
        self.layout = JointLayout.of(self.spec_robot, robot.joint_names, robot.axes)
        self.observation_layout = ObservationLayout(get_blocks(self.config.blocks), self.layout)
        self._history = self.config.history
        bound = np.tile(self.observation_layout.bound, self._history)
        self.observation_space: Any = spaces.Box(-bound, bound, dtype=np.float32)
        self._privileged: ObservationLayout | None = None
        if self.config.privileged:
            self._privileged = ObservationLayout(get_blocks(self.config.privileged), self.layout)
            more = spaces.Box(-self._privileged.bound, self._privileged.bound, dtype=np.float32)
            self.observation_space = spaces.Dict({"observation": self.observation_space, PRIVILEGED: more})
        limit, size = self.config.action_limit, self.layout.leg_count
        self.action_space = spaces.Box(-limit, limit, (size,), dtype=np.float32)
        self._standing: list[float] = robot.default_positions.tolist()
        still = self.config.reference == "standing"
        self.legs = Legs(Body(self.spec_robot, robot.joint_names, self._standing, still), self.config.motion)
        self._joint_place = {name: i for i, name in enumerate(robot.joint_names)}
        self._upper_step = {
            place: self.dt * (_TRUNK_SPEED_LIMIT if place in robot.trunk else _ARM_SPEED_LIMIT)
            for place in self.layout.upper
        }

    def reconfigure(self, **settings: Any) -> None:
        """Change settings of the task between episodes or within one: for a curriculum.

        Raises:
            InputError: an unknown setting, an impossible value, or one of ``space_settings``.
        """
        config = make_config("environment", {**self.config.model_dump(), **settings})
        for name in self.space_settings:
            if getattr(config, name) != getattr(self.config, name):
                raise InputError(f"environment: {name!r} can only be chosen when the environment is made")
        self.config = config
        self._apply_config()

    def _apply_config(self) -> None:
        config = self.config
        self.assistance = config.assistance
        self.legs.return_to(config.motion)
        self.steps_per_episode = round(config.episode_seconds / self.dt)
        self._push_chance = self.dt / config.push_seconds if config.push_speed > 0 else 0.0
        self._terms = [
            (name, REWARDS[name], weight * config.reward_scale)
            for name, weight in config.reward_weights.items()
            if weight
        ]

    @property
    def mirror(self) -> dict[str, list[float]]:
        """Places and signs of the mirror image of observations and actions; of privileged ones where there are any."""
        one = self.observation_layout
        width = len(one.mirror)
        more = self._privileged
        return {
            "observation": [place + width * frame for frame in range(self._history) for place in one.mirror],
            "observation_sign": one.mirror_sign * self._history,
            "action": self.layout.mirror.tolist(),
            "action_sign": self.layout.mirror_sign.tolist(),
            **({"privileged": list(more.mirror), "privileged_sign": more.mirror_sign} if more else {}),
        }

    def describe(self) -> dict[str, Any]:
        """The fields of a bundle's policy.json that this env fixes."""
        return {
            "robot": self.spec_robot.name,
            "robot_hash": self.spec_robot.hash(),
            "observation": [{"block": name, "width": n} for name, n in self.observation_layout.widths.items()],
            "action": {
                "joints": list(self.spec_robot.leg_joints),
                "scale": self.config.action_scale,
                "limit": self.config.action_limit,
            },
            "control_rate_hz": round(1 / self.dt),
            **({"history": self._history} if self._history > 1 else {}),
            **({"settings": own} if (own := self._own_settings()) else {}),
        }

    def _own_settings(self) -> dict[str, Any]:
        """Settings beside the defaults that a policy cannot do without; a history it keeps by itself."""
        plain, mine = make_config("environment", {}), self.config
        values = {name: getattr(mine, name) for name in ("blocks", "reference")}
        changed = {name: value for name, value in values.items() if value != getattr(plain, name)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in changed.items()}

    @property
    def trained_motion(self) -> str:
        """The motion that a policy trained here is for."""
        return self.config.motion

    def command_ranges(self) -> dict[str, list[float]]:
        """What commands are drawn from: policy.json of a bundle says it."""
        config = self.config
        return {name: list(getattr(config, name)) for name in ("forward", "sideways", "yaw_rate", "height")}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode.

        ``options`` fixes what would be drawn: ``"command"`` (3,) for the whole episode, ``"height"`` (m, of the
        base; standing height with a command alone), and ``"scene"`` (a SceneSpec, a table, a name or a file), whose
        ground is then kept.

        Raises:
            InputError: an unknown option or an impossible value.
        """
        super().reset(seed=seed)
        options = options or {}
        for key in options:
            if key not in _OPTIONS:
                raise InputError(f"reset option {key!r}{did_you_mean(key, _OPTIONS)}")
        fixed = options.get("command")
        command = draw_command(self.config, self.np_random) if fixed is None else _command(fixed)
        height = options.get("height")
        if height is not None:
            height = self._checked_height(height)
        elif fixed is None:
            height = draw_height(self.config, self.np_random)
        self._prepare_world(_scene(options["scene"]) if options.get("scene") is not None else None)
        self._start(command, height)
        self._command_left = math.inf if fixed is not None else float(self._draw_command_steps())
        for viewer in self.viewers:
            viewer.show(self.world, self.reading)
        return self._observe(), {"command": np.array(self.command), "is_success": False, "reward_terms": {}}

    def _prepare_world(self, scene: SceneSpec | None) -> None:
        rng, config = self.np_random, self.config
        target = scene or self._ground_scene
        if scene is None and (config.slope_deg, config.roughness) != (None, None) and rng.random() < config.new_ground:
            target = self._ground_scene = draw_ground(config, self._default_scene, rng)
        if self.reset_mode == "exact" or target != self.world.scene:
            self.world.scene = target
            self.world.reset()
            self.robot = self.world.spawn(self.spec_robot)
            self._friction, self._payload = target.ground.friction, 0.0
        else:
            self.world.reset_props()
        if config.friction is not None and scene is None:
            self._friction = float(rng.uniform(*config.friction))
            self.world.set_friction(self._friction)
        if config.payload is not None:
            self._payload = float(rng.uniform(*config.payload))
            self.robot.add_payload(self._payload)

    def _start(self, command: Vector, height: float | None) -> None:
        rng, config, robot = self.np_random, self.config, self.robot
        self.legs.tell(command, height)
        reference = self.legs.start(rng)
        self._gradient = self.world.scene.ground.gradient
        noise = rng.normal(0.0, config.joint_noise, len(robot.joint_ids)) if config.joint_noise else 0.0
        position, orientation = self.world.start_pose(self.spec_robot.base_height)
        tilted = multiply(orientation, quaternion_from_rpy(0.0, reference.lean, 0.0).tolist())
        robot.reset(position, tilted, np.clip(np.add(reference.targets, noise), robot.lower, robot.upper).tolist())
        ground = self.world.scene.ground
        lift = self.spec_robot.gait.sole_height + self.world.ground_height(position[0]) + ground.roughness
        position[2] -= robot.lowest_foot() - lift
        robot.reset(position, tilted, robot.read_joints()[0].tolist())
        self._now = Episode(robot, robot.reading(), (0.0, 0.0, 0.0), self.dt, robot.arm_lever())
        if config.initial_velocity:
            yaw, speed = math.radians(self.world.scene.robot_yaw_deg), float(rng.random() * self.command[0])
            robot.set_base_velocity((speed * math.cos(yaw), speed * math.sin(yaw), 0.0), (0.0, 0.0, 0.0))
        self._steps = 0
        self._pushed = (0.0, 0.0)
        self._frames: deque[NDArray[np.float32]] = deque(maxlen=self._history)
        self._command_left = math.inf
        self._overrides: dict[int, float] = {}
        self._leg_offsets: dict[int, float] = {}
        self._upper_now = {place: reference.targets[place] for place in self.layout.upper}
        self._arm_goal: Array | None = None
        self._arm_speed, self._arm_seconds = 0.0, 1.0
        if isinstance(self.legs.home, TimedMotion):
            self._now.cue = float(rng.uniform(0.1, 0.5))
        self.last_targets = reference.targets
        self._pending = deque([reference.targets] * draw_latency(config, rng))
        self._arm_now = robot.default_positions[self.layout.upper]
        self._plane_error = self._yaw_error = 0.0
        self._actions = [[0.0] * self.layout.leg_count] * 3
        self.reading: Reading = robot.reading()
        self._now.reading, self._filtered = self.reading, self.reading.heading_velocity
        self._yaw_rate = self._filtered[2]
        self._context = self._make_context(self.reading, 0.0)

    @property
    def state(self) -> RobotState:
        """The robot's state now, as arrays."""
        return self.reading.arrays()

    @property
    def filtered_velocity(self) -> Vector:
        """(3,) forward and sideways m/s, yaw rate rad/s, in the heading frame, without the gait's sway."""
        return self._filtered

    @property
    def joint_places(self) -> Mapping[str, int]:
        """Place of each joint in the (J,) arrays, by name."""
        return self._joint_place

    @property
    def command(self) -> Vector:
        """(3,) the command that is obeyed now: forward m/s, sideways m/s, yaw rate rad/s."""
        return self.legs.command

    @property
    def height(self) -> float:
        """m, of the base above the ground, that is wanted now."""
        return self.legs.reference.height

    def _make_context(self, previous: Reading, torque_squared: float) -> StepContext:
        reference = self.legs.reference
        return StepContext(
            spec=self.spec_robot,
            layout=self.layout,
            state=self.reading,
            previous_state=previous,
            action=self._actions[0],
            previous_action=self._actions[1],
            earlier_action=self._actions[2],
            command=self.command,
            height=reference.height,
            lean=reference.lean,
            gradient=self._gradient,
            filtered_velocity=self._filtered,
            standing=self._standing,
            reference=reference.targets,
            phase=reference.phase,
            stepping=reference.running,
            motion=self.motion,
            motion_time=reference.time,
            torque_squared=torque_squared,
            dt=self.dt,
            friction=self._friction,
            payload=self._payload,
            push=self._pushed,
        )

    def set_command(
        self,
        command: Any,
        joint_targets: Mapping[str, float] | None = None,
        height: float | None = None,
        leg_offsets: Mapping[str, float] | None = None,
        motion: str | None = None,
    ) -> Observation:
        """Tell the robot a new command (3,), kept until the next call, and return the observation with it.

        ``height``: m, of the base above the ground, standing height if not given. The wanted height moves there at
        0.4 m/s. A crouch begins once the feet stand, and the robot walks again once it has stood up: until then
        ``command`` is zero.

        ``joint_targets``: rad, by joint name, for joints that the policy does not move (waist, arms); the
        reference gait keeps the others. Arms reach them at no more than 6 rad/s, the trunk at no more than 1.5.
        ``leg_offsets``: rad, by joint name, added to the reference of the joints that the policy moves. ``motion``:
        begin this one of envs/motions, if it may now; :attr:`motion` then says so, and the policy for it should act.

        Raises:
            InputError: a command that is not three finite numbers, an impossible height, or a joint that is unknown
                or not of the kind.
        """
        wanted = None if height is None else self._checked_height(height)
        self.legs.tell(_command(command), wanted, motion)
        self._command_left = math.inf
        self._overrides = self._by_place("joint_targets", joint_targets or {}, self.layout.upper)
        self._leg_offsets = self._by_place("leg_offsets", leg_offsets or {}, self.layout.legs)
        reference = self.legs.reference
        self._context = replace(
            self._context,
            command=self.command,
            phase=reference.phase,
            stepping=reference.running,
            motion=self.motion,
            motion_time=reference.time,
        )
        return self._observe()

    def _by_place(self, field: str, values: Mapping[str, float], allowed: Sequence[int]) -> dict[int, float]:
        found = {}
        for name, value in values.items():
            place = self._joint_place.get(name)
            if place is None or place not in allowed:
                names = [self.robot.joint_names[i] for i in allowed]
                raise InputError(f"{field}: {name!r} cannot be set{did_you_mean(name, names)}")
            found[place] = float(value)
        return found

    def step(self, action: NDArray[np.floating[Any]]) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """One control step of 0.02 s; see the class for what it returns.

        Raises:
            ValueError: the action has the wrong shape or is not finite.
        """
        self._actions = [self._checked(action), *self._actions[:2]]
        self._now.reading, self._now.velocity = self.reading, self._filtered
        targets, scale = self.legs.advance(self._now).targets.copy(), self.config.action_scale
        for place, residual in zip(self.layout.legs, self._actions[0], strict=True):
            targets[place] += scale * residual
        for place, offset in self._leg_offsets.items():
            targets[place] += offset
        self._move_arms(targets)
        if self._pending:  # as many as the control steps that they are late by
            self._pending.append(targets)
            targets = self._pending.popleft()
        self.last_targets = targets
        self.world.move_props(self.dt)
        torque_squared = self.robot.track(targets, SUBSTEPS, self._assist if self.assistance > 0 else None)
        self._steps += 1
        self._pushed = (0.0, 0.0)
        if self._push_chance and self.np_random.random() < self._push_chance:
            self._push()
        previous, self.reading = self.reading, self.robot.reading(self._steps * self.dt)
        self._filter(*self.reading.heading_velocity)
        ctx = self._context = self._make_context(previous, torque_squared)
        for viewer in self.viewers:
            viewer.show(self.world, self.reading)
        terms = {name: weight * term(ctx) for name, term, weight in self._terms}
        terminated = fallen(self.reading, self.spec_robot, self._gradient)
        truncated = self._steps >= self.steps_per_episode
        info = {
            "is_success": self._is_success(terminated, truncated),
            "reward_terms": terms,
            "command": np.array(self.command),
        }
        self._command_left -= 1
        if self._command_left <= 0:
            self._new_command()
        return self._observe(new=True), sum(terms.values()), terminated, truncated and not terminated, info

    def _checked(self, action: NDArray[np.floating[Any]]) -> list[float]:
        count, limit = self.layout.leg_count, self.config.action_limit
        values = np.asarray(action, dtype=np.float64)
        if values.shape != (count,) or not math.isfinite(sum(cut := values.tolist())):
            raise ValueError(f"action: needs {count} finite numbers, got shape {values.shape}")
        return [value if -limit <= value <= limit else math.copysign(limit, value) for value in cut]

    @property
    def motion(self) -> str:
        """What the legs do now, by its name (envs/motions)."""
        return self.legs.motion.name

    def _move_arms(self, targets: list[float]) -> None:
        if self._arm_goal is not None:
            if self.np_random.random() < self.dt / self._arm_seconds:
                self._arm_goal = self._draw_arm_goal()
            step = self._arm_speed * self.dt
            self._arm_now = self._arm_now + np.clip(self._arm_goal - self._arm_now, -step, step)
            for place, target in zip(self.layout.upper, self._arm_now.tolist(), strict=True):
                targets[place] = target
        for place, target in self._overrides.items():
            targets[place] = target
        for place, before in self._upper_now.items():
            step = self._upper_step[place]
            targets[place] = max(before - step, min(before + step, targets[place]))
            self._upper_now[place] = targets[place]

    def _assist(self) -> None:
        reference = self.legs.reference
        assist(self.robot, self.assistance, reference.velocity, self._yaw_rate, reference.lean)

    def _filter(self, forward: float, sideways: float, yaw: float) -> None:
        f, s, y = self._filtered
        self._filtered = (f + _FILTER * (forward - f), s + _FILTER * (sideways - s), y + _FILTER * (yaw - y))
        self._yaw_rate += _YAW_FILTER * (yaw - self._yaw_rate)

    def _push(self) -> None:
        x, y = self.np_random.normal(0.0, self.config.push_speed, 2).tolist()
        self.robot.push_velocity(x, y)
        cosine, sine = math.cos(self.reading.yaw), math.sin(self.reading.yaw)
        self._pushed = (cosine * x + sine * y, cosine * y - sine * x)

    def _draw_command_steps(self) -> int:
        return round(float(self.np_random.uniform(*self.config.command_seconds)) / self.dt)

    def _new_command(self) -> None:
        rng = self.np_random
        self.legs.tell(draw_command(self.config, rng), draw_height(self.config, rng))
        self._command_left = self._draw_command_steps()
        self._context = replace(self._context, command=self.command)
        if self.config.arm_motion:
            self._arm_goal = self._draw_arm_goal() if rng.random() < self.config.arm_motion else None

    def _draw_arm_goal(self) -> Array:
        """Some joints near the resting pose, the others anywhere in their range; at a speed of their own."""
        upper, robot, rng = self.layout.upper, self.robot, self.np_random
        lower, highest = 0.95 * robot.lower[upper], 0.95 * robot.upper[upper]
        self._arm_speed, self._arm_seconds = float(rng.uniform(*_ARM_SPEED)), float(rng.uniform(*_ARM_SECONDS))
        near = robot.default_positions[upper] + rng.normal(0, 0.8, len(upper))
        anywhere = rng.random(len(upper)) < rng.uniform(0.2, 1.0)
        return np.clip(np.where(anywhere, rng.uniform(lower, highest), near), lower, highest)

    def _is_success(self, terminated: bool, truncated: bool) -> bool:
        forward, sideways, yaw = self.command
        x, y, z = self._filtered
        self._plane_error += math.hypot(x - forward, y - sideways)
        self._yaw_error += abs(z - yaw)
        if terminated or not truncated:
            return False
        return self._plane_error / self._steps < 0.2 and self._yaw_error / self._steps < 0.3

    def _observe(self, new: bool = False) -> Observation:
        """The observation now; ``new``: of a control step that has passed, not the last one seen again."""
        frame = self.observation_layout.observe(self._context, self.config.sensor_noise, self.np_random)
        if self._history > 1:
            frame = self._remember(frame, new)
        return frame if self._privileged is None else self._with_privileged(frame, self._privileged)

    def _remember(self, frame: NDArray[np.float32], new: bool) -> NDArray[np.float32]:
        if not self._frames:
            self._frames.extend([frame] * self._history)
        elif new:
            self._frames.append(frame)
        else:
            self._frames[-1] = frame
        return np.concatenate(self._frames)

    def _with_privileged(self, frames: NDArray[np.float32], layout: ObservationLayout) -> Observation:
        return {"observation": frames, PRIVILEGED: layout.observe(self._context)}

    def _checked_height(self, height: Any) -> float:
        lowest = self.spec_robot.gait.lowest
        if lowest is None:
            raise InputError(f"height: {self.spec_robot.title} cannot crouch")
        if not isinstance(height, int | float) or not lowest <= height <= self.spec_robot.standing_height:
            raise InputError(f"height: {lowest:g} to {self.spec_robot.standing_height:g} m, not {height!r}")
        return float(height)

    def render(self) -> Any:
        """(480, 640, 3) uint8 picture of this moment where ``render_mode`` is "rgb_array", else None."""
        if self.render_mode != "rgb_array":
            return None
        if self._picture is None:
            self._picture = LiveView(self.spec_robot)
        return self._picture.picture(self.world, self.reading)

    def close(self) -> None:
        """Free the physics client, the pictures and the window; a second call does nothing."""
        self.world.close()
        for view in (self._picture, *self.viewers):
            if view is not None:
                view.close()


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
