"""Clauses to an Instruction: their order in time, corrections, repetitions and what happens at the same time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise

from lark import Token, Tree
from simonsays.envs.language.clause import ClauseReader, Memory, span, tokens
from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.instruction import MAX_STEPS, START, Instruction, ObjectRef, Step

_GOALS = ("go_to", "pickup", "open", "put_next", "kick", "push", "reach")
_RESTS = ("sit", "stand", "stop", "crouch", "squat")
_POSTURES = ("sit", "stand", "crouch", "squat")
_TRAVELS = ("walk", "run", "go_to", "step", "follow", "jump")
_DETAILS = tuple(entry.name for entry in fields(Step) if entry.name not in ("verb", "span", "parallel_with_prev"))
_AMOUNTS = {"distance_m", "steps", "duration_s", "angle_deg", "speed", "count"}
_POSES = ("raise_arm", "reach", "point", "crouch", "squat", "sit", "stand", "bow", "look", "kick")
"""what can be held"""
_CORRECTABLE = {"SIDE", "LIMB", "DIRECTION", "NOUN", "LENGTH", "DEGREES", "STEPS"}
_LIMB_WORDS = {"LIMB", "WITH", "DIRECTION", "SIDE", "THE", "A", "BOTH", "OTHER"}
_MANNER = {"SPEED", "DIRECTION", "LOCATION", "ADVERB", "WITH", "PRE_LIMB", "LIMB", "SIDE", "IN_PLACE", "SUBJECT", "AUX"}
_NAMES = {"PRE_LIMB", "SIDED_LIMB", "LIMB", "SIDE", "NOUN", "COLOR", "SIZE", "THE", "A", "ONE", "ORDINAL", "BOTH"}
"""what names a thing or a limb and asks for nothing"""
_MEASURED = ("LENGTH", "DEGREES", "TURN", "STEPS", "SECONDS", "TIMES", "SPEED_UNIT")
_DO = re.compile(r"(and |then |now )?(do|does|perform)\b")
_AFTERWARDS = ("后", "後", "之后", "之後", "以后", "以後", "过后")
_SO = ("就", "你就", "那就", "那你就", "便")
_LEADING = ("AFTER", "ONCE", "WHILE", "BEFORE")


@dataclass
class _Item:
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


def instruction(tree: Tree[Token], reader: ClauseReader) -> Instruction:
    """The Instruction of a whole text.

    Raises:
        ParseError: it makes no sense.
    """
    items = _items(tree, reader)
    memory = Memory()
    kept: list[_Item] = []
    times = _ahead(items, reader)
    _bring_forward(items)
    items = _topics(items, reader)
    _share(items, reader)
    _start_over(items)
    _check_joined(items, reader)
    for i, item in enumerate(items):
        if _waits(item, items[i + 1] if i + 1 < len(items) else None, reader):
            item.steps = [Step("stop", duration_s=_seconds(item), span=span(item.node))]
            item.joints = [token for token in item.joints if token.type != "AFTER"]
            kept.append(item)
        elif "NOT" in item.kinds:
            if _taken_back(item, kept, reader):
                item.joints = [token for token in item.joints if token.type != "CORRECT"]
            else:
                _leave_out(item, items[i + 1 :], reader)
            reader.notes += [*tokens(item.node)]
            if i + 1 < len(items):
                over = [token for token in item.joints if token.type != "NOT"]
                items[i + 1].joints = [*over, *items[i + 1].joints]
        elif item.node.data == "exist" or _recalls(item, items[i + 1 : i + 2], kept, reader, memory):
            if item.node.data == "exist":
                reader.exists(item.node, memory)
            reader.notes += [*tokens(item.node)]
            if i + 1 < len(items):
                told = [token for token in items[i + 1].joints if token.type != "COMMA"]
                items[i + 1].joints = [*item.joints, *told]
        else:
            _read(item, kept, reader, memory)
    if not kept and all(item.node.data == "exist" for item in items):
        raise reader.refuse("nonsense", tree, "nothing is to be done", "Say what to do, such as walk or turn")
    if not kept:
        raise reader.refuse("contradiction", tree, "I only do things, I cannot leave one out", "Say what to do instead")
    steps: list[Step] = []
    last: list[Step] = []
    sentences = _sentences(kept)
    for sentence in sentences:
        last = _sentence(sentence, steps, last, reader)
        if len(steps) > MAX_STEPS:
            raise reader.refuse("impossible_amount", sentence[-1].node, f"that makes more than {MAX_STEPS} steps")
    if not steps:
        raise reader.refuse("nonsense", tree, "nothing is left to do")
    if len(steps) * times > MAX_STEPS:
        raise reader.refuse("impossible_amount", tree, f"that makes more than {MAX_STEPS} steps")
    steps *= times
    joints = [item.kinds for item in kept[1:]]
    free = (
        len(steps) > 1
        and all(kinds == {"AND"} for kinds in joints)
        and all(step.verb in _GOALS and not step.parallel_with_prev for step in steps)
        and not any(item.refers or item.repeat for item in kept)
        and not any(step.object is not None and step.object.type == START for step in steps)
    )
    for before, step in pairwise(steps):
        verbs = {before.verb, step.verb}
        if step.parallel_with_prev and verbs & set(_RESTS) and verbs & set(_TRAVELS):
            raise reader.refuse("contradiction", tree, f"I cannot {before.verb} and {step.verb} at the same time")
        if step.parallel_with_prev and len(verbs & set(_POSTURES)) > 1:
            raise reader.refuse("contradiction", tree, f"I cannot {before.verb} and {step.verb} at the same time")
        hands = {before.side, step.side} == {"left", "right"}
        if step.parallel_with_prev and before.verb == step.verb and not hands and not _adds(before, step):
            raise reader.refuse("contradiction", tree, f"I cannot {step.verb} two ways at the same time")
    if steps[0].parallel_with_prev:
        steps[0] = replace(steps[0], parallel_with_prev=False)
    return Instruction(tuple(steps), unordered=free)


def _ahead(items: list[_Item], reader: ClauseReader) -> int:
    """How often everything is done: "do this three times: ..."; takes the announcement away."""
    kinds = {token.type: token for token in tokens(items[0].node)}
    repeat = kinds.get("REPEAT")
    if (
        kinds.keys() <= {"NUMBER", "TIMES", "COUNT"}
        and len(items) > 1
        and any(token.value == ":" for token in items[1].joints)
    ):  # "three times: ..."
        return _times(items.pop(0).node.children, reader, next(iter(kinds.values())))
    if repeat is None or len(items) < 2 or "COMMA" not in items[1].kinds:
        return 1
    rest = [child for child in items[0].node.children if child is not repeat and not _quiet(child)]
    if not rest:
        return 1
    times = _times(rest, reader, repeat)
    del items[0]
    return times + _in_all(repeat, reader)


def _in_all(repeat: Token, reader: ClauseReader) -> bool:
    """Whether a number of times says how often in all, the first time among them."""
    said = reader.words(repeat)
    return repeat.value == "total" or (bool(_DO.match(said)) and "again" not in said)


def _bring_forward(items: list[_Item]) -> None:
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


def _topics(items: list[_Item], reader: ClauseReader) -> list[_Item]:
    """What a sentence is about may come first: "你右边那个箱子，踢它", "左手举起来"."""
    made: list[_Item] = []
    for item in items:
        topic = made[-1] if made else None
        if topic is not None and _is_topic(topic, item, len(made) == 1):
            made.pop()
            called = _person(topic.node) and not any(token.type == "IT" for token in tokens(item.node))
            if called and reader.words(topic.node).startswith("我"):
                raise reader.refuse("nonsense", topic.node, "I do only what I am to do")
            item.node = item.node if called else _about(item.node, list(topic.node.children))
            item.joints = topic.joints
        made.append(item)
    return made


def _person(node: Tree[Token]) -> bool:
    """Whether only a person is named, who is to do it: "那个人往前走", "她先是蹲下"."""
    if {(token.type, token.value) for token in tokens(node)} == {("IT", "who")}:
        return True
    return {t.value for t in tokens(node) if t.type in ("NOUN", "LIMB", *_MEASURED)} == {"person"}


def _is_topic(topic: _Item, item: _Item, first: bool) -> bool:
    if topic.node.data == "lead" or (first and topic.node.data == "fragment" and _person(topic.node)):
        return True
    named = all(
        child.data == "phrase" if isinstance(child, Tree) else child.type in ("SIDED_LIMB", "PRE_LIMB")
        for child in topic.node.children
    )
    kinds = {token.type for token in tokens(topic.node)}
    if topic.node.data != "fragment" or item.node.data != "clause" or not item.kinds <= {"COMMA", "END"} or not named:
        return False
    if kinds & {"ACTION", *_MEASURED} or topic.kinds & {"NOT", "AND"}:
        return False
    opens = first or bool(topic.kinds & {"END", "CORRECT"})
    taken = {token.type for token in tokens(item.node)}
    return "IT" in taken or (opens and (not taken & {"NOUN", "ONE", "START"} or _verb(item.node) == "put_next"))


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
        else:
            found.append(child)
    return found


def _only_times(node: Tree[Token]) -> Tree[Token] | None:
    """How often, where a clause says nothing but "do it so often"."""
    lights = [child for child in node.children if isinstance(child, Token) and child.type == "LIGHT"]
    rest = [child for child in node.children if child not in lights and not _quiet(child)]
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
        return [one for way in ways for one in _each(_swap(node, sides, way))]
    several = next(iter(node.find_data("several")), None)
    if several is None:
        return [node]
    things = [child for child in several.children if not (isinstance(child, Token) and child.type == "AND_THING")]
    return [_swap(node, several, thing) for thing in things]


def _swap(node: Tree[Token], old: Tree[Token] | Token, new: Tree[Token] | Token) -> Tree[Token]:
    children = [
        new if child is old else _swap(child, old, new) if isinstance(child, Tree) else child for child in node.children
    ]
    return Tree(node.data, children)


def _verb(node: Tree[Token]) -> str:
    return next((token.value[0] for token in tokens(node) if token.type == "VERB"), "")


def _lasts(node: Tree[Token]) -> bool:
    """Whether what is done goes on while more is done: "举着右手往前走"."""
    return any(token.type == "VERB" and ("lasting", True) in token.value[1] for token in tokens(node))


def _waits(item: _Item, following: _Item | None, reader: ClauseReader) -> bool:
    """ "after three seconds, wave", "三秒后挥手": a time to wait, said without a verb."""
    measured = [token.type for token in tokens(item.node) if token.type != "FILLER"]
    if item.node.data != "fragment" or measured not in (["NUMBER", "SECONDS"], ["NUMBER", "MEASURE", "SECONDS"]):
        return False
    after = following is not None and any(reader.words(token).startswith(_AFTERWARDS) for token in following.joints)
    return after or "AFTER" in item.kinds


def _seconds(item: _Item) -> float:
    values = {token.type: float(token.value) for token in tokens(item.node) if token.type in ("NUMBER", "SECONDS")}
    return round(values["NUMBER"] * values["SECONDS"], 6)


def _taken_back(item: _Item, kept: list[_Item], reader: ClauseReader) -> bool:
    """Take back the last clause where this one says not to do it (yet): "去开门，先别开，先捡起钥匙"."""
    yet = any(reader.words(token).startswith("先") for token in item.joints if token.type == "NOT")
    same = bool(kept) and _verb(kept[-1].node) == _verb(item.node) != ""
    if same and (yet or "CORRECT" in item.kinds):
        kept.pop()
        return True
    return False


def _recalls(item: _Item, following: Sequence[_Item], kept: list[_Item], reader: ClauseReader, memory: Memory) -> bool:
    """Whether a clause says only that what was asked for is done by then: "跳三下，跳完之后鞠躬"."""
    verb = next((token for token in tokens(item.node) if token.type in ("VERB", "LIGHT", "ACTION")), None)
    if not kept or verb is None or "CORRECT" in item.kinds or not following or reader.words(verb).isascii():
        return False
    after = any(reader.words(token).startswith(_AFTERWARDS) for token in following[0].joints)
    if not after and not any(part in reader.words(verb) for part in ("完", "好了")):
        return False
    before = kept[-2] if "BEFORE_THAT" in kept[-1].kinds and len(kept) > 1 else kept[-1]
    seen = replace(memory)
    try:
        steps = reader.steps(item.node, seen)
    except ParseError:
        return False
    return bool(before.steps) and len(steps) == 1 and _covers(before.steps[-1], steps[0])


def _covers(done: Step, said: Step) -> bool:
    """Whether a step says nothing that the one before did not."""
    return done.verb == said.verb and all(
        getattr(said, name) in (None, getattr(done, name)) for name in _DETAILS if name != "speed"
    )


def _leave_out(item: _Item, rest: list[_Item], reader: ClauseReader) -> None:
    """Check that what is not to be done can simply be left out: "don't turn left, turn right"."""
    stop = any(token.type == "VERB" and token.value[0] in ("stop", "stand") for token in tokens(item.node))
    scope = bool(rest) and "COMMA" not in rest[0].kinds and not rest[0].kinds & {"END", "CORRECT"}
    rather = any(token.value == "rather" for token in item.joints)  # 不是A，是B
    beside = bool(item.joints[:-1]) and not rather and not (item.node.data == "fragment" and "COMMA" in item.kinds)
    without = any(token.value == "without" for token in item.joints)
    if stop or scope or beside or without or item.kinds & {*_LEADING, "UNTIL"}:
        raise reader.refuse(
            "contradiction", item.node, "I only do things, I cannot leave one out", "Say what to do instead"
        )


def _gerund(node: Tree[Token], reader: ClauseReader) -> bool:
    verb = next((token for token in tokens(node) if token.type == "VERB"), None)
    return verb is not None and reader.words(verb).split()[0].endswith("ing")


def _items(tree: Tree[Token], reader: ClauseReader) -> list[_Item]:
    items: list[_Item] = []
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
            if token.value == "beside" and items and any(t.type == "START" or _goes(t) for t in tokens(items[-1].node)):
                reader.notes.append(token)  # 走到椅子前，坐下
                continue
            arrives = token.value == "moment" and items and _arrives(items[-1].node, reader)
            joints.append(token.update("THEN") if arrives else token)
            continue
        for place, whole in enumerate(_wholes(child)):
            if place and not joints and _lasts(items[-1].node) and _verb(whole) not in ("stop", _verb(items[-1].node)):
                joints = [_made("WHILE", whole)]
            for node in map(_as_repeat, _each(whole)):
                items.append(_Item(node, joints, gerund=_gerund(node, reader)))
                joints = [_made("AND", whole)]
            joints = []
    open_ended = [token for token in joints if token.type not in ("COMMA", "END") and not _closes(token, reader)]
    if open_ended and items:
        raise reader.refuse("nonsense", open_ended[-1], "nothing follows it")
    if not items:
        raise reader.refuse("empty", tree, "nothing is to be done")
    items[-1].first = any(reader.words(token) == "first" for token in joints) and "THEN" not in items[-1].kinds
    return items


def _arrives(node: Tree[Token], reader: ClauseReader) -> bool:
    """Whether a clause says that a place is reached, after which more is done: 走到门口的时候."""
    return any(_goes(token) and set(reader.words(token)) & set("到达達抵") for token in tokens(node))


def _goes(token: Token) -> bool:
    return token.type == "VERB" and token.value[0] == "go_to"


def _made(kind: str, node: Tree[Token]) -> Token:
    """A joint that is not said in a word, at a clause."""
    start, _ = span(node)
    return Token(kind, None, start_pos=start, end_pos=start)


def _reaches(node: Tree[Token], reader: ClauseReader) -> bool:
    verb = next(token for token in tokens(node) if token.type in ("VERB", "LIGHT", "REPEAT"))
    return reader.words(verb) in ("reach", "reached", "reaches", "reaching")


def _closes(token: Token, reader: ClauseReader) -> bool:
    """Whether an order word may end a sentence: "turn left first"."""
    return token.type == "THEN" and not reader.words(token).startswith(("and", "then", "然", "接", "再", "followed"))


def _share(items: list[_Item], reader: ClauseReader) -> None:
    """Give a verb without its object or limb what the next one has: "raise and lower your left arm"."""
    for item, following in pairwise(items):
        alone = item.node.data == "clause" and not any(isinstance(child, Tree) for child in item.node.children)
        if alone and following.kinds == {"AND"} and reader.lacks_object(item.node):
            said = [child for child in following.node.children if isinstance(child, Tree) and child.data == "phrase"]
            item.node = Tree(item.node.data, [*item.node.children, *said[:1]])


def _start_over(items: list[_Item]) -> None:
    """Finish what was broken off by a correction: "take three, no wait, four steps"."""
    for i, (item, following) in enumerate(pairwise(items)):
        numbers = [child for child in item.node.children if isinstance(child, Token) and child.type == "BARE_NUMBER"]
        light = any(isinstance(child, Token) and child.type == "LIGHT" for child in item.node.children)
        if light and numbers and "CORRECT" in following.kinds and following.node.data == "fragment":
            kept = [child for child in item.node.children if child not in numbers]
            item.node = Tree(item.node.data, [*kept, *following.node.children])
            del items[i + 1]
            return


def _check_joined(items: list[_Item], reader: ClauseReader) -> None:
    """Refuse two actions in one: "a jump kick"."""
    for item, following in pairwise(items):
        if following.joints or following.node.data != "clause":
            continue
        last, first = list(tokens(item.node))[-1], next(tokens(following.node))
        if last.type in ("VERB", "DEED") and first.type == "VERB" and reader.words(first).isascii():
            raise reader.refuse("unsupported_skill", following.node, "I cannot do two actions as one")


def _again_otherwise(
    item: _Item, rest: list[Token | Tree[Token]], kept: list[_Item], reader: ClauseReader, memory: Memory
) -> None:
    """ "Wave your right hand, then do the same with the left": the last step again, with what is said of it."""
    if not kept or not kept[-1].steps:
        raise reader.refuse("nonsense", item.node, "there is nothing to repeat")
    last = memory.step = kept[-1].steps[-1]
    item.steps = [_override(last, reader.steps(Tree("fragment", rest), memory)[0])]
    memory.step, item.repeat = item.steps[-1], None
    kept.append(item)


def _keep(item: _Item, keep: Token, kept: list[_Item], reader: ClauseReader, memory: Memory) -> None:
    """ "Raise your arm and keep it there for two seconds": a pose is held, anything else is waited after."""
    stop = keep.update("VERB", ("stop", ()))  # type: ignore[arg-type]
    before, said = kept[-1] if kept else None, memory.step
    node = Tree(item.node.data, [stop if child is keep else child for child in item.node.children])
    item.steps = reader.steps(node, memory)
    if before is None or not before.steps or before.steps[-1].verb not in _POSES:
        kept.append(item)
        return
    held, duration = before.steps[-1], item.steps[0].duration_s
    if duration is not None and held.duration_s not in (None, duration):
        raise reader.refuse("contradiction", item.node, "another duration was said before it")
    reader.notes.append(keep)
    before.steps[-1] = memory.step = replace(held, duration_s=duration or held.duration_s)
    assert said is not None


def _pass(item: _Item, past: Token, kept: list[_Item], reader: ClauseReader, memory: Memory) -> None:
    """ "坐着，过十秒站起来": a pose that lasts is held so long, anything else is waited after."""
    held = kept[-1].steps[-1] if kept and kept[-1].steps and _lasts(kept[-1].node) else None
    if held is not None and held.verb in _POSES and held.duration_s is None:
        _keep(item, past, kept, reader, memory)
        return
    stop = past.update("VERB", ("stop", ()))  # type: ignore[arg-type]
    item.steps = reader.steps(_swap(item.node, past, stop), memory)
    if item.steps[0].duration_s is None:
        raise reader.refuse("nonsense", item.node, "how long?", "Say a time, such as 3 seconds")
    kept.append(item)


def _renumbered(node: Tree[Token], number: Token) -> Tree[Token]:
    """A clause with another number in the place of its own."""
    children = [
        _renumbered(child, number)
        if isinstance(child, Tree)
        else child.update(value=number.value)
        if child.type == "NUMBER"
        else child
        for child in node.children
    ]
    return Tree(node.data, children)


def _read(item: _Item, kept: list[_Item], reader: ClauseReader, memory: Memory) -> None:
    """Read an item's steps and keep it; a correction replaces what it corrects."""
    item.refers = any(token.type == "IT" for token in tokens(item.node))
    corrects = bool(kept) and ("CORRECT" in item.kinds or any(t.type == "INSTEAD" for t in tokens(item.node)))
    before = kept[-1] if kept else None
    found = {token.type: token for token in tokens(item.node)}
    repeat, kinds = found.get("REPEAT"), set(found)
    if repeat is not None:
        item.repeat = repeat
        rest = [child for child in item.node.children if child is not repeat and not _quiet(child)]
        if kinds & {"DIRECTION", "LIMB", "WITH", "SPEED"}:
            _again_otherwise(item, rest, kept, reader, memory)
            return
        item.count = _times(rest, reader, repeat)
        kept.append(item)
        return
    if "PASS" in found:
        _pass(item, found["PASS"], kept, reader, memory)
        return
    if "KEEP" in found:
        _keep(item, found["KEEP"], kept, reader, memory)
        return
    fragment = item.node.data == "fragment"
    if fragment and before is not None and len(kept) > 1 and _interjected(before, reader) and kinds & _CORRECTABLE:
        kept.pop()
        before, corrects = kept[-1], True
    if fragment and ("BA" in kinds or (not kept and kinds & {"NOUN", "ONE"})):
        raise reader.refuse("unknown_verb", item.node, "I miss a verb here", "Say what to do, such as walk or turn")
    if fragment and not kept and not kinds & {"ACTION", "DEGREES", "TURN", "LENGTH", "STEPS", "LIMB"}:
        raise reader.refuse("unknown_verb", item.node, "I miss a verb here", "Say what to do, such as walk or turn")
    if corrects and before is not None and before.steps:
        numbers = [token for token in tokens(before.node) if token.type == "NUMBER"]
        if fragment and kinds == {"BARE_NUMBER"} and len(numbers) == 1:  # "two metres, no, four"
            before.node = _renumbered(before.node, found["BARE_NUMBER"])
            before.steps = reader.steps(before.node, memory)
            return
        if fragment:
            memory.step = before.steps[-1]
        item.steps = reader.steps(item.node, memory)
        if fragment:
            item.steps = [*before.steps[:-1], _override(before.steps[-1], item.steps[0])]
        item.joints = [token for token in before.joints if token.type != "CORRECT"]
        kept[-1] = item
        return
    if fragment and before is not None and before.steps and "UNTIL" not in item.kinds:
        memory.step = before.steps[-1]
    if "UNTIL" in item.kinds:
        _until(item, before, reader, memory)
        return
    if fragment and item.kinds & {"BEFORE", "AFTER"} and "ACTION" not in kinds:
        raise reader.refuse("nonsense", item.node, "I miss a verb here", "Say what is to be done before or after it")
    memory.close = item.kinds <= {"COMMA"}
    item.steps = reader.steps(item.node, memory)
    if fragment and before is not None and before.steps and kinds & {"LIMB", "WITH"} and kinds <= _LIMB_WORDS:
        item.steps = [_override(before.steps[-1], item.steps[0])]  # "kick the ball, then again with the left"
        memory.step = item.steps[-1]
    done = "THEN" in item.kinds and item.gerund and before is not None and _bare(item.steps)
    if done and before is not None and _said(before.steps, item.steps[0].verb):
        reader.notes += tokens(item.node)  # "nod, and when you are done nodding, bow"
        return
    if "ONCE" in item.kinds and item.steps[0].verb == "reach" and _reaches(item.node, reader):
        item.steps[0] = replace(item.steps[0], verb="go_to")  # "once you reach the ball": arriving is meant
    if before is not None and before.steps and fragment and kinds == {"SPEED"} and "THEN" not in item.kinds:
        if before.steps[-1].speed not in (None, item.steps[0].speed):
            raise reader.refuse("contradiction", item.node, "another speed was said before it")
        before.steps[-1] = memory.step = replace(before.steps[-1], speed=item.steps[0].speed)
        return
    if (
        before is not None
        and before.steps
        and fragment
        and item.kinds == {"COMMA"}
        and _adds(before.steps[-1], item.steps[0])
    ):
        before.steps[-1] = memory.step = _override(before.steps[-1], item.steps[0])
        return
    if before is not None and before.steps and _more_said(item, before, reader):
        before.steps[-1] = memory.step = _override(before.steps[-1], item.steps[0])
        return
    again = before is not None and _bare(item.steps) and _said(before.steps, item.steps[0].verb)
    if again and item.kinds == {"COMMA", "WHILE"}:
        return  # "往前走，边走边挥手"
    if "WHILE" in item.kinds and len(kept) > 1 and _bare(item.steps) and _said(kept[-2].steps, item.steps[0].verb):
        kept[-1].steps[0] = replace(kept[-1].steps[0], parallel_with_prev=True)  # "walk, waving as you walk"
        return
    if before is not None and before.steps and not item.joints and _merges(before.steps[-1], item.steps, reader):
        if before.steps[-1].verb in ("follow", "look"):
            before.steps[-1] = memory.step = _override(before.steps[-1], item.steps[0])
            return
        before.steps.pop()
    if before is not None and before.steps and item.steps:
        earlier = [step for one in kept for step in one.steps]
        item.steps[0] = _return(earlier, item.steps[0], reader, item.node)
    kept.append(item)


def _interjected(item: _Item, reader: ClauseReader) -> bool:
    """Whether a clause is a "wait" that corrects: "raise your left, wait, your right arm"."""
    return (
        _bare(item.steps) and item.steps[0].verb == "stop" and reader.words(item.node) in ("wait", "hold on", "hang on")
    )


def _merges(before: Step, steps: list[Step], reader: ClauseReader) -> bool:
    """ "跟着他走" is to follow, "弯腰捡起来" is to pick up: two verbs for one thing."""
    if before.verb == "stop" and _bare([before]) and _waits_for(before, reader):
        return True  # 等走到门口之后
    if before.verb == "stop" and steps[0].verb == "stop":
        return _bare([before])
    if before.verb == "look" and before.object is not None and steps[0].verb == "look":
        return steps[0].object is None and steps[0].direction is None  # 盯着红球看五秒
    if before.verb == "follow":
        return steps[0].verb in ("walk", "run") and steps[0].direction is None and steps[0].object is None
    return before.verb == "bow" and _bare([before]) and steps[0].verb == "pickup"


def _waits_for(step: Step, reader: ClauseReader) -> bool:
    return reader.text_of(step) == "等"


def _adds(old: Step, new: Step) -> bool:
    """Whether a fragment after a comma says more of the step before: "walk forward, slowly"."""
    pairs = [(getattr(old, name), getattr(new, name)) for name in _DETAILS]
    return all(before is None or after in (None, before) for before, after in pairs)


def _more_said(item: _Item, before: _Item, reader: ClauseReader) -> bool:
    """Whether a clause only says more of the one before: "跳，跳三下", "跟着他，跟紧点"."""
    mandarin = not reader.words(item.node).isascii()
    old = before.steps[-1]
    if mandarin and old.verb == "follow" and len(item.steps) == 1 and _covers(old, item.steps[0]):
        return item.kinds <= {"COMMA"}
    so = (
        mandarin
        and old.verb != "stop"
        and all(reader.words(token) in _SO for token in item.joints if token.type == "THEN")
    )
    if item.kinds == {"COMMA"}:
        return _elaborates(old, item.steps) or (so and _bare([old]) and _amounts(old, item.steps))
    return so and item.kinds <= {"COMMA", "THEN"} and _bare([old]) and _amounts(old, item.steps)


def _amounts(before: Step, steps: list[Step]) -> bool:
    """Whether the verb is said again with an amount."""
    if len(steps) != 1 or steps[0].verb != before.verb:
        return False
    said = {name for name in _DETAILS if getattr(steps[0], name) not in (None, getattr(before, name))}
    return bool(said) and said <= _AMOUNTS


def _elaborates(before: Step, steps: list[Step]) -> bool:
    """Whether a verb is said again only to say how much: "往左走，走三步"."""
    placed = before.direction is not None or before.side is not None
    return placed and _amounts(before, steps) and not any(getattr(before, name) is not None for name in _AMOUNTS)


def _bare(steps: list[Step]) -> bool:
    return len(steps) == 1 and all(getattr(steps[0], name) is None for name in _DETAILS)


def _said(steps: list[Step], verb: str) -> bool:
    return bool(steps) and (steps[-1].verb == verb or {steps[-1].verb, verb} == {"walk", "go_to"})


def _quiet(child: object) -> bool:
    return isinstance(child, Token) and child.type in ("SUBJECT", "AUX", "UP", "SAME_TIME")


def _times(rest: Sequence[object], reader: ClauseReader, repeat: Token) -> int:
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


def _override(old: Step, new: Step) -> Step:
    """The old step with what the correction says."""
    changes = {name: getattr(new, name) for name in _DETAILS if getattr(new, name) is not None}
    if "object" in changes and old.object is not None and old.verb != "put_next":
        changes["object"] = new.object
    amounts = ("distance_m", "steps", "duration_s")
    if any(name in changes for name in amounts):
        changes = {**dict.fromkeys(amounts), **changes}
    return replace(old, **changes)


def _until(item: _Item, before: _Item | None, reader: ClauseReader, memory: Memory) -> None:
    if before is None or not before.steps or before.steps[-1].verb not in ("walk", "run", "go_to"):
        raise reader.refuse("unsupported_skill", item.node, "I can only walk until I am at an object")
    reached = reader.steps(item.node, Memory(memory.object, step=Step("go_to")))[0]
    before.steps[-1] = reached
    memory.step, memory.object = reached, reached.object


def _return(earlier: list[Step], step: Step, reader: ClauseReader, node: Tree[Token]) -> Step:
    """Read "turn around and walk back" as a return: backwards would lead away; not so "walk forward and walk back"."""
    before = earlier[-1]
    went = any(one.verb in _TRAVELS for one in earlier[:-1]) and before.verb not in _TRAVELS
    turned = went or (before.verb == "turn" and (before.direction == "around" or before.angle_deg == 180.0))
    bare = step.distance_m is None and step.steps is None and step.duration_s is None
    said_back = any(token.type == "DIRECTION" and reader.words(token) == "back" for token in tokens(node))
    if turned and bare and said_back and step.verb in ("walk", "run"):
        return Step("go_to", object=ObjectRef(START), speed=step.speed, span=step.span)
    return step


def _sentences(items: list[_Item]) -> list[list[_Item]]:
    sentences: list[list[_Item]] = []
    for item in items:
        if not sentences or "END" in item.kinds:
            sentences.append([])
        sentences[-1].append(item)
    return sentences


def _sentence(items: list[_Item], steps: list[Step], last: list[Step], reader: ClauseReader) -> list[Step]:
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
        both = any("WHILE" in item.kinds for item in group[1:])  # 一边…一边…
        lead = None if both else _lead(group[0], new=len(steps) == begun)
        made = _group(group, new=not steps)
        if "BEFORE_THAT" in first.kinds or (group[0].first and len(steps) > begun):
            place = max(len(steps) - 1, 0)
            steps[place:place] = made
        elif pending is not None:
            steps.extend(_joined(*pending, made))
            pending = None
        elif lead is not None:
            if lead in ("ONCE", "AFTER") and steps and _same(steps[-len(made) :], made):
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


def _same(a: list[Step], b: list[Step]) -> bool:
    return [replace(step, speed=None) for step in a] == [replace(step, speed=None) for step in b]


def _joined(lead: str, sub: list[Step], main: list[Step]) -> list[Step]:
    if lead == "BEFORE":
        return [*main, *sub]
    if lead == "WHILE":
        return [*sub, replace(main[0], parallel_with_prev=True), *main[1:]]
    return [*sub, *main]


def _lead(item: _Item, new: bool) -> str | None:
    """The word of a subordinate clause that comes before its main clause."""
    found = [kind for kind in _LEADING if kind in item.kinds]
    if any(token.type == "WHILE" and token.value == "also" for token in item.joints):
        return None  # "and at the same time"
    if found and (new or item.kinds & {"THEN", "AND"}):
        if found[0] == "AFTER" and not new and item.kinds & {"AND"}:
            return found[0]
        return found[0]
    return None


def _groups(items: list[_Item]) -> list[list[_Item]]:
    """Runs of clauses that belong together closer than by "then" or a comma."""
    groups: list[list[_Item]] = []
    for item in items:
        close = item.kinds & {"AND", *_LEADING} and not item.kinds & {"THEN", "BEFORE_THAT", "END"}
        also = any(token.type == "WHILE" and token.value == "also" for token in item.joints)
        joined_sub = not also and item.kinds & set(_LEADING) and item.kinds & {"AND"}
        listed = "COMMA" in item.kinds and not item.kinds & set(_LEADING)
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


def _after_repeat(group: list[_Item]) -> bool:
    return group[-1].repeat is not None


def _group(items: list[_Item], new: bool) -> list[Step]:
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
        found = [kind for kind in _LEADING if kind in item.kinds] if i else []
        if found:
            done = _apply(operator, done, now)
            now, operator = steps, found[0]
        else:
            now = [*now, *steps]
    return _apply(operator, done, now)


def _at_once(item: _Item) -> bool:
    return any(token.type in ("SAME_TIME", "AT_ONCE") for token in tokens(item.node))


def _apply(operator: str | None, left: list[Step], right: list[Step]) -> list[Step]:
    if operator is None:
        return right
    if operator == "BEFORE":
        return [*left, *right]
    if operator == "WHILE":
        return [*left, replace(right[0], parallel_with_prev=True), *right[1:]]
    return [*right, *left]
