"""A monitor of what a policy does: an instruction's own success tests, run on the state while somebody else moves.

The behaviors of the skills are asked at every control step, as when they command; what they want of the legs is
dropped. A step of the arms alone is carried out by its own behavior, but only while its gesture is chosen: it starts
anew when it is chosen again.
"""

from __future__ import annotations

from dataclasses import replace

from simonsays.envs.language.instruction import Instruction, Step
from simonsays.envs.moves.behavior import Behavior, SkillContext, SkillOutput
from simonsays.envs.moves.skill import GroundedStep, GroundingError, skills
from simonsays.envs.plan.plan import PlanRunner, ground
from simonsays.sim.specs import RobotSpec, SceneSpec


class _Watched:
    """A behavior that is asked how it stands; what it wants is dropped."""

    def __init__(self, behavior: Behavior) -> None:
        self._behavior = behavior

    def update(self, ctx: SkillContext) -> SkillOutput:
        output = self._behavior.update(ctx)
        return SkillOutput(status=output.status, reason=output.reason)


class _Chosen:
    """A behavior of the arms that runs only while its gesture is chosen."""

    def __init__(self, step: GroundedStep, monitor: SuccessMonitor) -> None:
        self._step, self._monitor = step, monitor
        self._behavior: Behavior | None = None

    def update(self, ctx: SkillContext) -> SkillOutput:
        monitor = self._monitor
        if monitor.gesture != self._step.verb and not monitor.lenient:
            self._behavior = monitor.gesture_started = None
            return SkillOutput()
        if self._behavior is None:
            self._behavior, monitor.gesture_started = self._step.start(), ctx.time
        output = self._behavior.update(ctx)
        if output.status == "success":
            monitor.gesture_started = None
        return replace(output, command=SkillOutput().command, height=None, leg_offsets={})


class SuccessMonitor:
    """Watches an instruction step by step.

    Args:
        lenient: steps of the arms run without being chosen, for a policy that moves the joints itself.

    Attributes:
        runner: the plan's runner, with the verdicts.
        gesture: the verb of GESTURES that is chosen now, or None.
        gesture_started: s, since when the arms have done what the current step asks for; None: they do not.
    """

    def __init__(self, instruction: Instruction, scene: SceneSpec, robot: RobotSpec, lenient: bool = False) -> None:
        self._scene, self._robot, self.lenient = scene, robot, lenient
        self.gesture: str | None = None
        self.gesture_started: float | None = None
        self._other: tuple[str, Behavior | None] | None = None
        plan = ground(instruction, scene, robot)
        self.runner = PlanRunner(replace(plan, steps=tuple(self._wrapped(step) for step in plan.steps)))

    def _wrapped(self, step: GroundedStep) -> GroundedStep:
        if step.legs:
            return replace(step, start=lambda: _Watched(step.start()))
        return replace(step, start=lambda: _Chosen(step, self))

    def current(self) -> range:
        """Places of the steps that run now; empty when all is done."""
        return range(0) if self.runner.done else self.runner.group

    @property
    def wanted(self) -> str | None:
        """The gesture that the current steps still want, if any."""
        verdicts, steps = self.runner.verdicts, self.runner.plan.steps
        for i in self.current():
            if not steps[i].legs and verdicts[i].status in ("pending", "running"):
                return steps[i].verb
        return None

    def update(self, ctx: SkillContext, gesture: str | None) -> dict[str, float]:
        """One control step; returns what waist and arms are to do (rad, by joint name)."""
        self.gesture = gesture
        wanted = self.wanted
        targets = dict(self.runner.update(ctx).joint_targets)
        if gesture is None or gesture == wanted:
            self._other = None
            return targets
        return {**targets, **self._carry_out(gesture, ctx)}

    def _carry_out(self, gesture: str, ctx: SkillContext) -> dict[str, float]:
        """A gesture that nobody asked for is carried out all the same."""
        if self._other is None or self._other[0] != gesture:
            self._other = gesture, self._start(gesture)
        behavior = self._other[1]
        return dict(behavior.update(ctx).joint_targets) if behavior is not None else {}

    def _start(self, gesture: str) -> Behavior | None:
        skill = skills().get(gesture)
        if skill is None or skill.legs:
            return None
        try:
            plan = ground(Instruction((Step(gesture),)), self._scene, self._robot)
        except GroundingError:  # it needs an object, say
            return None
        return plan.steps[0].start()
