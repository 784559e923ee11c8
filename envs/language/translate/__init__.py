"""Text to Instruction by a language model behind any OpenAI-compatible endpoint; the reply is data, checked as such."""

from __future__ import annotations

import math
from dataclasses import replace

from simonsays.assets.within import within
from simonsays.envs.language.instruction import Instruction
from simonsays.envs.language.render import OURS
from simonsays.envs.language.translate.access import (
    TRANSLATORS,
    TranslatorError,
    TranslatorSettings,
    find_access,
    translator_settings,
)
from simonsays.envs.language.translate.client import Endpoint
from simonsays.envs.language.translate.reply import read_reply, system_prompt, user_message

__all__ = ["TRANSLATORS", "TranslatorError", "TranslatorSettings", "translate", "translator_settings"]

MAX_TEXT = 10_000  # characters
MAX_TIMEOUT = 600.0  # seconds
_PAUSE = 0.5  # seconds before a request is repeated


def translate(
    text: str,
    translator: str | TranslatorSettings,
    *,
    language: str = OURS,
    timeout: float = 30.0,
    base_url: str | None = None,
    model: str | None = None,
    api_key: str | None = None,
    max_retries: int = 1,
) -> Instruction:
    """Ask a language model what a text means; accept nothing but an Instruction.

    Args:
        text: what was said, at most ``MAX_TEXT`` characters.
        translator: a name of ``TRANSLATORS``, or settings of your own.
        language: the code of the text's language, a hint to the model.
        timeout: seconds for everything, repeated requests included.
        base_url, model, api_key: instead of those of the translator and of the environment.
        max_retries: how often a request is repeated after a broken connection, 429 or 5xx.

    Raises:
        TranslatorError: any failure; see its ``code``.
    """
    settings = translator_settings(translator) if isinstance(translator, str) else translator
    settings = replace(settings, base_url=base_url or settings.base_url, model=model or settings.model)
    if not text.strip():
        raise TranslatorError("refused", "there is nothing to translate; write what the robot should do")
    if len(text) > MAX_TEXT:
        raise TranslatorError("too_large", f"the text has {len(text)} characters; at most {MAX_TEXT} are translated")
    if not (math.isfinite(timeout) and 0 < timeout <= MAX_TIMEOUT):
        raise TranslatorError("timeout", f"timeout {timeout:g}: needs seconds above 0, at most {MAX_TIMEOUT:g}")
    access = find_access(settings, api_key)
    endpoint = Endpoint(access, timeout)
    messages = [
        {"role": "system", "content": system_prompt()},
        {"role": "user", "content": user_message(text, language)},
    ]

    def ask() -> bytes:
        with endpoint.client:
            return endpoint.ask(messages, max_retries, _PAUSE)

    return read_reply(within(timeout, ask, endpoint.late), access)
