"""The contract of a language: its rules read their examples, and what it says is understood again."""

from __future__ import annotations

from simonsays.assets import InputError
from simonsays.envs.language import ParseError, analyze, locales, parse, render
from simonsays.envs.language.reading.rules import rules
from simonsays.envs.language.vocabulary import verbs
from simonsays.envs.moves.skill import skills
from simonsays.testing._holding import holds


def check_locale(code: str) -> None:
    """Check a language by its code.

    Its rules have names of their own, and each reads its example. The example of every skill that it has words for is
    understood as it renders it.

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
