"""Plan: an instruction made ready for one scene and one robot, what runs it step by step, and its captions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import MAX_STEPS, Instruction, Step
from simonsays.envs.language.render import OURS, render, render_step
from simonsays.envs.language.telling import called
from simonsays.envs.language.vocabulary import FIELDS, HOW, SLOTS, verbs
from simonsays.envs.moves.behavior import Behavior, SkillContext, SkillOutput, Status
from simonsays.envs.moves.skill import GroundedStep, GroundingError, Part, Surroundings, at_once, skills
from simonsays.envs.plan.abilities import able
from simonsays.envs.plan.grounding import Goal, find, find_goal, find_marks
from simonsays.sim.specs import RobotSpec, SceneSpec

_DEEPEST = 3  # steps within each other that are made of others


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
    goal: Goal | None = None
    """where it goes or what it is about, known once it has started"""
    falls: int = 0
    """how often the robot fell in it, got up and began it anew"""
    rose: bool = False
    """the robot lay, as it had been told to, and got up first"""

    def to_json(self) -> dict[str, Any]:
        """As plain data, for a recording's ``meta["steps"]``."""
        return {**asdict(self), "goal": None if self.goal is None else list(self.goal)}


def ground(instruction: Instruction, scene: SceneSpec, robot: RobotSpec, within: int = 0) -> Plan:
    """Find a skill for every verb, a prop for every object and a point for every place.

    ``within``: of how many steps that are made of others it is a part.

    Raises:
        GroundingError: no skill does it, the robot lacks a joint that the skill needs, the skill does not take what
            was said, no such object, or several; the message says what there is.
    """
    steps: list[GroundedStep] = []
    for i, step in enumerate(instruction.steps):
        others = [instruction.steps[j] for j in at_once(instruction.steps, i) if j != i]
        beside = [steps[j] for j in at_once(steps, len(steps) - 1)] if step.parallel_with_prev else []
        made = [replace(one, source=i) for one in _ground_step(step, scene, robot, others, beside, within)]
        if step.parallel_with_prev:
            made[0] = replace(made[0], parallel_with_prev=True)
            taken = next((earlier for earlier in beside if earlier.legs), None)
            if made[0].legs and taken is not None:
                message = f"I cannot {taken.text} and {made[0].text} at the same time: both take the legs"
                raise GroundingError(message, "contradiction", step.span)
        steps += made
        if len(steps) > MAX_STEPS:
            raise GroundingError(f"more than {MAX_STEPS} steps", "impossible_amount", step.span)
    return Plan(instruction, tuple(steps))


def _busy_arms(others: list[Step], made: list[GroundedStep]) -> frozenset[str]:
    """Sides of the arms that other steps name, and that those which are grounded already move."""
    said = [step.side for step in others if step.side and verbs()[step.verb].limb == "arm"]
    named = {side for word in said for side in (("left", "right") if word == "both" else (word,))}
    return frozenset(named | {side for step in made for side in step.arms})


def _ground_step(
    step: Step, scene: SceneSpec, robot: RobotSpec, others: list[Step], beside: list[GroundedStep], within: int
) -> list[GroundedStep]:
    """``others``: the steps at the same time; ``beside``: those of them that are grounded already."""
    skill = able(step, robot)
    if step.robot not in (None, scene.robot_name):
        raise GroundingError(f"there is no robot {step.robot!r} beside the one that does this", span=step.span)
    taken = skill.slots
    for slot in SLOTS:
        if getattr(step, FIELDS.get(slot, slot)) not in (None, False) and slot not in (*taken, "count"):
            error = GroundingError(f"I cannot {called(step.verb)} {HOW[slot]}.", "unsupported_skill", step.span)
            without: dict[str, Any] = {FIELDS.get(slot, slot): None, "parallel_with_prev": False}
            plain = replace(step, **without)
            error.suggestions, error.hint = (render_step(plain),), "Nearest to it: {}."
            raise error
    target, goal = find(step.object, scene, step.distance_m if step.object2 is None else None)
    target2, goal2 = find(step.object2, scene)
    marks = find_marks(step.object, scene)
    objects: dict[str, Any] = {"target": target, "goal": goal, "target2": target2, "goal2": goal2, "marks": marks}
    count = 1 if step.count is None or "count" in taken else step.count
    around = Surroundings(
        robot,
        scene.props,
        **objects,
        parallel=bool(others),
        robot_position=scene.robot_position,
        legs_taken=any(skills()[other.verb].legs for other in others if other.verb in skills()),
        busy_arms=_busy_arms(others, beside),
    )
    try:
        made = skill.ground(step, around)
    except GroundingError as error:
        error.span = error.span or step.span
        raise
    if not isinstance(made, GroundedStep):
        if around.parallel:
            message = f"{called(step.verb)!r}: it is made of several steps, and goes with nothing else at the same time"
            raise GroundingError(message, "contradiction", step.span)
        return _composed(step, made, scene, robot, within) * min(count, MAX_STEPS + 1)
    legs = skill.legs if made.legs is None else made.legs
    stays = not legs or (skill.stays and made.legs is None)  # one that turns the base stands up for it
    made = replace(made, legs=legs, stays=stays, said=step, **objects)
    return [made for _ in range(min(count, MAX_STEPS + 1))]


def _composed(step: Step, parts: Sequence[Part], scene: SceneSpec, robot: RobotSpec, within: int) -> list[GroundedStep]:
    """The steps that a step is made of, each as ready as if it had been said."""
    if within >= _DEEPEST:
        raise GroundingError(f"{called(step.verb)!r}: it is a part of itself", "contradiction", step.span)
    made: list[GroundedStep] = []
    for part in parts:
        try:
            steps = ground(part.instruction, scene, robot, within + 1).steps
        except GroundingError as error:
            raise GroundingError(f"{part.where}: {error}", error.code, step.span) from error
        if part.wait is not None:
            made.append(GroundedStep("stop", part.text, part.patience, part.wait, part.text, stays=True))
        made += steps
    return made


class PlanRunner:
    """Runs a plan's steps in order, those that are parallel at the same time, and judges each.

    The first failure ends the run.

    Args:
        holding: what joints and height are to stay like, as earlier steps left them (:attr:`holding` of their runner).

    Attributes:
        verdicts: one a step.
        step_index: the first step of those that run; stays at the last ones at the end.
    """

    def __init__(self, plan: Plan, holding: SkillOutput | None = None) -> None:
        self.plan = plan
        self.verdicts = [StepVerdict(step.text) for step in plan.steps]
        self.step_index = 0
        self._behaviors: dict[int, Behavior] = {}
        self._held: dict[str, float] = dict(holding.joint_targets) if holding else {}
        self._held_height: float | None = holding.height if holding else None
        self._held_motion = holding if holding and holding.leave else SkillOutput()

    @property
    def holding(self) -> SkillOutput:
        """What the steps that are done still want: a raised arm stays up, a crouching robot down."""
        motion, leave = self._held_motion.motion, self._held_motion.leave
        return SkillOutput(joint_targets=dict(self._held), height=self._held_height, motion=motion, leave=leave)

    @property
    def done(self) -> bool:
        """Every step is done, or one has failed."""
        return self.succeeded or any(verdict.status == "failure" for verdict in self.verdicts)

    @property
    def succeeded(self) -> bool:
        """Every step succeeded."""
        return all(verdict.status == "success" for verdict in self.verdicts)

    @property
    def moving(self) -> tuple[int, GroundedStep] | None:
        """Place of the first of the steps that run now, and that one of them which moves the base, if there is one."""
        running = () if self.done else (self.plan.steps[i] for i in self.group)
        return next(((self.step_index, step) for step in running if step.legs), None)

    def update(self, ctx: SkillContext) -> SkillOutput:
        """One control step: what the current steps want together; command zero when all is done."""
        if self.done:
            return self.holding
        if not self._behaviors:
            self._leave()
            for i in self.group:
                self._behaviors[i] = self.plan.steps[i].start()
                self._set(i, status="running", started=ctx.time, goal=find_goal(self.plan.steps[i], ctx))
        outputs = {i: self._update(i, behavior, ctx) for i, behavior in list(self._behaviors.items())}
        for i, output in outputs.items():
            self._hold(self.plan.steps[i], output)
        legs = [output for i, output in outputs.items() if self.plan.steps[i].legs]
        targets = {name: angle for output in outputs.values() for name, angle in output.joint_targets.items()}
        first = legs[0] if legs else next(iter(outputs.values()))
        height = self._held_height if first.height is None else first.height
        if self._held_motion.leave:
            first = replace(first, motion=self._held_motion.motion)
        return replace(first, joint_targets={**first.idle_targets, **self._held, **targets}, height=height)

    def _leave(self) -> None:
        """Have what begins now come first out of the motion that goes on, unless it is rest, or does so by itself."""
        leave, steps = self._held_motion.leave, list(self.plan.steps)
        if leave and any(not (steps[i].legs and steps[i].stays) for i in self.group):
            self._held_motion = SkillOutput()
            for i in self.group:
                self._set(i, rose=True)
                steps[i] = steps[i] if steps[i].rises else leave(steps[i])
        self.plan = replace(self.plan, steps=tuple(steps))

    def _hold(self, step: GroundedStep, output: SkillOutput) -> None:
        """Keep what a step that is done still wants; forget what another wants otherwise."""
        if output.leave:
            self._held_motion = output
        for name in output.joint_targets:
            self._held.pop(name, None)
        if output.height is not None or not step.stays:
            self._held_height = None
        if output.status == "success":
            self._held |= output.joint_targets
            self._held_height = self._held_height if output.height is None else output.height

    @property
    def group(self) -> range:
        """Places of the steps that run together from ``step_index`` on."""
        return at_once(self.plan.steps, self.step_index)

    def _update(self, i: int, behavior: Behavior, ctx: SkillContext) -> SkillOutput:
        step, output = self.plan.steps[i], behavior.update(ctx)
        if not isinstance(output, SkillOutput):
            raise InputError(f"skill {step.verb!r}: its update gives {output!r}; return a SkillOutput at each step")
        started = self.verdicts[i].started or 0.0
        if output.status == "running" and ctx.time - started > step.time_limit:
            output = replace(output, status="failure", reason=f"timed out after {step.time_limit:.0f} s")
        if output.status != "running":
            self._end(i, output, ctx.time)
        return output

    @property
    def lies(self) -> bool:
        """Whether the robot may lie on the ground, as what runs now is to raise it."""
        if self.done:
            return False
        if not self._behaviors:
            return any(self.plan.steps[i].rises for i in self.group)
        return any(getattr(behavior, "lies", False) for behavior in self._behaviors.values())

    def begin_anew(self) -> None:
        """The robot fell in the current steps, and is up again: they begin anew."""
        for i in list(self._behaviors) or [self.step_index]:
            self._set(i, falls=self.verdicts[i].falls + 1)
        self._behaviors.clear()

    def fell(self, time: float) -> None:
        """The robot has fallen: the current steps failed."""
        if not self.done:
            self.stop(time, "fell")
        elif self.verdicts:
            self._set(self.step_index, status="failure", reason="fell after it was done", ended=time)

    def stop(self, time: float, reason: str) -> None:
        """End the run from outside: the current steps failed for ``reason``."""
        if not self.done:
            for i in list(self._behaviors) or [self.step_index]:
                self._end(i, SkillOutput(status="failure", reason=reason), time)

    def _end(self, i: int, output: SkillOutput, time: float) -> None:
        self._set(i, status=output.status, reason=output.reason, ended=time)
        self._behaviors.pop(i, None)
        after = self.group.stop
        if not self._behaviors and output.status == "success" and after < len(self.plan.steps):
            self.step_index = after

    def _set(self, i: int, **changes: object) -> None:
        self.verdicts[i] = replace(self.verdicts[i], **changes)  # type: ignore[arg-type]


def captions(plan: Plan, language: str) -> tuple[str, ...]:
    """What each step of a plan is, in a language; in the skills' own where that has no words for it."""
    return tuple(step.text if language == OURS else _caption(step, language) for step in plan.steps)


def captioned(plan: Plan, verdicts: list[StepVerdict], language: str) -> list[dict[str, Any]]:
    """The verdicts of a plan's steps as a recording's ``meta["steps"]`` has them, with the ``verb`` and the names of
    the ``things`` that it is about; where the language is not the skills' own, with a ``caption``."""
    listed = [
        {
            **_owner(plan, step),
            "verb": step.verb,
            "things": [each.name for each in (step.target, step.target2, *step.marks) if each],
            **verdict.to_json(),
        }
        for step, verdict in zip(plan.steps, verdicts, strict=True)
    ]
    if language == OURS:
        return listed
    return [{**said, "caption": each} for said, each in zip(listed, captions(plan, language), strict=True)]


def _owner(plan: Plan, step: GroundedStep) -> dict[str, str]:
    """Whose a step is, where the instruction says so."""
    said = plan.instruction.steps
    owner = said[step.source].robot if step.source < len(said) else None
    return {"robot": owner} if owner else {}


def _caption(step: GroundedStep, language: str) -> str:
    said = step.meant or step.said
    if said is None:
        return step.text
    repeated = "count" not in skills()[said.verb].slots
    alone = replace(said, parallel_with_prev=False, count=None if repeated else said.count)
    try:
        return render(Instruction((alone,)), language)
    except InputError:
        return step.text
