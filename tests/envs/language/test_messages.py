"""Every message that a sentence can be refused with is told in the language of the sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import simonsays.envs
from simonsays.envs.language import locales
from simonsays.envs.language.telling import tell

ENVS = Path(simonsays.envs.__file__).parent


def sample(node: ast.expr) -> str | None:
    """A message as it may be raised: its parts are verbs in quotes, numbers, or a word of no language."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = sample(node.left), sample(node.right)
        return left + right if left is not None and right is not None else None
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        elif isinstance(part, ast.FormattedValue):
            parts.append(_part(part))
    return "".join(parts)


def _part(part: ast.FormattedValue) -> str:
    named = ast.unparse(part.value)
    if part.format_spec is not None:
        return "3"
    if part.conversion == ord("r"):
        return "'walk'"
    return next(
        (word for name, word in (("HOW", "in a direction"), ("direction", "left"), ("verb", "walk")) if name in named),
        "左",
    )


def texts(function: ast.AST, node: ast.expr) -> Iterator[str]:
    """The messages that an expression may be: its own, either branch, or what its name was given in the function."""
    if isinstance(node, ast.IfExp):
        yield from texts(function, node.body)
        yield from texts(function, node.orelse)
    elif isinstance(node, ast.Name):
        for one in ast.walk(function):
            if isinstance(one, ast.Assign) and any(isinstance(t, ast.Name) and t.id == node.id for t in one.targets):
                yield from texts(function, one.value) if not isinstance(one.value, ast.Name) else ()
    elif (said := sample(node)) is not None:
        yield said


def messages() -> Iterator[tuple[str, str]]:
    """(place, message) of all that skills, moves and plans refuse."""
    for folder in ("skills", "moves", "plan"):
        for path in sorted((ENVS / folder).rglob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            for function in (one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)):
                for call in (one for one in ast.walk(function) if isinstance(one, ast.Call)):
                    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
                    if name == "GroundingError" and call.args:
                        for said in texts(function, call.args[0]):
                            yield f"{path.relative_to(ENVS)}:{call.lineno}", said


FOUND = sorted(set(messages()))


def test_the_messages_are_found() -> None:
    assert len(FOUND) > 60
    assert any("say how often or how long" in said for _, said in FOUND)


@pytest.mark.parametrize("language", [code for code, locale in locales().items() if locale.messages])
def test_every_message_of_a_skill_is_told_in_every_language(language: str) -> None:
    left = []
    for place, said in FOUND:
        told = re.sub(r"“.*?”|'.*?'|G1|SCAN|\b(m|s|m/s)\b", "", tell(said, language))
        if re.search("[A-Za-z]{2}", told):
            left.append(f"{place}: {said!r} is told as {told!r}")
    assert not left, "\n".join(left)
