"""BabyAI: instructions of the Baby Language by its grammar, with the goals that they mean.

Chevalier-Boisvert et al., "BabyAI: A Platform to Study the Sample Efficiency of Grounded Language Learning", ICLR 2019:
the grammar is that of their figure 2. It makes 2.48 × 10^19 sentences, of which as many are drawn as are asked for:
each choice of a rule is as likely as the others, as in their level generator.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from simonsays.experiments.exams.exam import Exam, Question, register_exam

COLORS = ("", "red", "green", "blue", "purple", "yellow", "grey")
PLACES = {
    "": "",
    " on your left": "left",
    " on your right": "right",
    " in front of you": "front",
    " behind you": "behind",
}
ARTICLES = ("the", "a")
THINGS = ("ball", "box", "key")
ANYTHING = (*THINGS, "door")
CLAUSES = {
    "go_to": ("go to {}", (ANYTHING,)),
    "pickup": ("pick up {}", (THINGS,)),
    "open": ("open {}", (("door",),)),
    "put_next": ("put {} next to {}", (THINGS, ANYTHING)),
}
"""verb to its clause, and the types of things that it may speak of"""
_FIELDS = ("object", "object2")

Said = tuple[str, list[dict[str, Any]]]
"""words, and the steps that they mean"""


def described(kind: str, color: str | None, location: str | None) -> dict[str, str]:
    """An object of an Instruction JSON; what is not said of it is left out."""
    return {name: said for name, said in (("type", kind), ("color", color), ("location", location)) if said}


def _descr(random: Random, kinds: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    article, color, kind, place = (random.choice(each) for each in (ARTICLES, COLORS, kinds, list(PLACES)))
    return " ".join(filter(None, (article, color, kind))) + place, described(kind, color, PLACES[place])


def _clause(random: Random) -> Said:
    verb = random.choice(list(CLAUSES))
    pattern, kinds = CLAUSES[verb]
    things = [_descr(random, each) for each in kinds]
    objects = {field: meant for field, (_, meant) in zip(_FIELDS, things, strict=False)}
    return pattern.format(*(words for words, _ in things)), [{"verb": verb, **objects}]


def _both(random: Random) -> Said:
    (first, before), (second, after) = _clause(random), _clause(random)
    return f"{first} and {second}", before + after


def _draw(random: Random) -> Iterator[Question]:
    """Sentences without doubles, and without an end."""
    told = set[str]()
    while True:
        kind = random.choice(("action", "and", "before", "after"))
        if kind in ("action", "and"):
            text, steps = (_clause if kind == "action" else _both)(random)
        else:
            (first, before), (second, after) = (random.choice((_clause, _both))(random) for _ in range(2))
            text, steps = f"{first}, then {second}", before + after
            if kind == "after":
                text, steps = f"{first} after you {second}", after + before
        if text not in told:
            told.add(text)
            yield Question(text, meaning(steps, free=kind == "and"), kind)


def meaning(steps: list[dict[str, Any]], free: bool) -> dict[str, Any]:
    """The Instruction JSON of steps; ``free``: they may be done in any order."""
    return {"steps": steps, "unordered": True} if free else {"steps": steps}


register_exam(
    Exam(
        "babyai",
        "BabyAI: sentences of the Baby Language's grammar, with their goals",
        "Chevalier-Boisvert et al., ICLR 2019",
        _draw,
        usual=2000,
    )
)
