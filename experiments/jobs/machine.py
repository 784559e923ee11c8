"""What a machine did while something ran on it, so that the wall-clock of that can be judged."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_STAT = Path("/proc/stat")
_BUSY = (0, 1, 2, 5, 6, 7)  # user, nice, system, irq, softirq, steal; the other fields are idle or counted twice


@contextmanager
def measured_usage(keep: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Call ``keep`` with what was used in the block, even if it ends with an exception.

    ``seconds`` of wall-clock; ``own_cores`` that this process and its children, those that have ended, kept busy;
    ``other_cores`` that all else on the machine did (None where it does not say); ``load_average`` at the end.
    """
    began, own, busy = time.monotonic(), _own_seconds(), _busy_seconds()
    try:
        yield
    finally:
        seconds = max(time.monotonic() - began, 1e-9)
        own_used, end = _own_seconds() - own, _busy_seconds()
        others = None if busy is None or end is None else max(0.0, end - busy - own_used) / seconds
        keep(
            {
                "seconds": round(seconds, 2),
                "own_cores": round(own_used / seconds, 3),
                "other_cores": None if others is None else round(others, 3),
                "load_average": [round(load, 2) for load in os.getloadavg()],
            }
        )


def _own_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _busy_seconds() -> float | None:
    try:
        fields = [int(field) for field in _STAT.read_text().splitlines()[0].split()[1:]]
        return sum(fields[i] for i in _BUSY) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None
