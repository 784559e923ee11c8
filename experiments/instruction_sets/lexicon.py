"""What a language has to say: its words, the ways to say a verb, and the frames around what is said."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from simonsays.assets.notes import dataclass
from simonsays.envs.language.instruction import START, ObjectRef
from simonsays.experiments.instruction_sets.loading import Language

_FILES: Mapping[Language, str] = {"en": "english.toml", "zh": "mandarin.toml"}

Ways = str | tuple[str, ...]
"""What is drawn from, or a text that is said without a draw."""
Pools = tuple[Ways, ...]
"""The ways of train and those of paraphrase, or one that serves both."""


@dataclass(frozen=True)
class Form:
    """The ways to say a verb with certain fields."""

    verb: str
    slots: tuple[str, ...]
    fixed: Mapping[str, Any]
    """what the words say by themselves"""
    pools: Pools


@dataclass(frozen=True)
class Lexicon:
    """A language, as its file tells it."""

    it: str
    space: str
    numbers: tuple[str, ...]
    words: Mapping[str, Mapping[str, Pools]]
    """by field of a Step and value"""
    forms: Mapping[str, tuple[Form, ...]]
    """by verb"""
    frames: Mapping[str, Pools]
    inflection: Mapping[str, Any]
    """verbs that are inflected oddly, see :class:`Spoken`"""


@cache
def lexicon(language: Language) -> Lexicon:
    """The words of a language."""
    data = tomllib.loads(Path(__file__).with_name(_FILES[language]).read_text(encoding="utf-8"))
    return Lexicon(
        data["it"],
        data["space"],
        tuple(data["numbers"]),
        {name: _pools(table) for name, table in data["words"].items()},
        {
            verb: tuple(_form(verb, slots, pools) for slots, pools in _pools(table).items())
            for verb, table in data["forms"].items()
        },
        _pools(data["frames"]),
        data.get("inflection", {}),
    )


def _pools(table: Mapping[str, list[str | list[str]]]) -> dict[str, Pools]:
    return {
        name: tuple(ways if isinstance(ways, str) else tuple(ways) for ways in pools) for name, pools in table.items()
    }


def _form(verb: str, slots: str, pools: Pools) -> Form:
    fixed: dict[str, Any] = dict(word.split("=") for word in slots.split() if "=" in word)
    if "object" in fixed:
        fixed["object"] = ObjectRef(START)
    if "steps" in fixed:
        fixed["steps"] = int(fixed["steps"])
    return Form(verb, tuple(word for word in slots.split() if "=" not in word), fixed, pools)
