"""Where the pictures of a frame stand: one, side by side, one inset in another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

_INSET = 0.3  # of the pane's width
_GAP = 2  # pixels between pictures side by side


@dataclass(frozen=True)
class Rect:
    """Pixels of a picture."""

    x: int
    y: int
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height

    @property
    def unit(self) -> int:
        """Pixels of the font of a caption that suits it."""
        return max(9, round(min(self.height, 0.7 * self.width) / 24))


@dataclass(frozen=True)
class View:
    """A picture by one camera, in pixels of the frame."""

    camera: str
    rect: Rect
    inset: bool = False


@dataclass(frozen=True)
class Pane:
    """What shows one recording."""

    rect: Rect
    views: tuple[View, ...]


def panes(size: tuple[int, int], recordings: int, cameras: tuple[str, ...], layout: str = "auto") -> list[Pane]:
    """A pane for each recording, in a grid; two cameras share it as ``layout`` says (auto: an inset)."""
    return [_pane(rect, cameras, layout) for rect in _grid(size, recordings)]


def _grid(size: tuple[int, int], count: int) -> list[Rect]:
    width, height = size

    def cost(columns: int) -> float:
        rows = math.ceil(count / columns)
        return abs(math.log((width / columns) / (height / rows) / 1.15)) + 0.5 * (rows * columns - count)

    columns = min(range(1, count + 1), key=cost)
    rows = math.ceil(count / columns)
    return [Rect(x, y, w, h) for y, h in _cuts(height, rows) for x, w in _cuts(width, columns)][:count]


def _cuts(length: int, parts: int) -> list[tuple[int, int]]:
    """Starts and lengths of equal parts with a gap between them."""
    ends = [round(i * (length + _GAP) / parts) for i in range(parts + 1)]
    return [(start, end - start - _GAP) for start, end in pairwise(ends)]


def _pane(rect: Rect, cameras: tuple[str, ...], layout: str) -> Pane:
    if len(cameras) == 1:
        return Pane(rect, (View(cameras[0], rect),))
    if layout == "split":
        beside = rect.width >= rect.height
        cuts = _cuts(rect.width if beside else rect.height, 2)
        rects = [
            Rect(rect.x + at, rect.y, length, rect.height) if beside else Rect(rect.x, rect.y + at, rect.width, length)
            for at, length in cuts
        ]
        return Pane(rect, tuple(View(camera, each) for camera, each in zip(cameras, rects, strict=True)))
    width = round(_INSET * rect.width)
    height = round(width * min(rect.height / rect.width, 0.75))
    margin = rect.unit
    x, y = rect.x + rect.width - margin - width, rect.y + margin
    return Pane(rect, (View(cameras[0], rect), View(cameras[1], Rect(x, y, width, height), inset=True)))
