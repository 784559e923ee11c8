"""Instruction sets as data: sentences with a scene and the Instruction that they mean, in four splits.

``python -m simonsays.experiments.instruction_sets`` rewrites ``experiments/instructions/*.toml`` from the words and
templates here; the same files come out each time. What a sentence should mean is known from its template, never from
the parser.
"""

from __future__ import annotations

from pathlib import Path

from simonsays.assets.registry import INSTRUCTION_SETS
from simonsays.experiments.instruction_sets.loading import Example, Language, read_examples
from simonsays.experiments.instruction_sets.sentences import normalised
from simonsays.experiments.instruction_sets.writing import generate

__all__ = ["FOLDER", "SPLITS", "Example", "Language", "generate", "load_split", "normalised"]

SPLITS = ("train", "paraphrase", "composition", "long")
FOLDER = Path(__file__).resolve().parent.parent / "instructions"


def load_split(name_or_path: str | Path) -> tuple[Example, ...]:
    """The examples of a set by its name, ours or a plug-in's, or by its file's path, in the order of the file.

    Raises:
        InputError: no such set; or its file is missing or not TOML, or an entry of it is incomplete or breaks the
            contract of the Instruction JSON; the message names file and entry.
    """
    return read_examples(INSTRUCTION_SETS.find(name_or_path))
