"""Hypothesis strategies: documents, files and arrays that were sound and are damaged, in a few places each."""

from __future__ import annotations

import copy
import io
import json
import math
import re
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

DEEP = 10_000
_NUMBERS = st.sampled_from(
    [math.nan, math.inf, -math.inf, 0, -1, 1, 0.5, -0.0, 3, 1e300, -1e300, 1e-300, 2**31, 2**63, 2**64, 10**400, 1e15]
)
_TEXTS = st.sampled_from(["", " ", "g1", "3,813", "\0", "\ud800", "../../x", "nan", "a\nb", "ü" * 300, "ball", "mlp"])
values = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "name", "x", ""]), inner, max_size=2)
    ),
    max_leaves=4,
)
"""what stands where something else is meant"""


def nested(depth: int, inner: str = "1") -> str:
    """JSON, and TOML, of lists within each other."""
    return "[" * depth + inner + "]" * depth


def _places(data: Any) -> list[tuple[Any, Any]]:
    """Every table or list in a document with each key or place in it."""
    found: list[tuple[Any, Any]] = []
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            found += [(data, key), *_places(value)]
    return found


@st.composite
def documents(draw: st.DrawFn, sound: Any, values: st.SearchStrategy[Any] = values) -> Any:
    """A document with one to three damages: a value that is another, gone, doubled or called otherwise."""
    data = copy.deepcopy(sound)
    for _ in range(draw(st.integers(1, 3))):
        places = _places(data)
        if not places:
            return data
        # Evenly by depth, or the longest list would be all that is damaged.
        table, key = draw(
            st.sampled_from([*places[:40], *draw(st.lists(st.sampled_from(places), min_size=1, max_size=3))])
        )
        how = draw(st.sampled_from(["other", "other", "other", "gone", "renamed", "doubled"]))
        if how == "other":
            table[key] = draw(values)
        elif how == "gone":
            del table[key]
        elif how == "doubled" and isinstance(table, list):
            table.append(copy.deepcopy(table[key]))
        elif isinstance(table, dict):
            table[draw(st.sampled_from(["x", "", "name", "position"]))] = table.pop(key)
    return data


@st.composite
def spoiled(draw: st.DrawFn, sound: bytes) -> bytes:
    """Bytes of which some are others, gone, or there twice; or other bytes altogether."""
    data = bytearray(sound)
    how = draw(st.sampled_from(["flip", "flip", "cut", "gone", "twice", "other"]))
    place = draw(st.integers(0, max(0, len(data) - 1)))
    length = draw(st.integers(1, 64))
    if how == "flip":
        for _ in range(draw(st.integers(1, 4))):
            data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    elif how == "cut":
        del data[place:]
    elif how == "gone":
        del data[place : place + length]
    elif how == "twice":
        data[place:place] = data[place : place + length]
    else:
        data[:] = draw(st.binary(max_size=200))
    return bytes(data)


def as_json(data: Any) -> bytes:
    """JSON as other programs write it: NaN and Infinity, and any text."""
    return json.dumps(data).encode()


def json_files(sound: Any) -> st.SearchStrategy[bytes]:
    """Damaged documents, spoiled bytes and lists within lists, as JSON."""
    deep = st.sampled_from([nested(DEEP).encode(), b'{"a": ' + nested(DEEP).encode() + b"}", nested(200).encode()])
    return documents(sound).map(as_json) | spoiled(as_json(sound)) | deep


_DTYPES = ("<f8", "<f4", "<f2", ">f8", "<i8", "<u1", "<u8", "?", "<U3", "<c16", "S4", "<M8[s]", "O", "<f16", "V8")


@st.composite
def arrays(draw: st.DrawFn, sound: np.ndarray) -> np.ndarray:
    """An array with other numbers, another shape or another kind."""
    how = draw(st.sampled_from(["number", "number", "shape", "kind", "empty", "order"]))
    if how == "number" and sound.dtype.kind == "f" and sound.size:
        array = sound.copy()
        array.flat[draw(st.integers(0, sound.size - 1))] = float(
            draw(_NUMBERS.filter(lambda n: abs(n) < 2**65 or n != n))
        )
        return array
    if how == "shape":
        return sound[: draw(st.integers(0, 2))] if sound.ndim and draw(st.booleans()) else sound[..., None]
    if how == "kind":
        return np.zeros(sound.shape, draw(st.sampled_from(_DTYPES)))
    if how == "empty":
        return np.zeros((0, *sound.shape[1:]), sound.dtype)
    return np.asfortranarray(sound)[::-1] if sound.ndim else sound[None]


def packed(named: dict[str, Any], member: Callable[[str, bytes], bytes] = lambda name, data: data) -> bytes:
    """An .npz of arrays; ``member`` changes what is written of each."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in named.items():
            one = io.BytesIO()
            np.lib.format.write_array(one, np.asanyarray(array), allow_pickle=True)
            archive.writestr(f"{name}.npy", member(name, one.getvalue()))
    return buffer.getvalue()


def claims(name: str, shape: tuple[int, ...]) -> Callable[[str, bytes], bytes]:
    """A header that claims a shape, before the bytes that were there."""

    def change(member: str, data: bytes) -> bytes:
        if member != name:
            return data
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": shape})
        return header.getvalue() + data[128:]

    return change


_NUMBERS_SAID = ("nan", "inf", "-1", "0", "-0", "3,813", "1e400", "1e300", "1 2", "1 2 3", "9" * 5000)
_WORDS = (*_NUMBERS_SAID, "", "x", "${m}", "ü", "\0")
_WORD = re.compile(r'"[^"]*"|[^\s"<>=,\[\]]+')


@st.composite
def texts(draw: st.DrawFn, sound: str) -> str:
    """A text of words and lines, as XML or OBJ: some words are others, from elsewhere in it or none, or lines are gone,
    doubled or moved."""
    text = sound
    for _ in range(draw(st.integers(1, 3))):
        found = list(_WORD.finditer(text))
        if found and draw(st.integers(0, 2)):
            place = draw(st.sampled_from(found))
            other = draw(st.sampled_from(_WORDS) | st.sampled_from(found).map(lambda each: each[0].strip('"')))
            new = f'"{other}"' if place[0].startswith('"') else other
            text = f"{text[: place.start()]}{new}{text[place.end() :]}"
        else:
            lines = text.split("\n")
            at, to = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
            line = lines[at]
            lines[at : at + 1] = draw(st.sampled_from([[], [line] * 2, ["<x>"], ["<limit/>"], [lines[to]]]))
            text = "\n".join(lines)
    return text
