"""Sentences to several robots: "Anna, walk to Ben. Ben, turn left." Each part is read by itself, and is somebody's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from simonsays.envs.language.analysis import Analysis
from simonsays.envs.language.context import NO_CONTEXT, Context
from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.instruction import Instruction, Step
from simonsays.envs.language.known import detect, get_locale
from simonsays.envs.language.locale import Locale, lexicon
from simonsays.envs.language.names import name_pattern, named
from simonsays.envs.language.parser import MAX_LENGTH, analyze, understand
from simonsays.envs.language.reading.source import say_all
from simonsays.envs.language.vocabulary import verbs

_STOPS = ".!?;。！？；\n"
_COMMAS = ",，:：、"


@dataclass(frozen=True)
class _Part:
    """What is said to somebody.

    Attributes:
        who: the names; empty: nobody is named
        begin, start, end: characters: of who is meant, and of what is said to them
        during: at the same time as the part before
    """

    who: tuple[str, ...]
    begin: int
    start: int
    end: int
    during: bool = False


def read_told(text: str, language: str | None = None, context: Context = NO_CONTEXT) -> Analysis:
    """As :func:`~simonsays.envs.language.parser.analyze`; where robots hear it by name, each step says whose it is.

    A single robot need not be named; of several, each part of the text names one or more of them.

    Raises:
        ParseError: it was not understood, names nobody, or somebody who is not there.
    """
    if not context.names:
        return analyze(text, language, context=context)
    locale = get_locale(language or detect(text[:MAX_LENGTH]))
    parts = _parts(text, context.names, locale)
    _check_names(text, parts, context.names, locale)
    if len(context.names) == 1 and not parts[0].who:
        return analyze(text, locale.code, context=context)
    read: list[Analysis] = []
    steps: list[Step] = []
    for part in parts:
        if not part.who:
            raise _whose(text, part, context.names, locale)
        heard = replace(context, done=tuple(steps) or context.done)
        one = _read(text, part, locale, heard)
        for n, group in enumerate(_groups(one.instruction.steps)):
            for i, name in enumerate(part.who):
                first, *more = (replace(step, robot=name) for step in group)
                during = bool(steps) and (i > 0 or (part.during and n == 0))
                steps += [replace(first, parallel_with_prev=during), *more]
        read.append(one)
    return _joined(text, read, steps)


def _groups(steps: Sequence[Step]) -> list[list[Step]]:
    """Steps that are done at the same time, together."""
    found: list[list[Step]] = []
    for step in steps:
        if step.parallel_with_prev:
            found[-1].append(step)
        else:
            found.append([step])
    return found


def _joined(text: str, read: Sequence[Analysis], steps: Sequence[Step]) -> Analysis:
    notes = tuple(note for one in read for note in one.instruction.notes)
    unordered = any(one.instruction.unordered for one in read)
    return Analysis(
        text,
        read[0].language,
        Instruction(tuple(steps), unordered, notes),
        tuple(each for one in read for each in one.corrections),
        tuple(each for one in read for each in one.fillers),
        tuple(each for one in read for each in one.tokens),
        tuple(each for one in read for each in one.rules),
    )


def _read(text: str, part: _Part, locale: Locale, context: Context) -> Analysis:
    """What is said in a part, with its words where they stand in the whole text."""
    try:
        return analyze(" " * part.start + text[part.start : part.end], locale.code, context=context)
    except ParseError as error:
        error.text = text
        if error.code in ("unknown_word", "unknown_verb"):
            error.args = (say_all(locale, [str(error), f"The robots here are {', '.join(context.names)}."]),)
        raise


def _words(locale: Locale, name: str) -> str:
    """The words of a locale by which robots are addressed, as a regular expression; one that fits nothing without."""
    return str(locale.settings.get("address", {}).get(name, "(?!)"))


def _parts(text: str, names: Sequence[str], locale: Locale) -> list[_Part]:
    """Who is told what, in order; what stands before anybody is named is nobody's."""
    begun: list[_Part] = []
    for part in _addresses(text, names, locale):
        if part.start >= (begun[-1].start if begun else 0):
            begun.append(part)
    first = begun[0].begin if begun else len(text)
    ended = [replace(one, end=other.begin) for one, other in pairwise(begun)] + begun[-1:]
    if text[:first].strip(_STOPS + _COMMAS + " "):
        ended = [*_called_last(text, _Part((), 0, 0, first), names, locale), *ended]
    return [_meanwhile(text, part, locale) for part in ended]


def _who(names: Sequence[str], locale: Locale) -> str:
    """A regular expression for those who are addressed together."""
    name = name_pattern(names)
    more = rf"(?:\s*(?:[,，、]\s*)?(?:{_words(locale, 'also')})?\s*{name})*"
    return rf"(?P<who>{name}{more}|(?:{_words(locale, 'everyone')}))"


def _said(who: str, names: Sequence[str]) -> tuple[str, ...]:
    """The names in a text; all where it has none."""
    said = re.findall(name_pattern(names), who, re.IGNORECASE)
    return tuple(dict.fromkeys(named(one, names) for one in said)) or tuple(names)


def _called_last(text: str, part: _Part, names: Sequence[str], locale: Locale) -> list[_Part]:
    """The sentences of a part, where all end with a name: "Wave, Anna. Turn left, Ben." """
    found = []
    for sentence in re.finditer(rf"[^{_STOPS}]*[^\s{_STOPS}][^{_STOPS}]*", text[part.start : part.end]):
        last = re.search(rf"[,，]\s*{_who(names, locale)}\s*$", sentence.group(), re.IGNORECASE)
        if last is None:
            return [part]
        begin = part.start + sentence.start()
        found.append(_Part(_said(last["who"], names), begin, begin, begin + last.start()))
    return found


def _addresses(text: str, names: Sequence[str], locale: Locale) -> Iterator[_Part]:
    """Places where somebody is spoken to: at the beginning of a sentence, or of a clause that is one by itself."""
    lead = rf"(?P<lead>(?:(?:{_words(locale, 'leads')}|{_words(locale, 'during')})\s*[,，]?\s*)*)"
    edge = rf"(?P<edge>^|[{_STOPS}{_COMMAS}]|(?<=\s)|(?<=[^\x00-\x7f]))\s*"
    after = rf"\s*(?:[,，:：]|{_words(locale, 'joins')})?"
    pattern = re.compile(rf"{edge}{lead}{_who(names, locale)}{after}", re.IGNORECASE)
    at, ahead = 0, False
    while found := pattern.search(text, at):
        at = found.start("who") + 1
        edge_, stop = found["edge"], re.search(rf"[{_STOPS}{_COMMAS}]", text[found.end() :])
        end = found.end() + stop.start() if stop else len(text)
        begins = edge_ in _STOPS if edge_ else not text[: found.start()].strip()
        during = re.search(_words(locale, "during"), found["lead"], re.IGNORECASE) is not None
        opens = begins and re.match(_words(locale, "opens"), found["lead"], re.IGNORECASE) is not None
        part = _Part(_said(found["who"], names), found.start(), found.end(), len(text), ahead or (during and not opens))
        begins_clause = found["lead"] or (edge_ and edge_ in _COMMAS)
        if begins or (begins_clause and _acts(text[found.end() : end], names, locale)):
            at, ahead = found.end("who"), opens
            yield part


def _acts(words: str, names: Sequence[str], locale: Locale) -> bool:
    """Whether words are a sentence by themselves, so that a name before them is somebody's who is told so."""
    try:
        return bool(words.strip()) and "VERB" in {
            kind for kind, _, _ in understand(words, locale.code, Context(names=tuple(names))).tokens
        }
    except ParseError:
        return False


def _meanwhile(text: str, part: _Part, locale: Locale) -> _Part:
    """The part without the words at its beginning or its end that say that it is done at the same time."""
    during, words = _words(locale, "during"), text[part.start : part.end]
    if before := re.match(rf"\s*(?:{during})", words, re.IGNORECASE):
        return replace(part, start=part.start + before.end(), during=True)
    if after := re.search(rf"[\s{_COMMAS}]*(?:{during})\s*[{_STOPS}]*\s*$", words, re.IGNORECASE):
        return replace(part, end=part.start + after.start(), during=True)
    return part


def _whose(text: str, part: _Part, names: Sequence[str], locale: Locale) -> ParseError:
    """The error for what is said to nobody."""
    start = part.start + len(text[part.start :]) - len(text[part.start :].lstrip())
    called = re.match(rf"[^\s{_STOPS}{_COMMAS}]+(?=\s*[,，:：])", text[start : part.end])
    if called and not _acts(called.group(), names, locale) and not _acts(text[start : part.end], names, locale):
        return _nobody(text, start, called.group(), names, locale)
    message = f"Who is to do it? The robots here are {', '.join(names)}: begin with a name."
    return ParseError(
        "ambiguous_object", locale.told(message), text, start, text[start : part.end].rstrip(_STOPS + " ")
    )


def _check_names(text: str, parts: Sequence[_Part], names: Sequence[str], locale: Locale) -> None:
    """Refuse a sentence that begins with a name, a word that is not known and a comma, of somebody who is not there."""
    known, begun = lexicon(locale, verbs()).words, {part.begin for part in parts if part.who}
    for found in re.finditer(rf"(?:^|[{_STOPS}])\s*(?P<name>[^\s{_STOPS}{_COMMAS}]+)\s*[,，:：]", text):
        word = found["name"]
        if found.start() not in begun and locale.strange(locale.words(word), known) and not word[0].isdigit():
            raise _nobody(text, found.start("name"), word, names, locale)


def _nobody(text: str, start: int, word: str, names: Sequence[str], locale: Locale) -> ParseError:
    """The error for a name that no robot has."""
    message = f"There is no robot {word!r}: the robots here are {', '.join(names)}."
    return ParseError("no_such_object", locale.told(message), text, start, word, tuple(names))
