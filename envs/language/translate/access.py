"""Where a request goes and with which key, checked before anything is sent."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from simonsays.envs.language.translate.errors import TranslatorError, one_line
from simonsays.envs.language.translate.presets import TranslatorSettings, mend


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
