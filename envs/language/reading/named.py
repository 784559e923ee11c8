"""What is named: things with their relations as ObjectRefs; amounts and limbs, as "both hands"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lark import Token, Tree

from simonsays.envs.language.instruction import PLACE, START, THING, ObjectRef
from simonsays.envs.language.reading.source import WAYS, Memory, Node, Said, Source, span, tokens
from simonsays.envs.language.reading.ways import OTHER_SIDE, WayReader

_UNITS = {"LENGTH": "distance", "SPEED_UNIT": "speed", "DEGREES": "angle", "SECONDS": "duration"}
_SEVERAL = 3.0  # as a few
_ASKED = {
    "LENGTH": ("how many?", "Say a number, such as 2 metres"),
    "TIMES": ("how often?", "Say a number, such as 2 times"),
    "SIGN": ("how often?", "Say a number, such as 2 times"),
}
"""what is asked where no number is said"""


class AmountReader(WayReader):
    """Reads the amounts of one text."""

    def measure(self, named: Tree[Token], head: Token, said: Said, memory: Memory) -> None:
        found: dict[str, Token] = {}
        for token in tokens(named):
            found.setdefault(token.type, token)
        for kind in ("COLOR", "NEAREST", "ORDINAL"):
            if kind in found:
                raise self.refuse("nonsense", named, f"{self.words(found[kind])!r} says nothing here")
        if head.type == "LIMB":
            self._limb(named, head, found, said, memory)
            memory.limb = (str(head.value), said.slots.get("side"))
            return
        if "SIDE" in found and head.type in ("ACTION", "DEED") and "side" in self.verbs[str(head.value)].slots:
            self.set(said, "side", found["SIDE"].value, named)
        elif "SIDE" in found:
            side = found["SIDE"]
            said.directions.append(side.update("DIRECTION", WAYS.get(str(side.value), side.value)))
        if "WAY" in found:
            said.directions.append(found["WAY"].update("DIRECTION"))  # "two forward jumps"
        for token in tokens(named):
            if token.type == "MANNER_ADJECTIVE" and token.value is None:
                self.notes.append(token)  # "a tight turn"
            elif token.type == "MANNER_ADJECTIVE":
                self.manner(said, token)
        self.notes += [token for token in tokens(named) if token.type == "SIZE"]
        self._quantity(named, head, found, said)

    def _quantity(self, named: Tree[Token], head: Token, found: Mapping[str, Token], said: Said) -> None:
        """How much, how far, how fast or how often."""
        number, kind = float(found["NUMBER"].value) if "NUMBER" in found else None, head.type
        if number is None and "BOTH" in found:
            number = 2.0
        if "HALF_MORE" in found:
            number = (1.0 if number is None else number) + float(found["HALF_MORE"].value)
        if "VAGUE" in found and (few := found["VAGUE"].value) is not None:
            number, said.slots["approx"] = float(few), True
        elif "VAGUE" in found:
            number = None
        elif (
            number is None and kind in ("STEPS", "TIMES", "LENGTH", "SECONDS") and self.says("several", found.get("A"))
        ):
            number, said.slots["approx"] = _SEVERAL, True
        unsaid = number is None and ("VAGUE" in found or not found.keys() & {"A", "NUMBER", "BOTH", "HALF_MORE", "THE"})
        if unsaid and kind in _ASKED and "VAGUE" not in found:
            raise self.refuse("nonsense", named, *_ASKED[kind])
        if kind in ("DEED", "ACTION"):
            said.action = str(head.value)
            if self.says("mimes", head):
                said.flags["SOMETHING"] = head  # "a throwing motion" needs no thing
        if kind == "TURN":
            self._turn(named, head, number, found, said)
        elif kind == "SHAPE" and said.slots.get("path", head.value) != head.value and self.says("rounds", head):
            self.set(said, "count", self.whole(1.0 if number is None else number, named), named)  # of an eight
            self.notes.append(head)
        elif kind == "SHAPE":
            self.set(said, "path", head.value, head)
            if number is not None:
                self._rounds(named, number, found, said)
        elif kind == "STEPS":
            said.flags["STEPS"], said.stepped = head, named
            if not unsaid:
                self.set(said, "steps", self.whole(1.0 if number is None else number, named), named)
        elif kind in _UNITS and not (unsaid and kind in ("LENGTH", "SECONDS")):
            amount = (1.0 if number is None else number) * float(head.value)  # type: ignore[arg-type]
            self.amount(said, _UNITS[kind], amount, named)
        elif number is not None:
            self.set(said, "count", self.whole(number, named), named)
        elif kind not in ("DEED", "ACTION"):
            self.notes.append(head)

    def _limb(self, named: Tree[Token], head: Token, found: Mapping[str, Token], said: Said, memory: Memory) -> None:
        said.limb = str(head.value)
        plural = self.says("pair", head)
        number = found["NUMBER"].value if "NUMBER" in found else 1
        if "BOTH" in found and self.says("two", found["BOTH"]):
            number = 2
        counted = "NUMBER" in found or ("BOTH" in found and number == 2)
        if head.value == "leg" and counted and said.verb == "kick":
            self.set(said, "count", self.whole(float(number), named), named)  # kicks are counted in feet
            said.limb = None
            return
        if number not in (1, 2) or "VAGUE" in found:
            raise self.refuse("impossible_amount", named, "there are two of them")
        if "OTHER" in found:
            self.set(said, "side", self.other_side(named, memory), named)
        elif "SIDE" in found:
            self.set(said, "side", found["SIDE"].value, named)
        elif plural or "BOTH" in found or number == 2:
            self.set(said, "side", "both", named)
        start, end = span(named)
        said.flags["LIMB"] = Token("LIMB", head.value, start, end_pos=end)

    def other_side(self, node: Node, memory: Memory) -> str:
        """ "The other hand": not the one that was said before."""
        sides = (memory.step and memory.step.side, memory.limb and memory.limb[1])
        before = next((side for side in sides if side in OTHER_SIDE), None)
        if before is None:
            raise self.refuse("ambiguous_object", node, "which one was the first?", "Say left or right")
        return OTHER_SIDE[before]

    def _rounds(self, named: Tree[Token], number: float, found: Mapping[str, Token], said: Said) -> None:
        """How much of a way: "a 90 degree curve", "half a lap", "two figures of eight"."""
        if "DEGREED" in found:
            self.amount(said, "angle", number, named)
        elif number < 1.0 and found.keys() & {"NUMBER", "HALF_MORE"}:
            self.amount(said, "angle", round(number * 360.0, 3), named)
        elif number != 1.0:
            self.set(said, "count", self.whole(number, named), named)

    def _turn(
        self, named: Tree[Token], head: Token, number: float | None, found: Mapping[str, Token], said: Said
    ) -> None:
        if "VAGUE" in found and number is None:
            self.notes.append(head)
            return
        said.flags["TURN"] = head
        if number is not None and "DEGREED" in found:
            self.amount(said, "angle", number, named)  # "a 90 degree left turn"
        elif not (number is None and self.says("turn", head)):
            angle = (1.0 if number is None else number) * round(float(head.value), 3)  # type: ignore[arg-type]
            self.amount(said, "angle", angle, named)


_LOCATIONS = {way: place for place, way in WAYS.items()}
_RELATIONS = ("RELATION", "RELATION_DE", "BETWEEN", "BETWEEN_DE", "ON")


class ThingReader(Source):
    """Reads the things of one text."""

    def head(self, thing: Node) -> Token:
        if isinstance(thing, Token):
            return thing
        if thing.data == "placed":
            return self.head(thing.children[0])
        if thing.data in ("thing", "related"):
            return self.head(thing.children[0 if thing.data == "thing" else -1])
        return next(
            t for child in thing.children if isinstance(child, Tree) and child.data == "head" for t in tokens(child)
        )

    def thing(self, thing: Node, memory: Memory) -> ObjectRef:
        if isinstance(thing, Token):
            if thing.type == "START":
                return ObjectRef(START, span=span(thing))
            if memory.object is None:
                message = "no object was named before"
                raise self.refuse("ambiguous_object", thing, message, "Name it, such as the red ball")
            return replace(memory.object, span=span(thing))
        if thing.data in ("thing", "related"):  # some languages name the thing first, some last
            place = 0 if thing.data == "thing" else -1
            rest = thing.children[1].children if thing.data == "thing" else thing.children[:-1]  # type: ignore[union-attr]
            others = self._others(rest, memory)
            return self._related(self.thing(thing.children[place], memory), rest, others, memory)
        if thing.data == "placed":
            ref = self.located(self.thing(thing.children[0], memory), next(tokens(thing.children[1])))
        else:
            ref = self._named(thing, memory)
            if memory.introduced is not None and ref == ObjectRef(memory.introduced.type, span=ref.span):
                ref = replace(memory.introduced, span=ref.span)
        memory.object, memory.limb = ref, None
        return ref

    def _named(self, node: Tree[Token], memory: Memory) -> ObjectRef:
        values: dict[str, Any] = {}
        for token in tokens(node):
            kind = {"COLOR": "color", "SIZE": "size", "SIDE": "location", "NOUN": "type", "ONE": "type"}.get(token.type)
            if token.type in ("NEAREST", "ORDINAL"):
                values["rank"] = token.value if token.type == "ORDINAL" else values.get("rank", token.value)
            elif token.type == "BOTH" and self.says("singular", node):
                self.notes.append(token)  # "both the box and the ball"
            elif token.type in ("VAGUE", "BOTH") or (token.type == "NUMBER" and token.value != 1):
                raise self.refuse("unsupported_skill", node, "I go to one thing at a time", "Name them one by one")
            elif token.type == "OTHER":
                return self._other(node, memory)
            elif token.type == "A":
                values["definite"] = False
            elif token.type == "MANNER_ADJECTIVE" and token.value is None:
                self.notes.append(token)  # "the shiny ball"
            elif token.type in ("MANNER_ADJECTIVE", "HALF_MORE", "WAY"):
                raise self.refuse("nonsense", token, "this says nothing of an object")
            elif token.value == "other":
                return self._other(node, memory)
            elif token.type == "ONE":
                values["type"] = self._one(node, memory)
            elif kind is not None:
                if kind in values:
                    raise self.refuse("contradiction", token, f"another {kind} was said before it")
                values[kind] = token.value
        if "type" not in values:
            raise self.refuse("nonsense", node, "this is no object", "Name one, such as the red ball")
        if values["type"] == THING and memory.object is not None and self.says("names_one", node):
            values["type"] = memory.object.type
        return ObjectRef(**values, span=span(node))

    def _other(self, node: Tree[Token], memory: Memory) -> ObjectRef:
        """ "The other one", "the other ball": not the one that was spoken of."""
        kind = next((str(t.value) for t in tokens(node) if t.type == "NOUN" and t.value != THING), None)
        others = self.context.others(memory.object, kind) if memory.object is not None else ()
        if len(others) != 1:
            raise self.refuse("ambiguous_object", node, "which one?", "Say its colour or where it is")
        return replace(others[0], span=span(node))

    def _one(self, node: Tree[Token], memory: Memory) -> str:
        """The type of a "one" that no noun says: that of what was named before, or any."""
        kinds = {token.type for token in tokens(node)}
        if memory.object is not None:
            return memory.object.type
        if not kinds & {"COLOR", "SIZE", "SIDE", "NEAREST", "ORDINAL"} or not (
            "THE" in kinds or self.says("that_one", self.head(node))
        ):
            raise self.refuse("ambiguous_object", node, "no object was named before", "Name it")
        return THING

    def _others(self, nodes: list[Node], memory: Memory) -> list[ObjectRef]:
        kept = memory.object
        others = [
            self.thing(node, memory) for node in nodes if not isinstance(node, Token) or node.type in ("IT", "START")
        ]
        memory.object = kept
        return others

    def _related(self, base: ObjectRef, nodes: list[Node], others: list[ObjectRef], memory: Memory) -> ObjectRef:
        words = [node for node in nodes if isinstance(node, Token) and node.type in _RELATIONS]
        name = "between" if words[0].type in ("BETWEEN", "BETWEEN_DE") else str(words[0].value)
        ref = replace(base, relation=name, object=others[0], object2=others[1] if len(others) > 1 else None)
        if base.type != PLACE:
            memory.object = ref
        return ref

    def related_to(self, ref: ObjectRef, node: Tree[Token], memory: Memory) -> ObjectRef:
        """A thing at a place: "a ball" and "in front of the box" are the ball in front of the box."""
        return self._related(ref, node.children, self._others(node.children, memory), memory)

    def pair(self, node: Tree[Token], memory: Memory) -> ObjectRef:
        """ "Between the two pillars": between the nearest of them and the next."""
        thing = node.children[-1]
        found = {token.type: token for token in tokens(thing)}
        alone = isinstance(thing, Token) or thing.data != "named"
        if alone or self.says("singular", self.head(thing)) or ("NUMBER" in found and found["NUMBER"].value == 1):
            raise self.refuse("nonsense", node, "between what?", "Name the other thing")
        if "VAGUE" in found or ("NUMBER" in found and found["NUMBER"].value != 2):
            raise self.refuse("unsupported_skill", node, "I go between two things")
        plain = [child for child in thing.children if not {"NUMBER", "BOTH"} & {one.type for one in tokens(child)}]  # type: ignore[union-attr]
        ref = self._named(Tree("named", plain), memory)
        one, other = (replace(ref, rank=rank, definite=True, span=span(thing)) for rank in (1, 2))
        return ObjectRef(PLACE, relation="between", object=one, object2=other, span=span(node))

    def place(self, node: Tree[Token], memory: Memory) -> ObjectRef:
        things: list[Node] = [child for child in node.children if not isinstance(child, Token)]
        if len(things) == 1 and any(isinstance(one, Token) and one.type == "BETWEEN" for one in node.children):
            return self.pair(Tree(node.data, things), memory)
        others = self._others(node.children, memory)
        made = self._related(ObjectRef(PLACE, span=span(node)), node.children, others, memory)
        if made.relation != "between":
            memory.object = made.object  # "go behind the box and push it"
        if made.relation == "next_to" and made.object is not None:
            return made.object
        return made

    def located(self, ref: ObjectRef, token: Token) -> ObjectRef:
        """Place the thing that was named last: "the ball next to the box on your left"."""
        for name in ("object2", "object"):
            inner = getattr(ref, name)
            if inner is not None:
                located = self.located(inner, token)
                return replace(ref, object2=located) if name == "object2" else replace(ref, object=located)
        if token.value in ("nearest", "farthest"):
            if ref.rank not in (None, token.value):
                raise self.refuse("contradiction", token, f"another rank of the {ref.type} was said before it")
            return replace(ref, rank=token.value)
        if ref.location not in (None, token.value):
            raise self.refuse("contradiction", token, f"the {ref.type} was placed elsewhere before")
        return replace(ref, location=token.value)

    def exists(self, node: Tree[Token], memory: Memory) -> None:
        """Remember what is said to be somewhere: "there is a ball before the box"."""
        at = next(i for i, child in enumerate(node.children) if isinstance(child, Token) and child.type == "HAVE")
        have, before, after = node.children[at], list(node.children[:at]), list(node.children[at + 1 :])
        things, places = (before, after) if have.value == "located" else (after, before)  # type: ignore[union-attr]
        quiet = ("SUBJECT", "AUX", "ADVERB", "MEASURE")
        things = [child for child in things if not (isinstance(child, Token) and child.type in quiet)]
        ref = None
        if len(things) == 1 and isinstance(things[0], Tree) and things[0].data == "phrase":
            thing = things[0].children[-1]
            if self.head(thing).type in ("NOUN", "ONE", "IT"):
                ref = self.thing(thing, memory)
        if ref is None:
            raise self.refuse("nonsense", node, "what is there?", "Name a thing, such as the red ball")
        for place in places:
            if isinstance(place, Tree) and place.data == "place":
                ref = self.related_to(ref, place, memory)
            elif isinstance(place, Tree) and place.data == "direction":
                token = next(tokens(place))
                ref = self.located(ref, token.update(value=_LOCATIONS[str(token.value)]))
            elif not (isinstance(place, Token) and place.type in quiet):
                raise self.refuse("nonsense", place, "I do not know this place")
        memory.object = memory.introduced = ref
        self.told.append((node, ref))
        memory.limb = None
