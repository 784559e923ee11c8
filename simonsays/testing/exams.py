"""The contract of an exam: what ``simon exam`` relies on."""

from __future__ import annotations

from pathlib import Path

from simonsays.testing._holding import accepted, holds


def check_exam(name: str, *, data: str | Path | None = None, limit: int = 30) -> None:
    """Check an exam by ``limit`` of its questions, or of those of ``data``, where they come by path alone.

    The same seed gives the same questions. Each has words, and what it means can be compared with what is read.

    Raises:
        AssertionError: something does not hold; the message says what.
    """
    from simonsays.experiments.exams.exam import EXAMS, Question, questions
    from simonsays.experiments.exams.marking import sit

    what = f"exam {name!r}"
    holds(name in EXAMS, f"{what}: there is none of that name")
    exam, file = EXAMS[name], None if data is None else Path(data)
    holds(exam.name == name, f"{what}: it calls itself {exam.name!r}")
    with accepted(what):
        asked = questions(exam, file, limit)
        again = questions(exam, file, limit)
    holds(asked == again, f"{what}: the same seed gives other questions")
    for question in asked:
        holds(isinstance(question, Question), f"{what}: gives {question!r}, not a Question")
        holds(bool(question.text.strip()), f"{what}: a question has no words")
    for answer in sit(exam, asked):
        told = answer.exact is not None
        wanted = answer.read is not None and answer.question.meant is not None
        holds(
            told == wanted and (not told or isinstance(answer.exact, bool)), f"{what}: its same gives {answer.exact!r}"
        )
