"""GoalEnv: goal-conditioned tasks for hindsight experience replay, on top of a low-level policy."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.assets.defaults import DEFAULT_ROBOT
from simonsays.envs.base import Action, described_blocks
from simonsays.envs.goals.config import Goal, GoalConfig, goal_reward, is_success
from simonsays.envs.hierarchy import COMMAND, TaskEnv, scale_command
from simonsays.envs.table import block_terms
from simonsays.envs.terms import first_line
from simonsays.envs.trainable import Terms
from simonsays.sim.specs import RobotSpec

GoalObservation = dict[str, NDArray[np.float32]]

_RESIDUAL = 3.0  # the largest residual action of the legs, as in HumanoidEnv
_FAR = 100.0  # m, bound of a goal
_FALLEN = 30.0  # m, along x and y: no place that a robot could have gone to in an episode
_BOUND = 20.0  # of the other observations
_COMMON = 8  # numbers of "observation" that all tasks have


class GoalEnv(TaskEnv[GoalObservation]):
    """A task with a place to be reached, in the layout that hindsight experience replay needs.

    Action: Box (3,) in [-1, 1]: forward, sideways, yaw rate, scaled to the ranges of the configuration, which the
    low-level policy follows for ``hold_seconds``. With ``control="joints"`` Box (3 + L,): the command of the reference
    gait and the legs' residuals on it, for one control step of 0.02 s.

    Observation: Dict of Box float32. ``achieved_goal`` and ``desired_goal`` (2,) are x, y in m, in the world's axes,
    from where the robot started. ``observation`` begins with cosine and sine of the robot's heading, its velocity in
    the heading frame (forward and sideways m/s, yaw rate rad/s) and the last command's action (3); a task adds to it,
    and with ``control="joints"`` HumanoidEnv's own observation follows.

    Reward: :meth:`compute_reward`, a function of the goals alone. Termination: the robot has fallen, and has achieved a
    place far away. Truncation:
    ``episode_seconds`` are over; the episode goes on after a success. ``info["is_success"]``: reached and slow, now.
    """

    config_class: ClassVar[type[GoalConfig]]
    space_settings = ("control", "low_level", "hold_seconds", "forward", "sideways", "yaw_rate")
    options = ("goal", "scene")
    own_width: ClassVar[int] = 0
    """numbers that :meth:`own_observation` adds"""

    def __init__(self, robot: str | RobotSpec = DEFAULT_ROBOT, **arguments: Any) -> None:
        super().__init__(robot, **arguments)
        place = spaces.Box(-_FAR, _FAR, (2,), dtype=np.float32)
        width = _COMMON + self.own_width + (len(self._seen) if self._joints else 0)
        self._widths = {"achieved_goal": 2, "desired_goal": 2, "observation": width}
        own = spaces.Box(-_BOUND, _BOUND, (width,), dtype=np.float32)
        self.observation_space: Any = spaces.Dict({"observation": own, "achieved_goal": place, "desired_goal": place})
        self.action_space = spaces.Box(
            -1.0, 1.0, (COMMAND + self._joints * self.stage.layout.leg_count,), dtype=np.float32
        )

    def _apply_config(self) -> None:
        super()._apply_config()
        self.steps_per_episode = round(self.config.episode_seconds / self.dt)

    # What a task says of itself.

    def prepare(self, drawn: bool) -> None:
        """Resolve and move props at a reset; ``drawn``: the scene is the task's own, so it may place them at random."""

    def draw_goal(self) -> Goal:
        """(2,) m, as ``desired_goal``."""
        raise NotImplementedError

    def achieved(self) -> tuple[Goal, float]:
        """(2,) m, world: where what is to be there is now, and its speed in m/s."""
        raise NotImplementedError

    def own_observation(self) -> list[float]:
        """What the task adds to ``observation``."""
        return []

    # What Gymnasium asks for.

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[GoalObservation, dict[str, Any]]:
        """Start an episode, standing.

        ``options`` fixes what would be drawn: ``"goal"`` [x, y] in m, as ``desired_goal``, and ``"scene"`` (a
        SceneSpec, a table, a name or a file).

        Raises:
            InputError: an unknown option, an impossible value, or a scene without what the task needs.
        """
        super().reset(seed=seed)
        options = self._checked_options(options)
        given, scene = options.get("goal"), options.get("scene")
        self._stand(int(self.np_random.integers(1 << 31)), scene)
        self._start = self.reading.base_position[:2]
        self.prepare(drawn=scene is None and self._given_scene is None)
        goal = self.draw_goal() if given is None else _checked_goal(given)
        self._goal = np.array(goal, dtype=np.float32)
        self._action, self._steps = [0.0] * COMMAND, 0
        return self._observe(), self._info({})

    def step(self, action: Action) -> tuple[GoalObservation, float, bool, bool, dict[str, Any]]:
        """One action; see the class for what it returns.

        Raises:
            ValueError: the action has the wrong shape or is not finite.
        """
        values = self._checked_action(action, 1.0)
        terminated = self._move(np.array(values))
        self._action = values[:COMMAND]
        self._steps += 1
        observation = self._observe()
        if terminated:  # else a fall would end all that a dense reward still takes away
            observation["achieved_goal"] = np.full(2, _FALLEN, dtype=np.float32)
        reward = float(self.compute_reward(observation["achieved_goal"], observation["desired_goal"], {}))
        truncated = self._steps >= self.steps_per_episode and not terminated
        info = self._info({"goal": reward})
        info["is_success"] = info["is_success"] and not terminated
        return observation, reward, terminated, truncated, info

    def _move(self, action: Action) -> bool:
        """Carry out an action, in [-1, 1]; whether the robot fell."""
        self._seen = self.walker.set_command(scale_command(action[:COMMAND], self.config))
        for _ in range(self._hold):
            legs = _RESIDUAL * action[COMMAND:] if self._joints else self._act(self._seen)
            self._seen, _, fell, _, _ = self.walker.step(legs)
            if fell:
                return True
        return False

    def compute_reward(self, achieved_goal: NDArray[Any], desired_goal: NDArray[Any], info: Any) -> Any:
        """(...) the reward of goals (..., 2); ``info`` does not matter."""
        return goal_reward(achieved_goal, desired_goal, self.config.tolerance, self.config.reward_type)

    def _info(self, terms: dict[str, float]) -> dict[str, Any]:
        achieved, speed = self.achieved()
        reached = is_success(np.subtract(achieved, self._start), self._goal, speed, self.config)
        command = np.array(self.walker.command)
        return {"is_success": reached, "reward_terms": terms, "command": command}

    def _observe(self) -> GoalObservation:
        yaw = self.reading.yaw
        own = [math.cos(yaw), math.sin(yaw), *self.walker.filtered_velocity, *self._action]
        own += self.own_observation()
        if self._joints:
            own += self._seen.tolist()
        achieved = np.subtract(self.achieved()[0], self._start)
        return {
            "observation": np.clip(own, -_BOUND, _BOUND).astype(np.float32),
            "achieved_goal": np.clip(achieved, -_FAR, _FAR).astype(np.float32),
            "desired_goal": self._goal.copy(),
        }

    def _described(self) -> dict[str, Any]:
        return {"observation": described_blocks(self._widths), "action": {"limit": 1.0}}

    def describe(self) -> dict[str, Any]:
        """The fields of a bundle's policy.json that this env fixes."""
        settings = {name: getattr(self.config, name) for name in self.space_settings}
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in settings.items()}
        return {**super().describe(), "settings": plain}

    def _own_terms(self) -> Terms:
        goal = {"type": self.config.reward_type, "about": first_line(goal_reward)}
        return {"reward": {"goal": goal}, **block_terms("observation", self._widths)}


def _checked_goal(goal: Any) -> Goal:
    try:
        x, y = (float(value) for value in goal)
    except (TypeError, ValueError):
        x = y = math.nan
    if not (abs(x) <= _FAR and abs(y) <= _FAR):
        raise InputError(f"goal: needs [x, y] in m, within {_FAR:g} m, not {goal!r}")
    return x, y
