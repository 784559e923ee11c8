"""The files of the instruction sets, read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from simonsays.assets import InputError, is_file
from simonsays.assets.reading import read_toml
from simonsays.envs.language.instruction import Instruction, InstructionError
from simonsays.sim.specs import SceneSpec, load_scene, scene_from_dict

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Example:
    """A sentence, the scene in which it is said, and what it means."""

    text: str
    language: Language
    scene: SceneSpec
    instruction: Instruction
    scene_name: str


def read_examples(file: Path) -> tuple[Example, ...]:
    """The examples of a file, in its order.

    Raises:
        InputError: the file is missing or not TOML, or an entry is incomplete or breaks the contract of the
            Instruction JSON; the message names file and entry.
    """
    if not is_file(file):
        raise InputError(f"no such instruction set: {file}")
    data = read_toml(file)
    for key in data:
        if key not in ("scenes", "examples"):
            raise InputError(f"{file}: unknown key {key!r}; known: examples, scenes")
    tables, entries = data.get("scenes", {}), data.get("examples", [])
    if not isinstance(tables, dict) or not isinstance(entries, list):
        raise InputError(f"{file}: needs [scenes.NAME] tables and [[examples]]")
    scenes = {key: scene_from_dict(table, key, f"{file} [scenes.{key}]") for key, table in tables.items()}
    return tuple(_example(entry, scenes, f"{file} [[examples]] {i + 1}") for i, entry in enumerate(entries))


def _example(entry: Any, scenes: dict[str, SceneSpec], where: str) -> Example:
    if not isinstance(entry, dict) or set(entry) != {"text", "language", "scene", "expect"}:
        raise InputError(f"{where}: needs text, language, scene and expect, and nothing else")
    text, language, scene = entry["text"], entry["language"], entry["scene"]
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{where}, field text: needs a sentence, not {text!r}")
    if language not in get_args(Language):
        raise InputError(f"{where}, field language: {language!r} is none of {', '.join(get_args(Language))}")
    name, spec = _scene(scene, scenes, f"{where}, field scene")
    try:
        instruction = Instruction.from_json(entry["expect"])
    except InstructionError as error:
        raise InputError(f"{where}, field expect: {error}") from error
    return Example(text, language, spec, instruction, name)


def _scene(given: Any, scenes: dict[str, SceneSpec], where: str) -> tuple[str, SceneSpec]:
    """Name and scene of a table or a name; what is not among ``scenes`` yet is loaded into them."""
    if isinstance(given, dict):
        return "scene", scene_from_dict(given, "scene", where)
    if not isinstance(given, str):
        raise InputError(f"{where}: needs a table or the name of a scene, not {given!r}")
    if given not in scenes:
        try:
            scenes[given] = load_scene(given)
        except InputError as error:
            raise InputError(f"{where}: {error}") from error
    return given, scenes[given]
