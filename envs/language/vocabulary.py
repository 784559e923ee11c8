"""Verbs and what they take, with the words of registered skills; things and colours. Shipped words are the locales'."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

SLOTS = ("direction", "angle", "distance", "steps", "duration", "count", "speed", "side", "object", "object2")
FIELDS = {"angle": "angle_deg", "distance": "distance_m", "duration": "duration_s"}
"""A slot's field in a Step, where the names differ."""
PIECES = re.compile(r"[()|]|(?:\\.|[^()|\\])+")
"""the brackets, bars and plain texts of a pattern; a backslash takes a bracket's meaning away"""


@dataclass(frozen=True)
class VerbWords:
    """A verb: the slots that it takes, and words of its own beside those that the locales have for it.

    Every verb takes a count ("twice") and, while it goes on, a duration.
    """

    verb: str
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """language code to phrases; the first is the canonical one, used to render"""
    slots: tuple[str, ...] = ()
    with_object: str | None = None
    """the verb that is meant when these words come with an object: "walk to the ball" is go_to"""
    fixed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """what a phrase says by itself: {"back up": {"direction": "backward"}}"""
    nouns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """language code to nouns of the action: "do three squats\""""
    limb: str | None = None
    """what it is done with where a side is said: arm, leg or head"""
    needs_limb: bool = False
    """its words mean it only with the limb: "raise your arm\""""

    def __post_init__(self) -> None:
        for slot in self.slots:
            if slot not in SLOTS:
                raise ValueError(f"verb {self.verb!r}: unknown slot {slot!r}; known: {', '.join(SLOTS)}")

    def phrases(self, language: str) -> list[tuple[str, Mapping[str, Any]]]:
        """The phrases of a language and what each says by itself: its own, then those of the locale."""
        own = [(phrase, self.fixed.get(phrase, {})) for phrase in self.words.get(language, ())]
        return [*own, *_table(language, "VERB").get(self.verb, ())]

    def actions(self, language: str) -> list[str]:
        """The nouns of the action in a language: its own, then those of the locale."""
        return [*self.nouns.get(language, ()), *(noun for noun, _ in _table(language, "ACTION").get(self.verb, ()))]

    def canonical(self, language: str) -> str:
        """The phrase that is rendered; the verb's name where a language has no word for it."""
        return next((phrase for phrase, _ in self.phrases(language)), self.verb.replace("_", " "))


_REGISTERED: dict[str, VerbWords] = {}
_FIRST: list[Callable[[], None]] = []


def ask_first(load: Callable[[], None]) -> None:
    """Have ``load`` called whenever verbs are asked for, before they are told: it registers those of plug-ins."""
    if load not in _FIRST:
        _FIRST.append(load)


def register_verb(verb: str, words: VerbWords | Mapping[str, str] | None, slots: Sequence[str] = ()) -> VerbWords:
    """Make a verb known that a skill does.

    ``words``: None for a verb that the locales have words for; patterns of :func:`alternatives` by language code, with
    the ``slots`` that it takes, where the verb is new; or all that :class:`VerbWords` says.

    Raises:
        ValueError: nothing says how a new verb is called, or the words are another verb's.
    """
    known = {**_contract(), **_REGISTERED}.get(verb)
    if isinstance(words, VerbWords):
        made = words
    elif words is not None:
        told = {language: tuple(alternatives(pattern)) for language, pattern in words.items()}
        taken = tuple(slot for slot in slots if slot not in ("count", "duration"))
        made = replace(known, words=told) if known is not None else VerbWords(verb, told, taken)
    elif known is not None:
        made = known
    else:
        raise ValueError(f"verb {verb!r} has no words; give the skill some: words={{'en': {verb.replace('_', ' ')!r}}}")
    if made.verb != verb:
        raise ValueError(f"verb {verb!r}: its words are those of {made.verb!r}")
    _REGISTERED[verb] = made
    return made


def verbs() -> dict[str, VerbWords]:
    """All verbs that are known, by name: those of the contract, and those of registered skills."""
    for load in _FIRST:
        load()
    return {**_contract(), **_REGISTERED}


@cache
def _contract() -> dict[str, VerbWords]:
    data = tomllib.loads(Path(__file__).with_name("verbs.toml").read_text(encoding="utf-8"))
    return {verb: VerbWords(verb, **{**said, "slots": tuple(said["slots"].split())}) for verb, said in data.items()}


@cache
def _table(language: str, kind: str) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """The phrases of a locale's verbs.toml, with what each says by itself: "walk direction=forward"."""
    path = Path(__file__).with_name(language) / "verbs.toml"
    made: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for key, patterns in tomllib.loads(path.read_text(encoding="utf-8"))[kind].items() if path.exists() else ():
        verb, *said = key.split()
        fixed = {name: int(value) if value.isdigit() else value for name, value in (one.split("=") for one in said)}
        made.setdefault(verb, []).extend((phrase, fixed) for pattern in patterns for phrase in alternatives(pattern))
    return made


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
    fields = {name: value for name, value in more.items() if name in ("with_object", "fixed", "needs_limb")}
    words = {language: tuple(alternatives(said)) for language, said in more.items() if language not in fields}
    named = {language: tuple(alternatives(said)) for language, said in (nouns or {}).items()}
    return VerbWords(verb, words, tuple(slots.split()), nouns=named, limb=limb, **fields)


@cache
def _things() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(Path(__file__).with_name("things.toml").read_text(encoding="utf-8"))


@cache
def object_types(language: str) -> dict[str, tuple[str, ...]]:
    """The words of a language for every type of object; the first is the canonical one."""
    return {name: tuple(words[language].split("|")) for name, words in _things()["types"].items()}


@cache
def colors(language: str) -> dict[str, tuple[str, ...]]:
    """The words of a language for every colour; the first is the canonical one."""
    return {name: tuple(words[language].split("|")) for name, words in _things()["colors"].items()}
