"""Colours of what is drawn over pictures, and shapes with smooth edges."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from simonsays.assets.notes import dataclass

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

Color = tuple[int, int, int]
_FINER = 4  # shapes are drawn so much larger and reduced


@dataclass(frozen=True)
class Theme:
    """Colours (RGB) of captions and cards."""

    panel_alpha: int
    """255: a panel hides the picture"""
    panel: Color
    ink: Color
    muted: Color
    card: Color
    accent: Color
    success: Color
    failure: Color
    pending: Color

    def of(self, status: str) -> Color:
        """The colour of a step's or a run's status."""
        known = {"success": self.success, "failure": self.failure, "running": self.accent}
        return known.get(status, self.pending)


@cache
def themes() -> Mapping[str, Theme]:
    """The themes by look, as ``themes.toml`` has them."""
    tables = tomllib.loads(Path(__file__).with_name("themes.toml").read_text(encoding="utf-8"))
    return {
        look: Theme(colors.pop("panel_alpha"), **{name: tuple(color) for name, color in colors.items()})
        for look, colors in tables.items()
    }


def theme(look: str) -> Theme:
    """The theme of a look; the light one for a look that has none of its own."""
    return themes().get(look, themes()["light"])


def shape(width: int, height: int, paint: Callable[[ImageDraw.ImageDraw, int], None]) -> Image.Image:
    """An RGBA picture; ``paint(draw, scale)`` draws it ``scale`` times as large."""
    from PIL import Image, ImageDraw

    big = Image.new("RGBA", (width * _FINER, height * _FINER), (0, 0, 0, 0))
    paint(ImageDraw.Draw(big), _FINER)
    # Reduced with the colours weighted by their opacity, or edges would darken.
    return big.convert("RGBa").resize((width, height), Image.Resampling.BOX).convert("RGBA")


@lru_cache(maxsize=512)
def panel(width: int, height: int, radius: int, color: Color, alpha: int) -> Image.Image:
    """A rounded rectangle."""
    return shape(
        width,
        height,
        lambda draw, k: draw.rounded_rectangle(
            (0, 0, width * k - 1, height * k - 1), radius=radius * k, fill=(*color, alpha)
        ),
    )


@lru_cache(maxsize=512)
def badge(size: int, status: str, color: Color, mark: Color) -> Image.Image:
    """A disc with a tick (success), a cross (failure), a dot (running), or a ring (pending)."""

    def paint(draw: ImageDraw.ImageDraw, k: int) -> None:
        s = size * k
        width = max(k, round(s * 0.11))
        if status == "pending":
            draw.ellipse((k, k, s - 1 - k, s - 1 - k), outline=(*color, 255), width=width)
            return
        draw.ellipse((0, 0, s - 1, s - 1), fill=(*color, 255))
        if status == "success":
            points = [(0.27 * s, 0.53 * s), (0.44 * s, 0.69 * s), (0.74 * s, 0.35 * s)]
            draw.line(points, fill=(*mark, 255), width=width, joint="curve")
        elif status == "failure":
            for line in (((0.33, 0.33), (0.67, 0.67)), ((0.67, 0.33), (0.33, 0.67))):
                draw.line([(x * s, y * s) for x, y in line], fill=(*mark, 255), width=width)
        else:
            draw.ellipse((0.34 * s, 0.34 * s, 0.66 * s, 0.66 * s), fill=(*mark, 255))

    return shape(size, size, paint)
