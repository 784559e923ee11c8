"""What a thing says of another: where it lies, from where it is taken, or that it is the one that is meant."""

from __future__ import annotations

from dataclasses import replace

from lark import Token, Tree

from simonsays.envs.language.instruction import PLACE, START, THING, VIEWER, ObjectRef
from simonsays.envs.language.reading.named import ThingReader
from simonsays.envs.language.reading.source import Memory, Node, Said, span, tokens

AROUND_SELF = {"left_of": "left", "right_of": "right", "in_front_of": "front", "behind": "behind"}
"""where a thing is to another, and where it is to oneself"""
MEASURED = ("LENGTH", "STEPS", "SECONDS", "DEGREES", "TIMES")
ONTO = ("on_top_of", "inside", "under")
"""values of words for to where a thing is put, or where it is"""
SURFACES: tuple[str, ...] = (
    "table",
    "desk",
    "shelf",
    "counter",
    "floor",
    "chair",
    "stool",
    "sofa",
    "bed",
    "bench",
    "platform",
    "stage",
)
SURFACES += ("tray", "carpet", "mat", "wall", "stairs", "piano")
"""what things lie on that are taken from it; from others they are taken out"""


class PlaceReader(ThingReader):
    """Reads the places of the things of one text."""

    def _read_unnamed(self, node: Tree[Token], said: Said) -> None:
        """ "Points to something", "walks to something": a thing, if one goes to it."""
        preposition, thing = tokens(node)
        if preposition.type == "TO" and preposition.value in ONTO:
            said.flags["ON"] = preposition
        if preposition.type == "TO" and self.is_a("travels", said.verb):
            said.to_object = True
            self._object(node, ObjectRef(THING, definite=False, span=span(node)), said)
        elif preposition.type == "TO":
            said.flags["SOMETHING"] = thing
        else:
            self.note(node)

    def _from(self, node: Node) -> Token | None:
        """The word that says that a thing is taken from somewhere."""
        first = next(tokens(node), None)
        return first if first is not None and first.type == "TO" and first.value == "from" else None

    def _read_at(self, node: Tree[Token], place: Tree[Token], said: Said, memory: Memory) -> None:
        """A place with what leads there; from between two things one goes through, from another place nothing goes."""
        on = next((token for token in tokens(place) if token.type == "ON"), None)
        if on is not None and (on.value is None or self._from(node) is None):
            raise self.refuse("unsupported_skill", node, "I cannot go on, under or into a thing")
        begins, ref = self._from(node), self.place(place, memory)
        if begins is not None and ref.relation == "between":
            said.flags["THROUGH"] = begins
        elif begins is not None and self.is_a("on_foot", said.verb):
            self._refuse_start(node)
        elif begins is not None:
            self._taken_there(node, ref, said, memory)
            return
        self._object(node, ref, said)
        said.to_object = True

    def _amid_two(self, node: Tree[Token], said: Said) -> bool:
        """Whether one word names two things, between which one goes: "through the two pillars"."""
        kinds = {token.type for token in tokens(node)}
        through = said.slots.get("path") == "through" or next(tokens(node)).value == "through"
        placed = isinstance(node.children[-1], Tree) and node.children[-1].data == "place"
        return "AMID" in kinds or (not placed and through and bool(kinds & {"NUMBER", "BOTH"}))

    def _read_between(self, node: Tree[Token], said: Said, memory: Memory) -> None:
        """ "Between the two pillars"; "between the posts" is through the goal."""
        posts = self.head(node.children[-1]).value == "goal"
        if posts or next(tokens(node)).value == "through":
            said.flags["THROUGH"] = next(tokens(node))
        said.to_object = True
        self._object(node, ObjectRef("goal", span=span(node)) if posts else self.pair(node, memory), said)

    def _beside_self(self, place: Node, memory: Memory) -> Token | None:
        """ "In front of him", where nobody was named: where the robot itself has it."""
        words = {token.type: token for token in tokens(place)}
        if memory.object is not None or words.keys() - {"TO"} != {"RELATION", "IT"}:
            return None
        side = AROUND_SELF.get(str(words["RELATION"].value))
        return None if side is None else words["RELATION"].update("LOCATION", side)

    def _taken_there(self, node: Node, ref: ObjectRef, said: Said, memory: Memory) -> None:
        """Place the thing that was named before: it is taken from there."""
        slot = "object2" if "object2" in said.slots else "object"
        if slot not in said.slots:
            self._refuse_start(node)
        place = ref if ref.type == PLACE else ObjectRef(PLACE, relation="next_to", object=ref)
        at = {name: getattr(place, name) for name in ("relation", "object", "object2")}
        memory.object = said.slots[slot] = replace(said.slots[slot], **at)

    def _refuse_start(self, node: Node) -> bool:
        raise self.refuse("unsupported_skill", node, "I begin where I am, and take things from things alone")

    def _tells_place(self, node: Tree[Token], thing: Node, preposition: Token, said: Said, memory: Memory) -> bool:
        """Whether a thing only says where the one that was named before it is: "the cup on the table"."""
        slot = "object2" if "object2" in said.slots else "object"
        ref, taken = said.slots.get(slot), preposition.value == "from"
        if taken and said.slots.get("path") == "through":
            return False
        if taken and self.is_a("on_foot", said.verb) and "AROUND" not in said.flags:
            self._refuse_start(node)
        if taken and ref is None and self.is_a("up", said.verb):
            self.note(node)  # "get up from the chair"
            return True
        if not taken and (preposition.value not in ONTO or not self.says("lies", preposition)):
            return False
        driven = self.is_a("sets_going", said.verb) and not self.is_a("fetches", said.verb)
        if preposition.value == "under" and driven and not self.is_a("travels", said.verb):
            return False  # "push the chair under the table"
        if ref is None or ref.relation is not None or ref.type in (VIEWER, START, PLACE):
            return self._refuse_start(node) if taken else False
        between = self.text[(ref.span or (0, 0))[1] : preposition.start_pos].strip()
        goal = self.is_a("onto", said.verb) and (said.verb != "carry")
        if not taken and (
            between or (goal and ("ON" not in said.flags or slot == "object2")) or said.verb == "put_next"
        ):
            return False
        other = self.thing(thing, Memory(memory.object))
        if taken and other.type in (VIEWER, "person"):
            return self._refuse_start(node)
        relation = (
            str(preposition.value) if not taken else "on_top_of" if other.type.split()[-1] in SURFACES else "inside"
        )
        memory.object = said.slots[slot] = replace(ref, relation=relation, object=other)
        return True

    def _object(self, node: Node, ref: ObjectRef, said: Said) -> None:
        if "object" not in said.slots:
            said.slots["object"] = ref
        elif "object2" not in said.slots:
            said.slots["object2"] = ref
            said.flags["object2"] = next(tokens(node))
        else:
            raise self.refuse("nonsense", node, "one object too many")
