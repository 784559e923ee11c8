"""Files and folders written whole or not at all: beside their place first, on the disk, then moved into it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from simonsays.assets import InputError, is_file

__all__ = [
    "NotWritten",
    "check_writable",
    "fresh_folder",
    "litter",
    "replace_folder",
    "write_atomically",
    "write_json",
    "written",
]

_SCRATCH = re.compile(r"\..+-[0-9a-f]{8}(\.\w+)?")
_LONGEST = 40  # characters of a target's name in its scratch's: systems bound names
_MENDS = {
    errno.ENOSPC: "; make room, or choose another place",
    errno.EDQUOT: "; make room, or choose another place",
    errno.EACCES: "; choose a place that you may write in",
    errno.EROFS: "; choose a place that you may write in",
}


class NotWritten(InputError, OSError):
    """A file or folder that cannot be written; the message names it and says why. What was there is as it was."""

    def __str__(self) -> str:
        return str(self.args[0])

    @classmethod
    def of(cls, target: Path, error: OSError) -> NotWritten:
        """What a system's error says of a target."""
        other = error.filename if error.filename and not str(error.filename).startswith(_beside(target)) else ""
        told = f"{error.strerror or error}{other and f': {other}'}"
        made = cls(f"{target}: cannot be written: {told}{_MENDS.get(error.errno or 0, '')}")
        made.errno, made.strerror = error.errno, error.strerror or str(error)
        return made


def code_digest(root: Path, files: Iterable[Path]) -> str:
    """Of files and their places below a folder, 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def check_writable(file: Path, suffixes: Sequence[str]) -> None:
    """Refuse a file that cannot be written, before anything is computed.

    Raises:
        InputError: another suffix, no such folder, a folder itself, or no right to write.
    """
    if file.suffix.lower() not in suffixes:
        raise InputError(f"{file}: the name must end in {' or '.join(suffixes)}")
    folder = file.absolute().parent
    if not folder.is_dir():
        raise InputError(f"{file}: the folder {folder} does not exist")
    if not is_file(file) and file.is_dir():
        raise InputError(f"{file} is a folder")
    if not os.access(folder, os.W_OK):
        raise InputError(f"{file}: no right to write in {folder}")


def _beside(target: Path) -> str:
    """What the names of all scratch of a target begin with."""
    return str(target.absolute().with_name(f".{target.name[-_LONGEST:]}-"))


def _scratch(target: Path) -> Path:
    """A new name beside a target, with its suffix: some programs go by it."""
    return Path(f"{_beside(target)}{uuid.uuid4().hex[:8]}{target.suffix}")


def litter(folder: Path) -> Iterator[Path]:
    """What was being written in a folder when its process was killed; what others call is left alone."""
    return (each for each in folder.glob(".*") if _SCRATCH.fullmatch(each.name))


@contextmanager
def written(file: Path) -> Iterator[Path]:
    """The name to write a file under; once the block has ended well, it is ``file``. Its folder is made.

    Raises:
        NotWritten: it cannot be written; ``file`` is as it was.
    """
    scratch = _scratch(file)
    try:
        file.absolute().parent.mkdir(parents=True, exist_ok=True)
        yield scratch
        _sync(scratch)
        os.replace(scratch, file)
        _sync(file.absolute().parent)
    except NotWritten:
        raise
    except OSError as error:
        raise NotWritten.of(file, error) from error
    finally:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)


def write_atomically(file: Path, data: bytes | str) -> None:
    """Write a file as :func:`written` does; text as UTF-8, lines ending as they are."""
    with written(file) as scratch:
        scratch.write_bytes(data.encode() if isinstance(data, str) else data)


def write_json(file: Path, data: Any) -> None:
    """Write JSON to a file, as :func:`write_atomically` does."""
    write_atomically(file, json.dumps(data, indent=1) + "\n")


@contextmanager
def fresh_folder(target: Path) -> Iterator[Path]:
    """An empty folder to write into; once the block has ended well, it is ``target``. What was there before is gone
    only then.

    Raises:
        NotWritten: it cannot be written; what was there is as it was.
    """
    scratch = _scratch(target)
    try:
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        scratch.mkdir()
        yield scratch
        for path in (*scratch.rglob("*"), scratch):
            _sync(path)
        replace_folder(scratch, target)
    except NotWritten:
        raise
    except OSError as error:
        raise NotWritten.of(target, error) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def replace_folder(source: Path, target: Path) -> None:
    """Move ``source`` to ``target``; what was there is gone only once the new one stands."""
    old = target.with_name(f".{target.name}-old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.replace(target, old)
    os.replace(source, target)
    _sync(target.absolute().parent)
    shutil.rmtree(old, ignore_errors=True)


def _sync(path: Path) -> None:
    """Make sure that a file, or a folder's list of names, is on the disk, where the system can say so of it."""
    with suppress(PermissionError):  # Windows opens no folders
        descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
