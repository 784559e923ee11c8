"""Clauses drawn at random: a verb, a form of it, and values that can be said and done."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from simonsays.envs.language.instruction import PLACE, ObjectRef, Step
from simonsays.experiments.instruction_sets.held_out import held_out_object
from simonsays.experiments.instruction_sets.lexicon import Form, lexicon
from simonsays.experiments.instruction_sets.loading import Language
from simonsays.experiments.instruction_sets.plans import Clause
from simonsays.experiments.instruction_sets.scenes import named_by_color, named_otherwise
from simonsays.sim.specs import SHAPES

WEIGHTS = {
    **dict.fromkeys(("walk", "go_to"), 6),
    **dict.fromkeys(("turn", "kick", "push"), 4),
    **dict.fromkeys(("wave", "look", "point", "step", "reach", "run", "follow"), 3),
    **dict.fromkeys(("stop", "stand", "crouch", "squat", "raise_arm", "lower_arm", "nod", "bow", "punch", "jump"), 2),
    **dict.fromkeys(("sit", "pickup", "put_next", "open"), 1),
}
_CHOICES: dict[str, tuple[Any, ...]] = {
    "direction": ("forward", "backward", "left", "right"),
    "distance_m": (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0),
    "angle_deg": (30.0, 45.0, 60.0, 90.0, 120.0, 180.0),
    "steps": (2, 3, 4, 5, 6),
    "duration_s": (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0),
    "count": (2, 3, 4, 5),
    "speed": ("slow", "fast"),
    "side": ("left", "right"),
}
_VERB_CHOICES: dict[tuple[str, str], tuple[Any, ...]] = {
    ("turn", "direction"): ("left", "right"),
    ("point", "direction"): ("left", "right"),
    ("look", "direction"): ("left", "right"),
    ("push", "direction"): ("forward", "left", "right"),
    ("run", "distance_m"): (3.0, 4.0, 5.0, 6.0, 8.0, 10.0),
    ("jump", "distance_m"): (0.5, 1.0, 1.5),
    ("push", "distance_m"): (0.5, 1.0, 1.5, 2.0),
    ("walk", "speed"): ("slow", "fast", 0.5, 1.0),
    ("run", "speed"): ("slow", "fast", 2.0, 3.0),
    ("wave", "side"): ("left", "right", "both"),
    ("raise_arm", "side"): ("left", "right", "both"),
    ("lower_arm", "side"): ("left", "right", "both"),
    ("push", "side"): ("left", "right", "both"),
}
_TYPES = {
    "kick": ("ball", "box", "cone"),
    "push": ("ball", "box", "cone"),
    "pickup": ("ball", "box", "cone"),
    "put_next": ("ball", "box", "cone"),
    "open": ("box",),
}
_RELATIONS = ("behind", "in_front_of", "left_of", "right_of")
_AT_OBJECTS = ("kick", "push", "reach", "look", "point", "wave", "pickup")


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
        names = sorted(verbs or WEIGHTS)
        for _ in range(300):
            verb = self.rng.choices(names, [WEIGHTS[name] for name in names])[0]
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
        near = before.step.verb == "go_to" and ref is not None and ref.type in SHAPES and not ref.location
        if near and ref is not None and self.rng.random() < 0.6:
            fitting = [verb for verb in _AT_OBJECTS if ref.type in _types(verb) and not held_out_object(verb, ref)]
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
                drawn = self._options(_types(form.verb))
                values[slot] = target if target is not None else self.rng.choice(drawn)
            elif slot == "object2":
                values[slot] = self.rng.choice(self._options(tuple(SHAPES), values["object"]))
            else:
                values[slot] = self.rng.choice(_VERB_CHOICES.get((form.verb, slot), _CHOICES[slot]))
        return Step(form.verb, **values)

    def _options(self, types: tuple[str, ...], other: ObjectRef | None = None) -> list[ObjectRef]:
        """What can be named of these types; beside another object, best of another type."""
        plain = named_by_color(self.scene)
        drawn = plain if self.rng.random() < 0.7 else named_otherwise(self.scene)
        options = [ref for ref in drawn if ref.type in types and (other is None or ref.type != other.type)]
        return options or [ref for ref in plain if ref.type in types and ref != other]


def others(clause: Clause) -> set[str]:
    """All verbs but that of a clause."""
    return set(WEIGHTS) - {clause.step.verb}


def _types(verb: str) -> tuple[str, ...]:
    """The types of object that a verb can be done to."""
    return _TYPES.get(verb, tuple(SHAPES))
