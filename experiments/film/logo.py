"""A logo for the cards of a film, from a picture file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from simonsays.assets import InputError, is_file

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_MOST_PIXELS = 16_000_000
_WIDE, _HIGH = 0.42, 0.15  # of a card's width and height, at most


@lru_cache(maxsize=4)
def load_logo(file: Path) -> Image.Image:
    """RGBA; do not change it.

    Raises:
        InputError: no such file, another suffix, too many pixels, or no picture in it; the message names the file.
    """
    from PIL import Image

    if file.suffix.lower() not in SUFFIXES:
        raise InputError(f"logo {file}: needs one of {', '.join(SUFFIXES)}")
    if not is_file(file):
        raise InputError(f"logo {file}: no such file")
    try:
        with Image.open(file, formats=("PNG", "JPEG", "WEBP")) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise InputError(f"logo {file}: {picture.width}x{picture.height} pixels; make it smaller")
            made: Image.Image = picture.convert("RGBA")
            return made
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"logo {file}: no picture can be read in it: {error}") from error


def fitted_logo(file: Path, width: int, height: int) -> Image.Image:
    """The logo for a card of so many pixels."""
    from PIL import Image

    logo = load_logo(file)
    scale = min(_WIDE * width / logo.width, _HIGH * height / logo.height)
    size = max(1, round(scale * logo.width)), max(1, round(scale * logo.height))
    # Reduced with the colours weighted by their opacity, or edges would darken.
    return logo.convert("RGBa").resize(size, Image.Resampling.LANCZOS).convert("RGBA")
