"""Messages that are made without a language in mind, in that of a sentence."""

from __future__ import annotations

import re
from functools import partial

from simonsays.assets import InputError
from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.known import get_locale
from simonsays.envs.language.parser import parse
from simonsays.envs.language.render import OURS, render_object
from simonsays.envs.language.vocabulary import verbs

_SENTENCES = re.compile(r"(?<=[.?]) (?=[A-Z])")


def tell(message: str, language: str) -> str:
    """A message, which is written in English, in a language, sentence by sentence.

    What the language's messages.toml does not have stays as it is.
    """
    locale = get_locale(language)
    if not locale.messages:
        return message
    told = (locale.told(one, partial(_part, language=language)) for one in _SENTENCES.split(message))
    return locale.told(" ").join(told)


def called(verb: str, language: str = OURS) -> str:
    """How a verb is called, where people read it."""
    return get_locale(language).called(verbs()[verb])


def _part(said: str, language: str) -> str:
    """A verb or a thing that a message names."""
    verb = next((name for name in verbs() if called(name) == said), None)
    if verb is not None:
        return called(verb, language)
    try:
        ref = parse(f"go to {said}", OURS).steps[0].object
        return said if ref is None else render_object(ref, language)
    except (ParseError, InputError):
        return said
