"""An exam is sat: each sentence is read and made a plan, without physics, and the answers are counted.

read        the parser makes an Instruction of it
executable  that becomes a plan of skills, in a scene that has what the sentence speaks of
exact       the Instruction is what the exam says that the sentence means
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import median
from time import thread_time
from typing import Any, Literal

from simonsays.assets.defaults import DEFAULT_ROBOT
from simonsays.assets.notes import dataclass
from simonsays.envs.language import Instruction, ParseError, parse
from simonsays.envs.language.tokens import uncollected
from simonsays.envs.moves.skill import GroundingError, skills
from simonsays.envs.plan.plan import ground
from simonsays.experiments.exams.exam import Exam, Question
from simonsays.experiments.exams.stage import stage
from simonsays.sim.robots import get_robot
from simonsays.sim.specs import RobotSpec

_MOST_WORDS, _MOST_MISREAD = 5, 20

Stage = Literal["reading", "planning"]


@dataclass(frozen=True)
class Answer:
    """What came of a question."""

    question: Question
    seconds: float
    """of a processor's time, that reading took"""
    read: Instruction | None = None
    exact: bool | None = None
    """whether it was read as the exam means it; None: the exam does not say, or it was not read"""
    error: ParseError | GroundingError | None = None
    """why it was not read, or cannot be done"""
    words: str = ""
    """those at fault, or the verb that no skill does"""

    @property
    def stage(self) -> Stage | None:
        """Where it was refused; None: it was not."""
        if self.error is None:
            return None
        return "reading" if self.read is None else "planning"

    def refusal(self) -> dict[str, Any]:
        """Why it was refused, as plain data."""
        assert self.error is not None
        text = self.question.text
        return {"text": text, "stage": self.stage, **self.error.to_json(text)}


def sit(
    exam: Exam, asked: Sequence[Question], progress: Callable[[int, int], None] = lambda done, total: None
) -> list[Answer]:
    """The answers to questions of an exam; ``progress(done, total)`` is called after each."""
    robot, answers = get_robot(DEFAULT_ROBOT), list[Answer]()
    skills()  # with the words of all of them
    _warm_up(asked)
    for question in asked:
        answers.append(_answer(exam, question, robot))
        progress(len(answers), len(asked))
    return answers


def _warm_up(asked: Sequence[Question]) -> None:
    """Have the grammars and dictionaries loaded, so that no sentence is charged with that."""
    for question in asked[:1]:
        for text in (question.text, f"{question.text} xyzzy"):
            try:
                parse(text)
            except ParseError:
                continue


def _answer(exam: Exam, question: Question, robot: RobotSpec) -> Answer:
    with uncollected():  # or now and then a sentence would be charged with what all before it have left
        began = thread_time()
        try:
            read = parse(question.text, reading=exam.reading)
        except ParseError as error:
            return Answer(question, thread_time() - began, error=error, words=error.word.lower())
        seconds = thread_time() - began
    exact = None if question.meant is None else exam.same(read, question.meant)
    try:
        ground(read, stage(read), robot)
    except GroundingError as error:
        return Answer(question, seconds, read, exact, error, _at_fault(question.text, read, error))
    return Answer(question, seconds, read, exact)


def _at_fault(text: str, read: Instruction, error: GroundingError) -> str:
    known = skills()
    if error.code == "unsupported_skill":
        for step in read.steps:
            if step.verb not in known and step.span == error.span:
                return step.verb.replace("_", " ")
    return text[slice(*error.span)].lower() if error.span else ""


def marks(answers: Sequence[Answer], seconds: float) -> dict[str, Any]:
    """The figures of an exam, as plain data; ``seconds`` that it took in all."""
    slowest = max(answers, key=lambda answer: answer.seconds)
    wrong = [answer for answer in answers if answer.exact is False]
    groups = dict.fromkeys(answer.question.group for answer in answers)
    return {
        **_counts(answers),
        "refused": _refused(answers),
        "misread": [_misread(answer) for answer in wrong[:_MOST_MISREAD]],
        "groups": {
            group: _counts([answer for answer in answers if answer.question.group == group])
            for group in groups
            if len(groups) > 1
        },
        "time": {
            "median_ms": round(1000 * median(answer.seconds for answer in answers), 3),
            "most_ms": round(1000 * slowest.seconds, 3),
            "slowest": slowest.question.text,
            "total_s": round(seconds, 2),
        },
    }


def _counts(answers: Sequence[Answer]) -> dict[str, Any]:
    told = [answer for answer in answers if answer.question.meant is not None]
    exact = {
        "right": sum(answer.exact is True for answer in told),
        "wrong": sum(answer.exact is False for answer in told),
    }
    return {
        "sentences": len(answers),
        "read": sum(answer.read is not None for answer in answers),
        "executable": sum(answer.error is None for answer in answers),
        "exact": {"of": len(told), **exact} if told else None,
    }


def _refused(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """By where and why, the most frequent first: how many, the words that are most often at fault, and an example."""
    reasons = dict[tuple[Stage | None, str], list[Answer]]()
    for answer in answers:
        if answer.error is not None:
            reasons.setdefault((answer.stage, answer.error.code), []).append(answer)
    found = []
    for (where, code), such in sorted(reasons.items(), key=lambda reason: -len(reason[1])):
        words = Counter(answer.words for answer in such if answer.words)
        example = {"text": such[0].question.text, "message": str(such[0].error)}
        frequent = dict(words.most_common(_MOST_WORDS))
        found.append({"stage": where, "code": code, "sentences": len(such), "words": frequent, "example": example})
    return found


def _misread(answer: Answer) -> dict[str, Any]:
    assert answer.read is not None
    return {"text": answer.question.text, "meant": answer.question.meant, "read": answer.read.to_json()}
