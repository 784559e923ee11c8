"""The clauses of a text as items, each with the words that join it to the one before, made ready to be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from lark import Token, Tree

from simonsays.envs.language.clause import ClauseReader
from simonsays.envs.language.instruction import MAX_STEPS, Step
from simonsays.envs.language.source import span, tokens

_MANNER = {"SPEED", "DIRECTION", "LOCATION", "ADVERB", "WITH", "PRE_LIMB", "LIMB", "SIDE", "IN_PLACE", "SUBJECT", "AUX"}
_NAMES = {"PRE_LIMB", "SIDED_LIMB", "LIMB", "SIDE", "NOUN", "COLOR", "SIZE", "THE", "A", "ONE", "ORDINAL", "BOTH"}
"""what names a thing or a limb and asks for nothing"""
_MEASURED = ("LENGTH", "DEGREES", "TURN", "STEPS", "SECONDS", "TIMES", "SPEED_UNIT")
_SET_GOING = ("follow", "kick", "push")
"""what is done to a thing that moves, or makes it move: "until it stops" may be said of it"""
_DO = re.compile(r"(and |then |now )?(do|does|perform)\b")


@dataclass
class Item:
    """A clause with the words that join it to the one before."""

    node: Tree[Token]
    joints: list[Token]
    steps: list[Step] = field(default_factory=list)
    repeat: Token | None = None
    count: int = 1
    refers: bool = False
    """takes up an object that was named before"""
    gerund: bool = False
    first: bool = False
    """its words end in "first", such as "open the door, but wave first"."""

    @property
    def kinds(self) -> set[str]:
        return {token.type for token in self.joints}


def announced_times(items: list[Item], reader: ClauseReader) -> int:
    """How often everything is done: "do this three times: ..."; takes the announcement away."""
    kinds = {token.type: token for token in tokens(items[0].node)}
    repeat = kinds.get("REPEAT")
    if (
        kinds.keys() <= {"NUMBER", "TIMES", "COUNT"}
        and len(items) > 1
        and any(token.value == ":" for token in items[1].joints)
    ):  # "three times: ..."
        return how_often(items.pop(0).node.children, reader, next(iter(kinds.values())))
    if repeat is None or len(items) < 2 or "COMMA" not in items[1].kinds:
        return 1
    rest = [child for child in items[0].node.children if child is not repeat and not is_quiet(child)]
    if not rest:
        return 1
    times = how_often(rest, reader, repeat)
    del items[0]
    return times + _in_all(repeat, reader)


def _in_all(repeat: Token, reader: ClauseReader) -> bool:
    """Whether a number of times says how often in all, the first time among them."""
    said = reader.words(repeat)
    return repeat.value == "total" or (bool(_DO.match(said)) and "again" not in said)


def bring_forward(items: list[Item]) -> None:
    """ "very slowly, turn left": what is said first of the manner goes to the verb that follows."""
    while (
        len(items) > 1
        and items[0].node.data == "fragment"
        and "CORRECT" in items[1].kinds
        and "NOT" not in items[0].kinds
        and {token.type for token in tokens(items[0].node)} <= _NAMES
    ):  # "右手，不对，左手，把左手举起来"
        first = items.pop(0)
        items[0].joints = first.joints
    if len(items) < 2 or items[0].node.data != "fragment" or items[1].node.data == "fragment":
        return
    if "NOT" in items[0].kinds:
        return
    kinds = {token.type for token in tokens(items[0].node)}
    if kinds & {"PER_SECOND", "SPEED_UNIT"}:
        kinds -= {"PER_SECOND", "SPEED_UNIT", "NUMBER", "LENGTH", "HALF_MORE"}
    if kinds <= _MANNER and "CORRECT" in items[1].kinds:
        first = items.pop(0)  # "往左，不对，往右转"
        items[0].joints = first.joints
    elif kinds <= _MANNER and "COMMA" in items[1].kinds:
        first = items.pop(0)
        items[0].node = Tree(items[0].node.data, [*items[0].node.children, *first.node.children])
        items[0].joints = first.joints


def take_topics(items: list[Item], reader: ClauseReader) -> list[Item]:
    """What a sentence is about may come first: "你右边那个箱子，踢它", "左手举起来"."""
    made: list[Item] = []
    _taken_up_later(items, reader)
    for item in items:
        topic = made[-1] if made else None
        if topic is not None and not _mends(topic, made[:-1]) and _is_topic(topic, item, len(made) == 1):
            made.pop()
            called = _person(topic.node) and not any(token.type == "IT" for token in tokens(item.node))
            if called and reader.words(topic.node).startswith("我"):
                raise reader.refuse("nonsense", topic.node, "I do only what I am to do")
            item.node = item.node if called else _about(item.node, list(topic.node.children))
            item.joints = topic.joints
        made.append(item)
    return made


def _taken_up_later(items: list[Item], reader: ClauseReader) -> None:
    """ "There's a box behind you: turn around and pick it up": put the topic where "it" stands."""
    if len(items) < 3 or not reader.words(items[0].node).isascii() or not _is_topic(items[0], items[1], True):
        return
    for place, item in enumerate(items[1:], start=1):
        if any(token.type == "IT" for token in tokens(item.node)):
            if place > 1:
                item.node = _about(item.node, list(items[0].node.children))
                items[1].joints = items[0].joints
                del items[0]
            return


def _mends(fragment: Item, before: list[Item]) -> bool:
    """Whether a fragment corrects what was to be done before it: 走到蓝色的门，哦不，黄色的门，把它打开."""
    return "CORRECT" in fragment.kinds and bool(before) and before[-1].node.data == "clause"


def _person(node: Tree[Token]) -> bool:
    """Whether only a person is named, who is to do it: "那个人往前走", "她先是蹲下"."""
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
        return True  # 右手再打两拳
    if topic.node.data != "fragment" or item.node.data != "clause" or not item.kinds <= {"COMMA", "END"} or not named:
        return False
    if kinds & {"ACTION", *_MEASURED} or topic.kinds & {"NOT", "AND"}:
        return False
    opens = first or bool(topic.kinds & {"END", "CORRECT"})
    taken = {token.type for token in tokens(item.node)}
    return "IT" in taken or (opens and (not taken & {"NOUN", "ONE", "START"} or verb_of(item.node) == "put_next"))


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


def _wholes(unit: Tree[Token]) -> list[Tree[Token]]:
    """The clauses of a unit; how often goes to the verb that follows: "做一次深蹲"."""
    found: list[Tree[Token]] = []
    for child in unit.children if unit.data == "clauses" else [unit]:
        assert isinstance(child, Tree)
        times = _only_times(found[-1]) if found else None
        if found and found[-1].data == "lead" and next(iter(found[-1].find_data("several")), None) is not None:
            found[-1] = Tree(child.data, [*found[-1].children, *child.children])
        elif times is not None:
            found[-1] = Tree(child.data, [*child.children, times])
        elif found and (up := _held_up(found[-1], child)) is not None:
            found[-1] = Tree(found[-1].data, [*found[-1].children, up])
        else:
            found.append(child)
    return found


def _held_up(before: Tree[Token], node: Tree[Token]) -> Token | None:
    """ "Walk with both arms raised" has one verb: "raised" is where the arms are."""
    alone, last = list(tokens(node)), before.children[-1] if before.children else None
    if len(alone) != 1 or verb_of(node) != "raise_arm" or not isinstance(last, Tree):
        return None
    kinds = {token.type for token in tokens(last)}
    return alone[0].update("UP", "up") if kinds >= {"WITH", "LIMB"} else None


def _only_times(node: Tree[Token]) -> Tree[Token] | None:
    """How often, where a clause says nothing but "do it so often"."""
    lights = [child for child in node.children if isinstance(child, Token) and child.type == "LIGHT"]
    rest = [child for child in node.children if child not in lights and not is_quiet(child)]
    if not lights or len(rest) != 1 or isinstance(rest[0], Token):
        return None
    return rest[0] if {token.type for token in tokens(rest[0])} == {"NUMBER", "TIMES"} else None


def _as_repeat(node: Tree[Token]) -> Tree[Token]:
    """ "做三遍" does nothing of its own and says how often; "连续做三个深蹲" does."""
    repeat = next((child for child in node.children if isinstance(child, Token) and child.type == "REPEAT"), None)
    if repeat is not None and any(token.type == "ACTION" for token in tokens(node)):
        return Tree(node.data, [repeat.update("LIGHT") if child is repeat else child for child in node.children])
    if _only_times(node) is None:
        return node
    light = next(child for child in node.children if isinstance(child, Token) and child.type == "LIGHT")
    return Tree(node.data, [light.update("REPEAT", "total") if child is light else child for child in node.children])


def _each(node: Tree[Token]) -> list[Tree[Token]]:
    """A clause for each of two sides or several things: "左右各看一眼", "把红球和蓝球都捡起来"."""
    sides = next((child for child in node.children if isinstance(child, Token) and child.type == "EACH"), None)
    if sides is not None:
        ways = [Token(kind, value, sides.start_pos, end_pos=sides.end_pos) for kind, value in sides.value]  # type: ignore[misc]
        return [one for way in ways for one in _each(swap(node, sides, way))]
    several = next(iter(node.find_data("several")), None)
    if several is None:
        return [node]
    things = [child for child in several.children if not (isinstance(child, Token) and child.type == "AND_THING")]
    return [swap(node, several, thing) for thing in things]


def swap(node: Tree[Token], old: Tree[Token] | Token, new: Tree[Token] | Token) -> Tree[Token]:
    children = [
        new if child is old else swap(child, old, new) if isinstance(child, Tree) else child for child in node.children
    ]
    return Tree(node.data, children)


def verb_of(node: Tree[Token]) -> str:
    return next((token.value[0] for token in tokens(node) if token.type == "VERB"), "")


def lasts(node: Tree[Token]) -> bool:
    """Whether what is done goes on while more is done: "举着右手往前走"."""
    return any(token.type == "VERB" and ("lasting", True) in token.value[1] for token in tokens(node))


def _gerund(node: Tree[Token], reader: ClauseReader) -> bool:
    verb = next((token for token in tokens(node) if token.type == "VERB"), None)
    return verb is not None and reader.words(verb).split()[0].endswith("ing")


def make_items(tree: Tree[Token], reader: ClauseReader) -> list[Item]:
    items: list[Item] = []
    joints: list[Token] = []
    for child in tree.children:
        assert isinstance(child, Tree)
        if child.data == "sep":
            token = next(tokens(child))
            if token.type == "OR" and items and joints and reader.changes_mind(token):
                token = token.update("CORRECT")
            if token.type in ("OR", "IF"):
                what = "choose" if token.type == "OR" else "act on a condition"
                raise reader.refuse("contradiction", token, f"I cannot {what}", "Say what to do")
            if token.value == "rest" and not any(_sets_going(item.node, reader) for item in items[-2:]):
                raise reader.refuse("contradiction", token, "nothing is set going before it", "Say what to do")
            if token.value == "beside" and items and any(t.type == "START" or _goes(t) for t in tokens(items[-1].node)):
                reader.notes.append(token)  # 走到椅子前，坐下
                continue
            arrives = token.value == "moment" and items and _arrives(items[-1].node, reader)
            joints.append(token.update("THEN") if arrives else token)
            continue
        for place, whole in enumerate(_wholes(child)):
            if (
                place
                and not joints
                and lasts(items[-1].node)
                and verb_of(whole) not in ("stop", verb_of(items[-1].node))
            ):
                joints = [_made("WHILE", whole)]
            for node in map(_as_repeat, _each(whole)):
                items.append(Item(node, joints, gerund=_gerund(node, reader)))
                joints = [_made("AND", whole)]
            joints = []
    open_ended = [token for token in joints if token.type not in ("COMMA", "END") and not _closes(token, reader)]
    if open_ended and items:
        raise reader.refuse("nonsense", open_ended[-1], "nothing follows it")
    if not items:
        raise reader.refuse("empty", tree, "nothing is to be done")
    items[-1].first = any(reader.words(token) == "first" for token in joints) and "THEN" not in items[-1].kinds
    return items


def _sets_going(node: Tree[Token], reader: ClauseReader) -> bool:
    """Whether a clause is about a thing that moves, or that is set going."""
    along = any(reader.words(token).startswith("跟") for token in tokens(node))  # "跟着球走" are two
    return along or verb_of(node) in _SET_GOING


def _arrives(node: Tree[Token], reader: ClauseReader) -> bool:
    """Whether a clause says that a place is reached, after which more is done: 走到门口的时候."""
    return any(_goes(token) and set(reader.words(token)) & set("到达達抵") for token in tokens(node))


def _goes(token: Token) -> bool:
    return token.type == "VERB" and token.value[0] == "go_to"


def _made(kind: str, node: Tree[Token]) -> Token:
    """A joint that is not said in a word, at a clause."""
    start, _ = span(node)
    return Token(kind, None, start_pos=start, end_pos=start)


def _closes(token: Token, reader: ClauseReader) -> bool:
    """Whether an order word may end a sentence: "turn left first"."""
    return token.type == "THEN" and not reader.words(token).startswith(("and", "then", "然", "接", "再", "followed"))


def share_objects(items: list[Item], reader: ClauseReader) -> None:
    """Give a verb without its object or limb what the next one has: "raise and lower your left arm"."""
    for item, following in pairwise(items):
        alone = item.node.data == "clause" and not any(isinstance(child, Tree) for child in item.node.children)
        if alone and following.kinds == {"AND"} and reader.lacks_object(item.node):
            said = [child for child in following.node.children if isinstance(child, Tree) and child.data == "phrase"]
            item.node = Tree(item.node.data, [*item.node.children, *said[:1]])


def start_over(items: list[Item]) -> None:
    """Finish what was broken off by a correction: "take three, no wait, four steps"."""
    for i, (item, following) in enumerate(pairwise(items)):
        numbers = [child for child in item.node.children if isinstance(child, Token) and child.type == "BARE_NUMBER"]
        light = any(isinstance(child, Token) and child.type == "LIGHT" for child in item.node.children)
        if light and numbers and "CORRECT" in following.kinds and following.node.data == "fragment":
            kept = [child for child in item.node.children if child not in numbers]
            item.node = Tree(item.node.data, [*kept, *following.node.children])
            del items[i + 1]
            return


def check_joined(items: list[Item], reader: ClauseReader) -> None:
    """Refuse two actions in one: "a jump kick"."""
    for item, following in pairwise(items):
        if following.joints or following.node.data != "clause":
            continue
        last, first = list(tokens(item.node))[-1], next(tokens(following.node))
        if last.type in ("VERB", "DEED") and first.type == "VERB" and reader.words(first).isascii():
            raise reader.refuse("unsupported_skill", following.node, "I cannot do two actions as one")


def is_quiet(child: object) -> bool:
    return isinstance(child, Token) and child.type in ("SUBJECT", "AUX", "UP", "SAME_TIME")


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
