"""Words with positions, and the phrases of a language as typed tokens."""

from __future__ import annotations

import gc
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simonsays.envs.language.vocabulary import PIECES

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


UNSUPPORTED, UNABLE = "UNSUPPORTED", "UNABLE"
KINDS: Mapping[str, Mapping[str, Any]] = tomllib.loads(Path(__file__).with_name("kinds.toml").read_text("utf-8"))
"""Kinds of tokens, in the order in which messages name them."""
_NAME = re.compile(r"\{(\w+)\}")


def phrase_table(data: Mapping[str, Mapping[str, Any]]) -> dict[str, list[tuple[Any, list[str]]]]:
    """A phrases.toml as token kind to (value, patterns); the value "any" is None, [names] stand for alternatives."""
    names = data.get("names", {})

    def spelt(pattern: str) -> str:
        return _NAME.sub(lambda match: f"({spelt(names[match[1]])})", pattern) if "{" in pattern else pattern

    return {
        kind: [(_value(kind, key), [spelt(pattern) for pattern in said]) for key, said in values.items()]
        for kind, values in data.items()
        if kind != "names"
    }


def _value(kind: str, key: str) -> Any:
    if key == "any":
        return None
    values = KINDS.get(kind, {}).get("values")
    if values in ("number", "whole"):
        return float(key) if values == "number" else int(key)
    if values in ("limb:side", "way:side"):  # "arm:left"
        return tuple(key.split(":"))
    if kind == "EACH":  # "DIRECTION=left DIRECTION=right"
        return tuple((part, _value(part, value)) for part, value in (one.split("=") for one in key.split()))
    return key


@contextmanager
def uncollected() -> Iterator[None]:
    """What is made here is kept, or gone at once: to look for garbage in it takes a third of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


Entry = tuple[str, Any]


@dataclass(slots=True, eq=False)
class _Node:
    """A place within phrases: which words lead on, and the tokens that end here."""

    next: dict[str, list[_Node]] = field(default_factory=dict)
    ends: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class _State:
    """All the places where the words so far may be at once; worked out when it is first needed."""

    nodes: tuple[_Node, ...]
    ends: tuple[Entry, ...]
    next: dict[str, _State | None] = field(default_factory=dict)


class Phrases:
    """Phrases (sequences of words) and the tokens (kind, value) that they are; a phrase may be several.

    They form an automaton, so that a pattern costs no more than the words in it, however many phrases it is.
    """

    def __init__(self, words: Callable[[str], list[str]] = str.split) -> None:
        self._split = words
        self._root = _Node()
        self._states: dict[tuple[int, ...], _State] = {}
        self.outright: set[Entry] = set()
        """tokens beside which the same words are nothing that cannot be done: what a skill does is no longer UNABLE"""
        self.words: set[str] = set()
        """every word of every phrase, and those that others add, such as those of numbers"""

    def add(self, pattern: str, kind: str, value: Any) -> None:
        """Let the phrases of a pattern (see :func:`vocabulary.alternatives`) be a token too."""
        for node in self._walk(iter(PIECES.findall(pattern)), [self._root]):
            if (kind, value) not in node.ends:
                node.ends.append((kind, value))
        self._states.clear()

    def _walk(self, pieces: Iterator[str], nodes: list[_Node]) -> list[_Node]:
        """The places that a pattern, or a group of it, leads to from some places."""
        reached, now = list[_Node](), nodes
        for piece in pieces:
            if piece == ")":
                break
            if piece == "|":
                reached, now = [*reached, *now], nodes
            elif piece == "(":
                now = self._walk(pieces, now)
            else:
                now = self._follow(now, piece.replace("\\", ""))
        return list(dict.fromkeys([*reached, *now]))

    def _follow(self, nodes: list[_Node], text: str) -> list[_Node]:
        """The place after plain words; it is made."""
        for word in self._split(text.lower()):  # as texts are
            self.words.add(word)
            made = _Node()
            for node in nodes:
                node.next.setdefault(word, []).append(made)
            nodes = [made]
        return nodes

    def matches(self, texts: Sequence[str], start: int) -> Iterator[tuple[int, Entry]]:
        """(number of words, token) of every phrase that begins at a place."""
        state = self._state((self._root,))
        for i in range(start, len(texts)):
            word = texts[i]
            if word not in state.next:
                found = tuple(dict.fromkeys(node for one in state.nodes for node in one.next.get(word, ())))
                state.next[word] = self._state(found) if found else None
            following = state.next[word]
            if following is None:
                return
            state = following
            for entry in state.ends:
                yield i + 1 - start, entry

    def _state(self, nodes: tuple[_Node, ...]) -> _State:
        key = tuple(map(id, nodes))
        if key not in self._states:
            ends = dict.fromkeys(entry for node in nodes for entry in node.ends)
            if not self.outright.isdisjoint(ends):
                ends = {entry: None for entry in ends if entry[0] != UNABLE}
            self._states[key] = _State(nodes, tuple(ends))
        return self._states[key]
