"""What is left to go of a plan's current step and where its goal lies: for captions and rings, not for policies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simonsays.envs.instruction.encoding import Target
from simonsays.envs.instruction.progress import AXES, Progress, ToGo, seen_from, to_go
from simonsays.envs.language.instruction import PLACE, Step
from simonsays.envs.moves.skill import GroundedStep, Point, SkillContext
from simonsays.sim.specs import PropSpec

if TYPE_CHECKING:
    from simonsays.envs.plan.plan import PlanRunner

Goal = tuple[float, float, float]
"""x, y m, world, and the radius (m) of a ring around it"""
NONE_LEFT: ToGo = (math.nan, math.nan, math.nan)
_TRAVELS = ("walk", "run", "step")
_MOVES_THINGS = ("push", "kick")
_AROUND = 0.15  # m, from a thing's footprint to the ring
_PLACE = 0.25  # m, radius of the ring on a place


def marked_thing(step: GroundedStep) -> PropSpec | None:
    """The prop that a step's goal marks: what it is about, or what something else is to be brought to."""
    return _marked(step)[0]


def _marked(step: GroundedStep) -> tuple[PropSpec | None, Point | None]:
    said = step.meant or step.said
    if said is None or _is_towards(said):
        return None, None
    moves = said.verb in _MOVES_THINGS and (step.target2, step.goal2) != (None, None)
    return (step.target2, step.goal2) if moves else (step.target, step.goal)


def find_goal(step: GroundedStep, ctx: SkillContext) -> Goal | None:
    """The goal of a step that begins now: where a thing is to come, the thing or the place that the step is about, or
    the end of its line."""
    thing, place = _marked(step)
    if thing is not None:
        x, y = ctx.props[thing.name][:2].tolist()
        return x, y, thing.radius + _AROUND
    if place is not None:
        return *place, _PLACE
    said = step.meant or step.said
    if said is not None and said.verb in _TRAVELS and said.distance_m is not None:
        ahead, aside = (said.distance_m * part for part in AXES[said.direction or "forward"])
        (x, y, _), yaw = ctx.state.base_position, ctx.state.yaw
        c, s = math.cos(yaw), math.sin(yaw)
        return x + c * ahead - s * aside, y + s * ahead + c * aside, _PLACE
    return None


def _is_towards(said: Step) -> bool:
    """So many metres towards a thing: it ends on the way."""
    ref = said.object
    beside = ref is not None and ref.type == PLACE and ref.relation != "between"
    return said.verb == "go_to" and said.distance_m is not None and not beside


class Remaining:
    """Follows a runner, control step by control step; to be asked before the runner moves on."""

    def __init__(self) -> None:
        self._followed: tuple[PlanRunner, int] | None = None

    def update(self, runner: PlanRunner, ctx: SkillContext) -> ToGo:
        """What is left now: forward m, left m, angle rad in the robot's heading frame; NaN where nothing is to go.

        A turn has an angle alone, a walk a distance alone, and what goes on by number of steps or time has neither.
        """
        step = None if runner.done else _main(runner)
        if step is None:
            self._followed = None
            return NONE_LEFT
        if self._followed is None or self._followed[0] is not runner or self._followed[1] != runner.step_index:
            self._followed = runner, runner.step_index
            self._progress, self._whole = Progress.begin(ctx.state), math.nan
        else:
            self._progress = self._progress.advance(ctx.state)
        return self._left(step, ctx)

    def _left(self, step: GroundedStep, ctx: SkillContext) -> ToGo:
        said = step.meant or step.said
        if said is None or said.duration_s is not None or said.steps is not None:
            return NONE_LEFT
        forward, left, angle = to_go(said, _target(step, ctx), self._progress)
        if said.verb == "turn":
            return math.nan, math.nan, angle
        if said.verb in _TRAVELS:
            return forward, left, math.nan
        if said.verb != "go_to":
            return NONE_LEFT
        if _is_towards(said) and said.distance_m is not None:
            length = math.hypot(forward, left)
            self._whole = length if math.isnan(self._whole) else self._whole
            share = max(0.0, said.distance_m - (self._whole - length)) / max(length, 1e-6)
            forward, left = share * forward, share * left
        return forward, left, angle


def _main(runner: PlanRunner) -> GroundedStep | None:
    """The step of the current ones that moves the base."""
    steps, i = runner.plan.steps, runner.step_index
    group = [steps[i]]
    for step in steps[i + 1 :]:
        if not step.parallel_with_prev:
            break
        group.append(step)
    return next((step for step in group if step.legs), None)


def _target(step: GroundedStep, ctx: SkillContext) -> Target | None:
    position, yaw = ctx.state.base_position[:2], ctx.state.yaw
    if step.target is not None:
        x, y = ctx.props[step.target.name][:2].tolist()
        return Target(*seen_from(position, yaw, (x, y)), step.target.radius)
    return None if step.goal is None else Target(*seen_from(position, yaw, step.goal), 0.0)
