"""The files of the instruction sets, written."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simonsays.assets.files import write_atomically
from simonsays.envs.language.instruction import Step
from simonsays.experiments.instruction_sets.drawing import Entry, scenes
from simonsays.experiments.instruction_sets.splits import draw_splits


def generate() -> dict[str, str]:
    """The text of every split's file, by split; the same each time."""
    return {name: _file(name, entries) for name, entries in draw_splits().items()}


def write(folder: Path) -> None:
    """Write every split's file, each whole or not at all, and say so."""
    folder.mkdir(exist_ok=True)
    for name, text in generate().items():
        write_atomically(folder / f"{name}.toml", text)
        sys.stdout.write(f"{folder / name}.toml: {text.count('[[examples]]')} sentences\n")


def _file(name: str, entries: Sequence[Entry]) -> str:
    lines = [f"# Instruction set {name!r}; written by python -m simonsays.experiments.instruction_sets", ""]
    for scene, table in scenes().items():
        lines += [f"[scenes.{scene}]", "props = ["]
        lines += [f"    {_value(prop)}," for prop in table["props"]]
        lines += ["]", ""]
    for entry in entries:
        expect = entry.plan.instruction.to_json()
        expect["steps"] = [
            _with_indefinite(*both) for both in zip(expect["steps"], entry.plan.instruction.steps, strict=True)
        ]
        values = {"text": entry.text, "language": entry.plan.language, "scene": entry.plan.where, "expect": expect}
        lines += ["[[examples]]", *(f"{key} = {_value(value)}" for key, value in values.items()), ""]
    return "\n".join(lines[:-1]) + "\n"


def _with_indefinite(data: dict[str, Any], step: Step) -> dict[str, Any]:
    for name in ("object", "object2"):
        ref = getattr(step, name)
        if ref is not None and not ref.definite:
            data[name] = {**data[name], "definite": False}
    return data


def _value(value: Any) -> str:
    """A value as TOML, a table on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
