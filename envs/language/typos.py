"""Slips of the finger: one or two letters wrong in a word, never another word that is right as it stands."""

from __future__ import annotations

from collections.abc import Callable, Collection

from rapidfuzz import process
from rapidfuzz.distance import OSA

_SHORTEST = 3


def corrections(word: str, known: Collection[str], dictionary: Callable[[], Collection[str]] = tuple) -> list[str]:
    """The known words that are nearest to a word that is not known; empty if none is near.

    A word of the language's dictionary is not corrected: whoever wrote "fight" may have meant it.
    """
    if len(word) < _SHORTEST or not word.isalpha() or word in dictionary():
        return []
    slips = 1 if len(word) < 5 else 2
    found = process.extract(word, known, scorer=OSA.distance, score_cutoff=slips, limit=20)
    near = [(name, distance) for name, distance, _ in found if len(name) >= _SHORTEST]
    least = min((distance for _, distance in near), default=0)
    nearest = sorted(name for name, distance in near if distance == least)
    nearest = [name for name in nearest if name[0] == word[0]] or nearest  # the first letter is seldom wrong
    for slip in (_swapped, _dropped, _doubled):
        likely = [name for name in nearest if slip(word, name)]
        if likely:
            return likely
    return nearest


def _swapped(word: str, name: str) -> bool:
    return sorted(name) == sorted(word)


def _dropped(word: str, name: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in word)


def _doubled(word: str, name: str) -> bool:
    return _dropped(name, word)


def similar(word: str, known: Collection[str]) -> tuple[str, ...]:
    """Up to three known words that resemble a word, to suggest."""
    close = process.extract(word, known, scorer=OSA.normalized_similarity, limit=3, score_cutoff=0.5)
    return tuple(match[0] for match in close)
