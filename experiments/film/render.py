"""Recordings into a film, a contact sheet or a page, by the suffix of the file."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simonsays.assets import InputError
from simonsays.assets.files import check_writable, write_atomically, written
from simonsays.assets.notes import dataclass
from simonsays.experiments.film.captions import over
from simonsays.experiments.film.drawing import FrameDrawer
from simonsays.experiments.film.frames import default_jobs, draw_moments
from simonsays.experiments.film.layout import Rect
from simonsays.experiments.film.logo import load_logo
from simonsays.experiments.film.settings import FilmSettings
from simonsays.experiments.film.sound import fitted as fitted_sound
from simonsays.experiments.film.sound import sound_seconds, source, told
from simonsays.experiments.film.text import LINE, draw_text, text_width
from simonsays.experiments.film.theme import Theme, panel, theme
from simonsays.experiments.film.timeline import Moment, prepare
from simonsays.experiments.film.writers import save_picture, write_gif, write_mp4
from simonsays.sim.pictures.renderers import choose_renderer
from simonsays.sim.recording import Recording
from simonsays.sim.state import Array

if TYPE_CHECKING:
    from simonsays.sim.pictures.camera import Picture

SHEET_FRAMES = 9
_GAP = 4  # pixels


def sheet_moments(moments: Sequence[Moment], count: int) -> list[Moment]:
    """``count`` frames spread evenly over those without a card, the first and the last among them."""
    bare = [moment for moment in moments if not (moment.title or moment.closing)]
    count = min(count, len(bare))
    if count == 1:
        return [bare[len(bare) // 2]]
    return [bare[round(i * (len(bare) - 1) / (count - 1))] for i in range(count)]


def contact_sheet(
    pictures: Iterator[Picture], moments: Sequence[Moment], clocks: Sequence[Array], size: tuple[int, int], theme: Theme
) -> Picture:
    """(height, width, 3) uint8: the pictures, ``size`` pixels each, in rows, with the times (s) of who is seen."""
    from PIL import Image

    width, height = size
    columns = max(1, min(len(moments), round(math.sqrt(len(moments) * 1.0))))
    rows = math.ceil(len(moments) / columns)
    sheet = Image.new("RGB", (columns * (width + _GAP) - _GAP, rows * (height + _GAP) - _GAP), theme.card)
    unit = Rect(0, 0, width, height).unit
    for i, (picture, moment) in enumerate(zip(pictures, moments, strict=True)):
        x, y = i % columns * (width + _GAP), i // columns * (height + _GAP)
        sheet.paste(Image.fromarray(picture), (x, y))
        text = f"{clocks[moment.clip or 0][moment.indices[moment.clip or 0]]:.1f} s"
        badge = panel(round(text_width(text, unit) + 1.2 * unit), round(1.7 * unit), unit // 2, theme.ink, 190).copy()
        draw_text(badge, (0.6 * unit, (badge.height - LINE * unit) / 2), text, unit, (*theme.panel, 255))
        if len(moments) > 1:
            over(sheet, badge, x + unit // 2, y + round(0.2 * height))  # below a title
    return np.asarray(sheet)


FORMATS = (".mp4", ".gif", ".png", ".html")
MOST_RECORDINGS = 9
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Rendered:
    """What was written, and how."""

    file: Path
    frames: int
    """0 for a page"""
    seconds: float
    """that it took"""
    renderer: str = ""
    reason: str = ""
    """why this renderer"""
    jobs: int = 1
    sound: str = ""
    """what became of a sound that is not as long as the film"""

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "file": str(self.file)}


def check_film(out: Path, settings: FilmSettings | None = None) -> None:
    """Refuse a file that cannot be made, before anything is simulated.

    Raises:
        InputError: see :func:`check_writable`; a logo or a sound that cannot be read, or a sound for what has none.
    """
    check_writable(out, FORMATS)
    if settings is not None and out.suffix.lower() in (".png", ".html"):
        for name in ("title", "subtitle", "logo", "closing", "facts"):
            if getattr(settings, name):
                raise InputError(f"{name}: {out} has no cards; write an .mp4 or a .gif")
    if settings is not None and settings.logo is not None:
        load_logo(settings.logo)
    if settings is not None and settings.audio is not None:
        if out.suffix.lower() != ".mp4":
            raise InputError(f"audio {settings.audio}: {out} has no sound; write an .mp4")
        sound_seconds(settings.audio)


def render(
    recordings: Sequence[Recording],
    out: str | Path,
    settings: FilmSettings | None = None,
    *,
    jobs: int = 0,
    progress: Progress | None = None,
    sheet: int = SHEET_FRAMES,
) -> Rendered:
    """Write ``out``, whole or not at all: a film (.mp4, .gif), a contact sheet of ``sheet`` pictures (.png), or a page
    that plays the run in three dimensions (.html). Several recordings are shown side by side.

    ``jobs``: processes, 0 as default_jobs says. ``progress(done, total)`` is called after every frame.

    Raises:
        InputError: a wrong suffix, no such folder, an impossible setting, or no or an empty recording.
    """
    target, settings, began = Path(out), settings or FilmSettings(), time.monotonic()
    check_film(target, settings)
    if not 1 <= len(recordings) <= MOST_RECORDINGS:
        raise InputError(f"{len(recordings)} recordings: a film shows 1 to {MOST_RECORDINGS}")
    if settings.montage and target.suffix.lower() == ".html":
        raise InputError(f"montage: {target} shows one recording; write an .mp4 or a .gif")
    if settings.labels and len(settings.labels) != len(recordings):
        raise InputError(f"label: {len(settings.labels)} labels for {len(recordings)} recordings")
    if target.suffix.lower() == ".html":
        return _page(recordings, target, settings, began)
    fitted, moments = prepare(recordings, settings)
    if target.suffix.lower() == ".png":
        if not 1 <= sheet <= 64:
            raise InputError(f"pictures: {sheet} on a contact sheet; 1 to 64 are possible")
        moments = sheet_moments(moments, sheet)
    chosen = choose_renderer(settings.renderer)
    settings = replace(settings, renderer=chosen.name)
    jobs = jobs or default_jobs(settings.size, settings.renderer, len(recordings))
    pictures = _counted(draw_moments(fitted, moments, settings, jobs), len(moments), progress)
    if target.suffix.lower() == ".png":
        clocks = [each.time for each in fitted]
        picture = contact_sheet(pictures, moments, clocks, settings.size, theme(settings.look))
        save_picture(picture, target)
        return Rendered(target, len(moments), time.monotonic() - began, chosen.name, chosen.reason, jobs)
    film, sound = len(moments) / settings.fps, 0.0
    words: tuple[str, ...] = ("-an",)
    if settings.audio is not None:
        sound = sound_seconds(settings.audio)
        words = (*source(settings.audio), "-map", "0:v:0", "-map", "1:a:0", *fitted_sound(film, sound))
    pictures = chain((next(pictures),), pictures)  # processes that cannot start are to leave nothing behind
    with written(target) as scratch:
        if target.suffix.lower() == ".gif":
            write_gif(scratch, pictures, settings.size, settings.fps)
        else:
            write_mp4(scratch, pictures, settings.size, settings.fps, words)
    said = told(film, sound) if settings.audio is not None else ""
    return Rendered(target, len(moments), time.monotonic() - began, chosen.name, chosen.reason, jobs, said)


def _page(recordings: Sequence[Recording], target: Path, settings: FilmSettings, began: float) -> Rendered:
    from simonsays.sim.web.replay import replay_html

    if len(recordings) > 1:
        raise InputError(
            f"{target}: a page shows one recording, not {len(recordings)}; films show several side by side"
        )
    if len(recordings[0]) == 0:
        raise InputError("the recording is empty: there is nothing to show")
    write_atomically(target, replay_html(recordings[0], look=settings.look))
    return Rendered(target, 0, time.monotonic() - began)


def _counted(pictures: Iterator[Picture], total: int, progress: Progress | None) -> Iterator[Picture]:
    for i, picture in enumerate(pictures, start=1):
        yield picture
        if progress is not None:
            progress(i, total)


def render_frame(
    recording: Recording, index: int, size: tuple[int, int] = (640, 360), settings: FilmSettings | None = None
) -> Picture:
    """One captioned picture (height, width, 3) uint8 of instant ``index``."""
    with closing(FrameDrawer([recording], settings or FilmSettings(size))) as drawer:
        return drawer.draw(Moment((index,)))
