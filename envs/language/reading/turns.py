"""What a sentence takes up of those before it in a conversation: the steps that were done, or wait for an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from lark import Token, Tree

from simonsays.envs.language.context import thing_of
from simonsays.envs.language.instruction import THING, ObjectRef, Step
from simonsays.envs.language.locale import Rule
from simonsays.envs.language.reading.clause import ClauseReader
from simonsays.envs.language.reading.heard import Heard, overridden
from simonsays.envs.language.reading.items import Item
from simonsays.envs.language.reading.source import WAYS, Memory, tokens
from simonsays.envs.language.reading.ways import OTHER_SIDE

_AMOUNTS = ("distance_m", "steps", "duration_s", "angle_deg", "count")
_NAMES = {"NOUN", "ONE"}
_TAKES_UP = {"REPEAT", "KEEP"}
_PLACES = {way: place for place, way in WAYS.items()}


def taken_up(item: Item, reader: ClauseReader) -> tuple[list[Item], Memory]:
    """What was done before as clauses, where the first clause of a sentence takes it up, and what is remembered."""
    context = reader.context
    last = context.done[-1] if context.done else None
    memory = Memory(context.thing, _limb(last, reader), last)
    steps = _earlier(reader)
    found = {token.type for token in tokens(item.node)}
    if item.node.data != "fragment" and "CORRECT" not in item.kinds and found.isdisjoint(_TAKES_UP):
        return [], memory
    place = _addressed(steps, found, reader)
    kept = [_past(step, reader) for step in steps[: place + 1]]
    memory.step = kept[-1].was if kept else None
    return kept, memory


def _earlier(reader: ClauseReader) -> tuple[Step, ...]:
    """The steps that wait for an answer, or else those that were done."""
    question = reader.context.question
    return question.steps if question is not None and question.steps else reader.context.done


def _limb(step: Step | None, reader: ClauseReader) -> tuple[str, str | None] | None:
    limb = reader.verbs[step.verb].limb if step is not None and thing_of(step) is None else None
    needs = step is not None and reader.verbs[step.verb].needs_limb
    return (limb, step.side) if limb is not None and step is not None and (step.side or needs) else None


def _addressed(steps: Sequence[Step], found: set[str], reader: ClauseReader) -> int:
    """Which of the steps a clause is about: the one whose thing is asked for, the last one that has a thing."""
    question = reader.context.question
    places = range(len(steps) - 1, -1, -1)
    if question is not None and question.wanted is not None:
        return next((i for i in places if question.wanted in (steps[i].object, steps[i].object2)), len(steps) - 1)
    with_thing = (i for i in places if steps[i].object is not None)
    return next(with_thing, len(steps) - 1) if found & _NAMES else len(steps) - 1


def _past(step: Step, reader: ClauseReader) -> Item:
    step = replace(step, span=(0, len(reader.text)), object=_ago(step.object), object2=_ago(step.object2))
    verb = Token("VERB", (step.verb, ()), 0, end_pos=0)  # type: ignore[arg-type]
    return Item(Tree("clause", [verb]), (), (step,), was=step)


def _ago(ref: ObjectRef | None) -> ObjectRef | None:
    """A thing of a sentence before: its words stand elsewhere."""
    return None if ref is None else replace(ref, span=None, object=_ago(ref.object), object2=_ago(ref.object2))


def to_do(kept: list[Item], reader: ClauseReader) -> list[Item]:
    """The clauses that something is to be done of now: not what was done and stays; all that waited for an answer."""
    begun = sum(item.was is not None for item in kept[:-1] if item.steps == (item.was,))
    question = reader.context.question
    made = [item for item in kept if item.was is None or item.steps != (item.was,)]
    answers = made and made[0].answers
    if question is None or not question.steps or not answers:
        return made
    waited = [replace(_past(step, reader), was=None) for step in question.steps]
    return [*waited[:begun], made[0], *waited[begun + 1 :], *made[1:]]


def _otherwise(heard: Heard) -> bool:
    """Whether a fragment says only what of the step before is to be otherwise."""
    if not heard.fragment or not heard.kept or heard.kept[-1].was is None or heard.last is None:
        return False
    return heard.steps[0].verb == heard.last.verb


def _do_otherwise(heard: Heard) -> None:
    last, said, question = heard.last, heard.steps[0], heard.reader.context.question
    assert last is not None
    wanted = question.wanted if question is not None else None
    if wanted is not None:
        if said.direction in _PLACES and said.object in (None, wanted):  # "which one?" "On the left"
            said = replace(said, direction=None, object=ObjectRef(THING, location=_PLACES[said.direction]))
        second = last.object2 == wanted
        answer = None if said.object is None else narrowed(wanted, said.object)
        things: dict[str, Any] = {"object": None, "object2" if second else "object": answer}
        said = replace(said, **things)
    elif said.object is not None and last.object is not None and _leads(heard):
        said = replace(said, object=None, object2=said.object)  # "push the box" "to the door"
    if heard.corrects and last.side in OTHER_SIDE and last.direction is None and said.direction in OTHER_SIDE:
        said = replace(said, direction=None, side=said.direction)  # "no, your right"
    if said.direction is not None and not heard.corrects:
        amounts: dict[str, Any] = dict.fromkeys(_AMOUNTS)
        last = replace(last, **amounts)  # another way is another amount
    if said.object == last.object:  # taken up because the verb needs one
        said = replace(said, object=None)
    made = overridden(last, said)
    heard.kept[-1] = replace(heard.kept[-1], steps=(made,), was=None, joints=heard.item.joints, answers=True)
    heard.memory.step, heard.memory.object = made, thing_of(made) or heard.memory.object


def _leads(heard: Heard) -> bool:
    assert heard.last is not None
    return "TO" in heard.found and "object2" in heard.reader.verbs[heard.last.verb].slots


def narrowed(wanted: ObjectRef, answer: ObjectRef) -> ObjectRef:
    """The thing that was asked for with what an answer says of it; another kind of thing takes its place."""
    if answer.type not in (THING, wanted.type):
        return answer
    said = {entry.name: value for entry in fields(answer) if (value := getattr(answer, entry.name)) is not None}
    return replace(wanted, **{**said, "type": wanted.type, "definite": answer.definite})


def _renumbers(heard: Heard) -> bool:
    """Whether only another number is said of what was done: "walk two metres", "no, four"; "squat", "five more"."""
    past = bool(heard.kept) and heard.kept[-1].was is not None
    return past and heard.fragment and heard.found.keys() == {"BARE_NUMBER"} and len(_amounts(heard)) < 2


def _amounts(heard: Heard) -> list[str]:
    return [name for name in _AMOUNTS if heard.last is not None and getattr(heard.last, name) is not None]


def _renumber(heard: Heard) -> None:
    last, number = heard.last, float(heard.found["BARE_NUMBER"].value)
    assert last is not None
    name = next(iter(_amounts(heard)), "count")
    said: Any = heard.reader.whole(number, heard.item.node) if name in ("steps", "count") else number
    made = replace(last, **{name: said})
    heard.kept[-1] = replace(heard.kept[-1], steps=(made,), was=None, joints=heard.item.joints, answers=True)


RULES = (
    Rule("another number of what was done", "walk two metres / no, four", _renumbers, _renumber, before="no verb"),
    Rule("what was done, otherwise", "kick the ball / harder", _otherwise, _do_otherwise, before="no verb"),
)
