"""Everyday sentences that were written before the word lists were looked at: how many are read as they are meant.

They measure, and are not for mending line by line.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from simonsays.envs.language import ParseError, parse

DATA = Path(__file__).parents[2] / "data"


def fate(text: str, meant: list[str], language: str) -> str:
    """What becomes of a text: right, misread or refused."""
    try:
        read = parse(text, language)
    except ParseError:
        return "right" if "!" in meant else "refused"
    return "right" if read in [parse(said, language) for said in meant if said != "!"] else "misread"


@pytest.mark.parametrize(
    ("language", "name", "right", "misread"), [("en", "english", 80, 9), ("zh", "mandarin", 40, 4)]
)
def test_everyday_sentences_are_read_as_they_are_meant(language: str, name: str, right: int, misread: int) -> None:
    lines = (DATA / f"speakers_{name}.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if not line.startswith("#")]
    fates = Counter(fate(text, meant.split(" || "), language) for _, text, meant in rows)
    assert fates["right"] >= right, fates
    assert fates["misread"] <= misread, fates
