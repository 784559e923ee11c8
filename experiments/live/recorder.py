"""Recording a part of a live session, as any run is recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from simonsays.envs.env import HumanoidEnv
from simonsays.envs.language import detect
from simonsays.envs.plan.plan import StepVerdict, captioned
from simonsays.envs.skills.legs.stand import SKILL as STAND
from simonsays.experiments.live.jobs import Job
from simonsays.sim.recorder import Act, RecordingWriter
from simonsays.sim.recording import Recording
from simonsays.sim.specs import SceneSpec


class Recorder:
    """Collects what happens from now on; its time begins at zero, and its plan is that of all jobs in a row."""

    def __init__(self, env: HumanoidEnv, scene: SceneSpec) -> None:
        self._env, self._began = env, env.reading.time
        self._writer = RecordingWriter(env.world, env.robot, scene)
        self._jobs: list[Job] = []
        self._step = 0
        self.drained = 0.0
        """s, up to which :meth:`drain` has given what was recorded"""

    @property
    def seconds(self) -> float:
        """s, recorded by now."""
        return self._env.reading.time - self._began

    def append(self, job: Job | None, step_index: int) -> None:
        """This instant; ``step_index`` is that of the job's plan."""
        if job is not None:
            if job not in self._jobs:
                self._jobs.append(job)
            before = self._jobs[: self._jobs.index(job)]
            self._step = sum(len(other.plan.steps) for other in before) + step_index
        self._writer.append(replace(self._env.reading, time=self.seconds), self._step)

    def act(self, act: Act) -> None:
        """What was done at this instant."""
        self._writer.act(act)

    def finish(self, policy: str, seed: int) -> Recording:
        """All that was collected, or what has been since :meth:`drain`."""
        return self._writer.finish(self._meta(policy, seed))

    def drain(self, policy: str, seed: int) -> Recording:
        """What was collected since the last time, as a part of the whole; it goes on."""
        self.drained = self.seconds
        return self._writer.drain(self._meta(policy, seed))

    def _meta(self, policy: str, seed: int) -> dict[str, Any]:
        """A job that still runs counts as it stands: not done. One that was broken off did not fail: the person changed
        their mind."""
        steps: list[dict[str, Any]] = []
        for job in self._jobs:
            steps += captioned(
                job.plan, [_told(job, i, self._began) for i in range(len(job.verdicts))], detect(job.text)
            )
        if not steps:
            stood = StepVerdict(STAND.verb, "success", started=0.0, ended=self.seconds)
            steps = [{"verb": STAND.verb, **stood.to_json()}]
        done = all(job.status == "success" for job in self._jobs if job.status != "stopped")
        return {
            "policy": policy,
            "instruction": "; ".join(job.text for job in self._jobs) or STAND.verb,
            "instruction_json": {"steps": [said for job in self._jobs for said in job.instruction.to_json()["steps"]]},
            "notes": [note for job in self._jobs for note in job.notes],
            "seed": seed,
            "verdict": "success" if done else "failure",
            "steps": steps,
            "env": self._env.describe(self._env.legs.home.name),
        }


def _told(job: Job, place: int, began: float) -> StepVerdict:
    """The verdict of a step, its times from the recording's beginning on; what was broken off did not fail. Where who
    watches went is not recorded, and nothing marks it."""
    verdict = job.verdicts[place]
    started, ended = (None if time is None else max(0.0, time - began) for time in (verdict.started, verdict.ended))
    broken_off = job.status == "stopped" and verdict.status == "failure"
    goal = None if job.plan.steps[place].tracks else verdict.goal
    status = "pending" if broken_off else verdict.status
    return replace(verdict, started=started, ended=ended, status=status, goal=goal)
