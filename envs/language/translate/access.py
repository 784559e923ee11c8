"""Where a request goes and with which key, checked before anything is sent; what a translation fails with."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from simonsays.assets import did_you_mean

_QUOTE = 200  # characters of a reply or of a server's words that a message repeats


class TranslatorError(ValueError):
    """A translation that failed; the message is one line, says what to do, and holds no key.

    Attributes:
        code: one of those in docs/translator.md.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def one_line(text: str) -> str:
    """Text of others as part of a message: printable, on one line and short."""
    clean = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
    return clean if len(clean) <= _QUOTE else clean[:_QUOTE] + "…"


@dataclass(frozen=True)
class TranslatorSettings:
    """Where a translator is and how it is asked.

    Attributes:
        key_variable: the environment variable that holds the key
        extra: further fields of the request, such as those that turn a model's thinking off
    """

    name: str
    base_url: str
    model: str
    key_variable: str
    needs_key: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)


_LISTED = tomllib.loads(Path(__file__).with_name("presets.toml").read_text("utf-8"))
TRANSLATORS: Mapping[str, TranslatorSettings] = MappingProxyType(
    {name: TranslatorSettings(name, **listed) for name, listed in _LISTED.items()}
)


def translator_settings(name: str) -> TranslatorSettings:
    """A preset, with ``SIMON_NAME_BASE_URL`` and ``SIMON_NAME_MODEL`` of the environment in place of its own.

    Raises:
        TranslatorError: ``unknown_translator``.
    """
    preset = TRANSLATORS.get(name.strip().lower())
    if preset is None:
        hint = did_you_mean(name.strip().lower(), TRANSLATORS)
        raise TranslatorError("unknown_translator", f"no translator {one_line(name)!r}{hint}")
    return replace(
        preset,
        base_url=os.environ.get(_variable(preset, "BASE_URL")) or preset.base_url,
        model=os.environ.get(_variable(preset, "MODEL")) or preset.model,
    )


def mend(settings: TranslatorSettings, what: str) -> str:
    """What to do about a base URL or a model that is wrong."""
    if settings.name in TRANSLATORS:
        return f"set {_variable(settings, what)}"
    return f"pass another {what.lower()}"


def _variable(settings: TranslatorSettings, what: str) -> str:
    return f"SIMON_{settings.name.upper()}_{what}"


@dataclass(frozen=True)
class Access:
    """An endpoint and the key to it.

    Attributes:
        host: with the port, where there is one; of the URL, the part that messages may show
    """

    settings: TranslatorSettings
    host: str
    key: str = field(repr=False)

    def quote(self, text: str) -> str:
        """The endpoint's words as part of a message, without the key."""
        return one_line(text.replace(self.key, "***") if self.key else text)

    def refused(self, words: Any) -> TranslatorError:
        """The error for a model that says no, with the words in which it does, if they are any."""
        why = self.quote(words) if isinstance(words, str) and words.strip() else "no reason given"
        return TranslatorError("refused", f"{self.settings.name} refused: {why}; say it differently")


def find_access(settings: TranslatorSettings, api_key: str | None) -> Access:
    """The access that settings give, with a key given here or that of the environment.

    Raises:
        TranslatorError: ``connection`` for a base URL that is none, ``missing_key``.
    """
    return Access(settings, _host(settings), _key(settings, api_key))


def no_address(settings: TranslatorSettings) -> TranslatorError:
    """The error for a base URL, or a proxy, that no request can be sent to."""
    return TranslatorError(
        "connection",
        f"{settings.name}: the base URL, or a proxy of the environment, is no http(s) address;"
        f" {mend(settings, 'BASE_URL')}",
    )


def _host(settings: TranslatorSettings) -> str:
    try:
        parts = urlsplit(settings.base_url)
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        raise no_address(settings) from None
    if not host or not host.isprintable() or parts.scheme not in ("http", "https"):
        raise no_address(settings)
    return host


def _key(settings: TranslatorSettings, given: str | None) -> str:
    variable = settings.key_variable
    key = (given or os.environ.get(variable, "")).strip()
    if not key and settings.needs_key:
        raise TranslatorError("missing_key", f"{settings.name} needs a key; set {variable}")
    if not (all("!" <= character <= "~" for character in key)):
        raise TranslatorError("missing_key", f"the key in {variable} has characters that no key has; copy it again")
    return key
