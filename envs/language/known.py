"""What is known: languages, those of this folder and those that are registered, and verbs with words of their own.

A locale's files are checked when it is registered: a mistake is told with its file and never meets a sentence.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
import tomllib
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from lark.exceptions import LarkError

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.plugins import load_plugins
from simonsays.envs.language.instruction import VALUES
from simonsays.envs.language.lattice import Grammar
from simonsays.envs.language.locale import Locale, naming_faults
from simonsays.envs.language.reading.rules import rules
from simonsays.envs.language.tokens import KINDS
from simonsays.envs.language.vocabulary import _REGISTERED, PIECES, SLOTS, VerbWords, alternatives, registered_verbs

_FILES = ("grammar.lark", "phrases.toml", "verbs.toml")
"""what a language cannot do without"""
_TEMPLATES = tomllib.loads(Path(__file__).with_name("templates.toml").read_text("utf-8"))
"""what a render.toml may have"""
_VALUES = {
    "number": r"0*\.?0*[1-9]\d*(\.\d+)?",
    "whole": r"\d+",
    "limb:side": r"\w+:\w+",
    "way:side": r"\w+:\w+",
    "each": ".+",
}
"""how the values look that KINDS does not list"""
_SAID = ("limb", "who", "receiver", "there")
"""what a verb's phrase may say beside slots"""


def check_locale(locale: Locale) -> None:
    """Refuse a language whose files have a mistake.

    Raises:
        InputError: the message names the language, the file and a mend.
    """
    problem = next((f"{file} is missing; it is needed" for file in _FILES if not (locale.folder / file).exists()), None)
    for check in (_grammar, _phrases, _verbs, _things, _templates, _rest):
        with naming_faults(locale):
            problem = problem or next(check(locale), None)
    if problem is not None:
        raise InputError(f"language {locale.code!r} ({locale.folder}): {problem}")


def _grammar(locale: Locale) -> Iterator[str]:
    try:
        grammar = Grammar(locale.folder / "grammar.lark")
    except (LarkError, AssertionError) as error:
        mend = "the rule 'text' comes first, and %declare names once each token that is used"
        yield f"grammar.lark{_plain(error, locale.folder / 'grammar.lark')}; {mend}"
    for kind in sorted((grammar.terminals | grammar.declared) - KINDS.keys()):
        yield f"grammar.lark: no kind of token {kind!r}{did_you_mean(kind, KINDS)}"
    for needed in {"VERB", "COMMA", "END", "clause", "sep"} - grammar.terminals - grammar.trees:
        yield f"grammar.lark: needs a {'token' if needed in KINDS else 'rule'} {needed!r}"


def _plain(error: Exception, file: Path) -> str:
    """What is wrong with a grammar, with its line, without the names of lark's classes."""
    said = re.sub(r"\w+\((?:'\w+', )?'(\S*?)'\)", r"'\1'", str(error)).strip().splitlines()[0].rstrip(": .")
    name = re.search(r"'(\w+)'", said)
    lines = [i for i, line in enumerate(file.read_text("utf-8").splitlines(), 1) if name and name[1] in line]
    return f", line {lines[-1]}: {said}" if lines and " line " not in said else f": {said}"


def _phrases(locale: Locale) -> Iterator[str]:
    grammar = Grammar(locale.folder / "grammar.lark")
    tables = locale._toml("phrases")
    names = tables.pop("names", {})
    yield from _spelling("phrases.toml [names]", list(names.values()), names)
    for kind, listed in tables.items():
        where, told = f"phrases.toml [{kind}]", KINDS.get(kind)
        if told is None:
            yield f"{where}: no kind of token{did_you_mean(kind, KINDS)}"
            continue
        for patterns in listed.values():
            yield from _spelling(where, patterns, names)
        if kind not in grammar.terminals and not told.get("skipped") and told.get("token", True):
            yield f"{where}: grammar.lark does not use this token: add it to a rule and after %declare"
        values = told.get("values", "")
        for value in listed:
            if value != "any" and not re.fullmatch(_VALUES.get(values, values.replace(" ", "|")), value):
                yield f"{where}: {value!r} is none of its values; it has 'any' and {values or 'no other'}"
    for kind, entries in locale.listed.items():
        said = ((pattern, str(value)) for value, listed in entries for pattern in listed)
        yield from _twice(f"phrases.toml [{kind}]", said)
    for kind in sorted(grammar.declared - grammar.terminals):
        yield f"grammar.lark: %declare names {kind!r}, which no rule uses"


def _verbs(locale: Locale) -> Iterator[str]:
    known = registered_verbs()
    yield from _tables(locale, "verbs", "VERB", "ACTION")
    for kind, listed in locale._toml("verbs").items():
        where = f"verbs.toml [{kind}]"
        for key, patterns in listed.items():
            yield from _spelling(where, patterns)
            verb, *said = key.split()
            if verb not in known:
                yield f"{where}: no skill {verb!r}; one of your own is registered first{did_you_mean(verb, known)}"
            for part in said:
                slot, _, value = part.partition("=")
                if slot not in (*SLOTS, *_SAID) or "=" not in part:
                    yield f"{where}: {part!r} is no slot with its value{did_you_mean(slot, (*SLOTS, *_SAID))}"
                if not value.isdigit() and value not in VALUES["Step"].get(slot, (value,)):
                    yield f"{where}: {key!r}: no {slot} {value!r}{did_you_mean(value, VALUES['Step'][slot])}"
        told = ((key, known[key.split()[0]]) for key in listed)
        alone = [key for key, words in told if not words.needs_limb]  # a limb tells others apart
        yield from _twice(where, ((said, key) for key in alone for said in listed[key]))


def _things(locale: Locale) -> Iterator[str]:
    yield from _tables(locale, "things", "types", "colors")
    for kind, said in locale._toml("things").items():
        known = {name for one in _shipped().values() for name in one.things[kind]}
        for name, pattern in said.items():
            yield from _spelling(f"things.toml [{kind}] {name}", [pattern])
            if name not in known:
                yield f"things.toml [{kind}]: nothing is called {name!r}{did_you_mean(name, known)}"
        yield from _twice(f"things.toml [{kind}]", ((pattern, name) for name, pattern in said.items()))


def _tables(locale: Locale, file: str, *known: str) -> Iterator[str]:
    for table in locale._toml(file).keys() - set(known):
        yield f"{file}.toml [{table}]: no such table; it has {' and '.join(map('[{}]'.format, known))}"


def _spelling(where: str, patterns: object, names: Collection[str] = ()) -> Iterator[str]:
    """What is wrong with patterns by themselves."""
    if not isinstance(patterns, list) or not all(isinstance(one, str) for one in patterns):
        yield f"{where}: needs {'text' if isinstance(patterns, list) else 'a list of texts'}, not {patterns!r}"
        return
    for pattern in patterns:
        for name in re.findall(r"\{(\w+)\}", pattern):
            if name not in names:
                yield f"{where}: {pattern!r}: no {{{name}}} in [names]{did_you_mean(name, names)}"
        pieces = PIECES.findall(plain := re.sub(r"\{\w+\}", "_", pattern))
        if pieces.count("(") != pieces.count(")"):
            yield f"{where}: {pattern!r}: a bracket is missing"
        elif stray := re.search(r"(?<!\\)[][{}]", plain):
            yield f"{where}: {pattern!r}: {stray[0]!r} means nothing in a pattern; groups are in round brackets"
        elif not all(one.strip() for one in alternatives(plain)):
            yield f"{where}: {pattern!r}: a phrase without a word; leave it out"


def _twice(where: str, patterns: Iterator[tuple[str, str]]) -> Iterator[str]:
    """A word that stands under two names, which nobody can tell apart."""
    found: dict[str, str] = {}
    for pattern, name in patterns:
        for phrase in alternatives(pattern.lower()):
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
    names = [rule.name for rule in rules(())]
    for rule in locale.rules:
        if rule.before not in names:
            yield f"rule {rule.name!r}: before: no rule {rule.before!r}{did_you_mean(rule.before, names)}"
    locale.phrases(registered_verbs())
    for text in ("", "a, 2."):
        if not 0.0 <= locale.share(text) <= 1.0:
            yield f"Locale.share: must be from 0 to 1, not {locale.share(text)!r}"


def _templates(locale: Locale) -> Iterator[str]:
    """Templates that are missing, and those of which a part or a bracket is wrong; words that are read and not said."""
    found = locale._toml("render")
    for table, keys in _TEMPLATES.items() if found else ():
        if table == "thing" and not locale.things["types"]:
            continue
        missing = [key for key, told in keys.items() if told.get("needed") and key not in found.get(table, keys)]
        if missing or table not in found:
            yield f"render.toml [{table}]: {', '.join(missing) or 'the table'} is missing"
        for key, value in found[table].items():
            if key not in keys and (table not in ("core", "words") or key not in registered_verbs()):
                yield f"render.toml [{table}]: no template {key!r}{did_you_mean(key, keys)}"
            yield from _template(f"render.toml [{table}] {key}", value, keys.get(key, keys.get("alone", {})))
    for kind, told in KINDS.items() if found else ():
        places = [said.split(".") for said in told.get("said", "").split()]
        words = {word for table, key in places for word in found.get(table, {}).get(key, ())}
        unsaid = [str(value) for value, _ in locale.listed.get(kind, ()) if value and places and value not in words]
        if unsaid:
            (first, key), told_by = places[0], f"which phrases.toml [{kind}] reads"
            yield f"render.toml [{first}]: {key} has no word for {', '.join(unsaid)}, {told_by}"


def _template(where: str, value: object, told: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a template, or with each of a list or a table of them."""
    if not isinstance(value, str):
        for one in value.values() if isinstance(value, Mapping) else value:  # type: ignore[attr-defined]
            yield from _template(where, one, told)
        return
    parts = _TEMPLATES["step"]["step"]["parts"] if told.get("parts") == "step" else told.get("parts", "")
    for part in re.findall(r"\{(.*?)\}", value):
        if part not in parts.split() and (part or not told.get("amount")):
            yield f"{where}: {value!r}: no part {{{part}}}{did_you_mean(part, parts.split())}"
    if re.search(r"[][]", re.sub(r"\[[^][]*\]", "", value)):
        yield f"{where}: {value!r}: a bracket is missing, or stands within another"


_OWN: dict[str, Locale] = {}


def register_locale(source: str | Path | ModuleType) -> Locale:
    """Make a language known: a folder with a ``locale.py``, or a module with a ``LOCALE``; again, where it was changed.

    Raises:
        InputError: there is no such file, no ``LOCALE`` with a code of its own in it, or a mistake in one of its files.
    """
    module = source if isinstance(source, ModuleType) else _module(Path(source))
    made = getattr(module, "LOCALE", None)
    if not isinstance(made, Locale) or not made.code:
        raise InputError(f"{module.__file__}: needs LOCALE, an instance of a subclass of Locale with a code")
    other = _all().get(made.code)
    if other is not None and other.folder != made.folder:
        raise InputError(f"language {made.code!r}: that of {other.folder} has this code; give {made.folder} another")
    check_locale(made)
    _OWN[made.code] = made
    return made


def _module(folder: Path) -> ModuleType:
    """The ``locale.py`` of a folder outside the package; it may import its neighbours relatively."""
    path = folder.resolve() / "locale.py"
    name = "simonsays_locale_" + re.sub(r"\W", "_", str(folder.resolve()))  # two folders may have one name
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
    """The code of the language that most of a text is of; of equal ones, where most words are known."""
    claims = {one: _claim(one, one.share, text) for one in locales().values()}
    most = [one for one, share in claims.items() if share == max(claims.values())]
    return max(most, key=lambda one: _claim(one, one.known, text) if most[1:] else 0.0).code


def _claim(locale: Locale, share: Callable[[str], float], text: str) -> float:
    """How much of a text a language claims; nothing, with a warning, where its own code fails."""
    try:
        with naming_faults(locale):
            return float(share(text))
    except InputError as error:
        warnings.warn(f"{error}; no text is told to be of it", stacklevel=3)
        return -1.0


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
        made = replace(known, words=told) if known is not None else VerbWords(verb, told, taken)
    elif known is not None:
        made = known
    else:
        raise InputError(f"verb {verb!r} has no words; give the skill some: words={{'en': {verb.replace('_', ' ')!r}}}")
    if made.verb != verb:
        raise InputError(f"verb {verb!r}: its words are those of {made.verb!r}")
    for code, phrases in made.words.items():
        for other in registered_verbs().values() if code in _all() else ():
            if other.verb != verb and (twice := _forms(other, code) & set(phrases)):
                message = f"its word {min(twice)!r} ({code}) is one of the verb {other.verb!r}; choose another"
                raise InputError(f"verb {verb!r}: {message}")
    _REGISTERED[verb] = made
    return made


def _forms(words: VerbWords, code: str) -> set[str]:
    """The phrases of a verb in a language, in all their forms."""
    locale = _all()[code]
    return {form for phrase, _ in locale.verb_phrases(words) for form in (phrase, *locale.inflections(phrase))}
