"""English verbs in other forms than the one for orders."""

from __future__ import annotations

_DOUBLED = ("stop", "nod", "jog", "run", "get", "sit", "hop", "jab", "step", "grab", "put", "set", "spin", "drop")
_THIRD = {"have": "has", "do": "does", "go": "goes"}
_DONE = {
    "go": "gone",
    "come": "come",
    "freeze": "frozen",
    "do": "done",
    "stand": "stood",
    "make": "made",
    "give": "given",
    "hold": "held",
    "put": "put",
    "take": "taken",
    "throw": "thrown",
    "run": "run",
    "sit": "sat",
    "have": "had",
    "set": "set",
    "bring": "brought",
    "spin": "spun",
    "kneel": "knelt",
    "keep": "kept",
}


class Spoken:
    """A phrase whose first word is a verb, in the forms "", "ing", "ed" and "s"."""

    def __init__(self, phrase: str) -> None:
        self.phrase = phrase

    def __format__(self, spec: str) -> str:
        if not spec:
            return self.phrase
        verb, space, rest = self.phrase.partition(" ")
        stem = verb.removesuffix("e")
        double = verb + verb[-1] if verb in _DOUBLED or verb == "sidestep" else ""
        if spec == "ing":
            verb = (double or stem) + "ing"
        elif spec == "ed":
            verb = _DONE.get(verb) or (double or stem) + "ed"
        else:
            verb = _THIRD.get(verb) or verb + ("es" if verb.endswith(("s", "sh", "ch", "x")) else "s")
            rest = " ".join({"your": "its", "you": "it"}.get(word, word) for word in rest.split(" "))
        return f"{verb}{space}{rest}"
