"""What a clause has said to Steps: the verb that is meant, checked against what it takes."""

from __future__ import annotations

from dataclasses import replace

from lark import Token, Tree

from simonsays.envs.language.instruction import PLACE, START, THING, VIEWER, ObjectRef, Step
from simonsays.envs.language.reading.limbs import LimbReader
from simonsays.envs.language.reading.source import Memory, Node, Said, span, tokens
from simonsays.envs.language.vocabulary import FIELDS, HOW, VerbWords

SWITCHED = ("lamp", "television", "computer", "phone", "fan", "screen", "remote")
"""what is switched on: some languages have one word for that and for to open"""


class StepMaker(LimbReader):
    """Makes the Steps of one text."""

    def light_verb(self, said: Said, anchor: Node, node: Node, memory: Memory) -> str:
        if said.action:
            return said.action
        if said.limb == "head" and self.says("nods", anchor):
            return "nod"
        if said.limb == "arm" and "UP" in said.flags:
            return self._moved_arm(said, anchor)
        if "AROUND" in said.flags:
            return "walk"  # "make a wide circle around the chair"
        if said.limb == "arm" and self.says("fist", said.flags.get("LIMB")):
            return "punch"
        if "STEPS" in said.flags and not said.paced:
            return "step"
        gets = self.says("gets", anchor)
        if gets and "object" in said.slots and said.to_object and not said.unspoken:
            return "go_to"  # "get next to the ball"
        if self.says("gives", anchor) and not said.slots and memory.object is not None:
            said.slots["object"] = memory.object  # "take the box and give me"
        if self.says("gives", anchor) and "object" in said.slots:  # "give me the ball"
            said.slots.setdefault("object2", ObjectRef(VIEWER, span=span(anchor)))
            return "hand_over"
        if gets and "object2" in said.slots:
            return "carry"  # "take the box to the door"
        if gets and ("object" in said.slots or "SOMETHING" in said.flags):
            return "pickup"
        if (
            "object" not in said.slots
            and (said.limb is None or (said.limb == "leg" and "count" not in said.slots))
            and ("TURN" in said.flags or "angle" in said.slots or said.directions)
            and ("BARE_NUMBER" not in said.flags or said.directions)
            and "path" not in said.slots
        ):
            return "turn"
        if "path" in said.slots:
            return "walk"  # "do a lap around the box"
        raise self.refuse("unsupported_skill", node, "I do not know this action")

    def finish(self, verb: str, said: Said, anchor: Node, node: Tree[Token], memory: Memory) -> list[Step]:
        if said.action is not None and said.action != verb:
            raise self.refuse("nonsense", node, f"{self.called(verb)!r} does not go with {self.called(said.action)!r}")
        if not any(one.type == "SUBJECT" and self.says("causes_it", one) for one in tokens(node)):
            self._unsaid(verb, said, anchor, memory)  # not in "make it open", whatever "it" is
        verb = self._verb(verb, said, anchor)
        verb = next((to for slot, to in self.verbs[verb].instead.items() if slot in said.slots), verb)
        first = self.place_first(verb, said, node)
        self.settle_spot(verb, said)
        self.settle_way(verb, said, anchor)
        self.settle_manner(verb, said, anchor)
        self.settle_receiver(verb, said, memory)
        self.settle_steps(verb, said)
        carried = self._carried_arm(verb, said)
        words = self.verbs[verb]
        self._check_limb(words, said, anchor, memory)
        self._check_flags(verb, said, node)
        turned = self._direction(verb, said, node, memory)
        if verb == "turn" and not said.slots and turned is None and self.says("faces", anchor):
            raise self.refuse("nonsense", anchor, "to face what?", "Name an object or a direction")
        if verb == "jump" and "UP" in said.flags and "distance" in said.slots:
            raise self.refuse("unsupported_skill", said.flags["UP"], "I cannot jump to a height")
        for slot in said.slots if self.scan else ():
            if slot not in ("direction", "count"):
                raise self.refuse("unsupported_skill", node, f"SCAN has no symbol for a {slot}")
        for slot in said.slots:
            if slot not in (*words.slots, "count", "duration", "speed", "approx"):
                raise self.refuse("nonsense", node, f"I cannot {self.called(verb)} {HOW[slot]}")
        if verb == "open" and "object" in said.slots and said.slots["object"].type in SWITCHED:
            raise self.refuse("unsupported_skill", anchor, "I cannot switch a thing on")
        step = Step(verb, **{FIELDS.get(slot, slot): value for slot, value in said.slots.items()}, span=span(node))
        if not self.scan:
            self._complete(step, node, "SOMETHING" in said.flags)
        led = step.object
        if verb == "follow" and led is not None and (led.type, led.relation) == (PLACE, "behind"):
            self.notes += [token for token in tokens(node) if token.value == "behind"]
            step = replace(step, object=led.object)  # "follow behind me"
        step = memory.step = self.slantwise(step, said)
        if step.object is not None and step.object2 is not None:
            memory.object = step.object  # "kick it to the cone, then follow it": it is what was kicked
        return [*first, *self._unfold(step, turned, node), *carried]

    def _unsaid(self, verb: str, said: Said, anchor: Node, memory: Memory) -> None:
        """Some languages need not say again what they have named: "go to the box, push"."""
        if memory.object is None:
            return
        if not self.locale.omits_objects:
            went = memory.step is not None and memory.step.verb == "go_to" and memory.step.object == memory.object
            if went and self.needs(verb) == "object" and not said.slots and said.limb is None and not said.flags:
                said.slots["object"] = memory.object  # "go to the door and open"
            return
        just = memory.introduced is memory.object or (memory.step is not None and memory.step.object is not None)
        if (
            "BA" not in said.flags
            and (verb == "put_next" or (verb == "carry" and said.to_object))
            and said.limb is None
            and just
        ):
            self._unsaid_moved(said, memory.step)
        bare = "object" not in said.slots and said.action is None
        if bare and (
            self.needs(verb) == "object"
            or (verb == "lower_arm" and just and said.limb is None and memory.limb is None)
            or (verb == "kick" and just and memory.close and not said.directions)
        ):
            said.slots["object"] = memory.object

    def _unsaid_moved(self, said: Said, before: Step | None) -> None:
        if before is None or before.object is None or "object" not in said.slots or "object2" in said.slots:
            return
        if said.slots["object"] != before.object:
            said.slots["object2"], said.slots["object"] = said.slots["object"], before.object

    def _brought(self, verb: str, said: Said, anchor: Node) -> str:
        """What becomes of a thing that is brought before the verb: moved to another, or done with."""
        if "BA" not in said.flags or "object" not in said.slots:
            return verb
        if verb in ("go_to", "pickup") and "object2" in said.slots:
            return "put_next"
        if self.is_a("moves_no_thing", verb):
            raise self.refuse("unsupported_skill", anchor, "I cannot do this to a thing")
        return verb

    def _verb(self, verb: str, said: Said, anchor: Node) -> str:
        """The verb that is meant by one that was said, with its limb and object."""
        verb = self._brought(verb, said, anchor)
        through = "THROUGH" in said.flags or said.slots.get("path") == "through"
        if through and verb == "go_to":
            verb = "walk"
        self._check_giving(verb, said, anchor)
        if "ALONG" in said.flags and verb in ("walk", "run"):
            return "follow"
        says, has_object = self.says, "object" in said.slots
        onward = said.directions or "DIAGONAL" in said.flags
        if verb == "go_to" and not has_object and onward and says("onward", anchor):
            return "walk"  # "move over to the left"
        words = self.verbs[verb]
        if verb == "turn" and said.limb == "head":
            said.limb, verb = None, "look"
        elif verb == "stand" and "BARE_LIMB" in said.flags and said.limb == "arm" and "UP" not in said.flags:
            verb = "raise_arm"  # "rises its right arm"
        elif verb == "step" and "DIAGONAL" in said.flags:
            verb = "walk"
        elif said.limb == "leg" and (verb in ("raise_arm", "stand") or (verb == "stop" and says("stays_on", anchor))):
            verb = self.raised_leg(verb, said, anchor)
        elif self.is_a("with_arms", verb) and self._moves_arm(said, anchor) and not has_object:
            verb = self._moved_arm(said, anchor)
        elif verb == "put_next" and "BARE_LIMB" in said.flags and has_object:
            verb = "reach"  # "put your hand on the box"
        elif has_object and "AROUND" not in said.flags and not (through and "path" in words.slots):
            self._check_preposition(words, said, anchor)
            if verb == "run" and words.with_object:
                said.slots.setdefault("speed", "fast")
            verb = self.destined(words.with_object or verb, said, anchor)
        elif words.needs_limb and said.limb is None and said.directions and says("whose", said.directions[0]):
            said.limb = "arm"
        if verb == "go_to" and not has_object:
            if not says("returns", anchor):
                raise self.refuse("nonsense", anchor, "to what?", "Name an object, such as the red ball")
            said.slots["object"] = ObjectRef(START, span=span(anchor))
        return verb

    def _check_giving(self, verb: str, said: Said, anchor: Node) -> None:
        """Refuse what is done with a thing, or a thing that is given to somebody."""
        one = said.slots.get("object")
        if verb == "pickup" and one is not None and one.type == VIEWER and "object2" not in said.slots:
            raise self.refuse("unsupported_skill", anchor, "I cannot do this with a thing")  # 抱我
        bare = "object" in said.slots and not said.to_object and not said.action
        direct = self.locale.direct_objects or self.says("greets_directly", anchor)
        if self.is_a("greets", verb) and bare and not direct:
            raise self.refuse("unsupported_skill", anchor, "I cannot do this with a thing", "Do you mean 'to' it?")
        if (
            verb == "put_next"
            and "object2" in said.slots
            and not said.to_object
            and said.flags.keys().isdisjoint(("BA", "ON"))
        ):
            raise self.refuse("unsupported_skill", anchor, "I cannot give a thing to anybody")

    def _check_preposition(self, words: VerbWords, said: Said, anchor: Node) -> None:
        """Refuse "walk the ball" and "look the ball"."""
        if not self.is_a("to_things", words.verb) or said.to_object or said.slots["object"].type == START:
            return
        meant, wrong = "'turn to' it", not self.locale.direct_objects and not self.says("takes_thing", anchor)
        if words.with_object is not None:
            meant, wrong = "'go to' or 'push'", said.unspoken and not self.says("beside_it", anchor)
        if wrong:
            message = f"I cannot {self.words(anchor)} a thing"
            raise self.refuse("unsupported_skill", anchor, message, f"Do you mean {meant}?")

    def _check_flags(self, verb: str, said: Said, node: Tree[Token]) -> None:
        up = said.flags.get("UP")
        if up is not None and self.says("in_the_air", up) and not self.is_a("travels", verb):
            self.notes.append(said.flags.pop("UP"))  # "punch into the air"
        if "UP" in said.flags and not self.is_a(str(said.flags["UP"].value), verb):
            raise self.refuse("unsupported_skill", said.flags["UP"], f"I cannot {self.called(verb)} that way")
        if "ADDRESS" in said.flags and self.is_a("towards", verb):
            raise self.refuse("unsupported_skill", said.flags["ADDRESS"], "I do not know who this is")
        scores = "object2" in said.slots and said.slots["object2"].type == "goal"
        if verb == "kick" and scores:
            said.flags.pop("ON", None)  # into it
        elif verb == "kick" and any(self.says("shoots", token) for token in tokens(node)):
            raise self.refuse("unsupported_skill", node, "I shoot at goals alone")
        above = verb == "reach" and "ON" in said.flags and said.flags["ON"].value == "on_top_of"
        if "ON" in said.flags and not above and not self.is_a("onto", verb):
            raise self.refuse("unsupported_skill", said.flags["ON"], "I cannot go on, under or into a thing")
        if "BARE_NUMBER" in said.flags and verb != "turn":
            mend = "Add a unit: metres, steps, seconds or times"
            raise self.refuse("nonsense", said.flags["BARE_NUMBER"], "of what?", mend)
        if "TURN" in said.flags and verb not in ("turn", "look"):
            raise self.refuse("unsupported_skill", said.flags["TURN"], "I can only walk, run or march along a curve")
        verbs = {token.value[0] for token in tokens(node) if token.type == "VERB"}
        if "UP" in said.flags and verb in verbs:  # else it makes the verb: "hands up"
            self.notes.append(said.flags["UP"])
        if "STEPS" in said.flags and "steps" in self.verbs[verb].slots:
            if "steps" not in said.slots and verb in verbs:  # "take steps" are what is done
                self.notes.append(said.flags["STEPS"])
        elif "STEPS" in said.flags and verb == "jump" and self.says("leap", said.flags["STEPS"]):
            steps = said.slots.pop("steps", 1)  # "jump three steps" is three jumps
            if steps > 1:
                self.set(said, "count", steps, said.flags["STEPS"])
        elif "STEPS" in said.flags:
            raise self.refuse("nonsense", said.flags["STEPS"], f"I cannot {self.called(verb)} {HOW['steps']}")

    def _direction(self, verb: str, said: Said, node: Tree[Token], memory: Memory) -> tuple[str, str] | None:
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
                message = "a turn goes left, right or around"
                raise self.refuse("contradiction", node, message, "Do you mean 'walk forward'?")
        if "object" in said.slots and verb not in ("push", "kick", "put_next"):
            self._place_object(verb, found, said)
        other_way = [token for token in said.directions if token.value == "around" and self.says("opposite", token)]
        turned = memory.step is not None and memory.step.verb == "turn"
        if other_way and (len(found) > 1 or turned) and self.is_a("on_foot", verb):
            self.notes += other_way  # "turn around and walk forward in the opposite direction"
            found.remove("around")
        if len(found) > 1:
            message = f"another direction was said before it ({found[0]})"
            raise self.refuse("contradiction", said.directions[-1], message)
        if found:
            self.set(said, "direction", found[0], said.directions[-1])
        return None

    def _place_object(self, verb: str, found: list[str], said: Said) -> None:
        """ "walk forward to", "go back to" say nothing more; "go to the ball to the left" places the ball."""
        moved = "object2" in self.verbs[verb].slots  # "carry the box to the right" places no box
        for token in said.directions:
            if moved and self.says("to_a_side", token):
                continue
            if token.value == "forward" or self.says("merely_on", token):
                if said.slots["object"] != ObjectRef(START) or said.slots["object"].span != span(token):
                    self.notes.append(token)  # "and back" is the way to the start
                found.remove(str(token.value)) if token.value in found else None
            elif (
                token.value in ("left", "right")
                and said.slots["object"].location is None
                and not self.spoken("pronoun", said.slots["object"])
                and (token.start_pos or 0) > (said.slots["object"].span or (0, 0))[0]
            ):
                said.slots["object"] = replace(said.slots["object"], location=token.value)
                found.remove(str(token.value)) if token.value in found else None

    def _vague(self, step: Step) -> bool:
        """Whether what a thing is put next to is not named: "that next to that"."""
        place = step.object2
        return step.object == ObjectRef(THING) or (place is not None and self.spoken("pronoun", place))

    def _complete(self, step: Step, node: Tree[Token], said_something: bool) -> None:
        words = self.verbs[step.verb]
        if (
            step.verb == "put_next"
            and step.object is not None
            and step.object2 is None
            and step.object.relation is not None
        ):
            return
        between = step.object is not None and step.object.type == PLACE and step.object.relation == "between"
        if step.verb == "patrol" and between:
            return
        if step.verb in ("reach", "throw") and step.side is not None:
            return
        if step.verb == "put_next" and step.object is not None and step.object == step.object2 and self._vague(step):
            raise self.refuse("ambiguous_object", node, "next to what?", "Name the other thing")
        said_something = said_something and step.verb != "put_next"
        missing = words.needs is not None and (step.object2 if words.needs == "object2" else step.object) is None
        if missing and not said_something and step.direction is None:
            raise self.refuse("nonsense", node, words.asks, "Name an object, such as the red ball")

    def _unfold(self, step: Step, turned: tuple[str, str] | None, node: Tree[Token]) -> list[Step]:
        ref = step.object
        if step.verb == "put_next" and step.object2 is None and ref is not None and ref.relation is not None:
            place = replace(ref, type=PLACE, color=None, size=None, rank=None, location=None)
            bare = replace(ref, relation=None, object=None, object2=None)
            step = replace(step, object=bare, object2=ref.object if ref.relation == "next_to" else place)
        if step.verb == "patrol" and ref is not None and ref.type == PLACE and ref.relation == "between":
            step = replace(step, object=ref.object, object2=ref.object2)
        if self.scan:
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
