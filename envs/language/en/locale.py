"""English: words, phrases, inflections and numbers, as typed tokens for the grammar.

A phrase of several words is one token where the words mean something else together. The same words may be several
tokens ("second" is a time and a place in a row); the grammar decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType

from simonsays.envs.language.en.wordnet.network import NEAR, senses
from simonsays.envs.language.locale import Locale, Sense
from simonsays.envs.language.tokens import Phrases, Word, split
from simonsays.envs.language.vocabulary import VerbWords

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_UNITS += " seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
SMALL = {word: i for i, word in enumerate(_UNITS.split())}
SMALL |= {word: 10 * i for i, word in enumerate(_TENS.split(), start=2)}
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
FRACTIONS = {"half": 0.5, "halves": 0.5, "quarter": 0.25, "quarters": 0.25, "third": 1 / 3, "thirds": 1 / 3}
FRACTIONS |= {"fourth": 0.25, "fourths": 0.25}
DOZENS = {"dozen": 12, "couple": 2, "pair": 2}


def _numbers(words: Sequence[Word], start: int) -> Iterator[tuple[int, float]]:
    """Numbers in words from ``start`` on: (how many words, value), the longest last."""
    if words[start].text in ("pi", "π"):
        yield 1, math.pi
        if start + 2 < len(words) and words[start + 1].text == "/" and words[start + 2].number:
            yield 3, math.pi / float(words[start + 2].number or 1.0)
        return
    if start + 2 < len(words) and words[start + 1].text == "/" and words[start].number and words[start + 2].number:
        yield 3, float(words[start].number or 1.0) / float(words[start + 2].number or 1.0)
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


_RARE = 60  # as often as a slip stands among the words of the dictionary
_PHRASE_DIRECTION = 0.6  # "to the left" before a noun places the noun


class English(Locale):
    """English."""

    code, name = "en", "English"
    late_topics = True
    also = MappingProxyType(
        {
            "SPEED": "ADVERB",
            "STYLE": "ADVERB",
            "EFFORT": "ADVERB",
            "DIAGONAL": "ADVERB",
            "SAME_TIME": "AT_ONCE",
            "ACTION": "DEED",
        }
    )
    """what may stand before a verb too is another token there: the grammar must know which clause it belongs to"""

    def share(self, text: str) -> float:
        """Half of the share of Latin letters: other languages are written in them too."""
        letters = [letter for letter in text if letter.isalpha()]
        return sum(map(str.isascii, letters)) / len(letters) / 2 if letters else 0.0

    def words(self, text: str) -> list[Word]:
        """The words, with the spellings of short messages written out: "u" as "you"."""
        words = split(text)
        opening = [word.text for word in words[:3]]
        if opening[:2] == ["right", ","] or opening in (["right", "then", ","], ["right", "so", ","]):
            words = [replace(words[0], text="okay"), *words[1:]]  # "Right, wave": no direction
        owned = {i for i, word in enumerate(words[1:]) if word.text in self.settings["words"]["owned"]}
        words = [replace(w, text="its") if i in owned and w.text == "it's" else w for i, w in enumerate(words)]
        given = {
            i for i, word in enumerate(words[1:]) if word.text in self.settings["words"]["given"]
        }  # "hand it to me"
        words = [replace(w, text="pass") if i in given and w.text == "hand" else w for i, w in enumerate(words)]
        turned = {i for i, word in enumerate(words[1:]) if word.text in ("turn", "turns")}  # a "u turn" is no slang
        slang = self._slang
        return [
            replace(w, text=slang[w.text]) if w.text in slang and i not in turned else w for i, w in enumerate(words)
        ]

    @cached_property
    def _slang(self) -> dict[str, str]:
        return {short: str(word) for word, shorts in self.listed["SLANG"] for short in shorts}

    def inflections(self, phrase: str) -> set[str]:
        """A verb phrase in all its forms: "pick up" also as "picks up", "picking up" and "picked up"."""
        first, *rest = (self._forms(part) for part in phrase.split(" and "))
        both = [first, *(part * len(first) if len(part) == 1 else part for part in rest)]  # "walking up and down"
        return {" and ".join(forms) for forms in zip(*both, strict=False)}

    def actions(self, words: VerbWords) -> list[str]:
        """The nouns of a verb's action, "some waving" and "a waving motion"."""
        plain = [phrase for phrase, fixed in self.verb_phrases(words) if not fixed and phrase.isalpha()]
        going = [form for phrase in plain for form in self._forms(phrase) if form.endswith("ing") and form != phrase]
        moves = self.settings["words"]["motions"]
        return [*super().actions(words), *going, *(f"{form} {move}" for form in going for move in moves)]

    def _forms(self, phrase: str) -> list[str]:
        verb, _, rest = phrase.partition(" ")
        if verb in self.settings["words"]["uninflected"]:
            return [phrase]
        consonant_y = verb.endswith("y") and verb[-2:-1] not in "aeiou"
        stem = verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb
        doubled = stem + stem[-1] if re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb) else stem
        third = verb[:-1] + "ies" if consonant_y else verb + ("es" if re.search(r"(s|x|z|ch|sh|o)$", verb) else "s")
        past = verb[:-1] + "ied" if consonant_y else doubled + "ed"
        irregular = self.settings["irregular"].get(verb, "").split()
        return [f"{form} {rest}".strip() for form in (verb, third, doubled + "ing", past, *irregular)]

    def plural(self, noun: str) -> str:
        """The plural of a noun."""
        if re.search(r"[^aeiou]y$", noun):
            return f"{noun[:-1]}ies"
        return f"{noun}es" if re.search(r"(s|x|z|ch|sh)$", noun) else f"{noun}s"

    def variants(self, pattern: str) -> str:
        """A pattern that is said to "you", also as it is said of others: "to your left", "to his left"."""
        return self._you.sub(lambda said: f"({self.settings['persons'][said.group()]})", pattern)

    @cached_property
    def _you(self) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{'|'.join(self.settings['persons'])})(?![\w'])")

    def phrases(self, known: Mapping[str, VerbWords]) -> Phrases:
        """All phrases and the tokens that they are."""
        found = super().phrases(known)
        found.words |= {*SMALL, *SCALES, *FRACTIONS, *DOZENS, "hundreds", "half", "point", "pi", "π", "/"}
        return found

    def numbers(self, words: Sequence[Word], start: int) -> Iterator[tuple[int, float]]:
        """Numbers in words from ``start`` on, the longest last."""
        return _numbers(words, start)

    def cost(self, kind: str, count: int, word: str) -> float:
        """What it costs to read ``count`` words, of which ``word`` is the first, as a token of a kind."""
        made = super().cost(kind, count, word)
        if kind == "FILLER":
            made = count + (0.1 if count == 1 else -0.03 * (count - 1))
        if kind == "ONCE" and word == "on" and count == 1:
            made += 0.8  # "turn on right"
        if kind == "VERB" and count > 3:
            made -= 0.1  # so many words stand together by no chance
        if kind == "RELATION" and word in ("that", "which", "what", "that's"):
            made -= 0.04  # no filler before "on the table"
        if kind == "WHILE" and word == "during":
            made -= 0.02
        if kind == "VAGUE" and word == "some" and count > 1:
            made -= 0.04  # "walk some more steps"
        if kind == "SIDE" and count > 1:
            made -= 0.1 * count
        if kind == "CORRECT" and count > 3:
            made -= 0.4
        if kind == "VERB" and count == 1 and word in self.settings["words"]["doubtful"]:
            made += 0.05
        if kind in ("ACTION", "DEED") and count == 1 and word.endswith("ing"):
            made += 0.2 if kind == "ACTION" else 0.06  # a verb first
        if kind == "SUBJECT":
            made += -0.06 if count > 1 else 0.02 if word == "one" else 0.0
        if kind == "A" and word == "one":
            made += 0.01
        if kind == "NOUN" and count == 1 and word == "one":
            made += 0.4  # a number first
        if kind == "DIRECTION" and count > 1:
            made += -0.06 * count if word in self.settings["words"]["straight"] else _PHRASE_DIRECTION
        return made

    @cached_property
    def dictionary(self) -> Collection[str]:
        """The words of an English dictionary."""
        from spellchecker import SpellChecker  # takes 0.2 s, so only for a word that is unknown

        words: Collection[str] = SpellChecker().word_frequency.dictionary
        return words

    def senses(self, word: str) -> Sequence[Sense]:
        """What a word may be read as by its neighbours in WordNet."""
        found = [sense for sense in senses(word) if sense.kind != NEAR]
        manner = re.search(self.settings["words"]["manner"], word) and not found and word in self.dictionary
        return [Sense("FILLER", None, True)] if manner else found

    def nearest(self, word: str) -> str | None:
        """The verb that a verb is a kind of in WordNet."""
        return next((str(sense.value) for sense in senses(word) if sense.kind == NEAR), None)

    def may_name(self, word: str) -> bool:
        """Whether a word is common enough to be meant, and not as what is no thing: "the bax" is a slip."""
        known = senses(word)
        return self._frequency.get(word, 0) > _RARE and (not known or any(sense.kind == "NOUN" for sense in known))

    @cached_property
    def _frequency(self) -> Mapping[str, int]:
        words: Mapping[str, int] = self.dictionary  # type: ignore[assignment]
        return words


LOCALE = English()
