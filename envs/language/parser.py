"""Text to Instruction, with what was corrected and passed over, or an error that says what was not understood."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache, partial
from itertools import islice, product
from typing import Literal, NamedTuple

from lark import Token

from simonsays.envs.language.analysis import Analysis, Correction
from simonsays.envs.language.asides import without_aside
from simonsays.envs.language.context import NO_CONTEXT, Context
from simonsays.envs.language.errors import ParseError, with_suggestion
from simonsays.envs.language.instruction import Instruction
from simonsays.envs.language.known import detect, get_locale
from simonsays.envs.language.lattice import Candidate, Grammar
from simonsays.envs.language.locale import MARKS, Locale, Sense, lexicon, naming_faults
from simonsays.envs.language.names import as_robots, senses_of, with_names
from simonsays.envs.language.reading.audit import lost
from simonsays.envs.language.reading.clause import ClauseReader
from simonsays.envs.language.reading.discourse import instruction
from simonsays.envs.language.reading.source import quoted, say_all
from simonsays.envs.language.spelling import corrections, similar, wrong_forms
from simonsays.envs.language.tokens import KINDS, Phrases, Word, uncollected
from simonsays.envs.language.vocabulary import Verbs, verbs

MAX_LENGTH = 2000  # characters
_LARGEST = 1e12
_MOST_TYPOS = 6
_LONG = 500  # characters: of what is longer, nothing is tried beside what it says
_MOST_COMPOUND = 3  # words of a thing that is not known
_OWN_NAME = 1.45  # what a thing costs that no list has: "the kitchen table" is one thing
_NOTHING: Mapping[int, Sequence[Sense]] = {}
_STRANGE = 0.8  # what it costs, beside its words
_BEFORE_NOUN = ("THE", "A", "COLOR", "SIZE", "SIDE", "NEAREST", "ORDINAL")
_MOST_EXPECTED = 3  # kinds of words that a message names
_MOST_TRIES = 16  # of ways to correct a text
_NAMES = {**{kind: told["asked"] for kind, told in KINDS.items() if "asked" in told}, "$END": "the end"}

Reading = Literal["everyday", "scan"]


class _Compiled(NamedTuple):
    """One language: its phrases, their words and its grammar."""

    locale: Locale
    verbs: Verbs
    phrases: Phrases
    words: Sequence[str]
    grammar: Grammar


@lru_cache(maxsize=4)
def _compile(locale: Locale, known: Verbs) -> _Compiled:
    phrases = lexicon(locale, known)
    with uncollected():
        return _Compiled(locale, known, phrases, sorted(phrases.words), Grammar(locale.folder / "grammar.lark"))


def parse(
    text: str, language: str | None = None, reading: Reading = "everyday", context: Context = NO_CONTEXT
) -> Instruction:
    """The meaning of a sentence; the language is told from the script unless it is given.

    Raises:
        ParseError: it makes no sense, or says what an Instruction cannot; its ``code`` says which.
    """
    return analyze(text, language, reading, context).instruction


def analyze(
    text: str, language: str | None = None, reading: Reading = "everyday", context: Context = NO_CONTEXT
) -> Analysis:
    """As :func:`parse`, with the corrections, the fillers and the tokens.

    ``reading``: "everyday", where "walk left" is sideways, or "scan", where it is a turn and then a walk.
    ``context``: what the sentence may take up; see :func:`~simonsays.envs.language.dialogue.hear` for answers.

    Raises:
        ParseError: as :func:`parse`.
    """
    if reading not in ("everyday", "scan"):
        raise ValueError(f"reading {reading!r}: use 'everyday' or 'scan'")
    locale = get_locale(language or detect(text[:MAX_LENGTH]))
    with naming_faults(locale), uncollected():
        try:
            return _analyze(text, locale, reading == "scan", context)
        except ParseError as error:
            again = partial(_analyze, locale=locale, scan=reading == "scan", context=context)
            if len(text) > _LONG:
                error.suggestions = ()
            elif (beside := without_aside(text, locale, again)) is not None:
                return beside
            _suggest(error, locale, again)
            raise


def understand(text: str, language: str, context: Context = NO_CONTEXT) -> Analysis:
    """As :func:`analyze`, of a text that is only tried: nothing is left out of it, and nothing suggested.

    Raises:
        ParseError: it was not understood.
    """
    locale = get_locale(language)
    with naming_faults(locale):
        return _analyze(text, locale, False, context)


def _suggest(error: ParseError, locale: Locale, understand: Callable[[str], Analysis]) -> None:
    """Keep of what an error suggests only what is understood in the place of the words in question, and tell it."""
    kept = []
    if error.alike is not None and len(error.text) <= _LONG:
        error.suggestions, error.hint = error.alike(), "Did you mean {}?"
    for suggestion in error.suggestions:
        with suppress(ParseError):
            understand(with_suggestion(error.text, error.span, suggestion))
            kept.append(suggestion)
    error.suggestions = tuple(kept)
    hint = error.hint.format(" or ".join(map(repr, kept))) if kept else ""
    if hint or error.hint or error.code == "unknown_verb":
        error.args = (say_all(locale, [str(error), hint or locale.answer("ask")]),)


def _analyze(text: str, locale: Locale, scan: bool, context: Context) -> Analysis:
    if len(text) > MAX_LENGTH:
        message = f"The text has {len(text):,} characters; at most {MAX_LENGTH:,} are read."
        raise ParseError("nonsense", locale.told(message), text, MAX_LENGTH)
    compiled = _compile(locale, verbs())
    words = with_names(locale.words(text), text, context.names, locale)
    if not words:
        raise ParseError("empty", say_all(locale, ["Nothing is said.", locale.answer("ask")]), text, 0)
    read, corrected = _read(compiled, words, text)
    reader = ClauseReader(text, compiled.verbs, locale, scan, context)
    tree = compiled.grammar.tree(read)
    try:
        meaning = instruction(tree, reader, read)
    except ParseError as error:
        error.rules = tuple(name for name, _ in reader.rules)
        mended = [f"I read {quoted(one.word)} as {one.read_as!r}." for one in corrected]
        error.args = (say_all(locale, [str(error), *mended]),) if mended else error.args
        raise
    for token in read:
        if token.type in ("ANY_ORDER", "IN_ORDER"):
            meaning = replace(meaning, unordered=token.type == "ANY_ORDER")
    skipped = ("FILLER",) if reader.greets else ("FILLER", "GREETING", "HELP")
    notes = [token for token in read if token.type in skipped] + reader.notes
    missed = None if scan else lost(read, meaning, notes)
    if missed is not None:
        message = "I understand this word, but not what it says here, and I leave nothing out"
        raise reader.refuse("nonsense", missed, message, "Say it in other words, or without it")
    fillers = sorted({(text[t.start_pos : t.end_pos], t.start_pos or 0) for t in notes}, key=lambda note: note[::-1])
    passed = [range(start, start + len(words)) for words, start in fillers]
    corrected = tuple(one for one in corrected if not any(one.position in words for words in passed))  # told once
    told = [*fillers, *((f"{one.word} → {one.read_as}", one.position) for one in corrected)]
    meaning = replace(meaning, notes=tuple(words for words, _ in sorted(told, key=lambda note: note[::-1])))
    meaning = as_robots(meaning) if context.names else meaning
    tokens = tuple((t.type, text[t.start_pos : t.end_pos], t.start_pos or 0) for t in read)
    rules = tuple((name, text[start:end], start) for name, (start, end) in reader.rules)
    return Analysis(text, locale.code, meaning, corrected, tuple(fillers), tokens, rules)


def _read(compiled: _Compiled, words: list[Word], text: str) -> tuple[list[Token], tuple[Correction, ...]]:
    """The tokens of the text as it stands, or with its typing errors mended, or by what its words may be beside."""
    try:
        return _read_with(compiled, words, text, ())
    except ParseError as error:
        beside = [i for i, word in enumerate(words) if any(map(_adds, senses_of(word.text, compiled.locale)))]
        beside += _unread(compiled, words) if len(text) <= _LONG else []
        if not beside or error.code == "impossible_amount" or (error.strange and len(text) > _LONG):
            raise
        try:
            return _read_with(compiled, words, text, beside)
        except ParseError:
            raise error from None


def _unread(compiled: _Compiled, words: Sequence[Word]) -> list[int]:
    """Places of words that stand in phrases alone, and in none that is said here: "rubbish" but no "rubbish bin"."""
    texts, begin = [word.text for word in words], _candidates(compiled, words, "")
    read = {i + n for i in range(len(texts)) for one in begin(i) for n in range(one.length)}
    may_name = compiled.locale.may_name
    return [i for i, one in enumerate(texts) if i not in read and one.isalpha() and may_name(one)]


def _adds(sense: Sense) -> bool:
    """Whether a known word may have a sense that lists do not tell: an adjective, or a kind of thing."""
    return sense.kind == "MANNER_ADJECTIVE" or (sense.kind == "NOUN" and not sense.own)


def _read_with(
    compiled: _Compiled, words: list[Word], text: str, beside: Sequence[int]
) -> tuple[list[Token], tuple[Correction, ...]]:
    """As :func:`_read`; ``beside``: places of known words that may also be what words near them in meaning are."""
    locale = compiled.locale
    strange = locale.strange(words, compiled.phrases.words)
    strange += [i for i in _unread(compiled, words) if i in beside and i not in strange] if beside else []
    near = {i: senses for i in strange if (senses := senses_of(words[i].text, locale))}
    near |= {i: [one for one in senses_of(words[i].text, locale) if _adds(one)] for i in beside if i not in near}
    wrong = [i for i in strange if i not in near]
    options = [_corrections(compiled.locale, compiled.verbs, words[i].text) for i in wrong]
    named = frozenset(i for i in wrong if compiled.locale.may_name(words[i].text))
    if named and named == frozenset(i for i, found in zip(wrong, options, strict=True) if not found):
        wrong, options = [i for i in wrong if i not in named], [found for found in options if found]
    else:
        named = frozenset()
    if len(wrong) > _MOST_TYPOS or not all(options):
        place = wrong[next((n for n, found in enumerate(options) if not found), 0)]
        before = words[:place]
        _, furthest, expected = compiled.grammar.read(before, _candidates(compiled, before, text, named, near))
        place = furthest if furthest in near else place  # what comes first is told first
        raise _strange(compiled, words, place, text, expected if furthest == place else set())
    accepted = []
    furthest, expected = 0, set[str]()
    for chosen in islice(product(*options), _MOST_TRIES):
        mended = list(words)
        for i, word in zip(wrong, chosen, strict=True):
            mended[i] = replace(words[i], text=word)
        tokens, reached, wanted = compiled.grammar.read(mended, _candidates(compiled, mended, text, named, near))
        if tokens is not None:
            accepted.append((tokens, chosen))
        elif reached >= furthest:
            furthest, expected = reached, wanted
    if not accepted and furthest in strange:
        raise _strange(compiled, words, furthest, text, expected)
    if not accepted:
        raise _misfit(compiled, words, furthest, expected, text)
    first = accepted[0]
    if len({tuple((t.type, t.value) for t in tokens) for tokens, _ in accepted}) > 1:  # they mean different things
        n = next(i for i in range(len(wrong)) if len({chosen[i] for _, chosen in accepted}) > 1)
        doubtful = words[wrong[n]]
        meant = tuple(sorted({chosen[n] for _, chosen in accepted}))
        message = compiled.locale.told(f"I do not know {quoted(doubtful.text)}.")
        error = ParseError("unknown_word", message, text, doubtful.start, doubtful.text, meant)
        error.hint = "Did you mean {}?"
        raise error
    read_as = {**dict(zip(wrong, first[1], strict=True)), **dict(_standing_for(first[0], words, near))}
    return first[0], tuple(
        Correction(text[words[i].start : words[i].end], word, words[i].start) for i, word in sorted(read_as.items())
    )


@lru_cache(maxsize=4096)
def _corrections(locale: Locale, known: Verbs, word: str) -> Sequence[str]:
    """The words that a word that is not known may be a slip for; it is asked for with each try to read a text."""
    return corrections(word, _compile(locale, known).words, lambda: locale.dictionary)


def _standing_for(
    tokens: Sequence[Token], words: Sequence[Word], near: Mapping[int, Sequence[Sense]]
) -> Iterator[tuple[int, str]]:
    """The words that were read as others that are near in meaning, and those others."""
    kinds = {token.start_pos: (token.type, token.value) for token in tokens}
    for i, senses in near.items():
        said = kinds.get(words[i].start)
        if said is not None and any(not sense.own and said[1] == sense.value for sense in senses):
            yield i, str(said[1])


def _candidates(
    compiled: _Compiled,
    words: Sequence[Word],
    text: str,
    named: frozenset[int] = frozenset(),
    near: Mapping[int, Sequence[Sense]] = _NOTHING,
) -> Callable[[int], Iterator[Candidate]]:
    """The tokens that may begin at a word.

    ``named``: places of words that may name a thing that is not known; ``near``: what words are by others near them.
    """
    texts = [word.text for word in words]
    matches, cost, also = compiled.phrases.matches, compiled.locale.cost, compiled.locale.also
    strange = named | {i for i, senses in near.items() if any(sense.kind == "NOUN" for sense in senses)}

    def begin(i: int) -> Iterator[Candidate]:
        word = words[i]
        if word.text in MARKS:
            yield Candidate(1, MARKS[word.text], word.text, 1.0)
            if MARKS[word.text] == "COMMA":
                yield Candidate(1, "FILLER", None, 2.5)
        digits = word.number
        if digits is not None:
            if not 0 < digits <= _LARGEST or not math.isfinite(digits):
                message = say_all(compiled.locale, [f"{quoted(word.text)}: ", "needs a number above 0."])
                raise ParseError("impossible_amount", message, text, word.start, word.text)
            yield Candidate(1, "NUMBER", digits, 1.0)
            yield Candidate(1, "BARE_NUMBER", digits, 1.5)
        for length, number in compiled.locale.numbers(words, i):
            yield Candidate(length, "NUMBER", number, length - 0.01 * (length - 1))
            yield Candidate(length, "BARE_NUMBER", number, length + 0.5)
        for length, (kind, value) in matches(texts, i):
            yield Candidate(length, kind, value, cost(kind, length, word.text))
        for kind, value, own in near.get(i, ()):
            for each in (kind, also[kind]) if kind in also else (kind,):
                yield Candidate(1, each, value, _OWN_NAME if own and kind == "NOUN" else cost(each, 1, word.text))
        for length in range(1, _MOST_COMPOUND + 1) if i and strange and names(i - 1, _BEFORE_NOUN) else ():
            part = range(i, min(i + length, len(words)))
            if strange.isdisjoint(part) or not all(n in strange or names(n, ("NOUN",)) for n in part):
                continue
            yield Candidate(len(part), "NOUN", " ".join(texts[part.start : part.stop]), _STRANGE + 0.8 * len(part))

    def names(i: int, kinds: Collection[str]) -> bool:
        return any(length == 1 and kind in kinds for length, (kind, _) in matches(texts, i))

    return begin


def _strange(
    compiled: _Compiled, words: Sequence[Word], place: int, text: str, expected: Collection[str]
) -> ParseError:
    """The error for a word that is not known; ``expected``: what may stand there."""
    locale, word = compiled.locale, words[place]
    right = locale.may_name(word.text)  # what is spelt like it means something else
    hint, meant = "", tuple[str, ...]()
    shown = text[word.start : word.end]
    code = "unknown_verb" if "VERB" in expected else "unknown_word"
    nearest = locale.nearest(word.text)
    known = locale.unsupported(word.text) or nearest is not None
    if known:
        meant = (locale.canonical(compiled.verbs[nearest]),) if nearest is not None else ()
        code, told, hint = "unsupported_skill", f"I cannot do {quoted(shown)}.", "Nearest to it: {}."
    elif not word.text.isalpha() and not word.text.isdigit():
        code, told = "nonsense" if len(words) == 1 else code, f"I cannot read {quoted(shown)}."
    else:
        told = f"I do not know {quoted(shown)}."
    error = ParseError(code, locale.told(told), text, word.start, shown, meant)
    error.hint, error.strange = hint, True
    if not known and not right:
        error.alike = lambda: similar(word.text, compiled.words, wrong_forms(locale, compiled.verbs))
    return error


def _misfit(compiled: _Compiled, words: Sequence[Word], place: int, expected: set[str], text: str) -> ParseError:
    """The error for a known word that makes no sense where it stands."""
    locale, named = compiled.locale, [_NAMES[kind] for kind in _NAMES if kind in expected]
    wanted = [f"Here I expect {', '.join(named)}."] if 0 < len(named) <= _MOST_EXPECTED else [locale.answer("ask")]
    if place >= len(words):
        return ParseError("nonsense", say_all(locale, ["The sentence stops too early.", *wanted]), text, len(text))
    word = words[place]
    shown = text[word.start : word.end]
    if any(kind == "NOT" for _, (kind, _) in compiled.phrases.matches([word.text for word in words], place)):
        told = [f"{quoted(shown)}: ", "I only do things, I cannot leave one out.", "Say what to do instead."]
        return ParseError("contradiction", say_all(locale, told), text, word.start, shown)
    code = "unsupported_skill" if locale.unsupported(word.text) else "nonsense"
    told = [f"I know {quoted(shown)}, but not at this place.", *wanted]
    return ParseError(code, say_all(locale, told), text, word.start, shown)
