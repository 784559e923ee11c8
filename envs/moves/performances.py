"""Performances: scripts of sentences with their timing, and how they are filmed; one TOML file each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.notes import dataclass
from simonsays.assets.reading import read_toml
from simonsays.assets.registry import PERFORMANCES
from simonsays.envs.language.errors import Refusal
from simonsays.envs.language.instruction import MAX_STEPS, Instruction, Step
from simonsays.envs.language.parser import parse
from simonsays.envs.moves.skill import Part

PAUSE = 0.5
"""s of standing after a sentence, where nothing is said"""
_LONGEST, _MOST = 60.0, 100  # s, of a pause; times, and sentences
KEYS: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "": {"title": str, "language": str, "pause": (int, float), "repeat": int, "sentences": list, "film": dict},
    "sentences": {"say": str, "pause": (int, float), "times": int},
    "film": {
        **dict.fromkeys(("size", "camera", "look", "title", "subtitle", "closing", "logo", "audio"), str),
        "fps": int,
        "story": bool,
        "facts": bool,
    },
}
"""what the file and each of its tables may have, and of which kind; docs/performances.md says what it means"""
_KINDS = {str: "text", int: "a whole number", list: "[[sentences]]", dict: "a table", bool: "true or false"}


@dataclass(frozen=True)
class Line:
    """One sentence of a performance."""

    instruction: Instruction
    where: str
    """for messages: the file, the place and the words"""
    pause: float
    """s, of standing after it"""


@dataclass(frozen=True)
class Performance:
    """What is performed."""

    source: str
    """its name, or the path of its file"""
    title: str
    lines: tuple[Line, ...]
    repeat: int = 1
    """how often all of it is done"""
    film: Mapping[str, Any] = field(default_factory=dict)
    """how it is filmed, where the one who films it says nothing else: some of the keys of ``KEYS["film"]``"""

    def parts(self) -> tuple[Part, ...]:
        """What is to be done, in order, with the pauses."""
        once = []
        for line in self.lines:
            rest = (Step("stop", duration_s=line.pause),) if line.pause else ()
            steps = Instruction((*line.instruction.steps, *rest), notes=line.instruction.notes)
            once.append(Part(steps, line.where))
        return tuple(once) * self.repeat


def load_performance(name_or_path: str | Path) -> Performance:
    """A performance by its name, ours or a plug-in's, or by the path of a TOML file.

    Raises:
        InputError: no such performance or file, malformed TOML, an unknown key, an impossible value, or a sentence that
            is not understood; the message names the file and the field.
    """
    file = PERFORMANCES.find(name_or_path)
    return performance_from_dict(read_toml(file), str(name_or_path), str(file))


def performance_from_dict(data: Mapping[str, Any], source: str, where: str) -> Performance:
    """A performance from the tables of a file.

    Raises:
        InputError: see :func:`load_performance`; the message begins with ``where``.
    """
    _check(data, "", where)
    film = data.get("film", {})
    _check(film, "film", f"{where} [film]")
    usual = _number(data, "pause", PAUSE, 0.0, _LONGEST, where)
    lines: list[Line] = []
    if len(data.get("sentences", [])) > MAX_STEPS:
        raise InputError(f"{where}: {len(data['sentences'])} sentences; at most {MAX_STEPS}")
    for i, table in enumerate(data.get("sentences", []), start=1):
        place = f"{where} [[sentences]] {i}"
        _check(table, "sentences", place)
        if "say" not in table:
            raise InputError(f"{place}: 'say' is missing: the sentence that is to be done")
        read = _read(table["say"], data.get("language"), place)
        pause = _number(table, "pause", usual, 0.0, _LONGEST, place)
        times = int(_number(table, "times", 1, 1, _MOST, place))
        lines += [Line(read, f"{place} ({table['say']!r})", float(pause))] * times
    if not lines:
        raise InputError(f'{where}: no sentences: write [[sentences]] with say = "..."')
    repeat = int(_number(data, "repeat", 1, 1, _MOST, where))
    steps = repeat * sum(len(line.instruction.steps) + bool(line.pause) for line in lines)
    if steps > MAX_STEPS:
        raise InputError(f"{where}: {steps} steps with its pauses; at most {MAX_STEPS}")
    return Performance(source, data.get("title", Path(source).stem), tuple(lines), repeat, dict(film))


def _check(table: Any, kind: str, where: str) -> None:
    if not isinstance(table, Mapping):
        raise InputError(f"{where}: needs a table, not {table!r:.40}")
    for key, value in table.items():
        if key not in KEYS[kind]:
            raise InputError(f"{where}: unknown key {key!r}{did_you_mean(str(key), KEYS[kind])}")
        wanted = KEYS[kind][key]
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            needs = "a number" if isinstance(wanted, tuple) else _KINDS[wanted]
            raise InputError(f"{where}, field {key}: needs {needs}, not {value!r:.40}")


def _number(table: Mapping[str, Any], key: str, usual: float, least: float, most: float, where: str) -> float:
    value = table.get(key, usual)
    if not least <= value <= most:
        raise InputError(f"{where}, field {key}: {value:g} is out of range; {least:g} to {most:g}")
    return float(value)


def _read(say: str, language: str | None, where: str) -> Instruction:
    try:
        return parse(say, language)
    except (Refusal, InputError) as error:
        raise InputError(f"{where}, field say: {say!r}: {error}") from error
