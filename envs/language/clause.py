"""A clause, or a fragment of one, to Steps: what each of its modifiers says."""

from __future__ import annotations

import re
from typing import Any

from lark import Token, Tree

from simonsays.envs.language.amounts import AmountReader
from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.instruction import ObjectRef, Step
from simonsays.envs.language.source import Memory, Node, Said, Source, span, tokens
from simonsays.envs.language.steps import NEEDED, StepMaker
from simonsays.envs.language.things import ThingReader

_LOCATION_DIRECTION = {"front": "forward", "behind": "backward", "left": "left", "right": "right"}
_DIRECTION_LOCATION = {direction: location for location, direction in _LOCATION_DIRECTION.items()}

__all__ = ["ClauseReader", "Memory", "span", "tokens"]


class ClauseReader:
    """Reads the clauses of one text."""

    def __init__(self, source: Source) -> None:
        self._src = source
        self._things, self._amounts, self._maker = ThingReader(source), AmountReader(source), StepMaker(source)

    def refuse(self, code: str, node: Node, message: str, suggestion: str = "") -> ParseError:
        """The error for a node."""
        return self._src.refuse(code, node, message, suggestion)

    def words(self, node: Node) -> str:
        """The text of a node, in lower case."""
        return self._src.words(node)

    def text_of(self, step: Step) -> str:
        """The text of a step."""
        return self._src.text[slice(*step.span)] if step.span is not None else ""

    @property
    def notes(self) -> list[Token]:
        """Tokens that are understood and say nothing that an Instruction has a place for."""
        return self._src.notes

    @notes.setter
    def notes(self, tokens: list[Token]) -> None:
        self._src.notes = tokens

    def steps(self, node: Tree[Token], memory: Memory) -> list[Step]:
        """The steps of a clause, or of a fragment that takes up the verb before it."""
        head, modifiers, adverbs = self._split(node)
        if head is not None and head.type == "UNABLE":
            raise self._src.refuse("unsupported_skill", head, "I cannot do this")
        fixed: dict[str, Any] = {}
        implied = None if head is not None else self._implied(node, memory)
        action = next((token for token in tokens(node) if token.type == "ACTION"), None) if head is None else None
        if action is not None:
            verb = str(action.value)
        elif implied is not None:
            verb = implied
        elif head is None:
            if memory.step is None:
                raise self._src.refuse(
                    "unknown_verb", node, "I miss a verb here", "Say what to do, such as walk or turn"
                )
            verb = memory.step.verb
        elif head.type == "LIGHT":
            verb = ""
        else:
            verb, fixed = head.value[0], dict(head.value[1])  # type: ignore[index]
        limb = fixed.pop("limb", None)
        fixed.pop("lasting", None)
        who = fixed.pop("who", None)
        there = fixed.pop("there", None)  # 走过去: to what was named before
        said = Said(dict(fixed), limb=limb, verb=verb)
        if limb is not None:
            memory.limb = (limb, fixed.get("side"))
        for token in adverbs:
            self._src.set(said, "speed", token.value, token)
        for modifier in modifiers:
            self._read(modifier, said, memory)
        anchor: Node = head if head is not None else node
        if head is None and memory.step is not None and verb in NEEDED and "object" not in said.slots:
            said.slots["object"] = memory.step.object  # "push the box forward, then left"
            said.slots = {name: value for name, value in said.slots.items() if value is not None}
        if there and memory.object is not None and not said.slots and not said.directions:
            said.slots["object"], said.to_object = memory.object, True
        said.to_object = said.to_object or (there is not None and "object" in said.slots)
        if who is not None and "object" not in said.slots and not said.directions:
            said.slots["object"], said.to_object = ObjectRef(who, span=span(anchor)), True  # 过来: to who speaks
        self._other_side(said, anchor, memory)
        if verb == "go_to" and said.action is not None and "object" not in said.slots:
            verb = said.action  # 来个鞠躬
        if not verb:
            verb = self._maker.light_verb(said, anchor, node)
        made = self._maker.finish(verb, said, anchor, node, memory)
        if "SOMETHING" in said.flags:
            memory.limb = memory.object = None  # "pick something up and put it down": it is no hand
        return made

    def exists(self, node: Tree[Token], memory: Memory) -> None:
        """Remember what is said to be somewhere: "箱子前面有颗球", "球在你左边"."""
        at = next(i for i, child in enumerate(node.children) if isinstance(child, Token) and child.type == "HAVE")
        have, before, after = node.children[at], list(node.children[:at]), list(node.children[at + 1 :])
        things, places = (before, after) if have.value == "at" else (after, before)  # type: ignore[union-attr]
        quiet = ("SUBJECT", "AUX", "ADVERB", "MEASURE")
        things = [child for child in things if not (isinstance(child, Token) and child.type in quiet)]
        ref = None
        if len(things) == 1 and isinstance(things[0], Tree) and things[0].data == "phrase":
            thing = things[0].children[-1]
            if self._things.head(thing).type in ("NOUN", "ONE", "IT"):
                ref = self._things.thing(thing, memory)
        if ref is None:
            raise self._src.refuse("nonsense", node, "what is there?", "Name a thing, such as the red ball")
        for place in places:
            if isinstance(place, Tree) and place.data == "place":
                ref = self._things.related_to(ref, place, memory)
            elif isinstance(place, Tree) and place.data == "direction":
                token = next(tokens(place))
                ref = self._things.located(ref, token.update(value=_DIRECTION_LOCATION[str(token.value)]))
            elif not (isinstance(place, Token) and place.type in quiet):
                raise self._src.refuse("nonsense", place, "I do not know this place")
        memory.object = memory.introduced = ref
        memory.limb = None

    def changes_mind(self, token: Token) -> bool:
        """Whether 还是 takes back what was said (还是往左吧) and does not let one choose."""
        rest = self._src.text[token.end_pos :]
        clause = re.split("[，,。；;！!？?]", rest, maxsplit=1)[0]
        asked = rest[len(clause) :][:1] in ("？", "?")
        return (
            self._src.words(token) in ("还是", "還是")
            and not asked
            and clause.rstrip().endswith(("吧", "好了", "得了"))
        )

    def lacks_object(self, node: Tree[Token]) -> bool:
        """Whether a clause's verb needs a limb or an object and has none."""
        head = next((token for token in tokens(node) if token.type == "VERB"), None)
        if head is None:
            return False
        words = self._src.verbs[head.value[0]]  # type: ignore[index]
        return words.needs_limb or words.verb in NEEDED

    def _other_side(self, said: Said, node: Node, memory: Memory) -> None:
        """Find which hand "the other hand" is."""
        if said.slots.get("side") == "other":
            said.slots["side"] = self._amounts.other_side(node, memory)

    def _implied(self, node: Tree[Token], memory: Memory) -> str | None:
        """The verb that an amount or a limb without a verb asks for: "forward two metres", "left 90", "hands up"."""
        kinds = {token.type for token in tokens(node)}
        taken = self._src.verbs[memory.step.verb].slots if memory.step is not None else ()
        up = next((token.value for token in tokens(node) if token.type == "UP"), None)
        if up is not None and "LIMB" in kinds:
            return "raise_arm" if up == "up" else "lower_arm"
        if up is not None and memory.step is not None and memory.step.verb in ("raise_arm", "lower_arm"):
            return "raise_arm" if up == "up" else "lower_arm"
        if up == "up" and memory.step is not None and memory.step.verb in ("crouch", "squat", "sit", "bow"):
            return "stand"
        sides = any(token.value in ("left", "right") for token in tokens(node) if token.type == "DIRECTION")
        if "BARE_NUMBER" in kinds and sides:
            return "turn"  # "left 90"
        for kind, slot, verb in (
            ("DEGREES", "angle", "turn"),
            ("TURN", "angle", "turn"),
            ("LENGTH", "distance", "walk"),
            ("STEPS", "steps", "step"),
        ):
            if kind in kinds and slot not in taken:
                return verb
        return None

    def _split(self, node: Tree[Token]) -> tuple[Token | None, list[Node], list[Token]]:
        head, modifiers, adverbs, passive = None, [], [], None
        for child in node.children:
            if isinstance(child, Token) and child.type in ("SUBJECT", "AUX", "GO"):
                self._src.notes.append(child)
                passive = child if child.value == "be" else passive
            elif isinstance(child, Token) and child.type == "AT_ONCE":
                self._src.notes.append(child)
            elif isinstance(child, Token) and child.type == "ADVERB":
                adverbs.append(child)
            elif isinstance(child, Token) and child.type in ("VERB", "LIGHT", "UNABLE"):
                head = child
                self._check_active(child, passive)
            else:
                modifiers.append(child)
        return head, modifiers, adverbs

    def _check_active(self, head: Token, be: Token | None) -> None:
        """Refuse what is done to the robot: "a person is pushed"."""
        if be is None or head.type != "VERB" or self._src.words(head).split()[0].endswith("ing"):
            return
        if "object" in self._src.verbs[head.value[0]].slots:  # type: ignore[index]
            raise self._src.refuse("unsupported_skill", head, "I do things, I cannot have them done to me")

    def _read(self, node: Node, said: Said, memory: Memory) -> None:
        if isinstance(node, Token):
            self._read_token(node, said, memory)
        elif node.data == "direction":
            said.directions += [token.update("DIRECTION") for token in tokens(node)]
        elif node.data == "sided":
            said.sided = list(tokens(node))[-1]
        elif node.data == "speed":
            values = {token.type: float(token.value) for token in tokens(node)}
            length = (values["NUMBER"] + values.get("HALF_MORE", 0.0)) * values["LENGTH"]
            self._src.amount(said, "speed", length / values["PER_SECOND"], node)
        elif node.data == "pieces":  # 深蹲五个
            if "object" in self._src.verbs[said.verb].slots if said.verb else True:
                raise self._src.refuse("unsupported_skill", node, "I go to one thing at a time", "Name them one by one")
            self._src.set(said, "count", self._src.whole(float(next(tokens(node)).value), node), node)
        elif node.data == "place":
            self._object(node, self._things.place(node, memory), said)
            said.to_object = True
        else:
            self._read_phrase(node, said, memory)

    def _read_token(self, token: Token, said: Said, memory: Memory) -> None:
        if token.type == "DIRECTION":
            said.directions.append(token)
        elif token.type in ("SPEED", "COUNT"):
            self._src.set(said, token.type.lower(), token.value, token)
        elif token.type in ("PRE_LIMB", "SIDED_LIMB"):
            said.limb, side = token.value  # type: ignore[misc]
            said.flags["LIMB"] = token
            self._src.set(said, "side", side, token)
            memory.limb = token.value
        elif token.type == "BARE_NUMBER":
            self._src.amount(said, "angle", float(token.value), token)
            said.flags["BARE_NUMBER"] = token
        elif token.type == "LOCATION":
            target = said.slots.get("object2") or said.slots.get("object")
            if target is None and token.value not in _LOCATION_DIRECTION:
                raise self._src.refuse("nonsense", token, "of what?", "Name a thing, such as the red ball")
            if target is None:
                said.directions.append(
                    Token("DIRECTION", _LOCATION_DIRECTION[token.value], token.start_pos, end_pos=token.end_pos)
                )
            else:
                key = "object2" if "object2" in said.slots else "object"
                said.slots[key] = self._things.located(target, token)
        else:
            said.flags[token.type] = token

    def _read_phrase(self, node: Tree[Token], said: Said, memory: Memory) -> None:
        first, thing = node.children[0], node.children[-1]
        if (
            said.verb == "turn" and self._src.words(first) == "around"
        ):  # "turn around 180 degrees": it is the way, not "about"
            said.directions.append(Token("DIRECTION", "around", first.start_pos, end_pos=first.end_pos))  # type: ignore[union-attr]
        preposition = first.type if isinstance(first, Token) and thing is not first else ""
        if isinstance(thing, Tree) and thing.data == "place":
            self._object(node, self._things.place(thing, memory), said)
            said.to_object = True
            return
        if preposition == "TO" and self._src.words(first) in ("跟", "跟著"):
            said.flags["ALONG"] = first  # type: ignore[assignment]
        if preposition == "BA":
            said.flags["BA"] = first  # type: ignore[assignment]
        head = self._things.head(thing)
        takes_limb = not preposition and said.verb in ("raise_arm", "lower_arm", "put_next", "wave", "")
        parts = {token.type: token for token in tokens(thing)}
        if head.type == "NOUN" and memory.limb is not None and self._src.words(head) == "one" and "COLOR" not in parts:
            said.limb = memory.limb[0]
            if "OTHER" in parts:  # "then the other one"
                self._src.set(said, "side", self._amounts.other_side(node, memory), node)
            elif "SIDE" in parts:  # "raise both arms, lower the left one"
                self._src.set(said, "side", parts["SIDE"].value, node)
            return
        if head.type == "IT" and memory.limb is not None and (takes_limb or memory.object is None):
            said.limb, side = memory.limb
            if side is not None:
                self._src.set(said, "side", side, node)
            return
        if head.type in ("NOUN", "ONE", "IT", "START"):
            if preposition == "BY" and self._src.words(thing) in ("me", "us"):
                self._src.notes += tokens(node)  # "open the door for me"
                return
            if preposition == "BY" and said.verb == "put_next" and self._src.words(first) == "by":
                preposition = "TO"  # "place the ball by the box"
            if preposition in ("BY", "WITH"):
                raise self._src.refuse("unsupported_skill", node, "I cannot use an object this way")
            if preposition == "TO" and first.value in ("above", "within"):  # type: ignore[union-attr]
                said.flags["ON"] = first  # type: ignore[assignment]
            said.to_object = said.to_object or preposition == "TO"
            said.unspoken = said.unspoken or not preposition
            self._object(node, self._things.thing(thing, memory), said)
            return
        assert isinstance(thing, Tree)
        measured = head.type in ("LENGTH", "STEPS", "SECONDS", "DEGREES", "TIMES")
        if measured and preposition == "TO" and first.value in ("above", "within"):  # type: ignore[union-attr]
            raise self._src.refuse("unsupported_skill", node, "I cannot do it this way")  # "hop on one foot"
        if head.type == "LIMB" and not preposition:
            said.flags["BARE_LIMB"] = head
        if thing.data == "placed":  # "a quarter turn on your left": no thing that has a place
            named, location = thing.children
            self._read_token(next(tokens(location)), said, memory)
            assert isinstance(named, Tree)
            thing = named
        self._amounts.measure(thing, head, said, memory)

    def _object(self, node: Node, ref: ObjectRef, said: Said) -> None:
        if "object" not in said.slots:
            said.slots["object"] = ref
        elif "object2" not in said.slots:
            said.slots["object2"] = ref
            said.flags["object2"] = next(tokens(node))
        else:
            raise self._src.refuse("nonsense", node, "one object too many")
