"""A recording that is written as it grows: in parts, beside where it will lie, until it is whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from simonsays.assets import InputError
from simonsays.sim.recording import SHAPES, Recording

__all__ = ["Parts", "held", "joined", "left"]

_PREFIX = ".recording-"
_INSTANTS = [name for shape, names in SHAPES.items() if shape[0] == "T" and shape != "TK3" for name in names]


def joined(parts: Sequence[Recording], meta: Mapping[str, Any]) -> Recording:
    """One recording of parts that follow each other, at least one of which is not empty."""
    parts = [part for part in parts if len(part)]
    pairs = list(dict.fromkeys(pair for part in parts for pair in _pairs(part)))
    forces, begin = np.zeros((sum(map(len, parts)), len(pairs), 3)), 0
    for part in parts:
        forces[begin : begin + len(part), [pairs.index(pair) for pair in _pairs(part)]] = part.contact_forces
        begin += len(part)
    return Recording(
        **{name: _stacked([getattr(part, name) for part in parts], [*map(len, parts)]) for name in _INSTANTS},
        joint_names=parts[0].joint_names,
        prop_names=parts[0].prop_names,
        contact_pairs=np.array(pairs, np.str_).reshape(-1, 2),
        contact_forces=forces,
        meta=dict(meta),
    )


def _pairs(part: Recording) -> list[tuple[str, str]]:
    return [] if part.contact_pairs is None else [(one, other) for one, other in part.contact_pairs.tolist()]


def _stacked(arrays: Sequence[Any], lengths: Sequence[int]) -> Any:
    """Arrays over each other, the narrower ones, and those that are None, filled up with NaN or empty texts."""
    known = [array for array in arrays if array is not None]
    if not known:
        return None
    dtype, shape = np.result_type(*known), np.max([array.shape[1:] for array in known], axis=0).astype(int)
    made = np.full((sum(lengths), *shape), np.nan if dtype.kind == "f" else dtype.type(), dtype)
    begin = 0
    for array, length in zip(arrays, lengths, strict=True):
        if array is not None:
            made[(slice(begin, begin + length), *map(slice, array.shape[1:]))] = array
        begin += length
    return made


class Parts:
    """Parts of a recording in a hidden folder, each written whole as it comes; what cannot be written stays in memory.

    A program that lives holds its folder: what nobody holds was left by one that was killed (:func:`left`).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._place: Path | None = None
        self._lock: IO[bytes] | None = None
        self._parts: list[Path | Recording] = []

    def add(self, part: Recording) -> None:
        """Write the next one."""
        try:
            if self._place is None:
                self._place = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._folder))
                self._lock = held(self._place)
            self._parts.append(part.save(self._place / f"{len(self._parts):06d}.npz"))
        except (InputError, OSError):
            self._parts.append(part)

    def take(self, place: Path, lock: IO[bytes]) -> Parts:
        """Take over what another program left."""
        self._place, self._lock, self._parts = place, lock, [*_files(place)]
        return self

    def joined(self, last: Recording | None = None) -> Recording:
        """All of them and the last one, whose meta it has; its notes tell of what is gone, and if there is no last.

        Raises:
            InputError: nothing can be read.
        """
        found, lost = [], []
        for part in self._parts:
            try:
                found.append(Recording.load(part) if isinstance(part, Path) else part)
            except InputError as error:
                lost.append(f"a part of this recording is lost: {error}")
        if last is None:
            lost.append("this recording was cut off: its program was killed")
        found += [] if last is None else [last]
        if not any(map(len, found)):
            raise InputError(f"{self._place}: nothing of the recording can be read: {'; '.join(lost)}")
        meta = found[-1].meta
        return joined(found, {**meta, "notes": [*meta.get("notes", []), *lost]})

    def remove(self) -> None:
        """Once the whole is written elsewhere."""
        if self._place is not None:
            shutil.rmtree(self._place, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()


def left(folder: Path) -> Iterator[Parts]:
    """What programs that were killed left in a folder, and nobody else takes meanwhile."""
    for place in sorted(folder.glob(f"{_PREFIX}*")):
        if _files(place) and (lock := held(place)) is not None:
            yield Parts(folder).take(place, lock)


def _files(place: Path) -> list[Path]:
    return sorted(place.glob("[0-9]*.npz"))


def held(place: Path) -> IO[bytes] | None:
    """A file whose lock ends with its process; None where another has it, or the system (Windows) has no such locks."""
    try:
        import fcntl
    except ImportError:
        return None
    file = (place / "lock").open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
