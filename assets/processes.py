"""Processes that work for a program: they leave its signals to it, and do not outlive it."""

from __future__ import annotations

import multiprocessing as mp
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, TypeVar

from simonsays.assets.signals import held_back

__all__ = ["Pool", "when_parent_ends"]

Result = TypeVar("Result")
_PARENTS = [getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)]
"""signals that a terminal sends to all its processes"""


def when_parent_ends(do: Callable[[], None]) -> None:
    """Do something in this process, in a thread of its own, once the parent is gone, however it ended."""
    parent = mp.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            do()

    threading.Thread(target=watch, daemon=True).start()


class Pool(ProcessPoolExecutor):
    """An executor whose block, left by an exception, waits for no more than that what runs is broken off.

    Args:
        initializer: called in each process, with ``arguments``.
    """

    def __init__(self, jobs: int, initializer: Callable[..., None] | None = None, arguments: Any = ()) -> None:
        self._before = set(mp.active_children())
        super().__init__(jobs, mp.get_context("spawn"), _begin, (initializer, *arguments))

    def submit(self, function: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """As any executor's."""
        with held_back(*_PARENTS):
            return super().submit(_work, function, *args, **kwargs)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is not None:
            for child in set(mp.active_children()) - self._before:
                child.terminate()
        self.shutdown(cancel_futures=kind is not None)


def _begin(initializer: Callable[..., None] | None, *arguments: Any) -> None:
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that half-written files are cleared
    when_parent_ends(lambda: os._exit(1))
    try:
        if initializer is not None:
            initializer(*arguments)
    except SystemExit:  # which the executor would print as an error of the initializer's
        os._exit(1)


def _work(function: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    try:
        return function(*args, **kwargs)
    except SystemExit:  # the executor would send it as a result, and begin the next
        os._exit(1)
