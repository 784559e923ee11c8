"""Words: those of the skills, which register their own, and those that belong to no skill."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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
    """The words of one verb in every language, and the slots that it takes.

    Every verb takes a count ("twice") and, while it goes on, a duration.
    """

    verb: str
    words: Mapping[str, tuple[str, ...]]
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


_VERBS: dict[str, VerbWords] = {}


def register_words(words: VerbWords) -> VerbWords:
    """Make a verb's words known; a skill's words replace those of the language alone."""
    for slot in words.slots:
        if slot not in SLOTS:
            raise ValueError(f"verb {words.verb!r}: unknown slot {slot!r}; known: {', '.join(SLOTS)}")
    _VERBS[words.verb] = words
    return words


def verbs() -> dict[str, VerbWords]:
    """All verbs that are known, by name: those of the skills, which are loaded for it, and the rest."""
    _load_skills()
    return {**{words.verb: words for words in UNSKILLED}, **_VERBS}


@cache
def _load_skills() -> None:
    # By name: the skills import this module, and language imports nothing of the house.
    importlib.import_module("simonsays.envs.skills").skills()


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
    verb: str, slots: str, en: str, zh: str, nouns: str = "", limb: str | None = None, zh_nouns: str = "", **more: Any
) -> VerbWords:
    """The words of a verb, written shortly: slots apart by spaces, phrases as a pattern of :func:`alternatives`."""
    words = {"en": tuple(alternatives(en)), "zh": tuple(alternatives(zh))}
    named = {name: tuple(alternatives(listed)) for name, listed in (("en", nouns), ("zh", zh_nouns)) if listed}
    return VerbWords(verb, words, tuple(slots.split()), nouns=named, limb=limb, **more)


# Verbs that sentences may use although no skill does them yet: they parse, and are refused at grounding.
UNSKILLED = (
    verb_words(
        "sit",
        "speed object",
        "sit|sit down|sit back down|sit yourself down|(take|have) a seat|have a sit down|be seated|seat yourself|"
        "(plonk|plop|park) yourself down|plop down|perch|get seated|settle down",
        "坐|坐下|坐下来",
    ),
    verb_words(
        "pickup",
        "object side",
        "pick up|pick|grab|collect|fetch|grasp|retrieve|snatch|scoop up|gather|gather up|get hold of|take hold of|"
        "(bend|lean|stoop|reach|crouch|kneel|squat) (down |over |forward |)(and|to) "
        "(pick|pick up|grab|collect|get|take)",
        "捡|捡起|捡起来|拿|拿起|拿起来|拾起|抓住|抓起|取",
        limb="arm",
    ),
    verb_words(
        "put_next",
        "object object2 side",
        "put|place|set|bring|leave|deposit|lay|stick|let",
        "放|放在|放到",
        limb="arm",
    ),
    verb_words("open", "object side", "open|unlock|open up|(pull|push|swing) open", "打开|开", limb="arm"),
)


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
