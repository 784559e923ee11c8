"""LiveSession: one simulated robot that runs on and takes instructions while it does. It knows nothing of the web."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace
from pathlib import Path

import numpy as np

from simonsays.assets import InputError, did_you_mean
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.language import Analysis, Instruction, ParseError, analyze, detect, locales, parse, render
from simonsays.envs.language.context import Context, Question
from simonsays.envs.language.dialogue import hear
from simonsays.envs.moves.behavior import SkillOutput
from simonsays.envs.moves.skill import GroundingError
from simonsays.envs.plan.execution import Execution, load_policies
from simonsays.envs.plan.grounding import NONE_LEFT, marked_thing
from simonsays.envs.plan.plan import Plan, PlanRunner, ground
from simonsays.envs.plan.talk import context_of, explained
from simonsays.envs.policy.choice import chosen
from simonsays.envs.policy.policy import Policy
from simonsays.envs.skills.legs.stop import SKILL as STOP
from simonsays.envs.terminations import fallen
from simonsays.experiments.live.jobs import ENDED, Job, JobStatus, Refusal, returns_first
from simonsays.experiments.live.recorder import Recorder
from simonsays.experiments.live.takeover import TakeOver, scene_now
from simonsays.sim.engines import DEFAULT
from simonsays.sim.recording import Recording
from simonsays.sim.specs import SceneSpec, load_scene

PUSHES = {"forward": (1.0, 0.0), "backward": (-1.0, 0.0), "left": (0.0, 1.0), "right": (0.0, -1.0)}
PUSH_SPEED = 0.4  # m/s that a push changes the robot's velocity by
_MOST_QUEUED, _MOST_KEPT = 50, 30
_LIES = 150  # control steps for which a robot that fell still moves
_WARM_UP = "walk to the ball and wave"


def in_every_language(text: str) -> list[str]:
    """A sentence, and the same in each other language that is known."""
    said, own = parse(text), detect(text)
    return [text, *(render(said, code) for code in locales() if code != own)]


class LiveSession:
    """A robot in a scene, a queue of instructions, and what interrupts them; each :meth:`step` is a control step.

    Args:
        scene: a scene, a shipped one's name, or a TOML file.
        policy: a bundle for the gait, or a Policy for every motion. engine: of the physics.
        seed: of everything random.

    Attributes:
        jobs: instructions that were accepted, the oldest first; of those that are over the last 30.
        fallen: the robot lies on the ground, and only a reset helps.
        trail: (x, y) m, world, of the path walked.

    Raises:
        InputError: no such scene, robot, policy or engine.
    """

    def __init__(
        self,
        scene: SceneSpec | str | Path = "playground",
        *,
        policy: str | Path | Policy | None = None,
        robot: str | None = None,
        engine: str = DEFAULT,
        seed: int = 0,
    ) -> None:
        spec = scene if isinstance(scene, SceneSpec) else load_scene(scene)
        body, policy = chosen(robot, policy)
        self.robot_name, self.seed = body.name, seed
        self.env = HumanoidEnv(body, engine=engine, scene=spec, friction=None, episode_seconds=1e9)
        self._policies = load_policies(self.env, policy)
        self._rng = np.random.default_rng(seed)
        self.jobs: list[Job] = []
        self._numbers = 0
        self.recorder: Recorder | None = None
        self._saved: Recording | None = None
        self.reset()

    @property
    def time(self) -> float:
        """s since the last reset."""
        return self.env.reading.time

    @property
    def scene(self) -> SceneSpec:
        """The scene as it was at the last reset."""
        return self.env.world.scene

    @property
    def current(self) -> Job | None:
        """The job that runs."""
        return next((job for job in self.jobs if job.status == "running"), None)

    @property
    def goal(self) -> tuple[float, float, float] | None:
        """x, y m, world, and radius m of what the step that runs goes to, where it is now."""
        job, place = self.current, self._runner.step_index
        goal = None if job is None else job.verdicts[place].goal
        thing = None if job is None else marked_thing(job.plan.steps[place])
        if goal is None or thing is None:
            return goal
        positions, _ = self.env.world.prop_poses()
        x, y, _ = positions[list(self.env.world.props).index(thing.name)].tolist()
        return x, y, goal[2]

    @property
    def to_go(self) -> tuple[float, float, float]:
        """Forward m, left m, angle rad that are left of the step that runs; NaN where nothing is."""
        act = self._execution.act
        return NONE_LEFT if act is None or act.to_go is None or self.current is None else act.to_go

    def warm_up(self) -> None:
        """Load the language and the skills, so that the first instruction is answered as fast as any other."""
        for text in ("wlak to the rde ball", *in_every_language(_WARM_UP)):
            try:
                ground(analyze(text).instruction, self.scene, self.env.spec_robot)
            except (ParseError, GroundingError):
                continue

    def reset(self, scene: SceneSpec | str | Path | None = None) -> None:
        """Stand at the start again, of another scene if one is given; a recording ends (:meth:`take_recording`).

        Raises:
            InputError: no such scene; the session goes on as it was.
        """
        spec = load_scene(scene) if isinstance(scene, str | Path) else scene or self.env.world.scene
        spec.check_robots([self.robot_name])
        self.stop_recording()
        self.clear("the robot was reset")
        self.env.reset(seed=self.seed, options={"command": [0.0, 0.0, 0.0], "scene": spec})
        robot = self.env.robot
        self._rest = dict(zip(robot.joint_names, robot.default_positions.tolist(), strict=True))
        self._runner = TakeOver(Plan(Instruction(()), ()), SkillOutput(), SkillOutput(), self._rest)
        self._execution = Execution(self.env, self._policies, self._runner, stand_before=0.0)
        self._steps = self._lain = 0
        self.fallen = False
        self.trail: deque[tuple[float, float]] = deque(maxlen=2000)
        self._done: Plan | None = None
        self._question: Question | None = None

    def submit(self, text: str, *, now: bool = False) -> Job | Refusal:
        """Say something: it is queued, or with ``now`` takes over from what runs. "Stop" always acts at once."""
        try:
            return self.accept(text, hear(text, self.context), now=now)
        except ParseError as error:
            return self.refuse(error)

    @property
    def context(self) -> Context:
        """What the next sentence may take up: what was accepted last, the scene as it is now, and what was asked."""
        return context_of(self._done, scene_now(self.env), self._question)

    def refuse(self, error: ParseError | GroundingError, read: Analysis | None = None) -> Refusal:
        """Why a text was not accepted; where it asks, the next one may answer."""
        text = read.text if read is not None else getattr(error, "text", "")
        if error.asks:
            self._question = Question.of(error, text, None if read is None else read.instruction)
        return Refusal.of(error, text)

    def accept(self, text: str, analysis: Analysis, *, now: bool = False) -> Job | Refusal:
        """As :meth:`submit`, of a text that has been read already."""
        if self.fallen:
            return Refusal("the robot has fallen; reset it first", "fallen")
        if sum(job.status == "queued" for job in self.jobs) >= _MOST_QUEUED:
            return Refusal(f"{_MOST_QUEUED} instructions wait already; let it do some of them first", "full")
        try:
            plan = self._ground(analysis.instruction)
        except GroundingError as error:
            told = explained(error, analysis, scene_now(self.env), (self.env.spec_robot,), self.context)
            return self.refuse(told, analysis)
        self._numbers += 1
        corrections = tuple((correction.word, correction.read_as) for correction in analysis.corrections)
        job = Job(self._numbers, text, analysis.instruction, plan, corrections)
        job.plan_with(plan, PlanRunner(plan).verdicts)
        self._question = None
        if job.stops:
            self.clear(f"stopped by {text!r}")
        else:
            self._done = plan
        if now or job.stops:
            self._interrupt(f"stopped by {text!r}")
            self.jobs.append(job)
            self._begin(job, plan)
        else:
            self.jobs.append(job)
        return job

    def stop(self) -> None:
        """What "stop" does: end what runs and forget what waits; the robot comes to rest."""
        if not self.fallen:
            self.submit(STOP.example, now=True)

    def remove(self, number: int) -> bool:
        """Take an instruction that waits out of the queue; False if none such waits."""
        for job in self.jobs:
            if job.number == number and job.status == "queued":
                self._end(job, "stopped", "taken out of the queue")
                return True
        return False

    def push(self, direction: str | None = None, speed: float = PUSH_SPEED) -> None:
        """Push the robot: forward, backward, left or right as it sees it, or at random; ``speed`` in m/s.

        Raises:
            InputError: no such direction.
        """
        if direction is not None and direction not in PUSHES:
            raise InputError(f"push {direction!r}{did_you_mean(direction, PUSHES)}")
        if direction is None:
            angle = float(self._rng.uniform(-math.pi, math.pi))
            ahead, left = math.cos(angle), math.sin(angle)
        else:
            ahead, left = PUSHES[direction]
        c, s = math.cos(self.env.reading.yaw), math.sin(self.env.reading.yaw)
        self.env.robot.push_velocity(speed * (c * ahead - s * left), speed * (s * ahead + c * left))

    def start_recording(self) -> None:
        """Record from now on; what was recorded before and not taken is lost."""
        scene = replace(scene_now(self.env), name=self.scene.name)
        self.recorder, self._saved = Recorder(self.env, scene), None

    def stop_recording(self) -> None:
        """End a recording, if there is one; :meth:`take_recording` gives it."""
        if self.recorder is not None:
            recording = self.recorder.finish(self._policies["gait"].name, self.seed)
            self._saved = recording if len(recording) or self.recorder.drained else self._saved
        self.recorder = None

    def take_part(self) -> Recording:
        """What the recording that runs has since the last part was taken; the end of it gives the rest."""
        assert self.recorder is not None
        return self.recorder.drain(self._policies["gait"].name, self.seed)

    def take_recording(self) -> Recording | None:
        """The recording that has ended, once; only its rest, maybe nothing, where parts of it were taken."""
        saved, self._saved = self._saved, None
        return saved

    def step(self) -> None:
        """One control step of 0.02 s."""
        if self.fallen:
            self._lie()
            return
        env = self.env
        if fallen(env.reading, env.spec_robot, env.world.scene.ground.gradient):
            self._fall()
            return
        self._next()
        job = self.current
        if self.recorder is not None:
            self.recorder.append(job, self._runner.step_index)
        self._execution.step()
        self._steps += 1
        if self.recorder is not None and self._execution.act is not None:
            self.recorder.act(self._execution.act)
        if self._steps % 5 == 0:
            x, y, _ = env.reading.base_position
            if not self.trail or math.dist(self.trail[-1], (x, y)) > 0.03:
                self.trail.append((x, y))
        if job is not None and self._runner.done:
            failed = next((verdict for verdict in job.verdicts if verdict.status == "failure"), None)
            self._end(job, "failure" if failed else "success", failed.reason if failed else "")

    def clear(self, reason: str) -> None:
        """End all that runs or waits."""
        self._interrupt(reason)
        for job in self.jobs:
            if job.status == "queued":
                self._end(job, "stopped", reason)

    def close(self) -> None:
        """Free the physics client; a second call does nothing."""
        self.env.close()

    def _ground(self, instruction: Instruction) -> Plan:
        start = self.scene.robot_position if returns_first(instruction) else None
        return ground(instruction, scene_now(self.env, start), self.env.spec_robot)

    def _next(self) -> None:
        """Begin what waits, if nothing runs; the world may have changed since it was accepted."""
        if self.current is not None:
            return
        for job in self.jobs:
            if job.status != "queued":
                continue
            try:
                self._begin(job, self._ground(job.instruction))
                return
            except GroundingError as error:
                self._end(job, "failure", str(error))

    def _begin(self, job: Job, plan: Plan) -> None:
        env, holding = self.env, self._runner.holding
        if env.motion == "crouch":
            holding = replace(holding, height=env.height)
        self._runner = self._execution.runner = TakeOver(plan, holding, self._runner.wanted, self._rest)
        job.status, job.started = "running", self.env.reading.time
        job.plan_with(plan, self._runner.verdicts)

    def _interrupt(self, reason: str) -> None:
        job = self.current
        if job is not None:
            self._runner.stop(self.time, reason)
            self._end(job, "stopped", reason)

    def _end(self, job: Job, status: JobStatus, reason: str = "") -> None:
        job.status, job.reason, job.ended = status, reason, self.time
        for old in [job for job in self.jobs if job.status in ENDED][:-_MOST_KEPT]:
            self.jobs.remove(old)

    def _fall(self) -> None:
        """The robot has fallen: what runs has failed, what waits is forgotten."""
        self.fallen, job = True, self.current
        if job is not None:
            self._runner.fell(self.time)
            self._end(job, "failure", "fell")
        self.clear("the robot fell")

    def _lie(self) -> None:
        """A control step of a robot that has fallen: it comes to rest where it lies."""
        env = self.env
        time, self._lain = self.time + env.dt, self._lain + 1
        if self.recorder is not None:
            self.recorder.append(None, 0)
        if self._lain < _LIES:
            env.robot.track(env.last_targets, env.stage.substeps)
            env.stage.reading = env.robot.reading(time)
        else:
            env.stage.reading = replace(env.reading, time=time)
