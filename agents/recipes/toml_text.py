"""Plain data as TOML, which the standard library reads but does not write."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def to_toml(data: Mapping[str, Any]) -> str:
    """TOML text that ``tomllib`` reads back as ``data``; keys whose value is None are left out.

    Takes text, booleans, numbers, lists of those, tables, and lists of tables.

    Raises:
        TypeError: any other kind of value.
    """
    return "\n".join(_lines(data, ())).strip() + "\n"


def _lines(table: Mapping[str, Any], place: tuple[str, ...]) -> list[str]:
    kept = {key: value for key, value in table.items() if value is not None}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in kept.items() if not _has_tables(value)]
    for key, value in kept.items():
        if not _has_tables(value):
            continue
        inside = (*place, key)
        name = ".".join(_key(part) for part in inside)
        if isinstance(value, Mapping):
            lines += ["", f"[{name}]", *_lines(value, inside)]
        else:
            for each in value:
                lines += ["", f"[[{name}]]", *_lines(each, inside)]
    return lines


def _has_tables(value: Any) -> bool:
    many = isinstance(value, Sequence) and not isinstance(value, str)
    return isinstance(value, Mapping) or (many and bool(value) and isinstance(value[0], Mapping))


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    if isinstance(value, Sequence):
        return f"[{', '.join(_value(each) for each in value)}]"
    raise TypeError(f"no TOML for {type(value).__name__}: {value!r}")
