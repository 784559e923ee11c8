"""Joint angles as CSV: a header of joint names (rad), with or without ``time`` (s) and the base's place and turn."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.reading import lines
from simonsays.sim.clips.figure import JointAngles, check_finite, check_frames, check_times
from simonsays.sim.clips.formats.archive import checked_turns
from simonsays.sim.clips.reading import clip_format

_MOST_BYTES, _MOST_COLUMNS = 1 << 27, 400
_PLACE = ("base_x", "base_y", "base_z")
_TURN = ("base_qx", "base_qy", "base_qz", "base_qw")


@clip_format(".csv")
def table(file: Path, fps: float | None) -> JointAngles:
    """CSV: joints (rad) by name; ``time`` (s) or ``--fps``; base_x to base_z (m), base_qx to base_qw.

    Raises:
        InputError: no header of names, a row of another length, no number, not finite, times that do not go on.
    """
    (first, head), *rows = lines(file, _MOST_BYTES)
    names = tuple(name.strip() for name in next(csv.reader([head])))
    if all(_is_number(name) for name in names):
        raise InputError(f"{file}, line {first}: numbers where joint names are expected: put a header above them")
    if len(names) > _MOST_COLUMNS or len(set(names)) != len(names) or not all(names):
        raise InputError(f"{file}, line {first}: needs a name for each column, no two alike, at most {_MOST_COLUMNS}")
    check_frames(str(file), len(rows))
    values = np.empty((len(rows), len(names)))
    for i, (number, text) in enumerate(rows):
        row = next(csv.reader([text]))
        if len(row) != len(names):
            raise InputError(f"{file}, line {number}: {len(row)} values under a header of {len(names)} names")
        for j, word in enumerate(row):
            if not _is_number(word):
                raise InputError(f"{file}, line {number}, column {names[j]!r}: {word.strip()[:40]!r} is no number")
            values[i, j] = float(word)
    check_finite(str(file), values, names)
    column = {name: values[:, i] for i, name in enumerate(names)}
    if ("time" in column) == (fps is not None):
        told = "--fps, and a column 'time': name one" if fps else "no column 'time' (s): give --fps, frames a second"
        raise InputError(f"{file}: {told}")
    time = column.pop("time") if fps is None else np.arange(len(rows)) / fps
    check_times(str(file), time)
    base = {}
    for part in (_PLACE, _TURN):
        given = [name for name in part if name in column]
        if given and len(given) < len(part):
            missing = ", ".join(name for name in part if name not in given)
            raise InputError(f"{file}, line {first}: column {given[0]!r} needs {missing} too")
        base[part] = np.stack([column.pop(name) for name in part], axis=1) if given else None
    if not column:
        raise InputError(f"{file}, line {first}: no column is a joint")
    turn = base[_TURN]
    turns = None if turn is None else checked_turns(f"{file}: column {_TURN[0]}", turn)
    angles = np.stack(list(column.values()), axis=1)
    return JointAngles(str(file), time - time[0], tuple(column), angles, base[_PLACE], turns)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
