"""Pictures that are no pictures, or damaged ones, as a film's logo."""

from __future__ import annotations

import io
from pathlib import Path

from hypothesis import strategies as st
from PIL import Image

from simonsays.experiments.film.logo import load_logo


def _packed(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((24, 16)).save(buffer, format=kind)
    return buffer.getvalue()


SOUND = _packed("png")


def _damaged(data: bytes, at: float, length: int, other: bytes) -> bytes:
    place = round(at * len(data))
    return data[:place] + other + data[place + length :]


def logos() -> st.SearchStrategy[bytes]:
    """Bytes of a file."""
    whole = st.sampled_from([SOUND, _packed("jpeg"), _packed("webp")])
    cut = st.builds(_damaged, whole, st.floats(0, 1), st.integers(0, 60), st.binary(max_size=12))
    return st.one_of(st.binary(max_size=80), cut)


def read(folder: Path, data: bytes) -> None:
    file = folder / "logo.png"
    file.write_bytes(data)
    load_logo.cache_clear()
    load_logo(file)
