"""Clauses to an Instruction: each is read by the first rule that fits, then put in its place in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from lark import Token, Tree

from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.instruction import MAX_STEPS, START, Instruction, Step
from simonsays.envs.language.lattice import SKIPPED
from simonsays.envs.language.reading.arranging import (
    announced_times,
    bring_forward,
    check_joined,
    drop_states,
    drop_ways,
    share_objects,
    start_over,
    take_topics,
)
from simonsays.envs.language.reading.clause import ClauseReader
from simonsays.envs.language.reading.heard import Heard, adds_to, same_steps
from simonsays.envs.language.reading.items import LEADING, Item, make_items
from simonsays.envs.language.reading.rules import rules
from simonsays.envs.language.reading.source import span, tokens
from simonsays.envs.language.reading.turns import taken_up, to_do


def instruction(tree: Tree[Token], reader: ClauseReader, read: Sequence[Token]) -> Instruction:
    """The Instruction of a whole text, of which ``read`` are the tokens: whoever only greets is greeted.

    Raises:
        ParseError: it makes no sense.
    """
    if all(token.type in (*SKIPPED, "COMMA", "END") for token in read):
        said = {token.type: token for token in read}
        if "HELP" in said:
            raise ParseError("empty", reader.locale.answer(), reader.text, 0)
        if reader.context.done and reader.locale.says("once_more", reader.text.lower()):
            return Instruction(tuple(replace(step, span=(0, len(reader.text))) for step in reader.context.done))
        if "GREETING" in said:
            reader.greets = True
            return Instruction((Step("wave", span=span(said["GREETING"])),))
    items, times = announced_times(make_items(tree, reader), reader)
    items = drop_states(drop_ways(take_topics(bring_forward(items, reader), reader), reader), reader)
    items = start_over(share_objects(items, reader), reader)
    check_joined(items, reader)
    kept = _heard(items, reader)
    if not kept and all(item.node.data == "exist" for item in items):
        raise reader.refuse("nonsense", tree, "nothing is to be done", "Say what to do, such as walk or turn")
    befallen = next((item.node for item in items if any(t.type == "BEFALLS" for t in tokens(item.node))), None)
    if not kept and befallen is not None:
        raise reader.refuse("unsupported_skill", befallen, "I do things, I cannot have them done to me")
    if not kept:
        raise reader.refuse("contradiction", tree, "I only do things, I cannot leave one out", "Say what to do instead")
    steps: list[Step] = []
    last = list(reader.context.done)
    for sentence in split_sentences(kept):
        last = read_sentence(sentence, steps, last, reader)
        if len(steps) > MAX_STEPS:
            raise reader.refuse("impossible_amount", sentence[-1].node, f"that makes more than {MAX_STEPS} steps")
    if not steps:
        raise reader.refuse("nonsense", tree, "nothing is left to do")
    if len(steps) * times > MAX_STEPS:
        raise reader.refuse("impossible_amount", tree, f"that makes more than {MAX_STEPS} steps")
    steps *= times
    taken = {ref.type for step in steps for ref in (step.object, step.object2) if ref is not None}
    reader.note(*(node for node, ref in reader.told if ref.type not in taken))
    for before, step in pairwise(steps):
        if step.parallel_with_prev:
            _check_together(before, step, tree, reader)
    return Instruction((replace(steps[0], parallel_with_prev=False), *steps[1:]), _is_free(steps, kept, reader))


def _heard(items: Sequence[Item], reader: ClauseReader) -> list[Item]:
    """The clauses that something is to be done of, with their steps."""
    known, (kept, memory), rest = rules(reader.locale.rules), taken_up(items[0], reader), list(items)
    while rest:
        heard = Heard(rest.pop(0), rest, kept, reader, memory)
        for rule in known:
            if not rule.when(heard):
                continue
            reader.rules.append((rule.name, span(heard.item.node)))
            rule.do(heard)
            if not rule.goes_on:
                break
    return to_do(kept, reader)


def _is_free(steps: Sequence[Step], kept: Sequence[Item], reader: ClauseReader) -> bool:
    """Whether goals that are joined by "and" alone may be reached in any order."""
    spans = [step.object.span for step in steps if step.object is not None]
    return (
        len(steps) > 1
        and len(spans) == len(set(spans))  # "go to the door and open": it is the same one, and not said again
        and all(item.kinds == {"AND"} for item in kept[1:])
        and all(reader.is_a("goal", step.verb) and not step.parallel_with_prev for step in steps)
        and not any(item.refers or item.repeat for item in kept)
        and not any(step.object is not None and step.object.type == START for step in steps)
    )


def _check_together(before: Step, step: Step, tree: Tree[Token], reader: ClauseReader) -> None:
    """Refuse what cannot be done at the same time."""
    verbs, called = {before.verb, step.verb}, reader.called
    rests = any(reader.is_a("rest", verb) for verb in verbs) and any(reader.is_a("travels", verb) for verb in verbs)
    if rests or sum(reader.is_a("posture", verb) for verb in verbs) > 1:
        raise reader.refuse(
            "contradiction", tree, f"I cannot {called(before.verb)} and {called(step.verb)} at the same time"
        )
    hands = {before.side, step.side} == {"left", "right"}
    if before.verb == step.verb and not hands and not adds_to(before, step):
        raise reader.refuse("contradiction", tree, f"I cannot {called(step.verb)} two ways at the same time")


def split_sentences(items: list[Item]) -> list[list[Item]]:
    sentences: list[list[Item]] = []
    for item in items:
        if not sentences or "END" in item.kinds:
            sentences.append([])
        sentences[-1].append(item)
    return sentences


def read_sentence(items: list[Item], steps: list[Step], last: list[Step], reader: ClauseReader) -> list[Step]:
    """Append the steps of one sentence; returns them."""
    begun = len(steps)
    pending: tuple[str, list[Step]] | None = None
    for group in _groups(items):
        first = group[0]
        repeated = first.repeat
        if repeated is not None:
            said = steps[begun:] or last or steps
            if not said:
                raise reader.refuse("nonsense", repeated, "there is nothing to repeat")
            again = said[-1:] if repeated.value == "last" else list(said)
            for _ in range(min(first.count, MAX_STEPS)):
                steps.extend(again)
                if len(steps) > MAX_STEPS:
                    raise reader.refuse("impossible_amount", repeated, f"that makes more than {MAX_STEPS} steps")
            group = group[1:]
            if not group:
                continue
        both = any("WHILE" in item.kinds for item in group[1:])
        lead = None if both else _lead(group[0], new=len(steps) == begun)
        made = _group(group, new=not steps)
        if "BEFORE_THAT" in first.kinds or (group[0].first and len(steps) > begun):
            place = max(len(steps) - 1, 0)
            steps[place:place] = made
        elif pending is not None:
            lead, sub = pending
            steps.extend(_apply(lead, sub, made) if lead == "WHILE" else _apply(lead, made, sub))
            pending = None
        elif lead is not None:
            if lead in ("ONCE", "AFTER") and steps and same_steps(steps[-len(made) :], made):
                continue
            pending = (lead, made)
        else:
            steps.extend(made)
    if pending is not None:
        lead, rest = pending
        steps.extend(
            [*rest[:1], *(replace(step, parallel_with_prev=True) for step in rest[1:])] if lead == "WHILE" else rest
        )
        if pending[0] == "BEFORE":
            raise reader.refuse("nonsense", items[-1].node, "what is to be done before it?")
    return steps[begun:]


def _lead(item: Item, new: bool) -> str | None:
    """The word of a subordinate clause that comes before its main clause."""
    found = [kind for kind in LEADING if kind in item.kinds]
    if any(token.type == "WHILE" and token.value == "also" for token in item.joints):
        return None  # "and at the same time"
    return found[0] if found and (new or item.kinds & {"THEN", "AND"}) else None


def _groups(items: list[Item]) -> list[list[Item]]:
    """Runs of clauses that belong together closer than by "then" or a comma."""
    groups: list[list[Item]] = []
    for item in items:
        close = not item.joints or (item.kinds & {"AND", *LEADING} and not item.kinds & {"THEN", "BEFORE_THAT", "END"})
        also = any(token.type == "WHILE" and token.value == "also" for token in item.joints)
        joined_sub = not also and item.kinds & set(LEADING) and item.kinds & {"AND"}
        listed = "COMMA" in item.kinds and not item.kinds & set(LEADING)
        apart = not close or item.first or joined_sub or listed or item.repeat is not None
        if groups and not apart and groups[-1][-1].repeat is None:
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def _group(items: list[Item], new: bool) -> list[Step]:
    """The steps of a run: "and" binds closer than before, after and while."""
    done: list[Step] = []
    now: list[Step] = []
    operator: str | None = None
    announced = new and any(token.type == "AT_ONCE" for token in tokens(items[0].node))
    for i, item in enumerate(items):
        listed = i > 0 and item.kinds == {"AND"}
        ongoing = listed and "WHILE" in (operator, *items[0].kinds) and item.gerund and items[i - 1].gerund
        together = ongoing or (listed if announced else _at_once(item))
        steps = [
            replace(step, parallel_with_prev=True) if together and not n else step for n, step in enumerate(item.steps)
        ]
        found = [kind for kind in LEADING if kind in item.kinds] if i else []
        if found:
            done = _apply(operator, done, now)
            now, operator = steps, found[0]
        elif listed and operator and operator != "WHILE" and items[i - 1].gerund and not item.gerund:
            # "turn after taking a step and walk"
            now, done, operator = [*_apply(operator, done, now), *steps], [], None
        else:
            now = [*now, *steps]
    return _apply(operator, done, now)


def _at_once(item: Item) -> bool:
    return any(token.type in ("SAME_TIME", "AT_ONCE") for token in tokens(item.node))


def _apply(operator: str | None, left: list[Step], right: list[Step]) -> list[Step]:
    if operator is None:
        return right
    if operator == "BEFORE":
        return [*left, *right]
    if operator == "WHILE":
        return [*left, replace(right[0], parallel_with_prev=True), *right[1:]]
    return [*right, *left]
