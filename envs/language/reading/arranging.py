"""Clauses put so that each can be read, and what is repeated, held or waited.

Announcements, manners and topics go where they belong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from lark import Token, Tree

from simonsays.envs.language.instruction import MAX_STEPS, Step
from simonsays.envs.language.reading.clause import ClauseReader
from simonsays.envs.language.reading.heard import Heard, overridden
from simonsays.envs.language.reading.items import Item, is_quiet, swap, verb_of
from simonsays.envs.language.reading.source import tokens

_MANNER = {"SPEED", "DIRECTION", "LOCATION", "ADVERB", "WITH", "PRE_LIMB", "LIMB", "SIDE", "IN_PLACE", "SUBJECT", "AUX"}
_NAMES = {"PRE_LIMB", "SIDED_LIMB", "LIMB", "SIDE", "NOUN", "COLOR", "SIZE", "THE", "A", "ONE", "ORDINAL", "BOTH"}
"""what names a thing or a limb and asks for nothing"""
_MEASURED = ("LENGTH", "DEGREES", "TURN", "STEPS", "SECONDS", "TIMES", "SPEED_UNIT")


def announced_times(items: list[Item], reader: ClauseReader) -> tuple[list[Item], int]:
    """What is said without the announcement how often everything is done, and how often: "do this three times: ..."."""
    kinds = {token.type: token for token in tokens(items[0].node)}
    repeat = kinds.get("REPEAT")
    announced = len(items) > 1 and any(token.value == ":" for token in items[1].joints)
    if kinds.keys() <= {"NUMBER", "TIMES", "COUNT"} and announced:  # "three times: ..."
        return items[1:], how_often(items[0].node.children, reader, next(iter(kinds.values())))
    if repeat is None or len(items) < 2 or "COMMA" not in items[1].kinds:
        return items, 1
    rest = [child for child in items[0].node.children if child is not repeat and not is_quiet(child)]
    return (items[1:], how_often(rest, reader, repeat) + _in_all(repeat, reader)) if rest else (items, 1)


def _in_all(repeat: Token, reader: ClauseReader) -> bool:
    """Whether a number of times says how often in all, the first time among them."""
    return repeat.value == "total" or reader.says("do_so_often", repeat)


def bring_forward(items: list[Item], reader: ClauseReader) -> list[Item]:
    """ "very slowly, turn left": what is said first of the manner goes to the verb that follows."""
    while (
        len(items) > 1
        and items[0].node.data == "fragment"
        and "CORRECT" in items[1].kinds
        and "NOT" not in items[0].kinds
        and {token.type for token in tokens(items[0].node)} <= _NAMES
    ):  # "the right hand, no, the left one, raise it"
        reader.note(items[0].node)
        items = [replace(items[1], joints=items[0].joints), *items[2:]]
    if len(items) < 2 or items[0].node.data != "fragment" or items[1].node.data == "fragment":
        return items
    first, second = items[0], items[1]
    kinds = {token.type for token in tokens(first.node)}
    joins = {"CORRECT", "COMMA"}
    if kinds & {"PER_SECOND", "SPEED_UNIT"}:
        kinds -= {"PER_SECOND", "SPEED_UNIT", "NUMBER", "LENGTH", "HALF_MORE", "BY"}
        joins |= {"AND", "THEN", "END"}  # "set your speed to 0.5 m/s and walk"
    if "NOT" in first.kinds or not kinds <= _MANNER or not second.kinds & joins:
        return items
    node = second.node
    if "CORRECT" not in second.kinds:  # not "to the left, no, turn right"
        node = Tree(node.data, [*node.children, *first.node.children])
    else:
        reader.note(first.node)
    return [replace(second, node=node, joints=first.joints), *items[2:]]


def take_topics(items: list[Item], reader: ClauseReader) -> list[Item]:
    """What a sentence is about may come first: "the box on your right, kick it"."""
    made: list[Item] = []
    for item in _taken_up_later(items, reader):
        topic = made[-1] if made else None
        if topic is not None and topic.node.data == "fragment":  # "the other one too" comes first in some languages
            item = replace(item, joints=tuple(token for token in item.joints if not reader.says("also", token)))
        if topic is not None and not _mends(topic, made[:-1]) and _is_topic(topic, item, len(made) == 1):
            made.pop()
            called = _person(topic.node) and not item.refers
            if called and reader.says("i_say", topic.node):
                raise reader.refuse("nonsense", topic.node, "I do only what I am to do")
            if called:
                reader.note(topic.node)
            node = item.node if called else _about(item.node, list(topic.node.children))
            item = replace(item, node=node, joints=topic.joints)
        made.append(item)
    return made


def _taken_up_later(items: list[Item], reader: ClauseReader) -> list[Item]:
    """ "There's a box behind you: turn around and pick it up": put the topic where "it" stands."""
    if len(items) < 3 or not reader.locale.late_topics or not _is_topic(items[0], items[1], True):
        return items
    topic, following, *rest = items
    place = next((i for i, item in enumerate(rest) if item.refers), None)
    if following.refers or place is None:
        return items
    rest[place] = replace(rest[place], node=_about(rest[place].node, list(topic.node.children)))
    return [replace(following, joints=topic.joints), *rest]


def _mends(fragment: Item, before: list[Item]) -> bool:
    """Whether a fragment corrects what was to be done before it: "go to the blue door, oh no, the yellow one"."""
    return "CORRECT" in fragment.kinds and bool(before) and before[-1].node.data == "clause"


def _person(node: Tree[Token]) -> bool:
    """Whether only a person is named, who is to do it."""
    if {(token.type, token.value) for token in tokens(node)} == {("IT", "who")}:
        return True
    return {t.value for t in tokens(node) if t.type in ("NOUN", "LIMB", *_MEASURED)} == {"person"}


def _is_topic(topic: Item, item: Item, first: bool) -> bool:
    if topic.node.data == "lead" or (first and topic.node.data == "fragment" and _person(topic.node)):
        return True
    named = all(
        child.data == "phrase" if isinstance(child, Tree) else child.type in ("SIDED_LIMB", "PRE_LIMB")
        for child in topic.node.children
    )
    kinds = {token.type for token in tokens(topic.node)}
    limb = named and kinds <= {"SIDED_LIMB", "PRE_LIMB"} and item.kinds == {"THEN"}
    if topic.node.data == "fragment" and item.node.data == "clause" and limb:
        return True
    if topic.node.data != "fragment" or item.node.data != "clause" or not item.kinds <= {"COMMA", "END"} or not named:
        return False
    if kinds & {"ACTION", *_MEASURED} or topic.kinds & {"NOT", "AND"}:
        return False
    opens = first or bool(topic.kinds & {"END", "CORRECT"})
    taken = {token.type for token in tokens(item.node)}
    return "IT" in taken or (
        opens and (not taken & {"NOUN", "ONE", "START"} or verb_of(item.node) in ("put_next", "carry"))
    )


def _about(node: Tree[Token], topic: list[Tree[Token] | Token]) -> Tree[Token]:
    """A clause with its topic in the place of "it", or else before its verb."""
    thing = topic[-1].children[-1] if isinstance(topic[-1], Tree) and topic[-1].data == "phrase" else None
    if len(topic) == 1 and thing is not None and any(token.type == "IT" for token in tokens(node)):
        return _put(node, thing, [])
    return Tree(node.data, [*topic, *node.children])


def _put(node: Tree[Token], thing: Tree[Token] | Token, done: list[bool]) -> Tree[Token]:
    """The tree with the thing in the place of its first "it"."""
    children: list[Tree[Token] | Token] = []
    for child in node.children:
        if isinstance(child, Token) and child.type == "IT" and not done:
            done.append(True)
            children.append(thing)
        else:
            children.append(_put(child, thing, done) if isinstance(child, Tree) else child)
    return Tree(node.data, children)


def share_objects(items: list[Item], reader: ClauseReader) -> list[Item]:
    """Give a verb without its object or limb what the next one has: "raise and lower your left arm"."""
    made = list(items)
    for i, (item, following) in enumerate(pairwise(items)):
        alone = item.node.data == "clause" and not any(isinstance(child, Tree) for child in item.node.children)
        if alone and following.kinds == {"AND"} and reader.lacks_object(item.node):
            said = [child for child in following.node.children if isinstance(child, Tree) and child.data == "phrase"]
            made[i] = replace(item, node=Tree(item.node.data, [*item.node.children, *said[:1]]))
    return made


def drop_ways(items: list[Item], reader: ClauseReader) -> list[Item]:
    """Pass over a way that is only told with what is done at its end: "walk over to pick up the ball"."""
    made = list(items)
    for i in reversed(range(len(items) - 1)):
        item, following = items[i], items[i + 1]
        said = [child for child in item.node.children if not is_quiet(child)]
        aims = any((token.type, token.value) == ("AUX", "purpose") for token in tokens(following.node))
        alone = len(said) == 1 and reader.is_a("travels", verb_of(item.node)) and not following.joints
        if aims and alone and (reader.is_a("goal", to_do := verb_of(following.node)) or not to_do):
            reader.note(said[0])  # type: ignore[arg-type]
            made[i : i + 2] = [replace(following, joints=item.joints)]
    return made


def drop_states(items: list[Item], reader: ClauseReader) -> list[Item]:
    """Pass over how somebody is who does what follows: "the robot that stood by the table walks back"."""
    made = list(items)
    for i in reversed(range(len(items) - 1)):
        item, following = items[i], items[i + 1]
        if _tells_who(item, reader) and not following.joints and reader.is_a("rest", verb_of(item.node)):
            reader.note(item.node)
            made[i : i + 2] = [replace(following, joints=item.joints)]
    return made


def _tells_who(item: Item, reader: ClauseReader) -> bool:
    """Whether a clause tells only of whom more is said."""
    return any(token.type in ("SUBJECT", "AUX") and reader.says("relative", token) for token in tokens(item.node))


def start_over(items: list[Item], reader: ClauseReader) -> list[Item]:
    """Finish what was broken off by a correction: "take three, no wait, four steps"."""
    for i, (item, following) in enumerate(pairwise(items)):
        numbers = [child for child in item.node.children if isinstance(child, Token) and child.type == "BARE_NUMBER"]
        light = any(isinstance(child, Token) and child.type == "LIGHT" for child in item.node.children)
        if light and numbers and "CORRECT" in following.kinds and following.node.data == "fragment":
            kept = [child for child in item.node.children if child not in numbers]
            reader.note(*numbers)
            node = Tree(item.node.data, [*kept, *following.node.children])
            return [*items[:i], replace(item, node=node), *items[i + 2 :]]
    return items


def check_joined(items: list[Item], reader: ClauseReader) -> None:
    """Refuse two actions in one: "a jump kick"."""
    for item, following in pairwise(items):
        if reader.locale.serial_verbs or following.joints or following.node.data != "clause":
            continue
        last, first = list(tokens(item.node))[-1], next(tokens(following.node))
        if _tells_who(item, reader):
            continue  # "the person who was crouching stands up"
        if any(token.type == "TO" and reader.says("until", token) for token in tokens(item.node)):
            raise reader.refuse("contradiction", following.node, "I cannot act on a condition", "Say what to do")
        light = last.type == "NOUN" and any(token.type == "LIGHT" for token in tokens(item.node))
        if light and str(last.value) not in reader.locale.things["types"] and reader.says("plain", first):
            raise reader.refuse("unknown_word", last, "I do not know this action")  # "take a recovery step"
        posed = last.type == "LIMB" and not reader.says("plain", first) and not reader.says("gerund", first)
        if (last.type in ("VERB", "DEED") or posed) and first.type == "VERB":  # "with both arms stretched out"
            raise reader.refuse("unsupported_skill", following.node, "I cannot do two actions as one")


def how_often(rest: Sequence[object], reader: ClauseReader, repeat: Token) -> int:
    counts = []
    for child in rest:
        if isinstance(child, Token) and child.type == "COUNT":
            counts.append(int(child.value))
        elif isinstance(child, Tree):
            found = {token.type: token for token in tokens(child)}
            if "TIMES" not in found or "NUMBER" not in found or found["NUMBER"].value != int(found["NUMBER"].value):
                raise reader.refuse("nonsense", child, "this cannot be repeated like that")
            counts.append(int(found["NUMBER"].value))
        else:
            raise reader.refuse("nonsense", repeat, "I do not know what to repeat otherwise")
    count = counts[0] if counts else 1
    if not 0 < count <= MAX_STEPS:
        raise reader.refuse("impossible_amount", repeat, f"needs a number of times from 1 to {MAX_STEPS}")
    return count - 1 if counts and _in_all(repeat, reader) else count


_MORE_OF_IT = {"LIGHT", "BARE_NUMBER", "NUMBER", "FILLER", "SUBJECT", "MEASURE", "AUX"}


def again_otherwise(heard: Heard) -> None:
    """The last step again, with what is said of it."""
    rest = [child for child in heard.item.node.children if child is not heard.found["REPEAT"] and not is_quiet(child)]
    memory, last = heard.memory, heard.last
    if last is None:
        raise heard.refuse("nonsense", "there is nothing to repeat")
    memory.step = last
    if memory.limb is not None:
        memory.limb = (memory.limb[0], None)
    said = heard.reader.steps(Tree("fragment", rest), memory)[0]
    made = [overridden(step, said) for step in _to_and_fro(heard.kept)]
    memory.step = made[-1]
    heard.keep(made)


def is_again_so(heard: Heard) -> bool:
    """Whether a fragment only says how what was to be done again is done: "do that again but faster"."""
    joints = heard.item.without("COMMA")
    but = heard.item.kinds <= {"COMMA", "AND"} and all(heard.reader.says("but", token) for token in joints)
    return but and heard.fragment and len(heard.kept) > 1 and heard.kept[-1].repeat is not None


def do_again_so(heard: Heard) -> None:
    """The last step again, in that manner."""
    before = heard.kept.pop()
    assert before.repeat is not None
    node = Tree("clause", [before.repeat, *heard.item.node.children])
    item = replace(heard.item, node=node, joints=before.joints)
    again_otherwise(replace(heard, item=item))


def _to_and_fro(kept: list[Item]) -> list[Step]:
    """What "the same" is: the last step, and where it lowers an arm, all since that arm was raised."""
    steps = [step for item in kept for step in item.steps]
    last = steps[-1]
    if last.verb != "lower_arm":
        return [last]
    raised = (i for i in reversed(range(len(steps))) if (steps[i].verb, steps[i].side) == ("raise_arm", last.side))
    return steps[next(raised, len(steps) - 1) :]


def again(heard: Heard) -> None:
    """What was said before, so often."""
    repeat = heard.found["REPEAT"]
    rest = [child for child in heard.item.node.children if child is not repeat and not is_quiet(child)]
    heard.kept.append(replace(heard.item, repeat=repeat, count=how_often(rest, heard.reader, repeat)))


def waiting(heard: Heard, kind: str) -> list[Step]:
    """The steps of a clause with a stop in the place of the token of a kind, which says to keep on."""
    keep = heard.found[kind]
    node = swap(heard.item.node, keep, keep.update("VERB", ("stop", ())))  # type: ignore[arg-type]
    return heard.reader.steps(node, heard.memory)


def hold(heard: Heard, kind: str = "KEEP") -> None:
    """A pose is held, anything else is waited after."""
    held, steps = heard.last, waiting(heard, kind)
    if held is None or not (heard.reader.is_a("pose", held.verb) or held.verb == "stop"):
        heard.keep(steps)
        return
    duration = steps[0].duration_s
    if duration is not None and held.duration_s not in (None, duration):
        raise heard.refuse("contradiction", "another duration was said before it")
    if duration is None:
        heard.reader.notes.append(heard.found[kind])
    heard.amend(replace(held, duration_s=duration or held.duration_s))


def counted(heard: Heard) -> Step | None:
    """The last step that was counted, with the clause's number: "then do five more"."""
    number = heard.found.get("BARE_NUMBER") or heard.found.get("NUMBER")
    steps = (step for one in reversed(heard.kept) for step in reversed(one.steps) if step.count is not None)
    before = next(steps, None)
    if number is None or before is None or float(number.value) != int(float(number.value)):
        return None
    return replace(before, count=int(float(number.value)), parallel_with_prev=False)


def does_more(heard: Heard) -> bool:
    """Whether a clause has only another number for what was counted."""
    return "LIGHT" in heard.found and heard.found.keys() <= _MORE_OF_IT and counted(heard) is not None


def do_more(heard: Heard) -> None:
    """What was counted again, so often."""
    heard.memory.step = counted(heard)
    heard.keep([step for step in (heard.memory.step,) if step is not None])
