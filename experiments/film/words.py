"""What a film says itself, in the language of its instruction."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from simonsays.assets.notes import dataclass
from simonsays.sim.storyline import Storyline

_ENGLISH = "en"


@dataclass(frozen=True)
class Words:
    """Words of a language; where one has braces, something stands in their place."""

    opening: str
    recording: str
    success: str
    failure: str
    end: str
    together: str
    more: str
    metres: str
    degrees: str
    passed_over: str
    read_otherwise: str
    quotes: str
    comma: str
    missed: str
    """in place of a reason, which skills say in English"""

    def verdict(self, status: str) -> str:
        """Of a run: success, failure, or nothing that was judged."""
        return {"success": self.success, "failure": self.failure}.get(status, self.end)

    def to_go(self, story: Storyline, index: int) -> str:
        """What is left of a step at an instant; empty where nothing is."""
        metres, degrees = story.to_go_at(index)
        if not math.isnan(metres):
            return self.metres.format(metres)
        return "" if math.isnan(degrees) else self.degrees.format(degrees)

    def notes(self, story: Storyline) -> str:
        """What of the instruction is not in the plan; empty where all is."""
        if not story.notes:
            return ""
        listed = self.comma.join(self.quotes.format(note) for note in story.notes)
        return (self.read_otherwise if any(" → " in note for note in story.notes) else self.passed_over).format(listed)


@cache
def _all() -> Mapping[str, Words]:
    tables = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    return {code: Words(**table) for code, table in tables.items()}


@cache
def words_for(text: str) -> Words:
    """In the language of a text."""
    from simonsays.envs.language import detect

    return _all().get(detect(text) if text.strip() else _ENGLISH, _all()[_ENGLISH])
