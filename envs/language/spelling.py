"""Words that are spelt wrong, and those that they may be."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from simonsays.envs.language.locale import Locale
from simonsays.envs.language.vocabulary import Verbs

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
    for slip in (_swapped, _dropped, lambda mistaken, meant: _dropped(meant, mistaken)):
        likely = [name for name in nearest if slip(word, name)]
        if likely:
            return likely
    return nearest


def _swapped(word: str, name: str) -> bool:
    return sorted(name) == sorted(word)


def _dropped(word: str, name: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in word)


def similar(word: str, known: Collection[str], wrong: Collection[str] = ()) -> tuple[str, ...]:
    """Up to three known words that resemble a word, to suggest, none of them among the wrong ones."""
    close = process.extract(word, known, scorer=OSA.normalized_similarity, limit=12, score_cutoff=0.5)
    return tuple(match[0] for match in close if match[0] not in wrong)[:3]


@lru_cache(maxsize=8)
def wrong_forms(locale: Locale, known: Verbs) -> frozenset[str]:
    """Forms of verbs that are made and no words: what irregular verbs have beside their own."""
    said = {phrase for words in known.values() for phrase, _ in locale.verb_phrases(words)}
    made = {word for phrase in said for form in locale.inflections(phrase) for word in form.split()}
    words = locale.dictionary
    return frozenset(made.difference(words, " ".join(said).split()) if words else ())
