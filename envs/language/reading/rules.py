"""How clauses are read beside those before them: a table of rules, tried in this order; the first that fits is taken.

A rule sees the clause as :class:`~.heard.Heard`. A locale has rules of its own, each tried before one of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from lark import Tree

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.locale import Rule
from simonsays.envs.language.reading import turns
from simonsays.envs.language.reading.arranging import (
    again,
    again_otherwise,
    do_again_so,
    do_more,
    does_more,
    hold,
    is_again_so,
)
from simonsays.envs.language.reading.ellipsis import (
    come_to,
    comes_to,
    count_otherwise,
    counts_otherwise,
    go_so_far,
    goes_so_far,
    is_taken_along,
    is_there,
    is_there_already,
    named_in,
    share_times,
    shares_times,
    stay_there,
    stop_once,
    stops_again,
    take_along,
    tell_which,
    tells_which,
    turn_along,
    turns_along,
    walk_so,
    walks_so,
)
from simonsays.envs.language.reading.heard import Heard, adds_to, elaborates, is_bare, overridden, said_already
from simonsays.envs.language.reading.items import LEADING, verb_of
from simonsays.envs.language.reading.mending import (
    corrects,
    interrupt,
    interrupted,
    mend,
    renumber,
    renumbers,
    replace_all,
)
from simonsays.envs.language.reading.source import Memory, span, tokens
from simonsays.envs.language.reading.whereabouts import faces_already, get_up, gets_up, go_back, returns

_LIMB_WORDS = {"LIMB", "WITH", "DIRECTION", "SIDE", "THE", "A", "BOTH", "OTHER"}
_OTHERWISE = {"DIRECTION", "LIMB", "WITH", "SPEED"}
_KEPT_FROM = {"turn", "look", "jump", "wave", "nod", "clap", "kick", "punch", "bow", "sit"}
"""what is not done unless it is asked for: "walk backwards without turning around" """
_ACTS = {"ACTION", "SHAPE", "DEGREES", "TURN", "LENGTH", "STEPS", "LIMB"}
"""what asks for something without a verb"""


def _refuse(code: str, message: str, suggestion: str) -> Callable[[Heard], None]:
    def refuse(heard: Heard) -> None:
        raise heard.refuse(code, message, suggestion)

    return refuse


# -- a time to wait, and what is not to be done -----------------------------------------------------------------------


def _waits(heard: Heard) -> bool:
    measured = [token.type for token in tokens(heard.item.node) if token.type != "FILLER"]
    if not heard.fragment or measured not in (["NUMBER", "SECONDS"], ["NUMBER", "MEASURE", "SECONDS"]):
        return False
    after = any(heard.reader.says("afterwards", token) for item in heard.rest[:1] for token in item.joints)
    return after or "AFTER" in heard.item.kinds


def _wait(heard: Heard) -> None:
    seconds = round(float(heard.found["NUMBER"].value) * float(heard.found["SECONDS"].value), 6)
    heard.keep([Step("stop", duration_s=seconds, span=span(heard.item.node))], heard.item.without("AFTER"))


def _taken_back(heard: Heard) -> bool:
    if "NOT" not in heard.item.kinds or not heard.kept:
        return False
    same = verb_of(heard.kept[-1].node) == verb_of(heard.item.node) != ""
    yet = any(heard.reader.says("not_yet", token) for token in heard.item.joints if token.type == "NOT")
    return same and (yet or "CORRECT" in heard.item.kinds)


def _take_back(heard: Heard) -> None:
    heard.reader.note(heard.kept.pop().node)
    heard.pass_on(heard.item.without("NOT", "CORRECT"))


def _leave_out(heard: Heard) -> None:
    """Check that what is not to be done can simply be left out."""
    item, rest = heard.item, heard.rest
    stop = any(token.type == "VERB" and token.value[0] in ("stop", "stand") for token in tokens(item.node))
    scope = bool(rest) and "COMMA" not in rest[0].kinds and not rest[0].kinds & {"END", "CORRECT"}
    rather = any(token.value == "rather" for token in item.joints)  # not this but that
    beside = bool(item.joints[:-1]) and not rather and not (heard.fragment and "COMMA" in item.kinds)
    kept_from = item.gerund and verb_of(item.node) in _KEPT_FROM
    without = any(token.value == "without" for token in item.joints) and not kept_from
    if stop or scope or beside or without or item.kinds & {*LEADING, "UNTIL"}:
        raise heard.refuse("contradiction", "I only do things, I cannot leave one out", "Say what to do instead")
    heard.memory.object = named_in(heard) or heard.memory.object
    heard.pass_on(item.without("NOT"))


def _rests_meanwhile(heard: Heard) -> bool:
    """Beside something else, not to move is no rest but a contradiction."""
    but = any(heard.reader.says("but", token) for token in heard.item.joints)
    return but and any(heard.reader.says("do_not", token) for token in tokens(heard.item.node))


def _lacks_verb(heard: Heard) -> bool:
    kinds = heard.found.keys()
    named = "BA" in kinds or (not heard.kept and kinds & {"NOUN", "ONE"})
    return heard.fragment and (bool(named) or (not heard.kept and not kinds & _ACTS))


# -- what says more of the clause before -------------------------------------------------------------------------------


def _until(heard: Heard) -> None:
    if heard.last is None or heard.last.verb not in ("walk", "run", "go_to"):
        raise heard.refuse("unsupported_skill", "I can only walk until I am at an object")
    reached = heard.reader.steps(heard.item.node, Memory(heard.memory.object, step=Step("go_to")))[0]
    heard.amend(reached)
    heard.memory.object = reached.object


def _dangles(heard: Heard) -> bool:
    return heard.fragment and bool(heard.item.kinds & {"BEFORE", "AFTER"}) and "ACTION" not in heard.found


def _names_limb(heard: Heard) -> bool:
    kinds = heard.found.keys()
    return heard.fragment and heard.last is not None and bool(kinds & {"LIMB", "WITH"}) and kinds <= _LIMB_WORDS


def _other_limb(heard: Heard) -> None:
    assert heard.last is not None
    last, (said, *_) = heard.last, heard.steps
    heard.item = replace(heard.item, steps=(overridden(last, said),))
    heard.memory.step = heard.item.steps[-1]


def _says_again(heard: Heard, back: int = 1) -> bool:
    """Whether only the verb of a clause before is said again."""
    before = heard.kept[-back].steps if len(heard.kept) >= back else ()
    return is_bare(heard.steps) and said_already(before, heard.steps[0].verb)


def _arrives(heard: Heard) -> bool:
    said = heard.reader.says
    verb = next((t for t in tokens(heard.item.node) if t.type in ("VERB", "LIGHT", "REPEAT")), None)
    return "ONCE" in heard.item.kinds and heard.steps[0].verb == "reach" and said("reaches", verb)


def _arrive(heard: Heard) -> None:
    heard.item = replace(heard.item, steps=(replace(heard.steps[0], verb="go_to"), *heard.steps[1:]))


def _hastens(heard: Heard) -> bool:
    alone = heard.fragment and heard.found.keys() == {"SPEED"} and "THEN" not in heard.item.kinds
    return alone and heard.last is not None


def _hasten(heard: Heard) -> None:
    assert heard.last is not None
    if heard.last.speed not in (None, heard.steps[0].speed):
        raise heard.refuse("contradiction", "another speed was said before it")
    heard.amend(replace(heard.last, speed=heard.steps[0].speed))


def _adds(heard: Heard) -> bool:
    kinds, joints = heard.item.kinds, heard.item.without("COMMA")
    but = kinds <= {"COMMA", "AND"} and all(heard.reader.says("but", token) for token in joints)
    if not kinds or not but or not heard.fragment or heard.last is None:
        return False
    return heard.last.verb == heard.steps[0].verb and adds_to(heard.last, heard.steps[0])


def _elaborates(heard: Heard) -> bool:
    return heard.last is not None and heard.item.kinds == {"COMMA"} and elaborates(heard.last, heard.steps)


def say_more(heard: Heard) -> None:
    """What the clause says goes to the step before."""
    assert heard.last is not None
    before = heard.kept[-1]
    heard.kept[-1] = replace(before, node=Tree(before.node.data, [*before.node.children, *heard.item.node.children]))
    heard.amend(overridden(heard.last, heard.steps[0]))


def _goes_on(heard: Heard) -> None:
    """What says the verb again only joins the next clause: that is done meanwhile."""
    joins = bool(heard.rest) and heard.rest[0].kinds <= {"COMMA"}
    heard.pass_on(heard.item.joints if joins else (), but="COMMA" if joins else "")
    heard.reader.notes += () if joins else heard.item.without("COMMA")


def _waves_walking(heard: Heard) -> None:
    last = heard.kept[-1]
    heard.kept[-1] = replace(last, steps=(replace(last.steps[0], parallel_with_prev=True), *last.steps[1:]))


def _is_the_same(heard: Heard) -> bool:
    """Two verbs for one thing, without a word between them."""
    before, said = heard.last, heard.steps[0]
    if before is None or heard.item.joints:
        return False
    if before.verb == said.verb == "wave":
        return adds_to(before, said)  # "wave your hand, say hello"
    if before.verb == "look":
        return before.object is not None and said.verb == "look" and said.object is None and said.direction is None
    return before.verb == "follow" and said.verb in ("walk", "run") and said.direction is None and said.object is None


def _is_part(heard: Heard) -> bool:
    """What was only the beginning of this."""
    before, said = heard.last, heard.steps[0]
    if before is None or heard.item.joints:
        return False
    if before.verb == "perform" and said.verb != "perform":
        return is_bare([replace(before, name=None)])  # 展示一下慢速倒着走
    if not is_bare([before]):
        return False
    leads = before.verb != said.verb == heard.reader.verbs[before.verb].with_object
    if leads and heard.reader.is_a("travels", before.verb) and said.object is not None:
        return True  # walk, very slowly, go to the door
    if before.verb == "stop":
        return said.verb == "stop" or heard.reader.locale.says("waits_for", heard.reader.text_of(before))
    return before.verb == "bow" and said.verb == "pickup"


def _drop_before(heard: Heard) -> None:
    heard.kept[-1] = replace(heard.kept[-1], steps=heard.kept[-1].steps[:-1])


RULES: tuple[Rule, ...] = (
    Rule(
        "befalls it",
        "a person is pushed from the left and walks on",
        lambda h: "BEFALLS" in h.found,
        lambda h: h.pass_on(h.item.joints),
    ),
    Rule("a time to wait", "after three seconds, wave", _waits, _wait),
    Rule("taken back", "wave, no, don't wave, nod", _taken_back, _take_back),
    Rule("left out", "don't turn left, turn right", lambda h: "NOT" in h.item.kinds, _leave_out),
    Rule("what is there", "see the red ball over there kick it", lambda h: h.item.node.data == "exist", is_there),
    Rule(
        "rest beside motion",
        "walk but don't move",
        _rests_meanwhile,
        _refuse("contradiction", "it cannot move and not move", "Say what to do instead"),
    ),
    Rule(
        "the same otherwise",
        "wave your right hand, then do the same with the left",
        lambda h: "REPEAT" in h.found and bool(h.found.keys() & _OTHERWISE),
        again_otherwise,
    ),
    Rule("again, but so", "wave, then do that again but faster", is_again_so, do_again_so),
    Rule("again", "wave, then do that again", lambda h: "REPEAT" in h.found, again),
    Rule("held", "raise your arm and keep it there for two seconds", lambda h: "KEEP" in h.found, hold),
    Rule("more of it", "do ten squats, rest, then do five more", does_more, do_more),
    Rule("counted otherwise", "take two steps forward, one to the left", counts_otherwise, count_otherwise),
    Rule("interrupted", "raise your left, wait, your right arm", interrupted, interrupt, goes_on=True),
    Rule(
        "no verb",
        "the red ball",
        _lacks_verb,
        _refuse("unknown_verb", "I miss a verb here", "Say what to do, such as walk or turn"),
    ),
    Rule("which one", "go to the ball, the one on the left", tells_which, tell_which),
    Rule("another number", "walk two metres, no, four", renumbers, renumber),
    Rule("mended", "walk forward, no wait, backward", lambda h: corrects(h) and h.fragment, mend),
    Rule("replaced", "turn left, no wait, wave", corrects, replace_all),
    Rule("as far as", "walk until you reach the ball", lambda h: "UNTIL" in h.item.kinds, _until),
    Rule("so far before", "walk, and stop after five steps", goes_so_far, go_so_far),
    Rule(
        "dangling",
        "go to the cone after you left",
        _dangles,
        _refuse("nonsense", "I miss a verb here", "Say what is to be done before or after it"),
    ),
    # From here on the steps of the clause are read.
    Rule("one on each side", "punch twice, left and right", shares_times, share_times),
    Rule("another limb", "kick the ball, then with the left foot", _names_limb, _other_limb, goes_on=True),
    Rule(
        "done",
        "nod, and when you are done nodding, bow",
        lambda h: "THEN" in h.item.kinds and h.item.gerund and _says_again(h),
        lambda h: h.reader.notes.extend(tokens(h.item.node)),
    ),
    Rule("both of them", "take the ball and the box to the door", is_taken_along, take_along, goes_on=True),
    Rule("faces already", "turn around, facing backwards", faces_already, lambda h: h.reader.note(h.item.node)),
    Rule("arrival", "once you reach the ball, wave", _arrives, _arrive, goes_on=True),
    Rule("speed afterwards", "walk forward and turn left. Slowly", _hastens, _hasten),
    Rule("there already", "find the red ball and stand next to it", is_there_already, stay_there),
    Rule("where to", "walk slowly, proudly, to the bench", comes_to, come_to),
    Rule("stops once", "freeze! hold on for two seconds", stops_again, stop_once),
    Rule("more of the step", "walk forward, two metres", _adds, say_more),
    Rule("walked so", "walk to the right taking eight steps", walks_so, walk_so),
    Rule("sense of turning", "walk in a square, turning left", turns_along, turn_along),
    Rule("verb again with more", "walk left, walk three steps", _elaborates, say_more),
    Rule(
        "verb again meanwhile",
        "walk forward, while walking, wave",
        lambda h: _says_again(h) and h.item.kinds == {"COMMA", "WHILE"},
        _goes_on,
    ),
    Rule(
        "meanwhile",
        "walk, waving as you walk",
        lambda h: "WHILE" in h.item.kinds and h.last is not None and _says_again(h, back=2),
        _waves_walking,
    ),
    Rule("two verbs for one thing", "follow the red ball walking slowly", _is_the_same, say_more),
    Rule("its beginning", "stop on the spot wait three seconds", _is_part, _drop_before, goes_on=True),
    Rule("the way back", "walk to the ball, turn around and walk back", returns, go_back, goes_on=True),
    Rule("up from the floor", "lie down, then stand up", gets_up, get_up, goes_on=True),
    Rule("plain", "walk forward, then wave", lambda h: True, Heard.keep),
)


@cache
def rules(own: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The rules of a language: these, each of its own tried before the one that it names."""
    made = list(RULES)
    for rule in (*turns.RULES, *own):
        made.insert([one.name for one in made].index(rule.before), rule)
    return tuple(made)
