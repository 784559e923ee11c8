"""Standard output and standard error that nothing can break: closed, full, without a reader, or of any encoding.

What a command prints is not what it does: where it cannot be printed, the work goes on, and the end tells.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import select
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from simonsays.assets import InputNote

_MARKS = '✓v ✗x –- —- …. ×x “" ”" ±~ →>'
_PLAIN = {pair[0]: pair[1] for pair in _MARKS.split()}
"""what our own marks are where an encoding lacks them"""


def _shown(error: UnicodeError) -> tuple[str, int]:
    """Our marks in plain letters, all else as JSON and Python write it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    escaped = (_PLAIN.get(mark) or mark.encode("ascii", "backslashreplace").decode() for mark in text)
    return "".join(escaped), error.end


codecs.register_error("simon", _shown)


class _Sink(io.RawIOBase):
    """A descriptor that takes all that is written; ``gone`` is the error since which nothing arrives."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self.gone: OSError | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        if self._descriptor is None:
            raise io.UnsupportedOperation("the stream is closed")
        return self._descriptor

    def isatty(self) -> bool:
        return self._descriptor is not None and self.gone is None and os.isatty(self._descriptor)

    def write(self, data: object) -> int:
        view = memoryview(data).cast("B")  # type: ignore[arg-type]
        if self._descriptor is None or self.gone is not None:
            return len(view)
        try:
            return os.write(self._descriptor, view)
        except BlockingIOError:
            select.select([], [self._descriptor], [])
            return os.write(self._descriptor, view)
        except OSError as error:
            self.gone = error
            return len(view)


class Output(io.TextIOWrapper):
    """A text stream over a descriptor; None: over nothing, as where the stream was closed before we began."""

    def __init__(self, descriptor: int | None, encoding: str) -> None:
        self._sink = _Sink(descriptor)
        by_line = self._sink.isatty() or descriptor == 2
        super().__init__(io.BufferedWriter(self._sink), encoding, "simon", line_buffering=by_line)

    @property
    def gone(self) -> OSError | None:
        """Why nothing arrives any more, if that is so."""
        return self._sink.gone


def _over(stream: TextIO | None, descriptor: int) -> bool:
    """Whether a stream is that of a descriptor, or none; one that a program around us has put there is left alone."""
    try:
        return stream is None or stream.fileno() == descriptor
    except (OSError, ValueError):
        return False


def steady_streams() -> None:
    """Put such streams in the place of ``sys.stdout`` and ``sys.stderr``, for the rest of the process."""
    for descriptor in range(3):  # or the next file that is opened is what libraries take for standard output
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        before: TextIO | None = getattr(sys, name)
        if not _over(before, descriptor):
            continue
        if before is not None:
            before.flush()
        encoding = getattr(before, "encoding", None) or "utf-8"
        setattr(sys, name, Output(descriptor if before is not None else None, encoding))


def lost_output() -> str | None:
    """What is to be said at the end of standard output that did not arrive; a reader that has gone wanted no more."""
    if not isinstance(sys.stdout, Output):
        return None
    sys.stdout.flush()
    gone = sys.stdout.gone
    return f"standard output: {gone.strerror}: not all was printed" if gone and gone.errno != errno.EPIPE else None


@contextmanager
def plain_notes() -> Iterator[None]:
    """Have warnings of what was made of input on lines of their own, without the place in our code."""
    with warnings.catch_warnings():
        otherwise = warnings.showwarning

        def shown(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if issubclass(category, InputNote):
                sys.stderr.write(f"note: {message}\n")
            else:
                otherwise(message, category, *where, **more)

        warnings.showwarning = shown
        yield
