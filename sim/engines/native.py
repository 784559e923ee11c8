"""PyBullet, imported in silence: the C library writes to the process's standard output by itself."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import locale
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

_ALONE = threading.RLock()  # the blocks below change what the whole process shares


_C: Any = ctypes.CDLL(None) if os.name == "posix" else None
_NAMES = ("__stdoutp", "__stderrp") if sys.platform == "darwin" else ("stdout", "stderr")


def _c_streams() -> list[ctypes.c_void_p]:
    """The C library's own streams, which C code prints on; none where it does not show them."""
    try:
        return [ctypes.c_void_p.in_dll(_C, name) for name in _NAMES]
    except (TypeError, ValueError):
        return []


@functools.cache
def _nowhere() -> int | None:
    """A stream of the C library into nothing; None where there is none."""
    if not _c_streams():
        return None
    _C.fopen.restype = ctypes.c_void_p
    return _C.fopen(os.devnull.encode(), b"w") or None


@functools.cache
def _plain_locale() -> int | None:
    """A locale of the C library with a decimal point; None where threads have no locales of their own."""
    if not sys.platform.startswith("linux"):
        return None
    _C.newlocale.restype = _C.uselocale.restype = ctypes.c_void_p
    _C.uselocale.argtypes = [ctypes.c_void_p]
    return _C.newlocale(1 << locale.LC_NUMERIC, b"C", None) or None


@contextlib.contextmanager
def plain_numbers() -> Iterator[None]:
    """Let C code read numbers with a decimal point while the block runs, whatever the process's locale is.

    On Linux this thread alone has another locale meanwhile; elsewhere the process has.
    """
    if locale.localeconv()["decimal_point"] == ".":
        yield
        return
    plain = _plain_locale()
    if plain is not None:
        before = _C.uselocale(plain)
        try:
            yield
        finally:
            _C.uselocale(before)
        return
    with _ALONE:
        told = locale.setlocale(locale.LC_NUMERIC)
        try:
            locale.setlocale(locale.LC_NUMERIC, "C")
            yield
        finally:
            locale.setlocale(locale.LC_NUMERIC, told)


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Send what C code prints to nowhere while the block runs.

    The C library's streams are exchanged, not the process's descriptors: what Python's threads print meanwhile arrives.
    """
    with _ALONE:
        streams, nowhere = _c_streams(), _nowhere()
        if nowhere is None:
            yield
            return
        before = [stream.value for stream in streams]
        try:
            for stream in streams:
                stream.value = nowhere
            yield
        finally:
            for stream, value in zip(streams, before, strict=True):
                stream.value = value


with silenced():
    import pybullet

__all__ = ["plain_numbers", "pybullet", "silenced"]
