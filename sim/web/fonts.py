"""The part of the shipped font that a page needs: it shows what it says also where no font of the system has that."""

from __future__ import annotations

import base64
import io

from simonsays.assets import path

_FILE = "NotoSansSC-subset.otf"
_FIRST = 0x2000  # code points below are letters of scripts that every system has
_MARKS = "✓✗●○▶◐←→↑↓"  # which the pages show beside the text


def font_face(text: str) -> str:
    """CSS that makes the face ``simonsays`` of the characters of a text, in the page itself; empty where no system
    would lack any of them. Equal texts give equal CSS."""
    wanted = {character for character in text if ord(character) >= _FIRST and not 0xD800 <= ord(character) <= 0xDFFF}
    if not wanted.difference(_MARKS):
        return ""
    from fontTools.subset import Options, Subsetter, load_font, save_font

    options = Options(flavor="woff", layout_features=[], notdef_outline=True, recalc_timestamp=False)
    font = load_font(str(path("fonts", _FILE)), options)
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(sorted(wanted.union(_MARKS))))
    subsetter.subset(font)
    made = io.BytesIO()
    save_font(font, made, options)
    data = base64.b64encode(made.getvalue()).decode()
    return f"@font-face{{font-family:simonsays;src:url(data:font/woff;base64,{data})}}\n"
