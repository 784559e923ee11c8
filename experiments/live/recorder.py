"""Recording a part of a live session, as any run is recorded."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from simonsays.envs.env import HumanoidEnv
from simonsays.envs.language import Instruction, detect
from simonsays.envs.plan.captions import captioned
from simonsays.envs.plan.plan import StepVerdict
from simonsays.envs.skills.legs.stand import SKILL as STAND
from simonsays.experiments.live.jobs import Job
from simonsays.sim.recording import Act, Recording, RecordingWriter
from simonsays.sim.specs import SceneSpec


class Recorder:
    """Collects what happens from now on; its time begins at zero, and its plan is that of all jobs in a row."""

    def __init__(self, env: HumanoidEnv, scene: SceneSpec) -> None:
        self._env, self._scene, self._began = env, scene, env.reading.time
        self._writer = RecordingWriter(env.robot.joint_names, list(env.world.props))
        self._jobs: list[Job] = []
        self._step = 0

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
        state = replace(self._env.reading, time=self.seconds)
        self._writer.append(state, *self._env.world.prop_poses(), self._step)

    def act(self, act: Act) -> None:
        """What was done at this instant."""
        self._writer.act(act)

    def finish(self, robot: str, policy: str, seed: int) -> Recording:
        """All that was collected. A job that still runs counts as it stands: not done. One that was broken off did not
        fail: the person changed their mind.
        """
        steps: list[dict[str, Any]] = []
        for job in self._jobs:
            steps += captioned(job.plan, [_shifted(verdict, self._began) for verdict in _of(job)], detect(job.text))
        if not steps:
            stood = StepVerdict(STAND.verb, "success", started=0.0, ended=self.seconds)
            steps = [{"verb": STAND.verb, **stood.to_json()}]
        done = all(job.status == "success" for job in self._jobs if job.status != "stopped")
        versions = {name: importlib.metadata.version(name) for name in ("simonsays", "pybullet", "numpy")}
        meta: dict[str, Any] = {
            "format": 3,
            "robot": robot,
            "policy": policy,
            "scene_name": self._scene.name,
            "scene": self._scene.to_dict(),
            "instruction": "; ".join(job.text for job in self._jobs) or STAND.verb,
            "instruction_json": _joined([job.instruction for job in self._jobs]),
            "seed": seed,
            "versions": {"python": sys.version.split()[0], **versions},
            "verdict": "success" if done else "failure",
            "steps": steps,
            "env": self._env.describe(),
        }
        return self._writer.finish(meta)


def _of(job: Job) -> list[StepVerdict]:
    if job.status != "stopped":
        return job.verdicts
    return [replace(verdict, status="pending") if verdict.status == "failure" else verdict for verdict in job.verdicts]


def _shifted(verdict: StepVerdict, began: float) -> StepVerdict:
    """A verdict whose times count from the recording's beginning."""
    started, ended = (None if time is None else max(0.0, time - began) for time in (verdict.started, verdict.ended))
    return replace(verdict, started=started, ended=ended)


def _joined(instructions: Sequence[Instruction]) -> dict[str, Any]:
    return {"steps": [step for instruction in instructions for step in instruction.to_json()["steps"]]}
