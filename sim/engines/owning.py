"""Who owns what a physics engine holds: it is not copied, and once it is gone, nothing uses it."""

from __future__ import annotations

from typing import Any


class Gone:
    """What an engine or a body becomes when its world is closed or built anew: whatever is asked of it is refused."""

    closed = True

    def close(self) -> None:
        """Does nothing."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(self.__dict__["why"])

    def __setattr__(self, name: str, value: Any) -> None:
        raise RuntimeError(self.__dict__["why"])


class Owned:
    """What belongs to a physics world: it can be neither copied nor pickled."""

    def __reduce__(self) -> str:
        raise TypeError("a physics world can be neither copied nor pickled: make another from its scene and robot")


def retire(thing: Owned, why: str) -> None:
    """Let it go of everything, and refuse with these words whatever is asked from now on."""
    thing.__dict__.clear()
    thing.__dict__["why"] = why
    thing.__class__ = Gone  # type: ignore[assignment]
