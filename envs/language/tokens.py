"""Words with positions, and the phrases of a language as typed tokens."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from simonsays.envs.language.vocabulary import alternatives

_WORD = re.compile(
    r"[-\u2212]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[-\u2212]?\.\d+|[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+(?:'[^\W\d_\u3400-\u9fff]+)*|\S"
)
_NUMBER = re.compile(r"[-\u2212]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)")
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])|(?<=\d)-(?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, a number, a mark, or a Chinese character; ``start`` and ``end`` are places in the text."""

    text: str
    start: int
    end: int

    @property
    def number(self) -> float | None:
        """Its value where it is written in digits."""
        if not _NUMBER.fullmatch(self.text):
            return None
        return float(self.text.replace(",", "").replace("\u2212", "-"))


def split(text: str) -> list[Word]:
    """The words of a text: lower case, full-width forms as plain ones, hyphens between letters as spaces."""
    plain = "".join(_plain(character) for character in text)
    plain = _HYPHEN.sub(" ", plain)
    return [Word(match.group(), match.start(), match.end()) for match in _WORD.finditer(plain)]


def _plain(character: str) -> str:
    if character in "\u2018\u2019\u02bc":
        return "'"
    folded = unicodedata.normalize("NFKC", character).lower()
    return folded if len(folded) == 1 else character  # positions must stay those of the text


UNSUPPORTED = "UNSUPPORTED"
"""the kind of verbs that people say and no Instruction can: not a token, but a code of the error"""
_NUMERIC = ("LENGTH", "SPEED_UNIT", "DEGREES", "TURN", "SECONDS", "COUNT", "ORDINAL", "HALF_MORE", "PER_SECOND")


@cache
def phrase_file(name: str) -> dict[str, list[tuple[Any, list[str]]]]:
    """A language's phrases: token kind to (value, phrases); the value "any" is None."""
    data = tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return {
        kind: [(_value(kind, key), [p for one in said for p in alternatives(one)]) for key, said in values.items()]
        for kind, values in data.items()
    }


def _value(kind: str, key: str) -> Any:
    if kind in _NUMERIC and key != "any":
        number = float(key)
        return int(number) if number.is_integer() and kind in ("COUNT", "ORDINAL") else number
    return None if key == "any" else key


Entry = tuple[str, Any]


@dataclass
class Phrases:
    """Phrases (tuples of words) to tokens (kind, value); a phrase may be several."""

    table: dict[tuple[str, ...], list[Entry]] = field(default_factory=dict)
    extra_words: set[str] = field(default_factory=set)
    """words that are no phrase, such as those of numbers"""

    def add(self, phrase: list[str] | tuple[str, ...], kind: str, value: Any) -> None:
        """Let a phrase be a token too."""
        entries = self.table.setdefault(tuple(phrase), [])
        if (kind, value) not in entries:
            entries.append((kind, value))

    def add_all(self, listed: Mapping[str, Iterable[tuple[Any, Iterable[str]]]]) -> None:
        """Add the phrases of a file, as :func:`phrase_file` reads it."""
        for kind, entries in listed.items():
            for value, said in entries:
                for phrase in said:
                    if kind != UNSUPPORTED:
                        self.add(phrase.split(), kind, value)

    @property
    def longest(self) -> int:
        """Words in the longest phrase."""
        return max(len(phrase) for phrase in self.table)

    @property
    def words(self) -> set[str]:
        """Every word of every phrase."""
        return {word for phrase in self.table for word in phrase} | self.extra_words
