"""How a contract test says that something does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from simonsays.assets import InputError


def holds(condition: object, message: str) -> None:
    """Raise AssertionError with the message where the condition is false; ``python -O`` leaves it in place."""
    if not condition:
        raise AssertionError(message)


@contextmanager
def accepted(what: str) -> Iterator[None]:
    """Turn bad input into an AssertionError that says of what it is."""
    try:
        yield
    except InputError as error:
        raise AssertionError(f"{what}: {error}") from error
