"""With which limb a thing is done, and what is done to the limb itself."""

from __future__ import annotations

from simonsays.envs.language.instruction import Step
from simonsays.envs.language.reading.source import Memory, Node, Said, span, tokens
from simonsays.envs.language.reading.ways import WayReader
from simonsays.envs.language.vocabulary import VerbWords


class LimbReader(WayReader):
    """Reads the limbs of one text."""

    def _moves_arm(self, said: Said, anchor: Node) -> bool:
        """ "Move your arms up", not "walk with your arms up"."""
        return said.limb == "arm" and "UP" in said.flags and not self.says("on_foot", anchor)

    def _carried_arm(self, verb: str, said: Said) -> list[Step]:
        """ "Walk with both arms raised": a step of its own, at the same time."""
        up = said.flags.get("UP")
        if up is None or up.value != "up" or said.limb != "arm" or self.verbs[verb].limb is not None:
            return []
        del said.flags["UP"]
        said.limb = None
        begin, end = said.flags.get("LIMB", up).start_pos or 0, span(up)[1]
        return [Step("raise_arm", side=said.slots.pop("side", None), parallel_with_prev=True, span=(begin, end))]

    def _moved_arm(self, said: Said, anchor: Node) -> str:
        """ "Put your hands up" and "put them down"."""
        if "UP" not in said.flags:
            raise self.refuse("nonsense", anchor, "up or down?", "Say 'raise your arm' or 'lower your arm'")
        return "raise_arm" if said.flags["UP"].value == "up" else "lower_arm"

    def _check_limb(self, words: VerbWords, said: Said, anchor: Node, memory: Memory) -> None:
        if words.needs_limb and said.limb is None and memory.limb is not None:
            said.limb, side = memory.limb  # "raise your left arm, then lower it"
            if side is not None and "side" not in said.slots:
                said.slots["side"] = side
        if words.needs_limb and said.limb is None:
            raise self.refuse("nonsense", anchor, "what?", "Say it with a hand or an arm: raise your left arm")
        if said.limb == "leg" and "side" not in said.slots and not said.directions and not words.needs_limb:
            raise self.refuse("unsupported_skill", said.flags.get("LIMB", anchor), "which one?", "Say left or right")
        if said.limb == "leg" and words.limb is None and (self.is_a("on_foot", words.verb) or words.verb == "turn"):
            self.notes.append(said.flags.get("LIMB") or next(tokens(anchor)))  # "turn on your left foot"
            said.limb = None
            said.slots.pop("side", None)
        if said.limb == "arm" and self.is_a("posture", words.verb) and "BARE_LIMB" not in said.flags:
            self.note(said.flags.get("LIMB", anchor))  # "stand up using your left hand"
            said.limb = None
            said.slots.pop("side", None)
        if said.limb is not None and said.limb != words.limb:
            limb = said.flags.get("LIMB", anchor)
            message = f"I cannot {self.called(words.verb)} with the {said.limb}"
            raise self.refuse("unsupported_skill", limb, message)
        if said.sided is not None:
            if words.limb is None or "side" not in words.slots or said.sided.value not in ("left", "right"):
                raise self.refuse("nonsense", said.sided, "with what?", "Name the hand or the foot")
            said.limb = words.limb
            self.set(said, "side", said.sided.value, said.sided)
        beside = "LIMB" in said.flags and "side" not in said.slots  # "with the hand left"
        if (
            words.limb
            and "side" in words.slots
            and (beside or "direction" not in words.slots or self.is_a("sided", words.verb))
        ):
            for token in said.directions[:1]:
                by_it = beside and not self.says("to_a_side", token)  # "point your hand to your left" is a direction
                if token.value in ("left", "right") and (by_it or words.needs_limb or self.says("left", token)):
                    self.set(said, "side", token.value, token)
                    said.directions.remove(token)
