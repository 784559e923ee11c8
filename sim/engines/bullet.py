"""PyBullet, imported in silence: the C library writes to the process's standard output by itself."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Send what C code writes to file descriptors 1 and 2 to nowhere while the block runs."""
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
        with contextlib.suppress(OSError, TypeError):  # where the C library is not to be had so, its words come late
            ctypes.CDLL(None).fflush(None)
        for fd, copy in saved:
            os.dup2(copy, fd)
            os.close(copy)


with silenced():
    import pybullet

__all__ = ["pybullet", "silenced"]
