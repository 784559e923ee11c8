"""The reply of a model, which is data: nothing but an Instruction comes out of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from simonsays.envs.language.instruction import Instruction, InstructionError
from simonsays.envs.language.translate.access import Access, TranslatorError, mend, one_line

MAX_REPLY_STEPS = 50
_FENCED = re.compile(r"```(?:json)?[ \t]*\r?\n(.*)\r?\n[ \t]*```", re.DOTALL | re.IGNORECASE)


def read_reply(body: bytes, access: Access) -> Instruction:
    """The Instruction in the body of a reply.

    Raises:
        TranslatorError: ``bad_json``, ``refused``, ``too_large`` or ``invalid_instruction``.
    """
    return _instruction(_load(_content(body, access)), access)


def _content(body: bytes, access: Access) -> str:
    try:
        data = json.loads(body)
        (choice,) = data["choices"]
        message = choice["message"]
        content, reason = message.get("content"), choice.get("finish_reason")
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise TranslatorError(
            "bad_json", f"{access.host} did not answer as a chat-completions endpoint; is the base URL right?"
        ) from None
    if message.get("refusal") or reason == "content_filter":
        raise access.refused(message.get("refusal"))
    if message.get("tool_calls") or message.get("function_call"):
        raise TranslatorError("bad_json", "the reply calls a tool; only Instruction JSON is accepted")
    if reason == "length":
        raise TranslatorError("bad_json", "the reply was cut off at the model's limit; ask for less at once")
    if not isinstance(content, str) or not content.strip():
        todo = mend(access.settings, "MODEL")
        raise TranslatorError("bad_json", f"the reply is empty; try again, or another model: {todo}")
    return content


def _instruction(data: Any, access: Access) -> Instruction:
    if isinstance(data, dict) and set(data) == {"error"}:
        error = data["error"]
        raise access.refused(error.get("message") if isinstance(error, dict) else error)
    steps = data.get("steps") if isinstance(data, dict) else None
    if isinstance(steps, list) and len(steps) > MAX_REPLY_STEPS:
        raise TranslatorError(
            "too_large", f"the reply has {len(steps)} steps; at most {MAX_REPLY_STEPS}: ask for less at once"
        )
    try:
        for text in _texts(data):
            if not text.isprintable():
                raise InstructionError(f"control characters in {text!r}")
        return Instruction.from_json(data)
    # A whole number of 400 digits overflows where it is compared with infinity.
    except (InstructionError, OverflowError, RecursionError) as error:
        raise TranslatorError(
            "invalid_instruction", f"the reply is no valid instruction: {access.quote(str(error))}"
        ) from None


def _load(content: str) -> Any:
    content = content.strip()
    fenced = _FENCED.fullmatch(content)
    try:
        return json.loads(
            fenced[1] if fenced else content, object_pairs_hook=_unambiguous, parse_constant=_not_a_number
        )
    except (ValueError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise TranslatorError(
            "bad_json", f"the reply is not one JSON object and nothing else ({one_line(why)}); try again"
        ) from None


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a field stands there twice")
    return made


def _not_a_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for part in [*data, *data.values()] if isinstance(data, dict) else data:
            yield from _texts(part)
