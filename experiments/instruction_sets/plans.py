"""What a sentence is to say, before it is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from simonsays.envs.language.instruction import START, Instruction, Step
from simonsays.experiments.instruction_sets.lexicon import Form
from simonsays.experiments.instruction_sets.loading import Language


@dataclass(frozen=True)
class Clause:
    """A step and the form in which it is said; ``pronoun``: its object is "it"."""

    form: Form
    step: Step
    pronoun: bool = False


@dataclass(frozen=True)
class Plan:
    """Steps in order, in any order or at once, to be said in a scene."""

    kind: Literal["order", "free", "while"]
    clauses: tuple[Clause, ...]
    scene: str
    language: Language

    @property
    def instruction(self) -> Instruction:
        """What it means."""
        steps = [clause.step for clause in self.clauses]
        if self.kind == "while":
            steps[-1] = replace(steps[-1], parallel_with_prev=True)
        return Instruction(tuple(steps), unordered=self.kind == "free")

    @property
    def where(self) -> str:
        """The scene, or ``empty`` where no object is named."""
        return self.scene if any(s.object and s.object.type != START for s in self.instruction.steps) else "empty"


@dataclass(frozen=True)
class Entry:
    """A plan and a sentence that says it."""

    text: str
    plan: Plan
