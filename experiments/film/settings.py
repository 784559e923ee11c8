"""What a film shall be: size, rate, part of the recording, cameras, look and captions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.notes import dataclass

LAYOUTS = ("auto", "inset", "split")
RENDERERS = ("auto", "tiny", "egl")
_SPEEDS = 0.02, 50.0


@dataclass(frozen=True)
class FilmSettings:
    """Settings of a film.

    Raises:
        InputError: a value that is impossible; the message names it.
    """

    size: tuple[int, int] = (640, 360)
    """width and height, pixels"""
    fps: int = 25
    speed: float = 1.0
    """s of the recording in a second of film: 0.25 is slow motion"""
    start: float | None = None
    """s on the recording's clock; None: its beginning"""
    end: float | None = None
    """s on the recording's clock; None: its end"""
    cameras: tuple[str, ...] = ("follow",)
    """one or two names of CAMERAS"""
    layout: str = "auto"
    """of two cameras: the second as an inset in the picture of the first, or both side by side"""
    look: str = "light"
    renderer: str = "auto"
    captions: bool = True
    """the instruction above, the current step below"""
    story: bool = False
    """title card, closing card and a border in the colour of the outcome"""
    labels: tuple[str, ...] = ()
    """one a recording, where several are side by side"""

    def __post_init__(self) -> None:
        from simonsays.sim.pictures.cameras import CAMERAS
        from simonsays.sim.pictures.looks import LOOKS

        width, height = self.size
        if not (64 <= width <= 4096 and 64 <= height <= 4096) or width % 2 or height % 2:
            raise InputError(f"size {width}x{height}: width and height must be even, 64 to 4096")
        if not 1 <= self.fps <= 100:
            raise InputError(f"fps {self.fps}: must be 1 to 100")
        if not _SPEEDS[0] <= self.speed <= _SPEEDS[1]:
            raise InputError(f"speed {self.speed:g}: must be {_SPEEDS[0]:g} to {_SPEEDS[1]:g}")
        for name, value in (("start", self.start), ("end", self.end)):
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise InputError(f"{name} {value:g}: must be 0 s or more")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise InputError(f"start {self.start:g} s: must be before end {self.end:g} s")
        if not 1 <= len(self.cameras) <= 2:
            raise InputError(f"camera: {len(self.cameras)} names; give one or two")
        for camera in self.cameras:
            _known("camera", camera, CAMERAS)
        _known("layout", self.layout, LAYOUTS)
        _known("look", self.look, LOOKS)
        _known("renderer", self.renderer, RENDERERS)


def _known(what: str, name: str, names: Iterable[str]) -> None:
    if name not in names:
        raise InputError(f"{what}: unknown name {name!r}{did_you_mean(name, names)}")


def film_settings(given: Mapping[str, Any]) -> FilmSettings:
    """Settings by name.

    Raises:
        InputError: there is no setting of a name, or a value is impossible.
    """
    known = {field.name for field in fields(FilmSettings)}
    for name in given:
        if name not in known:
            raise InputError(f"no setting {name!r} of a film{did_you_mean(name, known)}")
    from pydantic import TypeAdapter, ValidationError

    from simonsays.envs.settings import reason

    try:
        return TypeAdapter(FilmSettings).validate_python(dict(given))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"{place}{place and ': '}{reason(first)}") from error
