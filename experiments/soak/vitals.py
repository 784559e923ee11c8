"""What a process holds, instant by instant, and whether it came to hold more."""

from __future__ import annotations

import ctypes
import gc
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.notes import documented

SETTLED = 300.0
"""s, after which a process is to hold no more"""
WINDOW = 120.0
"""s at both ends of what is compared"""
MOST_GROWTH = 0.02
"""share by which memory may grow after it settled"""
FIGURES = ("memory", "descriptors", "threads")
"""the fields of Vitals that are watched"""
_SELF = Path("/proc/self")


@documented
class Vitals(NamedTuple):
    """What this process holds at an instant."""

    seconds: float
    """since its work began"""
    memory: int
    """bytes in RAM"""
    descriptors: int
    threads: int


def check_system() -> None:
    """Raises InputError: the system does not tell what a process holds."""
    if not (_SELF / "statm").is_file():
        raise InputError("simon soak reads what its processes hold from /proc, which this system has not: use Linux")


def vitals(seconds: float) -> Vitals:
    """Those of this process, what nobody needs any more given back first, also by the C library (glibc)."""
    gc.collect()
    if (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)
    pages = int((_SELF / "statm").read_text().split()[1])
    counts = [len(os.listdir(_SELF / name)) for name in ("fd", "task")]
    return Vitals(seconds, pages * os.sysconf("SC_PAGE_SIZE"), counts[0] - 1, counts[1])  # one that lists them


def growth(samples: Sequence[Vitals], settled: float = SETTLED) -> dict[str, Any]:
    """What samples tell: figures over time, and by which share memory, descriptors and threads grew after ``settled``.

    The medians of the first and of the last two minutes after it are compared; ``growth`` is None where one is missing.
    """
    times = np.array([each.seconds for each in samples])
    told: dict[str, Any] = {"seconds": [round(each, 1) for each in times.tolist()]}
    early = (times >= settled) & (times < settled + WINDOW)
    late = times >= max(settled + WINDOW, times.max(initial=0.0) - WINDOW)
    for name in FIGURES:
        series = np.array([getattr(each, name) for each in samples])
        share = None
        if early.any() and late.any():
            share = float(np.median(series[late]) / np.median(series[early]) - 1.0)
        told[name] = {"over_time": series.tolist(), "growth": share}
    return told
