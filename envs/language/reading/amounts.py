"""Amounts and limbs: "two and a half metres", "a quarter turn", "both hands"."""

from __future__ import annotations

from collections.abc import Mapping

from lark import Token, Tree

from simonsays.envs.language.reading.source import Memory, Node, Said, Source, tokens

_OTHER_SIDE = {"left": "right", "right": "left"}
_UNITS = {"LENGTH": "distance", "SPEED_UNIT": "speed", "DEGREES": "angle", "SECONDS": "duration"}
_ASKED = {
    "LENGTH": ("how many?", "Say a number, such as 2 metres"),
    "TIMES": ("how often?", "Say a number, such as 2 times"),
    "SIGN": ("how often?", "Say a number, such as 2 times"),
}
"""what is asked where no number is said"""


class AmountReader(Source):
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
            said.directions.append(found["SIDE"])
        if "WAY" in found:
            said.directions.append(found["WAY"].update("DIRECTION"))  # "two forward jumps"
        if "SPEED_ADJECTIVE" in found:
            self.set(said, "speed", found["SPEED_ADJECTIVE"].value, named)
        if "SIZE" in found:
            self.notes.append(found["SIZE"])
        self._quantity(named, head, found, said)

    def _quantity(self, named: Tree[Token], head: Token, found: Mapping[str, Token], said: Said) -> None:
        """How much, how far, how fast or how often."""
        number, kind = float(found["NUMBER"].value) if "NUMBER" in found else None, head.type
        if number is None and "BOTH" in found:
            number = 2.0
        if "HALF_MORE" in found:
            number = (1.0 if number is None else number) + float(found["HALF_MORE"].value)
        if "VAGUE" in found:
            number = None
        unsaid = number is None and ("VAGUE" in found or not found.keys() & {"A", "NUMBER", "BOTH", "HALF_MORE", "THE"})
        if unsaid and kind in _ASKED and "VAGUE" not in found:
            raise self.refuse("nonsense", named, *_ASKED[kind])
        if kind in ("DEED", "ACTION"):
            said.action = str(head.value)
        if kind == "TURN":
            self._turn(named, head, number, found, said)
        elif kind == "STEPS":
            said.flags["STEPS"] = head
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
        said.flags["LIMB"] = head

    def other_side(self, node: Node, memory: Memory) -> str:
        """ "The other hand": not the one that was said before."""
        sides = (memory.step and memory.step.side, memory.limb and memory.limb[1])
        before = next((side for side in sides if side in _OTHER_SIDE), None)
        if before is None:
            raise self.refuse("ambiguous_object", node, "which one was the first?", "Say left or right")
        return _OTHER_SIDE[before]

    def _turn(
        self, named: Tree[Token], head: Token, number: float | None, found: Mapping[str, Token], said: Said
    ) -> None:
        if "VAGUE" in found:
            self.notes.append(head)
            return
        said.flags["TURN"] = head
        if number is not None and "DEGREED" in found:
            self.amount(said, "angle", number, named)  # "a 90 degree left turn"
        elif not (number is None and self.says("turn", head)):
            angle = (1.0 if number is None else number) * round(float(head.value), 3)  # type: ignore[arg-type]
            self.amount(said, "angle", angle, named)
