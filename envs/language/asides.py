"""What speakers tell of themselves, or why, beside what they ask for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from simonsays.envs.language.analysis import Analysis
from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.locale import Locale

_EDGES = " ,.;，。；"


def without_aside(text: str, locale: Locale, understand: Callable[[str], Analysis]) -> Analysis | None:
    """What is asked for beside what speakers tell of themselves, or why; that is noted: "my knees hurt, pick it up"."""
    idioms = locale.settings.get("idioms", {})
    found = (
        re.match(idioms.get("aside", "$^"), text, re.IGNORECASE),
        re.search(idioms.get("reason", "$^"), text, re.IGNORECASE),
    )
    asides = [one.span() for one in found if one is not None]
    for left_out in [[one] for one in asides] + [asides] * (len(asides) > 1):
        rest = text
        for start, end in left_out:
            rest = rest[:start] + " " * (end - start) + rest[end:]
        with suppress(ParseError):
            return _with_notes(understand(rest), text, left_out)
    return None


def _with_notes(read: Analysis, text: str, left_out: Sequence[tuple[int, int]]) -> Analysis:
    """What was read without some places of a text, with the words there noted."""
    notes = [(words := text[start:end].strip(_EDGES), text.index(words, start)) for start, end in left_out]
    fillers = sorted((*read.fillers, *notes), key=lambda note: note[1])
    tokens = sorted((*read.tokens, *(("FILLER", *note) for note in notes)), key=lambda token: token[2])
    said = [words for words, _ in notes]
    meant = replace(read.instruction, notes=tuple(sorted((*read.instruction.notes, *said), key=text.find)))
    return replace(read, text=text, instruction=meant, fillers=tuple(fillers), tokens=tuple(tokens))
