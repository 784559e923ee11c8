"""Verbs and what they take, with the words of registered skills; things and colours. Shipped words are the locales'."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.plugins import load_plugins

NOT_OF_EVERY_VERB = ("path", "in_place", "style", "name")
"""slots that only those verbs may have which take them"""
SLOTS: tuple[str, ...] = ("direction", "angle", "distance", "steps", "duration", "count", "speed", "side", "object")
SLOTS += ("object2", "effort", *NOT_OF_EVERY_VERB)
FIELDS = {"angle": "angle_deg", "distance": "distance_m", "duration": "duration_s"}
"""A slot's field in a Step, where the names differ."""
HOW = {
    "direction": "in a direction",
    "angle": "by an angle",
    "distance": "a certain distance",
    "steps": "by a number of steps",
    "duration": "for a time",
    "count": "a number of times",
    "speed": "at another speed",
    "side": "on one side",
    "object": "with a thing",
    "object2": "to another thing",
    "effort": "harder or more gently",
    "path": "along such a way",
    "radius": "along such a way",
    "in_place": "on the spot",
    "style": "in this manner",
    "name": "by a name",
    "approx": "about so far",
}
"""what is said of a slot that a verb does not take: "I cannot bow ..." """
PIECES = re.compile(r"[()|]|(?:\\.|[^()|\\])+")
"""the brackets, bars and plain texts of a pattern; a backslash takes a bracket's meaning away"""


@dataclass(frozen=True)
class VerbWords:
    """A verb: the slots that it takes, and words of its own beside those that the locales have for it.

    Every verb takes a count ("twice") and, while it goes on, a duration.

    Attributes:
        words: language code to phrases; the first is the canonical one, used to render
        with_object: the verb that is meant when these words come with an object: "walk to the ball" is go_to
        fixed: what a phrase says by itself: {"back up": {"direction": "backward"}}
        nouns: language code to nouns of the action: "do three squats"
        limb: what it is done with where a side is said: arm, leg or head; arm where it takes a side and none is told
        needs_limb: its words mean it only with the limb: "raise your arm"
        instead: the verb that is meant where a slot is said that it does not take: "step aside one metre" is to step
        needs: the object that it cannot do without: object or object2
        asks: what is asked where that is missing
        traits: what else it is to the language, by the names of verbs.toml
        near: verbs that are nearest to it in meaning, to offer where it cannot be done
        since: the version of the Instruction that has it first, 2 or later
        why: what hinders the robots of this project from doing it, where no skill does it
    """

    verb: str
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    slots: tuple[str, ...] = ()
    with_object: str | None = None
    fixed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    nouns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limb: str | None = None
    needs_limb: bool = False
    instead: Mapping[str, str] = field(default_factory=dict)
    needs: str | None = None
    asks: str = "what?"
    traits: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    since: float = 2
    why: str = ""

    def __post_init__(self) -> None:
        for slot in self.slots:
            if slot not in SLOTS:
                raise InputError(f"verb {self.verb!r}: unknown slot {slot!r}{did_you_mean(slot, SLOTS)}")
        if "side" in self.slots and self.limb is None:
            object.__setattr__(self, "limb", "arm")


_FIELDS = ("with_object", "fixed", "needs_limb", "instead", "needs", "asks", "traits", "near", "why")
_REGISTERED: dict[str, VerbWords] = {}


class Verbs(dict[str, VerbWords]):
    """Verbs by name, and the key of a cache: the same where they are the very same objects."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(map(id, self.values())))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Verbs) and list(map(id, self.values())) == list(map(id, other.values()))


def verbs() -> Verbs:
    """All verbs that are known, by name: those of the contract, and those of registered skills."""
    load_plugins()
    return registered_verbs()


def registered_verbs() -> Verbs:
    """As :func:`verbs`, without a look for plug-ins: while one is loaded."""
    return Verbs({**_contract(), **_REGISTERED})


def contract_verbs() -> tuple[str, ...]:
    """The verbs of the contract, in its order."""
    return tuple(_contract())


def is_ours(words: VerbWords) -> bool:
    """Whether a verb is as the contract has it, and no skill of another package has changed it."""
    return _contract().get(words.verb) is words


@cache
def _contract() -> dict[str, VerbWords]:
    data = tomllib.loads(Path(__file__).with_name("verbs.toml").read_text(encoding="utf-8"))
    return {verb: VerbWords(verb, **_listed(said)) for verb, said in data.items()}


def _listed(said: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value.split()) if name in ("slots", "traits", "near") else value for name, value in said.items()
    }


def alternatives(pattern: str) -> list[str]:
    """The phrases of a pattern, in order: "(at|with) (high |)speed" is four."""
    return list(dict.fromkeys(_expand(iter(PIECES.findall(pattern)))))


def _expand(pieces: Iterator[str]) -> list[str]:
    """The phrases up to the end, or to the bracket that closes the group."""
    found, now = list[str](), [""]
    for piece in pieces:
        if piece == ")":
            break
        if piece == "|":
            found, now = [*found, *now], [""]
        else:
            tails = _expand(pieces) if piece == "(" else [piece.replace("\\", "")]
            now = [head + tail for head in now for tail in tails]
    return [*found, *now]


def verb_words(
    verb: str, slots: str = "", *, nouns: Mapping[str, str] | None = None, limb: str | None = None, **more: Any
) -> VerbWords:
    """A verb with words of its own, written shortly: ``verb_words("salute", "side", en="salute", zh="敬礼")``.

    ``slots`` stand apart by spaces; phrases, by language code, and ``nouns`` are patterns of :func:`alternatives`;
    other keywords are fields of :class:`VerbWords`.
    """
    fields = {name: value for name, value in more.items() if name in _FIELDS}
    words = {language: tuple(alternatives(said)) for language, said in more.items() if language not in fields}
    named = {language: tuple(alternatives(said)) for language, said in (nouns or {}).items()}
    return VerbWords(verb, words, tuple(slots.split()), nouns=named, limb=limb, **fields)
