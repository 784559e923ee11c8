"""What lies between a task and the robot: an action becomes a command, which a low-level policy carries out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from simonsays.assets.defaults import DEFAULT_ROBOT
from simonsays.envs.base import StagedEnv
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.event_settings import WithEvents, configured
from simonsays.envs.events import DEFAULT_EVENTS, Event, Friction
from simonsays.envs.motions.base import DEFAULT as DEFAULT_MOTION
from simonsays.envs.motions.base import MOTIONS, motion_bundles
from simonsays.envs.plain import read_scene
from simonsays.envs.policy.choice import own_policy
from simonsays.envs.policy.policy import Policy, acting, load_policy
from simonsays.envs.settings import Range
from simonsays.envs.table import event_terms
from simonsays.envs.trainable import Terms
from simonsays.sim.engines import DEFAULT
from simonsays.sim.specs import PD_RATE_HZ, RobotSpec, SceneSpec

COMMAND = 3
_STAND = (0.0, 0.0, 0.0)
_FOREVER = 1e6  # s: the task ends episodes, not the locomotion beneath


def with_friction(friction: Range | None) -> tuple[Event, ...]:
    """HumanoidEnv's events with another friction of the ground; None: the scene's."""
    return tuple(Friction(range=friction) if isinstance(event, Friction) else event for event in DEFAULT_EVENTS)


class HierarchyConfig(WithEvents):
    """How a task's actions move the robot, and the world that it stands in."""

    default_events: ClassVar[tuple[Event, ...]] = with_friction(None)

    control: Literal["command", "joints"] = "command"
    """what an action is: a command to the low-level policy, or a command and the legs' residuals, at 50 Hz"""
    low_level: str | None = None
    """a policy bundle, by name or path; by default the robot's own for walking"""
    hold_seconds: float = Field(default=0.2, ge=0.02)
    """s, for which the low-level policy follows one action"""
    forward: Range = (-0.3, 0.7)
    """m/s, at actions of -1 and 1; 0 is always to stand"""
    sideways: Range = (-0.2, 0.2)
    """m/s"""
    yaw_rate: Range = (-0.7, 0.7)
    """rad/s"""
    sensor_noise: float = Field(default=0.0, ge=0)
    """factor on the noise of what the low-level policy observes"""


def scale_command(action: NDArray[Any], config: HierarchyConfig) -> NDArray[np.float64]:
    """(3,) forward m/s, sideways m/s, yaw rate rad/s for an action (3,) in [-1, 1]; zero stays zero."""
    low, high = np.transpose([config.forward, config.sideways, config.yaw_rate])
    cut = np.clip(np.asarray(action, dtype=np.float64), -1.0, 1.0)
    scaled: NDArray[np.float64] = np.where(cut < 0, -cut * low, cut * high)
    return scaled


Seen = TypeVar("Seen")


class TaskEnv(StagedEnv[Seen]):
    """A task above a walker, a HumanoidEnv whose legs a low-level policy moves, or the task's own actions.

    Args:
        robot, engine, physics_hz, scene, render_mode, reset_mode: as HumanoidEnv has them.
        settings: fields of ``config_class``, and short forms of events' (envs/events).

    Raises:
        InputError: an unknown robot, scene, setting or render mode, or a low-level policy that does not fit.
    """

    config_class: ClassVar[type[HierarchyConfig]]

    def __init__(
        self,
        robot: RobotSpec | Mapping[str, Any] | str | Path = DEFAULT_ROBOT,
        *,
        engine: str = DEFAULT,
        physics_hz: int = PD_RATE_HZ,
        reset_mode: Literal["exact", "fast"] = "exact",
        scene: SceneSpec | Mapping[str, Any] | str | Path | None = None,
        render_mode: str | None = None,
        **settings: Any,
    ) -> None:
        config = self.config = self.make_config("environment", settings)
        self.render_mode, self._joints, self._given_scene = render_mode, config.control == "joints", read_scene(scene)
        self.walker = HumanoidEnv(
            robot,
            engine=engine,
            physics_hz=physics_hz,
            reset_mode=reset_mode,
            scene=self._given_scene or self.default_scene(),
            render_mode=render_mode,
            episode_seconds=_FOREVER,
            reward_weights={},
            events=self._events_below(),
        )
        self._take(self.walker.stage)
        self._policy: Policy | None = None
        if config.low_level is None:  # what describes the env says which it is
            own = motion_bundles(self.walker.spec_robot).get(DEFAULT_MOTION)
            config = self.config = config.model_copy(update={"low_level": own})
        if not self._joints:
            self._policy = load_policy(config.low_level or own_policy(self.walker.spec_robot))
            self.walker.show(MOTIONS, self._policy)  # it acts whatever the legs do
        self._apply_config()
        self._seen: Any = self.walker.set_command(_STAND)
        """what the walker's legs are to act on"""

    @classmethod
    def make_config(cls, where: str, settings: Mapping[str, Any]) -> Any:
        """A configuration from plain values; InputError begins with ``where``."""
        return configured(cls.config_class, where, settings)

    def default_scene(self) -> SceneSpec | None:
        """The scene of the walker where none is given."""
        return None

    def _events_below(self) -> dict[str, Event]:
        """What happens to the walker."""
        return dict(self.config.events)

    def _apply_config(self) -> None:
        self._hold = 1 if self._joints else max(1, round(self.config.hold_seconds / self.walker.dt))
        self.dt = self._hold * self.walker.dt
        self.metadata = {**self.metadata, "render_fps": round(1 / self.dt)}
        self.walker.reconfigure(events=self._events_below(), sensor_noise=self.config.sensor_noise)

    def _stand(self, seed: int, scene: Any) -> None:
        """Stand at the start of a scene, of the default one if None."""
        self._seen, _ = self.walker.reset(seed=seed, options={"command": _STAND, "scene": scene})
        self._act = acting(self._policy)

    def terms(self) -> Terms:
        """What it draws, shows and rewards."""
        return {**event_terms(self.config), **self._own_terms()}

    @abstractmethod
    def _own_terms(self) -> Terms:
        """What the task itself shows and rewards."""
