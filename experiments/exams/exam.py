"""What an exam is, its questions, and which exams there are.

An exam is a public set of instructions that nobody here wrote. Either a published grammar makes its sentences, or they
are given by path, since their licence does not let us ship them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.assets.reading import lines
from simonsays.assets.registry import Registry
from simonsays.envs.language.instruction import Instruction
from simonsays.envs.language.parser import Reading

FOLDER = "a folder"
"""stands for one among the endings of files that an exam reads"""


@dataclass(frozen=True)
class Question:
    """A sentence of an exam."""

    text: str
    meant: Any = None
    """what it means, in the form that the exam's ``same`` compares; None: the exam does not say"""
    group: str = ""
    """what is counted apart too: a level, an adverb; empty: nothing"""


Draw = Callable[[Random], Iterator[Question]]
Read = Callable[[Path], Iterator[Question]]


def sentences(file: Path) -> Iterator[Question]:
    """One sentence a line.

    Raises:
        InputError: as :func:`.files.lines`.
    """
    return (Question(text) for _, text in lines(file))


def same_steps(read: Instruction, meant: Any) -> bool:
    """Whether an Instruction is the one that an Instruction JSON has, whatever its notes say."""
    return bool({name: value for name, value in read.to_json().items() if name != "notes"} == meant)


@dataclass(frozen=True)
class Exam:
    """A public set of instructions."""

    name: str
    title: str
    """what it is, in a line"""
    source: str
    """the publication that its grammar or its data's format is from, and the licence of the data"""
    draw: Draw | None = None
    """its questions by its grammar, any choice by the generator that it is given; None: they come by path alone"""
    usual: int | None = None
    """how many are drawn where nobody says, of an exam that never ends; None: it ends by itself"""
    formats: Mapping[str, Read] = field(default_factory=lambda: {".txt": sentences})
    """readers of the files that may be given, by the files' endings or FOLDER; each raises an InputError that names
    file and line"""
    reading: Reading = "everyday"
    """how it means its sentences: SCAN's "walk left" is a turn and a walk"""
    same: Callable[[Instruction, Any], bool] = same_steps
    """whether an Instruction is what a question means"""


EXAMS: Registry[Exam] = Registry("exam", "simonsays.experiments.exams.public")


def register_exam(exam: Exam) -> Exam:
    """Make an exam known by its name.

    Raises:
        InputError: another module has registered one of that name.
    """
    return EXAMS.register(exam.name, exam)


def questions(exam: Exam, data: Path | None = None, limit: int | None = None, seed: int = 0) -> list[Question]:
    """The questions of an exam: those of its data, where that is given, else those that its grammar makes.

    Args:
        limit: at most so many. Of an exam that ends, and of data, a choice in their order.
        seed: of that choice, and of an exam that never ends.

    Raises:
        InputError: no such data, nothing in it or not in the form that the exam reads; or none is given and it has no
            grammar.
    """
    random = Random(seed)
    if data is not None:
        found = list(_reader(exam, data)(data))
        if not found:
            raise InputError(f"{data}: there is no sentence in it")
    elif exam.draw is None:
        raise InputError(
            f"exam {exam.name!r}: its sentences are not ours to ship; give them with --data: {known_formats(exam)}"
        )
    else:
        found = list(islice(exam.draw(random), limit or exam.usual) if exam.usual else exam.draw(random))
    if limit is not None and limit < len(found):
        found = [found[place] for place in sorted(random.sample(range(len(found)), limit))]
    return found


def known_formats(exam: Exam) -> str:
    """What its data may be, as ``.txt or a folder``."""
    return " or ".join(exam.formats)


def _reader(exam: Exam, data: Path) -> Read:
    if not data.exists():
        raise InputError(f"{data}: no such file")
    ending = FOLDER if data.is_dir() else data.suffix.lower()
    if ending not in exam.formats:
        raise InputError(
            f"{data}: exam {exam.name!r} reads {known_formats(exam)}, not {ending or 'a file without one'}"
        )
    return exam.formats[ending]
