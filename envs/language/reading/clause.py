"""A clause, or a fragment of one, to Steps: what each of its modifiers says."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree

from simonsays.envs.language.instruction import THING, VIEWER, ObjectRef, Step
from simonsays.envs.language.reading.named import AmountReader
from simonsays.envs.language.reading.placed import MEASURED, ONTO, PlaceReader
from simonsays.envs.language.reading.source import WAYS, Memory, Node, Said, span, tokens
from simonsays.envs.language.reading.steps import StepMaker


class ClauseReader(PlaceReader, AmountReader, StepMaker):
    """Reads the clauses of one text."""

    def text_of(self, step: Step) -> str:
        """The text of a step."""
        return self.text[slice(*step.span)] if step.span is not None else ""

    def steps(self, node: Tree[Token], memory: Memory) -> list[Step]:
        """The steps of a clause, or of a fragment that takes up the verb before it."""
        head, modifiers, adverbs = self._split(node)
        if head is not None and head.type == "UNABLE":
            raise self.refuse("unsupported_skill", head, "I cannot do this")
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
        goes_on = head is None and implied is None and action is None and memory.step is not None
        if goes_on and memory.step.path is not None:  # type: ignore[union-attr]
            fixed["path"] = memory.step.path.shape  # type: ignore[union-attr]  # "in a curve, covering 90 degrees"
        limb = fixed.pop("limb", None)
        fixed.pop("lasting", None)
        who, receiver, there = (fixed.pop(name, None) for name in ("who", "receiver", "there"))  # what was named before
        fixed |= {"in_place": True} if "in_place" in fixed else {}
        whole = fixed.pop("angle", None)  # where no other is said
        said = Said(dict(fixed), limb=limb, verb=verb)
        if limb is not None:
            memory.limb = (limb, fixed.get("side"))
        for token in adverbs:
            self.manner(said, token)
        for modifier in sorted(modifiers, key=lambda one: self._from(one) is not None):  # from where comes last
            self._read(modifier, said, memory)
        anchor: Node = head if head is not None else node
        going = verb == "go_to" and not said.directions  # "go to the box. Slowly"
        if head is None and memory.step is not None and (going or self.needs(verb)) and "object" not in said.slots:
            said.slots["object"] = memory.step.object  # "push the box forward, then left"
            said.slots = {name: value for name, value in said.slots.items() if value is not None}
        if verb == "turn" and fixed.get("direction") == "around" and said.directions:
            del said.slots["direction"]  # "向左转身": the side is said apart
        self._addressed(said, anchor, memory, there, who)
        if whole is not None and "object" not in said.slots and "angle" not in said.slots:
            said.slots["angle"] = float(whole)
            said.directions = [token for token in said.directions if token.value != "around"]
        if "path" in fixed and "object" in said.slots and (said.unspoken or fixed["path"] == "through"):
            way = "THROUGH" if fixed["path"] == "through" else "AROUND"
            said.flags[way], said.to_object = next(tokens(anchor)), True  # "circle the table"
        if receiver is not None and "object2" not in said.slots:
            said.slots["object2"] = ObjectRef(receiver, span=span(anchor))  # "bring it here"
        self._other_side(said, anchor, memory)
        if verb == "go_to" and said.action is not None and "object" not in said.slots:
            verb = said.action
        if not verb:
            verb = self.light_verb(said, anchor, node, memory)
        made = self.finish(verb, said, anchor, node, memory)
        if "SOMETHING" in said.flags:
            memory.limb, memory.object = None, ObjectRef(THING, definite=False)  # "pick something up and put it down"
        return made

    def _addressed(self, said: Said, anchor: Node, memory: Memory, there: str | None, who: str | None) -> None:
        """Where a verb by itself leads: to what was named before, or to who speaks."""
        if there == "must" and memory.object is None:
            raise self.refuse("ambiguous_object", anchor, "where to?", "Name a thing, such as the red ball")
        if there and memory.object is not None and said.slots.keys() <= {"speed"} and not said.directions:
            said.slots["object"], said.to_object = memory.object, True
        said.to_object = said.to_object or (there is not None and "object" in said.slots)
        if who is not None and "object" not in said.slots and not said.directions:
            said.slots["object"], said.to_object = ObjectRef(who, span=span(anchor)), True  # to who speaks

    def changes_mind(self, token: Token) -> bool:
        """Whether an "or" takes back what was said and does not let one choose."""
        return self.locale.says("changes_mind", f"{self.words(token)}\n{self.text[token.end_pos :]}")

    def lacks_object(self, node: Tree[Token]) -> bool:
        """Whether a clause's verb needs a limb or an object and has none."""
        head = next((token for token in tokens(node) if token.type == "VERB"), None)
        if head is None:
            return False
        if any(token.type == "SOMETHING" for token in tokens(node)):
            return False
        words = self.verbs[head.value[0]]  # type: ignore[index]
        return words.needs_limb or words.needs is not None

    def _other_side(self, said: Said, node: Node, memory: Memory) -> None:
        """Find which hand "the other hand" is."""
        if said.slots.get("side") == "other":
            said.slots["side"] = self.other_side(node, memory)

    def _implied(self, node: Tree[Token], memory: Memory) -> str | None:
        """The verb that an amount or a limb without a verb asks for: "forward two metres", "left 90", "hands up"."""
        kinds = {token.type for token in tokens(node)}
        taken = self.verbs[memory.step.verb].slots if memory.step is not None else ()
        up = next((token.value for token in tokens(node) if token.type == "UP"), None)
        if up is not None and "LIMB" in kinds:
            return "raise_arm" if up == "up" else "lower_arm"
        if up is not None and memory.step is not None and memory.step.verb in ("raise_arm", "lower_arm"):
            return "raise_arm" if up == "up" else "lower_arm"
        if (
            up == "up"
            and memory.step is not None
            and (self.is_a("posture", memory.step.verb) or self.is_a("down", memory.step.verb))
        ):
            return "stand"
        sides = any(token.value in ("left", "right") for token in tokens(node) if token.type == "DIRECTION")
        if "BARE_NUMBER" in kinds and sides:
            return "turn"  # "left 90"
        if sides and memory.step is not None and memory.step.verb == "go_to" and "NOUN" not in kinds:
            return "walk"  # "go to the box, a bit more to the left"
        for kind, slot, verb in (
            ("DEGREES", "angle", "turn"),
            ("TURN", "angle", "turn"),
            ("LENGTH", "distance", "walk"),
            ("STEPS", "steps", "step"),
            ("SHAPE", "path", "walk"),
        ):
            if kind in kinds and slot not in taken and not (slot == "angle" and memory.step and memory.step.path):
                return verb
        return None

    def _split(self, node: Tree[Token]) -> tuple[Token | None, list[Node], list[Token]]:
        head, modifiers, adverbs, passive = None, [], [], None
        for child in node.children:
            if isinstance(child, Token) and child.type in ("SUBJECT", "AUX", "GO"):
                self.notes += [child] if child.value != "purpose" else []
                passive = child if child.value == "be" else passive
            elif isinstance(child, Token) and child.type in ("ADVERB", "AT_ONCE"):
                adverbs += [child] if child.type == "ADVERB" else []
            elif isinstance(child, Token) and child.type in ("VERB", "LIGHT", "UNABLE"):
                head = child
                self._check_active(child, passive)
            else:
                modifiers.append(child)
        return head, modifiers, adverbs

    def _check_active(self, head: Token, be: Token | None) -> None:
        """Refuse what is done to the robot: "a person is pushed"."""
        if be is None or head.type != "VERB" or self.says("gerund", head):
            return
        taken = self.verbs[head.value[0]].slots  # type: ignore[index]
        if "object" in taken and "path" not in taken:
            raise self.refuse("unsupported_skill", head, "I do things, I cannot have them done to me")

    def _read(self, node: Node, said: Said, memory: Memory) -> None:
        if isinstance(node, Token):
            self._read_token(node, said, memory)
        elif node.data == "direction":
            said.directions += [token.update("DIRECTION") for token in tokens(node)]
        elif node.data == "thing_unnamed":
            self._read_unnamed(node, said)
        elif node.data == "sided":
            said.sided = list(tokens(node))[-1]
        elif node.data == "speed":
            values = {token.type: float(token.value) for token in tokens(node)}
            length = (values["NUMBER"] + values.get("HALF_MORE", 0.0)) * values["LENGTH"]
            self.amount(said, "speed", length / values["PER_SECOND"], node)
        elif node.data == "radius":
            parts = {token.type: token for token in tokens(node)}
            if not parts.keys() >= {"NUMBER", "LENGTH"}:
                raise self.refuse("nonsense", node, "how far is that?", "Say a number, such as a radius of 2 metres")
            number = sum(float(parts[kind].value) for kind in ("NUMBER", "HALF_MORE") if kind in parts)
            radii = number * float(parts["RADIUS"].value)
            self.set(said, "radius", round(radii * float(parts["LENGTH"].value), 6), node)
        elif node.data == "pieces":
            if "object" in self.verbs[said.verb].slots if said.verb else True:
                raise self.refuse("unsupported_skill", node, "I go to one thing at a time", "Name them one by one")
            self.set(said, "count", self.whole(float(next(tokens(node)).value), node), node)
        elif node.data == "where" and self.is_a("travels", said.verb) and said.verb != "patrol":
            raise self.refuse("unsupported_skill", node, "I do a thing where I am", "Say to go there first")
        elif node.data in ("place", "where"):
            place = node if node.data == "place" else node.children[-1]
            if self.head(place.children[-1]).type in MEASURED:  # type: ignore[union-attr]
                self._read_by(place, said, memory)  # type: ignore[arg-type]
                return
            if (aside := self._beside_self(place, memory)) is not None:
                self._read_token(aside, said, memory)
                return
            if next(tokens(node)).value == "through":
                said.flags["THROUGH"] = next(tokens(node))
            ref = self.place(place, memory)  # type: ignore[arg-type]
            if next(tokens(node)).value == "from":
                self._taken_there(node, ref, said, memory)  # "the bag from behind the sofa"
                return
            said.flags["PLACED"] = next(one for one in tokens(node) if one.type in ("RELATION", "BETWEEN"))
            said.place = ref if node.data == "where" and said.verb != "patrol" else None
            if said.place is None:
                self._object(node, ref, said)
            said.to_object = True
        else:
            self._read_phrase(node, said, memory)

    def _read_token(self, token: Token, said: Said, memory: Memory) -> None:
        if token.type == "DIRECTION":
            said.directions.append(token)
        elif token.type in ("SPEED", "STYLE", "EFFORT", "SHAPE", "DIAGONAL"):
            self.manner(said, token)
        elif token.type == "COUNT":
            self.set(said, "count", token.value, token)
        elif token.type in ("PRE_LIMB", "SIDED_LIMB"):
            said.limb, side = token.value  # type: ignore[misc]
            said.flags["LIMB"] = token
            self.set(said, "side", side, token)
            memory.limb = token.value
        elif token.type == "BARE_NUMBER":
            self.amount(said, "angle", float(token.value), token)
            said.flags["BARE_NUMBER"] = token
        elif token.type == "LOCATION":
            target = said.slots.get("object2") or said.slots.get("object")
            if target is None and token.value not in WAYS:
                raise self.refuse("nonsense", token, "of what?", "Name a thing, such as the red ball")
            if target is None:
                said.directions.append(Token("DIRECTION", WAYS[token.value], token.start_pos, end_pos=token.end_pos))
            else:
                key = "object2" if "object2" in said.slots else "object"
                said.slots[key] = self.located(target, token)
        else:
            said.flags[token.type] = token
            if token.type == "ADDRESS" and (token.value == VIEWER or self.is_a("greets", said.verb)):
                del said.flags["ADDRESS"]
                serves = self.says("for_them", token) and not self.is_a("greets", said.verb)
                if token.value != VIEWER or "object" in said.slots or serves:
                    self.notes.append(token)
                else:
                    said.slots["object"], said.to_object = ObjectRef(VIEWER, span=span(token)), True

    def _read_phrase(self, node: Tree[Token], said: Said, memory: Memory) -> None:
        first, thing = node.children[0], node.children[-1]
        if self._amid_two(node, said):
            self._read_between(node, said, memory)
            return
        if said.verb == "turn" and self.says("around", first):  # "turn around 180 degrees": it is the way, not "about"
            said.directions.append(Token("DIRECTION", "around", first.start_pos, end_pos=first.end_pos))  # type: ignore[union-attr]
        preposition = first if isinstance(first, Token) and thing is not first else None
        kind = preposition.type if preposition is not None else ""
        if isinstance(thing, Tree) and thing.data == "place":
            self._read_at(node, thing, said, memory)
            return
        if preposition is not None and kind == "TO" and self.says("along", preposition):
            said.flags["ALONG"] = preposition
        if preposition is not None and kind == "BA":
            said.flags["BA"] = preposition
        head = self.head(thing)
        if head.type == "IT" and memory.object is None and memory.limb is None and self.is_a("greets", said.verb):
            self.notes += tokens(node)  # whoever it is
            return
        if self._means_limb(thing, head, kind, said, memory):
            self._take_limb(node, thing, head, said, memory)
        elif head.type in ("NOUN", "ONE", "IT", "START"):
            self._read_thing(node, thing, preposition, said, memory)
        else:
            self._read_amount(node, thing, head, preposition, said, memory)

    def _means_limb(self, thing: Node, head: Token, preposition: str, said: Said, memory: Memory) -> bool:
        """Whether "it" or "the other one" is the limb that was named before."""
        if memory.limb is None:
            return False
        if head.type == "NOUN":
            return self.says("one", head) and not any(token.type == "COLOR" for token in tokens(thing))
        takes_limb = not preposition and said.verb in ("raise_arm", "lower_arm", "put_next", "wave", "")
        return head.type == "IT" and (takes_limb or memory.object is None)

    def _take_limb(self, node: Tree[Token], thing: Node, head: Token, said: Said, memory: Memory) -> None:
        assert memory.limb is not None
        said.limb, side = memory.limb
        if head.type == "NOUN":
            parts = {token.type: token for token in tokens(thing)}
            side = parts["SIDE"].value if "SIDE" in parts else None  # "raise both arms, lower the left one"
            if "OTHER" in parts:  # "then the other one"
                side = self.other_side(node, memory)
        if side is not None:
            self.set(said, "side", side, node)

    def _read_thing(
        self, node: Tree[Token], thing: Node, preposition: Token | None, said: Said, memory: Memory
    ) -> None:
        kind = preposition.type if preposition is not None else ""
        if kind == "BY" and self.says("for_speaker", thing):
            self.notes += tokens(node)  # "open the door for me"
            return
        styled = said.verb in self.verbs and "style" in self.verbs[said.verb].slots
        by_it = kind == "BY" and said.verb == "put_next" and self.says("beside", preposition)
        if by_it or (kind in ("WITH", "BY") and self.is_a("greets", said.verb)):
            kind = "TO"  # "place the ball by the box", "shake hands with me"
        together = kind == "WITH" and said.verb in self.verbs and "object" not in self.verbs[said.verb].slots
        alike = kind == "BY" and self.says("like", preposition) and not styled  # "freeze like a statue"
        if alike or (together and self.head(thing).value in (VIEWER, "person")):  # "dance with me"
            self.note(node)
            return
        if kind == "WITH" and said.verb == "kick" and "object" not in said.slots:
            kind = ""  # "score with the red ball"
        elif kind in ("BY", "WITH"):
            raise self.refuse("unsupported_skill", node, "I cannot use an object this way")
        if preposition is not None and kind == "TO" and preposition.value in ("around", "through"):
            said.flags[str(preposition.value).upper()] = preposition
        if preposition is not None and self._tells_place(node, thing, preposition, said, memory):
            return
        if preposition is not None and kind == "TO" and preposition.value in ONTO:
            said.flags["ON"] = preposition
        said.to_object, said.unspoken = said.to_object or kind == "TO", said.unspoken or not kind
        self._object(node, self.thing(thing, memory), said)

    def _read_by(self, place: Tree[Token], said: Said, memory: Memory) -> None:
        """ "Turn around by 90 degrees": no place, though the words for one could be it."""
        *before, thing = place.children
        said.directions += [at.update("DIRECTION") for at in before if isinstance(at, Token) and at.value == "around"]
        self._read_phrase(Tree("phrase", [thing]), said, memory)

    def _read_amount(
        self, node: Tree[Token], thing: Node, head: Token, preposition: Token | None, said: Said, memory: Memory
    ) -> None:
        assert isinstance(thing, Tree)
        said.paced = said.paced or (head.type == "STEPS" and self.says("paced", preposition))
        measured = head.type in MEASURED and not said.paced
        to = preposition is not None and preposition.type == "TO" and preposition.value in ONTO
        if measured and to:
            raise self.refuse("unsupported_skill", node, "I cannot do it this way")  # "hop on one foot"
        if head.type == "LIMB" and preposition is None:
            said.flags["BARE_LIMB"] = head
        if thing.data == "placed":  # "a quarter turn on your left": no thing that has a place
            named, location = thing.children
            self._read_token(next(tokens(location)), said, memory)
            assert isinstance(named, Tree)
            thing = named
        if measured and preposition is not None and said.verb != "turn" and self.says("about", preposition):
            said.slots["approx"] = True
        self.measure(thing, head, said, memory)
