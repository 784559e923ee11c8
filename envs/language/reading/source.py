"""What the readers of one text share: the text, its tokens, and what a clause has said so far."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lark import Token, Tree

from simonsays.envs.language.context import NO_CONTEXT, Context
from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.instruction import ObjectRef, Step
from simonsays.envs.language.locale import Locale
from simonsays.envs.language.vocabulary import VerbWords

Node = Tree[Token] | Token

LIMITS = {
    "distance": (10_000.0, "m"),
    "angle": (36_000.0, "degrees"),
    "duration": (36_000.0, "s"),
    "speed": (20.0, "m/s"),
}
WAYS: Mapping[str, str] = MappingProxyType({"front": "forward", "behind": "backward", "left": "left", "right": "right"})
"""which way a place is"""
_MOST_QUOTED = 60  # characters
_MOST = 1000  # steps and times


def tokens(node: Node) -> Iterator[Token]:
    """All tokens under a node, in order."""
    return iter(_leaves(node))


def _leaves(node: Node) -> Sequence[Token]:
    """The tokens under a node: trees are not changed once they are made, and so keep them."""
    if isinstance(node, Token):
        return (node,)
    if "leaves" not in vars(node):
        vars(node)["leaves"] = tuple(token for child in node.children for token in _leaves(child))
    found: Sequence[Token] = vars(node)["leaves"]
    return found


def span(node: Node) -> tuple[int, int]:
    """First and last character + 1 of a node."""
    found = _leaves(node)
    return (found[0].start_pos or 0, found[-1].end_pos or 0) if found else (0, 0)


def quoted(words: str) -> str:
    """Words as they are quoted in a message: cut where they are long."""
    return repr(words if len(words) <= _MOST_QUOTED else f"{words[:_MOST_QUOTED]}…")


def say_all(locale: Locale, told: Sequence[str]) -> str:
    """Sentences of a message in a language, one after the other; what they are about comes first, with a colon."""
    return "".join(
        locale.told(one) if one.endswith(": ") else locale.told(one) + locale.told(" ") for one in told
    ).strip()


@dataclass
class Memory:
    """What a clause may take up from those before it.

    Attributes:
        limb: the limb and side, where a limb was named after the object
        introduced: what was said to be there: "there is a ball before the box"
        close: no word stands between this clause and the one before
    """

    object: ObjectRef | None = None
    limb: tuple[str, str | None] | None = None
    step: Step | None = None
    introduced: ObjectRef | None = None
    close: bool = False


@dataclass
class Said:
    """What the modifiers of one clause say.

    Attributes:
        sided: "with your right": a side without its limb
        unspoken: the object has no preposition
        place: where it is done, which is no object of what is done
        stepped: what says how many steps. paced: it says in how many
    """

    slots: dict[str, Any] = field(default_factory=dict)
    directions: list[Token] = field(default_factory=list)
    verb: str = ""
    limb: str | None = None
    flags: dict[str, Token] = field(default_factory=dict)
    action: str | None = None
    sided: Token | None = None
    to_object: bool = False
    unspoken: bool = False
    place: ObjectRef | None = None
    stepped: Node | None = None
    paced: bool = False


class Source:
    """One text with its language and the verbs that it may use."""

    def __init__(
        self, text: str, verbs: Mapping[str, VerbWords], locale: Locale, scan: bool, context: Context = NO_CONTEXT
    ) -> None:
        self.text, self.verbs, self.locale, self.scan, self.context = text, verbs, locale, scan, context
        self.notes: list[Token] = []
        """what is understood and says nothing that an Instruction has a place for, or was taken back"""
        self.told: list[tuple[Node, ObjectRef]] = []
        """what is said to be there: its clause and the thing"""
        self.greets = False
        """nothing is said but a greeting"""
        self.rules: list[tuple[str, tuple[int, int]]] = []
        """the rules by which clauses were read, with their places"""

    def refuse(self, code: str, node: Node, message: str, suggestion: str = "") -> ParseError:
        """The error for a node."""
        start, end = span(node)
        word = self.text[start:end]
        asks = message.endswith("?")
        told = [one if one.endswith("?") else f"{one.rstrip('.')}." for one in (message, suggestion) if one]
        where = [f"{quoted(word)}: "] if word else []
        error = ParseError(code, say_all(self.locale, [*where, *told]), self.text, start, word)
        error.open = asks
        return error

    def note(self, *nodes: Node) -> None:
        """Note that the words of each node are passed over, all of them together."""
        for start, end in map(span, nodes):
            self.notes.append(Token("NOTE", "", start_pos=start, end_pos=end))

    def words(self, node: Node) -> str:
        """The text of a node, in lower case."""
        start, end = span(node)
        return self.text[start:end].lower()

    def needs(self, verb: str) -> str | None:
        """The object that a verb cannot do without: object or object2."""
        return self.verbs[verb].needs if verb in self.verbs else None

    def called(self, verb: str) -> str:
        """How a verb is called in a message."""
        return self.locale.called(self.verbs[verb])

    def is_a(self, trait: str, verb: str) -> bool:
        """Whether a verb has a trait."""
        return verb in self.verbs and trait in self.verbs[verb].traits

    def says(self, idiom: str, node: Node | None) -> bool:
        """Whether the words of a node are an idiom of the language."""
        return node is not None and self.locale.says(idiom, self.words(node))

    def spoken(self, idiom: str, ref: ObjectRef) -> bool:
        """Whether the words for a thing are an idiom of the language."""
        return ref.span is not None and self.locale.says(idiom, self.text[slice(*ref.span)].lower())

    def set(self, said: Said, slot: str, value: Any, node: Node) -> None:
        """Note what a slot is said to be; refuses another value than was said before."""
        if said.slots.get(slot, value) != value:
            raise self.refuse("contradiction", node, f"another {slot} was said before it")
        said.slots[slot] = value

    def amount(self, said: Said, slot: str, value: float, node: Node) -> None:
        """Note an amount of a unit; refuses what nobody can walk, turn or wait."""
        most, unit = LIMITS[slot]
        if not 0 < value <= most:
            raise self.refuse("impossible_amount", node, f"needs more than 0 and at most {most:,.0f} {unit}")
        self.set(said, slot, round(value, 6), node)

    def whole(self, value: float, node: Node) -> int:
        """A number of times or steps."""
        if not 0 < value <= _MOST or value != math.floor(value):
            raise self.refuse("impossible_amount", node, f"needs a whole number from 1 to {_MOST}")
        return int(value)
