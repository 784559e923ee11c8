"""Amounts and limbs: "two and a half metres", "a quarter turn", "both hands"."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lark import Token, Tree

from simonsays.envs.language.reading.source import Memory, Node, Said, Source, tokens

_OTHER_SIDE = {"left": "right", "right": "left"}


class AmountReader:
    """Reads the amounts of one text."""

    def __init__(self, source: Source) -> None:
        self._src = source
        self._kinds: dict[str, Callable[[Tree[Token], Token, float | None, bool, Said], None]] = {
            "LENGTH": self._length,
            "SPEED_UNIT": self._speed_unit,
            "DEGREES": self._degrees,
            "TURN": self._turn,
            "SECONDS": self._seconds,
            "STEPS": self._steps,
            "TIMES": self._times,
            "SIGN": self._times,
            "DEED": self._deed,
            "ACTION": self._deed,
        }

    def measure(self, named: Tree[Token], head: Token, said: Said, memory: Memory) -> None:
        found: dict[str, Token] = {}
        for token in tokens(named):
            found.setdefault(token.type, token)
        for kind in ("COLOR", "NEAREST", "ORDINAL"):
            if kind in found:
                raise self._src.refuse("nonsense", named, f"{self._src.words(found[kind])!r} says nothing here")
        if head.type == "LIMB":
            self._limb(named, head, found, said, memory)
            memory.limb = (str(head.value), said.slots.get("side"))
            return
        if "SIDE" in found and head.type in ("ACTION", "DEED") and "side" in self._src.verbs[str(head.value)].slots:
            self._src.set(said, "side", found["SIDE"].value, named)
        elif "SIDE" in found:
            said.directions.append(found["SIDE"])
        if "WAY" in found:
            said.directions.append(found["WAY"].update("DIRECTION"))  # "two forward jumps"
        if "SPEED_ADJECTIVE" in found:
            self._src.set(said, "speed", found["SPEED_ADJECTIVE"].value, named)
        if "SIZE" in found:
            self._src.notes.append(found["SIZE"])
        number = float(found["NUMBER"].value) if "NUMBER" in found else None
        if number is None and "BOTH" in found:
            number = 2.0
        if "HALF_MORE" in found:
            number = (1.0 if number is None else number) + float(found["HALF_MORE"].value)
        vague = "VAGUE" in found
        self._kinds[head.type](
            named,
            head,
            None if vague else number,
            vague or not found.keys() & {"A", "NUMBER", "BOTH", "HALF_MORE", "THE"},
            said,
        )

    def _limb(self, named: Tree[Token], head: Token, found: Mapping[str, Token], said: Said, memory: Memory) -> None:
        said.limb = str(head.value)
        plural = self._src.says("pair", head)
        number = found["NUMBER"].value if "NUMBER" in found else 1
        if "BOTH" in found and self._src.says("two", found["BOTH"]):
            number = 2
        counted = "NUMBER" in found or ("BOTH" in found and number == 2)
        if head.value == "leg" and counted and said.verb == "kick":
            self._src.set(said, "count", self._src.whole(float(number), named), named)  # kicks are counted in feet
            said.limb = None
            return
        if number not in (1, 2) or "VAGUE" in found:
            raise self._src.refuse("impossible_amount", named, "there are two of them")
        if "OTHER" in found:
            self._src.set(said, "side", self.other_side(named, memory), named)
        elif "SIDE" in found:
            self._src.set(said, "side", found["SIDE"].value, named)
        elif plural or "BOTH" in found or number == 2:
            self._src.set(said, "side", "both", named)
        said.flags["LIMB"] = head

    def other_side(self, node: Node, memory: Memory) -> str:
        """ "The other hand": not the one that was said before."""
        sides = (memory.step and memory.step.side, memory.limb and memory.limb[1])
        before = next((side for side in sides if side in _OTHER_SIDE), None)
        if before is None:
            raise self._src.refuse("ambiguous_object", node, "which one was the first?", "Say left or right")
        return _OTHER_SIDE[before]

    def _length(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: Said) -> None:
        if number is None and loose:
            if not any(token.type == "VAGUE" for token in tokens(named)):
                raise self._src.refuse("nonsense", named, "how many?", "Say a number, such as 2 metres")
            self._src.notes.append(head)
            return
        self._src.amount(said, "distance", (1.0 if number is None else number) * float(head.value), named)  # type: ignore[arg-type]

    def _speed_unit(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: Said) -> None:
        self._src.amount(said, "speed", (1.0 if number is None else number) * float(head.value), named)  # type: ignore[arg-type]

    def _degrees(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: Said) -> None:
        self._src.amount(said, "angle", (1.0 if number is None else number) * float(head.value), named)  # type: ignore[arg-type]

    def _turn(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: Said) -> None:
        angle = (1.0 if number is None else number) * round(float(head.value), 3)  # type: ignore[arg-type]
        if number is not None and any(token.type == "DEGREED" for token in tokens(named)):
            self._src.amount(said, "angle", number, named)  # "a 90 degree left turn"
            said.flags["TURN"] = head
            return
        if any(token.type == "VAGUE" for token in tokens(named)):
            self._src.notes.append(head)
            return
        said.flags["TURN"] = head
        if not (number is None and self._src.says("turn", head)):
            self._src.amount(said, "angle", angle, named)

    def _seconds(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: Said) -> None:
        if number is None and loose:
            self._src.notes.append(head)
            return
        self._src.amount(said, "duration", (1.0 if number is None else number) * float(head.value), named)  # type: ignore[arg-type]

    def _steps(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: Said) -> None:
        said.flags["STEPS"] = head
        if number is None and loose:
            return
        self._src.set(said, "steps", self._src.whole(1.0 if number is None else number, named), named)

    def _times(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: Said) -> None:
        if number is None and loose and not any(token.type == "VAGUE" for token in tokens(named)):
            raise self._src.refuse("nonsense", named, "how often?", "Say a number, such as 2 times")
        if number is None:
            self._src.notes.append(head)
            return
        self._src.set(said, "count", self._src.whole(number, named), named)

    def _deed(self, named: Tree[Token], head: Token, number: float | None, loose: bool, said: Said) -> None:
        said.action = str(head.value)
        if number is not None:
            self._src.set(said, "count", self._src.whole(number, named), named)
