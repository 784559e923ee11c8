"""The command ``simon``: every module of this package is one command.

It imports little: from the first line on, whoever ends it must find it ready to end.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simonsays.experiments.cli._group import COMMANDS, register_command, simon

__all__ = ["COMMANDS", "main", "register_command", "simon"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from simonsays.experiments.cli import _group

    return getattr(_group, name)


def main() -> None:
    """Run the command line. Exit codes: 0 success, 1 the robot failed, 2 bad input, or a file or standard output that
    cannot be written, 70 a bug, 130 interrupted, 143 ended, 129 the terminal was closed."""
    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # not so in a shell's background
    if heard:
        signal.signal(signal.SIGINT, lambda number, _: os._exit(128 + number))  # nothing has been begun
    from simonsays.assets.signals import Ending
    from simonsays.experiments.cli._group import command_line

    atexit.register(
        gc.freeze
    )  # to look for circles among all that was held takes seconds, and frees nothing that lasts
    code = Ending().of(command_line)
    if heard:
        signal.signal(signal.SIGINT, _at_the_end)
    sys.exit(code)


def _at_the_end(number: int, frame: FrameType | None) -> None:
    """As Python has it, but for the end of the process, where nobody would take what is raised."""
    while frame is not None and frame.f_back is not None:
        frame = frame.f_back
    if frame is None or frame.f_code.co_name not in ("<module>", "_run_module_as_main"):
        os._exit(128 + number)
    raise KeyboardInterrupt
