"""What a translation fails with."""

from __future__ import annotations

CODES = (
    "missing_package",
    "unknown_translator",
    "missing_key",
    "timeout",
    "connection",
    "http_error",
    "bad_json",
    "invalid_instruction",
    "refused",
    "too_large",
)
_QUOTE = 200  # characters of a reply or of a server's words that a message repeats


class TranslatorError(ValueError):
    """A translation that failed; the message is one line, says what to do, and holds no key.

    Attributes:
        code: one of ``CODES``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def one_line(text: str) -> str:
    """Text of others as part of a message: printable, on one line and short."""
    clean = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
    return clean if len(clean) <= _QUOTE else clean[:_QUOTE] + "…"
