"""Jobs of a live session: instructions that were said, and what became of them."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Literal

from simonsays.assets.notes import dataclass
from simonsays.envs.language import Instruction, ParseError, detect
from simonsays.envs.language.instruction import START
from simonsays.envs.moves.skill import GroundingError
from simonsays.envs.plan.plan import Plan, StepVerdict, captions
from simonsays.envs.skills import skills
from simonsays.envs.skills.legs.stop import SKILL as STOP
from simonsays.envs.skills.shows.perform import SKILL as PERFORM
from simonsays.experiments.film.words import words_for

JobStatus = Literal["queued", "running", "success", "failure", "stopped"]
ENDED: tuple[JobStatus, ...] = ("success", "failure", "stopped")


@dataclass
class Job:
    """One instruction that was accepted."""

    number: int
    text: str
    instruction: Instruction
    plan: Plan
    corrections: tuple[tuple[str, str], ...] = ()
    """words that were read as others: (word, read as)"""
    by_hand: bool = False
    """somebody steers"""
    status: JobStatus = "queued"
    reason: str = ""
    verdicts: list[StepVerdict] = field(default_factory=list)
    captions: tuple[str, ...] = ()
    """of the steps, in the language of the text"""
    started: float | None = None
    """s of the session"""
    ended: float | None = None

    @property
    def notes(self) -> list[str]:
        """What of the text its reading passed over."""
        return list(self.instruction.to_json().get("notes", []))

    @property
    def stops(self) -> bool:
        """It says no more than to stop, which is done at once."""
        steps = self.instruction.steps
        return len(steps) == 1 and steps[0].verb == STOP.verb and not steps[0].duration_s and steps[0].object is None

    @property
    def passing(self) -> bool:
        """A stop, or somebody's steering: a list of what was done need not have every one of them."""
        return self.stops or self.by_hand

    @property
    def performs(self) -> bool:
        """It is a performance, which can be done again and again."""
        return len(self.instruction.steps) == 1 and self.instruction.steps[0].verb == PERFORM.verb

    @property
    def camera(self) -> str:
        """Name of a camera that shows well the step that runs; empty where none does."""
        running = (place for place, verdict in enumerate(self.verdicts) if verdict.status == "running")
        place = next(running, None)
        return "" if place is None else skills()[self.plan.steps[place].verb].cameras[0]

    def plan_with(self, plan: Plan, verdicts: list[StepVerdict]) -> None:
        """Take a plan and the verdicts that will tell of it."""
        self.plan, self.verdicts, self.captions = plan, verdicts, captions(plan, detect(self.text))

    def to_json(self) -> dict[str, Any]:
        """number, text, status, reason, told (the verdict in words of the text's language, once there is one),
        corrections, notes, again (whether it can be said again); the steps with text, status, reason, seconds."""
        return {
            "number": self.number,
            "text": self.text,
            "status": self.status,
            "reason": self.reason,
            "told": words_for(self.text).verdict(self.status) if self.status in ("success", "failure") else "",
            "corrections": [list(pair) for pair in self.corrections],
            "notes": self.notes,
            "again": not self.passing,
            "steps": [_step_json(*each) for each in zip(self.verdicts, self.captions, strict=True)],
        }

    def kept(self) -> dict[str, Any]:
        """What a program that comes after a killed one needs of it: text, instruction, status and reason."""
        told = {"text": self.text, "instruction": self.instruction.to_json()}
        return {**told, "status": self.status, "reason": self.reason}


def _step_json(verdict: StepVerdict, text: str) -> dict[str, Any]:
    began, ended = verdict.started, verdict.ended
    seconds = None if began is None or ended is None else round(ended - began, 1)
    return {"text": text, "status": verdict.status, "reason": verdict.reason, "seconds": seconds}


@dataclass(frozen=True)
class Refusal:
    """Why an instruction was not accepted; ``span`` are the first character and the last + 1 of the words meant."""

    message: str
    code: str = "refused"
    span: tuple[int, int] | None = None
    suggestions: tuple[str, ...] = ()
    text: str = ""
    """what is refused: a sentence that an answer completed, or the one that was said"""

    @classmethod
    def of(cls, error: ParseError | GroundingError, text: str = "") -> Refusal:
        """What a text's error says."""
        if isinstance(error, GroundingError):
            return cls(str(error), error.code, error.span, error.suggestions, text)
        span = (error.position, error.position + len(error.word)) if error.word else None
        return cls(str(error), error.code, span, error.suggestions, text)

    def to_json(self) -> dict[str, Any]:
        """message, code, span, suggestions and text."""
        span, suggestions = list(self.span) if self.span else None, list(self.suggestions)
        told = {"message": self.message, "code": self.code, "span": span, "suggestions": suggestions}
        return {**told, "text": self.text}


def returns_first(instruction: Instruction) -> bool:
    """Whether it begins by going to the start: that of the session, not of the instruction."""
    first = instruction.steps[0].object if instruction.steps else None
    return first is not None and first.type == START
