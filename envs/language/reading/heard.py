"""A clause among others, as the rules find it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from lark import Token

from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.instruction import Step
from simonsays.envs.language.reading.clause import ClauseReader
from simonsays.envs.language.reading.compare import adds_to
from simonsays.envs.language.reading.items import Item
from simonsays.envs.language.reading.source import Memory, tokens


@dataclass
class Heard:
    """A clause with those before and after it, as a rule finds it.

    Attributes:
        rest: the clauses after it
        kept: those before it that something is to be done of; what a rule makes of this one goes there
    """

    item: Item
    rest: list[Item]
    kept: list[Item]
    reader: ClauseReader
    memory: Memory

    @cached_property
    def found(self) -> dict[str, Token]:
        """The last token of every kind in the clause."""
        return {token.type: token for token in tokens(self.item.node)}

    @cached_property
    def corrects(self) -> bool:
        """It replaces what was said before it."""
        return bool(self.kept) and ("CORRECT" in self.item.kinds or "INSTEAD" in self.found)

    @property
    def fragment(self) -> bool:
        """It has no verb."""
        return bool(self.item.node.data == "fragment")

    @property
    def last(self) -> Step | None:
        """The last step of the clause before."""
        return self.kept[-1].steps[-1] if self.kept and self.kept[-1].steps else None

    @property
    def steps(self) -> tuple[Step, ...]:
        """What the clause asks for by itself; it is read when it is first asked for."""
        if not self.item.steps:
            if self.fragment and self.last is not None:
                self.memory.step = self.last
            self.memory.close = self.item.kinds <= {"COMMA"}
            self.item = replace(self.item, steps=tuple(self.reader.steps(self.item.node, self.memory)))
        return self.item.steps

    def keep(self, steps: Sequence[Step] = (), joints: tuple[Token, ...] | None = None) -> None:
        """Keep the clause, as it is read or with other steps and joints."""
        joints = self.item.joints if joints is None else joints
        self.kept.append(replace(self.item, steps=tuple(steps) or self.steps, joints=joints))

    def amend(self, step: Step) -> None:
        """Put another step in the place of the last one."""
        self.kept[-1] = replace(self.kept[-1], steps=(*self.kept[-1].steps[:-1], step))
        self.memory.step = step

    def note_replaced(self, said: Step) -> None:
        """Note what of the clause before this one takes back: what ends as its parts do, or all of it."""
        before = self.kept[-1]
        kinds = {list(tokens(part))[-1].type for part in self.item.node.children}
        parts = [part for part in before.node.children if list(tokens(part))[-1].type in kinds]
        if not adds_to(before.steps[-1], said):
            self.reader.note(*parts or [before.node])

    def pass_on(self, joints: Sequence[Token], but: str = "") -> None:
        """Pass the clause over: what joined it to the one before joins the next, which loses its joints of a kind."""
        self.reader.notes += tokens(self.item.node)
        if self.rest:
            self.rest[0] = replace(self.rest[0], joints=(*joints, *self.rest[0].without(but)))

    def refuse(self, code: str, message: str, suggestion: str = "") -> ParseError:
        """The error for the clause."""
        return self.reader.refuse(code, self.item.node, message, suggestion)
