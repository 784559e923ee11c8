"""The clauses of a text as items, each with the words that join it to the one before, made ready to be read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lark import Token, Tree

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.reading.clause import ClauseReader
from simonsays.envs.language.reading.source import span, tokens

LEADING = ("AFTER", "ONCE", "WHILE", "BEFORE")
"""joints of what comes before or after another clause in time"""


@dataclass(frozen=True)
class Item:
    """A clause with the words that join it to the one before.

    Attributes:
        first: its words end in "first", such as "open the door, but wave first".
        was: of what was done before this sentence: its step, as long as nothing is to be otherwise. answers: it is what
            this sentence makes of it.
    """

    node: Tree[Token]
    joints: tuple[Token, ...]
    steps: tuple[Step, ...] = ()
    repeat: Token | None = None
    count: int = 1
    gerund: bool = False
    first: bool = False
    was: Step | None = None
    answers: bool = False

    @property
    def kinds(self) -> set[str]:
        """The kinds of its joints."""
        return {token.type for token in self.joints}

    @property
    def refers(self) -> bool:
        """Whether it takes up an object that was named before."""
        return any(token.type == "IT" for token in tokens(self.node))

    def without(self, *kinds: str) -> tuple[Token, ...]:
        """Its joints but those of some kinds."""
        return tuple(token for token in self.joints if token.type not in kinds)


def _wholes(unit: Tree[Token], reader: ClauseReader) -> list[Tree[Token]]:
    """The clauses of a unit; how often goes to the verb that follows: "do once a squat"."""
    found: list[Tree[Token]] = []
    if unit.data == "doing":  # "ten seconds of clapping"
        amount, _, first, *rest = unit.children
        unit = Tree("clauses", [Tree(first.data, [*first.children, *amount.children]), *rest])  # type: ignore[union-attr]
    for child in unit.children if unit.data == "clauses" else [unit]:
        assert isinstance(child, Tree)
        times = _only_times(found[-1]) if found else None
        if found and found[-1].data == "lead" and next(iter(found[-1].find_data("several")), None) is not None:
            found[-1] = Tree(child.data, [*found[-1].children, *child.children])
        elif found and (again := _said_again(found[-1], child, reader)) is not None:
            found[-1] = again
        elif times is not None:
            found[-1] = Tree(child.data, [*child.children, times])
        elif found and (up := _held_up(found[-1], child)) is not None:
            found[-1] = Tree(found[-1].data, [*found[-1].children, up])
        else:
            found.append(child)
    return found


def _said_again(before: Tree[Token], node: Tree[Token], reader: ClauseReader) -> Tree[Token] | None:
    """ "Jump jump jump" is three jumps; "run run to the ball", or where verbs stand together, only urges."""
    if reader.locale.serial_verbs and [(one.type, one.value) for one in tokens(before)] == [
        (one.type, one.value) for one in tokens(node)
    ]:
        return before
    first, *counts = tokens(before)
    (said, *more) = tokens(node)
    if said.type != "VERB" or (first.type, first.value) != ("VERB", said.value):
        return None
    if len(counts) > 1 or any(count.type != "COUNT" for count in counts):
        return None
    if more:
        return node if reader.is_a("on_foot", verb_of(node)) and not reader.locale.serial_verbs else None
    times = int(counts[0].value) + 1 if counts else 2
    return Tree(before.data, [first, Token("COUNT", times, start_pos=said.start_pos, end_pos=said.end_pos)])


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
    """ "Do it three times" does nothing of its own and says how often; "do three squats" does."""
    repeat = next((child for child in node.children if isinstance(child, Token) and child.type == "REPEAT"), None)
    if repeat is not None and any(token.type == "ACTION" for token in tokens(node)):
        return Tree(node.data, [repeat.update("LIGHT") if child is repeat else child for child in node.children])
    if _only_times(node) is None:
        return node
    light = next(child for child in node.children if isinstance(child, Token) and child.type == "LIGHT")
    return Tree(node.data, [light.update("REPEAT", "total") if child is light else child for child in node.children])


def _each(node: Tree[Token]) -> list[Tree[Token]]:
    """A clause for each of two sides or several things."""
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
    """Whether what is done goes on while more is done."""
    return any(token.type == "VERB" and ("lasting", True) in token.value[1] for token in tokens(node))


def _gerund(node: Tree[Token], reader: ClauseReader) -> bool:
    verb = next((token for token in tokens(node) if token.type in ("VERB", "LIGHT")), None)
    return reader.says("gerund", verb)


def make_items(tree: Tree[Token], reader: ClauseReader) -> list[Item]:
    """The clauses of a text, each with what joins it to the one before."""
    items: list[Item] = []
    joints: list[Token] = []
    for child in tree.children:
        assert isinstance(child, Tree)
        if child.data == "sep":
            joints += _joint(next(tokens(child)), items, joints, reader)
            continue
        for place, whole in enumerate(_wholes(child, reader)):
            if (
                place
                and not joints
                and lasts(items[-1].node)
                and verb_of(whole) not in ("stop", verb_of(items[-1].node))
            ):
                joints = [_made("WHILE", whole)]
            if items and len(joints) > 1 and joints[-2].type == "COMMA" and _afterwards(joints[-1], whole, reader):
                joints[-1] = joints[-1].update("THEN")
            for node in map(_as_repeat, _each(whole)):
                items.append(Item(node, tuple(joints), gerund=_gerund(node, reader)))
                joints = [_made("AND", whole)]
            joints = []
    open_ended = [token for token in joints if token.type not in ("COMMA", "END") and not _closes(token, reader)]
    if open_ended and open_ended == joints[:1] and reader.says("so", joints[0]):
        reader.note(joints[0])  # "bow then"
        open_ended = []
    if open_ended and items:
        raise reader.refuse("nonsense", open_ended[-1], "nothing follows it")
    if not items:
        raise reader.refuse("empty", tree, "nothing is to be done")
    first = any(reader.says("first", token) for token in joints) and "THEN" not in items[-1].kinds
    return [*items[:-1], replace(items[-1], first=first)]


def _afterwards(joint: Token, node: Tree[Token], reader: ClauseReader) -> bool:
    """Whether "after" stands alone before a plain verb and means afterwards: "raise your arm, after lower it"."""
    plain = next(tokens(node)).type in ("VERB", "LIGHT") and reader.says("plain", next(tokens(node)))
    return joint.type == "AFTER" and reader.says("bare", joint) and plain and not _gerund(node, reader)


def _joint(token: Token, items: list[Item], joints: list[Token], reader: ClauseReader) -> list[Token]:
    """A word between two clauses as what it joins them by."""
    if token.type == "OR" and items and joints and reader.changes_mind(token):
        token = token.update("CORRECT")
    if token.type in ("OR", "IF"):
        what = "choose" if token.type == "OR" else "act on a condition"
        raise reader.refuse("contradiction", token, f"I cannot {what}", "Say what to do")
    if token.value == "rest" and not any(_sets_going(item.node, reader) for item in items[-2:]):
        raise reader.refuse("contradiction", token, "nothing is set going before it", "Say what to do")
    if token.value == "beside" and items and any(t.type == "START" or _goes(t) for t in tokens(items[-1].node)):
        reader.notes.append(token)  # "go before the chair, sit down"
        return []
    arrives = token.value == "moment" and items and _arrives(items[-1].node, reader)
    return [token.update("THEN") if arrives else token]


def _sets_going(node: Tree[Token], reader: ClauseReader) -> bool:
    """Whether a clause is about a thing that moves, or that is set going: "until it stops" may be said of it."""
    along = any(reader.says("goes_along", token) for token in tokens(node))  # of two, one along with the other
    return along or reader.is_a("sets_going", verb_of(node))


def _arrives(node: Tree[Token], reader: ClauseReader) -> bool:
    """Whether a clause says that a place is reached, after which more is done."""
    return any(_goes(token) and reader.says("arrives", token) for token in tokens(node))


def _goes(token: Token) -> bool:
    return token.type == "VERB" and token.value[0] == "go_to"


def _made(kind: str, node: Tree[Token]) -> Token:
    """A joint that is not said in a word, at a clause."""
    start, _ = span(node)
    return Token(kind, None, start_pos=start, end_pos=start)


def _closes(token: Token, reader: ClauseReader) -> bool:
    """Whether an order word may end a sentence: "turn left first"."""
    return token.type == "THEN" and not reader.says("leads_on", token)


def is_quiet(child: object) -> bool:
    return isinstance(child, Token) and child.type in ("SUBJECT", "AUX", "UP", "SAME_TIME")
