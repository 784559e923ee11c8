"""Clauses to an Instruction: their order in time, corrections, repetitions and what happens at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from lark import Token, Tree

from simonsays.envs.language.clause import ClauseReader
from simonsays.envs.language.compare import adds_amounts, adds_to, covers, elaborates, is_bare, overridden, said_already
from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.instruction import MAX_STEPS, START, Instruction, ObjectRef, Step
from simonsays.envs.language.items import (
    Item,
    announced_times,
    bring_forward,
    check_joined,
    how_often,
    is_quiet,
    lasts,
    make_items,
    share_objects,
    start_over,
    swap,
    take_topics,
    verb_of,
)
from simonsays.envs.language.order import LEADING, read_sentence, split_sentences
from simonsays.envs.language.source import Memory, span, tokens

_GOALS = ("go_to", "pickup", "open", "put_next", "kick", "push", "reach")
_RESTS = ("sit", "stand", "stop", "crouch", "squat")
_POSTURES = ("sit", "stand", "crouch", "squat")
_TRAVELS = ("walk", "run", "go_to", "step", "follow", "jump")
_POSES = ("raise_arm", "reach", "point", "crouch", "squat", "sit", "stand", "bow", "look", "kick")
"""what can be held"""
_CORRECTABLE = {"SIDE", "LIMB", "DIRECTION", "NOUN", "LENGTH", "DEGREES", "STEPS"}
_LIMB_WORDS = {"LIMB", "WITH", "DIRECTION", "SIDE", "THE", "A", "BOTH", "OTHER"}
_MORE_OF_IT = {"LIGHT", "BARE_NUMBER", "NUMBER", "FILLER", "SUBJECT", "MEASURE", "AUX"}
_AFTERWARDS = ("后", "後", "之后", "之後", "以后", "以後", "过后")
_SO = ("就", "你就", "那就", "那你就", "便")


def instruction(tree: Tree[Token], reader: ClauseReader) -> Instruction:
    """The Instruction of a whole text.

    Raises:
        ParseError: it makes no sense.
    """
    items = make_items(tree, reader)
    memory = Memory()
    kept: list[Item] = []
    times = announced_times(items, reader)
    bring_forward(items)
    items = take_topics(items, reader)
    share_objects(items, reader)
    start_over(items)
    check_joined(items, reader)
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
            _check_rest(item, reader)
            _read(item, kept, reader, memory)
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
        if step.parallel_with_prev and before.verb == step.verb and not hands and not adds_to(before, step):
            raise reader.refuse("contradiction", tree, f"I cannot {step.verb} two ways at the same time")
    if steps[0].parallel_with_prev:
        steps[0] = replace(steps[0], parallel_with_prev=False)
    return Instruction(tuple(steps), unordered=free)


def _waits(item: Item, following: Item | None, reader: ClauseReader) -> bool:
    """ "after three seconds, wave", "三秒后挥手": a time to wait, said without a verb."""
    measured = [token.type for token in tokens(item.node) if token.type != "FILLER"]
    if item.node.data != "fragment" or measured not in (["NUMBER", "SECONDS"], ["NUMBER", "MEASURE", "SECONDS"]):
        return False
    after = following is not None and any(reader.words(token).startswith(_AFTERWARDS) for token in following.joints)
    return after or "AFTER" in item.kinds


def _seconds(item: Item) -> float:
    values = {token.type: float(token.value) for token in tokens(item.node) if token.type in ("NUMBER", "SECONDS")}
    return round(values["NUMBER"] * values["SECONDS"], 6)


def _taken_back(item: Item, kept: list[Item], reader: ClauseReader) -> bool:
    """Take back the last clause where this one says not to do it (yet): "去开门，先别开，先捡起钥匙"."""
    yet = any(reader.words(token).startswith("先") for token in item.joints if token.type == "NOT")
    same = bool(kept) and verb_of(kept[-1].node) == verb_of(item.node) != ""
    if same and (yet or "CORRECT" in item.kinds):
        kept.pop()
        return True
    return False


def _recalls(item: Item, following: Sequence[Item], kept: list[Item], reader: ClauseReader, memory: Memory) -> bool:
    """Whether a clause says only that what was asked for is done by then: "跳三下，跳完之后鞠躬"."""
    verb = next((token for token in tokens(item.node) if token.type in ("VERB", "LIGHT", "ACTION")), None)
    if not kept or verb is None or "CORRECT" in item.kinds or not following or reader.words(verb).isascii():
        return False
    after = any(reader.words(token).startswith((*_AFTERWARDS, "到")) for token in following[0].joints)
    if not after and not any(part in reader.words(verb) for part in ("完", "好了")):
        return False
    before = kept[-2] if "BEFORE_THAT" in kept[-1].kinds and len(kept) > 1 else kept[-1]
    seen = replace(memory)
    try:
        steps = reader.steps(item.node, seen)
    except ParseError:
        return False
    return bool(before.steps) and len(steps) == 1 and covers(before.steps[-1], steps[0])


def _check_rest(item: Item, reader: ClauseReader) -> None:
    """Refuse "walk but don't move": beside something else, not to move is no rest but a contradiction."""
    if "but" not in map(reader.words, item.joints):
        return
    if any(reader.words(token).startswith(("do not", "don't")) for token in tokens(item.node)):
        raise reader.refuse("contradiction", item.node, "it cannot move and not move", "Say what to do instead")


def _leave_out(item: Item, rest: list[Item], reader: ClauseReader) -> None:
    """Check that what is not to be done can simply be left out: "don't turn left, turn right"."""
    stop = any(token.type == "VERB" and token.value[0] in ("stop", "stand") for token in tokens(item.node))
    scope = bool(rest) and "COMMA" not in rest[0].kinds and not rest[0].kinds & {"END", "CORRECT"}
    rather = any(token.value == "rather" for token in item.joints)  # 不是A，是B
    beside = bool(item.joints[:-1]) and not rather and not (item.node.data == "fragment" and "COMMA" in item.kinds)
    without = any(token.value == "without" for token in item.joints)
    if stop or scope or beside or without or item.kinds & {*LEADING, "UNTIL"}:
        raise reader.refuse(
            "contradiction", item.node, "I only do things, I cannot leave one out", "Say what to do instead"
        )


def _reaches(node: Tree[Token], reader: ClauseReader) -> bool:
    verb = next(token for token in tokens(node) if token.type in ("VERB", "LIGHT", "REPEAT"))
    return reader.words(verb) in ("reach", "reached", "reaches", "reaching")


def _again_otherwise(
    item: Item, rest: list[Token | Tree[Token]], kept: list[Item], reader: ClauseReader, memory: Memory
) -> None:
    """ "Wave your right hand, then do the same with the left": the last step again, with what is said of it."""
    if not kept or not kept[-1].steps:
        raise reader.refuse("nonsense", item.node, "there is nothing to repeat")
    memory.step = kept[-1].steps[-1]
    if memory.limb is not None:
        memory.limb = (memory.limb[0], None)
    said = reader.steps(Tree("fragment", rest), memory)[0]
    item.steps = [overridden(step, said) for step in _to_and_fro(kept)]
    memory.step, item.repeat = item.steps[-1], None
    kept.append(item)


def _to_and_fro(kept: list[Item]) -> list[Step]:
    """What "the same" is: the last step, and where it lowers an arm, all since that arm was raised."""
    steps = [step for item in kept for step in item.steps]
    last = steps[-1]
    if last.verb != "lower_arm":
        return [last]
    raised = (i for i in reversed(range(len(steps))) if (steps[i].verb, steps[i].side) == ("raise_arm", last.side))
    return steps[next(raised, len(steps) - 1) :]


def _keep(item: Item, keep: Token, kept: list[Item], reader: ClauseReader, memory: Memory) -> None:
    """ "Raise your arm and keep it there for two seconds": a pose is held, anything else is waited after."""
    before = kept[-1] if kept else None
    item.steps = reader.steps(_waiting(item.node, keep), memory)
    if before is None or not before.steps or before.steps[-1].verb not in _POSES:
        kept.append(item)
        return
    held, duration = before.steps[-1], item.steps[0].duration_s
    if duration is not None and held.duration_s not in (None, duration):
        raise reader.refuse("contradiction", item.node, "another duration was said before it")
    reader.notes.append(keep)
    before.steps[-1] = memory.step = replace(held, duration_s=duration or held.duration_s)


def _waiting(node: Tree[Token], keep: Token) -> Tree[Token]:
    """A clause with a stop in the place of what says to keep on."""
    return swap(node, keep, keep.update("VERB", ("stop", ())))  # type: ignore[arg-type]


def _pass(item: Item, past: Token, kept: list[Item], reader: ClauseReader, memory: Memory) -> None:
    """ "坐着，过十秒站起来": a pose that lasts is held so long, anything else is waited after."""
    held = kept[-1].steps[-1] if kept and kept[-1].steps and lasts(kept[-1].node) else None
    if held is not None and held.verb in _POSES and held.duration_s is None:
        _keep(item, past, kept, reader, memory)
        return
    item.steps = reader.steps(_waiting(item.node, past), memory)
    if item.steps[0].duration_s is None:
        raise reader.refuse("nonsense", item.node, "how long?", "Say a time, such as 3 seconds")
    kept.append(item)


def _do_more(item: Item, found: dict[str, Token], kept: list[Item], memory: Memory) -> bool:
    """ "Do ten squats, rest, then do five more": the last step that was counted, with another number."""
    number = found.get("BARE_NUMBER") or found.get("NUMBER")
    counted = next((step for one in reversed(kept) for step in reversed(one.steps) if step.count is not None), None)
    if number is None or counted is None or float(number.value) != int(float(number.value)):
        return False
    item.steps = [replace(counted, count=int(float(number.value)), parallel_with_prev=False)]
    memory.step = item.steps[0]
    kept.append(item)
    return True


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


def _read(item: Item, kept: list[Item], reader: ClauseReader, memory: Memory) -> None:
    """Read an item's steps and keep it; a correction replaces what it corrects."""
    item.refers = any(token.type == "IT" for token in tokens(item.node))
    corrects = bool(kept) and ("CORRECT" in item.kinds or any(t.type == "INSTEAD" for t in tokens(item.node)))
    before = kept[-1] if kept else None
    found = {token.type: token for token in tokens(item.node)}
    repeat, kinds = found.get("REPEAT"), set(found)
    if repeat is not None:
        item.repeat = repeat
        rest = [child for child in item.node.children if child is not repeat and not is_quiet(child)]
        if kinds & {"DIRECTION", "LIMB", "WITH", "SPEED"}:
            _again_otherwise(item, rest, kept, reader, memory)
            return
        item.count = how_often(rest, reader, repeat)
        kept.append(item)
        return
    if "PASS" in found:
        _pass(item, found["PASS"], kept, reader, memory)
        return
    if "KEEP" in found:
        _keep(item, found["KEEP"], kept, reader, memory)
        return
    if "LIGHT" in found and kinds <= _MORE_OF_IT and _do_more(item, found, kept, memory):
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
            item.steps = [*before.steps[:-1], overridden(before.steps[-1], item.steps[0])]
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
        item.steps = [overridden(before.steps[-1], item.steps[0])]  # "kick the ball, then again with the left"
        memory.step = item.steps[-1]
    done = "THEN" in item.kinds and item.gerund and before is not None and is_bare(item.steps)
    if done and before is not None and said_already(before.steps, item.steps[0].verb):
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
        and adds_to(before.steps[-1], item.steps[0])
    ):
        before.steps[-1] = memory.step = overridden(before.steps[-1], item.steps[0])
        return
    if before is not None and before.steps and _more_said(item, before, reader):
        before.steps[-1] = memory.step = overridden(before.steps[-1], item.steps[0])
        return
    again = before is not None and is_bare(item.steps) and said_already(before.steps, item.steps[0].verb)
    if again and item.kinds == {"COMMA", "WHILE"}:
        return  # "往前走，边走边挥手"
    if (
        "WHILE" in item.kinds
        and len(kept) > 1
        and is_bare(item.steps)
        and said_already(kept[-2].steps, item.steps[0].verb)
    ):
        kept[-1].steps[0] = replace(kept[-1].steps[0], parallel_with_prev=True)  # "walk, waving as you walk"
        return
    if before is not None and before.steps and not item.joints and _merges(before.steps[-1], item.steps, reader):
        if before.steps[-1].verb in ("follow", "look"):
            before.steps[-1] = memory.step = overridden(before.steps[-1], item.steps[0])
            return
        before.steps.pop()
    if before is not None and before.steps and item.steps:
        earlier = [step for one in kept for step in one.steps]
        item.steps[0] = _return(earlier, item.steps[0], reader, item.node)
    kept.append(item)


def _interjected(item: Item, reader: ClauseReader) -> bool:
    """Whether a clause is a "wait" that corrects: "raise your left, wait, your right arm"."""
    return (
        is_bare(item.steps)
        and item.steps[0].verb == "stop"
        and reader.words(item.node) in ("wait", "hold on", "hang on")
    )


def _merges(before: Step, steps: list[Step], reader: ClauseReader) -> bool:
    """ "跟着他走" is to follow, "弯腰捡起来" is to pick up: two verbs for one thing."""
    if before.verb == "stop" and is_bare([before]) and _waits_for(before, reader):
        return True  # 等走到门口之后
    if before.verb == "stop" and steps[0].verb == "stop":
        return is_bare([before])
    if before.verb == "look" and before.object is not None and steps[0].verb == "look":
        return steps[0].object is None and steps[0].direction is None  # 盯着红球看五秒
    if before.verb == "follow":
        return steps[0].verb in ("walk", "run") and steps[0].direction is None and steps[0].object is None
    return before.verb == "bow" and is_bare([before]) and steps[0].verb == "pickup"


def _waits_for(step: Step, reader: ClauseReader) -> bool:
    return reader.text_of(step) == "等"


def _more_said(item: Item, before: Item, reader: ClauseReader) -> bool:
    """Whether a clause only says more of the one before: "跳，跳三下", "跟着他，跟紧点"."""
    mandarin = not reader.words(item.node).isascii()
    old = before.steps[-1]
    if mandarin and old.verb == "follow" and len(item.steps) == 1 and covers(old, item.steps[0]):
        return item.kinds <= {"COMMA"}
    so = (
        mandarin
        and old.verb != "stop"
        and all(reader.words(token) in _SO for token in item.joints if token.type == "THEN")
    )
    if item.kinds == {"COMMA"}:
        return elaborates(old, item.steps) or (so and is_bare([old]) and adds_amounts(old, item.steps))
    return so and item.kinds <= {"COMMA", "THEN"} and is_bare([old]) and adds_amounts(old, item.steps)


def _until(item: Item, before: Item | None, reader: ClauseReader, memory: Memory) -> None:
    if before is None or not before.steps or before.steps[-1].verb not in ("walk", "run", "go_to"):
        raise reader.refuse("unsupported_skill", item.node, "I can only walk until I am at an object")
    reached = reader.steps(item.node, Memory(memory.object, step=Step("go_to")))[0]
    before.steps[-1] = reached
    memory.step, memory.object = reached, reached.object


def _return(earlier: list[Step], step: Step, reader: ClauseReader, node: Tree[Token]) -> Step:
    """Read "turn around and walk back" as a return: backwards would lead away; not so "walk forward and walk back".

    With a distance ("turn around and run back four metres") it is the way that the robot then faces.
    """
    before = earlier[-1]
    went = any(one.verb in _TRAVELS for one in earlier[:-1]) and before.verb not in _TRAVELS
    turned = before.verb == "turn" and (before.direction == "around" or before.angle_deg == 180.0)
    bare = step.distance_m is None and step.steps is None and step.duration_s is None
    said_back = any(token.type == "DIRECTION" and reader.words(token) == "back" for token in tokens(node))
    if not ((went or turned) and said_back and step.verb in ("walk", "run")):
        return step
    if bare:
        return Step("go_to", object=ObjectRef(START), speed=step.speed, span=step.span)
    return replace(step, direction="forward") if turned and step.distance_m is not None else step
