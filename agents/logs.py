"""The logs of a run, which a resumed training goes on writing."""

from __future__ import annotations

import csv
from pathlib import Path

from stable_baselines3.common.logger import CSVOutputFormat, Logger, TensorBoardOutputFormat

_STEPS = "time/total_timesteps"


def open_logs(folder: Path, steps: int) -> Logger:
    """Loggers of ``progress.csv`` and TensorBoard; what a killed training wrote after ``steps`` is taken back."""
    folder.mkdir(parents=True, exist_ok=True)
    return Logger(str(folder), [_Csv(folder / "progress.csv", steps), _TensorBoard(folder, steps)])


class _Csv(CSVOutputFormat):
    """Appends to what is there."""

    def __init__(self, file: Path, steps: int) -> None:
        rows = []
        if file.exists():
            with file.open(newline="") as stream:
                rows = list(csv.reader(stream))
        super().__init__(str(file))
        if rows:
            self.keys = rows[0]
            place = self.keys.index(_STEPS) if _STEPS in self.keys else None
            kept = [row for row in rows[1:] if place is None or _before(row, place, steps)]
            csv.writer(self.file, lineterminator="\n").writerows([self.keys, *kept])
            self.file.flush()


def _before(row: list[str], place: int, steps: int) -> bool:
    """A line that was cut off in the middle is no line."""
    return len(row) > place and row[place].isdigit() and int(row[place]) <= steps


class _TensorBoard(TensorBoardOutputFormat):
    """A file of events of its own, which hides later ones of a training that was killed."""

    def __init__(self, folder: Path, steps: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.writer = SummaryWriter(log_dir=str(folder), purge_step=steps + 1 if steps else None)
        self._is_closed = False
