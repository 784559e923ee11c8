"""Execution: a robot that carries out a plan in an env, one control step at a time."""

from __future__ import annotations

from typing import Any

from simonsays.envs.controllers import Policy
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.plan import PlanRunner
from simonsays.envs.skills.base import SkillContext, SkillOutput
from simonsays.envs.terminations import fallen


def skill_context(env: HumanoidEnv) -> SkillContext:
    """What a skill sees of an env now."""
    spec = env.spec_robot
    links = env.robot.link_positions((*spec.hands, *spec.shoulders))
    props = dict(zip(env.world.props, env.world.prop_positions(), strict=True))
    clock = env.gait_clock
    return SkillContext(
        env.reading.time,
        env.reading,
        links[:2],
        links[2:],
        props,
        env.dt,
        env.joint_places,
        clock.phase,
        clock.stepping,
    )


class Execution:
    """Runs a plan: each :meth:`step` asks the runner what it wants and the policy how to move the legs.

    Args:
        env: reset already, standing.
        stand_before: s of standing still before the plan begins.
    """

    def __init__(self, env: HumanoidEnv, policy: Policy, runner: PlanRunner, stand_before: float = 0.5) -> None:
        self.env, self.policy, self.runner = env, policy, runner
        self._stand_before = stand_before
        self._observation: Any = env.set_command((0.0, 0.0, 0.0))
        self.done_at: float | None = None
        """s, when the last step of the plan ended"""

    def step(self) -> bool:
        """One control step; False, and nothing is done, once the robot has fallen: the runner is told."""
        env = self.env
        if fallen(env.reading, env.spec_robot, env.world.scene.ground.gradient):
            self.runner.fell(env.reading.time)
            return False
        if env.reading.time >= self._stand_before:
            self.tell(self.runner.update(skill_context(env)))
        if self.runner.done and self.done_at is None:
            self.done_at = env.reading.time
        action, _ = self.policy.predict(self._observation, deterministic=True)
        self._observation = env.step(action)[0]
        return True

    def tell(self, output: SkillOutput) -> None:
        """Pass what the skills want to the env."""
        self._observation = self.env.set_command(
            output.command, output.joint_targets, output.height, output.leg_offsets
        )
