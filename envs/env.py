"""HumanoidEnv: a robot that is told a velocity, with a motion of its legs and residual joint control."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from gymnasium import spaces

from simonsays.assets.defaults import DEFAULT_ROBOT
from simonsays.envs.assistance import Assistance
from simonsays.envs.base import Action, StagedEnv
from simonsays.envs.config import checked_command, checked_height, draw_command, draw_height, make_config
from simonsays.envs.context import StepContext
from simonsays.envs.events import hooks
from simonsays.envs.motions.legs import Legs
from simonsays.envs.observer import Observation, Observer, Observers
from simonsays.envs.plain import read_robot, read_scene
from simonsays.envs.scoring import Scoring
from simonsays.envs.stage import Seat, Stage
from simonsays.envs.table import block_terms, locomotion_terms
from simonsays.envs.trainable import Terms
from simonsays.envs.upper_body import UpperBody
from simonsays.sim.engines import DEFAULT
from simonsays.sim.specs import PD_RATE_HZ, RobotSpec, SceneSpec
from simonsays.sim.state import Reading, Vector

if TYPE_CHECKING:
    from simonsays.envs.policy.policy import Policy


class HumanoidEnv(StagedEnv[Observation]):
    """A humanoid that is told a velocity.

    Action: Box (L,), a residual on the targets that the motion has for the legs' joints, ``action_scale`` rad a unit;
    torque PD follows the targets at 200 Hz, actions come at 50 Hz.

    Observation: Box (N,) float32, the named blocks of the task in order (``observation_layout.widths``); the last
    ``history`` of them, the newest last, where that is more than 1. With ``privileged`` blocks a Dict of that as
    "observation" and of those as "privileged".

    Reward: the weighted terms of the task; ``info["reward_terms"]`` has each term's share.

    Termination: one of the task's ``terminations``: the robot has fallen. Truncation: ``episode_seconds`` are over.

    Args:
        robot: name of a robot, its file (.py, .urdf, .xml), or a spec, also one that became a table in JSON.
        engine: "bullet" or "mujoco"; see docs/engines.md. physics_hz: physics and PD steps a second.
        reset_mode: "exact" builds the physics world anew at every reset, so that equal seeds give equal
            trajectories, bit for bit; "fast" reuses it, for training: the solver's caches then carry over.
        scene: where the robot stands unless a reset's options say otherwise.
        render_mode: None; "rgb_array", pictures from :meth:`render`; or "human", PyBullet's window, in real time.
        seat: the robot's place in a world that it shares with others; see envs/plan/cast.py.
        settings: fields of the task's configuration (envs/config.py), and short forms of events' (envs/events).

    Raises:
        InputError: an unknown robot, scene, setting or render mode, "human" where there is no display, or an
            observation block or reward term that gives something else than it should.
    """

    make_config = staticmethod(make_config)
    space_settings: ClassVar[tuple[str, ...]] = ("blocks", "history", "privileged", "reference")
    options: ClassVar[tuple[str, ...]] = ("command", "height", "scene")

    def __init__(
        self,
        robot: RobotSpec | Mapping[str, Any] | str | Path = DEFAULT_ROBOT,
        *,
        engine: str = DEFAULT,
        physics_hz: int = PD_RATE_HZ,
        reset_mode: Literal["exact", "fast"] = "exact",
        scene: SceneSpec | Mapping[str, Any] | str | Path | None = None,
        render_mode: str | None = None,
        seat: Seat | None = None,
        **settings: Any,
    ) -> None:
        spec = read_robot(robot)
        config = self.config = make_config("environment", settings)
        self.render_mode, how = render_mode, (engine, physics_hz, reset_mode, render_mode)
        self._take(Stage(spec, read_scene(scene) or SceneSpec(), *how, config.reference == "standing", seat))
        self.dt, self.layout = self.stage.dt, self.stage.layout
        self.legs, self._upper, self._scoring = Legs(self.stage, config.motion), UpperBody(self.stage), Scoring()
        own = Observer(config.blocks, config.history, config.privileged, self.layout)
        self._observers, self.observation_layout, self.observation_space = Observers(own), own.layout, own.space
        limit, size = config.action_limit, self.layout.leg_count
        self.action_space = spaces.Box(-limit, limit, (size,), dtype=np.float32)
        self._apply_config()
        self._start((0.0, 0.0, 0.0), None)
        own.check(self._context)
        self._scoring.check(self._context)

    def _apply_config(self) -> None:
        config = self.config
        self.legs.return_to(config.motion)
        self.steps_per_episode = round(config.episode_seconds / self.dt)
        self._happens = hooks(config.events)
        self.robot.push((0.0, 0.0, 0.0))  # help that no longer comes
        self._scoring.configure(config)

    @property
    def mirror(self) -> dict[str, list[float]]:
        """Places and signs of the mirror image of observations and actions; of privileged ones where there are any."""
        action = {"action": self.layout.mirror.tolist(), "action_sign": self.layout.mirror_sign.tolist()}
        return {**self._observers.own.mirror(), **action}

    def _described(self) -> dict[str, Any]:
        action = {"scale": self.config.action_scale, "limit": self.config.action_limit}
        return {"action": {"joints": list(self.spec_robot.leg_joints), **action}}

    def describe(self, motion: str | None = None) -> dict[str, Any]:
        """The fields of a bundle's policy.json that this env fixes, settings that a policy cannot do without too.

        ``motion``: as the policy sees it that :meth:`show` was given for that.
        """
        return {**super().describe(), **self._observers.of(motion).described(self.config.reference)}

    def show(self, motions: str | Iterable[str], policy: Policy) -> None:
        """Show a policy, while the legs do some motions, the blocks that it was trained on, whatever the env's own are.

        Raises:
            InputError: it does not fit, or it has a block that is not registered.
        """
        names = [motions] if isinstance(motions, str) else [*motions]
        self._observers.show(names, policy.settings.get("blocks"), self._context)
        policy.check(self, motion=names[0])

    def terms(self) -> Terms:
        """What it draws, shows, rewards and ends."""
        privileged = self._observers.own.privileged
        more = block_terms("privileged", privileged.widths if privileged else {})
        return locomotion_terms(self.config) | block_terms("observation", self.observation_layout.widths) | more

    @property
    def trained_motion(self) -> str:
        """The motion that a policy trained here is for."""
        return str(self.config.motion)

    def command_ranges(self) -> dict[str, list[float]]:
        """What commands are drawn from: policy.json of a bundle says it."""
        return {name: list(getattr(self.config, name)) for name in ("forward", "sideways", "yaw_rate", "height")}

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
        options = self._checked_options(options)
        fixed = options.get("command")
        command = draw_command(self.config, self.np_random) if fixed is None else checked_command(fixed)
        height = checked_height(options.get("height"), self.spec_robot)
        if height is None and fixed is None:
            height = draw_height(self.config, self.np_random)
        self.stage.prepare(read_scene(options.get("scene")), self.np_random, self._happens)
        self._start(command, height)
        self._command_left = math.inf if fixed is not None else float(self._draw_command_steps())
        self.stage.show()
        return self._observe(), {"command": np.array(self.command), "is_success": False, "reward_terms": {}}

    def _start(self, command: Vector, height: float | None) -> None:
        stage = self.stage
        self.legs.tell(command, height)
        reference = self.legs.start(stage.rng)
        stage.start_velocity, stage.waits = reference.follows, self.legs.home.idle(reference)
        stage.reference, stage.pose = reference.targets, np.array(reference.targets)
        stage.stand(reference.lean, self._happens)
        self._command_left = math.inf
        self._upper.start(reference.targets)
        self._leg_offsets: dict[int, float] = {}
        self.last_targets = reference.targets
        self._actions = [[0.0] * self.layout.leg_count] * 3
        self._observers.forget()
        self._scoring.begin()
        self._context = self._make_context(stage.reading, 0.0)

    @property
    def filtered_velocity(self) -> Vector:
        """(3,) forward and sideways m/s, yaw rate rad/s, in the heading frame, without the gait's sway."""
        return self.stage.velocity

    @property
    def joint_places(self) -> Mapping[str, int]:
        """Place of each joint in the (J,) arrays, by name."""
        return self.layout.place

    @property
    def command(self) -> Vector:
        """(3,) what is told: forward m/s, sideways m/s, yaw rate rad/s; observations show it as it is followed."""
        return self.legs.command

    @property
    def height(self) -> float:
        """m, of the base above the ground, that is wanted now."""
        return self.legs.reference.height

    @property
    def motion(self) -> str:
        """What the legs do now, by its name (envs/motions)."""
        return self.legs.motion.name

    def _make_context(self, previous: Reading, torque_squared: float) -> StepContext:
        reference, now = self.legs.reference, self.stage
        return StepContext(
            spec=self.spec_robot,
            layout=self.layout,
            state=now.reading,
            previous_state=previous,
            action=self._actions[0],
            previous_action=self._actions[1],
            earlier_action=self._actions[2],
            command=self.legs.follows,
            height=reference.height,
            lean=reference.lean,
            gradient=self.world.scene.ground.gradient,
            filtered_velocity=now.velocity,
            standing=now.standing,
            reference=reference.targets,
            phase=reference.phase,
            stepping=reference.running,
            motion=self.motion,
            motion_time=reference.time,
            torque_squared=torque_squared,
            dt=self.dt,
            drift=reference.drift,
            swing=reference.swing,
            friction=now.friction,
            payload=now.payload,
            push=now.pushed,
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
        0.4 m/s. It goes down once the feet stand, and the robot walks again once it has stood up: until then
        ``command`` is zero.

        ``joint_targets``: rad, by joint name, for joints that the policy does not move (waist, arms); the
        reference keeps the others. Arms reach them at no more than 6 rad/s, the trunk at no more than 1.5.
        ``leg_offsets``: rad, by joint name, added to the reference of the joints that the policy moves. ``motion``:
        begin this one of envs/motions, if it may now; :attr:`motion` then says so, and the policy for it should act.

        Raises:
            InputError: a command that is not three finite numbers, an impossible height, an unknown motion, or a joint
                that is unknown or not of the kind.
        """
        self.legs.tell(checked_command(command), checked_height(height, self.spec_robot), motion)
        self._command_left = math.inf
        self._upper.told = self.layout.by_place("joint_targets", joint_targets or {}, self.layout.upper)
        self._leg_offsets = self.layout.by_place("leg_offsets", leg_offsets or {}, self.layout.legs)
        reference = self.legs.reference
        self._context = replace(
            self._context,
            command=self.legs.follows,
            phase=reference.phase,
            stepping=reference.running,
            motion=self.motion,
            motion_time=reference.time,
        )
        return self._observe()

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """One control step of 0.02 s; see the class for what it returns.

        Raises:
            ValueError: the action has the wrong shape or is not finite.
            InputError: a term or an event raises, or gives something else than it should.
        """
        targets = self.act(action)
        self.world.move_props(self.dt)
        assist = self._assist if self.config.assistance > 0 else None
        return self.settle(self.robot.track(targets, self.stage.substeps, assist))

    def settle(self, torque_squared: float) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """End a control step whose physics was done; ``torque_squared``: as the robot ``tracked``. Returns as step."""
        stage, previous, scoring = self.stage, self.stage.reading, self._scoring
        stage.pushed = (0.0, 0.0)
        for happens in self._happens["on_step"]:
            happens(stage)
        stage.measure()
        ctx = self._context = self._make_context(previous, torque_squared)
        stage.show()
        terms, reward, terminated = scoring.judge(ctx)
        truncated = stage.steps >= self.steps_per_episode and not terminated
        info = {"is_success": scoring.followed(ctx) and truncated, "reward_terms": terms}
        info["command"] = np.array(self.command)
        self._command_left -= 1
        if self._command_left <= 0:
            self._new_command()
        return self._observe(new=True), reward, terminated, truncated, info

    def act(self, action: Action) -> list[float]:
        """Begin a control step: the joint targets (J,) rad to follow in its physics. Raises as :meth:`step`."""
        stage, aided, scale = self.stage, not self.legs.motion.unaided, self.config.action_scale
        self._actions = [self._checked_action(action, self.config.action_limit), *self._actions[:2]]
        targets = self.legs.advance().targets.copy()
        if aided:
            for place, residual in zip(self.layout.legs, self._actions[0], strict=True):
                targets[place] += scale * residual
            for place, offset in self._leg_offsets.items():
                targets[place] += offset
        for happens in self._happens["on_targets"]:
            happens(stage, targets)
        self._upper.follow(targets, self.legs.motion.frees_arms(self.legs.reference))
        if stage.pending:
            stage.pending.append(targets)
            targets = stage.pending.popleft()
        self.last_targets = targets
        return targets

    @cached_property
    def _assistance(self) -> Assistance:
        return Assistance.of(self.spec_robot, self.robot.tree, self.dt / self.stage.substeps)

    def _assist(self) -> None:
        now, wanted = self.stage, self.legs.reference
        self._assistance.apply(self.robot, self.config.assistance, wanted.velocity, now.yaw_rate, wanted.lean)

    def _draw_command_steps(self) -> int:
        return round(float(self.np_random.uniform(*self.config.command_seconds)) / self.dt)

    def _new_command(self) -> None:
        self.legs.tell(draw_command(self.config, self.np_random), draw_height(self.config, self.np_random))
        self._command_left = self._draw_command_steps()
        self._context = replace(self._context, command=self.legs.follows)
        for happens in self._happens["on_command"]:
            happens(self.stage)

    def _observe(self, new: bool = False) -> Observation:
        """The observation now; ``new``: of a control step that has passed, not the last one seen again."""
        return self._observers.of(self.motion).observe(self._context, self.config.sensor_noise, self.np_random, new)
