"""How much is tried of a text that is refused: counted, not timed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from simonsays.envs.language import ParseError, analyze
from simonsays.envs.language.context import Context, Question
from simonsays.envs.language.dialogue import hear
from simonsays.envs.language.lattice import Grammar
from simonsays.envs.language.parser import MAX_LENGTH

LONG = "walk forward two metres and wave your left hand then turn right and " * 20


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many words were read, over all tries."""
    found: Counter[str] = Counter()
    read = Grammar.read

    def counted(self: Grammar, words: Any, candidates: Any) -> Any:
        found["words"] += len(words)
        return read(self, words, candidates)

    monkeypatch.setattr(Grammar, "read", counted)
    return found


@pytest.mark.parametrize("end", ["blorft", "hobble", "kick it to the qwzx", "of of the", "qwzxk because i am cold"])
def test_a_long_text_that_is_refused_is_read_a_few_times_at_most(end: str, reads: Counter[str]) -> None:
    with pytest.raises(ParseError):
        analyze(LONG + end)
    assert reads["words"] <= 3.1 * len((LONG + end).split()), reads


def test_a_long_answer_is_no_phrase(reads: Counter[str]) -> None:
    asked = Question("kick the red ball", (5, 17), ("the red ball on the left", "the red ball on the right"))
    with pytest.raises(ParseError):
        hear(LONG + "blorft", Context(question=asked))
    assert reads["words"] <= 4.2 * len(LONG.split()), reads


def test_what_is_too_long_is_not_read(reads: Counter[str]) -> None:
    for text in (LONG * 10, "走两步，" * MAX_LENGTH):
        with pytest.raises(ParseError, match="2,000"):
            analyze(text)
    assert not reads
