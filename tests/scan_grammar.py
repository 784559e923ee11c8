"""SCAN's published grammar and its meaning, written from Lake and Baroni (2018), figures 6 and 7."""

from __future__ import annotations

from collections.abc import Iterator

ACTIONS = {"walk": "I_WALK", "look": "I_LOOK", "run": "I_RUN", "jump": "I_JUMP"}
TURNS = {"left": "I_TURN_LEFT", "right": "I_TURN_RIGHT"}

Command = tuple[str, list[str]]


def phrases() -> Iterator[Command]:
    """V: a verb with its direction, and what it means."""
    for verb, action in ACTIONS.items():
        yield verb, [action]
    for side, turn in TURNS.items():
        for verb, acts in [("turn", []), *((verb, [action]) for verb, action in ACTIONS.items())]:
            yield f"{verb} {side}", [turn, *acts]
            yield f"{verb} opposite {side}", [turn, turn, *acts]
            yield f"{verb} around {side}", [turn, *acts] * 4


def sentences() -> Iterator[Command]:
    """S: V, V twice or V thrice."""
    for text, actions in phrases():
        yield text, actions
        yield f"{text} twice", actions * 2
        yield f"{text} thrice", actions * 3


def commands() -> Iterator[Command]:
    """C: S, S and S, or S after S: 20,910 in all."""
    all_sentences = list(sentences())
    yield from all_sentences
    for first, before in all_sentences:
        for second, after in all_sentences:
            yield f"{first} and {second}", before + after
            yield f"{first} after {second}", after + before
