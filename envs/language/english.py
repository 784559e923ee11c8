"""English: words, phrases, inflections and numbers, as typed tokens for the grammar (english.lark).

A phrase of several words is one token where the words mean something else together. The same words may be several
tokens ("second" is a time and a place in a row); the grammar decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from simonsays.envs.language.tokens import UNSUPPORTED, Phrases, Word, phrase_file
from simonsays.envs.language.vocabulary import VerbWords, colors, object_types

GRAMMAR = "english.lark"


_PENALTY = {
    "ACTION": 0.25,
    "DEED": -0.05,
    "AND": -0.005,
    "REPEAT": 0.004,
    "DEGREED": 0.02,
    "WAY": 0.1,
    "HALF_MORE": 0.1,
    "AUX": -0.005,
    "WHILE": 0.008,
    "ONCE": 0.3,
    "BEFORE": 0.02,
    "TURN": 0.05,
    "LOCATION": 0.02,
    "POST_DIRECTION": 0.03,
    "SECONDS": 0.02,
    "SIDE": 0.01,
    "DIRECTION": 0.05,
    "ADVERB": -0.005,
}
"""of readings that take equally long phrases, which is meant"""
_PHRASE_DIRECTION = 0.6  # "to the left" before a noun places the noun
_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_UNITS += " seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: i for i, word in enumerate(_UNITS.split())}
_SMALL |= {word: 10 * i for i, word in enumerate(_TENS.split(), start=2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
_FRACTIONS = {"half": 0.5, "halves": 0.5, "quarter": 0.25, "quarters": 0.25, "third": 1 / 3, "thirds": 1 / 3}
_DOZENS = {"dozen": 12, "couple": 2, "pair": 2}

_BEFORE_VERB = {"SPEED": "ADVERB", "SAME_TIME": "AT_ONCE"}
"""what may stand before a verb too, and its kind there: the grammar must know which clause it belongs to"""
_OWNED = ("left", "right", "arm", "arms", "hand", "hands", "leg", "legs", "foot", "feet", "head")
"""before these "it's" is a slip for "its\""""
_UNINFLECTED = ("on", "onto", "to", "up", "eyes", "does", "doesn't", "did", "do", "don't")
"""first words of verb phrases that are no verbs to be inflected"""
_IRREGULAR: dict[str, tuple[str, ...]] = {
    "run": ("ran",),
    "sit": ("sat",),
    "stand": ("stood",),
    "go": ("goes", "went", "gone"),
    "take": ("took", "taken"),
    "get": ("got",),
    "spin": ("spun",),
    "kneel": ("knelt",),
    "come": ("came",),
    "put": (),
    "set": (),
    "let": (),
    "lay": ("laid",),
    "shut": (),
    "swing": ("swung",),
    "bear": ("bore",),
    "tread": ("trod",),
    "keep": ("kept",),
    "find": ("found",),
    "bring": ("brought",),
    "strike": ("struck",),
    "drop": ("dropped", "dropping"),
    "begin": ("began",),
    "spring": ("sprang", "sprung"),
    "feel": ("felt",),
    "hang": ("hung",),
    "be": ("is", "are"),
    "bend": ("bent",),
    "hold": ("held",),
    "rise": ("rose", "risen"),
    "throw": ("threw", "thrown"),
    "leap": ("leapt",),
    "do": ("does", "did", "done"),
    "have": ("has", "had"),
    "face": ("faces", "faced", "facing"),
    "stick": ("stuck",),
    "stride": ("strode",),
}


_OTHERS = {
    "you are": ("you are", "he is", "she is", "it is", "they are"),
    "you were": ("you were", "he was", "she was", "it was", "they were"),
    "you have": ("you have", "he has", "she has", "it has", "they have"),
    "you're": ("you're", "he's", "she's", "it's", "they're"),
    "you've": ("you've", "he's", "she's", "it's", "they've"),
    "yourself": ("yourself", "himself", "herself", "itself", "themselves"),
    "your": ("your", "his", "her", "its", "their", "the", "my"),
    "you": ("you", "he", "she", "it", "they", "him", "her"),
}
_YOU = re.compile(rf"\b(?:{'|'.join(_OTHERS)})(?![\w'])")


def cost(kind: str, count: int, word: str) -> float:
    """What it costs to read ``count`` words, of which ``word`` is the first, as a token of a kind."""
    made = count - 0.01 * (count - 1) + _PENALTY.get(kind, 0.0) * count
    if kind == "FILLER":
        made = count + (0.1 if count == 1 else -0.03 * (count - 1))
    if kind == "A" and word == "one":
        made += 0.01
    if kind == "NOUN" and count == 1 and word == "one":
        made += 0.4  # a number first
    if kind == "DIRECTION" and count > 1:
        made += _PHRASE_DIRECTION
    return made


def unsupported(word: str) -> bool:
    """Whether the word is of an action that people say and no Instruction can."""
    return word in _unsupported_forms()


@cache
def _unsupported_forms() -> frozenset[str]:
    listed = [verb for _, verbs in phrase_file("english.toml")[UNSUPPORTED] for verb in verbs]
    return frozenset(form for verb in listed for form in inflections(verb))


def inflections(phrase: str) -> set[str]:
    """A verb phrase in all its forms: "pick up" also as "picks up", "picking up" and "picked up"."""
    both = [_forms(part) for part in phrase.split(" and ")]
    return {" and ".join(forms) for forms in zip(*both, strict=False)}


def _forms(phrase: str) -> list[str]:
    verb, _, rest = phrase.partition(" ")
    if verb in _UNINFLECTED:
        return [phrase]
    consonant_y = verb.endswith("y") and verb[-2:-1] not in "aeiou"
    stem = verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb
    doubled = stem + stem[-1] if re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb) else stem
    third = verb[:-1] + "ies" if consonant_y else verb + ("es" if re.search(r"(s|x|z|ch|sh|o)$", verb) else "s")
    past = verb[:-1] + "ied" if consonant_y else doubled + "ed"
    return [f"{form} {rest}".strip() for form in (verb, third, doubled + "ing", past, *_IRREGULAR.get(verb, ()))]


def persons(pattern: str) -> str:
    """A pattern that is said to "you", also as it is said of others: "to your left", "to his left", "to the left"."""
    return _YOU.sub(lambda said: f"({'|'.join(_OTHERS[said.group()])})", pattern)


def phrases(verbs: Mapping[str, VerbWords]) -> Phrases:
    """The phrases of English and the tokens (kind, value) that they are."""
    found = Phrases()
    for words in verbs.values():
        for phrase, fixed in words.phrases("en"):
            meant = (words.verb, tuple(sorted(fixed.items())))
            for form in inflections(phrase):
                found.add(persons(form), "VERB", meant)
        for noun in words.actions("en"):
            for kind in ("ACTION", "DEED"):
                found.add(f"{noun}|{plural(noun)}", kind, words.verb)
    for kind, entries in phrase_file("english.toml").items():
        for value, patterns in entries if kind not in (UNSUPPORTED, "SLANG") else ():
            for pattern in patterns:
                found.add(persons(pattern), kind, value)
                if kind in _BEFORE_VERB:
                    found.add(persons(pattern), _BEFORE_VERB[kind], value)
    for name, listed in object_types("en").items():
        for word in listed:
            found.add(f"{word}|{plural(word)}", "NOUN", name)
    for name, listed in colors("en").items():
        found.add("|".join(listed), "COLOR", name)
    found.words |= {*_SMALL, *_SCALES, *_FRACTIONS, *_DOZENS, "hundreds", "half", "point", "pi", "π", "/"}
    return found


def respelt(words: list[Word]) -> list[Word]:
    """The words with the spellings of short messages written out: "u" as "you"."""
    slang = _slang()
    opening = [word.text for word in words[:3]]
    if opening[:2] == ["right", ","] or opening in (["right", "then", ","], ["right", "so", ","]):
        words = [replace(words[0], text="okay"), *words[1:]]  # "Right, wave": no direction
    owned = {i for i, word in enumerate(words[1:]) if word.text in _OWNED}
    words = [replace(w, text="its") if i in owned and w.text == "it's" else w for i, w in enumerate(words)]
    turned = {i for i, word in enumerate(words[1:]) if word.text in ("turn", "turns")}  # a "u turn" is no slang
    return [replace(w, text=slang.get(w.text, w.text)) if i not in turned else w for i, w in enumerate(words)]


@cache
def _slang() -> dict[str, str]:
    return {short: str(word) for word, shorts in phrase_file("english.toml")["SLANG"] for short in shorts}


def plural(noun: str) -> str:
    """The plural of a noun."""
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search(r"(s|x|z|ch|sh)$", noun) else f"{noun}s"


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
        if word in ("a", "an") and not said and i + 1 < len(words) and words[i + 1].text in (*_SCALES, *_DOZENS):
            current, said, i = 1.0, True, i + 1
            continue
        if word in _SMALL:
            current, said = current + _SMALL[word], True
        elif word in _SCALES and said:
            current *= _SCALES[word]
            if word != "hundred":
                total, current = total + current, 0.0
        elif word in _DOZENS and (said or word == "dozen"):
            current, said = (current or 1.0) * _DOZENS[word], True
            if i + 1 < len(words) and words[i + 1].text == "of":
                i += 1
        elif word == "and" and said and i + 1 < len(words) and words[i + 1].text in _SMALL and total + current >= 100:
            i += 1
            continue
        elif word == "point" and said and i + 1 < len(words) and words[i + 1].text in _SMALL:
            digits = 0
            for digits, later in enumerate(words[i + 1 :], start=1):
                if _SMALL.get(later.text, 10) > 9:
                    digits -= 1
                    break
                current += _SMALL[later.text] / 10**digits
            i += digits
        else:
            break
        i += 1
        if said:
            yield i - start, total + current
    if said and i + 2 < len(words) and words[i].text == "and":  # two and a half
        part = 2 if words[i + 1].text in ("a", "one", "an") else 1
        if words[i + part].text in _FRACTIONS:
            yield i + part + 1 - start, total + current + _FRACTIONS[words[i + part].text]
    yield from _fraction(words, start)


def _fraction(words: Sequence[Word], start: int) -> Iterator[tuple[int, float]]:
    """half, half a, a half, a quarter of a, three quarters of a"""
    i, amount = start, 1.0
    if words[i].text in ("a", "an", "one", "two", "three") and i + 1 < len(words):
        amount = float(_SMALL.get(words[i].text, 1))
        i += 1
    if words[i].text not in _FRACTIONS or (i == start and not words[i].text.startswith(("half", "quarter"))):
        return
    value = amount * _FRACTIONS[words[i].text]
    i += 1
    yield i - start, value
    if i < len(words) and words[i].text == "of":
        i += 1
    if i < len(words) and words[i].text in ("a", "an", "the"):
        i += 1
    yield i - start, value
