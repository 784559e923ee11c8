"""The four splits, drawn so that they are what their names promise."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Sequence
from functools import partial

from simonsays.envs.language.instruction import PLACE, START, Instruction, Step
from simonsays.experiments.instruction_sets.drawing import Draw, Entry, NothingFits, Plan, others, scenes
from simonsays.experiments.instruction_sets.lexicon import lexicon
from simonsays.experiments.instruction_sets.loading import Language
from simonsays.experiments.instruction_sets.sentences import normalised, say
from simonsays.experiments.instruction_sets.usage import (
    held_out,
    held_out_by_objects,
    held_out_slots,
    said_fields,
    usages,
    verbs_as,
)

SEED = 20_910
SIZE = 360
"""sentences a split"""
MANDARIN = 5
"""one sentence in so many is Mandarin"""


def draw_splits() -> dict[str, list[Entry]]:
    """Every split by name; the same each time."""
    maker = _Maker(random.Random(SEED))
    train, paraphrase = map(list, zip(*maker.gather(maker.pair), strict=True))
    composition = maker.gather(maker.composition)
    long = maker.gather(partial(maker.long, _Train(train)))
    return {
        "train": train,
        "paraphrase": paraphrase,
        "composition": [entry for (entry,) in composition],
        "long": [entry for (entry,) in long],
    }


def covered(steps: tuple[Step, ...], known: set[tuple[Step, ...]]) -> bool:
    """Whether a list of steps is nothing but known lists one after another."""
    reached = {0}
    for end in range(1, len(steps) + 1):
        if any(start in reached and steps[start:end] in known for start in range(end)):
            reached.add(end)
    return len(steps) in reached


class _Train:
    """What ``long`` must not be strung together from."""

    def __init__(self, train: Sequence[Entry]) -> None:
        self.steps = {entry.plan.instruction.steps for entry in train}
        self.texts = [normalised(entry.text) for entry in train if len(entry.plan.clauses) > 1]


class _Maker:
    """Draws sentences, none of which occurs twice.

    Raises:
        NothingFits: what was drawn is of no use; draw again.
    """

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.used: set[str] = set()

    def gather(self, draw: Callable[[int], tuple[Entry, ...]]) -> list[tuple[Entry, ...]]:
        """``SIZE`` draws, each of one sentence or of some that mean the same; no two draws mean the same."""
        made: list[tuple[Entry, ...]] = []
        meant: set[Instruction] = set()
        while len(made) < SIZE:
            try:
                entries = draw(len(made))
            except NothingFits:
                continue
            meaning = entries[0].plan.instruction
            if meaning not in meant:
                meant.add(meaning)
                self.used |= {normalised(entry.text) for entry in entries}
                made.append(entries)
        return made

    def pair(self, number: int) -> tuple[Entry, ...]:
        """A sentence for train and one for paraphrase that means the same; at first of each verb in turn."""
        verbs = sorted(usages())
        plan = self._plan(_language(number), [verbs[number // 3]] if number < 3 * len(verbs) else ())
        said = self._unused(plan, (0,))
        rephrased = self._unused(plan, (1,), {normalised(said or "")})
        if said is None or rephrased is None:
            raise NothingFits
        return Entry(said, plan), Entry(rephrased, plan)

    def composition(self, number: int) -> tuple[Entry, ...]:
        """A sentence with something that is held out: by turns a field, and an object."""
        draw = self._draw(_language(number))
        if number % 2 == 0:
            verb, name = self.rng.choice(sorted(held_out_slots()))
            clause = draw.clause(lambda step: name in said_fields(step), [verb])
        else:
            forms = lexicon(draw.language).forms
            verbs = sorted(verb for verb in forms if any("object" in form.slots for form in forms[verb]))
            clause = draw.clause(held_out_by_objects, [self.rng.choice(verbs)])
        before = draw.clause(_known, others(clause))
        clauses = [clause]
        if self.rng.random() < 0.4:
            clauses.insert(0 if self.rng.random() < 0.5 else 1, before)
        return self._entry(Plan("order", tuple(clauses), draw.scene, draw.language))

    def long(self, known: _Train, number: int) -> tuple[Entry, ...]:
        """A sentence of four steps or more, with an object and a number, and not strung together from train."""
        draw = self._draw(_language(number))
        clauses = [draw.clause(_known)]
        for _ in range(self.rng.choice((3, 3, 4, 4, 5))):
            clauses.append(draw.following(clauses[-1], _known))
        plan = Plan("order", tuple(clauses), draw.scene, draw.language)
        steps = plan.instruction.steps
        numbers = any(step.count or step.steps or step.distance_m for step in steps)
        if not numbers or len(set(steps)) < len(steps) or plan.where == "empty" or covered(steps, known.steps):
            raise NothingFits
        (entry,) = self._entry(plan)
        if any(text in normalised(entry.text) for text in known.texts):
            raise NothingFits
        return (entry,)

    def _draw(self, language: Language) -> Draw:
        return Draw(self.rng, self.rng.choice(sorted(scenes())), language)

    def _plan(self, language: Language, verbs: Collection[str]) -> Plan:
        """One or two steps without anything that is held out, the first of one of ``verbs`` or any."""
        draw = self._draw(language)
        kind = self.rng.random()
        if kind < 0.06 and not verbs:
            pair = (draw.clause(_known, verbs_as("travel")), draw.clause(_known, verbs_as("gesture")))
            return Plan("while", pair, draw.scene, language)
        if kind < 0.11 and not verbs and language == "en":
            goals = (draw.clause(_aimed, verbs_as("aim")), draw.clause(_aimed, verbs_as("aim")))
            if goals[0].step.object != goals[1].step.object:
                return Plan("free", goals, draw.scene, language)
        clauses = [draw.clause(_known, verbs)]
        if kind >= 0.5:
            clauses.append(draw.following(clauses[0], _known))
        return Plan("order", tuple(clauses), draw.scene, language)

    def _entry(self, plan: Plan) -> tuple[Entry]:
        text = self._unused(plan, (0, 1))
        if text is None:
            raise NothingFits
        return (Entry(text, plan),)

    def _unused(self, plan: Plan, pools: Sequence[int], used: Collection[str] = ()) -> str | None:
        for _ in range(20):
            text = say(plan, self.rng.choice(pools), self.rng)
            if normalised(text) not in self.used and normalised(text) not in used:
                return text
        return None


def _language(number: int) -> Language:
    return "zh" if number % MANDARIN == MANDARIN - 1 else "en"


def _known(step: Step) -> bool:
    return not held_out(step)


def _aimed(step: Step) -> bool:
    return _known(step) and step.object is not None and step.object.type not in (START, PLACE)
