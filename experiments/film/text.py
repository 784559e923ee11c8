"""Text of films: a font with Latin and Chinese glyphs, lines that fit their box whatever is said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from simonsays.assets import path
from simonsays.assets.notes import dataclass

if TYPE_CHECKING:
    from PIL import Image, ImageFont

LINE = 1.32
"""height of a line, as a share of the font's size"""
SMALLEST = 8
"""pixels, of a font that can still be read"""
_BUNDLED = "NotoSansSC-subset.otf"
# For characters that the bundled font lacks, by the file names under which systems have them.
_SYSTEM = ("NotoSansCJK-Regular.ttc", "wqy-microhei.ttc", "wqy-zenhei.ttc", "NotoSans-Regular.ttf", "DejaVuSans.ttf",
           "msyh.ttc", "PingFang.ttc", "Arial Unicode.ttf", "arial.ttf")  # fmt: skip
_NO_GLYPH = "\U0010ffff"
_UNKNOWN, _CUT = "?", "..."
_CLOSING = "，。！？；：、）】》」』”’…,.!?;:)]}%°"
_PART = re.compile(r"[^，。！？；：、,;]*[，。！？；：、,;”\s]*")
_OPENING = "（【《「『“‘([{"


@lru_cache(maxsize=256)
def _font(file: str, size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(file, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def font_files() -> tuple[str, ...]:
    """The fonts that are there, the bundled one first."""
    found = [str(path("fonts", _BUNDLED))]
    for name in _SYSTEM:
        try:
            _font(name, 16)
        except OSError:
            continue
        found.append(name)
    return tuple(found)


@cache
def _file_of(char: str) -> str | None:
    """The first font that has a glyph of a character; None where no font has."""
    for file in font_files():
        font = _font(file, 16)
        glyph, missing = font.getmask(char), font.getmask(_NO_GLYPH)
        if glyph.size != missing.size or bytes(glyph) != bytes(missing):
            return file
    return None


def clean(text: str) -> str:
    """The text in characters that can be drawn: white space is one space, what no font has loses its accent or
    becomes ``?``.
    """
    composed = unicodedata.normalize("NFC", text)
    shown = []
    for char in composed:
        if char.isspace():
            shown.append(" ")
        elif unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Mn", "Me"):
            shown.append(char if _file_of(char) is not None else _plain(char))
    return " ".join("".join(shown).split())


def _plain(char: str) -> str:
    """The letter without its accent, or a question mark."""
    base = unicodedata.normalize("NFKD", char)[0]
    return base if base != char and _file_of(base) is not None else _UNKNOWN


@cache
def _advance(char: str, size: int) -> float:
    return float(_font(_file_of(char) or font_files()[0], size).getlength(char))


def text_width(text: str, size: int) -> float:
    """Pixels that cleaned text takes."""
    return sum(_advance(char, size) for char in text)


def draw_text(image: Image.Image, place: tuple[float, float], text: str, size: int, color: tuple[int, ...]) -> None:
    """Draw cleaned text; ``place`` is the left end of the line's upper edge."""
    from PIL import ImageDraw

    draw = ImageDraw.Draw(image)
    x, y = place
    baseline = y + size * (LINE / 2 + 0.36)
    for file, chars in groupby(text, _file_of):
        run = "".join(chars)
        draw.text((x, baseline), run, font=_font(file or font_files()[0], size), fill=color, anchor="ls")
        x += text_width(run, size)


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in ("W", "F")


def _pieces(text: str) -> list[str]:
    """What must stay on a line: words with the spaces after them, single Chinese characters with their marks."""
    pieces: list[str] = []
    for char in text:
        last = pieces[-1] if pieces else ""
        joins = last and not (last.endswith(" ") and char != " ")
        breaks = _is_wide(char) or (last and _is_wide(last[-1]) and char != " ")
        if joins and (not breaks or char in _CLOSING or last[-1] in _OPENING):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def wrap(text: str, size: int, width: float, pieces: Sequence[str] | None = None) -> list[str]:
    """Lines of cleaned text, none wider than ``width`` pixels; a word that is too long is broken. ``pieces``: of it,
    that stay together; by default its words."""
    lines, line, used = [], "", 0.0
    for piece in _pieces(text) if pieces is None else pieces:
        needed = text_width(piece.rstrip(), size)
        if line and used + needed > width:
            lines.append(line.rstrip())
            line, used = "", 0.0
        if needed > width:
            for char in piece:
                advance = _advance(char, size)
                if line and used + advance > width:
                    lines.append(line.rstrip())
                    line, used = "", 0.0
                line, used = line + char, used + advance
            continue
        line, used = line + piece, used + text_width(piece, size)
    return [*lines, line.rstrip()] if line.strip() else lines


def _balanced(text: str, size: int, width: float, lines: list[str]) -> list[str]:
    """As few lines as there are, broken after punctuation where all parts fit, and about equally long."""
    if len(lines) < 2:
        return lines
    parts = [part for part in _PART.findall(text) if part.strip()]
    for clauses in (parts, None):
        found = lines
        for share in range(100, 40, -4):
            tried = wrap(text, size, width * share / 100, clauses)
            if len(tried) > len(lines) or any(text_width(line, size) > width for line in tried):
                break
            found = tried
        if found is not lines:
            return found
    return lines


@dataclass(frozen=True)
class Block:
    """Lines that fit."""

    lines: tuple[str, ...]
    size: int
    """pixels, of the font"""

    @property
    def width(self) -> float:
        """Pixels."""
        return max((text_width(line, self.size) for line in self.lines), default=0.0)

    @property
    def height(self) -> float:
        """Pixels."""
        return LINE * self.size * len(self.lines)


@lru_cache(maxsize=1024)
def fit(text: str, width: int, height: int, largest: int, smallest: int = SMALLEST, most: int = 99) -> Block:
    """Text in the largest font, up to ``largest`` pixels, with which it fits a box in up to ``most`` lines.

    Where it does not fit in the smallest one either, it is cut and ends in three dots.
    """
    text = clean(text)
    smallest = min(smallest, largest)
    for size in range(largest, smallest - 1, -1):
        if text_width(text, size) > width * most:
            continue
        lines = wrap(text, size, width)
        if len(lines) <= most and len(lines) * LINE * size <= height:
            return Block(tuple(_balanced(text, size, width, lines)), size)
    room = max(1, min(most, int(height / (LINE * smallest))))
    lines = wrap(text[: 4 * room * max(1, int(width / smallest)) + 4], smallest, width)
    if len(lines) > room or text_width(text, smallest) > width * most:
        kept = lines[room - 1] if len(lines) >= room else lines[-1]
        while kept and text_width(kept + _CUT, smallest) > width:
            kept = kept[:-1]
        lines = [*lines[: room - 1], kept.rstrip() + _CUT]
    return Block(tuple(lines[:room]), smallest)
