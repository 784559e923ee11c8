"""What a clause corrects of the one before it: a part, a number, or all of it."""

from __future__ import annotations

from dataclasses import replace

from lark import Token, Tree

from simonsays.envs.language.reading.heard import Heard, is_bare, overridden
from simonsays.envs.language.reading.items import swap
from simonsays.envs.language.reading.source import tokens

_CORRECTABLE = {"SIDE", "LIMB", "DIRECTION", "NOUN", "LENGTH", "DEGREES", "STEPS"}


def interrupted(heard: Heard) -> bool:
    """Whether the clause before is a "wait" that corrects."""
    before = heard.kept[-1] if len(heard.kept) > 1 else None
    if before is None or not heard.fragment or not heard.found.keys() & _CORRECTABLE:
        return False
    return is_bare(before.steps) and before.steps[0].verb == "stop" and heard.reader.says("wait", before.node)


def interrupt(heard: Heard) -> None:
    """The clause corrects what stood before the wait."""
    heard.kept.pop()
    heard.corrects = True


def _numbers(node: Tree[Token]) -> list[Token]:
    return [token for token in tokens(node) if token.type == "NUMBER"]


def corrects(heard: Heard) -> bool:
    """Whether the clause corrects a step."""
    return heard.corrects and heard.last is not None


def renumbers(heard: Heard) -> bool:
    """Whether it is only another number."""
    if not corrects(heard) or not heard.fragment:
        return False
    return heard.found.keys() == {"BARE_NUMBER"} and len(_numbers(heard.kept[-1].node)) == 1


def renumber(heard: Heard) -> None:
    """Read the clause before with the other number."""
    before = heard.kept[-1]
    (old,) = _numbers(before.node)
    node = swap(before.node, old, old.update(value=heard.found["BARE_NUMBER"].value))
    heard.reader.note(old)
    heard.kept[-1] = replace(before, node=node, steps=tuple(heard.reader.steps(node, heard.memory)))


def mend(heard: Heard) -> None:
    """The step before with what the clause says."""
    before = heard.kept[-1]
    heard.memory.step = before.steps[-1]
    said = heard.reader.steps(heard.item.node, heard.memory)[0]
    heard.note_replaced(said)
    heard.kept.pop()
    heard.keep([*before.steps[:-1], overridden(before.steps[-1], said)], before.without("CORRECT"))


def replace_all(heard: Heard) -> None:
    """The clause in the place of the one before."""
    if any(heard.reader.says("amends", token) for token in heard.item.joints if token.type == "CORRECT"):
        raise heard.refuse("nonsense", "I do not know what this changes", "Say it in other words, or without it")
    steps = heard.reader.steps(heard.item.node, heard.memory)
    before = heard.kept.pop()
    heard.reader.note(before.node)
    heard.keep(steps, before.without("CORRECT"))
