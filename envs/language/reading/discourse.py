"""Clauses to an Instruction: each is read by the first rule that fits, then put in its place in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from lark import Token, Tree

from simonsays.envs.language.instruction import MAX_STEPS, START, Instruction, Step
from simonsays.envs.language.reading.arranging import (
    announced_times,
    bring_forward,
    check_joined,
    share_objects,
    start_over,
    take_topics,
)
from simonsays.envs.language.reading.clause import ClauseReader
from simonsays.envs.language.reading.compare import adds_to
from simonsays.envs.language.reading.heard import Heard
from simonsays.envs.language.reading.items import Item, make_items
from simonsays.envs.language.reading.order import read_sentence, split_sentences
from simonsays.envs.language.reading.rules import rules
from simonsays.envs.language.reading.source import Memory, span


def instruction(tree: Tree[Token], reader: ClauseReader) -> Instruction:
    """The Instruction of a whole text.

    Raises:
        ParseError: it makes no sense.
    """
    items, times = announced_times(make_items(tree, reader), reader)
    items = start_over(share_objects(take_topics(bring_forward(items, reader), reader), reader), reader)
    check_joined(items, reader)
    kept = _heard(items, reader)
    if not kept and all(item.node.data == "exist" for item in items):
        raise reader.refuse("nonsense", tree, "nothing is to be done", "Say what to do, such as walk or turn")
    if not kept:
        raise reader.refuse("contradiction", tree, "I only do things, I cannot leave one out", "Say what to do instead")
    steps: list[Step] = []
    last: list[Step] = []
    for sentence in split_sentences(kept):
        last = read_sentence(sentence, steps, last, reader)
        if len(steps) > MAX_STEPS:
            raise reader.refuse("impossible_amount", sentence[-1].node, f"that makes more than {MAX_STEPS} steps")
    if not steps:
        raise reader.refuse("nonsense", tree, "nothing is left to do")
    if len(steps) * times > MAX_STEPS:
        raise reader.refuse("impossible_amount", tree, f"that makes more than {MAX_STEPS} steps")
    steps *= times
    for before, step in pairwise(steps):
        if step.parallel_with_prev:
            _check_together(before, step, tree, reader)
    return Instruction((replace(steps[0], parallel_with_prev=False), *steps[1:]), _is_free(steps, kept, reader))


def _heard(items: Sequence[Item], reader: ClauseReader) -> list[Item]:
    """The clauses that something is to be done of, with their steps."""
    known, kept, memory, rest = rules(reader.locale.rules), list[Item](), Memory(), list(items)
    while rest:
        heard = Heard(rest.pop(0), rest, kept, reader, memory)
        for rule in known:
            if not rule.when(heard):
                continue
            reader.rules.append((rule.name, span(heard.item.node)))
            rule.do(heard)
            if not rule.goes_on:
                break
    return kept


def _is_free(steps: Sequence[Step], kept: Sequence[Item], reader: ClauseReader) -> bool:
    """Whether goals that are joined by "and" alone may be reached in any order."""
    return (
        len(steps) > 1
        and all(item.kinds == {"AND"} for item in kept[1:])
        and all(reader.is_a("goal", step.verb) and not step.parallel_with_prev for step in steps)
        and not any(item.refers or item.repeat for item in kept)
        and not any(step.object is not None and step.object.type == START for step in steps)
    )


def _check_together(before: Step, step: Step, tree: Tree[Token], reader: ClauseReader) -> None:
    """Refuse what cannot be done at the same time."""
    verbs = {before.verb, step.verb}
    rests = any(reader.is_a("rest", verb) for verb in verbs) and any(reader.is_a("travels", verb) for verb in verbs)
    if rests or sum(reader.is_a("posture", verb) for verb in verbs) > 1:
        raise reader.refuse("contradiction", tree, f"I cannot {before.verb} and {step.verb} at the same time")
    hands = {before.side, step.side} == {"left", "right"}
    if before.verb == step.verb and not hands and not adds_to(before, step):
        raise reader.refuse("contradiction", tree, f"I cannot {step.verb} two ways at the same time")
