"""A clause among others, as the rules find it, and how its steps compare with theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from lark import Token

from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.instruction import PathShape, Step
from simonsays.envs.language.reading.clause import ClauseReader
from simonsays.envs.language.reading.items import Item
from simonsays.envs.language.reading.source import Memory, tokens

_DETAILS = tuple(entry.name for entry in fields(Step) if entry.name not in ("verb", "span", "parallel_with_prev"))
_WALKED = ("go_to", "march", "run", "follow", "patrol")
"""what "as you walk" may mean"""
_AMOUNTS = {"distance_m", "steps", "duration_s", "angle_deg", "speed", "count"}


def _said(step: Step, name: str) -> Any:
    """What a step says in a slot; None where that is nothing."""
    return getattr(step, name) or None


def covers(done: Step, said: Step) -> bool:
    """Whether a step says nothing that the one before did not."""
    return done.verb == said.verb and all(
        _said(said, name) in (None, _said(done, name)) for name in _DETAILS if name != "speed"
    )


def adds_to(old: Step, new: Step) -> bool:
    """Whether a fragment after a comma says more of the step before: "walk forward, slowly"."""
    pairs = [(_said(old, name), _said(new, name)) for name in _DETAILS]
    return all(before is None or after in (None, before) or _goes_on(before, after) for before, after in pairs)


def _goes_on(before: Any, after: Any) -> bool:
    """Whether more is said of one way: "in a circle, to the left"."""
    if not isinstance(before, PathShape) or not isinstance(after, PathShape):
        return False
    pairs = zip(vars(before).values(), vars(after).values(), strict=True)
    return all(None in (one, other) or one == other for one, other in pairs)


def adds_amounts(before: Step, steps: Sequence[Step]) -> bool:
    """Whether the verb is said again with an amount."""
    if len(steps) != 1 or steps[0].verb != before.verb:
        return False
    said = {name for name in _DETAILS if _said(steps[0], name) not in (None, _said(before, name))}
    return bool(said) and said <= {*_AMOUNTS, *(("side",) if before.side is None else ())}


def elaborates(before: Step, steps: Sequence[Step]) -> bool:
    """Whether a verb is said again only to say how much: "walk left, walk three steps"."""
    placed = before.direction is not None or before.side is not None or before.path is not None
    told = any(_said(before, name) is not None for name in _AMOUNTS - {"speed"})
    return placed and adds_amounts(before, steps) and not told


def is_bare(steps: Sequence[Step]) -> bool:
    return len(steps) == 1 and all(_said(steps[0], name) is None for name in _DETAILS)


def said_already(steps: Sequence[Step], verb: str) -> bool:
    last = steps[-1].verb if steps else ""
    return last == verb or (verb == "walk" and last in _WALKED) or (last, verb) == ("walk", "go_to")


def overridden(old: Step, new: Step) -> Step:
    """The old step with what the correction says."""
    changes = {name: _said(new, name) for name in _DETAILS if _said(new, name) is not None}
    if "object" in changes and old.object is not None and old.verb != "put_next":
        changes["object"] = new.object
    if old.path is not None and "path" in changes and changes["path"].shape == old.path.shape:
        told = {name: value for name, value in vars(changes["path"]).items() if value is not None}
        changes["path"] = replace(old.path, **told)
    if old.path is not None and changes.get("direction") in ("left", "right"):  # "circle the table, clockwise"
        changes["path"] = replace(old.path, side=changes.pop("direction"))
    amounts = ("distance_m", "steps", "duration_s")
    if any(name in changes for name in amounts):
        changes = {**dict.fromkeys(amounts), **changes}
    return replace(old, **changes)


def same_steps(a: Sequence[Step], b: Sequence[Step]) -> bool:
    return [replace(step, speed=None) for step in a] == [replace(step, speed=None) for step in b]


def turned(step: Step) -> bool:
    """Whether a step is half a turn."""
    return step.verb == "turn" and (step.direction == "around" or step.angle_deg == 180.0)


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
        if self.item.node.data != "exist":
            self.reader.notes += tokens(self.item.node)
        if self.rest:
            self.rest[0] = replace(self.rest[0], joints=(*joints, *self.rest[0].without(but)))

    def refuse(self, code: str, message: str, suggestion: str = "") -> ParseError:
        """The error for the clause."""
        return self.reader.refuse(code, self.item.node, message, suggestion)
