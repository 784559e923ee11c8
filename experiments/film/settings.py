"""What a film shall be: size, rate, part of the recording, cameras, look and captions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from simonsays.assets import InputError, did_you_mean
from simonsays.assets.notes import dataclass

LAYOUTS = ("auto", "inset", "split")
RENDERERS = ("auto", "tiny", "egl")
SIZES = {"wide": (1280, 720), "vertical": (720, 1280), "square": (1080, 1080)}
"""pixels, by name: 16:9, 9:16 and 1:1"""
_SPEEDS = 0.02, 50.0
_MOST_LETTERS = 300
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "int": int,
    "float": (int, float),
    "bool": bool,
    "str": str,
    "Path": (str, Path),
    "tuple": (list, tuple),
}


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
    cameras: tuple[str, ...] = ("director",)
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
    """one a recording, where there are several"""
    montage: bool = False
    """several recordings one after the other, not side by side"""
    title: str = ""
    """on the title card, in place of the instruction; with it or one of the next four there are cards, as in a story"""
    subtitle: str = ""
    logo: Path | None = None
    """a picture, on both cards"""
    closing: str = ""
    """on the closing card, in place of the verdict and the steps"""
    facts: bool = False
    """robot, policy, scene, seed, times and reasons on the cards, for engineers"""
    audio: Path | None = None
    """music or a voice, from the film's first frame on; of an .mp4"""

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
        for name in ("title", "subtitle", "closing"):
            if len(getattr(self, name)) > _MOST_LETTERS:
                raise InputError(f"{name}: {len(getattr(self, name))} characters; a card has room for {_MOST_LETTERS}")

    @property
    def cards(self) -> bool:
        """Whether the film begins and ends with a card."""
        own = (self.title.strip(), self.subtitle.strip(), self.closing.strip(), self.logo, self.facts)
        return self.story or any(own)


def _known(what: str, name: str, names: Iterable[str]) -> None:
    if name not in names:
        raise InputError(f"{what}: unknown name {name!r}{did_you_mean(name, names)}")


def size_of(text: str) -> tuple[int, int]:
    """``640x360`` or one of SIZES to (width, height), pixels.

    Raises:
        InputError: another form.
    """
    match = re.fullmatch(r"(\d{1,6})[x×](\d{1,6})", text.strip())
    if match is None and text.strip() not in SIZES:
        raise InputError(f"size {text!r}: write it as WIDTHxHEIGHT, like 640x360, or as one of {', '.join(SIZES)}")
    return SIZES[text.strip()] if match is None else (int(match[1]), int(match[2]))


def _typed(name: str, value: Any, wanted: str, folder: Path) -> Any:
    kind = wanted.partition("[")[0].removesuffix(" | None")
    good = isinstance(value, _KINDS[kind]) and (kind == "bool" or not isinstance(value, bool))
    if good and kind == "tuple":
        part: type = int if name == "size" else str
        good = all(isinstance(each, part) for each in value) and (name != "size" or len(value) == 2)
        value = tuple(value)
    if not good:
        raise InputError(f"{name} {value!r}: needs {wanted}")
    return folder / value if kind == "Path" else value


def film_settings(given: Mapping[str, Any], folder: Path | None = None) -> FilmSettings:
    """Settings by name, as of a table in a file: sizes and cameras may be text, ``"vertical"`` and ``"follow,side"``.

    ``folder``: where files are looked for that are given without one.

    Raises:
        InputError: there is no setting of a name, or a value is impossible; the message names it.
    """
    known = {field.name: str(field.type) for field in fields(FilmSettings)}
    made: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise InputError(f"no setting {name!r} of a film{did_you_mean(name, known)}")
        if value is None and known[name].endswith("None"):
            continue
        if name == "size" and isinstance(value, str):
            value = size_of(value)
        elif name in ("cameras", "labels") and isinstance(value, str):
            value = tuple(part.strip() for part in value.split(",") if part.strip())
        made[name] = _typed(name, value, known[name], folder or Path())
    return FilmSettings(**made)
