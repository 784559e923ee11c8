"""English numbers in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from simonsays.envs.language.tokens import Word

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_UNITS += " seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
SMALL = {word: i for i, word in enumerate(_UNITS.split())}
SMALL |= {word: 10 * i for i, word in enumerate(_TENS.split(), start=2)}
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
FRACTIONS = {"half": 0.5, "halves": 0.5, "quarter": 0.25, "quarters": 0.25, "third": 1 / 3, "thirds": 1 / 3}
DOZENS = {"dozen": 12, "couple": 2, "pair": 2}


def numbers(words: Sequence[Word], start: int) -> Iterator[tuple[int, float]]:
    """Numbers in words from ``start`` on: (how many words, value), the longest last."""
    if words[start].text in ("pi", "π"):
        yield 1, math.pi
        if start + 2 < len(words) and words[start + 1].text == "/" and words[start + 2].number:
            yield 3, math.pi / float(words[start + 2].number or 1.0)
        return
    total, current, i, said = 0.0, 0.0, start, False
    while i < len(words):
        word = words[i].text
        if word in ("a", "an") and not said and i + 1 < len(words) and words[i + 1].text in (*SCALES, *DOZENS):
            current, said, i = 1.0, True, i + 1
            continue
        if word in SMALL:
            current, said = current + SMALL[word], True
        elif word in SCALES and said:
            current *= SCALES[word]
            if word != "hundred":
                total, current = total + current, 0.0
        elif word in DOZENS and (said or word == "dozen"):
            current, said = (current or 1.0) * DOZENS[word], True
            if i + 1 < len(words) and words[i + 1].text == "of":
                i += 1
        elif word == "and" and said and i + 1 < len(words) and words[i + 1].text in SMALL and total + current >= 100:
            i += 1
            continue
        elif word == "point" and said and i + 1 < len(words) and words[i + 1].text in SMALL:
            digits = 0
            for digits, later in enumerate(words[i + 1 :], start=1):
                if SMALL.get(later.text, 10) > 9:
                    digits -= 1
                    break
                current += SMALL[later.text] / 10**digits
            i += digits
        else:
            break
        i += 1
        if said:
            yield i - start, total + current
    if said and i + 2 < len(words) and words[i].text == "and":  # two and a half
        part = 2 if words[i + 1].text in ("a", "one", "an") else 1
        if words[i + part].text in FRACTIONS:
            yield i + part + 1 - start, total + current + FRACTIONS[words[i + part].text]
    yield from _fraction(words, start)


def _fraction(words: Sequence[Word], start: int) -> Iterator[tuple[int, float]]:
    """half, half a, a half, a quarter of a, three quarters of a"""
    i, amount = start, 1.0
    if words[i].text in ("a", "an", "one", "two", "three") and i + 1 < len(words):
        amount = float(SMALL.get(words[i].text, 1))
        i += 1
    if words[i].text not in FRACTIONS or (i == start and not words[i].text.startswith(("half", "quarter"))):
        return
    value = amount * FRACTIONS[words[i].text]
    i += 1
    yield i - start, value
    if i < len(words) and words[i].text == "of":
        i += 1
    if i < len(words) and words[i].text in ("a", "an", "the"):
        i += 1
    yield i - start, value
