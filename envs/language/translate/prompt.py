"""What a model is told: the contract in words, and the text as data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path

from simonsays.envs.language import instruction as contract
from simonsays.envs.language.instruction import Instruction, ObjectRef, Step
from simonsays.envs.language.known import get_locale, locales
from simonsays.envs.language.render import OURS
from simonsays.envs.language.translate.reply import MAX_REPLY_STEPS
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
