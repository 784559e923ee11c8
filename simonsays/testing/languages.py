"""The contract of a language: its rules read their examples, and what it says is understood again."""

from __future__ import annotations

from typing import Any

from simonsays.assets import InputError
from simonsays.envs.language import Instruction, Locale, ObjectRef, ParseError, Step, analyze, locales, parse, render
from simonsays.envs.language.instruction import RANKS
from simonsays.envs.language.reading.rules import rules
from simonsays.envs.language.vocabulary import FIELDS, verbs
from simonsays.envs.moves.skill import skills
from simonsays.testing._holding import holds


def check_locale(code: str) -> None:
    """Check a language by its code.

    Its rules have names of their own, and each reads its example. The example of every skill that it has words for is
    understood as it renders it. What its phrases.toml and things.toml have words for, it can say.

    Raises:
        AssertionError: something does not hold; the message says what.
    """
    known, what = locales(), f"language {code!r}"
    holds(code in known, f"no {what}: known: {', '.join(known)}; register_locale makes one known")
    locale = known[code]
    names = [rule.name for rule in rules(locale.rules)]
    twice = sorted({name for name in names if names.count(name) > 1})
    holds(not twice, f"{what}: two rules are called {', '.join(twice)}")
    for rule in locale.rules:
        try:
            fired = [name for name, _, _ in analyze(rule.example, code).rules]
        except ParseError as error:
            fired = list(error.rules)
        holds(rule.name in fired, f"{what}, rule {rule.name!r}: it does not read its example {rule.example!r}: {fired}")
    _says_what_it_reads(locale, what)
    for verb, skill in skills().items():
        if not locale.verb_phrases(verbs()[verb]):
            continue
        said = parse(skill.example)
        try:
            text = render(said, code)
        except InputError as error:
            raise AssertionError(f"{what}: cannot say {skill.example!r}: {error}") from error
        try:
            heard = parse(text, code)
        except ParseError as error:
            raise AssertionError(f"{what}: {skill.example!r} is {text!r}, which is not understood: {error}") from error
        holds(heard == said, f"{what}: {skill.example!r} is {text!r}, which means {render(heard)!r}")


_AMOUNTS = {"LENGTH": "distance", "DEGREES": "angle", "SECONDS": "duration", "STEPS": "steps", "TIMES": "count"}
_AMOUNTS |= {"COUNT": "count", "SPEED_UNIT": "speed", "SPEED": "speed", "DIRECTION": "direction"}
_OF_THINGS = {"SIDE": "location", "LOCATION": "location", "SIZE": "size", "NEAREST": "rank"}


def _says_what_it_reads(locale: Locale, what: str) -> None:
    """Render each kind of word that the language reads, in a step or a thing of its own."""
    if not locale.folder.joinpath("render.toml").exists():
        return
    said = {verb: words for verb, words in verbs().items() if locale.verb_phrases(words) and not words.needs_limb}
    for kind, slot in _AMOUNTS.items():
        takes = [verb for verb, words in said.items() if (slot in words.slots or slot == "count") and not words.needs]
        for value, _ in locale.listed.get(kind, ()) if takes else ():
            word = isinstance(value, str)
            if slot != "speed" or word == (kind == "SPEED"):
                said_so: dict[str, Any] = {FIELDS.get(slot, slot): value if word else 2}
                _can_say(locale, what, kind, Step(takes[0], **said_so))
    things, takes = locale.things["types"], [verb for verb, words in said.items() if "object" in words.slots]
    for kind, slot in _OF_THINGS.items() if things and takes else ():
        for value in (value for value, _ in locale.listed.get(kind, ()) if value not in (None, "other")):
            told: dict[str, Any] = {"rank" if value in RANKS else slot: value}
            _can_say(locale, what, kind, Step(takes[0], object=ObjectRef(next(iter(things)), **told)))
    for color in locale.things["colors"] if things and takes else ():
        _can_say(locale, what, "COLOR", Step(takes[0], object=ObjectRef(next(iter(things)), color)))


def _can_say(locale: Locale, what: str, kind: str, step: Step) -> None:
    try:
        render(Instruction((step,)), locale.code)
    except InputError as error:
        raise AssertionError(f"{what}: reads {kind} and cannot say it: {error}") from error
