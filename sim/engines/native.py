"""PyBullet, imported in silence: the C library writes to the process's standard output by itself."""

from __future__ import annotations

import contextlib
import ctypes
import locale
import os
import sys
import threading
from collections.abc import Iterator

_ALONE = threading.RLock()  # both blocks below change what the whole process shares


@contextlib.contextmanager
def plain_numbers() -> Iterator[None]:
    """Let C code read numbers with a decimal point while the block runs, whatever the process's locale is."""
    with _ALONE:
        before = locale.setlocale(locale.LC_NUMERIC)
        if locale.localeconv()["decimal_point"] == ".":
            yield
            return
        try:
            locale.setlocale(locale.LC_NUMERIC, "C")
            yield
        finally:
            locale.setlocale(locale.LC_NUMERIC, before)


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Send what C code writes to file descriptors 1 and 2 to nowhere while the block runs."""
    with _ALONE:
        sys.stdout.flush()
        sys.stderr.flush()
        saved = []
        try:
            saved = [(fd, os.dup(fd)) for fd in (1, 2)]
            with open(os.devnull, "w") as sink:
                for fd, _ in saved:
                    os.dup2(sink.fileno(), fd)
                yield
        finally:
            with contextlib.suppress(OSError, TypeError):  # where the C library is not to be had, its words come late
                ctypes.CDLL(None).fflush(None)
            for fd, copy in saved:
                os.dup2(copy, fd)
                os.close(copy)


with silenced():
    import pybullet

__all__ = ["plain_numbers", "pybullet", "silenced"]
