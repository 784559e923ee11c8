"""Data that ships with simonsays, found by name, and the error for bad input."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["InputError", "InputNote", "did_you_mean", "first_line", "is_file", "needs_extra", "path"]


class InputError(ValueError):
    """Input that cannot be used; the message names the file and field and suggests a mend."""


class InputNote(UserWarning):
    """What was made of input that left something open: a warning, which commands print as a note."""


def path(*parts: str) -> Path:
    """The file or folder ``parts`` inside the installed assets; it need not exist."""
    return Path(__file__).resolve().parent.joinpath(*parts)


def is_file(file: Path) -> bool:
    """Whether there is such a file.

    Raises:
        InputError: a name that no file can have here: one that is too long, say.
    """
    try:
        return file.is_file()
    except OSError as error:
        raise InputError(f"{str(file)[:60]}…: {error.strerror}; write a shorter one") from error


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` with the most similar known word, or the known words if none is similar."""
    words = sorted(known)
    if close := difflib.get_close_matches(word, words, n=1, cutoff=0.6):
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(words)}" if words else ""


def first_line(error: BaseException | str) -> str:
    """What an error says first, or its kind where it says nothing."""
    return next(iter(str(error).strip().split("\n")), "").strip() or type(error).__name__


@contextmanager
def needs_extra(extra: str, what: str) -> Iterator[None]:
    """Around imports: where a package is missing, an InputError says what needs it and which extra has it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise InputError(f"{what} needs {error.name}: pip install 'simonsays[{extra}]'") from error
