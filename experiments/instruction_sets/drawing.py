"""What a sentence is to say, drawn at random in a scene: a verb, a form of it, and values that can be said and done."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from simonsays.envs.language.instruction import PLACE, START, Instruction, ObjectRef, Step
from simonsays.experiments.instruction_sets.lexicon import Form, lexicon
from simonsays.experiments.instruction_sets.loading import Language
from simonsays.experiments.instruction_sets.usage import held_out_object, usages, verbs_as
from simonsays.sim.specs import SHAPES


@dataclass(frozen=True)
class Clause:
    """A step and the form in which it is said; ``pronoun``: its object is "it"."""

    form: Form
    step: Step
    pronoun: bool = False


@dataclass(frozen=True)
class Plan:
    """Steps in order, in any order or at once, to be said in a scene."""

    kind: Literal["order", "free", "while"]
    clauses: tuple[Clause, ...]
    scene: str
    language: Language

    @property
    def instruction(self) -> Instruction:
        """What it means."""
        steps = [clause.step for clause in self.clauses]
        if self.kind == "while":
            steps[-1] = replace(steps[-1], parallel_with_prev=True)
        return Instruction(tuple(steps), unordered=self.kind == "free")

    @property
    def where(self) -> str:
        """The scene, or ``empty`` where no object is named."""
        return self.scene if any(s.object and s.object.type != START for s in self.instruction.steps) else "empty"


@dataclass(frozen=True)
class Entry:
    """A plan and a sentence that says it."""

    text: str
    plan: Plan


@cache
def scenes() -> Mapping[str, Mapping[str, Any]]:
    """The tables of ``scenes.toml``, by name."""
    return tomllib.loads(Path(__file__).with_name("scenes.toml").read_text(encoding="utf-8"))


@cache
def named_by_color(scene: str) -> tuple[ObjectRef, ...]:
    """Every prop of a scene, by its type and colour."""
    return tuple(ObjectRef(prop["shape"], prop["color"]) for prop in scenes()[scene]["props"])


@cache
def named_otherwise(scene: str) -> tuple[ObjectRef, ...]:
    """Some props of a scene, by what tells them from those alike."""
    props = scenes()[scene]["props"]
    found = [ObjectRef(prop["shape"], prop["color"], definite=False) for prop in props[::3]]
    for kind in SHAPES:
        alike = [prop for prop in props if prop["shape"] == kind]
        if len(alike) == 1:
            found.append(ObjectRef(kind))
        elif alike:
            found += _told_apart(kind, alike)
    return tuple(found)


def _told_apart(kind: str, alike: Sequence[Mapping[str, Any]]) -> list[ObjectRef]:
    found = [ObjectRef(kind, rank=rank) for rank in ("nearest", "farthest")]
    found.append(ObjectRef(kind, definite=False))
    across = [prop["position"][1] for prop in alike]
    sides = {"left": [y for y in across if y > 0], "right": [y for y in across if y < 0]}
    found += [ObjectRef(kind, location=side) for side, there in sides.items() if len(there) == 1]
    if all("size" in prop for prop in alike):
        found += [ObjectRef(kind, size=size) for size in ("big", "small")]
    return found


_RELATIONS = ("behind", "in_front_of", "left_of", "right_of")


class NothingFits(LookupError):
    """No clause or sentence of the wanted kind."""


@dataclass(frozen=True)
class Draw:
    """Draws clauses in one language that make sense in one scene.

    Raises:
        NothingFits: none is found in a few hundred draws.
    """

    rng: random.Random
    scene: str
    language: Language

    def clause(
        self, wanted: Callable[[Step], bool], verbs: Collection[str] = (), target: ObjectRef | None = None
    ) -> Clause:
        """A clause whose step is wanted, of one of ``verbs`` or any, with ``target`` as object where one is given."""
        names = sorted(verbs or usages())
        for _ in range(300):
            verb = self.rng.choices(names, [usages()[name].weight for name in names])[0]
            forms = lexicon(self.language).forms.get(verb, ())
            forms = tuple(form for form in forms if target is None or "object" in form.slots)
            if not forms:
                continue
            form = self.rng.choice(forms)
            step = self._step(form, target)
            if wanted(step):
                return Clause(form, step)
        raise NothingFits

    def following(self, before: Clause, wanted: Callable[[Step], bool]) -> Clause:
        """A clause that can follow: another verb, and often with the same object, which is then "it"."""
        ref = before.step.object
        near = before.step.verb in verbs_as("comes") and ref is not None and ref.type in SHAPES and not ref.location
        if near and ref is not None and self.rng.random() < 0.6:
            fitting = [
                verb
                for verb in verbs_as("at_object")
                if ref.type in usages()[verb].types and not held_out_object(verb, ref)
            ]
            if fitting:
                said = self.clause(wanted, fitting, ref)
                return replace(said, pronoun=self.language == "en" or said.step.side is None)
        return self.clause(wanted, others(before))

    def _step(self, form: Form, target: ObjectRef | None) -> Step:
        values = dict(form.fixed)
        for slot in form.slots:
            if slot == "place":
                inner = self.rng.choice(named_by_color(self.scene))
                values["object"] = ObjectRef(PLACE, relation=self.rng.choice(_RELATIONS), object=inner)
            elif slot == "object":
                drawn = self._options(usages()[form.verb].types)
                values[slot] = target if target is not None else self.rng.choice(drawn)
            elif slot == "object2":
                values[slot] = self.rng.choice(self._options(tuple(SHAPES), values["object"]))
            else:
                values[slot] = self.rng.choice(usages()[form.verb].choices[slot])
        return Step(form.verb, **values)

    def _options(self, types: tuple[str, ...], other: ObjectRef | None = None) -> list[ObjectRef]:
        """What can be named of these types; beside another object, best of another type."""
        plain = named_by_color(self.scene)
        drawn = plain if self.rng.random() < 0.7 else named_otherwise(self.scene)
        options = [ref for ref in drawn if ref.type in types and (other is None or ref.type != other.type)]
        return options or [ref for ref in plain if ref.type in types and ref != other]


def others(clause: Clause) -> set[str]:
    """All verbs but that of a clause."""
    return set(usages()) - {clause.step.verb}
