"""What stands before a sentence in a conversation: what was done, what there is, and what was asked."""

from __future__ import annotations

from dataclasses import dataclass

from simonsays.envs.language.errors import Refusal, with_suggestion
from simonsays.envs.language.instruction import PLACE, START, VIEWER, Instruction, ObjectRef, Step


@dataclass(frozen=True)
class Question:
    """What a sentence left open: it was refused, and the next one may answer.

    Attributes:
        text: the sentence; span: first and last character + 1 of the words in question
        suggestions: what could stand there instead
        steps: what the sentence means, where it was understood
        wanted: which of the things of these steps is not clear
    """

    text: str
    span: tuple[int, int] | None = None
    suggestions: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    wanted: ObjectRef | None = None

    @classmethod
    def of(cls, error: Refusal, text: str, said: Instruction | None = None) -> Question:
        """What a refusal asks of a text, which means ``said`` where it was understood."""
        steps = said.steps if said is not None else ()
        unclear = error.code in ("ambiguous_object", "no_such_object")
        named = (ref for step in steps for ref in (step.object, step.object2) if ref is not None)
        wanted = next((ref for ref in named if unclear and ref.span == error.span), None)
        return cls(text, error.span, error.suggestions, steps, wanted)

    def with_suggestion(self, suggestion: str) -> str:
        """The sentence with a suggestion in the place of the words in question."""
        return with_suggestion(self.text, self.span, suggestion)


@dataclass(frozen=True)
class Context:
    """What a sentence may take up: "it", "there", "again", "the other one", "faster", "no, the blue one".

    Attributes:
        done: the steps of the last instruction, each thing named so that nothing else is meant now
        things: all there is, named so, the nearest first
        question: what is still open
        names: of the robots that hear it
    """

    done: tuple[Step, ...] = ()
    things: tuple[ObjectRef, ...] = ()
    question: Question | None = None
    names: tuple[str, ...] = ()

    @property
    def thing(self) -> ObjectRef | None:
        """What "it" is: the last thing that something was done with."""
        if self.question is not None and self.question.wanted is not None:
            return self.question.wanted
        return next((ref for step in reversed(self.done) if (ref := thing_of(step)) is not None), None)

    def others(self, than: ObjectRef, kind: str | None = None) -> tuple[ObjectRef, ...]:
        """The other things of a kind; where none is said, of one thing's, of its colour first."""
        alike = [ref for ref in self.things if ref.type == (kind or than.type) and ref != than]
        return tuple([ref for ref in alike if kind is None and ref.color == than.color] or alike)


def thing_of(step: Step) -> ObjectRef | None:
    """The thing that a step is about; that by which a place is told."""
    ref = step.object
    while ref is not None and ref.type == PLACE:
        ref = ref.object
    return None if ref is None or ref.type in (START, VIEWER) else ref


NO_CONTEXT = Context()
