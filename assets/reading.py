"""Files that anybody may have written, read within bounds: what cannot be used is told with the file and the place."""

from __future__ import annotations

import json
import math
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree import ElementTree as ET

from simonsays.assets import InputError

__all__ = [
    "check_values",
    "lines",
    "opened",
    "parse_json",
    "parse_table",
    "parse_toml",
    "parse_xml",
    "read_bytes",
    "read_json",
    "read_table",
    "read_text",
    "read_toml",
]

MOST = 1 << 26
"""bytes of a text that is read, where its reader does not say more"""
_HALF = re.compile("[\ud800-\udfff]")
_DEEPEST = 100  # tables and lists within each other: what goes through them calls itself


@contextmanager
def opened(file: Path, most: float = math.inf) -> Iterator[BinaryIO]:
    """A file that is read, as bytes.

    Raises:
        InputError: it is missing, no file (a folder, or a pipe, which might never end), longer than ``most`` bytes, or
            cannot be read.
    """
    try:
        status = os.stat(file)
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{file}: {'a folder' if stat.S_ISDIR(status.st_mode) else 'a pipe or device'}, no file")
        if status.st_size > most:
            raise InputError(f"{file}: {status.st_size:,} bytes are in it, at most {most:,} are read")
        with open(file, "rb") as stream:
            yield stream
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror or error}") from error


def read_bytes(file: Path, most: int = MOST) -> bytes:
    """What is in a file.

    Raises:
        InputError: as of :func:`opened`.
    """
    with opened(file, most) as stream:
        return stream.read(most)


def read_text(file: Path, most: int = MOST) -> str:
    """The text of a file; a byte order mark is no part of it.

    Raises:
        InputError: as of :func:`read_bytes`; it is empty, or no UTF-8 text.
    """
    data = read_bytes(file, most)
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


def lines(file: Path, most: int = MOST) -> Iterator[tuple[int, str]]:
    """Number and text of each line that is not blank, without the spaces around it.

    Raises:
        InputError: as of :func:`read_text`.
    """
    for number, line in enumerate(read_text(file, most).split("\n"), start=1):
        if line.strip():
            yield number, line.strip()


def read_json(file: Path, most: int = MOST) -> Any:
    """The document of a JSON file.

    Raises:
        InputError: as of :func:`read_text` and :func:`parse_json`.
    """
    return parse_json(read_text(file, most), file)


def read_table(file: Path) -> dict[str, Any]:
    """The object of a JSON file.

    Raises:
        InputError: as of :func:`read_json`, or it is another document.
    """
    return parse_table(read_text(file), file)


def parse_table(text: str, where: object) -> dict[str, Any]:
    """The JSON object that a text is.

    Raises:
        InputError: as of :func:`parse_json`, or it is another document.
    """
    data = parse_json(text, where)
    if not isinstance(data, dict):
        raise InputError(f"{where}: not a JSON object, but {str(data)[:40]}")
    return data


def parse_json(text: str, where: object, first_line: int = 1) -> Any:
    """The JSON document that a text is, which begins at a line of a file.

    Raises:
        InputError: it is no JSON, or as of :func:`check_values`.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{where}, line {first_line + error.lineno - 1}: not valid JSON: {error.msg}") from error
    except RecursionError as error:
        raise InputError(f"{where}, line {first_line}: not valid JSON: too many brackets within each other") from error
    except ValueError as error:  # a number of thousands of digits
        raise InputError(f"{where}: not valid JSON: {error}") from error
    check_values(data, where)
    return data


def read_toml(file: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises:
        InputError: as of :func:`read_bytes`, it is no TOML, or as of :func:`check_values`.
    """
    try:
        text = read_bytes(file).decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: not valid TOML: {error}") from error
    return parse_toml(text, file)


def parse_toml(text: str, where: object) -> dict[str, Any]:
    """The tables of a text in TOML.

    Raises:
        InputError: it is no TOML, or as of :func:`check_values`.
    """
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not valid TOML: {error}") from error
    check_values(data, where)
    return data


def parse_xml(data: bytes) -> ET.Element:
    """The root element of an XML document.

    Raises:
        ValueError: it is not well-formed, or has more than a hundred elements within each other.
    """
    try:
        root = ET.fromstring(data)
    except (ET.ParseError, ValueError, LookupError) as error:
        raise ValueError(f"not well-formed XML: {error}") from error
    within: list[ET.Element] = [root]
    for _ in range(_DEEPEST):
        within = [child for element in within for child in element]
        if not within:
            return root
    raise ValueError(f"more than {_DEEPEST} elements within each other, as <{within[0].tag[:40]}>")


def check_values(data: Any, where: object) -> None:
    """Refuse numbers that nothing can mean, texts that nothing can show and tables that nobody nests so.

    Raises:
        InputError: a number that is NaN, infinite or beyond what a float holds, half a character (a lone surrogate),
            or more than a hundred lists and tables within each other; the message begins with ``where`` and names the
            key.
    """
    todo: list[tuple[Any, tuple[Any, ...], int]] = [(data, (), 0)]
    while todo:
        value, place, depth = todo.pop()
        if isinstance(value, dict | list):
            if depth >= _DEEPEST:
                raise InputError(f"{where}: {_key(place)[:60]}: more than {_DEEPEST} tables within each other")
            items = value.items() if isinstance(value, dict) else enumerate(value)
            todo += [(each, (place, key), depth + 1) for key, each in items]
            if isinstance(value, dict):
                todo += [(key, place, depth + 1) for key in value]
        elif isinstance(value, str) and _HALF.search(value):
            raise InputError(f"{where}: {_key(place)}: half a character (a lone surrogate) is in its text")
        elif isinstance(value, int | float) and not _finite(value):
            raise InputError(f"{where}: {_key(place)}: {str(value)[:40]} is not finite, or far too large")


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except (OverflowError, ValueError):  # of a whole number
        return False


def _key(place: tuple[Any, ...]) -> str:
    """``a.0.b`` of ((((), a), 0), b)."""
    parts: list[str] = []
    while place:
        place, part = place
        parts.append(str(part))
    return ".".join(reversed(parts)).encode(errors="backslashreplace").decode() or "all of it"
