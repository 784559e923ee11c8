"""What an instruction finds while the robot is under way: the scene as it is now, and a take-over from what runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from simonsays.envs.env import HumanoidEnv
from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.envs.moves.poses import smooth
from simonsays.envs.moves.steering import Point
from simonsays.envs.plan.plan import Plan, PlanRunner
from simonsays.sim.rotations import yaw_from_quaternion
from simonsays.sim.specs import SceneSpec

_FADE = 0.6  # s, in which what was wanted before goes over into what is wanted now


class TakeOver(PlanRunner):
    """A PlanRunner whose first moments go over from what was wanted before.

    A jump cannot be broken off in the air: its landing comes first. Arms that the new plan does not move glide to
    where it wants them, and what a kick adds to the legs fades.

    Args:
        plan: what to do now.
        holding: what earlier plans left behind: a raised arm.
        before: what was wanted last.
        rest: rad, by joint name: where joints go that nobody wants anywhere.

    Attributes:
        wanted: what was wanted last.
    """

    def __init__(self, plan: Plan, holding: SkillOutput, before: SkillOutput, rest: Mapping[str, float]) -> None:
        super().__init__(plan, holding)
        self._before, self._rest, self.wanted = before, rest, before
        self._began: float | None = None

    def update(self, ctx: SkillContext) -> SkillOutput:
        """One control step, as :meth:`PlanRunner.update`."""
        if ctx.motion == "jump" and self._began is None:
            before = self._before
            return SkillOutput(before.command, before.joint_targets, leg_offsets=before.leg_offsets)
        if self._began is None:
            self._began = ctx.time
        output, share = super().update(ctx), (ctx.time - self._began) / _FADE
        self.wanted = output if share >= 1.0 else self._faded(output, smooth(share))
        return self.wanted

    def _faded(self, output: SkillOutput, way: float) -> SkillOutput:
        before, targets = self._before, dict(output.joint_targets)
        for name, angle in before.joint_targets.items():
            if name not in targets and name in self._rest:
                targets[name] = angle + way * (self._rest[name] - angle)
        offsets = {name: (1.0 - way) * offset for name, offset in before.leg_offsets.items()}
        for name, offset in output.leg_offsets.items():
            offsets[name] = offsets.get(name, 0.0) + offset
        return SkillOutput(output.command, targets, output.height, offsets, output.motion, output.status, output.reason)


def scene_now(env: HumanoidEnv, start: Point | None = None, viewer: Point | None = None) -> SceneSpec:
    """The env's scene with the robot and the props where they are now.

    ``start``: (x, y) m, world, a place that counts as the robot's, for an instruction that begins by going there.
    ``viewer``: (x, y) m, world, where whoever watches has gone; None: where they were at first.
    """
    world, scene = env.world, env.world.scene
    positions, orientations = world.prop_poses()
    x, y, _ = env.reading.base_position
    props = tuple(
        replace(prop, position=(a, b, c - world.ground_height(a)), yaw_deg=math.degrees(yaw_from_quaternion(turned)))
        for prop, (a, b, c), turned in zip(scene.props, positions.tolist(), orientations.tolist(), strict=True)
    )
    place = (x, y) if start is None else start
    yaw = math.degrees(env.reading.yaw)
    still = None if scene.person is not None else scene.viewer_position  # a person is who watches, wherever they are
    watching = still if viewer is None else viewer
    return replace(scene, robot_position=place, robot_yaw_deg=yaw, props=props, viewer=watching)
