"""What a plan leaves for the next sentence: a pure view of what was done, in the words of the scene as it is now."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from simonsays.envs.language.addressed import read_told
from simonsays.envs.language.analysis import Analysis
from simonsays.envs.language.context import NO_CONTEXT, Context, Question
from simonsays.envs.language.errors import Refusal, with_suggestion
from simonsays.envs.language.instruction import Step
from simonsays.envs.language.known import get_locale
from simonsays.envs.language.telling import tell
from simonsays.envs.moves.skill import GroundedStep, GroundingError
from simonsays.envs.plan.acts import grounded
from simonsays.envs.plan.grounding import described
from simonsays.envs.plan.plan import Plan
from simonsays.sim.specs import RobotSpec, SceneSpec


def context_of(plan: Plan | None, scene: SceneSpec, question: Question | None = None) -> Context:
    """What a sentence may take up: the steps of ``plan``, the props of ``scene``, as they are now, and a question."""
    near = sorted(scene.props, key=lambda prop: math.dist(prop.position[:2], scene.robot_position))
    names = {prop.name: described(prop, scene) for prop in near}
    steps = plan.steps if plan is not None else ()
    said = {id(step.said): _named(step, step.said, scene) for step in steps if step.said is not None}
    return Context(tuple(said.values()), tuple(names.values()), question, scene.names)


def _named(step: GroundedStep, said: Step, scene: SceneSpec) -> Step:
    """A step with its things named so that the same ones are meant."""
    now = {prop.name: prop for prop in scene.props}
    changes = {
        slot: described(now[prop.name], scene)
        for slot, prop in (("object", step.target), ("object2", step.target2))
        if prop is not None and prop.name in now
    }
    return replace(said, **changes)  # type: ignore[arg-type]


def explained(
    error: GroundingError,
    read: Analysis,
    scene: SceneSpec,
    robots: Sequence[RobotSpec],
    context: Context = NO_CONTEXT,
) -> GroundingError:
    """The same error in the language of its sentence, with those of its suggestions that can be done when taken."""
    kept, context = [], replace(context, names=scene.names)
    for suggestion in (tell(one, read.language) for one in error.suggestions):
        whole = with_suggestion(read.text, error.span, suggestion)
        try:
            grounded(read_told(whole, read.language, context).instruction, scene, robots)
        except Refusal:
            continue
        kept.append(suggestion)
    hint = error.hint.format(" or ".join(map(repr, kept))) if kept and error.hint else ""
    told = tell(f"{error} {hint}".strip(), read.language)
    if error.hint and not kept:  # nothing near it can be done here
        locale = get_locale(read.language)
        told += locale.told(" ") + locale.answer("ask")
    return GroundingError(told, error.code, error.span, tuple(kept))
