"""What is said short: a thing that is only told of, a number without its unit, where to of a walk that is said."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import takewhile
from typing import Any

from lark import Token, Tree

from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.instruction import ObjectRef, PathShape, Step
from simonsays.envs.language.reading.heard import Heard, covers, is_bare, overridden
from simonsays.envs.language.reading.items import Item
from simonsays.envs.language.reading.source import WAYS, Memory, span, tokens
from simonsays.envs.language.reading.turns import narrowed
from simonsays.envs.language.reading.ways import OTHER_SIDE

_OTHERWISE_COUNTED = {"NOUN", "BARE_NUMBER", "NUMBER", "DIRECTION", "LOCATION"}
_WAYS = {**WAYS, **{way: way for way in WAYS.values()}}
_ROUND = 360.0
_MOST_TURNS = 4  # a larger number that has no unit is one of degrees
_PAUSES = {"COMMA", "END"}


def is_there(heard: Heard) -> None:
    """Remember what is said to be there; nothing is done."""
    heard.reader.exists(heard.item.node, heard.memory)
    heard.pass_on(heard.item.joints, but="COMMA")


def _number(heard: Heard) -> int | None:
    """The whole number of a clause that has no unit: "two to the left", "one to the left"."""
    number = heard.found.get("NUMBER") or heard.found.get("BARE_NUMBER")
    if number is None:
        return 1 if heard.reader.says("one", heard.found.get("NOUN")) else None
    return int(float(number.value)) if float(number.value).is_integer() else None


def counts_otherwise(heard: Heard) -> bool:
    """Whether a clause says only how many more of the step before go which other way."""
    kinds, last = heard.found.keys(), heard.last
    ways = [token for token in tokens(heard.item.node) if token.value in _WAYS]
    counted = last is not None and (last.steps or last.count or last.angle_deg) and last.direction is not None
    short = heard.fragment and kinds <= _OTHERWISE_COUNTED and len(ways) == 1
    return bool(counted) and short and _number(heard) is not None


def count_otherwise(heard: Heard) -> None:
    """The step before the other way, so many times."""
    number, last = _number(heard), heard.last
    assert number is not None and last is not None
    way = next(_WAYS[str(token.value)] for token in tokens(heard.item.node) if token.value in _WAYS)
    amount: dict[str, Any] = {"count": number if number > 1 else None}
    if last.steps:
        amount = {"steps": number}
    elif last.angle_deg is not None and last.angle_deg > _ROUND:
        amount = {"angle_deg": number * _ROUND}
    elif last.angle_deg is not None and number > _MOST_TURNS:
        amount = {"angle_deg": float(number)}  # "turn 30 degrees left, then 60 to the right"
    step = replace(last, direction=way, parallel_with_prev=False, **amount)
    heard.memory.step = step = replace(step, span=span(heard.item.node))
    heard.keep([step])


def comes_to(heard: Heard) -> bool:
    """Whether only where to is said of the walk before: "walk slowly, wearily, to the bench"."""
    last = heard.last
    if last is None or not heard.fragment or heard.item.kinds != {"COMMA"} or len(heard.steps) != 1:
        return False
    told = (last.direction, last.distance_m, last.steps, last.duration_s, last.object, last.path, last.count)
    there = heard.steps[0].verb
    return (
        all(one is None for one in told) and there != last.verb and heard.reader.verbs[last.verb].with_object == there
    )


def come_to(heard: Heard) -> None:
    """The walk before leads there; what it says that its verb has no place for is noted."""
    last, step = heard.last, heard.steps[0]
    assert last is not None
    if last.style is not None:
        heard.reader.notes += [token for token in tokens(heard.kept[-1].node) if token.value == last.style]
    heard.amend(replace(overridden(replace(last, style=None), step), verb=step.verb))


def is_there_already(heard: Heard) -> bool:
    """Whether the place where the robot then is is said again: "find the ball and stand beside it"."""
    old = heard.last
    if old is None or len(heard.steps) != 1 or old.verb != "go_to" or heard.item.kinds & {"NOT", "CORRECT"}:
        return False
    return covers(old, heard.steps[0]) and any(token.type == "IT" for token in tokens(heard.item.node))


def stay_there(heard: Heard) -> None:
    """Nothing more is done, which is noted."""
    heard.reader.note(heard.item.node)


def stops_again(heard: Heard) -> bool:
    """Whether a stop is only told in more words: "freeze! hold on, three seconds"."""
    old = heard.last
    once = old is not None and old.verb == "stop" and is_bare([old]) and len(heard.steps) == 1
    return once and heard.steps[0].verb == "stop" and bool(heard.item.kinds) and heard.item.kinds <= _PAUSES


def stop_once(heard: Heard) -> None:
    """The last word on it is kept."""
    step: Step = heard.steps[0]
    heard.reader.notes += [token for token in tokens(heard.kept[-1].node) if isinstance(token, Token)]
    heard.amend(step)


def shares_times(heard: Heard) -> bool:
    """Whether the side of each is named of what is done so often: "punch twice, left and right"."""
    last = heard.last
    if not heard.fragment or last is None or last.side not in OTHER_SIDE or (last.count or 1) < 2:
        return False
    more = list(takewhile(_names_side, heard.rest))
    times, *after = (t for t in tokens(heard.kept[-1].node) if t.type in ("COUNT", "NUMBER", "DIRECTION", "SIDE"))
    apart = bool(after) and re.search("[,:，：、]", heard.reader.text[times.end_pos : after[-1].start_pos])
    told = bool(apart) and last.count == 2 + len(more)
    return told and replace(heard.steps[0], side=None) == replace(last, count=None, side=None, span=heard.steps[0].span)


def turns_along(heard: Heard) -> bool:
    """Whether a turn only tells the sense of the way before: "walk in a square, turning left"."""
    last = heard.last
    if last is None or last.path is None or last.path.side is not None or not heard.item.gerund:
        return False
    side = heard.steps[0].direction
    return side in OTHER_SIDE and heard.steps == (Step("turn", side),)


def turn_along(heard: Heard) -> None:
    """The way goes round to that side."""
    assert heard.last is not None and heard.last.path is not None
    before, side = heard.kept[-1], heard.steps[0].direction
    heard.kept[-1] = replace(before, node=Tree(before.node.data, [*before.node.children, *heard.item.node.children]))
    end = span(heard.item.node)[1]
    path = replace(heard.last.path, side=side)
    heard.amend(replace(heard.last, path=path, span=((heard.last.span or (0, 0))[0], end)))


def goes_so_far(heard: Heard) -> bool:
    """Whether an amount after a step says how far was gone before it: "walk, and stop after five steps"."""
    kinds = {token.type for token in tokens(heard.item.node)}
    if not heard.fragment or heard.item.kinds != {"AFTER"} or not kinds & {"STEPS", "LENGTH", "SECONDS"}:
        return False
    walked = heard.kept[-2].steps[-1] if len(heard.kept) > 1 and heard.kept[-2].steps else None
    told = walked is None or any((walked.distance_m, walked.steps, walked.duration_s, walked.object, walked.path))
    return not told and walked is not None and heard.reader.is_a("on_foot", walked.verb)


def go_so_far(heard: Heard) -> None:
    """What was gone before the last step goes so far."""
    before = heard.kept[-2]
    said = heard.reader.steps(heard.item.node, Memory(step=before.steps[-1]))[0]
    heard.kept[-2] = replace(before, steps=(*before.steps[:-1], overridden(before.steps[-1], said)))


def walks_so(heard: Heard) -> bool:
    """Whether only how a walk goes is told: "walks to the right, performing a quarter circle", "taking eight steps"."""
    last = heard.last
    head = next((token for token in tokens(heard.item.node) if token.type in ("LIGHT", "VERB")), None)
    if last is None or not heard.reader.is_a("on_foot", last.verb) or not heard.reader.says("gerund", head):
        return False
    if heard.item.joints or len(heard.steps) != 1 or head is None or head.type != "LIGHT":
        return False
    said = heard.steps[0]
    paced = said == Step("step", steps=said.steps) and (last.distance_m, last.steps, last.duration_s) == (None,) * 3
    round_about = any(
        token.type == "TURN" and heard.reader.says("circular", token) for token in tokens(heard.item.node)
    )
    return paced or (said.verb == "turn" and round_about and last.path is None)


def walk_so(heard: Heard) -> None:
    """The walk before goes so."""
    last, said = heard.last, heard.steps[0]
    assert last is not None
    made = replace(last, steps=said.steps)
    if said.verb == "turn":
        part = None if said.angle_deg in (None, _ROUND) else said.angle_deg
        made = replace(last, direction=None, path=PathShape("arc" if part else "circle", said.direction, part))
        if last.direction in OTHER_SIDE and said.direction is None:
            made = replace(made, path=replace(made.path, side=last.direction))  # type: ignore[type-var]
    heard.amend(replace(made, span=((last.span or (0, 0))[0], span(heard.item.node)[1])))


def tells_which(heard: Heard) -> bool:
    """Whether only which of the things before is meant is told: "go to the ball, the one on the left"."""
    last, node = heard.last, heard.item.node
    if last is None or last.object is None or not heard.fragment or heard.item.kinds != {"COMMA"}:
        return False
    named = [child for child in node.children if isinstance(child, Tree) and child.data == "phrase"]
    return len(named) == len(node.children) == 1 and heard.reader.says("that_very_one", node)


def tell_which(heard: Heard) -> None:
    """The thing before is that one."""
    last = heard.last
    assert last is not None and last.object is not None
    ref = heard.reader.thing(heard.item.node.children[0].children[-1], Memory(last.object))  # type: ignore[union-attr]
    heard.memory.object = narrowed(last.object, ref)
    start, end = last.span or (0, 0)
    heard.amend(replace(last, object=heard.memory.object, span=(start, max(end, span(heard.item.node)[1]))))


def _names_side(item: Item) -> bool:
    """Whether a clause is left or right and nothing more."""
    return item.node.data == "fragment" and [t.type for t in tokens(item.node)] in (["DIRECTION"], ["SIDE"])


def share_times(heard: Heard) -> None:
    """Each is a step of its own."""
    assert heard.last is not None
    heard.amend(replace(heard.last, count=None))
    heard.keep()


def is_taken_along(heard: Heard) -> bool:
    """Whether where to is said once of two things: what was picked up goes there too."""
    before, said = heard.last, heard.steps[0]
    if before is None or not heard.fragment or heard.item.kinds != {"AND"} or before.verb != "pickup":
        return False
    return said.object2 is not None and said.verb != before.verb and before.object2 is None


def take_along(heard: Heard) -> None:
    assert heard.last is not None
    before = heard.kept[-1]
    heard.amend(replace(heard.last, verb=heard.steps[0].verb, object2=heard.steps[0].object2))
    heard.kept[-1] = replace(
        heard.kept[-1], node=Tree(before.node.data, [*before.node.children, heard.item.node.children[-1]])
    )


def named_in(heard: Heard) -> ObjectRef | None:
    """The thing of what is left out: "don't kick the ball, push it"."""
    memory = replace(heard.memory)
    try:
        heard.reader.steps(heard.item.node, memory)
    except ParseError:
        return None
    return memory.object
