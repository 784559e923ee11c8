"""What is said when a text is not understood."""

from __future__ import annotations

from typing import Any

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


class ParseError(ValueError):
    """A text that was not understood.

    Attributes:
        code: one of CODES. text: the whole text. position: of the first character in question. word: what stands
        there. suggestions: words that may have been meant. rules: by which clauses were read so far.
    """

    def __init__(
        self, code: str, message: str, text: str, position: int, word: str = "", suggestions: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        assert code in CODES, code
        self.code, self.text, self.position, self.word = code, text, position, word
        self.suggestions = suggestions
        self.rules: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """code, position, message, the words in question and, if there are, suggestions."""
        data = {"code": self.code, "position": self.position, "message": str(self), "words": self.word}
        return {**data, "suggestions": list(self.suggestions)} if self.suggestions else data
