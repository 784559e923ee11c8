"""How a training is ended from outside: the first Ctrl-C, SIGTERM or SIGHUP asks, the second one forces."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from simonsays.assets.signals import ending_signals


class Interrupted(KeyboardInterrupt):
    """A training ended because it was asked to.

    Attributes:
        number: of the signal; checkpoint: what it can be resumed from, if there is any.
    """

    def __init__(self, number: int, checkpoint: Path | None) -> None:
        super().__init__(f"interrupted by signal {number}")
        self.number, self.checkpoint = number, checkpoint


class Signals:
    """While in ``with``: notes the first signal to end in ``number`` and says so; a second one raises at once.

    In another thread than the main one, where Python allows no handlers, it does nothing.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        if threading.current_thread() is threading.main_thread():
            for number in ending_signals():
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.number is not None:
            raise Interrupted(number, None)
        self.number = number
        text = "\nending with a checkpoint after this iteration; once more ends at once, without one\n"
        with contextlib.suppress(OSError):  # the terminal may have gone
            os.write(2, text.encode())  # print could be in the middle of another print
