"""Execution: a robot that carries out a plan in an env, one control step at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.envs.base import Action
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.language.instruction import Instruction, Step
from simonsays.envs.motions.base import motion_bundles
from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.envs.moves.pace import fastest
from simonsays.envs.moves.skill import skills
from simonsays.envs.moves.steering import Point
from simonsays.envs.plan.grounding import NONE_LEFT, GoalDistance
from simonsays.envs.plan.plan import Plan, PlanRunner, ground
from simonsays.envs.policy.policy import Policy, acting, load_policy
from simonsays.envs.terminations import fallen
from simonsays.sim.recorder import Act
from simonsays.sim.specs import RobotSpec, SceneSpec


def skill_context(env: HumanoidEnv, viewer: Point | None = None) -> SkillContext:
    """What a skill sees of an env now; ``viewer``: (x, y) m, world, of whoever watches and moves about."""
    spec = env.spec_robot
    links = env.robot.link_positions((*spec.hands, *spec.shoulders))
    props = dict(zip(env.world.props, env.world.prop_positions(), strict=True))
    for other in env.world.robots:
        if other is not env.robot:
            props[other.name] = np.array(other.physics.base().position)
    reading, reference = env.reading, env.legs.reference
    return SkillContext(
        reading.time,
        reading,
        links[:2],
        links[2:],
        props,
        env.dt,
        env.motion,
        env.joint_places,
        reference.phase,
        reference.running,
        env.np_random_seed or 0,
        env.legs.follows,
        fastest(spec)["forward"],
        viewer,
    )


def load_policies(env: HumanoidEnv, own: str | Path | Policy | None = None) -> dict[str, Policy]:
    """The policies of the robot's motions, by motion; ``own``: a bundle to use for the env's own one.

    One that is a Policy is used for every motion: a baseline must not borrow what others have learned. Each is shown
    the observation blocks that it was trained on.

    Raises:
        InputError: no such bundle, or one that does not fit the env.
    """
    instead = {} if own is None or isinstance(own, Policy) else {env.legs.home.name: own}
    bundles = motion_bundles(env.spec_robot, instead)
    if isinstance(own, Policy):
        policies = dict.fromkeys((env.legs.home.name, *bundles), own)
    else:
        loaded = {bundle: load_policy(bundle) for bundle in bundles.values()}
        policies = {motion: loaded[bundle] for motion, bundle in bundles.items()}
    for motion, policy in policies.items():
        env.show(motion, policy)
    return policies


_MOST_FALLS = 3


def recovery_plan(scene: SceneSpec, robot: RobotSpec) -> Plan:
    """What a robot does that has fallen and is to go on.

    Raises:
        GroundingError: it cannot get up.
    """
    verb = next(name for name, skill in skills().items() if skill.raises)
    return ground(Instruction((Step(verb),)), scene, robot)


class Execution:
    """Runs a plan: each :meth:`step` asks the runner what it wants and the policy how to move the legs.

    Args:
        env: reset already, standing.
        policies: by motion, as from :func:`load_policies`.
        stand_before: s of standing still before the plan begins.
        recovery: what it does where it falls (:func:`recovery_plan`), up to three times; the step that it fell in then
            begins anew. Without it a fall is the end.
    """

    def __init__(
        self,
        env: HumanoidEnv,
        policies: Mapping[str, Policy],
        runner: PlanRunner,
        stand_before: float = 0.5,
        *,
        recovery: Plan | None = None,
    ) -> None:
        self.env, self.policies, self.runner = env, policies, runner
        self._stand_before = stand_before
        self._motion, self._distance = "", GoalDistance()
        self._recovery = recovery
        self._rising: PlanRunner | None = None
        self._falls = 0
        self._observation: Any = env.set_command((0.0, 0.0, 0.0))
        self.done_at: float | None = None
        """s, when the last step of the plan ended"""
        self.act: Act | None = None
        """what the last step did"""
        self.viewer: Point | None = None
        """(x, y) m, world, of whoever watches, where they move about; to be set from outside"""

    @property
    def time(self) -> float:
        """s since the start."""
        return self.env.reading.time

    def step(self) -> bool:
        """One control step; False, and nothing is done, once the robot has fallen for good: the runner is told."""
        action = self.choose()
        if action is not None:
            self.saw(self.env.step(action)[0])
        return action is not None

    def choose(self) -> Action | None:
        """Begin a control step: the action that the policy takes now, or None once the robot has fallen for good."""
        env = self.env
        if self.down and not self._recovers():
            self.runner.fell(env.reading.time)
            return None
        self._to_go = NONE_LEFT
        if env.reading.time >= self._stand_before:
            ctx = skill_context(env, self.viewer)
            runner = self._rising or self.runner
            self._to_go = self._distance.update(runner.moving, ctx)
            self.tell(runner.update(ctx))
            self._end_rise()
        if self.runner.done and self.done_at is None:
            self.done_at = env.reading.time
        if env.motion != self._motion:  # what a policy remembers from before another one acted is of no use
            self._motion, self._acting = env.motion, acting(self.policies[env.motion])
        action: Action = self._acting(self._observation)
        self._action = action
        return action

    def saw(self, observation: Any) -> None:
        """End a control step: what came of the action that was chosen."""
        self.act = Act(self._motion, self._observation, self._action, self.env.last_targets, self._to_go)
        self._observation = observation

    @property
    def down(self) -> bool:
        """Whether it has fallen: it was not told to lie, and nothing that runs is to raise it."""
        env = self.env
        lies = env.legs.motion.low or (self._rising or self.runner).lies
        return not lies and fallen(env.reading, env.spec_robot, env.world.scene.ground.gradient)

    def _recovers(self) -> bool:
        """Begin to get up, where it may."""
        if self._recovery is None or self.runner.done or self._falls >= _MOST_FALLS:
            return False
        self._rising, self._falls = PlanRunner(self._recovery), self._falls + 1
        return True

    def _end_rise(self) -> None:
        if self._rising is None or not self._rising.done:
            return
        if self._rising.succeeded:
            self.runner.begin_anew()
        else:
            self.runner.stop(self.env.reading.time, f"fell, and did not get up: {self._rising.verdicts[0].reason}")
        self._rising = None

    def tell(self, output: SkillOutput) -> None:
        """Pass what the skills want to the env."""
        self._observation = self.env.set_command(
            output.command, output.joint_targets, output.height, output.leg_offsets, output.motion
        )
