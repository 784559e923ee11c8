"""Plan: an instruction made ready for one scene and one robot, and the runner that does it step by step."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from simonsays.assets import did_you_mean
from simonsays.envs.language.instruction import Instruction, ObjectRef
from simonsays.envs.language.render import render_object
from simonsays.envs.skills.base import (
    GroundedStep,
    GroundingError,
    Motion,
    Skill,
    SkillContext,
    SkillOutput,
    Status,
    Surroundings,
    skills,
)
from simonsays.sim.spec import PropSpec, RobotSpec, SceneSpec


@dataclass(frozen=True)
class Plan:
    """Steps that are ready to run, in order."""

    instruction: Instruction
    steps: tuple[GroundedStep, ...]


@dataclass(frozen=True)
class StepVerdict:
    """How a step of a plan stands. Times in s since the run began; None before."""

    text: str
    status: Status = "pending"
    reason: str = ""
    started: float | None = None
    ended: float | None = None


def ground(instruction: Instruction, scene: SceneSpec, robot: RobotSpec) -> Plan:
    """Find a skill for every verb and a prop for every object.

    Raises:
        GroundingError: no skill does it, the robot lacks a joint that the skill needs, no such object, or several;
            the message says what there is.
    """
    steps = []
    for step in instruction.steps:
        skill = _skill(step.verb, robot)
        target = find_object(step.object, scene) if step.object is not None else None
        steps.append(skill.ground(step, Surroundings(robot, scene.props, target)))
    return Plan(instruction, tuple(steps))


def _skill(verb: str, robot: RobotSpec) -> Skill:
    known = skills()
    if verb not in known:
        can = ", ".join(name.replace("_", " ") for name in known)
        raise GroundingError(f"{robot.title} cannot {verb.replace('_', ' ')} yet; it can: {can}")
    skill = known[verb]
    missing = [name for name in skill.joints if name not in {joint.name for joint in robot.joints}]
    if missing:
        raise GroundingError(f"{robot.title} cannot {verb.replace('_', ' ')}: it has no {', '.join(missing)}")
    return skill


def find_object(ref: ObjectRef, scene: SceneSpec) -> PropSpec:
    """The prop that is meant, seen from the robot's start.

    Raises:
        GroundingError: none, or several for "the ...".
    """
    found = [prop for prop in scene.props if prop.shape == ref.type and ref.color in (None, prop.color)]
    if ref.location is not None:
        found = [prop for prop in found if _lies(prop, ref.location, scene)]
    if not found:
        names = ", ".join(f"the {prop.name}" for prop in scene.props) or "nothing"
        hint = did_you_mean(f"{ref.color or ''} {ref.type}".strip(), [prop.name for prop in scene.props])
        there = f"there is {names}" + (hint if "did you mean" in hint else "")
        raise GroundingError(f"{render_object(ref)!r} is not in the scene {scene.name!r}; {there}")
    if len(found) > 1 and ref.definite:
        places = ", ".join(f"the {p.name} at ({p.position[0]:g}, {p.position[1]:g})" for p in found)
        raise GroundingError(
            f"{render_object(ref)!r}: which? There are {len(found)}: {places}. Name its colour or side, or say "
            f"'a {ref.type}' for the nearest"
        )
    return min(found, key=lambda prop: math.dist(prop.position[:2], scene.robot_position))


def _lies(prop: PropSpec, location: str, scene: SceneSpec) -> bool:
    dx, dy = (a - b for a, b in zip(prop.position[:2], scene.robot_position, strict=True))
    yaw = math.radians(scene.robot_yaw_deg)
    forward, left = math.cos(yaw) * dx + math.sin(yaw) * dy, math.cos(yaw) * dy - math.sin(yaw) * dx
    return {"left": left > 0, "right": left < 0, "front": forward > 0, "behind": forward < 0}[location]


class PlanRunner:
    """Runs a plan's steps in order and judges each; the first failure ends the run.

    Attributes:
        verdicts: one a step.
        step_index: the step that runs; stays at the last one at the end.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.verdicts = [StepVerdict(step.text) for step in plan.steps]
        self.step_index = 0
        self._motion: Motion | None = None

    @property
    def done(self) -> bool:
        """Every step is done, or one has failed."""
        return self.succeeded or any(verdict.status == "failure" for verdict in self.verdicts)

    @property
    def succeeded(self) -> bool:
        """Every step succeeded."""
        return all(verdict.status == "success" for verdict in self.verdicts)

    def update(self, ctx: SkillContext) -> SkillOutput:
        """One control step: what the current step wants; command zero when all is done."""
        if self.done:
            return SkillOutput()
        step = self.plan.steps[self.step_index]
        if self._motion is None:
            self._motion = step.start()
            self._set(status="running", started=ctx.time)
        output = self._motion.update(ctx)
        started = self.verdicts[self.step_index].started or 0.0
        if output.status == "running" and ctx.time - started > step.time_limit:
            output = replace(output, status="failure", reason=f"timed out after {step.time_limit:.0f} s")
        if output.status != "running":
            self._end(output, ctx.time)
        return output

    def fell(self, time: float) -> None:
        """The robot has fallen: the current step failed."""
        if not self.done:
            self._end(SkillOutput(status="failure", reason="fell"), time)
        else:
            self._set(status="failure", reason="fell after it was done", ended=time)

    def stop(self, time: float, reason: str) -> None:
        """End the run from outside: the current step failed for ``reason``."""
        if not self.done:
            self._end(SkillOutput(status="failure", reason=reason), time)

    def _end(self, output: SkillOutput, time: float) -> None:
        self._set(status=output.status, reason=output.reason, ended=time)
        if output.status == "success" and self.step_index + 1 < len(self.plan.steps):
            self.step_index += 1
            self._motion = None

    def _set(self, **changes: object) -> None:
        self.verdicts[self.step_index] = replace(self.verdicts[self.step_index], **changes)  # type: ignore[arg-type]
