"""The endpoints that are known by name."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

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


_NO_THINKING = MappingProxyType({"thinking": {"type": "disabled"}})
TRANSLATORS: Mapping[str, TranslatorSettings] = MappingProxyType(
    {
        preset.name: preset
        for preset in (
            TranslatorSettings(
                "deepseek", "https://api.deepseek.com", "deepseek-v4-flash", "DEEPSEEK_API_KEY", extra=_NO_THINKING
            ),
            TranslatorSettings(
                "qwen",
                "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
                "qwen-plus",
                "DASHSCOPE_API_KEY",
                extra=MappingProxyType({"enable_thinking": False}),
            ),
            TranslatorSettings("kimi", "https://api.moonshot.ai/v1", "kimi-k3", "MOONSHOT_API_KEY"),
            TranslatorSettings("glm", "https://api.z.ai/api/paas/v4", "glm-5.2", "ZAI_API_KEY", extra=_NO_THINKING),
            TranslatorSettings(
                "minimax",
                "https://api.minimax.io/v1",
                "MiniMax-M3",
                "MINIMAX_API_KEY",
                # Without the split, its thoughts stand in front of the JSON.
                extra=MappingProxyType({**_NO_THINKING, "reasoning_split": True}),
            ),
            TranslatorSettings(
                "openai",
                "https://api.openai.com/v1",
                "gpt-6-luna",
                "OPENAI_API_KEY",
                extra=MappingProxyType({"reasoning_effort": "none"}),
            ),
            TranslatorSettings("local", "http://127.0.0.1:8000/v1", "default", "SIMON_LOCAL_API_KEY", needs_key=False),
        )
    }
)


def translator_settings(name: str) -> TranslatorSettings:
    """A preset, with ``SIMON_NAME_BASE_URL`` and ``SIMON_NAME_MODEL`` of the environment in place of its own.

    Raises:
        TranslatorError: ``unknown_translator``.
    """
    preset = TRANSLATORS.get(name.strip().lower())
    if preset is None:
        near = difflib.get_close_matches(name.strip().lower(), TRANSLATORS, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise TranslatorError(
            "unknown_translator", f"no translator {one_line(name)!r}; {hint}known: {', '.join(TRANSLATORS)}"
        )
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
