"""The endpoints that are known by name."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from simonsays.assets import did_you_mean
from simonsays.envs.language.translate.errors import TranslatorError, one_line


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
