"""Clips by file or name: a reader for each format, and PyBullet's own clips where its package is."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

from simonsays.assets import InputError, did_you_mean, is_file
from simonsays.assets.registry import Registry
from simonsays.sim.clips.figure import Clip

Reader = Callable[[Path, float | None], Clip]
"""of a file, and of the frames a second where the file does not say them"""
FORMATS: Registry[Reader] = Registry("clip format", "simonsays.sim.clips.formats")
"""by suffix"""
_PREFIX = "humanoid3d_"


def clip_format(*suffixes: str) -> Callable[[Reader], Reader]:
    """Register a function as the reader of files that end so: ``.bvh``.

    Raises:
        InputError: another module reads them.
    """

    def register(reader: Reader) -> Reader:
        for suffix in suffixes:
            FORMATS.register(suffix, reader)
        return reader

    return register


def named_clips() -> dict[str, Path]:
    """The clips that PyBullet's package brings, by name (``dance_b``); none where its data is not installed."""
    found = importlib.util.find_spec("pybullet_data")
    if found is None or found.origin is None:
        return {}
    folder = Path(found.origin).parent / "data" / "motions"
    return {file.stem.removeprefix(_PREFIX): file for file in sorted(folder.glob(f"{_PREFIX}*.txt"))}


def find_clip(name_or_file: str | Path) -> Path:
    """The file of a clip.

    Raises:
        InputError: there is none; the message suggests the nearest name.
    """
    file, named = Path(name_or_file), named_clips()
    if str(name_or_file) in named:
        return named[str(name_or_file)]
    if not file.suffix:
        raise InputError(f"no clip {str(name_or_file)!r}{did_you_mean(str(name_or_file), named)} (or give a file)")
    if not is_file(file) and not file.exists():
        raise InputError(f"no such clip: {file}")
    return file


def read_clip(name_or_file: str | Path, fps: float | None = None) -> Clip:
    """A clip by its name or file; ``fps``: frames a second, of a file that does not say when its frames are.

    Raises:
        InputError: no such clip or format, or what the format's reader refuses.
    """
    file = find_clip(name_or_file)
    suffix = file.suffix.lower()
    if suffix not in FORMATS:
        raise InputError(f"{file}: no clip format {suffix!r}{did_you_mean(suffix, FORMATS)}")
    if fps is not None and not 1.0 <= fps <= 1000.0:
        raise InputError(f"--fps {fps:g}: 1 to 1000 frames a second")
    return FORMATS[suffix](file, fps)
