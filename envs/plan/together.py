"""Together: the robots of a cast carry out a plan, act after act, one control step at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from simonsays.envs.language.instruction import Instruction
from simonsays.envs.plan.acts import Act, acts, part_of
from simonsays.envs.plan.cast import Cast
from simonsays.envs.plan.execution import Execution
from simonsays.envs.plan.plan import Plan, PlanRunner, StepVerdict
from simonsays.envs.policy.policy import Policy

_NOTHING = Plan(Instruction(()), ())


class Together:
    """Runs a plan of several robots; who has nothing to do stands on its own policy. The first failure ends the run.

    Args:
        cast: reset already, all standing. policies: of each robot by motion, as from ``load_policies``.
        stand_before: s of standing still before the plan begins.

    Attributes:
        executions: of each robot, by its name.
        verdicts: one a step of the plan.
        done_at: s, when the last step of the plan ended; None before.
    """

    def __init__(
        self, cast: Cast, policies: Mapping[str, Mapping[str, Policy]], plan: Plan, stand_before: float = 0.5
    ) -> None:
        self.plan, self._cast, self._stand_before = plan, cast, stand_before
        self.executions = {
            name: Execution(env, policies[name], PlanRunner(_NOTHING), stand_before) for name, env in cast.envs.items()
        }
        self._left, self._now = acts(plan), list[Act]()
        self.verdicts = [StepVerdict(step.text) for step in plan.steps]
        self.done_at: float | None = None

    @property
    def time(self) -> float:
        """s since the start."""
        return next(iter(self.executions.values())).env.reading.time

    @property
    def succeeded(self) -> bool:
        """Every step succeeded."""
        return all(verdict.status == "success" for verdict in self.verdicts)

    @property
    def step_index(self) -> int:
        """The first step of those that run; stays at the last ones at the end."""
        runners = [(act, self.executions[act.robot].runner) for act in self._now]
        running = [act.places.start + runner.step_index for act, runner in runners if not runner.done]
        return min(running or [act.places.start + runner.step_index for act, runner in runners] or [0])

    def step(self) -> bool:
        """One control step; False, and nothing is done, once a robot has fallen: the steps that run have failed."""
        self._go_on()
        actions = {name: each.choose() for name, each in self.executions.items()}
        self._note()
        chosen = {name: action for name, action in actions.items() if action is not None}
        fallen = [name for name in actions if name not in chosen]
        if fallen:
            self._break_off(f"{fallen[0]} fell")
            return False
        for name, seen in self._cast.step(chosen).items():
            self.executions[name].saw(seen)
        return True

    def _go_on(self) -> None:
        """Begin the next acts where those of before are done."""
        runners = [self.executions[act.robot].runner for act in self._now]
        if not all(runner.done for runner in runners) or self.time < self._stand_before or self.done_at is not None:
            return
        if self._left:
            self._now = self._left.pop(0)
            for act in self._now:
                each = self.executions[act.robot]
                each.runner = PlanRunner(part_of(self.plan, act), each.runner.holding)

    def _note(self) -> None:
        """Take over how the steps stand, and stop where one has failed."""
        for act in self._now:
            verdicts = self.executions[act.robot].runner.verdicts
            self.verdicts[act.places.start : act.places.stop] = verdicts
        failed = [act.robot for act in self._now if self._failed(act)]
        if failed and self.done_at is None:
            self._break_off(f"{failed[0]} failed")
        if self.done_at is None and (failed or self.succeeded):
            self.done_at = self.time

    def _failed(self, act: Act) -> bool:
        return any(self.verdicts[place].status == "failure" for place in act.places)

    def _break_off(self, why: str) -> None:
        """End what runs; where nothing does, what comes next, or was done last, has failed."""
        for act in self._now:
            self.executions[act.robot].runner.stop(self.time, why)
            self.verdicts[act.places.start : act.places.stop] = self.executions[act.robot].runner.verdicts
        if not any(verdict.status == "failure" for verdict in self.verdicts):
            place, reason = self.step_index, f"{why} after it was done" if self.succeeded else why
            self.verdicts[place] = replace(self.verdicts[place], status="failure", reason=reason, ended=self.time)
