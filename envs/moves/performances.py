"""Performances: scripts of sentences with their timing, and how they are filmed; one TOML file each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import partial
from pathlib import Path
from typing import Any

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.notes import dataclass
from simonsays.assets.reading import read_toml
from simonsays.assets.registry import PERFORMANCES
from simonsays.envs.language.errors import Refusal
from simonsays.envs.language.instruction import MAX_STEPS, Instruction, Step
from simonsays.envs.language.parser import parse
from simonsays.envs.moves.behavior import SkillContext, SkillOutput
from simonsays.envs.moves.skill import Part

PAUSE = 0.5
"""s of standing after a sentence, where nothing is said"""
_LONGEST, _MOST = 60.0, 100  # s, of a pause; times, and sentences
_LAST, LATE = 600.0, 0.5  # s, of what begins at a time; and that it may come late by
_TEXTS = ("size", "camera", "look", "title", "subtitle", "closing", "logo", "audio")
KEYS: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "": {
        **dict.fromkeys(("title", "language", "scene"), str),
        "pause": (int, float),
        "repeat": int,
        "sentences": list,
        "film": dict,
    },
    "sentences": {"say": str, "at": (int, float), "pause": (int, float), "times": int},
    "film": {**dict.fromkeys(_TEXTS, str), "fps": int, "story": bool, "facts": bool},
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
    at: float | None = None
    """s after the beginning, at which it begins; None: when what is before it is done"""


@dataclass(frozen=True)
class Performance:
    """What is performed."""

    source: str
    """its name, or the path of its file"""
    title: str
    lines: tuple[Line, ...]
    scene: str | None = None
    """a scene's name or the path of its file, where the one who runs it says nothing else"""
    repeat: int = 1
    """how often all of it is done"""
    film: Mapping[str, Any] = field(default_factory=dict)
    """how it is filmed, where the one who films it says nothing else: some of the keys of ``KEYS["film"]``"""

    def parts(self) -> tuple[Part, ...]:
        """What is to be done, in order, with the pauses."""
        once, clock = [], Clock() if any(line.at is not None for line in self.lines) else None
        for number, line in enumerate(self.lines):
            rest = (Step("stop", duration_s=line.pause),) if line.pause else ()
            steps = Instruction((*line.instruction.steps, *rest), notes=line.instruction.notes)
            at = 0.0 if number == 0 and line.at is None else line.at
            if clock is not None and at is not None:
                wait = partial(clock.wait, at, first=number == 0)
                once.append(Part(steps, line.where, f"wait until {at:g} s", wait, at + 1.0))
            else:
                once.append(Part(steps, line.where))
        return tuple(once) * self.repeat


class Clock:
    """The time since a performance, or a round of it, began."""

    def __init__(self) -> None:
        self._began = 0.0

    def wait(self, at: float, *, first: bool) -> Wait:
        """What stands until a time (s); ``first``: with it the performance begins."""
        return Wait(self, at, first)

    def since(self, now: float, begins: bool) -> float:
        """s since it began, which is now where it ``begins``."""
        self._began = now if begins else self._began
        return now - self._began


class Wait:
    """Stands until a time of the clock; a failure where that was over by more than ``LATE`` s."""

    def __init__(self, clock: Clock, at: float, first: bool) -> None:
        self._clock, self._at, self._first, self._begun = clock, at, first, False

    def update(self, ctx: SkillContext) -> SkillOutput:
        passed = self._clock.since(ctx.time, self._first and not self._begun)
        if not self._begun and passed > self._at + LATE:
            reason = f"{passed - self._at:.1f} s late: what is before it takes longer"
            return SkillOutput(status="failure", reason=reason)
        self._begun = True
        return SkillOutput(status="success") if passed >= self._at - 1e-6 else SkillOutput()


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
        at = _number(table, "at", 0.0, 0.0, _LAST, place) if "at" in table else None
        last = max((line.at for line in lines if line.at is not None), default=-1.0)
        if at is not None and (times > 1 or at <= last):
            said = "it is done once" if times > 1 else f"later than {last:g}, that of a sentence before it"
            raise InputError(f"{place}, field at: {at:g}: of a sentence that begins at a time, {said}")
        lines += [Line(read, f"{place} ({table['say']!r})", float(pause), at)] * times
    if not lines:
        raise InputError(f'{where}: no sentences: write [[sentences]] with say = "..."')
    repeat = int(_number(data, "repeat", 1, 1, _MOST, where))
    steps = repeat * sum(len(line.instruction.steps) + bool(line.pause) for line in lines)
    if steps > MAX_STEPS:
        raise InputError(f"{where}: {steps} steps with its pauses; at most {MAX_STEPS}")
    return Performance(
        source, data.get("title", Path(source).stem), tuple(lines), data.get("scene"), repeat, dict(film)
    )


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
