"""Damaged motion clips of every format."""

from __future__ import annotations

from pathlib import Path

import damage
from hypothesis import strategies as st

from simonsays.sim.clips.reading import read_clip

_PERSON = Path(__file__).parent.parent / "data" / "person.bvh"
_QUATERNION = [1.0, 0.0, 0.0, 0.0]
_FRAME = [0.1, 0.0, 0.8, 0.0, *_QUATERNION * 4, -0.5, *_QUATERNION * 2, 0.3, *_QUATERNION, 0.0, *_QUATERNION * 2, 0.0]
_DEEPMIMIC = {"Loop": "wrap", "Frames": [_FRAME, _FRAME, _FRAME]}
_CSV = b"time,left_knee_joint,base_x,base_y,base_z\n0,0.2,0,0,0.79\n0.5,0.4,0.1,0,0.79\n1,0.2,0.2,0,0.79\n"
SOUND = {".bvh": _PERSON.read_bytes(), ".csv": _CSV, ".json": damage.as_json(_DEEPMIMIC)}


def clips() -> st.SearchStrategy[tuple[str, bytes]]:
    """A suffix, and a damaged file."""
    spoiled = [damage.spoiled(data).map(lambda data, suffix=suffix: (suffix, data)) for suffix, data in SOUND.items()]
    return st.one_of(*spoiled, damage.json_files(_DEEPMIMIC).map(lambda data: (".json", data)))


def read(folder: Path, given: tuple[str, bytes]) -> None:
    """As ``simon clip`` would."""
    suffix, data = given
    file = folder / f"clip{suffix}"
    file.write_bytes(data)
    read_clip(file)
