"""LiveRobot: one simulated robot that runs on, a queue of plans that it does, and what interrupts them."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace
from pathlib import Path

import numpy as np

from simonsays.envs.env import HumanoidEnv
from simonsays.envs.language import Instruction
from simonsays.envs.moves.behavior import SkillOutput
from simonsays.envs.moves.skill import GroundingError
from simonsays.envs.moves.steering import Point
from simonsays.envs.plan.execution import Execution, load_policies
from simonsays.envs.plan.grounding import NONE_LEFT, marked_thing
from simonsays.envs.plan.plan import Plan, PlanRunner, ground
from simonsays.envs.policy.choice import chosen
from simonsays.envs.policy.policy import Policy
from simonsays.experiments.live.hands import PUSH_SPEED, Steering, push
from simonsays.experiments.live.jobs import ENDED, Job, JobStatus, returns_first
from simonsays.experiments.live.recorder import Recorder
from simonsays.experiments.live.takeover import TakeOver, scene_now
from simonsays.sim.engines import DEFAULT
from simonsays.sim.recording import Recording
from simonsays.sim.specs import SceneSpec, load_scene

_MOST_KEPT = 30
_LIES = 150  # control steps for which a robot that fell still moves
RISE = "get_up"
"""the verb of the skill that a robot which has fallen can do"""


class LiveRobot:
    """A robot in a scene and the plans that wait for it; each :meth:`step` is a control step.

    Args:
        scene: a scene, a shipped one's name, or a TOML file.
        policy: a bundle for the gait, or a Policy for every motion. engine: of the physics.
        seed: of everything random.

    Attributes:
        jobs: instructions that were accepted, the oldest first; of those that are over the last 30.
        fallen: the robot lies on the ground, and only a reset helps, or getting up where it :attr:`can_rise`.
        trail: (x, y) m, world, of the path walked.
        looping: performances begin again when they are over.

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
        self.looping = False
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
        if job is None or goal is None:
            return None
        step = job.plan.steps[place]
        if step.tracks and self.viewer is not None:
            return *self.viewer, goal[2]
        thing = marked_thing(step)
        if thing is None:
            return goal
        positions, _ = self.env.world.prop_poses()
        x, y, _ = positions[list(self.env.world.props).index(thing.name)].tolist()
        return x, y, goal[2]

    @property
    def to_go(self) -> tuple[float, float, float]:
        """Forward m, left m, angle rad that are left of the step that runs; NaN where nothing is."""
        act = self._execution.act
        return NONE_LEFT if act is None or act.to_go is None or self.current is None else act.to_go

    @property
    def viewer(self) -> Point | None:
        """(x, y) m, world, where whoever watches has gone: "come here", "follow me"; None: where the scene has them."""
        return self._execution.viewer

    @viewer.setter
    def viewer(self, place: Point) -> None:
        self._execution.viewer = place

    @property
    def can_rise(self) -> bool:
        """Whether it has fallen and is of a robot that can get up."""
        return self.fallen and self.env.spec_robot.rising is not None

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
        self._steering: Steering | None = None
        self.fallen = False
        self.trail: deque[tuple[float, float]] = deque(maxlen=2000)

    def _job(self, text: str, plan: Plan, corrections: tuple[tuple[str, str], ...] = (), by_hand: bool = False) -> Job:
        self._numbers += 1
        job = Job(self._numbers, text, plan.instruction, plan, corrections, by_hand)
        job.plan_with(plan, PlanRunner(plan).verdicts)
        return job

    def _enter(self, job: Job, now: bool) -> None:
        """Let a job wait, or take over; of stops and of steering, the list of what is over keeps the last alone."""
        if now:
            self._interrupt(f"stopped by {job.text!r}")
        if job.passing:
            self.jobs = [other for other in self.jobs if not (other.passing and other.status in ENDED)]
        self.jobs.append(job)
        if now:
            self._begin(job, job.plan)

    def steer(self, forward: float, left: float, turn: float) -> None:
        """Go as somebody steers, for the next half second: shares, -1 to 1, of how fast it can. It takes over."""
        if self.fallen:
            return
        if self.current is None or not self.current.by_hand or self._steering is None:
            if not (forward or left or turn):
                return
            self._steering = Steering(self.env.spec_robot)
            plan = self._steering.plan()
            self._enter(self._job(plan.steps[0].text, plan, by_hand=True), now=True)
        self._steering.steer(forward, left, turn)

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
        push(self.env, direction, speed, self._rng)

    def start_recording(self) -> None:
        """Record from now on; what was recorded before and not taken is lost."""
        scene = replace(self.scene_now(), name=self.scene.name)
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
        if self._execution.down:
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
            if self.looping and job.performs and failed is None:
                self._enter(self._job(job.text, job.plan), now=False)

    def clear(self, reason: str) -> None:
        """End all that runs or waits."""
        self._interrupt(reason)
        for job in self.jobs:
            if job.status == "queued":
                self._end(job, "stopped", reason)

    def scene_now(self, start: Point | None = None) -> SceneSpec:
        """The scene as it is now; ``start``: as :func:`.takeover.scene_now`."""
        return scene_now(self.env, start, self.viewer)

    def close(self) -> None:
        """Free the physics client; a second call does nothing."""
        self.env.close()

    def _ground(self, instruction: Instruction) -> Plan:
        start = self.scene.robot_position if returns_first(instruction) else None
        return ground(instruction, self.scene_now(start), self.env.spec_robot)

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
        self._lain += 1
        if self.recorder is not None:
            self.recorder.append(None, 0)
        if self._lain < _LIES:
            env.robot.track(env.last_targets, env.stage.substeps)
            env.stage.measure()
        else:
            env.stage.steps += 1
            env.stage.reading = replace(env.reading, time=env.stage.steps * env.dt)
