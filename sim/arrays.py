"""Archives of arrays (.npz), read within bounds and without pickle."""

from __future__ import annotations

import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.assets.reading import opened

MOST = 640 << 20
"""bytes of the arrays that are read of one archive, together"""
_AT_ONCE = 1 << 20
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    tokenize.TokenError,
    OSError,
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    SyntaxError,
    RuntimeError,  # NotImplementedError and RecursionError, too
    MemoryError,
    OverflowError,
)
"""what zipfile, zlib and NumPy raise on archives that are none"""


class Arrays(Mapping[str, NDArray[Any]]):
    """The arrays of an open archive by name; each is read when it is asked for.

    Raises:
        InputError: by a name: it is damaged, holds objects, or all that was read would be more than ``MOST`` bytes.
    """

    def __init__(self, file: Path, archive: zipfile.ZipFile) -> None:
        self._file, self._archive, self._left = file, archive, MOST
        self._members = {name.removesuffix(".npy"): name for name in archive.namelist() if name.endswith(".npy")}

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __getitem__(self, name: str) -> NDArray[Any]:
        member = self._members[name]
        try:
            with self._archive.open(member) as stream:
                array = self._read(stream, self._archive.getinfo(member).file_size)
        except _DAMAGED as error:
            raise InputError(f"{self._file}: field {name!r} cannot be read: {_told(error)}") from error
        return array

    def _read(self, stream: IO[bytes], size: int) -> NDArray[Any]:
        """An array whose header fits what the archive has of it: what it claims is never made room for unseen."""
        version = npy.read_magic(stream)
        header: Any = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
        if header is None:
            raise ValueError(f"version {version} of NumPy's format is not read")
        shape, columns_first, dtype = header(stream)
        if dtype.hasobject or dtype.kind not in "biufU":
            raise ValueError(f"holds {dtype}, not numbers or text")
        bytes_of = math.prod(shape) * dtype.itemsize
        if min(shape, default=0) < 0 or bytes_of != size - stream.tell():
            raise ValueError(f"says that it is {shape} of {dtype}, and has {size - stream.tell():,} bytes")
        self._left -= bytes_of
        if self._left < 0:
            raise ValueError(f"more than {MOST >> 20} MiB of arrays")
        data, done = np.empty(bytes_of, np.uint8), 0
        while done < bytes_of:
            part = stream.read(min(_AT_ONCE, bytes_of - done))
            if not part:
                raise EOFError("it ends early")
            data[done : done + len(part)] = np.frombuffer(part, np.uint8)
            done += len(part)
        stream.read(1)  # the archive's checksum is looked at where a member ends
        flat = data.view(dtype) if dtype.itemsize else np.zeros(math.prod(shape), dtype)
        return flat.reshape(shape[::-1]).T if columns_first else flat.reshape(shape)


@contextmanager
def open_arrays(file: Path) -> Iterator[Arrays]:
    """The arrays of an ``.npz``, to be read within the block.

    Raises:
        InputError: it cannot be read, or is no such archive.
    """
    with opened(file) as stream:
        try:
            archive = zipfile.ZipFile(stream)
        except _DAMAGED as error:
            raise InputError(f"{file}: not a readable archive of arrays: {_told(error)}") from error
        with archive:
            yield Arrays(file, archive)


def _told(error: BaseException) -> str:
    return str(error) or type(error).__name__
