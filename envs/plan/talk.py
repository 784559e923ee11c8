"""What a plan leaves for the next sentence: a pure view of what was done, in the words of the scene as it is now."""

from __future__ import annotations

import math
from dataclasses import replace

from simonsays.envs.language.context import Context, Question
from simonsays.envs.language.instruction import ObjectRef, Step
from simonsays.envs.moves.skill import GroundedStep, GroundingError
from simonsays.envs.plan.grounding import find_object
from simonsays.envs.plan.plan import Plan
from simonsays.sim.specs import PropSpec, SceneSpec

_PLACES = (None, "left", "right", "front", "behind")


def described(prop: PropSpec, scene: SceneSpec) -> ObjectRef:
    """A prop in words by which no other is meant: by its colour, its place, its size, or as the n-th nearest."""
    plain = ObjectRef(prop.shape, prop.color)
    tried = [replace(plain, location=place) for place in _PLACES]
    tried += [replace(plain, size=size) for size in ("big", "small")]
    tried += [replace(plain, rank=n) for n in range(1, len(scene.props) + 1)]
    return next((ref for ref in tried if _means(ref, prop, scene)), plain)


def _means(ref: ObjectRef, prop: PropSpec, scene: SceneSpec) -> bool:
    try:
        return find_object(ref, scene) is prop
    except GroundingError:
        return False


def context_of(plan: Plan | None, scene: SceneSpec, question: Question | None = None) -> Context:
    """What a sentence may take up: the steps of ``plan``, the props of ``scene``, as they are now, and a question."""
    near = sorted(scene.props, key=lambda prop: math.dist(prop.position[:2], scene.robot_position))
    names = {prop.name: described(prop, scene) for prop in near}
    steps = plan.steps if plan is not None else ()
    said = {id(step.said): _named(step, step.said, scene) for step in steps if step.said is not None}
    return Context(tuple(said.values()), tuple(names.values()), question)


def _named(step: GroundedStep, said: Step, scene: SceneSpec) -> Step:
    """A step with its things named so that the same ones are meant."""
    now = {prop.name: prop for prop in scene.props}
    changes = {
        slot: described(now[prop.name], scene)
        for slot, prop in (("object", step.target), ("object2", step.target2))
        if prop is not None and prop.name in now
    }
    return replace(said, **changes)  # type: ignore[arg-type]
