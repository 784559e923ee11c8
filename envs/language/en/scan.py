"""SCAN's symbols: the action sequence of a command, in the reading of Lake and Baroni (2018).

There "walk left" is to turn left and then to walk; in the everyday reading it is to walk sideways.
"""

from __future__ import annotations

from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.parser import parse

_ACTIONS = ("walk", "look", "run", "jump", "turn left", "turn right")


def scan_actions(text: str) -> list[str]:
    """The actions of a command, in order.

    Raises:
        ParseError: it makes no sense, or says something that SCAN has no symbol for.
    """
    actions = []
    for step in parse(text, "en", reading="scan").steps:
        action = f"{step.verb} {step.direction}" if step.verb == "turn" else step.verb
        if (
            action not in _ACTIONS
            or step.object is not None
            or step.distance_m is not None
            or step.angle_deg is not None
        ):
            start, end = step.span or (0, len(text))
            message = f"{text[start:end]!r} (position {start}): SCAN has no symbol for it"
            raise ParseError("unsupported_skill", message, text, start, text[start:end])
        actions.append(f"I_{action.upper().replace(' ', '_')}")
    return actions
