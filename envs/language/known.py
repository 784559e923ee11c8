"""What is known: languages, those of this folder and those that are registered, and verbs with words of their own.

A locale's files are checked when it is registered: a mistake is told with its file and never meets a sentence.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

from lark.exceptions import LarkError

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.plugins import load_plugins
from simonsays.envs.language.lattice import Grammar
from simonsays.envs.language.locale import Locale
from simonsays.envs.language.reading.rules import rules
from simonsays.envs.language.tokens import KINDS
from simonsays.envs.language.vocabulary import _REGISTERED, PIECES, SLOTS, VerbWords, alternatives, registered_verbs

_RENDERED = {"joints": ("next", "at_once", "both", "unordered"), "step": ("step",), "core": ("alone",), "words": ()}
"""what a render.toml cannot do without"""
_VALUES = {"number": r"[\d.]+", "whole": r"\d+", "limb:side": r"\w+:\w+", "each": ".+"}
"""how the values look that KINDS does not list"""
_SAID = ("limb", "who", "there")
"""what a verb's phrase may say beside slots"""


def check_locale(locale: Locale) -> None:
    """Refuse a language whose files have a mistake.

    Raises:
        InputError: the message names the language, the file and a mend.
    """
    for check in (_grammar, _phrases, _verbs, _things, _rest):
        try:
            problem = next(check(locale), None)
        except Exception as error:  # what its own code raises, and values of a kind that no file should have
            problem = f"{check.__name__.strip('_')}: {type(error).__name__}: {error}"
        if problem is not None:
            raise InputError(f"language {locale.code!r} ({locale.folder}): {problem}")


def _grammar(locale: Locale) -> Iterator[str]:
    try:
        grammar = Grammar(locale.folder / "grammar.lark")
    except (LarkError, AssertionError) as error:
        mend = "the rule 'text' comes first, and %declare names each token that is used"
        yield f"grammar.lark: {str(error).strip()}; {mend}"
    for kind in sorted(grammar.terminals - KINDS.keys()):
        yield f"grammar.lark: no kind of token {kind!r}{did_you_mean(kind, KINDS)}"
    for needed in {"VERB", "COMMA", "END", "clause", "sep"} - grammar.terminals - grammar.trees:
        yield f"grammar.lark: needs a {'token' if needed in KINDS else 'rule'} {needed!r}"


def _phrases(locale: Locale) -> Iterator[str]:
    used = Grammar(locale.folder / "grammar.lark").terminals
    for kind, listed in locale._toml("phrases").items():
        where, told = f"phrases.toml [{kind}]", KINDS.get(kind)
        if told is None and kind != "names":
            yield f"{where}: no kind of token{did_you_mean(kind, KINDS)}"
        if told is None:
            continue
        if kind not in used and not told.get("skipped") and told.get("token", True):
            yield f"{where}: grammar.lark does not use this token: add it to a rule and after %declare"
        values = told.get("values", "")
        for value in listed:
            if value != "any" and not re.fullmatch(_VALUES.get(values, values.replace(" ", "|")), value):
                yield f"{where}: {value!r} is none of its values; it has 'any' and {values or 'no other'}"
    for kind, entries in locale.listed.items():
        said = ((pattern, str(value)) for value, listed in entries for pattern in listed)
        yield from _twice(f"phrases.toml [{kind}]", said)


def _verbs(locale: Locale) -> Iterator[str]:
    known = registered_verbs()
    yield from _tables(locale, "verbs", "VERB", "ACTION")
    for kind, listed in locale._toml("verbs").items():
        where = f"verbs.toml [{kind}]"
        for key in listed:
            verb, *said = key.split()
            if verb not in known:
                yield f"{where}: no skill {verb!r}; one of your own is registered first{did_you_mean(verb, known)}"
            for part in said:
                slot = part.partition("=")[0]
                if slot not in (*SLOTS, *_SAID) or "=" not in part:
                    yield f"{where}: {part!r} is no slot with its value{did_you_mean(slot, (*SLOTS, *_SAID))}"
        told = ((key, known[key.split()[0]]) for key in listed)
        alone = [key for key, words in told if words.read and not words.needs_limb]  # a limb tells others apart
        yield from _twice(where, ((said, key) for key in alone for said in listed[key]))


def _things(locale: Locale) -> Iterator[str]:
    yield from _tables(locale, "things", "types", "colors")
    for kind, listed in locale.things.items():
        yield from _twice(f"things.toml [{kind}]", (("|".join(said), name) for name, said in listed.items()))


def _tables(locale: Locale, file: str, *known: str) -> Iterator[str]:
    for table in locale._toml(file).keys() - set(known):
        yield f"{file}.toml [{table}]: no such table; it has {' and '.join(map('[{}]'.format, known))}"


def _twice(where: str, patterns: Iterator[tuple[str, str]]) -> Iterator[str]:
    """A word that stands under two names, which nobody can tell apart."""
    found: dict[str, str] = {}
    for pattern, name in patterns:
        pieces = PIECES.findall(pattern)
        if pieces.count("(") != pieces.count(")"):
            yield f"{where}: {pattern!r}: a bracket is missing"
        for phrase in alternatives(pattern):
            if found.setdefault(phrase, name) != name:
                yield f"{where}: {phrase!r} stands under both {found[phrase]!r} and {name!r}"


def _rest(locale: Locale) -> Iterator[str]:
    """Costs, idioms, templates and rules, and what its own code makes of words."""
    for kind in locale.settings.get("cost", {}):
        if kind not in KINDS:
            yield f"locale.toml [cost]: no kind of token {kind!r}{did_you_mean(kind, KINDS)}"
    for name, pattern in locale.settings.get("idioms", {}).items():
        try:
            re.compile(pattern)
        except re.error as error:
            yield f"locale.toml [idioms] {name}: {pattern!r}: {error}"
    templates = locale._toml("render")
    things = {"thing": ("definite", "object")} if locale.things["types"] else {}
    for table, keys in {**_RENDERED, **things}.items() if templates else ():
        missing = [key for key in keys if key not in templates.get(table, keys)]
        if missing or table not in templates:
            yield f"render.toml [{table}]: {', '.join(missing) or 'the table'} is missing"
    names = [rule.name for rule in rules(())]
    for rule in locale.rules:
        if rule.before not in names:
            yield f"rule {rule.name!r}: before: no rule {rule.before!r}{did_you_mean(rule.before, names)}"
    locale.phrases(registered_verbs())
    for text in ("", "a, 2."):
        if not 0.0 <= locale.share(text) <= 1.0:
            yield f"Locale.share: must be from 0 to 1, not {locale.share(text)!r}"


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
