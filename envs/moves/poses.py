"""Poses of the arms by joint, and shaped ways from one to another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from simonsays.envs.moves.arms import own_joints
from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.sim.specs import RobotSpec
from simonsays.sim.state import Array, Reading

BOTH = ("left", "right")
_FASTEST = 5.0  # rad/s, of a target on its way; the joints follow 6
_PEAK = 1.875  # of a minimum-jerk motion's mean speed


def times(count: int) -> str:
    """For captions: "once", "3 times"."""
    return "once" if count == 1 else f"{count} times"


def rest(robot: RobotSpec, sides: Iterable[str]) -> dict[str, float]:
    """rad by joint name: arms, hands and all, as they hang in the standing pose."""
    defaults = {joint.name: joint.default for joint in robot.joints}
    return {name: defaults[name] for side in sides for name in own_joints(robot, side)}


def smooth(x: float) -> float:
    """Minimum-jerk blend from 0 to 1 as ``x`` goes from 0 to 1, cut outside (Flash and Hogan, 1985)."""
    x = min(1.0, max(0.0, x))
    return x * x * x * (10.0 - 15.0 * x + 6.0 * x * x)


class Glide:
    """Joints on their way, with minimum jerk, from where they are at its first step to a goal, which may move.

    It takes ``seconds``, or longer where a joint would be too fast.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._start: dict[str, float] = {}
        self._began = 0.0
        self.done = False

    def update(self, ctx: SkillContext, goal: Mapping[str, float]) -> dict[str, float]:
        """Targets (rad) by joint name."""
        if not self._start:
            self._began = ctx.time
            self._start = {name: ctx.joint(name) for name in goal}
            farthest = max(abs(goal[name] - angle) for name, angle in self._start.items())
            self._seconds = max(self._seconds, _PEAK * farthest / _FASTEST)
        share = (ctx.time - self._began) / self._seconds
        self.done = share >= 1.0
        way = smooth(share)
        return {name: self._start[name] + way * (angle - self._start[name]) for name, angle in goal.items()}


class Held:
    """Tells since when something has been so without a break, in s."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def update(self, so: bool, dt: float) -> float:
        """One control step; s that it has been so by now."""
        self.seconds = self.seconds + dt if so else 0.0
        return self.seconds


class MoveArms:
    """Moves arms to a pose; done when it is ``reached``, as measured, for ``hold`` s without a break.

    ``keep``: the arms stay there after it.
    """

    def __init__(
        self,
        goal: Mapping[str, float],
        seconds: float,
        reached: Callable[[SkillContext], bool],
        *,
        hold: float = 0.3,
        keep: bool = True,
    ) -> None:
        self._goal, self._glide, self._reached = goal, Glide(seconds), reached
        self._hold, self._keep, self._held = hold, keep, Held()

    def update(self, ctx: SkillContext) -> SkillOutput:
        """One control step."""
        targets = self._glide.update(ctx, self._goal)
        if self._held.update(self._reached(ctx) and self._glide.done, ctx.dt) < self._hold:
            return SkillOutput(joint_targets=targets)
        return SkillOutput(joint_targets=targets if self._keep else {}, status="success")


def in_base(state: Reading, point: Sequence[float] | Array) -> Array:
    """A point (3,) m, world, in the frame of the robot's base."""
    rotation = np.array(state.rotation)
    return np.asarray(rotation.T @ (np.asarray(point, dtype=float) - np.array(state.base_position)))


def in_world(state: Reading, point: Array) -> Array:
    """A point (3,) m of the frame of the robot's base in the world."""
    return np.array(state.base_position) + np.array(state.rotation) @ point
