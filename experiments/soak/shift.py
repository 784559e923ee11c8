"""The time that a process of a soak has, the sentences that it draws by seed, and what it writes down."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path
from typing import Any

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.notes import dataclass
from simonsays.envs.stage import CONTROL_HZ
from simonsays.experiments.instruction_sets import Example, load_split
from simonsays.experiments.jobs.processes import Ask
from simonsays.experiments.soak.vitals import vitals
from simonsays.sim.recording import Recording

_EVERY = 5.0  # s between two looks at what the process holds
_STEP = 1 / CONTROL_HZ
_ROUNDED = 0.051  # s, of what a page is told of a recording's length
SETS = ("train", "long")
"""whose sentences, English and Mandarin, and scenes are drawn"""


@dataclass(frozen=True)
class Task:
    """One process of a soak."""

    kind: str
    """``batch`` or ``live``"""
    seconds: float
    engine: str
    seed: int


@dataclass(frozen=True)
class Diary:
    """What came of a task: counts by what was done, and what went wrong in words."""

    done: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Shift:
    """The time that a task has, and what it tells on the way."""

    def __init__(self, task: Task, ask: Ask) -> None:
        self.task, self.diary, self.rng = task, Diary(), random.Random(f"{task.kind} {task.seed}")
        self._ask, self._began, self._next = ask, time.monotonic(), 0.0

    def goes_on(self) -> bool:
        """Whether there is time left; tells now and then what the process holds."""
        seconds = time.monotonic() - self._began
        if seconds >= self._next:
            self._next = seconds + _EVERY
            self._ask(vitals(seconds))
        return seconds < self.task.seconds

    def examples(self) -> Iterator[Example]:
        """Sentences without end, in an order drawn by the seed."""
        known = [example for name in SETS for example in load_split(name)]
        while True:
            yield self.rng.choice(known)


def check(shift: Shift, file: Path, written: Recording | None = None, seconds: float = 0.0) -> None:
    """Read a recording back, which refuses what is not finite, and take it away.

    It has to equal what was ``written``, or to last for ``seconds`` without a gap.
    """
    try:
        found = Recording.load(file)
    except InputError as error:
        shift.diary.faults.append(f"lost or not finite: {error}")
        return
    shift.diary.done["recordings read back"] += 1
    arrays = (name for name in vars(found) if name != "meta")
    if written is not None and not all(_same(getattr(found, name), getattr(written, name)) for name in arrays):
        shift.diary.faults.append(f"{written.meta['instruction']!r}: what was read back is not what was written")
    if len(found) * _STEP < seconds - _ROUNDED or np.diff(found.time).max(initial=0.0) > _STEP + 1e-3:
        shift.diary.faults.append(f"{file.name}: {len(found)} instants, of {seconds} s; some are missing")
    file.unlink()


def _same(one: Any, other: Any) -> bool:
    kept = one is None or other is None or np.asarray(one).dtype.kind != "f"
    return one is other or bool(np.array_equal(one, other, equal_nan=not kept))
