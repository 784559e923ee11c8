"""SCAN: all 20,910 commands of its grammar, with the actions that they mean.

Lake and Baroni, "Generalization without Systematicity: On the Compositional Skills of Sequence-to-Sequence Recurrent
Networks", ICML 2018: the grammar is that of their figure 6, its meaning that of figure 7. Their files have a line
``IN: COMMAND OUT: ACTIONS`` for each command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from simonsays.assets import InputError
from simonsays.assets.reading import lines
from simonsays.experiments.exams.exam import Exam, Question, register_exam

ACTIONS = {"walk": "I_WALK", "look": "I_LOOK", "run": "I_RUN", "jump": "I_JUMP"}
TURNS = {"left": "I_TURN_LEFT", "right": "I_TURN_RIGHT"}
STEPS = {
    **{action: {"verb": verb} for verb, action in ACTIONS.items()},
    **{action: {"verb": "turn", "direction": side} for side, action in TURNS.items()},
}
_LINE = re.compile(r"IN: (?P<command>.+?) OUT: (?P<actions>\S.*)")

Command = tuple[str, list[str]]


def _phrases() -> Iterator[Command]:
    """V: a verb with its direction, and what it means."""
    for verb, action in ACTIONS.items():
        yield verb, [action]
    for side, turn in TURNS.items():
        for verb, acts in [("turn", []), *((verb, [action]) for verb, action in ACTIONS.items())]:
            yield f"{verb} {side}", [turn, *acts]
            yield f"{verb} opposite {side}", [turn, turn, *acts]
            yield f"{verb} around {side}", [turn, *acts] * 4


def _sentences() -> Iterator[Command]:
    """S: V, V twice or V thrice."""
    for text, actions in _phrases():
        yield text, actions
        yield f"{text} twice", actions * 2
        yield f"{text} thrice", actions * 3


def commands() -> Iterator[Command]:
    """C: S, S and S, or S after S: 20,910 in all, each with its actions."""
    every = list(_sentences())
    yield from every
    for first, before in every:
        for second, after in every:
            yield f"{first} and {second}", before + after
            yield f"{first} after {second}", after + before


def _meant(actions: list[str]) -> dict[str, Any]:
    return {"steps": [STEPS[action] for action in actions]}


def _draw(random: Random) -> Iterator[Question]:
    return (Question(text, _meant(actions)) for text, actions in commands())


def _read(file: Path) -> Iterator[Question]:
    """A file of the data set, or a command a line."""
    for number, line in lines(file):
        said = _LINE.fullmatch(line)
        if said is None:
            if line.startswith("IN:"):
                raise InputError(f"{file}, line {number}: needs 'IN: COMMAND OUT: ACTIONS'")
            yield Question(line)
            continue
        actions = said["actions"].split()
        if strange := [action for action in actions if action not in STEPS]:
            raise InputError(f"{file}, line {number}: {strange[0]!r} is none of SCAN's actions: {', '.join(STEPS)}")
        yield Question(said["command"], _meant(actions))


register_exam(
    Exam(
        "scan",
        "SCAN: every command of its grammar, with its actions",
        "Lake and Baroni, ICML 2018; the data set's licence is BSD",
        _draw,
        formats={".txt": _read},
        reading="scan",
    )
)
