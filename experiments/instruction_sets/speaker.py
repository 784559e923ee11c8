"""What a clause is in words."""

from __future__ import annotations

import random
from collections.abc import Mapping

from simonsays.envs.language.instruction import PLACE, START, ObjectRef
from simonsays.experiments.instruction_sets.held_out import said_fields
from simonsays.experiments.instruction_sets.lexicon import Lexicon, Pools, Ways
from simonsays.experiments.instruction_sets.plans import Clause

_SAID: Mapping[str, tuple[str, ...]] = {
    "angle_deg": ("written", "angle_deg"),
    "count": ("count", "n"),
    "side": ("side", "limb", "foot"),
}
"""The names of the words that say a field, where they are more than its own."""


class Speaker:
    """Says things with the words of one pool of a language, 0 or 1, drawn by a generator."""

    def __init__(self, lexicon: Lexicon, pool: int, rng: random.Random) -> None:
        self.lexicon, self.pool, self.rng = lexicon, pool, rng

    def clause(self, clause: Clause) -> str:
        """A clause that begins with its verb."""
        template = self._one(clause.form.pools)
        said: dict[str, str] = {}
        for name in said_fields(clause.step):
            value = getattr(clause.step, name)
            if isinstance(value, ObjectRef):
                it = clause.pronoun and name == "object"
                said[name] = self.lexicon.it if it else self._thing(value)
                continue
            for part in _SAID.get(name, (name,)):
                if part in self.lexicon.words:
                    said[part] = self._word(part, value, clause.step.verb, said)
        return template.format(**said)

    def ways(self, pools: Pools) -> Ways:
        """Those of this speaker's pool."""
        return pools[self.pool if len(pools) > 1 else 0]

    def _one(self, pools: Pools) -> str:
        ways = self.ways(pools)
        return ways if isinstance(ways, str) else self.rng.choice(ways)

    def _word(self, name: str, value: str | float, verb: str = "", said: Mapping[str, str] | None = None) -> str:
        words = self.lexicon.words
        table = words.get(f"{verb}_{name}") or words[name]
        number = value if isinstance(value, str) else f"{value:g}"
        pools = table.get(number) or table["other"]
        return self._one(pools).format(word=self._spelled(value), number=number, **(said or {}))

    def _spelled(self, value: str | float) -> str:
        if isinstance(value, str):
            return value
        numbers = self.lexicon.numbers
        return numbers[int(value)] if value in range(len(numbers)) else ""

    def _thing(self, ref: ObjectRef) -> str:
        """An object by name; the start is said by the verb."""
        if ref.type == START:
            return ""
        if ref.type == PLACE and ref.object is not None:
            return self._word("relation", str(ref.relation), said={"thing": self._thing(ref.object)})
        place = self._word("location", ref.location, said={"thing": "{thing}"}) if ref.location else "{thing}"
        told = {name: getattr(ref, name) for name in ("rank", "size", "color", "type")}
        words = self.lexicon.space.join(self._word(name, value) for name, value in told.items() if value is not None)
        words = place.format(thing=words)
        article = "definite" if ref.definite else "vowel" if words[0] in "aeiou" else "indefinite"
        return self._word("article", article, said={"thing": words})
