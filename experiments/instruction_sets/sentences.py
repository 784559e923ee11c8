"""Sentences that say a plan: what each clause is in words, and the frame around them."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from simonsays.envs.language.instruction import PLACE, START, ObjectRef
from simonsays.experiments.instruction_sets.drawing import Clause, Plan
from simonsays.experiments.instruction_sets.lexicon import Lexicon, Pools, Ways, lexicon
from simonsays.experiments.instruction_sets.usage import said_fields, verbs_as

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
        pools, spelled = table.get(number) or table["other"], self.lexicon.numbers
        word = value if isinstance(value, str) else spelled[int(value)] if value in range(len(spelled)) else ""
        return self._one(pools).format(word=word, number=number, **(said or {}))

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


def say(plan: Plan, pool: int, rng: random.Random) -> str:
    """A sentence with the words of a pool: 0 is that of train, 1 that of paraphrase."""
    speaker = Speaker(lexicon(plan.language), pool, rng)
    said = [Spoken(speaker.clause(clause), speaker.lexicon.inflection) for clause in plan.clauses]
    options = [frame for frame in _frames(plan, speaker) if _fits(frame, plan.clauses, said)]
    text = rng.choice(options).format(*said)
    return _with_capitals(text, rng) if plan.language == "en" else text


def _frames(plan: Plan, speaker: Speaker) -> tuple[str, ...]:
    frames = speaker.lexicon.frames
    count = len(plan.clauses)
    name = str(count) if count > 2 else "one" if count == 1 else plan.kind
    found = tuple(speaker.ways(frames[name]))
    goals = all(clause.step.verb in verbs_as("goal") for clause in plan.clauses)
    if name == "order" and "swapped" in frames and not goals and not any(c.pronoun for c in plan.clauses):
        found += tuple(speaker.ways(frames["swapped"]))
    return found


def _fits(frame: str, clauses: Sequence[Clause], said: Sequence[Spoken]) -> bool:
    """Not "before kicking it, go to the ball", nor "once you have done two squats", nor "once you have reached"."""
    done = [i for i in range(len(said)) if f"{{{i}:ed}}" in frame]
    if any(said[i].phrase.startswith(("do ", "give ", "make ", "reach ", "take ", "touch ")) for i in done):
        return False
    return "Before" not in frame or not any(clause.pronoun for clause in clauses)


def _with_capitals(text: str, rng: random.Random) -> str:
    """More sentences than one with capitals and stops, one with or without."""
    parts = text.split(". ")
    if len(parts) > 1 or rng.random() < 0.5:
        text = ". ".join(part[0].upper() + part[1:] for part in parts)
    return text + ("." if text[0].isupper() and text[-1] not in ".?" else "")


def normalised(text: str) -> str:
    """A text without case, width, marks and extra spaces: what two sentences are compared by."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(c if c.isalnum() or c in "°'." else " " for c in folded)
    words = (word.strip(".'") for word in kept.split())
    return " ".join(word for word in words if word)
