"""The words of ``words.txt``: what each may be read as; read when the first word is met that no list has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from simonsays.envs.language.locale import Sense

NEAR = "NEAR"
"""the kind of a word that is no token: a verb that no skill does, with the nearest one"""


@cache
def _table() -> Mapping[str, tuple[Sense, ...]]:
    found: dict[str, tuple[Sense, ...]] = {}
    for line in Path(__file__).with_name("words.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        head, _, words = line.partition(": ")
        kind, *said = head.split()
        for word in words.split():
            found[word] = (*found.get(word, ()), _sense(kind, said, word))
    return found


def _sense(kind: str, said: list[str], word: str) -> Sense:
    own = not said
    return Sense(kind, word if own and kind == "NOUN" else said[0] if said else None, own)


def senses(word: str) -> tuple[Sense, ...]:
    """What a word may be read as, by its own form or by the form that it is one of; empty if nothing is known."""
    table = _table()
    found = dict.fromkeys(table.get(word, ()))
    for form, kinds in _forms(word):
        found |= dict.fromkeys(sense for sense in table.get(form, ()) if sense.kind in kinds)
    return tuple(found)


def _forms(word: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The words that one may be a form of, and the kinds that have such forms (WordNet's rules of detachment)."""
    verbs, nouns = (NEAR,), ("NOUN",)
    for ending, plain in (
        ("s", ""),
        ("ses", "s"),
        ("xes", "x"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("ies", "y"),
        ("men", "man"),
    ):
        if word.endswith(ending):
            yield word.removesuffix(ending) + plain, nouns if ending in ("men", "ses") else (*nouns, *verbs)
    for ending in ("ed", "ing"):
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            yield stem, verbs
            yield f"{stem}e", verbs
            if stem[-1:] == stem[-2:-1]:
                yield stem[:-1], verbs
