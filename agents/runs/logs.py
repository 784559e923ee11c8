"""The logs of a run, which a resumed training goes on writing."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stable_baselines3.common.logger import KVWriter, Logger, filter_excluded_keys

from simonsays.agents.sb3_internals import TensorBoardFile
from simonsays.assets.files import write_atomically

_STEPS = "time/total_timesteps"


def open_logs(folder: Path, steps: int, others: Sequence[KVWriter] = ()) -> Logger:
    """Loggers of ``progress.csv`` and TensorBoard; what a killed training wrote after ``steps`` is taken back.

    ``others``: writers that get the figures, too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return Logger(str(folder), [_Csv(folder / "progress.csv", steps), TensorBoardFile(folder, steps), *others])


class _Csv(KVWriter):
    """A table that grows by a line, or by a column: then the whole file is replaced at once, so that a kill in the
    middle loses nothing."""

    def __init__(self, file: Path, steps: int) -> None:
        self._path = file
        self._rows: list[dict[str, str]] = []
        self._columns: list[str] = []
        if file.exists():
            with file.open(newline="", encoding="utf-8", errors="replace") as stream:
                reader = csv.DictReader(stream)
                self._columns = list(reader.fieldnames or [])
                self._rows = [row for row in reader if _before(row, steps)]
        self._rewrite()

    def _rewrite(self) -> None:
        write_atomically(self._path, self._as_text([dict(zip(self._columns, self._columns, strict=True)), *self._rows]))

    def _as_text(self, rows: list[dict[str, str]]) -> str:
        text = io.StringIO()
        csv.DictWriter(text, self._columns, restval="", lineterminator="\n").writerows(rows)
        return text.getvalue()

    def write(self, key_values: dict[str, Any], key_excluded: dict[str, tuple[str, ...]], step: int = 0) -> None:
        """Add a line."""
        values = filter_excluded_keys(key_values, key_excluded, "csv")
        row = {name: str(value) for name, value in values.items() if value is not None}
        self._rows.append(row)
        new = sorted(row.keys() - set(self._columns))
        if new:
            self._columns += new
            self._rewrite()
            return
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(self._as_text([row]))
            stream.flush()
            os.fsync(stream.fileno())

    def close(self) -> None:
        """Nothing is open between two lines."""


def _before(row: dict[str, str], steps: int) -> bool:
    """A line that was cut off in the middle is no line."""
    said = row.get(_STEPS) or ""
    return None not in row.values() and said.isdigit() and int(said) <= steps
