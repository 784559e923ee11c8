"""Work that is waited for so long and no longer, whatever it waits for itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

__all__ = ["within"]
Result = TypeVar("Result")


def within(seconds: float, work: Callable[[], Result], late: Callable[[], Exception]) -> Result:
    """What ``work()`` gives, or raises; where it takes longer than ``seconds``, ``late()`` is raised.

    Time limits of sockets begin anew with each byte, and none holds for looking up names: so the work is done in a
    thread, which is then left to itself. It keeps no process from ending.
    """
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    if not wait([future], seconds).done:
        raise late()
    return future.result()
