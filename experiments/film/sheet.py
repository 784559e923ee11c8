"""A contact sheet: pictures of a run side by side, each with its time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from simonsays.experiments.film.captions import over
from simonsays.experiments.film.layout import Rect
from simonsays.experiments.film.text import LINE, draw_text, text_width
from simonsays.experiments.film.theme import Theme, panel
from simonsays.experiments.film.timeline import Moment
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
    pictures: Iterator[Picture], moments: Sequence[Moment], clock: Array, size: tuple[int, int], theme: Theme
) -> Picture:
    """(height, width, 3) uint8: the pictures, ``size`` pixels each, in rows, with their times (s) of ``clock``."""
    from PIL import Image

    width, height = size
    columns = max(1, min(len(moments), round(math.sqrt(len(moments) * 1.0))))
    rows = math.ceil(len(moments) / columns)
    sheet = Image.new("RGB", (columns * (width + _GAP) - _GAP, rows * (height + _GAP) - _GAP), theme.card)
    unit = Rect(0, 0, width, height).unit
    for i, (picture, moment) in enumerate(zip(pictures, moments, strict=True)):
        x, y = i % columns * (width + _GAP), i // columns * (height + _GAP)
        sheet.paste(Image.fromarray(picture), (x, y))
        text = f"{clock[moment.indices[0]]:.1f} s"
        badge = panel(round(text_width(text, unit) + 1.2 * unit), round(1.7 * unit), unit // 2, theme.ink, 190).copy()
        draw_text(badge, (0.6 * unit, (badge.height - LINE * unit) / 2), text, unit, (*theme.panel, 255))
        if len(moments) > 1:
            over(sheet, badge, x + unit // 2, y + round(0.2 * height))  # below a title
    return np.asarray(sheet)
