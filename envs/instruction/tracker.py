"""An instruction under way: which step runs, how far it is, whether its success tests hold, and what the body feels.

The behaviors of the skills are asked at every control step, as when they command; what they want of the legs is
dropped. A step of the arms alone is carried out by its own behavior, but only while its gesture is chosen: it starts
anew when it is chosen again.
"""

from __future__ import annotations

from dataclasses import replace

from simonsays.envs.env import HumanoidEnv
from simonsays.envs.instruction.encoding import GESTURES, PARTS, WIDTH, StepView, check_encoded
from simonsays.envs.instruction.odometry import NOTHING, Odometry, ToGo, seen, to_go
from simonsays.envs.language.instruction import Instruction, Step
from simonsays.envs.moves.behavior import Behavior, SkillContext, SkillOutput
from simonsays.envs.moves.skill import GroundedStep, GroundingError, skills
from simonsays.envs.moves.steering import to_heading
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
        if self._other is None or self._other[0] != gesture:  # one that nobody asked for is carried out all the same
            self._other = gesture, self._start(gesture)
        behavior = self._other[1]
        return targets if behavior is None else {**targets, **behavior.update(ctx).joint_targets}

    def _start(self, gesture: str) -> Behavior | None:
        skill = skills().get(gesture)
        if skill is None or skill.legs:
            return None
        try:
            plan = ground(Instruction((Step(gesture),)), self._scene, self._robot)
        except GroundingError:  # it needs an object, say
            return None
        return plan.steps[0].start()


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


class BodyLayout:
    """The parts of the observation and their mirror image: the body, then the encoding."""

    def __init__(self, low: HumanoidEnv, flat: bool) -> None:
        self._flat, joints = flat, len(low.robot.joint_names)
        self.widths = {"height": 1, "gravity": 3, "velocity": 3, "tilt_rate": 2, "feet": 2, "hands": 6}
        last = joints if flat else 4 + len(GESTURES)
        self.widths |= {"joint_positions": joints, "joint_velocities": joints} if flat else {}
        self.widths |= {"last_action": last, "encoding": WIDTH}

    def body(self, ctx: SkillContext, low: HumanoidEnv, action: list[float]) -> list[float]:
        """The body's numbers, scaled: base height above the ground against standing (0.3 m), gravity in the base
        frame, velocity in the heading frame (1 m/s, 1 m/s, 1.5 rad/s), roll and pitch rate (5 rad/s), foot contacts,
        hands from their shoulders in the heading frame (0.6 m), in control="joints" all joints relative to standing
        (3 rad) and their velocities (20 rad/s); the last action.
        """
        state, spec = ctx.state, low.spec_robot
        forward, left, yaw_rate = state.heading_velocity
        ground = low.world.scene.ground.gradient * state.base_position[0]
        numbers = [(state.base_position[2] - ground - spec.standing_height) / 0.3, *state.gravity]
        numbers += [forward, left, yaw_rate / 1.5]
        numbers += [rate / 5.0 for rate in state.local_angular_velocity[:2]]
        numbers += [float(touches) for touches in state.foot_contacts]
        for hand, shoulder in zip(ctx.hands.tolist(), ctx.shoulders.tolist(), strict=True):
            x, y, z = (a - b for a, b in zip(hand, shoulder, strict=True))
            numbers += [value / 0.6 for value in (*to_heading((x, y), state.yaw), z)]
        if self._flat:
            standing = low.robot.default_positions.tolist()
            numbers += [(q - rest) / 3.0 for q, rest in zip(state.joint_positions, standing, strict=True)]
            numbers += [velocity / 20.0 for velocity in state.joint_velocities]
        return [*numbers, *action]

    def mirror(self) -> tuple[list[float], list[float]]:
        """Places and signs of the mirror image, of the hierarchy's observation."""
        parts: list[tuple[tuple[int, ...], tuple[float, ...]]] = [
            ((0,), (1.0,)),
            ((0, 1, 2), (1.0, -1.0, 1.0)),
            ((0, 1, 2), (1.0, -1.0, -1.0)),
            ((0, 1), (-1.0, 1.0)),
            ((1, 0), (1.0, 1.0)),
            ((3, 4, 5, 0, 1, 2), (1.0, -1.0, 1.0) * 2),
            (tuple(range(4 + len(GESTURES))), (1.0, -1.0, -1.0, *[1.0] * (1 + len(GESTURES)))),
            *((part.places, part.signs) for part in PARTS),
        ]
        places: list[float] = []
        signs: list[float] = []
        for local, sign in parts:
            start = len(places)
            places += [start + place for place in local]
            signs += sign
        return places, signs
