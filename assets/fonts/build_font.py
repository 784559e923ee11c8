"""Write ``NotoSansSC-subset.otf``: the characters that captions need, out of Noto Sans CJK.

Run ``python assets/fonts/build_font.py NotoSansCJK-Regular.ttc`` with the collection of Debian's fonts-noto-cjk. It
needs fontTools. The same collection and the same fontTools give the same file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import product
from pathlib import Path

FAMILY = "Noto Sans CJK SC"
TARGET = Path(__file__).resolve().parent / "NotoSansSC-subset.otf"
_LATIN, _GREEK, _CYRILLIC = range(0x20, 0x180), range(0x370, 0x400), range(0x400, 0x460)
_SIGNS = (*range(0x2010, 0x2040), *map(ord, "€™←↑→↓−×✓✗�"))
_LEFT_OUT = ("BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx")  # no kerning, nothing vertical
_NAMES = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]


def charset(codec: str, leads: Iterable[int], trails: Iterable[int]) -> set[int]:
    """Code points of the two-byte characters of an encoding."""
    texts = (bytes(pair).decode(codec, errors="ignore") for pair in product(leads, trails))
    return {ord(text) for text in texts if len(text) == 1}


def characters() -> set[int]:
    """GB 2312, the frequent ones of Big5 for traditional Chinese, Latin, Greek, Cyrillic and signs."""
    simplified = charset("gb2312", range(0xA1, 0xF8), range(0xA1, 0xFF))
    traditional = charset("big5", range(0xA4, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
    return simplified | traditional | set(_LATIN) | set(_GREEK) | set(_CYRILLIC) | set(_SIGNS)


def main(collection: str) -> None:
    """Write the subset."""
    from fontTools import subset
    from fontTools.ttLib import TTCollection

    fonts = TTCollection(collection, recalcTimestamp=False).fonts
    font = next(each for each in fonts if each["name"].getDebugName(1) == FAMILY)
    options = subset.Options(hinting=False, layout_features=[], name_IDs=_NAMES, notdef_outline=True)
    options.drop_tables += list(_LEFT_OUT)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters())
    cutter.subset(font)
    font.save(TARGET)


if __name__ == "__main__":
    main(sys.argv[1])
