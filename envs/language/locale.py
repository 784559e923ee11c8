"""A language: what it is made of, and where its folder is.

A locale is a folder. Its ``locale.py`` has a ``LOCALE``, an instance of a subclass of :class:`Locale`; beside it stand
``grammar.lark``, ``phrases.toml``, ``verbs.toml``, ``things.toml`` and ``render.toml``. What stands in this folder is
found; ``register_locale`` adds what stands elsewhere. Nothing of a language is written outside its folder.
"""

from __future__ import annotations

import inspect
import re
import tomllib
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from simonsays.assets import InputError
from simonsays.envs.language.tokens import KINDS, UNSUPPORTED, Phrases, Word, phrase_table, split, uncollected
from simonsays.envs.language.vocabulary import _REGISTERED, Verbs, VerbWords, alternatives, is_ours, verbs

MARKS = {
    **dict.fromkeys((",", "\u3001", ":", "-", "\u2013", "\u2014", "\u2026", "(", ")"), "COMMA"),
    **dict.fromkeys((";", ".", "!", "?", "\u3002"), "END"),
}
"""marks, and the tokens that they are"""


_PART = re.compile(r"\{(\w+)\}")
_QUOTED = ("words", "words2")  # parts of a message that are handed on as they are


class Sense(NamedTuple):
    """A token that a word may be which no list has; ``own``: it stands for itself, and for no other word."""

    kind: str
    value: Any
    own: bool


@dataclass(frozen=True)
class Rule:
    """How a clause is read beside those before it, where it is no plain one. The first rule that fits is taken.

    Attributes:
        example: a sentence in which it is taken
        when: whether it fits a :class:`~simonsays.envs.language.reading.heard.Heard`
        do: read the clause, or refuse it
        goes_on: what it has changed is read on, by the rules after it
        before: of a locale's own: the rule that it is tried before
    """

    name: str
    example: str
    when: Callable[[Any], bool]
    do: Callable[[Any], object]
    goes_on: bool = False
    before: str = ""


class Locale:
    """One language; what is left as it is here does without the peculiarity.

    Attributes:
        rules: how clauses are read in this language alone
        also: kinds of tokens that are another kind too
        pieces: what splits a phrase as texts are split
    """

    code = ""
    """as "en\""""
    name = ""
    """in English"""
    rules: tuple[Rule, ...] = ()
    also: Mapping[str, str] = {}
    pieces: Callable[[str], list[str]] = staticmethod(str.split)
    omits_objects = False
    """it need not say again what it has named"""
    direct_objects = False
    """its verbs take their objects without a preposition"""
    serial_verbs = False
    """two verbs may stand together without a word between them"""
    late_topics = False
    """what a sentence is about may be taken up by a later clause than the next"""

    # -- its files -----------------------------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return Path(inspect.getfile(type(self))).parent

    def _toml(self, name: str) -> dict[str, Any]:
        path = self.folder / f"{name}.toml"
        try:
            return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        except ValueError as error:
            told = re.sub(r"\('(.*?)',\)", r"[\1]", str(error))
            raise InputError(f"{path}: {told}") from error

    @cached_property
    def listed(self) -> dict[str, list[tuple[Any, list[str]]]]:
        """phrases.toml: token kind to (value, patterns)."""
        return phrase_table(self._toml("phrases"))

    @cached_property
    def settings(self) -> dict[str, dict[str, Any]]:
        """locale.toml, where there is one: [cost] (token kind to what it costs more than another), [idioms] (what words
        mean beside their token, told from how they are written: name to regular expression) and more of its own."""
        return self._toml("locale")

    @cached_property
    def things(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """things.toml: "types" and "colors", each name to its words; the first is the canonical one."""
        return {
            kind: {name: tuple(alternatives(said)) for name, said in self._toml("things").get(kind, {}).items()}
            for kind in ("types", "colors")
        }

    @cached_property
    def templates(self) -> dict[str, Any]:
        """render.toml: how an Instruction is said.

        Raises:
            InputError: there is none.
        """
        found = self._toml("render")
        if not found:
            raise InputError(f"language {self.code!r}: no render.toml in {self.folder} to say it with")
        return found

    @cached_property
    def _verbs(self) -> dict[str, dict[str, list[tuple[str, dict[str, Any]]]]]:
        made: dict[str, dict[str, list[tuple[str, dict[str, Any]]]]] = {}
        for kind, listed in self._toml("verbs").items():
            for key, patterns in listed.items():
                verb, *said = key.split()
                fixed = {slot: int(value) if value.isdigit() else value for slot, value in (s.split("=") for s in said)}
                entries = made.setdefault(kind, {}).setdefault(verb, [])
                entries.extend((phrase, fixed) for pattern in patterns for phrase in alternatives(pattern))
        return made

    def verb_phrases(self, words: VerbWords) -> list[tuple[str, Mapping[str, Any]]]:
        """The phrases of a verb and what each says by itself: those that came with a skill, then its own."""
        own = [(phrase, words.fixed.get(phrase, {})) for phrase in words.words.get(self.code, ())]
        return [*own, *self._verbs.get("VERB", {}).get(words.verb, ())]

    def actions(self, words: VerbWords) -> list[str]:
        """The nouns of a verb's action: "do three squats"."""
        own = words.nouns.get(self.code, ())
        return [*own, *(noun for noun, _ in self._verbs.get("ACTION", {}).get(words.verb, ()))]

    def canonical(self, words: VerbWords) -> str:
        """The phrase of a verb that is rendered; its name where there is no word for it."""
        return next((phrase for phrase, _ in self.verb_phrases(words)), words.verb.replace("_", " "))

    def called(self, words: VerbWords) -> str:
        """How a verb is called in a message: "I cannot go to a thing for a time"; else as it is rendered."""
        return str(self.settings.get("called", {}).get(words.verb, self.canonical(words)))

    def naming(self, words: VerbWords, name: str | None) -> str | None:
        """The phrase of a verb that says a name by itself, if there is one: "warm up"."""
        phrases = self.verb_phrases(words) if name else ()
        return next((phrase for phrase, fixed in phrases if fixed.get("name") == name), None)

    # -- its words -----------------------------------------------------------------------------------------------

    def share(self, text: str) -> float:
        """How much of a text is of this language, 0 to 1; here the share of its words that are known."""
        return self.known(text)

    def known(self, text: str) -> float:
        """The share of a text's words that are known, 0 to 1."""
        words = self.words(text)
        strange = len(self.strange(words, lexicon(self, verbs()).words))
        count = sum(word.number is None and word.text not in MARKS for word in words)
        return (count - strange) / count if count else 0.0

    def strange(self, words: Sequence[Word], known: Collection[str]) -> list[int]:
        """Places of words that are not known, and no part of a number."""
        found = {i for i, w in enumerate(words) if w.text not in known and w.text not in MARKS and w.number is None}
        for start in range(len(words) if found else 0):
            for length, _ in self.numbers(words, start):
                found.difference_update(range(start, start + length))
        return sorted(found)

    def words(self, text: str) -> list[Word]:
        """The words of a text, in the spelling in which they are looked up."""
        return split(text)

    def forms(self, verb: VerbWords, phrase: str, fixed: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Patterns of a verb's phrase in all its forms, with what each says by itself."""
        yield from ((form, fixed) for form in self.inflections(phrase))

    def inflections(self, phrase: str) -> Collection[str]:
        """A verb's phrase in all its forms."""
        return (phrase,)

    def plural(self, noun: str) -> str:
        """The plural of a noun."""
        return noun

    def variants(self, pattern: str) -> str:
        """A pattern with what is said as well."""
        return pattern

    def phrases(self, known: Mapping[str, VerbWords]) -> Phrases:
        """All phrases and the tokens (kind, value) that they are, for the verbs that are known; see :func:`lexicon`."""
        found = Phrases(self.pieces)

        def add(pattern: str, kind: str, value: Any) -> None:
            for each in (kind, self.also[kind]) if kind in self.also else (kind,):
                found.add(pattern, each, value)

        for words in known.values():
            for phrase, fixed in self.verb_phrases(words):
                for form, slots in self.forms(words, phrase, fixed):
                    meant = (words.verb, tuple(sorted(slots.items())))
                    add(self.variants(form), "VERB", meant)
                    if not is_ours(words):
                        found.outright.add(("VERB", meant))
            for noun in self.actions(words):
                add(self._numbers_of(noun), "ACTION", words.verb)
        for kind, entries in self.listed.items():
            for value, patterns in entries if KINDS[kind].get("token", True) else ():
                for pattern in patterns:
                    add(self.variants(pattern), kind, value)
        for name, said in self.things["types"].items():
            for word in said:
                add(self._numbers_of(word), "NOUN", name)
        for name, said in self.things["colors"].items():
            add("|".join(said), "COLOR", name)
        return found

    def _numbers_of(self, noun: str) -> str:
        return "|".join(dict.fromkeys((noun, self.plural(noun))))

    def numbers(self, words: Sequence[Word], start: int) -> Iterator[tuple[int, float]]:
        """Numbers in words from ``start`` on: (how many words, value)."""
        yield from ()

    def cost(self, kind: str, count: int, word: str) -> float:
        """What it costs to read ``count`` words, of which ``word`` is the first, as a token of a kind."""
        return count - 0.01 * (count - 1) + float(self.settings.get("cost", {}).get(kind, 0.0)) * count

    def unsupported(self, word: str) -> bool:
        """Whether the word is of an action that people say and no Instruction can."""
        return word in self._unsupported

    @cached_property
    def _unsupported(self) -> frozenset[str]:
        said = self.listed.get(UNSUPPORTED, ())
        return frozenset(form for _, listed in said for verb in listed for form in self.inflections(verb.lower()))

    @cached_property
    def dictionary(self) -> Collection[str]:
        """Words that are right as they stand, though no sentence here uses them."""
        return ()

    def answer(self, name: str = "help") -> str:
        """What can be said, or how to ask for it: the verbs that skills do, or all where none is registered."""
        done = [words for words in verbs().values() if words.verb in _REGISTERED] or list(verbs().values())
        said = ", ".join(self.canonical(words) for words in done)
        return str(self.settings.get("answers", {}).get(name, "{verbs}")).format(verbs=said)

    @cached_property
    def messages(self) -> dict[str, str]:
        """messages.toml, where there is one: what is told in English, to how it is said here; {name} is a part."""
        return {str(told): str(said) for told, said in self._toml("messages").items()}

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        """The messages that have parts, those of which the most is told first."""
        told = sorted((one for one in self.messages if "{" in one), key=lambda one: -len(_PART.sub("", one)))
        named = (_PART.sub(lambda part: f"(?P<{part[1]}>.+?)", re.sub(r"[^\w\s{}]", r"\\\g<0>", one)) for one in told)
        return [(re.compile(pattern, re.DOTALL), self.messages[one]) for pattern, one in zip(named, told, strict=True)]

    def told(self, message: str, part: Callable[[str], str] | None = None) -> str:
        """A message, which is written in English, in this language; as it is where messages.toml does not have it.

        ``part``: what else to make of its parts than to look them up among messages, verbs and things.
        """
        if not self.messages or message in self.messages:
            return self.messages.get(message, message)
        if message[-1] in ".?" and message[-1] in self.messages:
            return self.told(message[:-1], part) + self.messages[message[-1]]
        for pattern, said in self._patterns:
            if found := pattern.fullmatch(message):
                parts = found.groupdict().items()
                return said.format(**{name: v if name in _QUOTED else self.part(v, part) for name, v in parts})
        return part(message) if part is not None else message

    def part(self, told: str, more: Callable[[str], str] | None = None) -> str:
        """A part of a message: a verb, a thing, several of them, or a message of its own."""
        joint = next((one for one in (", ", " or ", " and ") if one in told and told not in self.messages), None)
        if joint is not None:
            return self.messages.get(joint, joint).join(self.part(one, more) for one in told.split(joint))
        known, verb = verbs(), told.replace(" ", "_")
        for said in (self.things["types"], self.things["colors"]):
            if told in said:
                return said[told][0]
        return self.canonical(known[verb]) if verb in known else self.told(told, more)

    def senses(self, word: str) -> Sequence[Sense]:
        """What a word that no list has may be read as, by words that are near it in meaning."""
        return ()

    def nearest(self, word: str) -> str | None:
        """The verb that is nearest in meaning to one that no list has and nothing does."""
        return None

    def may_name(self, word: str) -> bool:
        """Whether a word that is not known may be that of a thing, which no scene here has: "the hippopotamus"."""
        return word in self.dictionary

    # -- its grammar beside the grammar ----------------------------------------------------------------------------

    def says(self, idiom: str, words: str) -> bool:
        """Whether words, in lower case, are an idiom of this language."""
        pattern = self.settings.get("idioms", {}).get(idiom)
        return pattern is not None and re.search(pattern, words) is not None


@contextmanager
def naming_faults(locale: Locale) -> Iterator[None]:
    """What a language's own code raises as an InputError that names the language, the place and the method."""
    try:
        yield
    except Exception as error:
        own = [at for at in traceback.extract_tb(error.__traceback__) if Path(at.filename).parent == locale.folder]
        if isinstance(error, InputError) or (not own and Path(__file__).parent in locale.folder.parents):
            raise
        place = f"{own[0].filename}, line {own[0].lineno}, in {own[0].name}" if own else "what its own code gives"
        message = f"{type(error).__name__}: {error}; mend it, or do without the language"
        raise InputError(f"language {locale.code!r}: {place}: {message}") from error


@lru_cache(maxsize=4)
def lexicon(locale: Locale, known: Verbs) -> Phrases:
    """All phrases of a language, made once for the verbs that are known."""
    with uncollected():
        return locale.phrases(known)
