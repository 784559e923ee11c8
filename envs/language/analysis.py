"""What a text means, and how every word of it was taken."""

from __future__ import annotations

from dataclasses import dataclass

from simonsays.envs.language.instruction import Instruction


@dataclass(frozen=True)
class Correction:
    """A word that was read as another."""

    word: str
    read_as: str
    position: int


@dataclass(frozen=True)
class Analysis:
    """What a text means, and how every word of it was taken.

    Attributes:
        fillers: words that say nothing an Instruction has a place for, or were taken back, with their positions
        tokens: (kind, words, position) of every token
        rules: (name, words, position): the rules by which clauses were read, see :mod:`.rules`
    """

    text: str
    language: str
    instruction: Instruction
    corrections: tuple[Correction, ...]
    fillers: tuple[tuple[str, int], ...]
    tokens: tuple[tuple[str, str, int], ...]
    rules: tuple[tuple[str, str, int], ...] = ()
