"""Text to Instruction: tokens with positions, a lark grammar, and errors that say what was not understood."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput
from lark.lexer import Lexer
from rapidfuzz import process
from rapidfuzz.distance import OSA
from simonsays.envs.language import english
from simonsays.envs.language.instruction import Instruction, ObjectRef, Step
from simonsays.envs.language.vocabulary import VerbWords, verbs

MAX_LENGTH = 2000  # characters
_LARGEST = 100_000.0
_WORD = re.compile(r"\d+(?:\.\d+)?|\.\d+|[^\W\d_]+(?:'[^\W\d_]+)?|[,.;!?°]|\S")
_MARKS = {",": "COMMA", ";": "END", ".": "END", "!": "END", "?": "END"}

_NAMES = {
    "VERB": "a verb",
    "NUMBER": "a number",
    "TYPE": "an object",
    "COLOR": "a colour",
    "DIRECTION": "a direction",
    "SIDE": "left or right",
    "LENGTH": "a unit of length",
    "HAND": "hand or arm",
    "THEN": "'then'",
    "AND": "'and'",
    "SECONDS": "seconds",
    "$END": "the end",
}


class ParseError(ValueError):
    """A text that was not understood.

    Attributes:
        text: the whole text. position: of the first character in question. word: what stands there.
        suggestions: words that may have been meant.
    """

    def __init__(self, message: str, text: str, position: int, word: str, suggestions: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.text, self.position, self.word, self.suggestions = text, position, word, tuple(suggestions)


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int


class _Grammar:
    """One language, compiled: its phrase table and its parser."""

    def __init__(self, known: tuple[VerbWords, ...]) -> None:
        self.verbs = {words.verb: words for words in known}
        self.table = english.table(self.verbs)
        self.longest = max(len(phrase) for phrase in self.table)
        self.words = sorted({word for phrase in self.table for word in phrase})
        grammar = Path(__file__).with_name("english.lark").read_text(encoding="utf-8")
        self.lark = Lark(grammar, parser="lalr", start="instruction", lexer=_NoLexer)


class _NoLexer(Lexer):
    """Lark's slot for a lexer; tokens are fed one by one instead."""

    def __init__(self, *_: Any) -> None: ...

    def lex(self, *_: Any) -> Any:
        return iter(())


@lru_cache(maxsize=4)
def _compiled(key: tuple[tuple[str, tuple[str, ...]], ...]) -> _Grammar:
    return _Grammar(tuple(verbs().values()))


def _grammar() -> _Grammar:
    return _compiled(tuple((words.verb, words.words.get("en", ())) for words in verbs().values()))


def parse(text: str, language: str = "en") -> Instruction:
    """The meaning of a sentence.

    Raises:
        ParseError: empty or too long, an unknown word (with suggestions), a known one where it makes no sense, a
            slot that a verb does not take, or an impossible number.
    """
    if language != "en":
        raise ValueError(f"language {language!r}: this version understands 'en'")
    if not text.strip():
        raise ParseError("the instruction is empty; try: walk forward two metres", text, 0, "")
    if len(text) > MAX_LENGTH:
        message = f"the instruction has {len(text):,} characters; at most {MAX_LENGTH:,} are read"
        raise ParseError(message, text, MAX_LENGTH, "")
    grammar = _grammar()
    words = [_Word(m.group().lower(), m.start(), m.end()) for m in _WORD.finditer(text)]
    tree = _feed(grammar, words, text)
    return _Builder(grammar, text).instruction(tree)


def _feed(grammar: _Grammar, words: list[_Word], text: str) -> Tree[Token]:
    state: Any = grammar.lark.parse_interactive("")
    i = 0
    while i < len(words):
        i = _feed_one(grammar, state, words, i, text)
    try:
        tree: Tree[Token] = state.feed_eof()
        return tree
    except UnexpectedInput as error:
        expected = _expected(state.accepts())
        raise ParseError(f"the sentence stops too early; {expected}", text, len(text), "") from error


def _feed_one(grammar: _Grammar, state: Any, words: list[_Word], i: int, text: str) -> int:
    """Feed the phrase that begins at word ``i``; returns the place after it."""
    candidates = list(_candidates(grammar, words, i, text))
    if not candidates:
        raise _unknown(grammar, words[i], i, text)
    for length, kind, value in candidates:
        if kind == "POLITE":
            return i + length
        start = words[i].start
        token = Token(kind, value, start_pos=start, end_pos=words[i + length - 1].end)
        try:
            state.feed_token(token)
        except UnexpectedInput:
            continue
        return i + length
    length = candidates[0][0]
    word = text[words[i].start : words[i + length - 1].end]
    expected = _expected(state.accepts())
    message = f"I know {word!r} (word {i + 1}, position {words[i].start}), but not at this place; {expected}"
    raise ParseError(message, text, words[i].start, word)


def _candidates(grammar: _Grammar, words: list[_Word], i: int, text: str) -> Iterator[tuple[int, str, Any]]:
    word = words[i]
    if word.text in _MARKS:
        yield 1, _MARKS[word.text], word.text
        return
    if word.text[0].isdecimal() or (word.text[0] == "." and len(word.text) > 1):
        number = float(word.text)
        if not 0 < number <= _LARGEST:
            message = f"{word.text} (position {word.start}) is out of range: use a number from 0 to {_LARGEST:,.0f}"
            raise ParseError(message, text, word.start, word.text)
        yield 1, "NUMBER", number
        return
    for length in range(min(grammar.longest, len(words) - i), 0, -1):
        phrase = tuple(w.text for w in words[i : i + length])
        for kind, value in grammar.table.get(phrase, ()):
            yield length, kind, value


def _unknown(grammar: _Grammar, word: _Word, index: int, text: str) -> ParseError:
    close = process.extract(word.text, grammar.words, scorer=OSA.normalized_similarity, limit=3, score_cutoff=0.5)
    suggestions = [match[0] for match in close]
    hint = f" Did you mean {' or '.join(repr(s) for s in suggestions)}?" if suggestions else ""
    message = f"I do not know {word.text!r} (word {index + 1}, position {word.start}).{hint}"
    return ParseError(message, text, word.start, word.text, suggestions)


def _expected(kinds: set[str]) -> str:
    named = [_NAMES[kind] for kind in _NAMES if kind in kinds]
    return f"here I expect {', '.join(named)}" if named else "here I expect something else"


def _tokens(tree: Tree[Token]) -> list[Token]:
    """All tokens under a node, in order."""
    return [token for token in tree.scan_values(lambda _: True) if isinstance(token, Token)]


class _Builder:
    """A parse tree to an Instruction, checking each slot against its verb."""

    def __init__(self, grammar: _Grammar, text: str) -> None:
        self._verbs, self._text = grammar.verbs, text

    def instruction(self, tree: Tree[Token]) -> Instruction:
        steps, joins = [], []
        for child in tree.children:
            if isinstance(child, Tree):
                if child.data == "step":
                    steps.append(self._step(child))
                else:
                    joins.append(str(child.data))
        goals = len(steps) > 1 and all(step.verb == "go_to" for step in steps)
        return Instruction(tuple(steps), unordered=goals and set(joins) == {"and_"})

    def _step(self, tree: Tree[Token]) -> Step:
        verb, *modifiers = tree.children
        assert isinstance(verb, Token)
        name, direction = verb.value  # type: ignore[misc]
        slots: dict[str, Any] = {"direction": direction} if direction else {}
        for modifier in modifiers:
            assert isinstance(modifier, Tree)
            slot, value = getattr(self, f"_{modifier.data}")(modifier)
            if slot in slots:
                self._refuse(modifier, f"{slot.split('_')[0]} is said twice for {self._word(verb)!r}")
            slots[slot] = value
        words = self._verbs[name]
        if "object" in slots and words.with_object is not None:
            words = self._verbs[words.with_object]
        for slot in slots:
            if slot.split("_")[0] not in words.slots:
                allowed = ", ".join(words.slots) or "nothing more"
                self._refuse(
                    verb,
                    f"{self._word(verb)!r} does not take a {slot.split('_')[0]}; it takes {allowed}",
                )
        if words.verb == "turn" and slots.get("direction") in ("forward",):
            self._refuse(verb, "'turn' goes left, right or around, not forward")
        return replace(Step(words.verb), **slots)

    def _word(self, token: Token) -> str:
        return self._text[token.start_pos : token.end_pos]

    def _refuse(self, node: Tree[Token] | Token, message: str) -> None:
        token = node if isinstance(node, Token) else next(iter(_tokens(node)))
        position = token.start_pos or 0
        raise ParseError(f"{message} (position {position})", self._text, position, self._word(token))

    def _number(self, tree: Tree[Token], unit: str) -> float:
        tokens = {token.type: token.value for token in _tokens(tree)}
        amount = float(tokens.get("NUMBER", 1.0))  # "a metre": one
        scale = tokens.get(unit)
        return round(amount * float(scale if scale is not None else 1.0), 6)  # type: ignore[arg-type]

    def _whole(self, tree: Tree[Token], what: str) -> int:
        value = self._number(tree, "")
        if value != math.floor(value):
            self._refuse(tree, f"{value:g} {what}: needs a whole number")
        return int(value)

    def _direction(self, tree: Tree[Token]) -> tuple[str, Any]:
        token = next(t for t in _tokens(tree) if t.type in ("DIRECTION", "SIDE"))
        return "direction", token.value

    def _distance(self, tree: Tree[Token]) -> tuple[str, Any]:
        return "distance_m", self._number(tree, "LENGTH")

    def _angle(self, tree: Tree[Token]) -> tuple[str, Any]:
        for token in (t for t in _tokens(tree) if t.type == "TURN"):
            return "angle_deg", token.value
        return "angle_deg", self._number(tree, "DEGREES")

    def _steps(self, tree: Tree[Token]) -> tuple[str, Any]:
        return "steps", self._whole(tree, "steps")

    def _duration(self, tree: Tree[Token]) -> tuple[str, Any]:
        return "duration_s", self._number(tree, "SECONDS")

    def _count(self, tree: Tree[Token]) -> tuple[str, Any]:
        for token in (t for t in _tokens(tree) if t.type == "TIMES"):
            return "count", token.value
        return "count", self._whole(tree, "times")

    def _speed(self, tree: Tree[Token]) -> tuple[str, Any]:
        return "speed", tree.children[0].value  # type: ignore[union-attr]

    def _side(self, tree: Tree[Token]) -> tuple[str, Any]:
        for token in (t for t in _tokens(tree) if t.type in ("SIDE", "BOTH")):
            return "side", "both" if token.type == "BOTH" else token.value
        hand = next(t for t in _tokens(tree) if t.type == "HAND")
        if self._word(hand).lower().endswith("s"):
            return "side", "both"
        return "side", "right"

    def _target(self, tree: Tree[Token]) -> tuple[str, Any]:
        found = {token.type: token.value for token in _tokens(tree)}
        return "object", ObjectRef(
            type=found["TYPE"],
            color=found.get("COLOR"),
            location=found.get("SIDE"),
            definite="A" not in found,
        )
