"""What is known: languages, those of this folder and those that are registered, and verbs with words of their own."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

from simonsays.assets import InputError
from simonsays.assets.plugins import load_plugins
from simonsays.envs.language.checks import check_locale
from simonsays.envs.language.locale import Locale
from simonsays.envs.language.vocabulary import _REGISTERED, VerbWords, alternatives, registered_verbs

_OWN: dict[str, Locale] = {}


def register_locale(source: str | Path | ModuleType) -> Locale:
    """Make a language known: a folder with a ``locale.py``, or a module with a ``LOCALE``; again, where it was changed.

    Raises:
        InputError: there is no such file, no ``LOCALE`` with a code of its own in it, or a mistake in one of its files.
    """
    module = source if isinstance(source, ModuleType) else _module(Path(source))
    made = getattr(module, "LOCALE", None)
    if not isinstance(made, Locale) or not made.code:
        raise InputError(f"{module.__name__}: needs LOCALE, an instance of a subclass of Locale with a code")
    other = _all().get(made.code)
    if other is not None and other.folder != made.folder:
        raise InputError(f"language {made.code!r}: that of {other.folder} has this code; give {made.folder} another")
    check_locale(made)
    _OWN[made.code] = made
    return made


def _module(folder: Path) -> ModuleType:
    """The ``locale.py`` of a folder outside the package; it may import its neighbours relatively."""
    path = folder.resolve() / "locale.py"
    name = f"simonsays_locale_{folder.resolve().name}"
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[str(path.parent)])
    if not path.exists() or spec is None or spec.loader is None:
        raise InputError(f"{folder}: no locale.py there")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise InputError(f"{path}: {type(error).__name__}: {error}") from error
    return module


@cache
def _shipped() -> Mapping[str, Locale]:
    package, files = __name__.rpartition(".")[0], sorted(Path(__file__).parent.glob("*/locale.py"))
    found = [importlib.import_module(f"{package}.{file.parent.name}.locale").LOCALE for file in files]
    return {locale.code: locale for locale in found}


def _all() -> dict[str, Locale]:
    return {**_shipped(), **_OWN}


def locales() -> dict[str, Locale]:
    """All languages by code: those of this folder, then those that were registered."""
    load_plugins()
    return _all()


def get_locale(code: str) -> Locale:
    """The language of a code.

    Raises:
        InputError: none has it.
    """
    known = locales()
    if code not in known:
        raise InputError(f"language {code!r}: use {' or '.join(map(repr, known))}")
    return known[code]


def detect(text: str) -> str:
    """The code of the language that most of a text is of; the first of them where none claims it."""
    return max(locales().values(), key=lambda one: one.share(text)).code


def register_verb(verb: str, words: VerbWords | Mapping[str, str] | None, slots: Sequence[str] = ()) -> VerbWords:
    """Make a verb known that a skill does.

    ``words``: None for a verb that the locales have words for; patterns of :func:`alternatives` by language code, with
    the ``slots`` that it takes, where the verb is new; or all that :class:`VerbWords` says.

    Raises:
        InputError: nothing says how a new verb is called, or a word is another verb's.
    """
    known = registered_verbs().get(verb)
    if isinstance(words, VerbWords):
        made = words
    elif words is not None:
        told = {language: tuple(alternatives(pattern)) for language, pattern in words.items()}
        taken = tuple(slot for slot in slots if slot not in ("count", "duration"))
        made = replace(known, words=told, read=True) if known is not None else VerbWords(verb, told, taken)
    elif known is not None:
        made = known if known.read else replace(known, read=True)
    else:
        raise InputError(f"verb {verb!r} has no words; give the skill some: words={{'en': {verb.replace('_', ' ')!r}}}")
    if made.verb != verb:
        raise InputError(f"verb {verb!r}: its words are those of {made.verb!r}")
    for code, phrases in made.words.items():
        for other in registered_verbs().values() if code in _all() else ():
            if other.read and other.verb != verb and (twice := _forms(other, code) & set(phrases)):
                message = f"its word {min(twice)!r} ({code}) is one of the verb {other.verb!r}; choose another"
                raise InputError(f"verb {verb!r}: {message}")
    _REGISTERED[verb] = made
    return made


def _forms(words: VerbWords, code: str) -> set[str]:
    """The phrases of a verb in a language, in all their forms."""
    locale = _all()[code]
    return {form for phrase, _ in locale.verb_phrases(words) for form in (phrase, *locale.inflections(phrase))}
