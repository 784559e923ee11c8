"""How clauses are read in Mandarin alone."""

from __future__ import annotations

import re
from dataclasses import replace

from lark import Token, Tree

from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.instruction import VIEWER, ObjectRef, Step
from simonsays.envs.language.locale import Rule
from simonsays.envs.language.reading.arranging import hold, waiting
from simonsays.envs.language.reading.ellipsis import come_to
from simonsays.envs.language.reading.heard import Heard, adds_amounts, covers, is_bare, overridden
from simonsays.envs.language.reading.items import lasts
from simonsays.envs.language.reading.rules import say_more
from simonsays.envs.language.reading.source import span, tokens

_GIVE = ("给我", "給我", "给我们", "給我們")
_END = re.compile(r"[嘛吧啊呀哦呗啦哈呢]*(\W|$)")
"""what may follow the last word of a clause"""
_SO = ("就", "你就", "那就", "那你就", "便")


def _recalls(heard: Heard) -> bool:
    """Whether it says only that what was asked for is done by then."""
    reader, kept = heard.reader, heard.kept
    verb = next((token for token in tokens(heard.item.node) if token.type in ("VERB", "LIGHT", "ACTION")), None)
    if not kept or verb is None or "CORRECT" in heard.item.kinds or not heard.rest:
        return False
    after = any(reader.says("by_then", token) for token in heard.rest[0].joints)
    if not after and not any(part in reader.words(verb) for part in ("完", "好了")):
        return False
    done = reader.words(verb)
    if ("完" in done or "好了" in done) and done[0] in reader.words(kept[-1].node):
        return True  # 跳个舞，跳完再转一圈
    before = kept[-2] if "BEFORE_THAT" in kept[-1].kinds and len(kept) > 1 else kept[-1]
    try:
        steps = reader.steps(heard.item.node, replace(heard.memory))
    except ParseError:
        return False
    return bool(before.steps) and len(steps) == 1 and covers(before.steps[-1], steps[0])


def _passes(heard: Heard) -> None:
    """A pose that lasts is held so long, anything else is waited after."""
    held = heard.last if heard.kept and lasts(heard.kept[-1].node) else None
    if held is not None and heard.reader.is_a("pose", held.verb) and held.duration_s is None:
        hold(heard, "PASS")
        return
    steps = waiting(heard, "PASS")
    if steps[0].duration_s is None:
        raise heard.refuse("nonsense", "how long?", "Say a time, such as 3 seconds")
    heard.keep(steps)


def _follows_on(heard: Heard) -> bool:
    old = heard.last
    if old is None or old.verb != "follow" or len(heard.steps) != 1 or not covers(old, heard.steps[0]):
        return False
    return heard.item.kinds <= {"COMMA"}


def _says_how_much(heard: Heard) -> bool:
    old = heard.last
    if old is None or old.verb == "stop" or not heard.item.kinds <= {"COMMA", "THEN"}:
        return False
    so = all(heard.reader.words(token) in _SO for token in heard.item.joints if token.type == "THEN")
    said = {token.type for token in tokens(heard.kept[-1].node)}
    whole = old.verb == "turn" and said <= {"VERB", "TURN"}  # 转圈圈
    return so and (whole or is_bare([old])) and adds_amounts(old, heard.steps)


def _says_how_much_of_both(heard: Heard) -> bool:
    if len(heard.kept) < 2 or "WHILE" not in heard.kept[-1].kinds or not heard.item.kinds <= {"COMMA"}:
        return False
    first = heard.kept[-2].steps
    return is_bare(first) and adds_amounts(first[0], heard.steps)


def _say_more_of_both(heard: Heard) -> None:
    first = heard.kept[-2]
    heard.kept[-2] = replace(first, steps=(overridden(first.steps[0], heard.steps[0]),))


def _urges(heard: Heard) -> bool:
    """Whether a verb is said again only to say how: 踢那个球，使劲踢."""
    old, said = heard.last, heard.steps[0]
    if old is None or heard.item.kinds != {"COMMA"} or len(heard.steps) != 1 or old.verb != said.verb:
        return False
    plain = replace(said, object=None, effort=None, speed=None, style=None, side=said.side if old.side else None)
    return is_bare([plain]) and said.object in (None, old.object) and not is_bare([replace(said, object=None)])


def _leads_there(heard: Heard) -> bool:
    """Whether a walk is told first, and then where to: 快跑，跑到树那边."""
    old, said = heard.last, heard.steps[0]
    if old is None or heard.item.kinds != {"COMMA"} or not is_bare([replace(old, speed=None, style=None)]):
        return False
    again = heard.reader.text_of(old)[-1:] in heard.reader.text_of(said)
    return again and old.verb != said.verb == heard.reader.verbs[old.verb].with_object


def _kicks_with_it(heard: Heard) -> bool:
    """Whether the leg that is lifted is the one that kicks."""
    old, said = heard.last, heard.steps[0]
    if old is None or heard.item.joints or old.verb != "raise_leg":
        return False
    return said.verb == "kick" and said.side in (None, old.side)


def _kick_with_it(heard: Heard) -> None:
    before = heard.kept[-1]
    step = replace(heard.steps[0], side=before.steps[-1].side)
    span_of_both = (span(before.node)[0], span(heard.item.node)[1])
    heard.kept[-1] = replace(before, steps=before.steps[:-1])
    heard.item = replace(heard.item, steps=(replace(step, span=span_of_both), *heard.steps[1:]))


def _hands_over(heard: Heard) -> bool:
    """Whether a thing is named beside words that may say nothing, or that it is to be given: "给我红色的杯子"."""
    begin, end = span(heard.item.node)
    text = heard.reader.text
    said = text[:begin].rstrip().endswith(_GIVE) or text[end:].lstrip().startswith(_GIVE)
    return said and heard.fragment and "NOUN" in heard.found and not heard.kept


def _gives_on(heard: Heard) -> bool:
    """Whether what is picked up is to be given at once: "拿起瓶子给我"."""
    after = heard.reader.text[span(heard.item.node)[1] :].lstrip()
    said = next((give for give in sorted(_GIVE, key=len, reverse=True) if after.startswith(give)), None)
    if said is None or heard.fragment or heard.steps[-1].verb != "pickup" or heard.steps[-1].object is None:
        return False
    return _END.match(after[len(said) :].strip()) is not None


def _give_on(heard: Heard) -> None:
    last = heard.steps[-1]
    given = Step("hand_over", object=last.object, object2=ObjectRef(VIEWER), span=last.span)
    heard.item = replace(heard.item, steps=(*heard.steps, given))


def _hand_over(heard: Heard) -> None:
    node = heard.item.node
    verb = Token("VERB", ("hand_over", (("receiver", VIEWER),)), start_pos=span(node)[0], end_pos=span(node)[0])
    heard.item = replace(heard.item, node=Tree("clause", [verb, *node.children]))


RULES = (
    Rule(
        "done by then",
        "蹲五秒，蹲完站起来",
        _recalls,
        lambda heard: heard.pass_on(heard.item.joints, but="COMMA"),
        before="rest beside motion",
    ),
    Rule("time passes", "坐着，过十秒站起来", lambda heard: "PASS" in heard.found, _passes, before="held"),
    Rule("handed over", "给我红色的杯子", _hands_over, _hand_over, goes_on=True, before="no verb"),
    Rule("given on", "拿起瓶子给我", _gives_on, _give_on, goes_on=True, before="plain"),
    Rule("followed on", "跟着红球，跟着它", _follows_on, say_more, before="verb again with more"),
    Rule(
        "how much of both",
        "边走边招手，走四米",
        _says_how_much_of_both,
        _say_more_of_both,
        before="verb again with more",
    ),
    Rule("urged", "踢那个球，使劲踢", _urges, say_more, before="verb again with more"),
    Rule("led there", "快跑，跑到树那边", _leads_there, come_to, before="verb again with more"),
    Rule("kicked with it", "抬左腿踢一下", _kicks_with_it, _kick_with_it, goes_on=True, before="plain"),
    Rule("how much of it", "跳，跳三下", _says_how_much, say_more, before="verb again with more"),
)
