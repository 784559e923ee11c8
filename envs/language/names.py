"""Names of robots in a text: where they stand, and as words that the grammar reads as those of things."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from simonsays.envs.language.instruction import ROBOT, Instruction, ObjectRef
from simonsays.envs.language.locale import Locale, Sense
from simonsays.envs.language.tokens import Word

_MARK = "@"  # before a name among the words of a text: no phrase begins so


def name_pattern(names: Sequence[str]) -> str:
    """A regular expression for any of the names, alone in its group; what is written in letters stands by itself."""
    found = []
    for name in sorted(names, key=len, reverse=True):
        first, last = (re.match("[A-Za-z0-9_]", one) for one in (name[0], name[-1]))
        edges = (r"(?<![A-Za-z0-9_])" if first else "", r"(?![A-Za-z0-9_])" if last else "")
        found.append(f"{edges[0]}{re.escape(name)}{edges[1]}")
    return f"(?:{'|'.join(found)})"


def named(said: str, names: Sequence[str]) -> str:
    """The name as it is written in the scene."""
    return next(name for name in names if name.casefold() == said.casefold())


def with_names(words: list[Word], text: str, names: Sequence[str], locale: Locale) -> list[Word]:
    """The words of a text in which each name, or how it is rendered ("the robot Anna"), is one word."""
    if not names:
        return words
    said = str(locale.templates.get("thing", {}).get("robot", "{}"))
    name = name_pattern(names)
    rendered = name.join(map(re.escape, said.split("{}")))
    found = [match.span() for match in re.finditer(f"{rendered}|{name}", text, re.IGNORECASE)]
    kept = [word for word in words if not any(start <= word.start < end for start, end in found)]
    for start, end in found:
        own = re.findall(name, text[start:end], re.IGNORECASE)[-1]
        kept.append(Word(_MARK + named(own, names), start, end))
    return sorted(kept, key=lambda word: word.start)


def senses_of(word: str, locale: Locale) -> Sequence[Sense]:
    """As of the locale; a name is that of a thing."""
    return (Sense("NOUN", word, True),) if word.startswith(_MARK) else locale.senses(word)


def as_robots(meaning: Instruction) -> Instruction:
    """An instruction whose things that were named are robots."""
    return replace(meaning, steps=tuple(_renamed(step) for step in meaning.steps))


def _renamed(part: Any) -> Any:
    changes = {
        entry.name: _renamed(value)
        for entry in fields(part)
        if isinstance(value := getattr(part, entry.name), ObjectRef)
    }
    if isinstance(part, ObjectRef) and part.type.startswith(_MARK):
        changes |= {"type": ROBOT, "name": part.type.removeprefix(_MARK)}
    return replace(part, **changes) if changes else part
