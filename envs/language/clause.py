"""A clause to a Step: what each modifier says, checked against what the verb takes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lark import Token, Tree
from simonsays.envs.language.errors import ParseError
from simonsays.envs.language.instruction import PLACE, START, THING, ObjectRef, Step
from simonsays.envs.language.vocabulary import FIELDS, VerbWords

Node = Tree[Token] | Token

LIMITS = {
    "distance": (10_000.0, "m"),
    "angle": (36_000.0, "degrees"),
    "duration": (36_000.0, "s"),
    "speed": (20.0, "m/s"),
}
_MOST = 1000  # steps and times
_NEEDS_TO = ("walk", "run", "step", "jump", "look", "turn", "stand", "stop")
_UP = ("raise_arm", "lower_arm", "jump", "pickup", "stand", "wave", "crouch", "squat", "sit", "bow", "put_next", "open")
_MOVES = ("walk", "run", "step", "go_to", "follow")
_LOCATION_DIRECTION = {"front": "forward", "behind": "backward", "left": "left", "right": "right"}


def tokens(node: Node) -> Iterator[Token]:
    """All tokens under a node, in order."""
    if isinstance(node, Token):
        yield node
        return
    for child in node.children:
        yield from tokens(child)


def span(node: Node) -> tuple[int, int]:
    """First and last character + 1 of a node."""
    found = list(tokens(node))
    if not found:
        return 0, 0
    return found[0].start_pos or 0, found[-1].end_pos or 0


@dataclass
class Memory:
    """What a clause may take up from those before it."""

    object: ObjectRef | None = None
    limb: tuple[str, str | None] | None = None
    """the limb and side, where a limb was named after the object"""
    step: Step | None = None


@dataclass
class _Said:
    """What the modifiers of one clause say."""

    slots: dict[str, Any] = field(default_factory=dict)
    directions: list[Token] = field(default_factory=list)
    verb: str = ""
    limb: str | None = None
    flags: dict[str, Token] = field(default_factory=dict)
    action: str | None = None
    sided: Token | None = None
    """"with your right": a side without its limb"""
    to_object: bool = False
    unspoken: bool = False
    """the object has no preposition"""


class ClauseReader:
    """Reads the clauses of one text."""

    def __init__(self, text: str, verbs: Mapping[str, VerbWords], scan: bool) -> None:
        self._text, self._verbs, self._scan = text, verbs, scan
        self.notes: list[Token] = []
        """tokens that are understood and say nothing that an Instruction has a place for"""

    # -- what is said ---------------------------------------------------------------------------------------------

    def refuse(self, code: str, node: Node, message: str, suggestion: str = "") -> ParseError:
        """The error for a node."""
        start, end = span(node)
        word = self._text[start:end]
        more = f" {suggestion}" if suggestion else ""
        return ParseError(code, f"{word!r} (position {start}): {message}.{more}", self._text, start, word)

    def words(self, node: Node) -> str:
        """The text of a node, in lower case."""
        start, end = span(node)
        return self._text[start:end].lower()

    def steps(self, node: Tree[Token], memory: Memory) -> list[Step]:
        """The steps of a clause, or of a fragment that takes up the verb before it."""
        head, modifiers, adverbs = self._split(node)
        fixed: dict[str, Any] = {}
        implied = None if head is not None else self._implied(node, memory)
        action = next((token for token in tokens(node) if token.type == "ACTION"), None) if head is None else None
        if action is not None:
            verb = str(action.value)
        elif implied is not None:
            verb = implied
        elif head is None:
            if memory.step is None:
                raise self.refuse("unknown_verb", node, "I miss a verb here", "Say what to do, such as walk or turn")
            verb = memory.step.verb
        elif head.type == "LIGHT":
            verb = ""
        else:
            verb, fixed = head.value[0], dict(head.value[1])  # type: ignore[index]
        limb = fixed.pop("limb", None)
        said = _Said(dict(fixed), limb=limb, verb=verb)
        for token in adverbs:
            self._set(said, "speed", token.value, token)
        for modifier in modifiers:
            self._read(modifier, said, memory)
        anchor: Node = head if head is not None else node
        if not verb:
            verb = self._light_verb(said, anchor, node)
        return self._finish(verb, said, anchor, node, memory)

    def _implied(self, node: Tree[Token], memory: Memory) -> str | None:
        """The verb that an amount or a limb without a verb asks for: "forward two metres", "left 90", "hands up"."""
        kinds = {token.type for token in tokens(node)}
        taken = self._verbs[memory.step.verb].slots if memory.step is not None else ()
        if "LIMB" in kinds and any(word in self.words(node).split() for word in ("up", "down")) and not taken:
            return "raise_arm" if "up" in self.words(node).split() else "lower_arm"
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
        head, modifiers, adverbs = None, [], []
        for child in node.children:
            if isinstance(child, Token) and child.type in ("SUBJECT", "AUX"):
                self.notes.append(child)
            elif isinstance(child, Token) and child.type == "ADVERB":
                adverbs.append(child)
            elif isinstance(child, Token) and child.type in ("VERB", "LIGHT"):
                head = child
            else:
                modifiers.append(child)
        return head, modifiers, adverbs

    def _set(self, said: _Said, slot: str, value: Any, node: Node) -> None:
        if said.slots.get(slot, value) != value:
            raise self.refuse("contradiction", node, f"another {slot} was said before it")
        said.slots[slot] = value

    def _read(self, node: Node, said: _Said, memory: Memory) -> None:
        if isinstance(node, Token):
            self._read_token(node, said, memory)
        elif node.data == "direction":
            said.directions += [token.update("DIRECTION") for token in tokens(node)]
        elif node.data == "sided":
            said.sided = list(tokens(node))[-1]
        elif node.data == "speed":
            values = {token.type: float(token.value) for token in tokens(node) if token.type != "PER_SECOND"}
            self._amount(said, "speed", values["NUMBER"] * values["LENGTH"], node)
        elif node.data == "place":
            self._object(node, self._place(node, memory), said)
            said.to_object = True
        else:
            self._read_phrase(node, said, memory)

    def _read_token(self, token: Token, said: _Said, memory: Memory) -> None:
        if token.type == "DIRECTION":
            said.directions.append(token)
        elif token.type in ("SPEED", "COUNT"):
            self._set(said, token.type.lower(), token.value, token)
        elif token.type == "PRE_LIMB":
            said.limb, side = token.value  # type: ignore[misc]
            self._set(said, "side", side, token)
            memory.limb = token.value
        elif token.type == "BARE_NUMBER":
            self._amount(said, "angle", float(token.value), token)
            said.flags["BARE_NUMBER"] = token
        elif token.type == "LOCATION":
            target = said.slots.get("object2") or said.slots.get("object")
            if target is None:
                said.directions.append(
                    Token("DIRECTION", _LOCATION_DIRECTION[token.value], token.start_pos, end_pos=token.end_pos)
                )
            else:
                key = "object2" if "object2" in said.slots else "object"
                said.slots[key] = self._located(target, token)
        else:
            said.flags[token.type] = token

    def _located(self, ref: ObjectRef, token: Token) -> ObjectRef:
        """Place the thing that was named last: "the ball next to the box on your left"."""
        for name in ("object2", "object"):
            inner = getattr(ref, name)
            if inner is not None:
                located = self._located(inner, token)
                return replace(ref, object2=located) if name == "object2" else replace(ref, object=located)
        if ref.location not in (None, token.value):
            raise self.refuse("contradiction", token, f"the {ref.type} was placed elsewhere before")
        return replace(ref, location=token.value)

    # -- phrases --------------------------------------------------------------------------------------------------

    def _read_phrase(self, node: Tree[Token], said: _Said, memory: Memory) -> None:
        first, thing = node.children[0], node.children[-1]
        if (
            said.verb == "turn" and self.words(first) == "around"
        ):  # "turn around 180 degrees": it is the way, not "about"
            said.directions.append(Token("DIRECTION", "around", first.start_pos, end_pos=first.end_pos))  # type: ignore[union-attr]
        preposition = first.type if isinstance(first, Token) and thing is not first else ""
        if isinstance(thing, Tree) and thing.data == "place":
            self._object(node, self._place(thing, memory), said)
            said.to_object = True
            return
        head = self._head(thing)
        takes_limb = not preposition and said.verb in ("raise_arm", "lower_arm", "put_next", "wave", "")
        if head.type == "IT" and memory.limb is not None and (takes_limb or memory.object is None):
            said.limb, side = memory.limb
            if side is not None:
                self._set(said, "side", side, node)
            return
        if head.type in ("NOUN", "IT", "START"):
            if preposition == "BY" and self.words(thing) in ("me", "us"):
                self.notes += tokens(node)  # "open the door for me"
                return
            if preposition in ("BY", "WITH"):
                raise self.refuse("unsupported_skill", node, "I cannot use an object this way")
            said.to_object = said.to_object or preposition == "TO"
            said.unspoken = said.unspoken or not preposition
            self._object(node, self._thing(thing, memory), said)
            return
        assert isinstance(thing, Tree)
        self._measure(thing, head, said, memory)

    def _head(self, thing: Node) -> Token:
        if isinstance(thing, Token):
            return thing
        if thing.data == "placed":
            return self._head(thing.children[0])
        if thing.data in ("thing", "related"):
            return self._head(thing.children[0 if thing.data == "thing" else -1])
        return next(
            t for child in thing.children if isinstance(child, Tree) and child.data == "head" for t in tokens(child)
        )

    def _object(self, node: Node, ref: ObjectRef, said: _Said) -> None:
        if "object" not in said.slots:
            said.slots["object"] = ref
        elif "object2" not in said.slots:
            said.slots["object2"] = ref
            said.flags["object2"] = next(tokens(node))
        else:
            raise self.refuse("nonsense", node, "one object too many")

    def _thing(self, thing: Node, memory: Memory) -> ObjectRef:
        if isinstance(thing, Token):
            if thing.type == "START":
                return ObjectRef(START, span=span(thing))
            if memory.object is None:
                raise self.refuse(
                    "ambiguous_object", thing, "no object was named before", "Name it, such as the red ball"
                )
            return replace(memory.object, span=span(thing))
        if thing.data in ("thing", "related"):  # English names the thing first, Mandarin last
            place = 0 if thing.data == "thing" else -1
            rest = thing.children[1].children if thing.data == "thing" else thing.children[:-1]  # type: ignore[union-attr]
            others = self._others(rest, memory)
            return self._related(self._thing(thing.children[place], memory), rest, others, memory)
        if thing.data == "placed":
            ref = self._located(self._thing(thing.children[0], memory), next(tokens(thing.children[1])))
        else:
            ref = self._named(thing, memory)
        memory.object, memory.limb = ref, None
        return ref

    def _named(self, node: Tree[Token], memory: Memory) -> ObjectRef:
        values: dict[str, Any] = {}
        for token in tokens(node):
            kind = {"COLOR": "color", "SIZE": "size", "SIDE": "location", "NOUN": "type"}.get(token.type)
            if token.type in ("NEAREST", "ORDINAL"):
                values["rank"] = token.value if token.type == "ORDINAL" else values.get("rank", token.value)
            elif token.type in ("VAGUE", "BOTH") or (token.type == "NUMBER" and token.value != 1):
                raise self.refuse("unsupported_skill", node, "I go to one thing at a time", "Name them one by one")
            elif token.type == "A":
                values["definite"] = False
            elif token.type in ("SPEED_ADJECTIVE", "HALF_MORE"):
                raise self.refuse("nonsense", token, "this says nothing of an object")
            elif kind is not None:
                if kind in values:
                    raise self.refuse("contradiction", token, f"another {kind} was said before it")
                values[kind] = token.value
        if "type" not in values:
            raise self.refuse("nonsense", node, "this is no object", "Name one, such as the red ball")
        if values["type"] == THING and memory.object is not None and "one" in self.words(node).split():
            values["type"] = memory.object.type
        return ObjectRef(**values, span=span(node))

    def _others(self, nodes: list[Node], memory: Memory) -> list[ObjectRef]:
        kept = memory.object
        others = [
            self._thing(node, memory) for node in nodes if not isinstance(node, Token) or node.type in ("IT", "START")
        ]
        memory.object = kept
        return others

    def _related(self, base: ObjectRef, nodes: list[Node], others: list[ObjectRef], memory: Memory) -> ObjectRef:
        words = [node for node in nodes if isinstance(node, Token) and node.type.startswith(("RELATION", "BETWEEN"))]
        name = "between" if words[0].type.startswith("BETWEEN") else str(words[0].value)
        ref = replace(base, relation=name, object=others[0], object2=others[1] if len(others) > 1 else None)
        if base.type != PLACE:
            memory.object = ref
        return ref

    def _place(self, node: Tree[Token], memory: Memory) -> ObjectRef:
        others = self._others(node.children, memory)
        made = self._related(ObjectRef(PLACE, span=span(node)), node.children, others, memory)
        if made.relation == "next_to" and made.object is not None:
            memory.object = made.object
            return made.object
        return made

    # -- amounts --------------------------------------------------------------------------------------------------

    def _measure(self, named: Tree[Token], head: Token, said: _Said, memory: Memory) -> None:
        found: dict[str, Token] = {}
        for token in tokens(named):
            found.setdefault(token.type, token)
        for kind in ("COLOR", "NEAREST", "ORDINAL"):
            if kind in found:
                raise self.refuse("nonsense", named, f"{self.words(found[kind])!r} says nothing here")
        if head.type == "LIMB":
            self._limb(named, head, found, said)
            memory.limb = (str(head.value), said.slots.get("side"))
            return
        if "SIDE" in found:
            said.directions.append(found["SIDE"])
        if "SPEED_ADJECTIVE" in found:
            self._set(said, "speed", found["SPEED_ADJECTIVE"].value, named)
        if "SIZE" in found:
            self.notes.append(found["SIZE"])
        number = float(found["NUMBER"].value) if "NUMBER" in found else None
        if number is None and "BOTH" in found:
            number = 2.0
        if "HALF_MORE" in found:
            number = (1.0 if number is None else number) + float(found["HALF_MORE"].value)
        vague = "VAGUE" in found
        getattr(self, f"_{head.type.lower()}")(
            named,
            head,
            None if vague else number,
            vague or not found.keys() & {"A", "NUMBER", "BOTH", "HALF_MORE", "THE"},
            said,
        )

    def _limb(self, named: Tree[Token], head: Token, found: Mapping[str, Token], said: _Said) -> None:
        said.limb = str(head.value)
        plural = self.words(head).split()[0] in ("hands", "arms", "fists", "feet", "legs")
        if "SIDE" in found:
            self._set(said, "side", found["SIDE"].value, named)
        elif plural or "BOTH" in found:
            self._set(said, "side", "both", named)
        said.flags["LIMB"] = head

    def _amount(self, said: _Said, slot: str, value: float, node: Node) -> None:
        most, unit = LIMITS[slot]
        if not 0 < value <= most:
            raise self.refuse("impossible_amount", node, f"needs more than 0 and at most {most:,.0f} {unit}")
        self._set(said, slot, round(value, 6), node)

    def _whole(self, value: float, node: Node) -> int:
        if not 0 < value <= _MOST or value != math.floor(value):
            raise self.refuse("impossible_amount", node, f"needs a whole number from 1 to {_MOST}")
        return int(value)

    def _length(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: _Said) -> None:
        if number is None and loose:
            if not any(token.type == "VAGUE" for token in tokens(named)):
                raise self.refuse("nonsense", named, "how many?", "Say a number, such as 2 metres")
            self.notes.append(head)
            return
        self._amount(said, "distance", (1.0 if number is None else number) * float(head.value), named)  # type: ignore[arg-type]

    def _speed_unit(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: _Said) -> None:
        self._amount(said, "speed", (1.0 if number is None else number) * float(head.value), named)  # type: ignore[arg-type]

    def _degrees(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: _Said) -> None:
        self._amount(said, "angle", (1.0 if number is None else number) * float(head.value), named)  # type: ignore[arg-type]

    def _turn(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: _Said) -> None:
        angle = (1.0 if number is None else number) * round(float(head.value), 3)  # type: ignore[arg-type]
        if any(token.type == "VAGUE" for token in tokens(named)):
            self.notes.append(head)
            return
        said.flags["TURN"] = head
        if not (number is None and self.words(head) in ("turn", "turns")):
            self._amount(said, "angle", angle, named)

    def _seconds(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: _Said) -> None:
        if number is None and loose:
            self.notes.append(head)
            return
        self._amount(said, "duration", (1.0 if number is None else number) * float(head.value), named)  # type: ignore[arg-type]

    def _steps(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: _Said) -> None:
        said.flags["STEPS"] = head
        if number is None and loose:
            return
        self._set(said, "steps", self._whole(1.0 if number is None else number, named), named)

    def _times(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: _Said) -> None:
        if number is None:
            self.notes.append(head)
            return
        self._set(said, "count", self._whole(number, named), named)

    def _action(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: _Said) -> None:
        said.action = str(head.value)
        if number is not None:
            self._set(said, "count", self._whole(number, named), named)

    # -- the step -------------------------------------------------------------------------------------------------

    def _light_verb(self, said: _Said, anchor: Node, node: Node) -> str:
        if said.action:
            return said.action
        if said.limb == "head" and self.words(anchor) == "点":
            return "nod"
        if "STEPS" in said.flags:
            return "step"
        if ("object" in said.slots or "SOMETHING" in said.flags) and self.words(anchor)[:2] in ("ta", "to", "ge", "go"):
            return "pickup"
        if (
            "object" not in said.slots
            and said.limb is None
            and ("TURN" in said.flags or "angle" in said.slots or said.directions)
        ):
            return "turn"
        raise self.refuse("unsupported_skill", node, "I do not know this action")

    def _finish(self, verb: str, said: _Said, anchor: Node, node: Tree[Token], memory: Memory) -> list[Step]:
        if said.action is not None and said.action != verb:
            raise self.refuse("nonsense", node, f"{verb.replace('_', ' ')!r} does not go with {said.action!r}")
        ref = said.slots.get("object")
        spoken = self._text[slice(*ref.span)].lower() if ref is not None and ref.span is not None else ""
        if verb in ("wave", "bow", "nod") and spoken in ("me", "us", "我"):
            del said.slots["object"]  # whoever speaks is no thing of the scene
        verb = self._verb(verb, said, anchor)
        words = self._verbs[verb]
        self._check_limb(words, said, anchor, memory)
        self._check_flags(verb, said, node)
        turned = self._direction(verb, said, node)
        for slot in said.slots if self._scan else ():
            if slot not in ("direction", "count"):
                raise self.refuse("unsupported_skill", node, f"SCAN has no symbol for a {slot}")
        for slot in said.slots:
            if slot not in (*words.slots, "count", "duration", "speed"):
                known = ", ".join(words.slots) or "nothing more"
                raise self.refuse("nonsense", node, f"{verb.replace('_', ' ')!r} takes no {slot}", f"It takes: {known}")
        step = Step(verb, **{FIELDS.get(slot, slot): value for slot, value in said.slots.items()}, span=span(node))
        if not self._scan:
            self._complete(step, node, "SOMETHING" in said.flags)
        memory.step = step
        return self._unfold(step, turned, node)

    def _verb(self, verb: str, said: _Said, anchor: Node) -> str:
        words, has_object = self._verbs[verb], "object" in said.slots
        phrase = self.words(anchor)
        if verb == "turn" and said.limb == "head":
            said.limb, verb = None, "look"
        elif verb == "put_next" and said.limb == "arm" and not has_object:
            up = said.flags.get("UP")
            down = any(
                word in self.words(node)
                for node in (up, said.flags.get("LIMB"))
                if node is not None
                for word in ("down", "side")
            )
            verb = "lower_arm" if down else "raise_arm"
        elif has_object and words.with_object is not None:
            if verb in _NEEDS_TO and not said.to_object and said.unspoken:
                raise self.refuse(
                    "unsupported_skill", anchor, f"I cannot {phrase} a thing", "Do you mean 'go to' or 'push'?"
                )
            verb = words.with_object
        elif (
            has_object
            and verb in _NEEDS_TO
            and not said.to_object
            and phrase.split()[0][:3] != "fac"
            and "to face" not in phrase
            and phrase < "\u3400"  # Mandarin verbs take their objects as they are
        ):
            raise self.refuse("unsupported_skill", anchor, f"I cannot {phrase} a thing", "Do you mean 'turn to' it?")
        elif (
            words.needs_limb
            and said.limb is None
            and not has_object
            and said.directions
            and self.words(said.directions[0]).startswith(("your", "the", "his", "her", "their"))
        ):
            said.limb = "arm"
        if verb == "lower_arm" and has_object:
            raise self.refuse(
                "unsupported_skill",
                anchor,
                "I cannot put a thing down",
                "Say next to what: put the ball next to the box",
            )
        if self._verbs[verb].verb == "go_to" and not has_object:
            if not any(word in phrase for word in ("back", "return", "home", "回")):
                raise self.refuse("nonsense", anchor, "to what?", "Name an object, such as the red ball")
            said.slots["object"] = ObjectRef(START, span=span(anchor))
        return verb

    def _check_limb(self, words: VerbWords, said: _Said, anchor: Node, memory: Memory) -> None:
        if words.needs_limb and said.limb is None and memory.limb is not None:
            said.limb, side = memory.limb  # "raise your left arm, then lower it", "举起左手，再放下"
            if side is not None and "side" not in said.slots:
                said.slots["side"] = side
        if words.needs_limb and said.limb is None:
            raise self.refuse("nonsense", anchor, "what?", "Say it with a hand or an arm: raise your left arm")
        if said.limb == "leg" and "side" not in said.slots and not said.directions:
            raise self.refuse("unsupported_skill", said.flags.get("LIMB", anchor), "which one?", "Say left or right")
        if said.limb is not None and said.limb != words.limb:
            limb = said.flags.get("LIMB", anchor)
            raise self.refuse(
                "unsupported_skill", limb, f"I cannot {words.verb.replace('_', ' ')} with the {said.limb}"
            )
        if said.sided is not None:
            if words.limb is None or "side" not in words.slots or said.sided.value not in ("left", "right"):
                raise self.refuse("nonsense", said.sided, "with what?", "Name the hand or the foot")
            said.limb = words.limb
            self._set(said, "side", said.sided.value, said.sided)
        if words.limb and "side" in words.slots and "direction" not in words.slots:
            for token in said.directions[:1]:
                if token.value in ("left", "right"):
                    self._set(said, "side", token.value, token)
                    said.directions.remove(token)

    def _check_flags(self, verb: str, said: _Said, node: Tree[Token]) -> None:
        if "IN_PLACE" in said.flags and verb in _MOVES:
            raise self.refuse("unsupported_skill", said.flags["IN_PLACE"], "I cannot walk without moving on")
        if "UP" in said.flags and verb not in _UP:
            raise self.refuse("unsupported_skill", said.flags["UP"], f"I cannot {verb.replace('_', ' ')} that way")
        if "BARE_NUMBER" in said.flags and verb != "turn":
            raise self.refuse(
                "nonsense", said.flags["BARE_NUMBER"], "of what?", "Add a unit: metres, steps, seconds or times"
            )
        if "TURN" in said.flags and verb not in ("turn", "look"):
            raise self.refuse("unsupported_skill", said.flags["TURN"], "I cannot move along a curve")
        for kind in ("IN_PLACE", "UP"):
            if kind in said.flags:
                self.notes.append(said.flags[kind])
        if "STEPS" in said.flags and verb in ("walk", "run", "step"):
            self.notes.append(said.flags["STEPS"])
        elif "STEPS" in said.flags:
            raise self.refuse("nonsense", said.flags["STEPS"], f"{verb.replace('_', ' ')!r} takes no steps")

    def _direction(self, verb: str, said: _Said, node: Tree[Token]) -> tuple[str, str] | None:
        """Set the direction; returns ("opposite" or "around", side) where SCAN's compound is said."""
        sides = {str(token.value) for token in said.directions if token.value in ("left", "right")}
        others = [token for token in said.directions if token.value not in ("left", "right")]
        around = any(token.value == "around" for token in others)
        if len(sides) == 1 and ("OPPOSITE" in said.flags or (around and all(t.value == "around" for t in others))):
            return ("opposite" if "OPPOSITE" in said.flags else "around", sides.pop())
        if "OPPOSITE" in said.flags:
            raise self.refuse("nonsense", said.flags["OPPOSITE"], "opposite of what?")
        found = list(dict.fromkeys(str(token.value) for token in said.directions))
        if verb == "turn":
            found = ["around" if value == "backward" else value for value in found]
            found = list(dict.fromkeys(found))
            if "forward" in found:
                raise self.refuse(
                    "contradiction", node, "a turn goes left, right or around", "Do you mean 'walk forward'?"
                )
        if "object" in said.slots and verb not in ("push", "kick", "put_next"):
            self._place_object(found, said)
        if len(found) > 1:
            raise self.refuse(
                "contradiction", said.directions[-1], f"another direction was said before it ({found[0]})"
            )
        if found:
            self._set(said, "direction", found[0], said.directions[-1])
        return None

    def _place_object(self, found: list[str], said: _Said) -> None:
        """ "walk forward to", "go back to" say nothing more; "go to the ball to the left" places the ball."""
        for token in said.directions:
            if token.value == "forward" or self.words(token) in ("back", "around", "over"):
                self.notes.append(token)
                found.remove(str(token.value)) if token.value in found else None
            elif (
                token.value in ("left", "right")
                and said.slots["object"].location is None
                and (token.start_pos or 0) > (said.slots["object"].span or (0, 0))[0]
            ):
                said.slots["object"] = replace(said.slots["object"], location=token.value)
                found.remove(str(token.value)) if token.value in found else None

    def _complete(self, step: Step, node: Tree[Token], said_something: bool) -> None:
        missing = {
            "put_next": ("object2", "next to what?"),
            "pickup": ("object", "what?"),
            "open": ("object", "what?"),
            "follow": ("object", "what?"),
            "push": ("object", "what?"),
            "reach": ("object", "for what?"),
        }.get(step.verb)
        if (
            step.verb == "put_next"
            and step.object is not None
            and step.object2 is None
            and step.object.relation == "next_to"
        ):
            return
        if step.verb == "reach" and step.side is not None:
            return
        if missing is not None and not said_something and getattr(step, missing[0]) is None and step.direction is None:
            raise self.refuse("nonsense", node, missing[1], "Name an object, such as the red ball")

    # -- compounds ------------------------------------------------------------------------------------------------

    def _unfold(self, step: Step, turned: tuple[str, str] | None, node: Tree[Token]) -> list[Step]:
        ref = step.object
        if step.verb == "put_next" and step.object2 is None and ref is not None and ref.relation == "next_to":
            step = replace(step, object=replace(ref, relation=None, object=None), object2=ref.object)
        if self._scan:
            if step.verb == "turn" and turned is None and step.direction is None:
                raise self.refuse("unsupported_skill", node, "SCAN's turns are left or right")
            return self._scan_steps(step, turned) * (step.count or 1)
        if turned is None:
            return [step]
        kind, side = turned
        if step.verb == "turn":
            return [replace(step, direction=side, angle_deg=step.angle_deg or 180.0)]
        angle = 180.0 if kind == "opposite" else None
        pair = [Step("turn", side, angle, span=step.span), replace(step, direction=None, count=None)]
        return pair * (4 if kind == "around" else 1) * (step.count or 1)

    def _scan_steps(self, step: Step, turned: tuple[str, str] | None) -> list[Step]:
        """SCAN's reading: a direction is a turn before the action (Lake and Baroni 2018, figure 7)."""
        plain = [Step(step.verb)] if step.verb != "turn" else []
        kind, side = turned or ("once", step.direction)
        if side is None:
            return plain
        turn = [Step("turn", side)]
        if kind == "around":
            return (turn + plain) * 4
        return turn * (2 if kind == "opposite" else 1) + plain
