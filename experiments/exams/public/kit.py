"""KIT-ML: what people wrote of motions that were captured. By path.

Plappert, Mandery and Asfour, "The KIT Motion-Language Dataset", Big Data 4(4), 2016. A motion has its sentences in
``NNNNN_annotations.json``, a list of texts, which may be empty; a folder of those is the data set. Guo et al.'s
"Generating Diverse and Natural 3D Human Motions from Text" (HumanML3D, CVPR 2022) has one text file a motion, with
``sentence#tagged words#from#to`` on each line: the sentence is what stands before the first ``#``. Any other text file
has a sentence a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simonsays.assets import InputError
from simonsays.assets.reading import lines, read_json
from simonsays.experiments.exams.exam import FOLDER, Exam, Question, register_exam

_PARTS = 4  # of a line of HumanML3D's


def _text(file: Path) -> Iterator[Question]:
    for number, line in lines(file):
        parts = line.split("#")
        text = parts[0].strip() if len(parts) == _PARTS else line
        if not text:
            raise InputError(f"{file}, line {number}: no sentence before the first '#'")
        yield Question(text)


def _annotations(file: Path) -> Iterator[Question]:
    """A list of texts, or several such lists by the names of their motions."""
    data: Any = read_json(file)
    if not isinstance(data, list | dict):
        raise InputError(f"{file}, line 1: needs a list of sentences, or an object with such lists, not {data!r:.40}")
    for name, said in data.items() if isinstance(data, dict) else [("", data)]:
        place = f"{file}, motion {name!r}" if name else str(file)
        if not isinstance(said, list):
            raise InputError(f"{place}: needs a list of sentences, not {said!r:.40}")
        for number, text in enumerate(said, start=1):
            if not isinstance(text, str) or not text.strip():
                raise InputError(f"{place}, sentence {number}: needs a text, not {text!r:.40}")
            yield Question(text.strip())


def _folder(folder: Path) -> Iterator[Question]:
    files = sorted(folder.rglob("*_annotations.json")) or sorted(folder.rglob("*.txt"))
    if not files:
        raise InputError(f"{folder}: neither *_annotations.json nor .txt files in it")
    return (question for file in files for question in (_text if file.suffix == ".txt" else _annotations)(file))


register_exam(
    Exam(
        "kit",
        "KIT-ML: what people wrote of captured motions (by path)",
        "Plappert, Mandery and Asfour, Big Data 4(4), 2016",
        formats={".txt": _text, ".json": _annotations, FOLDER: _folder},
    )
)
