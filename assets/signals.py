"""How a program ends when it is told to, at any moment: Ctrl-C (SIGINT), SIGTERM, and SIGHUP of a closed terminal."""

from __future__ import annotations

import _thread
import math
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["Ending", "ending_signals", "held_back", "let_through"]

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_AGAIN, _PATIENCE = 0.05, 3.0  # s, until a signal is looked at again, and for which an import may go on


def ending_signals() -> list[signal.Signals]:
    """Those that end a program, but for what is ignored, as ``nohup`` has SIGHUP."""
    named = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    return [number for number in named if signal.getsignal(number) is not signal.SIG_IGN]


class Ending:
    """Lets signals raise in the main thread: KeyboardInterrupt for SIGINT, else SystemExit.

    Attributes:
        number: of the last that came, whatever libraries have made of what it raised.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._came = math.inf

    def of(self, work: Callable[[Ending], int]) -> int:
        """The exit code of what a process does last: 128 and the signal's number where one came."""
        handlers, before = {number: signal.getsignal(number) for number in ending_signals()}, sys.unraisablehook
        try:
            sys.unraisablehook = self._unraisable
            for number in handlers:
                signal.signal(number, self._caught)
            code = work(self)
        except BaseException:
            if self.number is None:
                raise
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            sys.unraisablehook = before
        return code if self.number is None else 128 + self.number

    def _caught(self, number: int, frame: FrameType | None) -> None:
        self.number, self._came = number, min(self._came, time.monotonic())
        if _importing(frame) and time.monotonic() < self._came + _PATIENCE:
            self._again()
            return
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)

    def _unraisable(self, lost: Any) -> None:
        """What a signal raised in a finalizer or a callback of C code is lost there: it is raised again."""
        if self.number is None or not isinstance(lost.exc_value, KeyboardInterrupt | SystemExit):
            sys.__unraisablehook__(lost)
            return
        self._again()

    def _again(self) -> None:
        assert self.number is not None
        again = threading.Timer(_AGAIN, _thread.interrupt_main, (self.number,))
        again.daemon = True
        again.start()


def _importing(frame: FrameType | None) -> bool:
    """Whether a module is being imported, which may turn what is raised in it into anything, or into nothing."""
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


@contextmanager
def held_back(*numbers: int) -> Iterator[None]:
    """Hold signals back for the block, all that end a program by default; a process that is started in it never sees
    them, not even as it begins, until it says :func:`let_through`."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers or ending_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def let_through(*numbers: int) -> None:
    """See signals again that this process was started without; all that end a program by default."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers or ending_signals())
