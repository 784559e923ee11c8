"""What a model is told, the contract in words and the text as data, and what it replies: nothing but an Instruction."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, NoReturn

from simonsays.envs.language import instruction as contract
from simonsays.envs.language.instruction import Instruction, InstructionError, ObjectRef, Step
from simonsays.envs.language.known import get_locale, locales
from simonsays.envs.language.render import OURS
from simonsays.envs.language.translate.access import Access, TranslatorError, mend, one_line
from simonsays.envs.language.vocabulary import FIELDS, verbs

_MOST_WORDS, _LONGEST = 6, 3  # phrases for a verb, and words in one
_RULES = Path(__file__).with_name("prompt.txt").read_text("utf-8").rstrip()


def system_prompt() -> str:
    """The contract in words, from the classes and constants of ``instruction`` and the verbs that are known."""
    examples = {
        "walk two metres, then turn left": (Step("walk", distance_m=2.0), Step("turn", direction="left")),
        "wave your right hand three times": (Step("wave", side="right", count=3),),
        "quickly go to the red ball": (Step("go_to", speed="fast", object=ObjectRef("ball", color="red")),),
    }
    shown = (f"{said} -> {json.dumps(Instruction(steps).to_json())}" for said, steps in examples.items())
    refusal = json.dumps({"error": {"message": "one sentence: what cannot be said, and why"}})
    named = {name.lower(): getattr(contract, name) for name in ("START", "PLACE", "THING", "VIEWER", "ROBOT")}
    listed = {"fields": _described_classes(), "verbs": _described_verbs(), "examples": shown}
    made = {name: "\n".join(lines) for name, lines in listed.items()}
    return _RULES.format(**named, **made, steps=MAX_REPLY_STEPS, refusal=refusal)


def _described_classes() -> Iterator[str]:
    for name, kind in vars(contract).items():
        if not (is_dataclass(kind) and getattr(kind, "__module__", "") == contract.__name__) or name.startswith("_"):
            continue
        yield f"{name}:"
        for part in fields(kind):
            # What is no part of the meaning, as positions in the text, is no part of the JSON either.
            if not part.compare:
                continue
            form = str(part.type).replace(" | None", "").replace("tuple[", "list[").replace(", ...]", "]")
            allowed = contract.VALUES.get(name, {}).get(part.name)
            if allowed is not None:
                form = form.replace("str", "one of " + "|".join(allowed))
            yield f"  {part.name}{'' if part.default is MISSING else '?'}: {form}"


def _described_verbs() -> Iterator[str]:
    locale, known = get_locale(OURS), verbs()
    names = {locale.canonical(words): verb for verb, words in known.items()}
    for verb, words in known.items():
        # What is another verb's own word here is not given as a word for this one.
        own = (phrase for phrase, _ in locale.verb_phrases(words) if names.get(phrase, verb) == verb)
        said = [phrase for phrase in own if len(phrase.split()) <= _LONGEST][:_MOST_WORDS]
        slots = ", ".join(FIELDS.get(slot, slot) for slot in words.slots) or "nothing more"
        yield f"  {verb} ({slots}): {', '.join(said)}"


def user_message(text: str, language: str) -> str:
    """The text as a JSON string between tags, with its language as a hint."""
    # A JSON string without "<" cannot close the tag; lone surrogates cannot be sent at all.
    sayable = text.encode("utf-8", "replace").decode("utf-8")
    quoted = json.dumps(sayable, ensure_ascii=False).replace("<", "\\u003c")
    return f"Language: {locales()[language].name if language in locales() else 'unknown'}\n<data>\n{quoted}\n</data>"


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
        message = f"{access.host} did not answer as a chat-completions endpoint; is the base URL right?"
        raise TranslatorError("bad_json", message) from None
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
        message = f"the reply has {len(steps)} steps; at most {MAX_REPLY_STEPS}: ask for less at once"
        raise TranslatorError("too_large", message)
    try:
        for text in _texts(data):
            if not text.isprintable():
                raise InstructionError(f"control characters in {text!r}")
        return Instruction.from_json(data)
    # A whole number of 400 digits overflows where it is compared with infinity.
    except (InstructionError, OverflowError, RecursionError) as error:
        message = f"the reply is no valid instruction: {access.quote(str(error))}"
        raise TranslatorError("invalid_instruction", message) from None


def _load(content: str) -> Any:
    content = content.strip()
    fenced = _FENCED.fullmatch(content)
    try:
        return json.loads(
            fenced[1] if fenced else content, object_pairs_hook=_unambiguous, parse_constant=_not_a_number
        )
    except (ValueError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        message = f"the reply is not one JSON object and nothing else ({one_line(why)}); try again"
        raise TranslatorError("bad_json", message) from None


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
