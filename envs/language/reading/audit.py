"""No silent loss: what a text says, token by token, held against what its Instruction carries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import product
from types import MappingProxyType
from typing import Any

from lark import Token

from simonsays.envs.language.instruction import START, THING, Instruction, Step
from simonsays.envs.language.tokens import KINDS
from simonsays.envs.language.vocabulary import registered_verbs as verbs

_CARRIED = frozenset(kind for kind, told in KINDS.items() if told.get("carried"))
"""kinds of tokens whose value an Instruction must have, unless the token is noted"""
_UNITS = tuple(kind for kind, told in KINDS.items() if told.get("unit"))
_NUMBERS = ("NUMBER", "BARE_NUMBER", "COUNT")
_SAME: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "backward": frozenset({"behind", "around", START}),
        "forward": frozenset({"front", "in_front_of", "on the way"}),
        "behind": frozenset({"backward", "around"}),
        "front": frozenset({"forward", "in_front_of"}),
        "in_front_of": frozenset({"forward", "front"}),
        "left_of": frozenset({"left"}),
        "right_of": frozenset({"right"}),
        "gentle": frozenset({"slow"}),
        "cautious": frozenset({"slow"}),
        "full": frozenset({"fast"}),
    }
)
"""values to others that say as much where they stand"""
_IMPLIED = frozenset({THING, "next_to", "other"})
"""what is always carried: to go to a thing is to go next to it, "one" is a thing that was named"""
_EXACT = 1e-3


def lost(read: Sequence[Token], meaning: Instruction, notes: Sequence[Token]) -> Token | None:
    """The first token of content that no step carries and no note reports.

    What is repeated ("three times: ...") is carried by the steps being there as often.
    """
    noted = [(note.start_pos or 0, note.end_pos or 0) for note in notes]
    repeats = len(meaning.steps) > len({step.span for step in meaning.steps})
    sided = Counter(step.verb for step in meaning.steps if step.side in ("left", "right") and step.count is None)
    units, found = list(_units(read)), [frozenset(_leaves(step)) for step in meaning.steps]
    for i, step in enumerate(meaning.steps):
        found[i] |= {sided[step.verb]} - {0, 1}  # "punch twice, left and right"
    for token in read:
        place = token.start_pos or 0
        if token.type not in _CARRIED or token.value is None or any(a <= place < b for a, b in noted):
            continue
        near = [i for i, step in enumerate(meaning.steps) if step.span and step.span[0] <= place < step.span[1]]
        carried = _union(found[i] for i in near) if near else _union(found)
        if token.type in _NUMBERS:
            if not (repeats or token.value == 1 or _counted(float(token.value), carried, units)):
                return token
        elif any(
            part not in carried and _SAME.get(part, frozenset()).isdisjoint(_union(found)) for part in _said(token)
        ):
            return token
    return None


def _union(sets: Iterable[frozenset[Any]]) -> frozenset[Any]:
    return frozenset[Any]().union(*sets)


def _said(token: Token) -> set[str]:
    """What a token says, each part for itself; of a limb only its side."""
    value: Any = token.value
    parts = value[1:] if token.type in ("SIDED_LIMB", "PRE_LIMB") else value if isinstance(value, tuple) else (value,)
    return {str(part) for part in parts} - _IMPLIED


def _units(read: Sequence[Token]) -> Iterator[tuple[float, float]]:
    """The units of a text, each with what may be added to its number: "a minute and a half"."""
    found = {kind: [float(t.value) for t in read if t.type == kind and t.value] for kind in _UNITS}  # type: ignore[arg-type]
    halves = [0.0, *(float(token.value) for token in read if token.type == "HALF_MORE")]  # type: ignore[arg-type]
    said = [1.0, 360.0, *(unit for units in found.values() for unit in units)]
    said += [length / time for length, time in product(found["LENGTH"], found["PER_SECOND"])]
    said += [length * radius for length, radius in product(found["LENGTH"], found["RADIUS"])]
    yield from product(said, halves)


def _leaves(part: Any) -> Iterator[Any]:
    """All values of a step, of its things and its way, and what these imply."""
    for entry in fields(part):
        value = getattr(part, entry.name)
        if entry.name != "span" and value is not None and value is not False:
            yield from _leaves(value) if is_dataclass(value) else (value, str(value))
    if isinstance(part, Step):
        yield from verbs()[part.verb].traits  # "up" and "down" among them
        if part.path is not None or (part.angle_deg or 0.0) >= 180.0:
            yield "around"
        if part.side == "both":
            yield 2
        if part.object is not None:
            yield "on the way"
        if part.verb == "raise_leg":  # on the left leg, with the right one up
            yield from ("left", "right")


def _counted(number: float, carried: frozenset[Any], units: Sequence[tuple[float, float]]) -> bool:
    """Whether some amount is the number in one of the units that are said."""
    amounts = [float(value) for value in carried if isinstance(value, int | float) and not isinstance(value, bool)]
    said = [(number + half) * unit for unit, half in units]
    return any(abs(amount - one) <= _EXACT * max(1.0, one) for amount in amounts for one in said)
