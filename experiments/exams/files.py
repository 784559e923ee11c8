"""Files of sentences, read line by line; what is wrong is told with file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from simonsays.assets import InputError


@contextmanager
def opened(file: Path) -> Iterator[BinaryIO]:
    """A file that is read, as bytes.

    Raises:
        InputError: it cannot be.
    """
    try:
        with file.open("rb") as stream:
            yield stream
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror or error}") from error


def read_text(file: Path) -> str:
    """The text of a file.

    Raises:
        InputError: it cannot be read, is empty, or is no UTF-8 text.
    """
    with opened(file) as stream:
        data = stream.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{file}, line {line}: byte {error.start} of the file is not UTF-8 text") from error
    if not text.strip():
        raise InputError(f"{file}: there is nothing in it")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"{file}, line {line}: this is no text: there are zero bytes in it")
    return text


def lines(file: Path) -> Iterator[tuple[int, str]]:
    """Number and text of each line that is not blank, without the spaces around it.

    Raises:
        InputError: as :func:`read_text`.
    """
    for number, line in enumerate(read_text(file).split("\n"), start=1):
        if line.strip():
            yield number, line.strip()


def read_json(file: Path) -> Any:
    """The document of a JSON file.

    Raises:
        InputError: as :func:`read_text`, or it is no JSON.
    """
    return parse_json(read_text(file), file)


def parse_json(text: str, file: Path, first_line: int = 1) -> Any:
    """The JSON document that a text is, which begins at a line of a file.

    Raises:
        InputError: it is no JSON.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{file}, line {first_line + error.lineno - 1}: not valid JSON: {error.msg}") from error
    except RecursionError as error:
        raise InputError(f"{file}, line {first_line}: not valid JSON: too many brackets within each other") from error
