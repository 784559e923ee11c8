"""English verbs in other forms than the one for orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Spoken:
    """A phrase whose first word is a verb, in the forms "", "ing", "ed" and "s".

    ``odd``: the verbs that double their last letter, and the irregular ones by form.
    """

    def __init__(self, phrase: str, odd: Mapping[str, Any]) -> None:
        self.phrase, self._odd = phrase, odd

    def __format__(self, spec: str) -> str:
        if not spec:
            return self.phrase
        verb, space, rest = self.phrase.partition(" ")
        stem = verb.removesuffix("e")
        double = verb + verb[-1] if verb in self._odd["doubled"] else ""
        if spec == "ing":
            verb = (double or stem) + "ing"
        elif spec == "ed":
            verb = self._odd["ed"].get(verb) or (double or stem) + "ed"
        else:
            verb = self._odd["s"].get(verb) or verb + ("es" if verb.endswith(("s", "sh", "ch", "x")) else "s")
            rest = " ".join({"your": "its", "you": "it"}.get(word, word) for word in rest.split(" "))
        return f"{verb}{space}{rest}"
