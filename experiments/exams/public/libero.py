"""LIBERO: what a robot arm is told in kitchens, living rooms and studies. By path.

Liu et al., "LIBERO: Benchmarking Knowledge Transfer for Lifelong Robot Learning", NeurIPS 2023 (code MIT, data CC BY
4.0). A task is a ``.bddl`` file, whose sentence stands in ``(:language ...)``; a folder of them is
``libero/libero/bddl_files``, where the folder within it is the suite. LeRobot's data sets have the sentences in
``meta/tasks.jsonl``. The same sentence is said in several rooms; it is asked once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from simonsays.assets import InputError
from simonsays.assets.reading import lines, parse_json, read_text
from simonsays.experiments.exams.exam import FOLDER, Exam, Question, register_exam, sentences

_LANGUAGE = re.compile(r"\(:language\s+([^()]+)\)")


def _once(questions: Iterable[Question]) -> Iterator[Question]:
    return iter({question.text: question for question in questions}.values())


def _task(file: Path) -> Iterator[Question]:
    said = _LANGUAGE.search(read_text(file))
    if said is None:
        raise InputError(f"{file}, line 1: no (:language ...) from here on, as LIBERO's tasks have it")
    yield Question(" ".join(said[1].split()), group=file.parent.name)


def _suites(folder: Path) -> Iterator[Question]:
    files = sorted(folder.rglob("*.bddl"))
    if not files:
        raise InputError(f"{folder}: no .bddl file in it, nor in its folders")
    return _once(question for file in files for question in _task(file))


def _tasks(file: Path) -> Iterator[Question]:
    return _once(_entries(file))


def _entries(file: Path) -> Iterator[Question]:
    for number, line in lines(file):
        entry = parse_json(line, file, number)
        text = entry.get("task") if isinstance(entry, dict) else None
        if not isinstance(text, str) or not text.strip():
            raise InputError(
                f'{file}, line {number}: needs {{"task": SENTENCE}}, as LeRobot\'s meta/tasks.jsonl has it'
            )
        yield Question(text)


def _lines(file: Path) -> Iterator[Question]:
    return _once(sentences(file))


register_exam(
    Exam(
        "libero",
        "LIBERO: tasks of a robot arm among things of a household (by path)",
        "Liu et al., NeurIPS 2023; code MIT, data CC BY 4.0",
        formats={".txt": _lines, ".bddl": _task, ".jsonl": _tasks, FOLDER: _suites},
    )
)
