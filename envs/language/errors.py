"""What is said when a text is not understood, or cannot be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simonsays.assets import InputError

CODES = (
    "unknown_word",
    "unknown_verb",
    "ambiguous_object",
    "no_such_object",
    "contradiction",
    "impossible_amount",
    "empty",
    "nonsense",
    "unsupported_skill",
)

_OPEN = ("ambiguous_object", "no_such_object", "unknown_verb")


class Refusal(InputError):
    """What is said makes no sense, or cannot be done.

    Attributes:
        code: one of CODES. span: first and last character + 1 of the words in question.
        suggestions: what could be said in the place of these words. hint: how they are told, in English, as "Did you
            mean {}?" open: it is a question.
    """

    open = False
    hint = ""

    def __init__(
        self,
        message: str,
        code: str = "unsupported_skill",
        span: tuple[int, int] | None = None,
        suggestions: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        assert code in CODES, code
        self.code, self.span, self.suggestions = code, span, suggestions

    @property
    def position(self) -> int:
        """The first character in question."""
        return self.span[0] if self.span else 0

    @property
    def asks(self) -> bool:
        """Whether the next sentence may answer it."""
        return self.open or bool(self.suggestions) or self.code in _OPEN

    def to_json(self, text: str) -> dict[str, Any]:
        """code, position, message, the words in question and, if there are, suggestions."""
        words = text[slice(*self.span)] if self.span else ""
        data = {"code": self.code, "position": self.position, "message": str(self), "words": words}
        return {**data, "suggestions": list(self.suggestions)} if self.suggestions else data


def with_suggestion(text: str, span: tuple[int, int] | None, suggestion: str) -> str:
    """A text with a suggestion in the place of the words in question."""
    start, end = span or (0, len(text))
    return f"{text[:start]}{suggestion}{text[end:]}"


class ParseError(Refusal):
    """A text that was not understood.

    Attributes:
        text: the whole text. word: what stands at the position. rules: by which clauses were read so far.
        strange: no list has the word. alike: finds words that are spelt like it.
    """

    def __init__(
        self, code: str, message: str, text: str, position: int, word: str = "", suggestions: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, code, (position, position + len(word)), suggestions)
        self.text, self.word = text, word
        self.rules: tuple[str, ...] = ()
        self.strange = False
        self.alike: Callable[[], tuple[str, ...]] | None = None

    def to_json(self, text: str = "") -> dict[str, Any]:
        """As of any refusal; the text is known."""
        return super().to_json(self.text)
