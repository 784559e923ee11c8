"""LiveSession: a live robot that is told in words what to do. It knows nothing of the web."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simonsays.assets import InputError
from simonsays.envs.language import Analysis, Instruction, ParseError
from simonsays.envs.language.context import Context, Question
from simonsays.envs.language.dialogue import hear
from simonsays.envs.language.instruction import Step
from simonsays.envs.moves.skill import GroundingError
from simonsays.envs.plan.plan import Plan
from simonsays.envs.plan.talk import context_of, explained
from simonsays.envs.skills.legs.stop import SKILL as STOP
from simonsays.envs.skills.shows.perform import SKILL as PERFORM
from simonsays.experiments.live.jobs import ENDED, Job, JobStatus, Refusal
from simonsays.experiments.live.offers import in_every_language, why_not
from simonsays.experiments.live.robot import RISE, LiveRobot
from simonsays.sim.specs import SceneSpec

_MOST_QUEUED = 50
_WARM_UP = "walk to the ball and wave"


class LiveSession(LiveRobot):
    """A live robot that takes instructions while it runs: they are queued, or take over from what it does."""

    def warm_up(self) -> None:
        """Load the language and the skills, so that the first instruction is answered as fast as any other."""
        for text in ("wlak to the rde ball", *in_every_language(_WARM_UP)):
            why_not(text, self.scene, self.env.spec_robot)

    def reset(self, scene: SceneSpec | str | Path | None = None) -> None:
        """As :meth:`LiveRobot.reset`; nothing that was said before is taken up after it."""
        super().reset(scene)
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
        return context_of(self._done, self.scene_now(), self._question)

    def refuse(self, error: ParseError | GroundingError, read: Analysis | None = None) -> Refusal:
        """Why a text was not accepted; where it asks, the next one may answer."""
        text = read.text if read is not None else getattr(error, "text", "")
        if error.asks:
            self._question = Question.of(error, text, None if read is None else read.instruction)
        return Refusal.of(error, text)

    def accept(self, text: str, analysis: Analysis, *, now: bool = False) -> Job | Refusal:
        """As :meth:`submit`, of a text that has been read already."""
        try:
            corrections = tuple((correction.word, correction.read_as) for correction in analysis.corrections)
            return self._admit(text, analysis.instruction, corrections, now)
        except GroundingError as error:
            told = explained(error, analysis, self.scene_now(), (self.env.spec_robot,), self.context)
            return self.refuse(told, analysis)

    def say_again(self, number: int, *, now: bool = False) -> Job | Refusal:
        """Do once more what a job of this number said, where things are now."""
        job = next((job for job in self.jobs if job.number == number), None)
        if job is None:
            return Refusal(f"no instruction {number} is kept any more; say it anew", "gone")
        return self.do(job.text, job.instruction, now=now)

    def perform(self, name: str, title: str) -> Job | Refusal:
        """Queue a performance by its name; while :attr:`looping` is set it is done again and again."""
        return self.do(title, Instruction((Step(PERFORM.verb, name=name),)))

    def take_up(self, jobs: list[Any]) -> None:
        """Go on with the jobs of a program that was killed, as :meth:`Job.kept` tells them: what waited waits.

        Raises:
            InputError: they are none.
        """
        for told in jobs:
            if not isinstance(told, dict):
                raise InputError("the jobs of the session: each needs a table")
            text, status, read = str(told.get("text")), told.get("status"), Instruction.from_json(told["instruction"])
            if status == "queued":
                self.do(text, read)
                continue
            over: JobStatus = "success" if status == "success" else "failure" if status == "failure" else "stopped"
            job = self._job(text, Plan(read, ()))
            self._enter(job, now=False)
            self._end(job, over, str(told.get("reason") or "") if status in ENDED else "its program was killed")

    def rise(self) -> Job | Refusal:
        """Let a robot that has fallen get up, where it :attr:`can_rise`."""
        return self.do(RISE.replace("_", " "), Instruction((Step(RISE),)), now=True)

    def do(self, text: str, instruction: Instruction, *, now: bool = False) -> Job | Refusal:
        """As :meth:`submit`, of an Instruction and what it is called."""
        try:
            return self._admit(text, instruction, (), now)
        except GroundingError as error:
            return Refusal.of(error, text)

    def _admit(
        self, text: str, instruction: Instruction, corrections: tuple[tuple[str, str], ...], now: bool
    ) -> Job | Refusal:
        if sum(job.status == "queued" for job in self.jobs) >= _MOST_QUEUED:
            return Refusal(f"{_MOST_QUEUED} instructions wait already; let it do some of them first", "full")
        plan, fell = self._ground(instruction), self.fallen
        if fell and not plan.steps[0].rises:
            return Refusal("the robot has fallen; tell it to get up, or reset it first", "fallen")
        job = self._job(text, plan, corrections)
        self._question, self.fallen, self._lain = None, False, 0
        if job.stops:
            self.clear(f"stopped by {text!r}")
        else:
            self._done = plan
        self._enter(job, now or job.stops or fell)
        return job

    def stop(self) -> None:
        """What "stop" does: end what runs and forget what waits. Where nothing does either, nothing is to be done."""
        if not self.fallen and any(job.status not in ENDED for job in self.jobs):
            self.submit(STOP.example, now=True)
