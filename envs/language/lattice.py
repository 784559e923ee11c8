"""Words to tokens to a tree: of all the ways to read the words as tokens, the simplest that the grammar accepts.

The same words may be several tokens, so the readings of a text form a lattice. It is searched from left to right:
for every place in the text and every state of lark's LALR parser, the cheapest way to get there is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree
from lark.lexer import Lexer
from lark.parsers.lalr_analysis import Shift

from simonsays.envs.language.tokens import KINDS, Word

_MOST_CACHED = 50_000
SKIPPED = tuple(kind for kind, told in KINDS.items() if told.get("skipped"))
"""tokens that may stand anywhere: the grammar does not see them"""


@dataclass(slots=True, eq=False)
class _Stack:
    """A stack of the parser's states, and where each kind of token leads from it, as far as that was asked."""

    states: tuple[int, ...]
    next: dict[str, _Stack | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A token that may begin at a word: ``length`` words long; ``FILLER`` is passed over."""

    length: int
    kind: str
    value: Any
    cost: float


class _NoLexer(Lexer):
    """Lark's slot for a lexer; tokens are fed one by one instead."""

    def __init__(self, *_: Any) -> None: ...

    def lex(self, *_: Any) -> Any:
        return iter(())


class Grammar:
    """A compiled grammar file.

    Attributes:
        terminals: the kinds of tokens that it uses
        declared: those that it names after %declare
        trees: names of the trees that it makes
    """

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        self._lark = Lark(text, parser="lalr", start="text", lexer=_NoLexer)
        self.terminals = {symbol.name for rule in self._lark.rules for symbol in rule.expansion if symbol.is_term}
        self.declared = set(" ".join(re.findall("^%declare(.*)", text, re.MULTILINE)).split())
        self.trees = {rule.alias or rule.origin.name for rule in self._lark.rules}
        table = self._lark.parse_interactive("").parser_state.parse_conf.parse_table
        self._states: Any = table.states
        self._begin: tuple[int, ...] = (table.start_states["text"],)
        self._end: int = table.end_states["text"]
        self._stacks: dict[tuple[int, ...], _Stack] = {}

    def _stack(self, states: tuple[int, ...]) -> _Stack:
        """The one stack of these states."""
        if len(self._stacks) > _MOST_CACHED:
            self._stacks.clear()
        return self._stacks.setdefault(states, _Stack(states))

    def _advance(self, stack: _Stack, kind: str) -> _Stack | None:
        """The parser's stack of states after a token; None where it cannot stand."""
        states, now = self._states, stack.states
        while True:
            action = states[now[-1]].get(kind)
            if action is None:
                found = None
                break
            step, target = action
            if step is Shift:
                found = (*now, target)
                break
            now = now[: len(now) - len(target.expansion)]
            now = (*now, states[now[-1]][target.origin.name][1])
            if kind == "$END" and now[-1] == self._end:
                found = now
                break
        stack.next[kind] = None if found is None else self._stack(found)
        return stack.next[kind]

    def read(self, words: Sequence[Word], candidates: Any) -> tuple[list[Token] | None, int, set[str]]:
        """The cheapest reading of the words as tokens, fillers included.

        ``candidates(i)`` gives the Candidates that begin at word ``i``.

        Returns the tokens, or None where they make none; the first place that no reading gets past; what may stand
        there.
        """
        best: list[dict[_Stack, tuple[float, Any]]] = [{} for _ in range(len(words) + 1)]
        best[0][self._stack(self._begin)] = (0.0, None)
        furthest = 0
        for i, reached in enumerate(best[:-1]):
            if not reached:
                continue
            furthest = i
            possible = list(candidates(i))
            for stack, (cost, link) in reached.items():
                for candidate in possible:
                    kind = candidate.kind
                    if kind in SKIPPED:
                        after: _Stack | None = stack
                    else:
                        after = stack.next[kind] if kind in stack.next else self._advance(stack, kind)
                    if after is None:
                        continue
                    place, total = best[i + candidate.length], cost + candidate.cost
                    if after not in place or total < place[after][0]:
                        place[after] = (total, (i, candidate, link))
        if best[-1]:
            furthest = len(words)
        expected = {kind for stack in best[furthest] for kind in self._states[stack.states[-1]]}
        if best[-1]:
            ends = [entry for stack, entry in best[-1].items() if self._advance(stack, "$END") is not None]
            if ends:
                return list(_tokens(min(ends, key=lambda entry: entry[0])[1], words)), furthest, expected
        return None, furthest, expected

    def tree(self, tokens: Sequence[Token]) -> Tree[Token]:
        """The tree of tokens that :meth:`read` has accepted."""
        state = self._lark.parse_interactive("")
        for token in tokens:
            if token.type not in SKIPPED:
                state.feed_token(token)
        tree: Tree[Token] = state.feed_eof()  # type: ignore[no-untyped-call]
        return tree


def _tokens(link: Any, words: Sequence[Word]) -> Iterator[Token]:
    chain = []
    while link is not None:
        chain.append(link)
        link = link[2]
    for i, candidate, _ in reversed(chain):
        start, end = words[i].start, words[i + candidate.length - 1].end
        yield Token(candidate.kind, candidate.value, start_pos=start, end_pos=end)
