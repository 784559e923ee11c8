"""How one moves: the shape of its way, on the spot or slantwise, in which manner, and how exact an amount is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from lark import Token

from simonsays.envs.language.instruction import SHAPES, START, VALUES, VIEWER, PathShape, Step
from simonsays.envs.language.reading.source import Memory, Node, Said, Source, span, tokens

_MANNERS = ("speed", "style", "effort")
_HASTE: Mapping[str, str] = MappingProxyType({"cautious": "slow", "gentle": "slow", "full": "fast"})
"""what a manner comes to for a verb that has a speed and no such manner"""
_ROUND = 360.0
OTHER_SIDE: Mapping[Any, str] = MappingProxyType({"left": "right", "right": "left"})

CLIMBED = ("stairs", "ladder", "ramp")
"""what one goes up or down, and not to"""


class WayReader(Source):
    """Reads ways and manners of one text."""

    def manner(self, said: Said, token: Token) -> None:
        """How fast, in which style or how hard; before its verb, on which way."""
        if token.value is None or isinstance(token.value, tuple):
            said.flags["DIAGONAL"] = token
            return
        if token.value in SHAPES:
            self.set(said, "path", token.value, token)
            return
        slot = next(slot for slot in _MANNERS if token.value in VALUES["Step"][slot])
        if slot in said.flags:
            self.notes.append(said.flags[slot])  # said twice
        self.set(said, slot, token.value, token)
        said.flags[slot] = token

    def settle_manner(self, verb: str, said: Said, anchor: Node) -> None:
        """A manner that a verb does not have is how fast it is done, or changes nothing that can be judged."""
        slots = self.verbs[verb].slots
        for slot in ("style", "effort"):
            if slot not in said.slots or slot in slots:
                continue
            haste = _HASTE.get(manner := said.slots.pop(slot))
            if (
                haste is not None
                and (manner != "full" or self.is_a("on_foot", verb))
                and "speed" in slots
                and said.slots.setdefault("speed", haste) == haste
            ):
                continue
            self.notes.append(said.flags.get(slot) or next(tokens(anchor)))  # "sneak": the verb itself says it

    def settle_way(self, verb: str, said: Said, anchor: Node) -> None:
        """The way of a walk: its shape with the sense of turning, and how much of it."""
        self.settle_slant(said)
        slots, flags = said.slots, said.flags
        if "AROUND" in flags and "path" not in self.verbs[verb].slots:
            raise self.refuse("unsupported_skill", flags["AROUND"], "I can only walk, run or march around a thing")
        clockwise = any(self.says("clockwise", token) for token in said.directions) and "object" not in slots
        if "AROUND" in flags:
            slots.setdefault("path", "circle")
        if "THROUGH" in flags and "path" in self.verbs[verb].slots:
            slots.setdefault("path", "through")
        if "TURN" in flags and "path" in self.verbs[verb].slots:
            del flags["TURN"]
            slots.setdefault("path", "arc" if slots.get("angle", 0.0) < _ROUND else "circle")
        if clockwise and "path" in self.verbs[verb].slots:
            slots.setdefault("path", "circle")
        if "path" not in self.verbs[verb].slots or "path" not in slots:
            return
        if "RADIUS" in flags and "distance" in slots:  # "of two metres radius"
            slots["radius"] = round(slots.pop("distance") * float(flags["RADIUS"].value), 6)
        angle, side = slots.pop("angle", None), None
        if angle is not None and angle >= _ROUND:
            rounds, angle = angle / _ROUND, None
            if rounds != 1.0:
                self.set(said, "count", self.whole(rounds, anchor), anchor)
        for token in list(said.directions):
            if token.value in ("left", "right") and side in (None, token.value):
                side = str(token.value)
                said.directions.remove(token)
            elif token.value == "around":
                said.directions.remove(token)
        slots["path"] = PathShape(slots["path"], side, angle, slots.pop("radius", None))

    def settle_steps(self, verb: str, said: Said) -> None:
        """In how many steps one turns, or comes to where one is told to go, is noted."""
        home = "object" in said.slots and said.slots["object"].type == START
        if said.stepped is None or not (verb == "turn" or (verb == "go_to" and (home or said.paced))):
            return
        said.slots.pop("steps", None)
        del said.flags["STEPS"]
        self.note(said.stepped)

    def settle_spot(self, verb: str, said: Said) -> None:
        """On the spot: said of what could as well move on; nothing new of what does not."""
        if "IN_PLACE" not in said.flags:
            return
        if "in_place" in self.verbs[verb].slots:
            said.slots["in_place"] = True
        elif self.is_a("on_foot", verb):
            raise self.refuse("unsupported_skill", said.flags["IN_PLACE"], "I cannot do this on the spot")
        else:
            self.notes.append(said.flags["IN_PLACE"])

    def place_first(self, verb: str, said: Said, anchor: Node) -> list[Step]:
        """ "Crouch beside the box", "sit beside me": what is done beside a thing is done after going there."""
        beside = "object" not in self.verbs[verb].slots
        beside = beside or (self.is_a("posture", verb) and not self.says("at_it", said.flags.get("PLACED")))
        if "PLACED" in said.flags and beside and "object2" not in said.slots:
            said.place = said.slots.pop("object", said.place)
        return [] if said.place is None else [Step("go_to", object=said.place, span=span(anchor))]

    def settle_receiver(self, verb: str, said: Said, memory: Memory) -> None:
        """ "Bring me the ball": who gets it is said before it; "throw to me": what was named before."""
        first = said.slots.get("object")
        receives = first is not None and first.type in (VIEWER, "person")
        alone = receives and said.to_object and not said.unspoken and "object2" not in said.slots
        if alone and self.is_a("fetches", verb) and memory.step is not None:
            said.slots["object"], said.slots["object2"] = memory.step.object, first
            if memory.step.object is None:
                del said.slots["object"]
            return
        named = first is not None and first.type in (VIEWER, "person") and "object2" in said.slots
        if named and self.is_a("fetches", verb):
            said.slots["object"], said.slots["object2"] = said.slots["object2"], first

    def destined(self, verb: str, said: Said, anchor: Node) -> str:
        """What is brought next to a thing is put there, what is put on one is put down, and stairs are climbed."""
        if verb == "carry" and "object2" in said.flags and said.flags["object2"].type == "RELATION":
            return "put_next"
        down = "UP" in said.flags and said.flags["UP"].value == "down" and "object2" not in said.slots
        if verb == "put_next" and ("ON" in said.flags or down):
            return "put_down"
        if verb != "go_to" or said.slots["object"].type not in CLIMBED:
            return verb
        if self.says("downward", anchor):
            raise self.refuse("unsupported_skill", anchor, "I cannot go down a thing")
        return "climb" if self.says("upward", anchor) else verb

    def raised_leg(self, verb: str, said: Said, anchor: Node) -> str:
        """The leg that is lifted: "raise your left leg"; "stand on the right leg" lifts the other."""
        if verb in ("stand", "stop") and "side" in said.slots:
            said.slots["side"] = OTHER_SIDE.get(said.slots["side"], "both")
        if said.slots.get("side") == "both":
            raise self.refuse("impossible_amount", anchor, "I need one leg to stand on")
        return "raise_leg"

    def settle_slant(self, said: Said) -> None:
        """Two ways that are said at once: "diagonally forward to the left"."""
        diagonal = said.flags.get("DIAGONAL")
        if diagonal is None:
            return
        ways = [str(one.value) for one in said.directions if one.value in ("forward", "backward")]
        sides = [str(one.value) for one in said.directions if one.value in ("left", "right")]
        told = diagonal.value or ((ways or ["forward"])[-1], sides[-1] if sides else None)
        said.flags["DIAGONAL"] = diagonal.update(value=told)
        said.directions = [diagonal.update("DIRECTION", told[0])]

    def slantwise(self, step: Step, said: Said) -> Step:
        """A step with its side where it goes slantwise."""
        diagonal = said.flags.get("DIAGONAL")
        if diagonal is None:
            return step
        side: str | None = diagonal.value[1]
        if side is None or step.object is not None or step.path is not None or self.verbs[step.verb].limb is not None:
            raise self.refuse("nonsense", diagonal, "which way?", "Say: walk diagonally forward to the left")
        return replace(step, side=side)
