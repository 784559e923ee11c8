"""The machine's processors: work beside something more important without taking its time, and what used them."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SHARE = 0.04
"""of all the machine's processor time, at most, that paced work takes while others want it"""
_WINDOW = 0.5  # s between two looks at how idle the machine is
_SPARE = 0.5  # cores: with that much idle there is no need to rest
_LONGEST = 5.0  # s of rest at a time, so that cores that have become idle are noticed
_STAT = Path("/proc/stat")
_BUSY = (0, 1, 2, 5, 6, 7)  # user, nice, system, irq, softirq, steal; the other fields are idle or counted twice
_IDLE = (3,)


def lower_priority() -> None:
    """Let everything else on the machine go first; for a whole process, which cannot take it back."""
    os.nice(19)
    if hasattr(os, "SCHED_IDLE"):
        with contextlib.suppress(OSError):  # a container may forbid it
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


class Pacer:
    """Rests between pieces of work, so that this process uses at most a share of the machine's processors.

    Where cores are idle it does not rest.

    Args:
        share: 0 to 1, of all processors together.
        sleep, clock, used, idle: where the time comes from; ``idle()`` gives s of idle time of all cores so far, or
            None where nobody knows.
    """

    def __init__(
        self,
        share: float = SHARE,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        used: Callable[[], float] | None = None,
        idle: Callable[[], float | None] | None = None,
        cores: int | None = None,
    ) -> None:
        self._sleep, self._clock = sleep, clock
        self._used, self._idle = used or used_time, idle or (lambda: _processor_seconds(_IDLE))
        self._budget = share * (cores or os.cpu_count() or 1)
        self._due = 0.0
        self._begin()

    def _begin(self) -> None:
        self._at, self._had, self._seen = self._clock(), self._used(), self._idle()

    def rest(self) -> None:
        """Call it between two pieces of work: sleeps for what is due, at most 5 s at a time."""
        used, passed = self._used() - self._had, self._clock() - self._at
        if passed < _WINDOW and used < _WINDOW:
            return
        idle = self._idle()
        if idle is not None and self._seen is not None and idle - self._seen >= _SPARE * passed:
            self._due = 0.0
        else:
            self._due = max(0.0, self._due + used / self._budget - passed)
            slept = min(self._due, _LONGEST)
            self._due -= slept
            self._sleep(slept)
        self._begin()


def used_time() -> float:
    """s of processor time that this process and its ended children used."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _processor_seconds(fields: tuple[int, ...]) -> float | None:
    """s of all cores together, of some fields of the first line of /proc/stat; None where the system does not say."""
    try:
        first = _STAT.read_text().split("\n", 1)[0].split()[1:]
        return sum(int(first[field]) for field in fields) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None


@contextlib.contextmanager
def measured_usage(keep: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Call ``keep`` with what was used in the block, even if it ends with an exception.

    ``seconds`` of wall-clock; ``own_cores`` that this process and its children, those that have ended, kept busy;
    ``other_cores`` that all else on the machine did (None where it does not say); ``load_average`` at the end.
    """
    began, own, busy = time.monotonic(), used_time(), _processor_seconds(_BUSY)
    try:
        yield
    finally:
        seconds = max(time.monotonic() - began, 1e-9)
        own_used, end = used_time() - own, _processor_seconds(_BUSY)
        others = None if busy is None or end is None else max(0.0, end - busy - own_used) / seconds
        keep(
            {
                "seconds": round(seconds, 2),
                "own_cores": round(own_used / seconds, 3),
                "other_cores": None if others is None else round(others, 3),
                "load_average": [round(load, 2) for load in os.getloadavg()],
            }
        )
