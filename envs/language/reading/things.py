"""Things: noun phrases to ObjectRefs, with their relations to other things."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lark import Token, Tree

from simonsays.envs.language.instruction import PLACE, START, THING, ObjectRef
from simonsays.envs.language.reading.source import Memory, Node, Source, span, tokens

_RELATIONS = ("RELATION", "RELATION_DE", "BETWEEN", "BETWEEN_DE")


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
                raise self.refuse(
                    "ambiguous_object", thing, "no object was named before", "Name it, such as the red ball"
                )
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
                raise self.refuse("ambiguous_object", node, "which one?", "Say its colour or where it is")
            elif token.type == "A":
                values["definite"] = False
            elif token.type in ("SPEED_ADJECTIVE", "HALF_MORE", "WAY"):
                raise self.refuse("nonsense", token, "this says nothing of an object")
            elif token.value == "other":
                raise self.refuse("unsupported_skill", token, "I cannot tell which other one", "Name it")
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

    def place(self, node: Tree[Token], memory: Memory) -> ObjectRef:
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
