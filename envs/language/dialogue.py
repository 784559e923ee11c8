"""Conversation: a sentence, and what stands before it, to its meaning. Nothing is remembered here.

context = context_of(plan, scene, question)   # envs/plan/talk.py
analysis = hear("the left one", context)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from simonsays.envs.language.addressed import read_told
from simonsays.envs.language.analysis import Analysis
from simonsays.envs.language.context import Context, Question
from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.known import detect, get_locale
from simonsays.envs.language.parser import understand

_ANSWER = 80  # characters of a phrase that answers; what is longer is a sentence of its own
_ACTS = ("VERB", "LIGHT", "REPEAT", "UNABLE")


def hear(text: str, context: Context, language: str | None = None) -> Analysis:
    """What a sentence means to whoever heard those before it: an answer, a correction, or something new.

    The text of what is returned is the whole sentence, where an answer completes one.

    Raises:
        ParseError: it was not understood, neither by itself nor as an answer.
    """
    question = context.question
    if question is None:
        return read_told(text, language, context)
    code = language or detect(text)
    first: ParseError | None = None
    for whole, asked, acts in _readings(text, question, code):
        try:
            heard = context if asked else replace(context, question=None)
            plain = (whole == text and asked) or bool(context.names)
            read = read_told(whole, code, heard) if plain else understand(whole, code, heard)
        except ParseError as error:
            first = error if whole == text and asked else first
            continue
        kinds = [kind for kind, _, _ in read.tokens]
        if acts or (kinds.count("NOUN") < 2 and not any(kind in _ACTS for kind in kinds)):
            return read
    assert first is not None
    raise first


def _readings(text: str, question: Question, code: str) -> Iterator[tuple[str, bool, bool]]:
    """Ways to take an answer: (text to read, the question stays open to it, it may have a verb)."""
    locale, plain = get_locale(code), text.strip().strip(".!?,。！？， ").lower()
    phrase = len(plain) <= _ANSWER
    if (
        question.suggestions
        and phrase
        and (locale.says("whichever", plain) or (len(question.suggestions) == 1 and locale.says("agrees", plain)))
    ):
        yield question.with_suggestion(question.suggestions[0]), False, True
    if question.wanted is not None and phrase and not locale.says("is_one", plain):
        for one in locale.settings.get("answers", {}).get("one", ()):
            yield one.format(plain), True, False  # "left": the left one
    if phrase and not question.steps:
        start, end = question.span or (0, len(question.text))
        said = question.text.rstrip(" .!?。！？")
        last = max(start, question.text.rfind(" ", start, end) + 1)
        yield f"{said} {plain}", False, True
        yield f"{said}, {plain}", False, True
        yield f"{question.text[:last]}{plain} {question.text[last:]}", False, True
        yield question.with_suggestion(plain), False, True
    yield text, True, True
    if question.wanted is None or question.steps:
        yield text, False, True
