"""An instruction under way: which step runs, how far it is, and what is known of it at a moment."""

from __future__ import annotations

from simonsays.envs.instruction.encoding import StepView, check_encoded
from simonsays.envs.instruction.odometry import NOTHING, Odometry, ToGo, seen, to_go
from simonsays.envs.instruction.success import SuccessMonitor
from simonsays.envs.language.instruction import Instruction
from simonsays.envs.moves.behavior import SkillContext
from simonsays.envs.moves.skill import GroundedStep
from simonsays.sim.specs import RobotSpec, SceneSpec


class Tracker:
    """Follows an instruction with its monitor, one control step at a time.

    Args:
        lenient: see SuccessMonitor.

    Attributes:
        monitor: with the verdicts.
        main: the step that runs now, that of the legs where the arms do something meanwhile; None: all is done.

    Raises:
        GroundingError: the instruction cannot be done in the scene, or has a verb that is not encoded.
    """

    def __init__(
        self, instruction: Instruction, scene: SceneSpec, robot: RobotSpec, ctx: SkillContext, lenient: bool = False
    ) -> None:
        for step in instruction.steps:
            check_encoded(step.verb)
        self.monitor = SuccessMonitor(instruction, scene, robot, lenient)
        self._scene, self._ctx = scene, ctx
        self._enter()

    def _enter(self) -> None:
        """Begin the step that is next, and look up what it goes to."""
        self._group, steps = self.monitor.current(), self.monitor.runner.plan.steps
        running = [steps[i] for i in self._group]
        self.main: GroundedStep | None = next((step for step in running if step.legs), next(iter(running), None))
        self._beside = next((step.said for step in running if step is not self.main), None)
        self._odometry = Odometry.begin(self._ctx.state)
        main = self.main
        self._targets = (None, None) if main is None else (main.target or main.goal, main.target2 or main.goal2)

    def judged(self, gesture: str | None) -> dict[str, float]:
        """Judge the moment; returns what waist and arms are to do (rad, by joint name)."""
        arms = self.monitor.update(self._ctx, gesture)
        if self.monitor.current() != self._group:
            self._enter()
        return arms

    def moved(self, ctx: SkillContext) -> None:
        """A control step has passed."""
        self._ctx = ctx
        self._odometry = self._odometry.advance(ctx.state)

    @property
    def over(self) -> bool:
        """All is done, or a step has failed."""
        return self.monitor.runner.done

    @property
    def steps_done(self) -> int:
        """How many steps have succeeded."""
        return sum(verdict.status == "success" for verdict in self.monitor.runner.verdicts)

    @property
    def seconds(self) -> float:
        """s, the time limits of all steps together."""
        return sum(step.time_limit for step in self.monitor.runner.plan.steps)

    @property
    def held(self) -> float:
        """s that the arms have done what the current step asks for."""
        since = self.monitor.gesture_started
        return 0.0 if since is None else self._ctx.time - since

    @property
    def to_go(self) -> ToGo:
        """What is left to go of the current step; see :func:`simonsays.envs.instruction.odometry.to_go`."""
        main = self.main
        if main is None or main.said is None or not main.legs:
            return NOTHING
        return to_go(main.said, seen(self._targets[0], self._ctx), self._odometry)

    def view(self) -> StepView | None:
        """What is known of the current step; None once all is done."""
        main, odometry = self.main, self._odometry
        if main is None or main.said is None:
            return None
        return StepView(
            step=main.said,
            beside=self._beside,
            steps_left=len(self.monitor.runner.plan.steps) - self._group.stop,
            target=seen(self._targets[0], self._ctx),
            target2=seen(self._targets[1], self._ctx),
            walked=odometry.walked,
            turned=odometry.turned,
            touchdowns=odometry.touchdowns,
            time=odometry.time,
            time_limit=main.time_limit,
            to_go=self.to_go,
        )
