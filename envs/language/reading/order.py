"""The order of steps in time: before, after, while, once, and what repeats."""

from __future__ import annotations

from dataclasses import replace

from simonsays.envs.language.instruction import MAX_STEPS, Step
from simonsays.envs.language.reading.clause import ClauseReader
from simonsays.envs.language.reading.compare import same_steps
from simonsays.envs.language.reading.items import Item
from simonsays.envs.language.reading.source import tokens

LEADING = ("AFTER", "ONCE", "WHILE", "BEFORE")


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
            steps.extend(_joined(*pending, made))
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


def _joined(lead: str, sub: list[Step], main: list[Step]) -> list[Step]:
    if lead == "BEFORE":
        return [*main, *sub]
    if lead == "WHILE":
        return [*sub, replace(main[0], parallel_with_prev=True), *main[1:]]
    return [*sub, *main]


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
        if (
            groups
            and close
            and not item.first
            and not joined_sub
            and not listed
            and item.repeat is None
            and not _after_repeat(groups[-1])
        ):
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def _after_repeat(group: list[Item]) -> bool:
    return group[-1].repeat is not None


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
